//! `process list`.

use crate::cli::app::{App, ProjectOption, text};
use crate::cli::client::items;
use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::style::Style;
use crate::cli::table::{Cell, Table};
use clap::{Args, ValueEnum};
use serde_json::Value;

/// Which processes.
#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    project: ProjectOption,
    /// Only those whose newest version is in this state
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Only those of this type
    #[arg(long = "type", value_name = "TYPE")]
    type_name: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

/// States of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum State {
    Queued,
    Starting,
    Running,
    Completed,
    Failed,
    Cancelled,
}

/// Lists.
pub(super) async fn run(app: &App, args: ListArgs) -> Result<(), Failure> {
    let client = app.client()?;
    let project = app.project(&client, &args.project).await?;
    let state = args.state.and_then(|s| Some(s.to_possible_value()?.get_name().to_owned()));
    let query = [("project", Some(project)), ("state", state), ("type", args.type_name)];
    let list = client.list(&["processes"], &query, args.limit.max(1)).await?;
    if app.out.json {
        return app.out.value(&list);
    }
    let now = format::now();
    let mut table = Table::new(&["ID", "NAME", "TYPE", "STATE", ">COST", "MADE", "TOOK"]);
    for process in items(&list) {
        let state = text(process, "state");
        let newest = process["versions"].as_array().and_then(|v| v.last()).unwrap_or(&Value::Null);
        let name = match process["version"].as_i64() {
            Some(version @ 2..) => format!("{} v{version}", format::clip(text(process, "name"), 40)),
            _ => format::clip(text(process, "name"), 40),
        };
        table.row([
            text(process, "id").into(),
            name.into(),
            text(process, "type").into(),
            Cell::styled(state, Style::of_state(state)),
            format::credits(&process["cost"]).into(),
            format::ago(&process["created_at"], now).into(),
            format::span(&newest["started_at"], &newest["ended_at"], now).into(),
        ]);
    }
    app.out.table(&table, "no processes; start one with `castalia process run TYPE`")?;
    if list.get("next").is_some() {
        app.out.note(&format!("there are more than {}; see them with --limit", args.limit));
    }
    Ok(())
}
