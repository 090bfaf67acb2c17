//! The model: what a unit is asked to be, and what is seen of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The label that says which owner's reconciler looks after a unit.
pub const OWNER_LABEL: &str = "castalia.owner";

/// The name of a unit: `unit_` and up to 59 letters, digits, `_` or `-`, so it is safe as a file and cgroup name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UnitId(String);

impl UnitId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for UnitId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let safe = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        let rest = text.strip_prefix("unit_").unwrap_or_default();
        if rest.is_empty() || text.len() > 64 || !rest.bytes().all(safe) {
            return Err(Error::Invalid(format!(
                "{text:?} is no unit id (unit_ and letters, digits, _ or -)"
            )));
        }
        Ok(UnitId(text.to_owned()))
    }
}

impl TryFrom<String> for UnitId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<UnitId> for String {
    fn from(id: UnitId) -> String {
        id.0
    }
}

/// What a unit may use; 0 means no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Thousandths of a processor.
    pub cpu_millis: u32,
    /// Megabytes (2^20 bytes) of memory, all processes of the unit together.
    pub memory_mb: u64,
    /// Megabytes (2^20 bytes) of working folder and log together; also the largest single file.
    pub storage_mb: u64,
    /// Number of GPUs; counted by quotas, not enforced by the process backend.
    pub gpu: u32,
}

/// What to run.
///
/// `env` values and `command` arguments may contain `{files}` and `{work}`, which become the absolute folders of the
/// unit's private files and of its working directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitSpec {
    /// The name under which it runs at most once, ever.
    pub id: UnitId,
    /// What the owner wants to find again; see [`OWNER_LABEL`].
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Program and arguments; the program is looked up in the unit's own `PATH`.
    pub command: Vec<String>,
    /// The whole environment, apart from the minimal `PATH`, `HOME`, `TMPDIR`, `LANG` and the `CASTALIA_` variables.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Private files by plain name, written with mode 0600 before the start and deleted with the unit.
    #[serde(default, with = "crate::wire::base64_values")]
    pub files: BTreeMap<String, Vec<u8>>,
    /// Files and folders that the program needs to read (an interpreter, its packages) and that a sandbox would cover
    /// otherwise.
    #[serde(default)]
    pub show: Vec<PathBuf>,
    /// Folders outside of its own that it may write, also in a sandbox. They outlive it, and what is in them counts for
    /// its storage.
    #[serde(default)]
    pub volumes: Vec<PathBuf>,
    /// Where the program begins, if that is not the unit's own working folder.
    #[serde(default)]
    pub work: Option<PathBuf>,
    /// Limits.
    #[serde(default)]
    pub resources: Resources,
    /// Wall-clock limit, measured from the start of the program.
    #[serde(default, with = "crate::wire::option_millis", rename = "deadline_ms")]
    pub deadline: Option<Duration>,
    /// Time between SIGTERM and SIGKILL when the deadline or a limit ends the unit.
    #[serde(with = "crate::wire::millis", rename = "grace_ms")]
    pub grace: Duration,
}

impl UnitSpec {
    /// A spec with no limits, no environment and five seconds of grace.
    pub fn new(id: UnitId, command: impl IntoIterator<Item = impl Into<String>>) -> Self {
        UnitSpec {
            id,
            labels: BTreeMap::new(),
            command: command.into_iter().map(Into::into).collect(),
            env: BTreeMap::new(),
            files: BTreeMap::new(),
            show: Vec::new(),
            volumes: Vec::new(),
            work: None,
            resources: Resources::default(),
            deadline: None,
            grace: Duration::from_secs(5),
        }
    }

    /// Refuses what could never start.
    pub fn check(&self) -> Result<(), Error> {
        let nul = |s: &String| s.contains('\0');
        if self.command.first().is_none_or(String::is_empty) {
            return Err(Error::Invalid("the command is empty".into()));
        }
        if self.command.iter().any(nul) || self.env.values().any(nul) {
            return Err(Error::Invalid("command and environment must not contain NUL".into()));
        }
        if let Some(name) = self.env.keys().find(|k| k.is_empty() || k.contains(['=', '\0'])) {
            return Err(Error::Invalid(format!("{name:?} is no name of an environment variable")));
        }
        match self.files.keys().find(|n| n.is_empty() || n.starts_with('.') || n.contains(['/', '\0'])) {
            Some(name) => Err(Error::Invalid(format!("{name:?} is no plain file name"))),
            None => Ok(()),
        }
    }
}

