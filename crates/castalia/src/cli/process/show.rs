//! `process show`.

use super::run::outputs;
use crate::cli::app::{App, number, text};
use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::style::Style;
use crate::cli::table::{Cell, Table};
use serde_json::Value;

/// Shows a process, or one of its versions.
pub(super) async fn run(app: &App, id: &str, version: Option<i64>) -> Result<(), Failure> {
    let client = app.client()?;
    if let (Some(version), true) = (version, app.out.json) {
        let view = client.get(&["processes", id, "versions", &version.to_string()], &[]).await?;
        return app.out.value(&view);
    }
    let process = client.get(&["processes", id], &[]).await?;
    if app.out.json {
        return app.out.value(&process);
    }
    let versions = process["versions"].as_array().map_or(&[][..], Vec::as_slice);
    let chosen = match version {
        // Asked for by itself, so that the server says what is wrong with a number that there is not.
        Some(number) => client.get(&["processes", id, "versions", &number.to_string()], &[]).await?,
        None => versions.last().cloned().unwrap_or_default(),
    };
    head(app, &process)?;
    if versions.len() > 1 && version.is_none() {
        history(app, versions)?;
    }
    app.out.line("")?;
    detail(app, &chosen)
}

fn head(app: &App, process: &Value) -> Result<(), Failure> {
    let mut table = Table::pairs();
    table.pair("process", Cell::styled(text(process, "id"), Style::Bold));
    table.pair("name", text(process, "name"));
    table.pair("type", format!("{}/{}", text(process, "environment"), text(process, "type")));
    table.pair("project", text(process, "project"));
    table.pair(
        "made",
        format!(
            "{} by {}",
            format::moment(&process["created_at"], format::now()),
            text(process, "created_by")
        ),
    );
    app.out.table(&table, "")
}

fn history(app: &App, versions: &[Value]) -> Result<(), Failure> {
    app.out.line("")?;
    let now = format::now();
    let mut table = Table::new(&[">VERSION", "STATE", ">COST", "MADE", "TOOK", "REASON"]);
    for version in versions {
        let state = text(version, "state");
        table.row([
            version["version"].to_string().into(),
            Cell::styled(state, Style::of_state(state)),
            format::credits(&version["cost"]).into(),
            format::ago(&version["created_at"], now).into(),
            format::span(&version["started_at"], &version["ended_at"], now).into(),
            format::clip(text(version, "reason"), 60).into(),
        ]);
    }
    app.out.table(&table, "")
}

fn detail(app: &App, version: &Value) -> Result<(), Failure> {
    let now = format::now();
    let mut table = Table::pairs();
    let state = text(version, "state");
    table.pair("version", version["version"].to_string());
    table.pair("state", Cell::styled(state, Style::of_state(state)));
    if !text(version, "reason").is_empty() {
        table.pair("reason", text(version, "reason"));
    }
    if let Some(fraction) = version["progress"]["fraction"].as_f64() {
        table
            .pair("progress", format!("{:.0} % {}", fraction * 100.0, text(&version["progress"], "message")));
    }
    if !version["started_at"].is_null() {
        table.pair("started", format::moment(&version["started_at"], now));
        table.pair("took", format::span(&version["started_at"], &version["ended_at"], now));
    }
    table.pair("cost", format!("{} credits", format::credits(&version["cost"])));
    if version["held"].as_i64().is_some_and(|held| held > 0) {
        table.pair("held", format!("{} credits", format::credits(&version["held"])));
    }
    table.pair("resources", resources(&version["resources"]));
    if let Some(exit) = version["exit"].as_object() {
        let code = exit.get("code").and_then(Value::as_i64).map(|code| format!("code {code}"));
        let signal = exit.get("signal").and_then(Value::as_i64).map(|signal| format!("signal {signal}"));
        let used = format!(
            "{} of processor, {} of memory",
            format::duration(number(&version["exit"], "cpu_ms") as i64),
            format::size(number(&version["exit"], "max_rss_kb") << 10)
        );
        table.pair("exit", [code, signal, Some(used)].into_iter().flatten().collect::<Vec<_>>().join(", "));
    }
    if let Some(source) = version["reused_from"].as_str() {
        table.pair("taken over from", source);
    }
    for (name, value) in version["parameters"].as_object().into_iter().flatten() {
        table.pair(&format!("  {name}"), format::clip(&format::plain(value), 100));
    }
    app.out.table(&table, "")?;
    if version["outputs"].as_array().is_some_and(|o| !o.is_empty()) {
        app.out.line("")?;
    }
    outputs(app, version, "")
}

/// `1.5 cores, 2.0 GiB memory, 1.0 GiB disk, 1 GPU, at most 10 min`.
pub(super) fn resources(resources: &Value) -> String {
    let mebibytes = |key: &str| format::size(number(resources, key) << 20);
    let cores = number(resources, "cpu_millis");
    let mut told = format!(
        "{} {}, {} memory, {} disk",
        cores as f64 / 1000.0,
        if cores == 1000 { "core" } else { "cores" },
        mebibytes("memory_mb"),
        mebibytes("storage_mb")
    );
    match number(resources, "gpu") {
        0 => {}
        n => told.push_str(&format!(", {n} GPU")),
    }
    told.push_str(&format!(
        ", at most {}",
        format::duration((number(resources, "deadline_s") as i64).saturating_mul(1000))
    ));
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn resources_in_words() {
        let some =
            json!({"cpu_millis": 1500, "memory_mb": 2048, "storage_mb": 512, "gpu": 0, "deadline_s": 600});
        assert_eq!(resources(&some), "1.5 cores, 2.0 GiB memory, 512.0 MiB disk, at most 10 min");
    }
}
