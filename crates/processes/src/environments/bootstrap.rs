//! Makes the virtualenv of the bootstrap environment, once, and brings it up to date when the program carries other
//! sources than it was made of.

use castalia_base::{Error, Kind};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The Python sources that the program carries: path below the target folder, and content.
pub type BootstrapSource = Vec<(String, Vec<u8>)>;

/// Written last; holds a digest of the sources. In those of earlier versions of the program there is nothing in it.
const COMPLETE: &str = "castalia-complete";

/// Whether the virtualenv at `folder` is there, complete, and of these sources.
pub fn is_current(folder: &Path, sources: &BootstrapSource) -> bool {
    is_complete(folder)
        && std::fs::read_to_string(folder.join(COMPLETE)).is_ok_and(|made_of| made_of == digest(sources))
}

fn is_complete(folder: &Path) -> bool {
    folder.join("bin/python").is_file() && folder.join(COMPLETE).is_file()
}

fn digest(sources: &BootstrapSource) -> String {
    let mut sorted: Vec<_> = sources.iter().collect();
    sorted.sort();
    let mut digest = Sha256::new();
    for part in sorted.into_iter().flat_map(|(path, content)| [path.as_bytes(), content.as_slice()]) {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    hex::encode(digest.finalize())
}

/// Makes a virtualenv at `folder` with the packages of `sources` (folders `castalia` and `bootstrap`) and
/// returns its interpreter. Does nothing when it is there and of these sources. One of other sources gets these; if that
/// fails, say for want of a network, it is left as it was and is tried again next time. `say` hears each step.
///
/// # Errors
/// `unavailable` with the last line that the failing tool printed.
pub async fn prepare(folder: &Path, sources: BootstrapSource, say: impl Fn(&str)) -> Result<PathBuf, Error> {
    let python = folder.join("bin/python");
    if is_current(folder, &sources) {
        return Ok(python);
    }
    let is_older = is_complete(folder);
    if !is_older {
        say("making a Python environment");
        run("python3", &["-m", "venv", &folder.to_string_lossy()]).await?;
    }
    say("installing numpy, scipy and the process types (about a minute)");
    match install(folder, &python, &sources).await {
        Err(error) if is_older => {
            say(&format!("it stays that of an earlier version: {}", error.detail()));
            Ok(python)
        }
        done => done.map(|()| python),
    }
}

async fn install(folder: &Path, python: &Path, sources: &BootstrapSource) -> Result<(), Error> {
    let source = folder.join("src");
    // What an earlier version had and this one has not is not to be installed again.
    match tokio::fs::remove_dir_all(&source).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(failed("removing the earlier sources", &error.to_string()));
        }
        _ => {}
    }
    for (path, content) in sources {
        let target = source.join(path);
        if let Some(parent) = target.parent() {
            tokio::fs::create_dir_all(parent).await.map_err(|e| failed("making a folder", &e.to_string()))?;
        }
        tokio::fs::write(&target, content)
            .await
            .map_err(|e| failed("writing the sources", &e.to_string()))?;
    }
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
    tokio::fs::write(folder.join(COMPLETE), digest(sources))
        .await
        .map_err(|e| failed("finishing", &e.to_string()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// An environment of an earlier version: its interpreter notes what it is asked, and what it would install.
    fn earlier(folder: &Path) {
        std::fs::create_dir_all(folder.join("bin")).unwrap();
        let python = folder.join("bin/python");
        let script = "#!/bin/sh\ncd \"$(dirname \"$0\")/..\"\necho \"$3\" >> asked\nfind src -type f | sort > installed\ntest ! -e no-network\n";
        std::fs::write(&python, script).unwrap();
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::create_dir_all(folder.join("src/castalia")).unwrap();
        std::fs::write(folder.join("src/castalia/gone.py"), "").unwrap();
        std::fs::write(folder.join(COMPLETE), "").unwrap();
    }

    fn sources(text: &str) -> BootstrapSource {
        ["castalia/a.py", "bootstrap/b.py"].map(|path| (path.to_owned(), text.into())).to_vec()
    }

    #[tokio::test]
    async fn an_environment_of_other_sources_gets_these_once() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        earlier(folder);
        let asked = || std::fs::read_to_string(folder.join("asked")).unwrap_or_default();
        let prepared = async |text: &str| {
            let python = prepare(folder, sources(text), |_| {}).await.expect("is there");
            assert_eq!(python, folder.join("bin/python"));
        };
        assert!(!is_current(folder, &sources("1")));
        prepared("1").await;
        assert_eq!(asked(), "install\n");
        let installed = std::fs::read_to_string(folder.join("installed")).unwrap();
        assert_eq!(installed, "src/bootstrap/b.py\nsrc/castalia/a.py\n");
        prepared("1").await;
        assert_eq!(asked(), "install\n", "nothing is done twice");
        prepared("2").await;
        assert_eq!(asked(), "install\ninstall\n");
        // One that can't be brought up to date is better than none, and is tried again.
        std::fs::write(folder.join("no-network"), "").unwrap();
        prepared("3").await;
        assert!(is_current(folder, &sources("2")));
        std::fs::remove_file(folder.join("no-network")).unwrap();
        prepared("3").await;
        assert!(is_current(folder, &sources("3")));
    }
}
