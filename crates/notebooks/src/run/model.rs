//! What a run is, and what is told of kernels.

use crate::model::Person;
use castalia_base::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a run of a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// It waits for the kernel.
    Queued,
    /// The kernel has it.
    Running,
    /// It ended well.
    Ok,
    /// It ended with an error.
    Error,
    /// It was taken off the queue.
    Aborted,
    /// Somebody interrupted it.
    Interrupted,
    /// The kernel ended before it.
    Lost,
}

impl RunState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Aborted => "aborted",
            Self::Interrupted => "interrupted",
            Self::Lost => "lost",
        }
    }
    pub(crate) fn parse(text: &str) -> Self {
        let all = [Self::Queued, Self::Running, Self::Ok, Self::Error, Self::Aborted, Self::Interrupted];
        all.into_iter().find(|s| s.as_str() == text).unwrap_or(Self::Lost)
    }
}

/// One run of one cell.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Run {
    /// `run_…`; also the kernel's name for the request.
    pub id: String,
    /// Id of the cell.
    pub cell: String,
    /// Who asked for it.
    pub by: Person,
    /// How it is.
    pub state: RunState,
    /// Whether what waits behind it is dropped when it fails.
    pub stop_on_error: bool,
    /// What its token may beside what the person may; everything when none.
    #[serde(skip)]
    pub(crate) scopes: Option<Vec<String>>,
    #[serde(skip)]
    pub(crate) kernel_run: Option<i64>,
    /// The life of the kernel that has it, or had it.
    pub incarnation: Option<i64>,
    /// Digest of the source that was run.
    pub source_sha256: Option<String>,
    /// When it was asked for.
    pub queued_at: Timestamp,
    /// When the kernel got it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// One cell.
    #[default]
    Cell,
    /// All code cells below a heading.
    Tissue,
    /// A cell and all behind it.
    From,
    /// All before a cell, and it.
    To,
    /// Every cell.
    All,
    /// A cell, and what the edges that people drew lead to.
    Graph,
    /// Whatever was run with another source or in another kernel, or failed.
    Stale,
}

/// A wish to run cells.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// What to run; one cell unless told.
    #[serde(default)]
    pub what: What,
    /// The cell it is about.
    #[serde(default)]
    pub cell: Option<String>,
    /// Whether the rest is dropped when one fails (it is unless told).
    #[serde(default = "yes")]
    pub stop_on_error: bool,
}

fn yes() -> bool {
    true
}

/// A kernel that could be started.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KernelspecView {
    /// By which it is asked for.
    pub name: String,
    /// What people read.
    pub display_name: String,
    /// Its language.
    pub language: String,
}

/// The kernel of a notebook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KernelView {
    /// As in the document: `none`, `starting`, `idle`, `busy`, `restarting`, `dead`.
    pub state: String,
    /// Name of its kernelspec.
    pub name: Option<String>,
    /// Counts its lives.
    pub incarnation: i64,
    /// Why it is as it is, when that is not plain.
    pub reason: Option<String>,
    /// Runs that wait, and the one that runs, in order.
    pub queue: Vec<Run>,
    /// Anything else that the kernel said of itself.
    pub info: Value,
}

/// A cell as the document has it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CellNow {
    /// Its id.
    pub id: String,
    /// `code`, `markdown` or `raw`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its source.
    pub source: String,
    /// The kernel's number for its run.
    pub execution_count: Option<i64>,
    /// `idle`, `queued`, `running` or `waiting` (for input).
    pub state: String,
    /// The newest run, as in the document: who, which source, which life of the kernel, and how it ended.
    pub run: Value,
    /// Its outputs as in files, with an `id` each; what is `stored` is got from `outputs/{id}`.
    pub outputs: Vec<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_survive_their_names() {
        for state in
            [RunState::Queued, RunState::Running, RunState::Ok, RunState::Interrupted, RunState::Lost]
        {
            assert_eq!(RunState::parse(state.as_str()), state);
        }
    }
}
