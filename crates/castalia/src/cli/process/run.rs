//! `process run`, `rerun` and `estimate`.

use super::request::{ParameterArgs, RequestArgs, ResourceArgs};
use super::wait;
use crate::cli::app::{App, number, text};
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::style::Style;
use crate::cli::table::{Cell, Table};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What to run, and whether to wait for it.
#[derive(Args, Debug)]
#[command(after_help = "\
Data are named `upload:NAME` or `dataset:ID`. With --json, one object is printed:
{id, version, state, cost, outputs: [{id, name, media_type, size}]}; cost is in micro-credits.

Examples:
  castalia process run fft -p input=upload:mauna-loa-co2.csv --wait
  castalia process run gridding -p input=dataset:ds_01J… -p cells=200 -p 'extent:=[0, 10, 0, 5]' --memory 2G
  castalia process run table --params parameters.json --project survey --json")]
pub(crate) struct RunArgs {
    /// Wait for the end; exit code 1 when it failed or was cancelled
    #[arg(long, short)]
    wait: bool,
    #[command(flatten)]
    request: RequestArgs,
}

/// What to run again.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  castalia process rerun proc_01J… -p window=hann --wait")]
pub(crate) struct RerunArgs {
    /// Process id
    id: String,
    #[command(flatten)]
    parameters: ParameterArgs,
    /// The version whose parameters and resources hold where nothing else is said; the newest unless told
    #[arg(long)]
    base: Option<i64>,
    /// Higher goes first (-100 to 100)
    #[arg(long, allow_negative_numbers = true)]
    priority: Option<i32>,
    /// Take over the result of an equal earlier run, if there is one
    #[arg(long)]
    reuse: bool,
    /// Wait for the end; exit code 1 when it failed or was cancelled
    #[arg(long, short)]
    wait: bool,
    #[command(flatten)]
    resources: ResourceArgs,
}

/// Makes a process and, if asked to, waits for it.
pub(super) async fn run(app: &App, args: RunArgs) -> Result<(), Failure> {
    let client = app.client()?;
    let body = args.request.body(app, &client).await?;
    let process = client.post(&["processes"], &body).await?;
    let id = text(&process, "id").to_owned();
    let version = process["versions"].as_array().and_then(|v| v.last()).cloned().unwrap_or(process);
    finish(app, &client, &id, version, args.wait).await
}

/// Makes a further version of a process.
pub(super) async fn rerun(app: &App, args: RerunArgs) -> Result<(), Failure> {
    let client = app.client()?;
    let mut body = json!({"resources": args.resources.body(), "reuse": args.reuse});
    if let Some(base) = args.base {
        body["base"] = base.into();
    }
    if let Some(priority) = args.priority {
        body["priority"] = priority.into();
    }
    if !args.parameters.are_absent() {
        let process = client.get(&["processes", &args.id], &[]).await?;
        let type_name = format!("{}/{}", text(&process, "environment"), text(&process, "type"));
        let before = base_parameters(&process, args.base);
        body["parameters"] = Value::Object(args.parameters.over(&client, &type_name, before).await?);
    }
    let version = client.post(&["processes", &args.id, "versions"], &body).await?;
    finish(app, &client, &args.id, version, args.wait).await
}

/// The parameters of the version that a new one starts from.
fn base_parameters(process: &Value, base: Option<i64>) -> Map<String, Value> {
    let versions = process["versions"].as_array().map_or(&[][..], Vec::as_slice);
    let from = match base {
        Some(number) => versions.iter().find(|v| v["version"] == number),
        None => versions.last(),
    };
    from.and_then(|v| v["parameters"].as_object()).cloned().unwrap_or_default()
}

async fn finish(app: &App, client: &Client, id: &str, version: Value, wait: bool) -> Result<(), Failure> {
    if !wait {
        report(app, id, &version)?;
        if !app.out.json && !wait::has_ended(&version) {
            app.out.note(&format!("follow it with `castalia process logs {id} -f`"));
        }
        return Ok(());
    }
    let version = wait::until_the_end(app, client, id, version).await?;
    report(app, id, &version)?;
    if version["state"] == "completed" { Ok(()) } else { Err(wait::failure(app, client, id, &version).await) }
}

