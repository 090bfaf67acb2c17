//! What a process is: its name, its versions, their states.

use castalia_base::{Credits, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where a version is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for admission.
    Queued,
    /// Admitted; its program is being started.
    Starting,
    /// Its program runs.
    Running,
    /// Its program ended by itself with exit code 0.
    Completed,
    /// It ended in any other way; the reason says how.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

impl State {
    /// Whether nothing can happen to it any more.
    pub fn is_terminal(self) -> bool {
        matches!(self, State::Completed | State::Failed | State::Cancelled)
    }
    /// As stored and as on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Starting => "starting",
            State::Running => "running",
            State::Completed => "completed",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for State {
    type Err = castalia_base::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [
            State::Queued,
            State::Starting,
            State::Running,
            State::Completed,
            State::Failed,
            State::Cancelled,
        ];
        all.into_iter().find(|s| s.as_str() == text).ok_or_else(|| {
            castalia_base::Error::invalid(
                "invalid_state",
                format!(
                    "`{text}` is not a state; use queued, starting, running, completed, failed or cancelled"
                ),
            )
        })
    }
}

/// What a version may use. Absent fields take the type's defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourcesRequest {
    /// Processors, in thousandths (1000 = one core).
    pub cpu_millis: Option<u32>,
    /// Memory in MiB.
    pub memory_mb: Option<u64>,
    /// Disk in MiB: working folder and outputs, each.
    pub storage_mb: Option<u64>,
    /// GPUs.
    pub gpu: Option<u32>,
    /// Wall-clock limit in seconds; the hold on the project's credit is for this long.
    pub deadline_s: Option<u64>,
}

/// What a version may use, all decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resources {
    /// Processors, in thousandths.
    pub cpu_millis: u32,
    /// Memory in MiB.
    pub memory_mb: u64,
    /// Disk in MiB: working folder and outputs, each.
    pub storage_mb: u64,
    /// GPUs.
    pub gpu: u32,
    /// Wall-clock limit in seconds.
    pub deadline_s: u64,
}

impl Default for Resources {
    fn default() -> Self {
        Self { cpu_millis: 1000, memory_mb: 1024, storage_mb: 1024, gpu: 0, deadline_s: 3600 }
    }
}

impl Resources {
    /// These with what `request` names instead.
    #[must_use]
    pub fn with(self, request: &ResourcesRequest) -> Self {
        Self {
            cpu_millis: request.cpu_millis.unwrap_or(self.cpu_millis),
            memory_mb: request.memory_mb.unwrap_or(self.memory_mb),
            storage_mb: request.storage_mb.unwrap_or(self.storage_mb),
            gpu: request.gpu.unwrap_or(self.gpu),
            deadline_s: request.deadline_s.unwrap_or(self.deadline_s),
        }
    }
}

/// How far a running version says it is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Progress {
    /// From 0 to 1.
    pub fraction: f64,
    /// What it is doing.
    pub message: String,
}

/// How the program ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExitView {
    /// Exit code, when the program returned one.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Processor time used, in milliseconds.
    pub cpu_ms: u64,
    /// Most memory used at once, in KiB.
    pub max_rss_kb: u64,
}

/// A reference that the parameters hold, as it was when the version was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// JSON Pointer of the parameter.
    pub path: String,
    /// `upload:NAME` or `dataset:ID`.
    pub reference: String,
    /// The data's name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content, lower-case hex.
    pub sha256: String,
    /// The process that made it.
    pub process: Option<String>,
    /// The version of that process.
    pub version: Option<i64>,
    /// Where it lies in the project's bucket.
    pub key: String,
    /// The id of the upload or dataset.
    pub id: String,
    /// Units as its maker gave them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<Value>,
    /// Shape as its maker gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Value>,
}

/// An output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// `ds_…`; use it as `dataset:ID`.
    pub id: String,
    /// The name under which the process wrote it.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// One parameter snapshot and its run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VersionView {
    /// The process.
    pub process: String,
    /// From 1.
    pub version: i64,
    /// Where it is in its life.
    pub state: State,
    /// Why it failed or was cancelled, or what it waits for, in words.
    pub reason: Option<String>,
    /// A stable word for the reason: `exit_code`, `signal`, `deadline`, `memory`, `storage`, `lost`,
    /// `not_started`, `cancelled`.
    pub reason_code: Option<String>,
    /// Whether it has been asked to stop.
    pub stopping: bool,
    /// Version of the process type that it was made for.
    pub type_version: String,
    /// The snapshot, defaults filled in.
    pub parameters: Value,
    /// The data that the parameters refer to.
    pub inputs: Vec<Input>,
    /// What it may use.
    pub resources: Resources,
    /// Higher goes first.
    pub priority: i32,
    /// Place in the queue from 1, while queued.
    pub queue_position: Option<i64>,
    /// How far it says it is.
    pub progress: Option<Progress>,
    /// Credit held for it, in micro-credits.
    pub held: Credits,
    /// What it cost, in micro-credits; 0 until it ended.
    pub cost: Credits,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its program started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How its program ended.
    pub exit: Option<ExitView>,
    /// Lines in its log, once sealed.
    pub log_lines: Option<i64>,
    /// The version (`PROCESS/N`) whose result was taken over instead of running again.
    pub reused_from: Option<String>,
    /// What it wrote.
    pub outputs: Vec<Output>,
}

/// A named piece of work. State, cost and outputs are those of its newest version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProcessView {
    /// `proc_…`
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The project's name.
    pub project: String,
    /// The project's id.
    pub project_id: String,
    /// The process type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The environment that the type belongs to.
    pub environment: String,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Number of the newest version.
    pub version: i64,
    /// State of the newest version.
    pub state: State,
    /// Reason of the newest version.
    pub reason: Option<String>,
    /// Cost of the newest version, in micro-credits.
    pub cost: Credits,
    /// Outputs of the newest version.
    pub outputs: Vec<Output>,
    /// All versions, oldest first; only the newest one in lists.
    pub versions: Vec<VersionView>,
}
