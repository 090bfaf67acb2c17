//! The timeline of a service for a terminal.
//!
//! ```text
//!    0.00 s  ○ starting   is being started
//!    0.05 s  ✗ nothing listens on 127.0.0.1:8888 (27 tries until 1.26 s)
//!    1.31 s  ✓ 200 after 3 ms
//!    1.31 s  ● healthy    ready after 1.3 s
//! ```

use std::time::Duration;

use console::Style;

use super::monitor::News;
use super::state::State;
use super::timeline::{Attempt, Chronicle, Mark, Turn};
use super::values::in_words;

/// How a timeline is drawn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// With colours.
    pub colour: bool,
}

/// Draws a timeline as it grows. Tries that say the same are one line, which is final when something else comes.
#[derive(Debug, Clone, Default)]
pub struct Live {
    look: Look,
    run: Option<Run>,
}

/// Tries in a row that say the same.
#[derive(Debug, Clone)]
struct Run {
    first: Attempt,
    last: Attempt,
    count: u64,
}

impl Live {
    /// A timeline without lines.
    pub fn new(look: Look) -> Self {
        Live { look, run: None }
    }

    /// Takes what happened; the lines that are final now.
    pub fn take(&mut self, news: &News) -> Vec<String> {
        match news {
            News::Tried(attempt) => self.tried(attempt),
            News::Turned(turn) => {
                let mut lines: Vec<String> = self.finish().into_iter().collect();
                lines.push(self.look.turn(turn));
                lines
            }
        }
    }

    /// The line that may still change.
    pub fn pending(&self) -> Option<String> {
        self.run.as_ref().map(|run| self.look.run(run))
    }

    /// Ends the line that may still change.
    pub fn finish(&mut self) -> Option<String> {
        self.run.take().map(|run| self.look.run(&run))
    }

    fn tried(&mut self, attempt: &Attempt) -> Vec<String> {
        if let Some(run) = &mut self.run
            && (run.last.mark, run.last.reason.as_str()) == (attempt.mark, attempt.reason.as_str())
        {
            run.last = attempt.clone();
            run.count += 1;
            return Vec::new();
        }
        let before = self.finish();
        self.run = Some(Run { first: attempt.clone(), last: attempt.clone(), count: 1 });
        before.into_iter().collect()
    }
}

/// A whole timeline, oldest first, one line for each thing to tell.
pub fn lines(chronicle: &Chronicle, look: Look) -> Vec<String> {
    let mut news: Vec<(u64, News)> = Vec::new();
    // A try is told when it has ended, which is also when it changes something.
    news.extend(chronicle.attempts.iter().map(|a| (a.at_ms + a.took_us / 1000, News::Tried(a.clone()))));
    news.extend(chronicle.turns.iter().map(|t| (t.at_ms, News::Turned(t.clone()))));
    news.sort_by_key(|(at, news)| (*at, matches!(news, News::Turned(_))));
    let mut live = Live::new(look);
    let mut lines: Vec<String> = news.iter().flat_map(|(_, news)| live.take(news)).collect();
    lines.extend(live.finish());
    if chronicle.dropped > 0 {
        lines.insert(0, format!("{:>11}{} older tries are not kept", "", chronicle.dropped));
    }
    lines
}

/// The same on one line of `width` characters: what the tries of each slice of time told, the bad before the good.
/// Empty when there was no try.
pub fn strip(chronicle: &Chronicle, width: usize, look: Look) -> String {
    let end = chronicle.end_ms().max(1);
    if chronicle.attempts.is_empty() || width == 0 {
        return String::new();
    }
    let mut slices: Vec<Option<Mark>> = vec![None; width];
    for attempt in &chronicle.attempts {
        let at = usize::try_from(attempt.at_ms * (width as u64 - 1) / end).unwrap_or(0).min(width - 1);
        slices[at] = slices[at].max(Some(attempt.mark));
    }
    let glyph = |mark: &Option<Mark>| match mark {
        Some(mark) => look.paint(mark_style(*mark), mark_glyph(*mark)),
        None => look.paint(Style::new().dim(), "·"),
    };
    slices.iter().map(glyph).collect()
}

impl Look {
    fn paint(self, style: Style, text: &str) -> String {
        style.force_styling(self.colour).apply_to(text).to_string()
    }

    fn time(self, at_ms: u64) -> String {
        self.paint(Style::new().dim(), &format!("{:>8.2} s", at_ms as f64 / 1000.0))
    }

