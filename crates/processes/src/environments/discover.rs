//! Asks an interpreter which process types it has: `python -m castalia.discover`.

use super::EntryPointError;
use crate::model::ResourcesRequest;
use castalia_base::Error;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(120);

/// What the interpreter answered.
#[derive(Debug, Deserialize)]
pub(super) struct Discovery {
    #[serde(default)]
    pub(super) python: String,
    #[serde(default)]
    pub(super) packages: BTreeMap<String, String>,
    /// What the interpreter reads when it runs.
    #[serde(default)]
    pub(super) paths: Vec<String>,
    #[serde(default)]
    pub(super) types: Vec<FoundType>,
    #[serde(default)]
    pub(super) errors: Vec<EntryPointError>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FoundType {
    pub(super) name: String,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) version: Option<String>,
    pub(super) schema: Value,
    #[serde(default)]
    pub(super) deterministic: bool,
    #[serde(default)]
    pub(super) resources: Option<ResourcesRequest>,
    #[serde(default)]
    pub(super) outputs: Value,
}

/// Runs the discovery in a cleared environment.
///
/// # Errors
/// `environment_broken` (422) that says what the interpreter answered and what to do.
pub(super) async fn discover(python: &str) -> Result<Discovery, Error> {
    if !std::path::Path::new(python).is_absolute() {
        return Err(Error::field(
            "environment_broken",
            "/python",
            "must be an absolute path of an interpreter",
        ));
    }
    let run = tokio::process::Command::new(python)
        .args(["-m", "castalia.discover"])
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(LIMIT, run).await {
        Err(_) => {
            return Err(broken(format!(
                "`{python} -m castalia.discover` took more than {} s",
                LIMIT.as_secs()
            )));
        }
        Ok(Err(error)) => return Err(broken(format!("`{python}` can't be run: {error}"))),
        Ok(Ok(output)) => output,
    };
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("no message").to_owned();
        let hint =
            if last.contains("No module named") { "; install the `castalia` package into it" } else { "" };
        return Err(broken(format!("`{python} -m castalia.discover` failed: {last}{hint}")));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|e| broken(format!("its answer is not the expected JSON: {e}")))
}

fn broken(what: String) -> Error {
    Error::field("environment_broken", "/python", what)
}
