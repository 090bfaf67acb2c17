//! Inside a workspace: the program that runs there. It talks to no server of ours and needs no sign-in.

use super::{WorkspaceArgs, WorkspaceCommand};
use castalia_workspace::ServeArgs;

/// A hub says everything in variables and nothing on the command line.
const BY_HUB: [&str; 2] = ["JUPYTERHUB_SERVICE_URL", "CASTALIA_WORKSPACE"];

impl WorkspaceArgs {
    /// How the program inside a workspace is to be started, if that is what was asked for.
    pub(crate) fn program(&self) -> Option<Result<ServeArgs, clap::Error>> {
        match &self.command {
            Some(WorkspaceCommand::Serve(arguments)) => Some(Ok(arguments.as_ref().clone())),
            None if BY_HUB.iter().any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty())) => {
                Some(ServeArgs::from_variables())
            }
            _ => None,
        }
    }
}
