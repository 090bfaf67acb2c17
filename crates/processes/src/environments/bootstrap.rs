//! Makes the virtualenv of the bootstrap environment, once.

use castalia_base::{Error, Kind};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The Python sources that the program carries: path below the target folder, and content.
pub type BootstrapSource = Vec<(String, Vec<u8>)>;

/// Makes a virtualenv at `folder` with the packages of `sources` (folders `castalia` and `bootstrap`) and
/// returns its interpreter. Does nothing when it is there and complete. `say` hears each step.
///
/// # Errors
/// `unavailable` with the last line that the failing tool printed.
pub async fn prepare(folder: &Path, sources: BootstrapSource, say: impl Fn(&str)) -> Result<PathBuf, Error> {
    let python = folder.join("bin/python");
    let complete = folder.join("castalia-complete");
    if python.is_file() && complete.is_file() {
        return Ok(python);
    }
    let source = folder.join("src");
    for (path, content) in &sources {
        let target = source.join(path);
        if let Some(parent) = target.parent() {
            tokio::fs::create_dir_all(parent).await.map_err(|e| failed("making a folder", &e.to_string()))?;
        }
        tokio::fs::write(&target, content)
            .await
            .map_err(|e| failed("writing the sources", &e.to_string()))?;
    }
    say("making a Python environment");
    run("python3", &["-m", "venv", &folder.to_string_lossy()]).await?;
    say("installing numpy, scipy and the process types (about a minute)");
    let (castalia, bootstrap) = (source.join("castalia"), source.join("bootstrap"));
    let pip = python.to_string_lossy();
    run(
        &pip,
        &[
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            &castalia.to_string_lossy(),
            &bootstrap.to_string_lossy(),
        ],
    )
    .await?;
    tokio::fs::write(&complete, b"").await.map_err(|e| failed("finishing", &e.to_string()))?;
    Ok(python)
}

async fn run(program: &str, args: &[&str]) -> Result<(), Error> {
    let output = tokio::process::Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|e| failed(program, &e.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("no message");
    Err(failed(&format!("{program} {}", args.first().unwrap_or(&"")), last))
}

fn failed(what: &str, why: &str) -> Error {
    Error::new(
        Kind::Unavailable,
        "bootstrap_failed",
        format!("the bootstrap environment could not be made: {what}: {why}"),
    )
}