/// A wish to end a unit, kept in its folder so that it is carried out even if the server dies right after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopRequest {
    /// In words, as it will stand in the log and in [`Cause::Stopped`].
    pub reason: String,
    /// Time between SIGTERM and SIGKILL.
    #[serde(with = "crate::wire::millis", rename = "grace_ms")]
    pub grace: Duration,
}

/// How far the program says it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// From 0 to 1.
    pub fraction: f64,
    /// What it is doing.
    #[serde(default)]
    pub message: String,
}

/// What the unit has used so far, all of its processes together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Milliseconds of processor time, user and system.
    pub cpu_ms: u64,
    /// Peak memory in KiB: of the cgroup where there is one, else of the largest process.
    pub max_rss_kb: u64,
    /// Bytes in the working folder when last looked at.
    pub storage_bytes: u64,
}

/// Why a unit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Cause {
    /// By itself; code or signal say how.
    Exited,
    /// Somebody asked for it.
    Stopped {
        /// The reason of the [`StopRequest`].
        reason: String,
    },
    /// The deadline passed.
    Deadline,
    /// It used more memory than allowed.
    Memory,
    /// It wrote more than allowed.
    Storage,
    /// It may have run, but nobody saw how it ended.
    Lost {
        /// What is known.
        why: String,
    },
    /// It never ran.
    NotStarted {
        /// What hindered it.
        why: String,
    },
}

/// What the log holds when it is complete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogSummary {
    /// Lines, which is also the last sequence number.
    pub lines: u64,
    /// Bytes of the log file.
    pub bytes: u64,
    /// Lower-case hex digest of the log file; none when the shim did not live to finish it.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Bytes of output that could not be written because the disk stayed full; 0 is the promise kept.
    #[serde(default)]
    pub lost_bytes: u64,
}

/// How a unit ended; written once, after its log is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Exit code, when the program returned one.
    pub code: Option<i32>,
    /// Signal that ended the program. Under a sandbox both are set: 128 + signal is all that the sandbox tells.
    pub signal: Option<i32>,
    /// Why.
    pub cause: Cause,
    /// Milliseconds UTC; none when it never ran.
    pub started_at: Option<i64>,
    /// Milliseconds UTC.
    pub ended_at: i64,
    /// What it used.
    pub usage: Usage,
    /// What it said.
    pub log: LogSummary,
}

impl Exit {
    /// True when the program ended by itself with code 0.
    pub fn success(&self) -> bool {
        self.cause == Cause::Exited && self.code == Some(0)
    }

    /// The end of something that left no trace of a run.
    pub fn without_run(cause: Cause, ended_at: i64) -> Self {
        Exit {
            code: None,
            signal: None,
            cause,
            started_at: None,
            ended_at,
            usage: Usage::default(),
            log: LogSummary::default(),
        }
    }
}

/// Where a unit is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Accepted, but nothing attends to it: the server died in between. Starting it again goes on.
    Pending,
    /// Accepted, its program not yet running.
    Starting,
    /// Its program runs.
    Running {
        /// Process id of the program.
        pid: u32,
        /// Milliseconds UTC.
        since: i64,
    },
    /// Over.
    Ended(Exit),
}

/// What a backend sees of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Its name.
    pub id: UnitId,
    /// The labels of its spec.
    pub labels: BTreeMap<String, String>,
    /// When the backend accepted it, milliseconds UTC.
    pub created_at: i64,
    /// Where it is.
    pub phase: Phase,
    /// The stop that was asked for, if any.
    pub stopping: Option<StopRequest>,
    /// What the program last said about itself.
    pub progress: Option<Progress>,
    /// What it has used so far.
    pub usage: Usage,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_safe_file_names() {
        assert!("unit_01J-a_b".parse::<UnitId>().is_ok());
        for bad in ["unit_", "unit_../x", "x", "unit_a/b", "unit_a.b", "unit_\u{e4}", ""] {
            assert!(bad.parse::<UnitId>().is_err(), "{bad}");
        }
        assert!(format!("unit_{}", "a".repeat(60)).parse::<UnitId>().is_err());
    }

    #[test]
    fn specs_survive_json_and_bad_ones_are_refused() {
        let mut spec = UnitSpec::new("unit_a".parse().unwrap(), ["true"]);
        spec.files.insert("key".into(), vec![0, 255, 10]);
        spec.deadline = Some(Duration::from_millis(1500));
        let text = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<UnitSpec>(&text).unwrap(), spec);
        spec.check().unwrap();
        spec.files.insert("../x".into(), vec![]);
        assert_eq!(spec.check().unwrap_err().kind(), crate::ErrorKind::Invalid);
        assert!(UnitSpec::new("unit_a".parse().unwrap(), Vec::<String>::new()).check().is_err());
    }
}
