use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn rules() -> Rules {
    Rules {
        interval: 15 * SECOND,
        timeout: 10 * SECOND,
        retries: 8,
        start_period: 45 * SECOND,
        dependencies: Vec::new(),
        costly: false,
    }
}

fn refused() -> Outcome {
    Outcome::failed(Trouble::Refused, "nothing listens on 127.0.0.1:8888")
}

fn passed() -> Outcome {
    Outcome::Passed { what: "200".into() }
}

/// A virtual world around a judge: what a try at a given time would tell, and after how long.
struct World<F> {
    judge: Judge,
    now: Duration,
    answer: F,
    flying: Vec<(Duration, u64, Outcome)>,
    changes: Vec<Change>,
    tries: Vec<Duration>,
}

impl<F: FnMut(Duration) -> (Duration, Outcome)> World<F> {
    fn new(rules: Rules, answer: F) -> Self {
        World {
            judge: Judge::new(rules),
            now: Duration::ZERO,
            answer,
            flying: vec![],
            changes: vec![],
            tries: vec![],
        }
    }

    fn started(rules: Rules, answer: F) -> Self {
        let mut world = World::new(rules, answer);
        world.event(Event::Started);
        world
    }

    fn event(&mut self, event: Event) {
        for action in self.judge.handle(self.now, event) {
            match action {
                Action::Tell(change) => self.changes.push(change),
                Action::Try { number, limit } => {
                    self.tries.push(self.now);
                    let (took, outcome) = (self.answer)(self.now);
                    let outcome = if took > limit {
                        Outcome::failed(Trouble::TimedOut, "no answer within the limit")
                    } else {
                        outcome
                    };
                    self.flying.push((self.now + took.min(limit), number, outcome));
                }
            }
        }
    }

    fn run_until(&mut self, end: Duration) {
        loop {
            let landing = self.flying.iter().enumerate().min_by_key(|(_, f)| f.0).map(|(i, f)| (f.0, i));
            let wake = self.judge.wake().map(|at| at.max(self.now));
            match (landing, wake) {
                (Some((at, i)), wake) if at <= end && wake.is_none_or(|w| at <= w) => {
                    self.now = self.now.max(at);
                    let (_, number, outcome) = self.flying.remove(i);
                    self.event(Event::Tried { number, outcome });
                }
                (_, Some(at)) if at <= end => {
                    self.now = at;
                    self.event(Event::Clock);
                }
                _ => break,
            }
        }
        self.now = end;
    }

