//! `castalia process`.

mod compare;
mod list;
mod logs;
mod render;
mod request;
mod run;
mod show;
mod types;
mod wait;

use super::app::App;
use super::failure::Failure;
use clap::{Args, Subcommand};
use serde_json::json;

pub(crate) use logs::LogArgs;

/// Processes.
#[derive(Args, Debug)]
pub(crate) struct ProcessArgs {
    #[command(subcommand)]
    pub(crate) command: ProcessCommand,
}

/// What to do with processes.
#[derive(Debug, Subcommand)]
pub(crate) enum ProcessCommand {
    /// List the process types, or show one with its parameters
    Types {
        /// `NAME` or `ENVIRONMENT/NAME`
        name: Option<String>,
    },
    /// Run a process
    Run(run::RunArgs),
    /// List processes, newest first
    List(list::ListArgs),
    /// Show a process
    Show {
        /// Process id
        id: String,
        /// One version with all its details; the newest unless told
        #[arg(long)]
        version: Option<i64>,
    },
    /// Show a process's log
    Logs(LogArgs),
    /// Cancel a process
    Cancel {
        /// Process id
        id: String,
        /// The version; the newest unless told
        #[arg(long)]
        version: Option<i64>,
    },
    /// Compare two versions of a process
    Compare {
        /// Process id
        id: String,
        /// One version
        a: i64,
        /// The other
        b: i64,
    },
    /// Run a process again as a new version, with changes
    Rerun(run::RerunArgs),
    /// Say what a run would cost, and check its parameters
    Estimate(request::RequestArgs),
    /// Delete a process with its outputs and logs
    Delete {
        /// Process id
        id: String,
        /// Don't ask
        #[arg(long, short)]
        yes: bool,
    },
}

/// Does it.
pub(crate) async fn run(app: &App, command: ProcessCommand) -> Result<(), Failure> {
    match command {
        ProcessCommand::Types { name } => types::run(app, name).await,
        ProcessCommand::Run(args) => run::run(app, args).await,
        ProcessCommand::List(args) => list::run(app, args).await,
        ProcessCommand::Show { id, version } => show::run(app, &id, version).await,
        ProcessCommand::Logs(args) => logs::run(app, args).await,
        ProcessCommand::Cancel { id, version } => cancel(app, &id, version).await,
        ProcessCommand::Compare { id, a, b } => compare::run(app, &id, a, b).await,
        ProcessCommand::Rerun(args) => run::rerun(app, args).await,
        ProcessCommand::Estimate(args) => run::estimate(app, args).await,
        ProcessCommand::Delete { id, yes } => delete(app, &id, yes).await,
    }
}

async fn cancel(app: &App, id: &str, version: Option<i64>) -> Result<(), Failure> {
    let number = version.map(|v| v.to_string());
    let parts = match &number {
        Some(number) => vec!["processes", id, "versions", number, "cancel"],
        None => vec!["processes", id, "cancel"],
    };
    let view = app.client()?.post(&parts, &json!({})).await?;
    if app.out.json {
        return app.out.value(&view);
    }
    let stopping = view["state"] != "cancelled";
    let told = if stopping { "is being stopped" } else { "is cancelled" };
    app.out.line(format!("{id} version {} {told}", view["version"]))
}

async fn delete(app: &App, id: &str, yes: bool) -> Result<(), Failure> {
    let client = app.client()?;
    app.confirm(&format!("Delete {id} with all its versions, outputs and logs?"), yes)?;
    client.delete(&["processes", id]).await?;
    app.out.note(&format!("deleted {id}"));
    Ok(())
}
