// The API's types by their names.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Account = Schemas["Account"];
export type Column = Schemas["Column"];
export type Dataset = Schemas["Dataset"];
export type DatasetDetail = Schemas["DatasetDetail"];
export type Entry = Schemas["Entry"];
export type Environment = Schemas["Environment"];
export type Estimate = Schemas["Estimate"];
export type Event = Schemas["Event"];
export type Input = Schemas["Input"];
export type IssuedToken = Schemas["IssuedToken"];
export type LedgerView = Schemas["LedgerView"];
export type Limits = Schemas["Limits"];
export type Member = Schemas["Member"];
export type Lineage = Schemas["Lineage"];
export type Output = Schemas["Output"];
export type Preview = Schemas["Preview"];
export type ProcessType = Schemas["ProcessType"];
export type ProcessView = Schemas["ProcessView"];
export type Project = Schemas["Project"];
export type ProjectView = Schemas["ProjectView"];
export type ResourcesRequest = Schemas["ResourcesRequest"];
export type Role = Schemas["Role"];
export type Session = Schemas["Session"];
export type State = Schemas["State"];
export type Status = Schemas["Status"];
export type Token = Schemas["Token"];
export type Unit = Schemas["Unit"];
export type Units = Schemas["Units"];
export type Upload = Schemas["Upload"];
export type User = Schemas["User"];
export type VersionView = Schemas["VersionView"];