    /// As [`World::run_until`], until the state is another one; the change.
    fn until(&mut self, state: State, limit: Duration) -> Change {
        let step = Duration::from_millis(10);
        while self.judge.state() != state {
            assert!(
                self.now < limit,
                "not {state} until {limit:?} but {}: {}",
                self.judge.state(),
                self.judge.reason()
            );
            self.run_until(self.now + step);
        }
        self.changes.iter().rev().find(|c| c.to == state).cloned().unwrap()
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn readiness_is_seen_within_three_tenths_of_a_second() {
    for ready in [0, 40, 300, 2_000, 12_345, 44_000, 60_000, 160_000] {
        let answer = move |now| (ms(2), if now >= ms(ready) { passed() } else { refused() });
        let mut world = World::started(rules(), answer);
        let change = world.until(State::Healthy, 170 * SECOND);
        assert!(change.at - ms(ready) <= ms(300), "ready at {ready}: {change:?}");
        assert_eq!(change.from, State::Starting);
        assert!(change.reason.starts_with("ready after"), "{}", change.reason);
        let most = 40 + ready / 240;
        assert!(world.tries.len() as u64 <= most, "{} tries for {ready} ms", world.tries.len());
    }
}

#[test]
fn a_swallowed_first_request_does_not_hide_readiness() {
    let answer = |now: Duration| if now < ms(500) { (60 * SECOND, passed()) } else { (ms(3), passed()) };
    let mut world = World::started(rules(), answer);
    assert!(world.until(State::Healthy, 60 * SECOND).at < ms(1_200));
}

#[test]
fn a_service_that_never_gets_ready_is_judged_at_the_end_of_its_window() {
    let mut world = World::started(rules(), |_| (ms(1), refused()));
    let change = world.until(State::Unhealthy, 300 * SECOND);
    assert!(change.at >= 165 * SECOND && change.at < 166 * SECOND, "{change:?}");
    assert!(change.reason.contains("nothing listens on 127.0.0.1:8888"), "{}", change.reason);
    assert!(change.reason.contains("start period 45 s"), "{}", change.reason);
    // One that accepts and never answers gets the time of the try that is under way.
    let mut world = World::started(rules(), |_| (1000 * SECOND, passed()));
    let change = world.until(State::Unhealthy, 300 * SECOND);
    assert!(change.at >= 165 * SECOND && change.at <= 175 * SECOND, "{change:?}");
}

#[test]
fn a_hang_is_seen_when_the_retry_window_and_one_timeout_have_passed() {
    for (interval, timeout, retries) in [(15, 10, 8), (30, 60, 8), (5, 5, 5), (1, 1, 3)] {
        let rules = Rules { interval: interval * SECOND, timeout: timeout * SECOND, retries, ..rules() };
        let window = rules.window();
        let hang = ms(100_100);
        let mut world =
            World::started(rules, move |now| (if now < hang { ms(5) } else { 10_000 * SECOND }, passed()));
        world.run_until(hang);
        let last_good = *world.tries.last().unwrap() + ms(5);
        let change = world.until(State::Unhealthy, 2_000 * SECOND);
        assert!(change.at >= last_good + window, "{interval}/{timeout}: {change:?}");
        assert!(
            change.at <= last_good + window + timeout * SECOND + SECOND,
            "{interval}/{timeout}: {change:?}"
        );
        assert!(world.changes.iter().any(|c| c.to == State::Degraded), "{:?}", world.changes);
    }
}

#[test]
fn a_refusing_service_is_unhealthy_exactly_at_the_window() {
    let mut world =
        World::started(rules(), |now| (ms(1), if now < 50 * SECOND { passed() } else { refused() }));
    world.run_until(50 * SECOND);
    let last_good = *world.tries.last().unwrap();
    let change = world.until(State::Unhealthy, 400 * SECOND);
    assert!(change.at - last_good >= 120 * SECOND && change.at - last_good <= 121 * SECOND, "{change:?}");
}

#[test]
fn one_passing_fault_is_not_worth_a_word_and_two_are() {
    let mut world = World::started(rules(), |now| {
        let bad = (30 * SECOND..31 * SECOND).contains(&now) || (60 * SECOND..70 * SECOND).contains(&now);
        (ms(1), if bad { refused() } else { passed() })
    });
    world.run_until(55 * SECOND);
    assert_eq!(world.changes.iter().filter(|c| c.from != c.to).count(), 1, "{:?}", world.changes);
    world.until(State::Degraded, 80 * SECOND);
    let back = world.until(State::Healthy, 80 * SECOND);
    assert!(back.at < 76 * SECOND, "{back:?}");
    assert_eq!(back.reason, "well again");
}

#[test]
fn an_unhealthy_service_that_is_let_live_recovers() {
    let mut world =
        World::started(rules(), |now| (ms(1), if now < 250 * SECOND { refused() } else { passed() }));
    world.until(State::Unhealthy, 200 * SECOND);
    let change = world.until(State::Healthy, 300 * SECOND);
    assert!(change.at < 255 * SECOND);
    assert_eq!(change.reason, "answers again");
}

#[test]
fn pressure_slowness_and_own_words_degrade_and_never_kill() {
    let mut world =
        World::started(
            rules(),
            |now| {
                if now < 20 * SECOND { (ms(1), passed()) } else { (6 * SECOND, passed()) }
            },
        );
    world.run_until(SECOND);
    world.event(Event::Pressure(Some("memory: 480 of 512 MB".into())));
    assert_eq!((world.judge.state(), world.judge.reason()), (State::Degraded, "memory: 480 of 512 MB"));
    world.event(Event::Pressure(None));
    assert_eq!(world.judge.state(), State::Healthy);
    let change = world.until(State::Degraded, 60 * SECOND);
    assert!(change.reason.contains("answers slowly"), "{}", change.reason);
    world.event(Event::Pressure(Some("processor: at its limit".into())));
    world.run_until(5_000 * SECOND);
    assert_eq!(world.judge.state(), State::Degraded);
    let mut world = World::started(rules(), |_| (ms(1), Outcome::Strained { why: "says: degraded".into() }));
    world.run_until(SECOND);
    assert_eq!((world.judge.state(), world.judge.reason()), (State::Degraded, "says: degraded"));
}

#[test]
fn an_exit_is_the_end_at_once() {
    let mut world = World::started(rules(), |_| (ms(1), refused()));
    world.run_until(SECOND);
    world.event(Event::Exited("exited with code 3".into()));
    assert_eq!(world.judge.state(), State::Stopped);
    assert_eq!(world.judge.reason(), "ended before it was ready: exited with code 3");
    assert_eq!(world.judge.wake(), None);
    world.run_until(100 * SECOND);
    assert_eq!(world.judge.state(), State::Stopped);
}

#[test]
fn whoever_is_being_stopped_is_not_judged() {
    let mut world =
        World::started(rules(), |now| (ms(1), if now < 5 * SECOND { passed() } else { refused() }));
    world.run_until(6 * SECOND);
    world.event(Event::Stopping("idle for an hour".into()));
    assert_eq!(world.judge.reason(), "is being stopped: idle for an hour");
    world.run_until(1_000 * SECOND);
    assert_eq!(world.judge.state(), State::Healthy);
    world.event(Event::Exited("signal 15".into()));
    assert_eq!(world.judge.reason(), "was stopped: idle for an hour (signal 15)");
}

fn with_dependency() -> Rules {
    Rules { dependencies: vec!["data-agent".into()], ..rules() }
}

fn dependency(state: State) -> Event {
    Event::Dependency { name: "data-agent".into(), state }
}

#[test]
fn nobody_is_judged_before_what_it_depends_on_is_healthy() {
    let mut world = World::started(with_dependency(), |_| (ms(1), refused()));
    world.run_until(3_000 * SECOND);
    assert_eq!(world.tries, Vec::<Duration>::new());
    assert_eq!(world.judge.reason(), "waits for data-agent (starting)");
    world.event(dependency(State::Unhealthy));
    assert_eq!(world.judge.reason(), "waits for data-agent (unhealthy)");
    world.event(dependency(State::Healthy));
    let change = world.until(State::Unhealthy, 3_300 * SECOND);
    assert!(change.at >= 3_165 * SECOND, "{change:?}");
}

#[test]
fn a_dependency_that_fails_degrades_and_excuses() {
    let down = 100 * SECOND..1_000 * SECOND;
    let mut world = World::started(with_dependency(), move |now| {
        (ms(1), if down.contains(&now) { refused() } else { passed() })
    });
    world.event(dependency(State::Healthy));
    world.run_until(100 * SECOND);
    world.event(dependency(State::Unhealthy));
    assert_eq!(world.judge.reason(), "data-agent, on which it depends, is unhealthy");
    world.run_until(990 * SECOND);
    assert_eq!(world.judge.state(), State::Degraded);
    world.event(dependency(State::Healthy));
    world.until(State::Healthy, 1_020 * SECOND);
    assert!(world.changes.iter().all(|c| c.to != State::Unhealthy));
}

#[test]
fn time_in_which_nobody_looked_counts_for_nothing() {
    // While it starts: the machine sleeps for an hour at 10 s.
    let mut world =
        World::started(rules(), |now| (ms(1), if now < 3_700 * SECOND { refused() } else { passed() }));
    world.run_until(10 * SECOND);
    world.now = 3_610 * SECOND;
    world.run_until(3_690 * SECOND);
    assert_eq!(world.judge.state(), State::Starting);
    assert_eq!(world.until(State::Healthy, 3_710 * SECOND).from, State::Starting);
    // While it fails: 100 s of the 120 are spent asleep, with a try under way.
    let mut world =
        World::started(rules(), |now| (ms(1), if now < 60 * SECOND { passed() } else { refused() }));
    world.run_until(80 * SECOND);
    assert_eq!(world.judge.state(), State::Degraded);
    world.now = 1_080 * SECOND;
    world.run_until(1_160 * SECOND);
    assert_eq!(world.judge.state(), State::Degraded);
    let change = world.until(State::Unhealthy, 1_200 * SECOND);
    assert!(change.at > 1_164 * SECOND, "{change:?}");
}

#[test]
fn a_try_that_was_held_up_on_our_side_is_void() {
    let mut judge = Judge::new(Rules { retries: 1, interval: SECOND, timeout: SECOND, ..rules() });
    judge.handle(Duration::ZERO, Event::Started);
    judge.handle(ms(5), Event::Tried { number: 1, outcome: passed() });
    let actions = judge.handle(ms(1_005), Event::Clock);
    assert_eq!(actions, vec![Action::Try { number: 2, limit: SECOND }]);
    let timed_out = Outcome::failed(Trouble::TimedOut, "no answer");
    judge.handle(500 * SECOND, Event::Tried { number: 2, outcome: timed_out });
    assert_eq!(judge.state(), State::Healthy);
}

#[test]
fn after_a_restart_of_the_server_it_goes_on_as_it_was() {
    let mut judge = Judge::resume(with_dependency(), State::Healthy);
    assert_eq!(judge.state(), State::Healthy);
    let actions = judge.handle(ms(1), Event::Started);
    assert!(actions.iter().any(|a| matches!(a, Action::Try { number: 1, .. })), "{actions:?}");
    judge.handle(ms(2), dependency(State::Healthy));
    judge.handle(ms(3), Event::Tried { number: 1, outcome: refused() });
    assert_eq!(judge.state(), State::Healthy);
    assert_eq!(judge.ready_at(), None);
    judge.handle(ms(3_100), Event::Clock);
    judge.handle(ms(3_101), Event::Tried { number: 2, outcome: refused() });
    assert_eq!(judge.state(), State::Degraded);
    judge.handle(ms(4_000), Event::Exited("killed by signal 9".into()));
    assert_eq!(judge.reason(), "killed by signal 9");
    assert_eq!(Judge::resume(rules(), State::Unhealthy).state(), State::Starting);
    let mut judge = Judge::resume(rules(), State::Healthy);
    judge.handle(ms(1), Event::Exited("killed by signal 9".into()));
    assert_eq!(judge.reason(), "killed by signal 9");
}

#[test]
fn a_clock_that_goes_backwards_is_ignored() {
    let mut judge = Judge::new(rules());
    judge.handle(100 * SECOND, Event::Started);
    judge.handle(ms(1), Event::Tried { number: 1, outcome: passed() });
    assert_eq!(judge.state(), State::Healthy);
    assert_eq!(judge.ready_at(), Some(100 * SECOND));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a service does, it is never called unhealthy before its window has passed since the last good answer
    /// (or since the end of its start period), and never with fewer failed tries than it may have.
    #[test]
    fn no_service_is_given_up_early(
        interval in 1_u32..40, timeout in 1_u32..70, retries in 1_u32..12, start_period in 0_u32..100,
        script in proptest::collection::vec((0_u64..90_000, 0_u8..5, 0_u64..80_000), 1..60),
        pauses in proptest::collection::vec((0_u32..600, 3_u32..4_000), 0..4),
    ) {
        let rules = Rules {
            interval: interval * SECOND, timeout: timeout * SECOND, retries,
            start_period: start_period * SECOND, dependencies: vec![], costly: false,
        };
        let window = rules.window();
        let mut until = Vec::new();
        let mut at = 0;
        for (length, kind, took) in script {
            at += length;
            until.push((ms(at), kind, ms(took)));
        }
        let end = ms(at);
        let goods = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let heard = goods.clone();
        let limit = rules.timeout;
        let mut world = World::started(rules, move |now: Duration| {
            let (_, kind, took) = until.iter().find(|(to, ..)| now < *to).cloned().unwrap_or((now, 0, ms(1)));
            match kind {
                0 => (ms(1), refused()),
                1 => (took, Outcome::failed(Trouble::Answered, "500")),
                2 => (ms(1), Outcome::Void { why: "no socket".into() }),
                3 => (100 * limit, passed()),
                _ => {
                    if took <= limit { heard.borrow_mut().push(now + took); }
                    (took, passed())
                }
            }
        });
        for (at, length) in pauses {
            let at = at * SECOND;
            if at > world.now {
                world.run_until(at);
                world.now += length * SECOND;
            }
        }
        world.run_until(end);
        let counted = start_period * SECOND;
        for change in world.changes.iter().filter(|c| c.to == State::Unhealthy && c.from != c.to) {
            let good = goods.borrow().iter().filter(|at| **at <= change.at).max().copied();
            let from = good.unwrap_or(counted);
            prop_assert!(change.at >= from + window, "{change:?}, last good {good:?}, window {window:?}");
            let failed = world.tries.iter().filter(|t| **t >= good.unwrap_or_default() && **t <= change.at).count();
            let most = usize::try_from(limit.as_millis() / (interval * SECOND).as_millis()).unwrap().max(1);
            prop_assert!(failed * most >= retries as usize, "{failed} tries, {retries} retries");
        }
        // A good answer is never followed by anything worse than degraded at the same moment.
        for change in world.changes.iter().filter(|c| c.to == State::Healthy) {
            prop_assert!(goods.borrow().iter().any(|at| *at <= change.at));
        }
    }

    /// No event leads to a panic, to a try beyond the allowed number, or out of `stopped`.
    #[test]
    fn any_order_of_events_is_survived(
        events in proptest::collection::vec((0_u64..100_000, 0_u8..9, 0_u64..40), 0..200),
    ) {
        let mut judge = Judge::new(with_dependency());
        let mut stopped = false;
        for (at, kind, number) in events {
            let event = match kind {
                0 => Event::Started,
                1 => Event::Clock,
                2 => Event::Tried { number, outcome: passed() },
                3 => Event::Tried { number, outcome: refused() },
                4 => Event::Pressure((number % 2 == 0).then(|| "memory".into())),
                5 => dependency(State::Healthy),
                6 => dependency(State::Unhealthy),
                7 if number == 0 => { stopped = true; Event::Exited("gone".into()) }
                7 => Event::Stopping("asked".into()),
                _ => Event::Tried { number, outcome: Outcome::Void { why: "?".into() } },
            };
            let actions = judge.handle(ms(at), event);
            prop_assert!(judge.under_way() <= 4);
            if stopped {
                prop_assert_eq!(judge.state(), State::Stopped);
                let tries = actions.iter().any(|a| matches!(a, Action::Try { .. }));
                prop_assert!(!tries);
            }
        }
    }
}
