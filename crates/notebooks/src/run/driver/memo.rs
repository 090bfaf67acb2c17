//! What of a run is in the driver's head alone. It is kept beside the journal's position, in the same transaction, so
//! that the next driver goes on from there: an answer that came before the kernel was idle, a question nobody has answered
//! yet, outputs that are to go as soon as others come.

use super::{Current, Driver};
use serde::{Deserialize, Serialize};

/// How far the current run is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Stage {
    /// What the kernel answered: `ok`, `error`, `aborted`, or another word.
    pub(super) reply: Option<String>,
    pub(super) idle: bool,
    pub(super) question: Option<Question>,
    pub(super) interrupted: bool,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Question {
    /// The id of its answer, of which the keeper takes one.
    pub(super) answer: String,
    pub(super) prompt: String,
    /// Whether the answer is secret.
    pub(super) password: bool,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memo {
    run: Option<String>,
    stage: Stage,
    /// Cells whose outputs go when the next comes.
    pub(super) clear: Vec<String>,
}

impl Memo {
    pub(super) fn read(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// How far that run was.
    pub(super) fn stage_of(&self, run: &str) -> Stage {
        self.run.as_deref().filter(|r| *r == run).map(|_| self.stage.clone()).unwrap_or_default()
    }
}

impl Driver {
    /// The memo as it should be kept; none when there is nothing to remember.
    pub(super) fn memo(&self) -> Option<String> {
        let memo = Memo {
            run: self.current.as_ref().map(|c| c.run.id.clone()),
            stage: self.current.as_ref().map(|c| c.stage.clone()).unwrap_or_default(),
            clear: self.sheets.to_clear(),
        };
        let nothing = memo.stage == Stage::default() && memo.clear.is_empty();
        (!nothing).then(|| serde_json::to_string(&memo).ok()).flatten()
    }

    pub(super) fn stage(&mut self) -> Option<&mut Stage> {
        self.current.as_mut().map(|c: &mut Current| &mut c.stage)
    }
}
