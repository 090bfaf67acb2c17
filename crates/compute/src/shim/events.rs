//! What the program says about itself on the events pipe: one JSON object a line.

use serde::Deserialize;

use crate::Progress;

/// A line longer than this is no event.
const LONGEST: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Event {
    Progress {
        fraction: f64,
        #[serde(default)]
        message: String,
    },
}

/// Collects lines and keeps the latest progress.
#[derive(Default)]
pub(super) struct Events {
    pending: Vec<u8>,
    latest: Option<Progress>,
    /// True once a line was not understood; said in the log only once.
    misunderstood: bool,
}

impl Events {
    /// Takes bytes; true when this is the first time that something was not understood.
    pub(super) fn feed(&mut self, data: &[u8]) -> bool {
        let before = self.misunderstood;
        self.pending.extend_from_slice(data);
        let all = std::mem::take(&mut self.pending);
        let mut start = 0;
        for newline in memchr::memchr_iter(b'\n', &all) {
            self.line(&all[start..newline]);
            start = newline + 1;
        }
        self.pending.extend_from_slice(&all[start..]);
        if self.pending.len() > LONGEST {
            self.pending.clear();
            self.misunderstood = true;
        }
        self.misunderstood && !before
    }

    fn line(&mut self, line: &[u8]) {
        match serde_json::from_slice(line) {
            Ok(Event::Progress { fraction, message }) if fraction.is_finite() => {
                self.latest = Some(Progress { fraction: fraction.clamp(0.0, 1.0), message });
            }
            _ => self.misunderstood = true,
        }
    }

    /// The latest progress that has not been taken yet.
    pub(super) fn take(&mut self) -> Option<Progress> {
        self.latest.take()
    }

    /// True when there is progress to take.
    pub(super) fn waiting(&self) -> bool {
        self.latest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_progress_wins_and_nonsense_is_told_once() {
        let mut events = Events::default();
        assert!(!events.feed(b"{\"type\":\"progress\",\"fraction\":0.1}\n{\"type\":\"progress\",\"fra"));
        assert!(!events.feed(b"ction\":7,\"message\":\"gridding\"}\n"));
        assert_eq!(events.take(), Some(Progress { fraction: 1.0, message: "gridding".into() }));
        assert!(events.feed(b"nonsense\n"));
        assert!(!events.feed(b"nonsense\n"));
        assert!(!events.waiting());
    }
}
