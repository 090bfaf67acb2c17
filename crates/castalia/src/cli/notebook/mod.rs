//! `castalia notebook`: notebooks from the command line.

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
}

/// Runs one of the commands. Ends what it started, also on Ctrl-C.
pub(crate) async fn run(app: &App, command: NotebookCommand) -> Result<(), Failure> {
    match command {
        NotebookCommand::Run(args) => run::run(app, args).await,
    }
}
