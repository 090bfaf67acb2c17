//! Castalia's judge, the very one that the server uses, in virtual time.

use std::time::Duration;

use castalia_compute::health::{
    Action, Event, HealthCheck, Judge, Outcome, Rules, Seconds, StartPeriods, State, Trouble,
};

use crate::boot::{Boot, Fate, Service};
use crate::classic::{Generation, check};
use crate::draw::Draw;
use crate::verdict::Verdict;

/// How late an exit or a dependency's readiness is told, at most.
const NOTICE: f64 = 0.05;

/// The definition: the same numbers as after the tuning, and what the service depends on.
pub(crate) fn rules(service: Service, learnt: &StartPeriods) -> Rules {
    let numbers = check(Generation::After, service);
    let definition = HealthCheck {
        interval: Seconds(Duration::from_secs_f64(numbers.interval)),
        timeout: Seconds(Duration::from_secs_f64(numbers.timeout)),
        start_period: Seconds(Duration::from_secs_f64(numbers.start_period)),
        ..HealthCheck::default()
    };
    let mut dependencies = vec!["storage".to_owned()];
    dependencies.extend((service == Service::Chat).then(|| "data-agent".to_owned()));
    Rules::new(&definition, learnt.start_period(definition.start_period.0), dependencies)
}

struct World<'a> {
    boot: &'a Boot,
    draw: &'a mut Draw,
    judge: Judge,
    limit: Duration,
    /// What will happen, by when.
    coming: Vec<(Duration, Event)>,
    verdict: Verdict,
}

/// Judges one boot; what was learnt is used and added to. `inside`: mounting is part of the program's start.
pub(crate) fn judge(boot: &Boot, learnt: &mut StartPeriods, inside: bool, draw: &mut Draw) -> Verdict {
    let rules = rules(boot.service, learnt);
    let healthy = |name: &str| Event::Dependency { name: name.into(), state: State::Healthy };
    let mut coming = vec![(Duration::ZERO, Event::Started)];
    let mut notice = || Duration::from_secs_f64(draw.between(0.0, NOTICE));
    let mounted = if inside { Duration::ZERO } else { boot.mounted };
    coming.push((mounted + notice(), healthy("storage")));
    coming.extend(boot.agent.map(|at| (at + notice() * 5, healthy("data-agent"))));
    if let Fate::Crash(at) = boot.fate {
        coming.push((at + notice(), Event::Exited("exited with code 1".into())));
    }
    let limit = rules.timeout;
    let judge = Judge::new(rules);
    let mut world = World { boot, draw, judge, limit, coming, verdict: Verdict::default() };
    world.run();
    let begun = world.judge.begun_at();
    if let (Some(ready), Some(begun)) = (world.judge.ready_at(), begun) {
        learnt.record(ready.saturating_sub(begun));
    }
    world.verdict
}

impl World<'_> {
    fn run(&mut self) {
        loop {
            let next =
                self.coming.iter().enumerate().min_by_key(|(_, (at, _))| *at).map(|(i, (at, _))| (*at, i));
            let wake = self.judge.wake();
            let (at, event) = match (next, wake) {
                (Some((at, i)), wake) if wake.is_none_or(|wake| at <= wake) => {
                    (at, self.coming.swap_remove(i).1)
                }
                (_, Some(wake)) => (wake, Event::Clock),
                (Some((at, i)), None) => (at, self.coming.swap_remove(i).1),
                (None, None) => return,
            };
            // Whoever is held up hears of it later.
            let at = match self.boot.pause {
                Some((from, to)) if (from..to).contains(&at) => to,
                _ => at,
            };
            if at >= self.boot.end() {
                return;
            }
            self.handle(at, event);
            if self.verdict.stopped.is_some() || self.verdict.unhealthy.is_some() {
                return;
            }
        }
    }

    fn handle(&mut self, now: Duration, event: Event) {
        for action in self.judge.handle(now, event) {
            match action {
                Action::Try { number, limit } => {
                    let (took, outcome) = self.boot.answer(now, self.draw);
                    let late = took > self.limit.min(limit);
                    let outcome =
                        if late { Outcome::failed(Trouble::TimedOut, "no answer") } else { outcome };
                    self.coming.push((now + took.min(limit), Event::Tried { number, outcome }));
                    self.verdict.tries += 1;
                }
                Action::Tell(change) => match change.to {
                    State::Healthy => _ = self.verdict.ready.get_or_insert(change.at),
                    State::Degraded => self.verdict.degraded += u32::from(change.from != change.to),
                    State::Unhealthy => _ = self.verdict.unhealthy.get_or_insert(change.at),
                    State::Stopped => _ = self.verdict.stopped.get_or_insert(change.at),
                    State::Starting => {}
                },
            }
        }
    }
}