    fn turn(self, turn: &Turn) -> String {
        let glyph = if turn.state == State::Starting { "○" } else { "●" };
        let state =
            self.paint(state_style(turn.state).bold(), &format!("{glyph} {:<9}", turn.state.as_str()));
        format!("{}  {state}  {}", self.time(turn.at_ms), clean(&turn.reason))
    }

    fn run(self, run: &Run) -> String {
        let glyph = self.paint(mark_style(run.last.mark), mark_glyph(run.last.mark));
        let good = matches!(run.last.mark, Mark::Passed | Mark::Strained);
        let took = Duration::from_micros(run.last.took_us);
        let mut more = String::new();
        if good {
            more = format!(
                " after {}",
                if took.as_millis() == 0 { "less than 1 ms".into() } else { in_words(took) }
            );
        }
        if run.count > 1 {
            more += &format!(" ({} tries until {:.2} s)", run.count, run.last.at_ms as f64 / 1000.0);
        }
        let more = self.paint(Style::new().dim(), &more);
        format!("{}  {glyph} {}{more}", self.time(run.first.at_ms), clean(&run.last.reason))
    }
}

/// The colour of a state, for all who draw it.
pub fn state_style(state: State) -> Style {
    match state {
        State::Starting => Style::new().cyan(),
        State::Healthy => Style::new().green(),
        State::Degraded => Style::new().yellow(),
        State::Unhealthy => Style::new().red(),
        State::Stopped => Style::new().dim(),
    }
}

fn mark_style(mark: Mark) -> Style {
    match mark {
        Mark::Passed => Style::new().green(),
        Mark::Strained => Style::new().yellow(),
        Mark::Failed => Style::new().red(),
        Mark::Void => Style::new().dim(),
    }
}

fn mark_glyph(mark: Mark) -> &'static str {
    match mark {
        Mark::Passed => "✓",
        Mark::Strained => "!",
        Mark::Failed => "✗",
        Mark::Void => "?",
    }
}

/// What a service says must not move the cursor.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(number: u64, at_ms: u64, took_us: u64, mark: Mark, reason: &str) -> Attempt {
        Attempt { number, at_ms, time: 0, took_us, mark, reason: reason.into() }
    }

    fn chronicle() -> Chronicle {
        let turn = |at_ms, state, reason: &str| Turn { at_ms, time: 0, state, reason: reason.into() };
        let mut attempts: Vec<Attempt> = (0..20)
            .map(|i| attempt(i + 1, 10 + i * 50, 400, Mark::Failed, "nothing listens\x1b[2J"))
            .collect();
        attempts.push(attempt(21, 1010, 3_000, Mark::Passed, "200"));
        Chronicle {
            attempts,
            turns: vec![
                turn(0, State::Starting, "is being started"),
                turn(1013, State::Healthy, "ready after 1.0 s"),
                turn(2000, State::Stopped, "stopped: enough"),
            ],
            dropped: 0,
        }
    }

    #[test]
    fn tries_that_say_the_same_are_one_line() {
        let drawn = lines(&chronicle(), Look::default());
        assert_eq!(
            drawn,
            [
                "    0.00 s  ○ starting   is being started",
                "    0.01 s  ✗ nothing listens [2J (20 tries until 0.96 s)",
                "    1.01 s  ✓ 200 after 3 ms",
                "    1.01 s  ● healthy    ready after 1.0 s",
                "    2.00 s  ● stopped    stopped: enough",
            ]
        );
        let mut cut = chronicle();
        cut.dropped = 7;
        assert!(lines(&cut, Look::default())[0].contains("7 older tries are not kept"));
    }

    #[test]
    fn a_strip_shows_what_each_slice_told() {
        let mut chronicle = chronicle();
        chronicle.attempts.push(attempt(22, 1500, 3_000, Mark::Passed, "200"));
        assert_eq!(strip(&chronicle, 10, Look::default()), "✗✗✗✗✗·✓···");
        assert_eq!(strip(&Chronicle::default(), 10, Look::default()), "");
    }

    #[test]
    fn colours_are_there_when_asked_for() {
        assert!(lines(&chronicle(), Look { colour: true })[3].contains("\u{1b}[32m"));
        assert!(!lines(&chronicle(), Look::default()).join("").contains('\u{1b}'));
    }
}
