//! What the action catalogue offers of processes.

use crate::flow::FlowQuery;
use crate::logs::LogQuery;
use crate::service::{ListQuery, Service};
use crate::submit::{NewProcess, NewVersion};
use crate::units::UnitsQuery;
use castalia_base::action;
use castalia_base::actions::Action;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
struct One {
    /// Process id.
    process: String,
}

#[derive(Deserialize, JsonSchema)]
struct OneVersion {
    /// Process id.
    process: String,
    /// Version; the newest unless told.
    version: Option<i64>,
}

#[derive(Deserialize, JsonSchema)]
struct Again {
    /// Process id.
    process: String,
    #[serde(flatten)]
    version: NewVersion,
}

#[derive(Deserialize, JsonSchema)]
struct Pair {
    /// Process id.
    process: String,
    /// First version.
    a: i64,
    /// Second version.
    b: i64,
}

#[derive(Deserialize, JsonSchema)]
struct LogsOf {
    /// Process id.
    process: String,
    #[serde(flatten)]
    query: LogQuery,
}

#[derive(Deserialize, JsonSchema)]
struct FlowOf {
    /// Project, by name or id.
    project: String,
    #[serde(flatten)]
    query: FlowQuery,
}

#[derive(Deserialize, JsonSchema)]
struct Named {
    /// Name of the process type.
    #[serde(rename = "type")]
    type_name: String,
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

/// The actions of this capability.
#[rustfmt::skip]
pub fn actions(service: &Arc<Service>) -> Vec<Action> {
    vec![
        action!(service, "processes.run", "processes.run", "Makes a process and queues its first version",
            |s, ctx, input: NewProcess| s.create(&ctx, input).await),
        action!(service, "processes.rerun", "processes.run", "Queues a further version of a process",
            |s, ctx, input: Again| s.create_version(&ctx, &input.process, input.version).await),
        action!(service, "processes.estimate", "processes.run", "What a version would cost; also checks the parameters",
            |s, ctx, input: NewProcess| s.estimate(&ctx, input).await),
        action!(service, "processes.list", "processes.view", "Lists processes of a project, newest first",
            |s, ctx, input: ListQuery| s.list(&ctx, &input).await),
        action!(service, "processes.show", "processes.view", "Shows a process with all its versions",
            |s, ctx, input: One| s.get(&ctx, &input.process).await),
        action!(service, "processes.cancel", "processes.cancel", "Cancels a version, the newest unless told",
            |s, ctx, input: OneVersion| s.cancel(&ctx, &input.process, input.version).await),
        action!(service, "processes.compare", "processes.view", "Compares two versions of a process",
            |s, ctx, input: Pair| s.compare(&ctx, &input.process, input.a, input.b).await),
        action!(service, "processes.graph", "processes.view", "The processes of a project and the data between them",
            |s, ctx, input: FlowOf| s.flow(&ctx, &input.project, &input.query).await),
        action!(service, "units.list", "units.view", "What runs and waits over all projects",
            |s, ctx, input: UnitsQuery| s.units(&ctx, &input).await),
        action!(service, "processes.logs", "processes.view", "Reads or searches the log of a version",
            |s, ctx, input: LogsOf| s.logs(&ctx, &input.process, &input.query).await),
        action!(service, "process_types.list", "environments.view", "Lists the process types with their schemas",
            |s, ctx, _input: Nothing| s.process_types(&ctx).await),
        action!(service, "process_types.show", "environments.view", "Shows one process type with its schema",
            |s, ctx, input: Named| s.process_type(&ctx, &input.type_name).await),
        action!(service, "environments.list", "environments.view", "Lists the environments",
            |s, ctx, _input: Nothing| s.environments(&ctx).await),
    ]
}
