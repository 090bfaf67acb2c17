//! `workspace show`.

use super::seconds;
use crate::cli::app::{App, text};
use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::style::Style;
use crate::cli::table::{Cell, Table};

pub(super) async fn run(app: &App, workspace: &str) -> Result<(), Failure> {
    let w = app.client()?.get(&["workspaces", workspace], &[]).await?;
    if app.out.json {
        return app.out.value(&w);
    }
    let now = format::now();
    let mut table = Table::pairs();
    let state = text(&w, "state");
    table.pair("workspace", text(&w, "name"));
    table.pair("title", text(&w, "title"));
    table.pair("service", format!("{} ({})", text(&w, "service"), text(&w, "profile")));
    table.pair("owner", text(&w, "owner_name"));
    table.pair("state", Cell::styled(state, Style::of_state(state)));
    let idle = format::local_times(text(&w["idle"], "text"));
    for (name, value) in [("why", text(&w, "reason")), ("idle", &idle)] {
        if !value.is_empty() {
            table.pair(name, value.to_owned());
        }
    }
    table.pair("health", format!("{} {}", text(&w, "health"), text(&w, "health_reason")).trim().to_owned());
    table.pair("address", text(&w, "url"));
    table.pair("made", format::ago(&w["created_at"], now));
    if let Some(ms) = w["ready_ms"].as_i64() {
        table.pair("ready after", seconds(ms));
    }
    if let Some(code) = w["exit"]["code"].as_i64() {
        table.pair("exit code", code.to_string());
    }
    let shares = w["shares"].as_array().into_iter().flatten();
    let shares: Vec<String> = shares.map(|s| format!("{} ({})", text(s, "name"), text(s, "level"))).collect();
    if !shares.is_empty() {
        table.pair("shared with", shares.join(", "));
    }
    let stages = w["stages"].as_array().into_iter().flatten();
    for stage in stages {
        let lasted = stage["ms"].as_i64().map_or_else(String::new, |ms| format!("for {}", seconds(ms)));
        table.pair(text(stage, "stage"), format!("{lasted} {}", text(stage, "note")).trim().to_owned());
    }
    app.out.table(&table, "")
}
