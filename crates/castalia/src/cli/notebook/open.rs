//! `notebook files` and `notebook open`: files of workspaces as live notebooks.

use crate::cli::app::{App, number, text};
use crate::cli::client::items;
use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::table::{Cell, Table};
use clap::Args;
use serde_json::json;

/// What to open.
#[derive(Args, Debug)]
pub(crate) struct OpenArgs {
    /// Name or id of the workspace
    workspace: String,
    /// Path of the file from the workspace's folder; one that is not there is made
    path: String,
    /// The notebook's name in the project; the file's unless told
    #[arg(long)]
    name: Option<String>,
}

pub(super) async fn open(app: &App, args: OpenArgs) -> Result<(), Failure> {
    let body = json!({"path": args.path, "name": args.name});
    let view = app.client()?.post(&["workspaces", &args.workspace, "notebooks"], &body).await?;
    if app.out.json {
        return app.out.value(&view);
    }
    app.out.line(format!("{} is the notebook {} ({})", args.path, text(&view, "name"), text(&view, "id")))
}

pub(super) async fn files(app: &App, workspace: &str) -> Result<(), Failure> {
    let list = app.client()?.get(&["workspaces", workspace, "notebooks"], &[]).await?;
    if app.out.json {
        return app.out.value(&list);
    }
    let mut table = Table::new(&["PATH", ">SIZE", "NOTEBOOK"]);
    for file in items(&list) {
        let notebook = file["notebook"].as_str().unwrap_or_default();
        let size = format::size(number(file, "bytes"));
        table.row([text(file, "path").into(), size.into(), Cell::from(notebook)]);
    }
    app.out.table(&table, "no notebooks there")
}
