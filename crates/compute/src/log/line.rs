//! One entry of a log, parsed.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// The program's standard output.
    Stdout,
    /// The program's standard error.
    Stderr,
    /// What the shim decided or noticed.
    System,
    /// What the program said about how far it is.
    Progress,
}

impl Stream {
    /// The name in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
            Stream::System => "system",
            Stream::Progress => "progress",
        }
    }
}

/// One entry of a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// From 1, without gaps.
    pub seq: u64,
    /// Milliseconds UTC at which the shim read it.
    pub time: i64,
    /// Where it came from.
    pub stream: Stream,
    /// The text without its newline.
    pub line: String,
    /// Base64 of the exact bytes, if these are not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// True when the line goes on in the next entry of its stream.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// True when the stream ended without a newline.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// On stream progress: from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fraction: Option<f64>,
}

impl LogLine {
    /// The bytes that the program wrote, newline included where there was one.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = match &self.raw {
            Some(raw) => STANDARD.decode(raw).unwrap_or_default(),
            None => self.line.clone().into_bytes(),
        };
        if !self.more && !self.open {
            bytes.push(b'\n');
        }
        bytes
    }
}
