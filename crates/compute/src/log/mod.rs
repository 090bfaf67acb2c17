//! The log of a unit: one JSON object a line, numbered from 1 without gaps, from which every stream can be
//! reconstructed byte for byte.
//!
//! `{"seq":1,"time":1764000000123,"stream":"stdout","line":"text"}`, and where needed
//! * `"raw"`: base64 of the exact bytes when they are not UTF-8 (`line` is then the lossy reading);
//! * `"more":true`: the line goes on in the next entry of its stream (longer than [`MAX_LINE`], or shown before its
//!   newline came);
//! * `"open":true`: the stream ended here without a newline;
//! * `"fraction"`: on stream `progress`.
//!
//! `log.idx` holds the offset of lines 1, 257, 513, … as 8-byte little-endian numbers. A last line that lacks its
//! newline was torn by a crash and is not part of the log.

mod follow;
mod line;
mod reader;
mod search;
mod source;
mod splitter;
mod writer;

pub(crate) use follow::FollowHub;
pub use follow::LogStream;
pub use line::{LogLine, Stream};
pub use reader::{Cursor, Limit, LogBatch, Reader};
pub use search::{Search, SearchHits};
pub use source::{FileSource, LogSource};
pub(crate) use splitter::Splitter;
pub(crate) use writer::{LineEnd, LogWriter, summarise};

/// Bytes of a line above which it is split into several entries.
pub const MAX_LINE: usize = 64 * 1024;

/// Every how many lines the index has an entry.
pub const INDEX_STEP: u64 = 256;
