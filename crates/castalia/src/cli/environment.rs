//! `castalia environment`.

use super::app::{App, joined, read_json, text};
use super::client::items;
use super::failure::Failure;
use super::format;
use super::style::Style;
use super::table::{Cell, Table};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Environments.
#[derive(Args, Debug)]
pub(crate) struct EnvironmentArgs {
    #[command(subcommand)]
    pub(crate) command: EnvironmentCommand,
}

/// What to do with environments.
#[derive(Debug, Subcommand)]
pub(crate) enum EnvironmentCommand {
    /// List environments
    List,
    /// Register the process types of a virtualenv, or programs
    #[command(after_help = "\
The path is one of the server's machine. A virtualenv needs the `castalia` package; its process types are found by
the entry point group `castalia.process_types`.

Examples:
  castalia environment add tomography --python ~/tomography/.venv
  castalia environment add tools --manifest tools.json

A manifest: {\"types\": [{\"name\": \"sleep\", \"command\": [\"/bin/sleep\", \"1\"]}]}")]
    Add {
        /// Name: lower-case letters, digits, `-`, `_`
        name: String,
        /// Interpreter of the virtualenv, or its folder
        #[arg(long, value_name = "PATH", required_unless_present = "manifest", conflicts_with = "manifest")]
        python: Option<PathBuf>,
        /// Programs as process types: a JSON file, `-` for stdin
        #[arg(long, value_name = "FILE")]
        manifest: Option<String>,
    },
    /// Show one environment
    Show {
        /// Its name
        name: String,
    },
    /// Read an environment's types anew, after its packages changed
    Refresh {
        /// Its name
        name: String,
    },
    /// Remove an environment; processes that ran in it stay
    Remove {
        /// Its name
        name: String,
    },
}

/// Does it.
pub(crate) async fn run(app: &App, command: EnvironmentCommand) -> Result<(), Failure> {
    let client = app.client()?;
    match command {
        EnvironmentCommand::List => list(app, &client.get(&["environments"], &[]).await?),
        EnvironmentCommand::Add { name, python, manifest } => {
            let mut body = json!({ "name": name });
            if let Some(python) = python {
                body["python"] = interpreter(&python)?.to_string_lossy().into();
            }
            if let Some(manifest) = manifest {
                body["manifest"] = read_json(&manifest)?;
            }
            show(app, &client.post(&["environments"], &body).await?)
        }
        EnvironmentCommand::Show { name } => show(app, &client.get(&["environments", &name], &[]).await?),
        EnvironmentCommand::Refresh { name } => {
            show(app, &client.post(&["environments", &name, "refresh"], &json!({})).await?)
        }
        EnvironmentCommand::Remove { name } => {
            client.delete(&["environments", &name]).await?;
            app.out.note(&format!("removed environment {name}"));
            Ok(())
        }
    }
}

/// The absolute path of an interpreter. Links are kept: a virtualenv's interpreter is one, and knows its folder by
/// the name under which it is called.
fn interpreter(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = std::path::absolute(path).map_err(|error| Failure::file("find", path, &error))?;
    let inside = absolute.join("bin/python");
    Ok(if absolute.is_dir() && inside.exists() { inside } else { absolute })
}

fn list(app: &App, environments: &Value) -> Result<(), Failure> {
    if app.out.json {
        return app.out.value(environments);
    }
    let now = format::now();
    let mut table = Table::new(&["NAME", "KIND", "STATE", "TYPES", "READ"]);
    for environment in items(environments) {
        let state = text(environment, "state");
        table.row([
            text(environment, "name").into(),
            text(environment, "kind").into(),
            Cell::styled(state, Style::of_state(state)),
            format::clip(&joined(environment, "types"), 60).into(),
            format::ago(&environment["refreshed_at"], now).into(),
        ]);
    }
    app.out.table(&table, "no environments; add one with `castalia environment add NAME --python PATH`")
}

fn show(app: &App, environment: &Value) -> Result<(), Failure> {
    if app.out.json {
        return app.out.value(environment);
    }
    let mut table = Table::pairs();
    let state = text(environment, "state");
    table.pair("name", text(environment, "name"));
    table.pair("kind", text(environment, "kind"));
    table.pair("state", Cell::styled(state, Style::of_state(state)));
    for key in ["message", "python"] {
        if !text(environment, key).is_empty() {
            table.pair(key, text(environment, key));
        }
    }
    table.pair("read", format::moment(&environment["refreshed_at"], format::now()));
    table.pair("types", joined(environment, "types"));
    app.out.table(&table, "")?;
    for error in environment.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let words = text(error, "error").trim_end().lines().next_back().unwrap_or_default();
        app.out.note(&format!("entry point {} could not be loaded: {words}", text(error, "entry_point")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtualenv_is_named_by_its_folder_or_its_interpreter_and_links_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("bin")).expect("makes it");
        let python = folder.path().join("bin/python");
        std::os::unix::fs::symlink("/bin/sh", &python).expect("links");
        assert_eq!(interpreter(folder.path()).expect("found"), python);
        assert_eq!(interpreter(&python).expect("found"), python);
    }
}
