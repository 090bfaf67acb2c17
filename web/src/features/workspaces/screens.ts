// Everything that is loaded when workspaces are first looked at, as one chunk: each chunk costs the shell its name.

export { default as WorkspaceFrame } from "./frame-panel";
export { default as WorkspacesPanel } from "./list-panel";
export { warnOfIdleness } from "./warning";
export { WorkspacePage } from "./workspace-page";
export { WorkspacesPage } from "./workspaces-page";
