//! Looks for text in a log.

use std::io;

use super::{Cursor, Limit, LogLine, Reader, Stream};

/// Bytes of found lines above which a search pauses.
const HITS: usize = 4 << 20;

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Text that the line contains, case-sensitive; empty matches every line.
    pub text: String,
    /// Only this stream.
    pub stream: Option<Stream>,
    /// Only lines after this one.
    pub after: u64,
    /// Lines to find at most; 0 means 1,000. Fewer are given when they are very long.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct SearchHits {
    /// The lines, in order.
    pub lines: Vec<LogLine>,
    /// The last line that was looked at; search on after it.
    pub last_seq: u64,
    /// True when the log was read to its present end.
    pub exhausted: bool,
}

impl Reader {
    /// Finds lines.
    pub async fn search(&self, search: &Search) -> io::Result<SearchHits> {
        let limit = if search.limit == 0 { 1000 } else { search.limit };
        let mut hits = SearchHits { lines: Vec::new(), last_seq: search.after, exhausted: false };
        let mut bytes = 0;
        let mut cursor: Cursor = self.seek(search.after).await?;
        loop {
            let batch = self.read_from(cursor, Limit { lines: usize::MAX, bytes: 1 << 20 }).await?;
            if batch.is_empty() {
                hits.exhausted = true;
                return Ok(hits);
            }
            for line in batch.lines() {
                hits.last_seq += 1;
                if let Some(found) = matching(line, search)? {
                    hits.lines.push(found);
                    bytes += line.len();
                    if hits.lines.len() == limit || bytes > HITS {
                        return Ok(hits);
                    }
                }
            }
            cursor = batch.next;
        }
    }
}

/// Plain text is looked for in the JSON first, because most lines do not match and need no parsing then.
fn matching(line: &[u8], search: &Search) -> serde_json::Result<Option<LogLine>> {
    let plain = search.text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\');
    if plain && memchr::memmem::find(line, search.text.as_bytes()).is_none() {
        return Ok(None);
    }
    let parsed: LogLine = serde_json::from_slice(line)?;
    let fits = parsed.line.contains(&search.text) && search.stream.is_none_or(|s| s == parsed.stream);
    Ok(fits.then_some(parsed))
}
