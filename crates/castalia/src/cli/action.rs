//! `castalia do`: any action of the platform, as it is in the catalogue.

use super::app::{App, read_json, text};
use super::client::items;
use super::failure::Failure;
use super::style::Style;
use super::table::{Cell, Table};
use clap::Args;
use serde_json::{Value, json};

/// Which action, with what.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  castalia do --list
  castalia do --list processes.run              its schemas
  castalia do processes.list '{\"project\": \"demo\"}'
  castalia do datasets.preview @request.json
  echo '{\"process\": \"proc_01J…\"}' | castalia do processes.show -")]
pub(crate) struct DoArgs {
    /// Name of the action, for instance `processes.run`
    #[arg(required_unless_present = "list")]
    action: Option<String>,
    /// Its input: JSON, `@FILE` or `-` for stdin; `{}` unless told
    #[arg(value_name = "JSON|@FILE|-")]
    input: Option<String>,
    /// List the actions that you may call, or describe one
    #[arg(long, conflicts_with = "input")]
    list: bool,
}

/// Calls an action, or lists them.
pub(crate) async fn run(app: &App, args: DoArgs) -> Result<(), Failure> {
    match (args.list, args.action) {
        (false, Some(action)) => {
            let input = input(args.input.as_deref())?;
            let answer = app.client()?.post(&["actions", &action], &input).await?;
            app.out.value(&answer)
        }
        (_, action) => list(app, action.as_deref()).await,
    }
}

fn input(given: Option<&str>) -> Result<Value, Failure> {
    match given {
        None => Ok(json!({})),
        Some("-") => read_json("-"),
        Some(text) => match text.strip_prefix('@') {
            Some(file) => read_json(file),
            None => {
                serde_json::from_str(text).map_err(|e| Failure::Usage(format!("the input is not JSON: {e}")))
            }
        },
    }
}

async fn list(app: &App, wanted: Option<&str>) -> Result<(), Failure> {
    let all = app.client()?.get(&["actions"], &[]).await?;
    if let Some(name) = wanted {
        let action = items(&all).iter().find(|a| text(a, "name") == name);
        let action = action.ok_or_else(|| {
            Failure::Absent(format!("no action `{name}` that you may call; see `castalia do --list`"))
        })?;
        return if app.out.json { app.out.value(action) } else { app.out.line(format!("{action:#}")) };
    }
    if app.out.json {
        return app.out.value(&all);
    }
    let mut table = Table::new(&["ACTION", "WHAT IT DOES", "PERMISSION"]);
    for action in items(&all) {
        table.row([
            Cell::styled(text(action, "name"), Style::Bold),
            text(action, "summary").into(),
            Cell::styled(text(action, "permission"), Style::Dim),
        ]);
    }
    app.out.table(&table, "there is no action that you may call")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_is_json_from_anywhere() {
        assert_eq!(input(None).expect("empty"), json!({}));
        assert_eq!(input(Some("{\"a\":1}")).expect("parses"), json!({"a": 1}));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("in.json");
        std::fs::write(&file, "[1]").expect("writes");
        assert_eq!(input(Some(&format!("@{}", file.display()))).expect("reads"), json!([1]));
        assert_eq!(input(Some("{oops")).expect_err("is no JSON").exit_code(), 2);
    }
}
