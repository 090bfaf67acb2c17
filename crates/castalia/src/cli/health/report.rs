//! What was measured, and what follows from it.

use std::time::Duration;

use castalia_compute::health::draw::{Look, state_style, strip};
use castalia_compute::health::{Chronicle, Mark, Seconds, State, Status, timing};
use serde::Serialize;

use super::bed::{Bed, Stopped};
use super::plan::Planned;
use crate::cli::failure::Failure;
use crate::cli::out::Out;

/// Characters of the timeline on one line.
const WIDTH: usize = 72;

/// The result of a test, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) name: String,
    pub(super) state: State,
    pub(super) reason: String,
    port: u16,
    /// From the start of the program, or from the moment when its dependencies were healthy.
    ready_after_ms: Option<u64>,
    tries: u64,
    passed: usize,
    /// How long good answers took, in the median and at most.
    answer_us: Option<[u64; 2]>,
    /// From asking it to end to its end; none when it had ended before.
    stopped_after_ms: Option<u64>,
    /// It had to be killed.
    killed: bool,
    advice: Vec<String>,
    chronicle: Chronicle,
}

impl Report {
    /// Puts together what is known. The verdict is that of the moment before the service was asked to end.
    pub(super) fn of(plan: &[Planned], bed: &Bed, verdict: Status, stopped: &Stopped) -> Self {
        let chronicle = bed.target().map(|monitor| monitor.chronicle()).unwrap_or_default();
        let mut answers: Vec<u64> = chronicle
            .attempts
            .iter()
            .filter(|a| matches!(a.mark, Mark::Passed | Mark::Strained))
            .map(|a| a.took_us)
            .collect();
        answers.sort_unstable();
        let middle = answers.get(answers.len() / 2).copied();
        let mut report = Report {
            name: plan.last().map(|p| p.name.clone()).unwrap_or_default(),
            state: verdict.state,
            reason: verdict.reason,
            port: bed.placed().map_or(0, |p| p.port),
            ready_after_ms: verdict.ready_after_ms,
            tries: chronicle.attempts.len() as u64 + chronicle.dropped,
            passed: answers.len(),
            answer_us: middle.zip(answers.last().copied()).map(|(middle, most)| [middle, most]),
            stopped_after_ms: stopped.after.map(millis),
            killed: stopped.killed,
            advice: Vec::new(),
            chronicle,
        };
        report.advice = plan.last().map(|planned| report.advise(planned)).unwrap_or_default();
        report
    }

    fn advise(&self, planned: &Planned) -> Vec<String> {
        let check = &planned.service.health_check;
        let mut advice = timing::advice(check);
        if let Some(ready) = self.ready_after_ms.map(Duration::from_millis) {
            let wanted = timing::start_period_for(ready);
            if wanted > check.start_period.0 {
                advice.push(format!(
                    "it took {} to be ready: a start period of {} or more is safer than {}",
                    Seconds(ready),
                    Seconds(wanted),
                    check.start_period
                ));
            }
        }
        if let Some([_, most]) = self.answer_us {
            let most = Duration::from_micros(most);
            let wanted = timing::timeout_for(most);
            if most > Duration::from_millis(100) && wanted > check.timeout.0 {
                advice.push(format!(
                    "an answer took {}: a timeout of {} or more is safer than {}",
                    Seconds(most),
                    Seconds(wanted),
                    check.timeout
                ));
            }
        }
        if self.killed {
            advice.push("it did not end on SIGTERM and had to be killed".into());
        }
        advice
    }

    /// To stdout.
    pub(super) fn print(&self, out: Out) -> Result<(), Failure> {
        if out.json {
            return out.value(self);
        }
        let look = Look { colour: out.colour() };
        out.line(format!("\n{}", strip(&self.chronicle, WIDTH, look)))?;
        let end = Seconds(Duration::from_millis(self.chronicle.end_ms())).to_string();
        out.line(format!("0 s{end:>width$}", width = WIDTH - 3))?;
        let state = state_style(self.state).bold().force_styling(look.colour).apply_to(self.state);
        out.line(format!("{} is {state}: {}", self.name, crate::cli::style::clean(&self.reason)))?;
        for (name, value) in self.figures() {
            out.line(format!("  {name:<9} {value}"))?;
        }
        self.advice.iter().try_for_each(|advice| out.line(format!("  {:<9} {advice}", "advice")))
    }

    fn figures(&self) -> Vec<(&'static str, String)> {
        let mut figures = Vec::new();
        let time = |ms| Seconds(Duration::from_millis(ms)).to_string();
        figures.extend(self.ready_after_ms.map(|ms| ("ready", format!("after {}", time(ms)))));
        figures.push(("tries", format!("{}, {} of them with a good answer", self.tries, self.passed)));
        figures.extend(self.answer_us.map(|[middle, most]| {
            let ms = |us: u64| format!("{:.1} ms", us as f64 / 1000.0);
            ("answers", format!("{} in the median, {} at most", ms(middle), ms(most)))
        }));
        figures
            .extend(self.stopped_after_ms.map(|ms| ("ended", format!("{} after it was asked to", time(ms)))));
        figures
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
