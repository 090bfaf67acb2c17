//! Cuts a stream of bytes into log entries without losing or adding one.

use std::time::{Duration, Instant};

use super::{LineEnd, LogWriter, MAX_LINE, Stream};

/// How long a line without newline is held back: prompts and progress bars should be seen while they stand.
const PARTIAL_AFTER: Duration = Duration::from_millis(200);

/// The unfinished line of one stream.
pub(crate) struct Splitter {
    stream: Stream,
    pending: Vec<u8>,
    /// When the oldest byte of `pending` came.
    since: Option<Instant>,
    /// True when the last entry said that its line goes on.
    promised: bool,
}

impl Splitter {
    pub(crate) fn new(stream: Stream) -> Self {
        Splitter { stream, pending: Vec::new(), since: None, promised: false }
    }

    pub(crate) fn feed(&mut self, data: &[u8], time: i64, log: &mut LogWriter) {
        let mut start = 0;
        for newline in memchr::memchr_iter(b'\n', data) {
            let line = &data[start..newline];
            start = newline + 1;
            if self.pending.is_empty() && line.len() <= MAX_LINE {
                log.push(time, self.stream, line, LineEnd::Newline);
                self.promised = false;
            } else {
                self.pending.extend_from_slice(line);
                self.close(time, log, LineEnd::Newline);
            }
        }
        self.hold(&data[start..], time, log);
    }

    /// When the pending bytes want to be shown, newline or not.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.since.map(|t| t + PARTIAL_AFTER)
    }

    /// Shows the pending bytes if they have waited long enough; an unfinished character waits on.
    pub(crate) fn show_partial(&mut self, now: Instant, time: i64, log: &mut LogWriter) {
        if self.due().is_none_or(|due| now < due) {
            return;
        }
        let cut = whole_characters(&self.pending, self.pending.len());
        if cut > 0 {
            self.piece(cut, time, log);
        }
        self.since = None;
    }

    /// The stream has ended.
    pub(crate) fn finish(&mut self, time: i64, log: &mut LogWriter) {
        if !self.pending.is_empty() || self.promised {
            self.close(time, log, LineEnd::Open);
        }
    }

    fn hold(&mut self, rest: &[u8], time: i64, log: &mut LogWriter) {
        if rest.is_empty() {
            return;
        }
        self.pending.extend_from_slice(rest);
        self.since.get_or_insert_with(Instant::now);
        self.cut_long(time, log);
    }

    fn close(&mut self, time: i64, log: &mut LogWriter, end: LineEnd) {
        self.cut_long(time, log);
        log.push(time, self.stream, &self.pending, end);
        self.pending.clear();
        self.since = None;
        self.promised = false;
    }

    fn cut_long(&mut self, time: i64, log: &mut LogWriter) {
        while self.pending.len() > MAX_LINE {
            let cut = match whole_characters(&self.pending, MAX_LINE) {
                0 => MAX_LINE,
                n => n,
            };
            self.piece(cut, time, log);
        }
    }

    fn piece(&mut self, cut: usize, time: i64, log: &mut LogWriter) {
        log.push(time, self.stream, &self.pending[..cut], LineEnd::More);
        self.pending.drain(..cut);
        self.promised = true;
    }
}

/// The largest cut up to `limit` that does not tear a UTF-8 character; `limit` itself where the bytes are no UTF-8.
fn whole_characters(bytes: &[u8], limit: usize) -> usize {
    let back = bytes[..limit].iter().rev().take(4).position(|b| b & 0xC0 != 0x80);
    let Some(back) = back else { return limit };
    let lead = limit - 1 - back;
    let needed = match bytes[lead] {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    };
    if needed > limit - lead { lead } else { limit }
}
