//! The last lines that a service said, numbered.

use castalia_base::{Clock, Timestamp};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Lines that are kept.
const LINES: usize = 2_000;
/// Bytes that are kept.
const BYTES: usize = 512 * 1024;
/// A longer line is cut.
pub(crate) const LINE: usize = 8 * 1024;

/// Where a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// What was decided about the service.
    System,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    /// From 1, without gaps.
    pub(crate) seq: u64,
    /// When it was read.
    pub(crate) time: Timestamp,
    /// Where it came from.
    pub(crate) stream: Stream,
    /// The text, without control characters at its end.
    pub(crate) line: String,
}

/// The lines of one service.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<Line>,
    bytes: usize,
    seq: u64,
}

impl Log {
    pub(crate) fn push(&self, clock: &Clock, stream: Stream, text: String) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.seq += 1;
        kept.bytes += text.len();
        let line = Line { seq: kept.seq, time: clock.now(), stream, line: text };
        kept.lines.push_back(line);
        while kept.lines.len() > LINES || kept.bytes > BYTES {
            let Some(old) = kept.lines.pop_front() else { break };
            kept.bytes -= old.line.len();
        }
    }

    /// At most `limit` lines after number `after`.
    pub(crate) fn after(&self, after: u64, limit: usize) -> Vec<Line> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.lines.iter().filter(|line| line.seq > after).take(limit).cloned().collect()
    }

    /// The last thing that the program said, its complaints first.
    pub(crate) fn last_words(&self, since: u64) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let said = |stream: Stream| {
            let mut lines = kept.lines.iter().rev().take_while(|l| l.seq > since);
            lines.find(|l| l.stream == stream && !l.line.trim().is_empty())
        };
        let line = said(Stream::Stderr).or_else(|| said(Stream::Stdout))?;
        Some(line.line.chars().filter(|c| !c.is_control()).take(300).collect())
    }

    /// The number of the last line.
    pub(crate) fn seq(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seq
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_lines_go_and_numbers_stay() {
        let (log, clock) = (Log::default(), Clock::fixed(Timestamp(0)));
        for n in 1..=2_500 {
            log.push(&clock, Stream::Stdout, format!("line {n}"));
        }
        let lines = log.after(0, 10);
        assert_eq!((lines.len(), lines[0].seq, lines[0].line.as_str()), (10, 501, "line 501"));
        assert_eq!(log.after(2_499, 10).len(), 1);
        log.push(&clock, Stream::Stderr, "x".repeat(BYTES));
        assert_eq!(log.after(0, 10_000).len(), 1);
        assert_eq!(log.last_words(0).map(|w| w.len()), Some(300));
        assert_eq!(log.last_words(log.seq()), None);
    }
}
