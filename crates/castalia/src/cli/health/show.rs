//! Draws what happens while it happens.

use castalia_compute::health::draw::{Live, Look, state_style};
use castalia_compute::health::{News, Place, Probe, State, timing};
use console::Term;
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use super::bed::Bed;
use super::plan::Planned;
use crate::cli::failure::Failure;
use crate::cli::out::Out;
use crate::cli::style::Style;

pub(super) struct Show {
    out: Out,
    term: Term,
    live: Live,
    /// A line that may be drawn over stands on the terminal.
    drawn: bool,
    news: Vec<Receiver<News>>,
}

impl Show {
    pub(super) fn new(out: Out) -> Self {
        let live = Live::new(Look { colour: out.colour() });
        Show { out, term: Term::stdout(), live, drawn: false, news: Vec::new() }
    }

    fn silent(&self) -> bool {
        self.out.json || self.out.quiet
    }

    /// Says what is tried, and begins to listen.
    pub(super) fn begin(&mut self, plan: &[Planned], bed: &Bed) -> Result<(), Failure> {
        self.news = bed.services().map(|(_, monitor)| monitor.news()).collect();
        let (Some(planned), Some(placed), Some(monitor)) = (plan.last(), bed.placed(), bed.target()) else {
            return Ok(());
        };
        if self.silent() {
            return Ok(());
        }
        let check = &planned.service.health_check;
        let asks = Probe::of(check, &Place::local(placed.port)).words();
        self.out.line(format!(
            "{}  {asks}\n           every {}, at most {} each; {} to start; unhealthy after {} without a good answer",
            self.out.paint(Style::Bold, &planned.name),
            check.interval,
            check.timeout,
            check.start_period,
            castalia_compute::health::Seconds(timing::retry_window(check)),
        ))?;
        // What was said before we listened.
        for turn in monitor.chronicle().turns {
            self.lines(self.live.clone().take(&News::Turned(turn)))?;
        }
        Ok(())
    }

    /// Draws until it is dropped.
    pub(super) async fn follow(&mut self, bed: &Bed) -> Result<(), Failure> {
        let mut watch = bed.target().map(|monitor| monitor.news());
        loop {
            self.drain(bed)?;
            // Any news of the service, or a moment: what the others say has time.
            let any = async {
                match &mut watch {
                    Some(news) => _ = news.recv().await,
                    None => std::future::pending().await,
                }
            };
            let _ = tokio::time::timeout(std::time::Duration::from_millis(100), any).await;
        }
    }

    /// Draws what is known and not drawn yet.
    pub(super) fn drain(&mut self, bed: &Bed) -> Result<(), Failure> {
        let names: Vec<&str> = bed.services().map(|(placed, _)| placed.name.as_str()).collect();
        let mut told = Vec::new();
        for (i, news) in self.news.iter_mut().enumerate() {
            loop {
                match news.try_recv() {
                    Ok(one) => told.push((i, one)),
                    Err(TryRecvError::Lagged(_)) => {}
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
        }
        told.sort_by_key(|(_, news)| match news {
            News::Tried(attempt) => attempt.time + i64::try_from(attempt.took_us / 1000).unwrap_or(0),
            News::Turned(turn) => turn.time,
        });
        for (i, news) in &told {
            let last = i + 1 == names.len();
            let lines = if last { self.live.take(news) } else { self.of_dependency(names[*i], news) };
            self.lines(lines)?;
        }
        if told.is_empty() { Ok(()) } else { self.pending() }
    }

    /// Of a dependency only the states are told.
    fn of_dependency(&self, name: &str, news: &News) -> Vec<String> {
        let News::Turned(turn) = news else { return Vec::new() };
        if turn.state == State::Starting {
            return Vec::new();
        }
        let state = state_style(turn.state).force_styling(self.out.colour()).apply_to(turn.state);
        vec![format!("{:>10}  {name} is {state}: {}", "", crate::cli::style::clean(&turn.reason))]
    }

    /// The line that may still change.
    fn pending(&mut self) -> Result<(), Failure> {
        let pending = self.live.pending().filter(|_| self.out.terminal && !self.silent());
        self.clear()?;
        if let Some(line) = pending {
            let width = usize::from(self.term.size().1).max(20);
            self.out.line(console::truncate_str(&line, width - 1, "…"))?;
            self.drawn = true;
        }
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Failure> {
        if std::mem::take(&mut self.drawn) {
            self.term.clear_last_lines(1)?;
        }
        Ok(())
    }

    fn lines(&mut self, lines: Vec<String>) -> Result<(), Failure> {
        if self.silent() || lines.is_empty() {
            return Ok(());
        }
        self.clear()?;
        lines.into_iter().try_for_each(|line| self.out.line(line))
    }

    /// The last line stays.
    pub(super) fn end(&mut self) -> Result<(), Failure> {
        let last = self.live.finish();
        self.lines(last.into_iter().collect())
    }
}
