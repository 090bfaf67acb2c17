//! What is said on a keeper's socket. A connection either attaches, and from then on only receives entries, or it
//! asks: each question has a tag, and the answer carries it.

use crate::entry::{Channel, Life};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something for the kernel. The id is the message's `msg_id`, so what the kernel says about it has it as `parent`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Unique for the life of the keeper: a second request of the same id is not sent again.
    pub id: String,
    /// Where to: shell, control or stdin.
    pub channel: Channel,
    /// Type of the message.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its content, an object.
    pub content: Value,
    /// Its metadata, an object.
    #[serde(default)]
    pub metadata: Value,
    /// Lengths of its binary buffers, which follow.
    #[serde(default)]
    pub buffers: Vec<u64>,
}

impl Request {
    /// A request on the shell channel, without buffers.
    pub fn shell(id: impl Into<String>, kind: &str, content: Value) -> Self {
        let metadata = Value::Object(serde_json::Map::new());
        let kind = kind.to_owned();
        Self { id: id.into(), channel: Channel::Shell, kind, content, metadata, buffers: Vec::new() }
    }

    /// Runs code. With `stdin`, `input()` asks; without, it fails.
    pub fn execute(id: impl Into<String>, code: &str, stdin: bool, stop_on_error: bool) -> Self {
        let content = serde_json::json!({
            "code": code, "silent": false, "store_history": true, "user_expressions": {},
            "allow_stdin": stdin, "stop_on_error": stop_on_error,
        });
        Self::shell(id, "execute_request", content)
    }

    /// The answer to an `input_request`.
    pub fn input(id: impl Into<String>, value: &str) -> Self {
        let content = serde_json::json!({"status": "ok", "value": value});
        Self { channel: Channel::Stdin, ..Self::shell(id, "input_reply", content) }
    }
}

/// A question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum Op {
    /// Send me what comes after this entry, and go on.
    Attach { since: u64 },
    /// Send this to the kernel, if that was not done yet.
    Request(Request),
    /// I have taken everything up to here.
    Ack { seq: u64 },
    /// A piece of a value that lies in a file.
    Read { spool: u64, offset: u64, length: u64 },
    /// Interrupt what runs.
    Interrupt { id: String },
    /// End the process and start another.
    Restart { id: String, reason: String },
    /// End the process, and then yourself.
    Shutdown { id: String, reason: String },
    /// How are you?
    Status,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) tag: u64,
    #[serde(flatten)]
    pub(crate) op: Op,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) tag: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Status>,
}

/// How a kernel is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Which start it is, from 1.
    pub incarnation: u32,
    /// Where it is in its life.
    pub life: Life,
    /// Why, in words.
    pub reason: String,
    /// The first entry that the journal still holds.
    pub first: u64,
    /// The last one; 0 when there is none.
    pub last: u64,
    /// Requests that were taken and not answered yet.
    pub outstanding: Vec<String>,
    /// `kernel_info_reply`, once it is ready.
    pub info: Value,
    /// Process id, as the keeper sees it.
    pub pid: Option<u32>,
}
