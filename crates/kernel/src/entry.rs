//! What the journal holds: one entry for each thing that a kernel said, or that happened to it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where an entry comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Replies to requests.
    Shell,
    /// Replies to what must not wait.
    Control,
    /// What the kernel publishes.
    Iopub,
    /// Questions to the person who runs.
    Stdin,
    /// The keeper itself: see [`State`] and [`kinds`].
    Keeper,
}

/// The types of the keeper's own entries.
pub mod kinds {
    /// The kernel's state changed; content is a [`super::State`].
    pub const STATE: &str = "state";
    /// `{beating: bool}`: the heartbeat fell silent, or came back.
    pub const HEART: &str = "heart";
    /// `{channel, error, bytes, head}`: a message that could not be read.
    pub const UNPARSABLE: &str = "unparsable";
    /// `{reason}`: the request of this entry's `parent` was not and will not be carried out.
    pub const REFUSED: &str = "refused";
}

/// Where a kernel is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Life {
    /// Its process is being started, or does not answer yet.
    Starting,
    /// It answers.
    Ready,
    /// It is being ended, to be started again.
    Restarting,
    /// Its process has ended, or could not be started; the keeper waits for a restart.
    Dead,
    /// It was shut down; the keeper ends.
    Ended,
}

/// A change of a kernel's life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Where it is now.
    pub life: Life,
    /// Why, in words.
    #[serde(default)]
    pub reason: String,
    /// Exit code, when its process returned one.
    #[serde(default)]
    pub code: Option<i32>,
    /// Signal that ended its process.
    #[serde(default)]
    pub signal: Option<i32>,
    /// Requests whose answer will never come.
    #[serde(default)]
    pub lost: Vec<String>,
    /// `kernel_info_reply`, when it became ready.
    #[serde(default)]
    pub info: Value,
}

/// A value that is too big for the journal and lies in a file of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Large {
    /// Where in the content it belongs (there is `null` now): keys, and indices as text.
    pub path: Vec<String>,
    /// Number of the file.
    pub spool: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// Line ends in it.
    pub lines: u64,
    /// Its beginning (at most 2 kB of UTF-8).
    pub head: String,
    /// Its end (at most 2 kB of UTF-8).
    pub tail: String,
    /// Whether it is JSON rather than text.
    #[serde(default)]
    pub json: bool,
    /// Whether there was no room for it: head and tail are all that there is.
    #[serde(default)]
    pub cut: bool,
}

/// A binary buffer of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buffer {
    /// Its length.
    pub bytes: u64,
    /// The file it lies in; none when it came along.
    #[serde(default)]
    pub spool: Option<u64>,
}

/// One entry. Content, metadata and text are the kernel's and may be anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When the keeper wrote it, milliseconds UTC.
    pub at: i64,
    /// Which start of the kernel it belongs to, from 1.
    pub incarnation: u32,
    /// Where it comes from.
    pub channel: Channel,
    /// The message's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Id of the request that it belongs to.
    #[serde(default)]
    pub parent: Option<String>,
    /// The message's content.
    #[serde(default)]
    pub content: Value,
    /// The message's metadata.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub metadata: Value,
    /// What of the content lies in files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub large: Vec<Large>,
    /// Its binary buffers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buffers: Vec<Buffer>,
    /// The buffers that came along, one after the other.
    #[serde(skip)]
    pub inline: Bytes,
}

impl Entry {
    /// A field of the content as text; empty when there is none.
    pub fn text(&self, key: &str) -> &str {
        self.content.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The change of life that this entry tells of.
    pub fn state(&self) -> Option<State> {
        let is = self.channel == Channel::Keeper && self.kind == kinds::STATE;
        is.then(|| serde_json::from_value(self.content.clone()).ok()).flatten()
    }

    /// The file of a part of the content.
    pub fn large_at(&self, path: &[&str]) -> Option<&Large> {
        self.large.iter().find(|l| l.path.iter().map(String::as_str).eq(path.iter().copied()))
    }
}
