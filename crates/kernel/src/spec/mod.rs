//! Kernelspecs: which kernels there are on this machine, and how one is started.
//!
//! A spec is a folder with a `kernel.json` (jupyter_client, "Kernel specs"). It is looked for in
//! `share/jupyter/kernels` of given prefixes (virtual environments) and where Jupyter looks: `JUPYTER_PATH`, the
//! user's data folder, `/usr/local/share/jupyter` and `/usr/share/jupyter`. The first of a name wins.

mod search;

use crate::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use search::Search;

/// How a kernel wants to be interrupted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InterruptMode {
    /// SIGINT to its process group.
    #[default]
    Signal,
    /// `interrupt_request` on the control channel.
    Message,
}

/// One kernel that could be started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelSpec {
    /// The name of its folder, by which notebooks ask for it.
    pub name: String,
    /// Its folder: `{resource_dir}`.
    pub folder: PathBuf,
    /// Program and arguments, with `{connection_file}` and `{resource_dir}` in them.
    pub argv: Vec<String>,
    /// What people are shown.
    pub display_name: String,
    /// Language, as in a notebook's `kernelspec.language`.
    pub language: String,
    /// How it is interrupted.
    pub interrupt_mode: InterruptMode,
    /// Added to its environment; `${NAME}` is replaced by the environment's value.
    pub env: BTreeMap<String, String>,
    /// Whatever else the spec says of itself.
    pub metadata: Value,
    /// The virtual environment (or prefix) that it was found in.
    pub prefix: Option<PathBuf>,
}

/// The file, as it stands there.
#[derive(Deserialize)]
struct Raw {
    argv: Vec<String>,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    interrupt_mode: Option<String>,
    #[serde(default)]
    env: Option<BTreeMap<String, String>>,
    #[serde(default)]
    metadata: Value,
}

impl KernelSpec {
    /// Reads `FOLDER/kernel.json`.
    pub fn read(folder: &Path, prefix: Option<&Path>) -> Result<Self, Error> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bad = |why: String| Error::BadSpec { name: name.clone(), why };
        let text = std::fs::read(folder.join("kernel.json")).map_err(|e| bad(e.to_string()))?;
        let raw: Raw = serde_json::from_slice(&text).map_err(|e| bad(e.to_string()))?;
        if raw.argv.is_empty() {
            return Err(bad("argv is empty".into()));
        }
        let interrupt_mode = match raw.interrupt_mode.as_deref() {
            None | Some("signal") => InterruptMode::Signal,
            Some("message") => InterruptMode::Message,
            Some(other) => {
                return Err(bad(format!("interrupt_mode {other:?} is neither signal nor message")));
            }
        };
        Ok(Self {
            display_name: if raw.display_name.is_empty() { name.clone() } else { raw.display_name },
            name,
            folder: folder.to_owned(),
            argv: raw.argv,
            language: raw.language,
            interrupt_mode,
            env: raw.env.unwrap_or_default(),
            metadata: raw.metadata,
            prefix: prefix.map(Path::to_owned),
        })
    }

    /// The words of the command. `python`, `python3` and `python3.N` without a folder are the interpreter of the prefix
    /// where the spec was found, as Jupyter does for its own.
    pub fn command(&self, connection_file: &Path) -> Vec<String> {
        let fill = |word: &String| {
            word.replace("{connection_file}", &connection_file.to_string_lossy())
                .replace("{resource_dir}", &self.folder.to_string_lossy())
        };
        let mut words: Vec<String> = self.argv.iter().map(fill).collect();
        let is_python = |word: &str| {
            word.strip_prefix("python").is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
        };
        if let (Some(prefix), Some(first)) = (&self.prefix, words.first_mut())
            && is_python(first)
        {
            let inside = ["python", "python3"].map(|name| prefix.join("bin").join(name));
            if let Some(found) = inside.iter().find(|path| path.exists()) {
                *first = found.to_string_lossy().into_owned();
            }
        }
        words
    }

    /// What the spec adds to an environment.
    pub fn environment(&self, of: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
        self.env.iter().map(|(name, value)| (name.clone(), expand(value, &of))).collect()
    }
}

/// Replaces `${NAME}`; a name that is not set stays as it is.
fn expand(text: &str, of: &impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        match after.find('}').and_then(|end| Some((of(&after[2..end])?, end))) {
            Some((value, end)) => {
                out.push_str(&value);
                rest = &after[end + 1..];
            }
            None => {
                out.push_str("${");
                rest = &after[2..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(json: &str) -> (tempfile::TempDir, Result<KernelSpec, Error>) {
        let prefix = tempfile::tempdir().unwrap();
        let folder = prefix.path().join("share/jupyter/kernels/k");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir_all(prefix.path().join("bin")).unwrap();
        std::fs::write(prefix.path().join("bin/python"), "").unwrap();
        std::fs::write(folder.join("kernel.json"), json).unwrap();
        let read = KernelSpec::read(&folder, Some(prefix.path()));
        (prefix, read)
    }

    #[test]
    fn words_are_filled_in_and_python_is_the_one_of_the_prefix() {
        let (prefix, spec) = spec(
            r#"{"argv":["python3","-m","x","-f","{connection_file}","--dir={resource_dir}/a"],"language":"python"}"#,
        );
        let words = spec.unwrap().command(Path::new("/c.json"));
        assert_eq!(words[0], prefix.path().join("bin/python").to_string_lossy());
        assert_eq!(words[4], "/c.json");
        let resources = prefix.path().join("share/jupyter/kernels/k/a");
        assert_eq!(words[5], format!("--dir={}", resources.display()));
    }

    #[test]
    fn a_program_of_another_name_stays_what_it_is() {
        let (_prefix, spec) = spec(r#"{"argv":["pythonic"],"env":{"A":"${B}/x:${NO}","C":"plain"}}"#);
        let spec = spec.unwrap();
        assert_eq!(spec.command(Path::new("/c"))[0], "pythonic");
        let env = spec.environment(|name| (name == "B").then(|| "/b".to_owned()));
        assert_eq!(env["A"], "/b/x:${NO}");
        assert_eq!(env["C"], "plain");
        assert_eq!(spec.interrupt_mode, InterruptMode::Signal);
    }

    #[test]
    fn specs_that_can_not_be_meant_are_refused() {
        for bad in ["{", r#"{"argv":[]}"#, r#"{"argv":["x"],"interrupt_mode":"shout"}"#] {
            assert!(matches!(spec(bad).1, Err(Error::BadSpec { .. })), "{bad}");
        }
    }
}
