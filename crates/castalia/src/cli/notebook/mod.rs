//! `castalia notebook`: notebooks from the command line.

mod open;
mod run;

use super::app::App;
use super::failure::Failure;
use clap::{Args, Subcommand};

/// Notebooks.
#[derive(Args, Debug)]
pub(crate) struct NotebookArgs {
    #[command(subcommand)]
    pub(crate) command: NotebookCommand,
}

/// What to do with a notebook.
#[derive(Debug, Subcommand)]
pub(crate) enum NotebookCommand {
    /// Run a notebook file from its first to its last cell, here and without a server
    #[command(after_help = run::HELP)]
    Run(run::RunArgs),
    /// Open a file of a workspace's volume as a live notebook of its project
    #[command(after_help = "Examples:\n  castalia notebook open demo-lab-x7k2mq analysis/plan.ipynb")]
    Open(open::OpenArgs),
    /// List the files of a workspace's volume that can be opened
    Files {
        /// Name or id of the workspace
        workspace: String,
    },
}

/// Runs one of the commands. Ends what it started, also on Ctrl-C.
pub(crate) async fn run(app: &App, command: NotebookCommand) -> Result<(), Failure> {
    match command {
        NotebookCommand::Run(args) => run::run(app, args).await,
        NotebookCommand::Open(args) => open::open(app, args).await,
        NotebookCommand::Files { workspace } => open::files(app, &workspace).await,
    }
}
