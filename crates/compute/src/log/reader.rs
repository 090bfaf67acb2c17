//! Reads a log by sequence number.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::{FileSource, INDEX_STEP, LogLine, LogSource, Stream};
use crate::folder::Folder;

/// Bytes read at once while looking for a line.
const CHUNK: usize = 256 * 1024;

/// A place between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Offset of the next line in the file.
    pub offset: u64,
    /// Sequence number of the line before it; 0 at the beginning.
    pub seq: u64,
}

/// How much to read at most; at least one line is given if there is one.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Lines.
    pub lines: usize,
    /// Bytes.
    pub bytes: usize,
}

impl Default for Limit {
    fn default() -> Self {
        Limit { lines: 10_000, bytes: CHUNK }
    }
}

/// Consecutive lines of a log, as they stand in the file. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LogBatch {
    /// The lines, each a JSON object and a newline.
    pub data: Bytes,
    /// Sequence number of the line before the first one.
    pub after: u64,
    /// Sequence number of the last line; equal to `after` when the batch is empty.
    pub last_seq: u64,
    /// True when the unit has ended and nothing follows.
    pub end: bool,
    /// Where to read on.
    pub next: Cursor,
}

impl LogBatch {
    /// The JSON text of each line, without its newline.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.data.split(|b| *b == b'\n').filter(|line| !line.is_empty())
    }

    /// The lines, parsed.
    pub fn parse(&self) -> Result<Vec<LogLine>, serde_json::Error> {
        self.lines().map(serde_json::from_slice).collect()
    }

    /// True when there are no lines in it.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// The lines after `seq` only.
    pub fn skip_to(mut self, seq: u64) -> Self {
        let skip = usize::try_from(seq.saturating_sub(self.after)).unwrap_or(usize::MAX);
        if skip > 0 {
            let cut = memchr::memchr_iter(b'\n', &self.data).nth(skip - 1).map_or(self.data.len(), |i| i + 1);
            self.data = self.data.slice(cut..);
            self.after = seq.min(self.last_seq);
        }
        self
    }
}

/// Reads one log.
#[derive(Clone)]
pub struct Reader {
    log: Arc<dyn LogSource>,
    index: Option<Arc<dyn LogSource>>,
    sealed: bool,
}

impl Reader {
    /// A reader of `log`. `sealed` says that the log is complete, so its end is the end.
    pub fn new(log: Arc<dyn LogSource>, index: Option<Arc<dyn LogSource>>, sealed: bool) -> Self {
        Reader { log, index, sealed }
    }

    /// A reader of a unit's folder; the order (exit first, then the log) makes `sealed` true only when it is.
    pub(crate) fn of_folder(folder: &Folder) -> io::Result<Self> {
        let sealed = folder.has("exit.json");
        let index = FileSource::open(&folder.log_index()).ok();
        let log: Arc<dyn LogSource> = match FileSource::open(&folder.log()) {
            Ok(file) => Arc::new(file),
            // Not started yet, or it never ran.
            Err(e) if e.kind() == io::ErrorKind::NotFound && folder.root().exists() => Arc::new(NoLog),
            Err(e) => return Err(e),
        };
        Ok(Reader::new(log, index.map(|i| Arc::new(i) as Arc<dyn LogSource>), sealed))
    }

    /// The lines after `after`.
    pub async fn read(&self, after: u64, limit: Limit) -> io::Result<LogBatch> {
        let cursor = self.seek(after).await?;
        self.read_from(cursor, limit).await
    }

    /// The lines from a place on; `next` of the result is the place after them.
    pub async fn read_from(&self, from: Cursor, limit: Limit) -> io::Result<LogBatch> {
        let mut window = limit.bytes.max(1);
        loop {
            let chunk = self.log.read_at(from.offset, window).await?;
            let at_end = chunk.len() < window;
            let (cut, lines) = whole_lines(&chunk, limit.lines.max(1));
            if cut == 0 && !at_end {
                window *= 2; // a line longer than the limit: it is given whole
                continue;
            }
            let next = Cursor { offset: from.offset + cut as u64, seq: from.seq + lines };
            return Ok(LogBatch {
                end: self.sealed && at_end && memchr::memchr(b'\n', &chunk[cut..]).is_none(),
                data: chunk.slice(..cut),
                after: from.seq,
                last_seq: next.seq,
                next,
            });
        }
    }

    /// The place after line `after`, or the end if there are fewer lines.
    pub async fn seek(&self, after: u64) -> io::Result<Cursor> {
        let mut cursor = self.nearest(after).await?;
        while cursor.seq < after {
            let lines = usize::try_from(after - cursor.seq).unwrap_or(usize::MAX);
            let batch = self.read_from(cursor, Limit { lines, bytes: CHUNK }).await?;
            if batch.is_empty() {
                break;
            }
            cursor = batch.next;
        }
        Ok(cursor)
    }

    async fn nearest(&self, after: u64) -> io::Result<Cursor> {
        let Some(index) = &self.index else {
            return Ok(Cursor::default());
        };
        let entries = index.size().await? / 8;
        if entries == 0 {
            return Ok(Cursor::default());
        }
        let entry = (after / INDEX_STEP).min(entries - 1);
        let bytes = index.read_at(entry * 8, 8).await?;
        match <[u8; 8]>::try_from(&bytes[..]) {
            Ok(raw) => Ok(Cursor { offset: u64::from_le_bytes(raw), seq: entry * INDEX_STEP }),
            Err(_) => Ok(Cursor::default()),
        }
    }

    /// Everything that the program wrote to one stream, byte for byte.
    pub async fn bytes(&self, stream: Stream) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        let mut cursor = Cursor::default();
        loop {
            let batch = self.read_from(cursor, Limit::default()).await?;
            for line in batch.parse()?.iter().filter(|line| line.stream == stream) {
                all.extend_from_slice(&line.bytes());
            }
            if batch.is_empty() {
                return Ok(all);
            }
            cursor = batch.next;
        }
    }
}

/// Offset after the last whole line, and how many lines that is.
fn whole_lines(chunk: &[u8], limit: usize) -> (usize, u64) {
    memchr::memchr_iter(b'\n', chunk).take(limit).fold((0, 0), |(_, n), at| (at + 1, n + 1))
}

/// The log of a unit that has said nothing yet.
struct NoLog;

#[async_trait::async_trait]
impl LogSource for NoLog {
    async fn size(&self) -> io::Result<u64> {
        Ok(0)
    }

    async fn read_at(&self, _: u64, _: usize) -> io::Result<Bytes> {
        Ok(Bytes::new())
    }
}
