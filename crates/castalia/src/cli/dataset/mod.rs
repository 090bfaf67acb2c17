//! `castalia dataset`.

mod get;
mod show;

use super::app::{App, ProjectOption, number, text};
use super::client::items;
use super::failure::Failure;
use super::format;
use super::style::Style;
use super::table::{Cell, Table};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Datasets.
#[derive(Args, Debug)]
pub(crate) struct DatasetArgs {
    #[command(subcommand)]
    pub(crate) command: DatasetCommand,
}

/// What to do with datasets.
#[derive(Debug, Subcommand)]
pub(crate) enum DatasetCommand {
    /// List the datasets of a project or of a process
    List {
        #[command(flatten)]
        project: ProjectOption,
        /// Only those of this process
        #[arg(long)]
        process: Option<String>,
        /// Only those of this version of the process
        #[arg(long, requires = "process")]
        version: Option<u32>,
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Show a dataset: what it is and what it was made from
    Show {
        /// Dataset id
        id: String,
    },
    /// Download a dataset
    #[command(after_help = "\
A download that broke goes on where it stopped: what has come is kept in FILE.part. The content is checked by its
SHA-256 before FILE appears.

Examples:
  castalia dataset get ds_01J… -o spectrum.csv
  castalia dataset get ds_01J… -o - | head")]
    Get {
        /// Dataset id
        id: String,
        /// File or folder; `-` for stdout; the dataset's name here unless told
        #[arg(long, short, value_name = "FILE|-")]
        output: Option<PathBuf>,
    },
    /// Look at the beginning of a dataset
    Preview {
        /// Dataset id
        id: String,
        /// Rows of a table at most
        #[arg(long, default_value_t = 20)]
        rows: u32,
    },
    /// Show what a dataset was made from, and what was made from it
    Lineage {
        /// Dataset id
        id: String,
    },
    /// Delete a dataset
    Delete {
        /// Dataset id
        id: String,
        /// Also when others were made from it
        #[arg(long)]
        force: bool,
        /// Don't ask
        #[arg(long, short)]
        yes: bool,
    },
}

/// `dataset:ID` and `ID` are both fine.
fn bare(id: &str) -> &str {
    id.strip_prefix("dataset:").unwrap_or(id)
}

/// Does it.
pub(crate) async fn run(app: &App, command: DatasetCommand) -> Result<(), Failure> {
    match command {
        DatasetCommand::List { project, process, version, limit } => {
            list(app, project, process, version, limit).await
        }
        DatasetCommand::Show { id } => show::show(app, bare(&id)).await,
        DatasetCommand::Get { id, output } => get::run(app, bare(&id), output).await,
        DatasetCommand::Preview { id, rows } => show::preview(app, bare(&id), rows).await,
        DatasetCommand::Lineage { id } => show::lineage(app, bare(&id)).await,
        DatasetCommand::Delete { id, force, yes } => {
            let client = app.client()?;
            app.confirm(&format!("Delete {id}?"), yes)?;
            let query = [("force", force.then(|| "true".into()))];
            client.send(reqwest::Method::DELETE, &["datasets", bare(&id)], &query, None).await?;
            app.out.note(&format!("deleted {id}"));
            Ok(())
        }
    }
}

async fn list(
    app: &App,
    project: ProjectOption,
    process: Option<String>,
    version: Option<u32>,
    limit: usize,
) -> Result<(), Failure> {
    let client = app.client()?;
    let project = match (&project.project, &process) {
        // A process says itself which project it belongs to.
        (None, Some(process)) => text(&client.get(&["processes", process], &[]).await?, "project").to_owned(),
        _ => app.project(&client, &project).await?,
    };
    let query =
        [("project", Some(project)), ("process", process), ("version", version.map(|v| v.to_string()))];
    let datasets = client.list(&["datasets"], &query, limit.max(1)).await?;
    if app.out.json {
        return app.out.value(&datasets);
    }
    let now = format::now();
    let mut table = Table::new(&["ID", "NAME", "TYPE", ">SIZE", "MADE", "BY"]);
    for dataset in items(&datasets) {
        let name = text(dataset, "name");
        let name = if dataset["partial"] == true {
            Cell::styled(format!("{name} (partial)"), Style::Yellow)
        } else {
            name.into()
        };
        table.row([
            text(dataset, "id").into(),
            name,
            text(dataset, "media_type").into(),
            format::size(number(dataset, "size")).into(),
            format::ago(&dataset["created_at"], now).into(),
            format!("{} v{}", text(dataset, "process"), dataset["version"]).into(),
        ]);
    }
    app.out.table(&table, "no datasets")?;
    if datasets.get("next").is_some() {
        app.out.note(&format!("there are more than {limit}; see them with --limit"));
    }
    Ok(())
}