/// What is printed for programs, in this order.
#[derive(Serialize)]
struct Outcome<'a> {
    id: &'a str,
    version: &'a Value,
    state: &'a Value,
    cost: &'a Value,
    outputs: Vec<OutputLine<'a>>,
}

#[derive(Serialize)]
struct OutputLine<'a> {
    id: &'a Value,
    name: &'a Value,
    media_type: &'a Value,
    size: &'a Value,
}

impl<'a> Outcome<'a> {
    fn of(id: &'a str, version: &'a Value) -> Self {
        let outputs = version["outputs"].as_array().into_iter().flatten();
        let outputs = outputs.map(|o| OutputLine {
            id: &o["id"],
            name: &o["name"],
            media_type: &o["media_type"],
            size: &o["size"],
        });
        Self {
            id,
            version: &version["version"],
            state: &version["state"],
            cost: &version["cost"],
            outputs: outputs.collect(),
        }
    }
}

fn report(app: &App, id: &str, version: &Value) -> Result<(), Failure> {
    if app.out.json {
        return app.out.value(&Outcome::of(id, version));
    }
    let state = text(version, "state");
    let mut line =
        format!("{id} version {} {}", version["version"], app.out.paint(Style::of_state(state), state));
    if wait::has_ended(version) {
        let took = format::span(&version["started_at"], &version["ended_at"], format::now());
        line.push_str(&format!(" in {took}, {} credits", format::credits(&version["cost"])));
        if let Some(source) = version["reused_from"].as_str() {
            line.push_str(&format!(", taken over from {source}"));
        }
    }
    app.out.line(line)?;
    outputs(app, version, "  ")
}

/// A line for each output.
pub(super) fn outputs(app: &App, version: &Value, indent: &'static str) -> Result<(), Failure> {
    let mut table = Table::default();
    for output in version["outputs"].as_array().into_iter().flatten() {
        table.row([
            Cell::styled(format!("{indent}{}", text(output, "name")), Style::Bold),
            text(output, "media_type").into(),
            format::size(number(output, "size")).into(),
            Cell::styled(format!("dataset:{}", text(output, "id")), Style::Dim),
        ]);
    }
    if table.is_empty() { Ok(()) } else { app.out.table(&table, "") }
}

/// Says what a run would cost.
pub(super) async fn estimate(app: &App, args: RequestArgs) -> Result<(), Failure> {
    let client = app.client()?;
    let body = args.body(app, &client).await?;
    let estimate = client.post(&["processes", "estimate"], &body).await?;
    if app.out.json {
        return app.out.value(&estimate);
    }
    let resources = &estimate["resources"];
    let mut table = Table::pairs();
    table.pair(
        "hold",
        format!("{} credits at most, what is not used is released", format::credits(&estimate["hold"])),
    );
    table.pair("per second", format!("{} credits", format::credits(&estimate["per_second"])));
    let covered = if estimate["covered"] == true {
        Cell::styled("yes", Style::Green)
    } else {
        Cell::styled("no", Style::Red)
    };
    table.pair("available", format!("{} credits", format::credits(&estimate["available"])));
    table.pair("covered", covered);
    table.pair("resources", super::show::resources(resources));
    app.out.table(&table, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_has_exactly_the_promised_keys() {
        let version = json!({
            "version": 2, "state": "completed", "cost": 42, "held": 0, "process": "proc_1",
            "outputs": [{"id": "ds_1", "name": "spectrum", "media_type": "text/csv", "size": 7, "extra": 1}]
        });
        let printed = serde_json::to_string(&Outcome::of("proc_1", &version)).expect("serialises");
        let promised = concat!(
            r#"{"id":"proc_1","version":2,"state":"completed","cost":42,"#,
            r#""outputs":[{"id":"ds_1","name":"spectrum","media_type":"text/csv","size":7}]}"#
        );
        assert_eq!(printed, promised);
    }

    #[test]
    fn a_new_version_starts_from_the_base() {
        let process = json!({"versions": [{"version": 1, "parameters": {"a": 1}}, {"version": 2, "parameters": {"a": 2}}]});
        assert_eq!(base_parameters(&process, Some(1))["a"], 1);
        assert_eq!(base_parameters(&process, None)["a"], 2);
        assert!(base_parameters(&process, Some(9)).is_empty());
    }
}
