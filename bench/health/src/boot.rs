//! What happens to one workspace, whoever judges it: how it starts, what disturbs it, and what becomes of it.

use std::time::Duration;

use castalia_compute::health::{Outcome, Trouble};

use crate::draw::{Draw, secs};

/// The three services whose start is described in the operations notes of the system that came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Chat,
    Ide,
    Lab,
}

impl Service {
    pub(crate) const ALL: [Service; 3] = [Service::Chat, Service::Ide, Service::Lab];
}

/// What becomes of a service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    /// It serves to the end.
    Good,
    /// Its program ends.
    Crash(Duration),
    /// It takes connections and answers nothing any more; before it was ready, if that early.
    Hang(Duration),
}

/// How often things go wrong, and how far. One place, printed with the table.
pub(crate) mod odds {
    /// Share of starts with a mount that takes 30 s more, and then an exponential time of this mean, up to 10 min.
    pub(crate) const SLOW_MOUNT: (f64, f64) = (0.06, 100.0);
    /// Share of starts on a slow machine: every step of the program takes 1.5 to 3 times as long.
    pub(crate) const SLOW_MACHINE: f64 = 0.05;
    /// Share of starts that answer 503 for 1 to 5 s before they are ready.
    pub(crate) const EARLY_ERRORS: f64 = 0.2;
    /// Share of starts that swallow requests for a while after they listen.
    pub(crate) const SWALLOWS: f64 = 0.03;
    /// Share of tries that are lost although all is well.
    pub(crate) const LOST_TRY: f64 = 0.005;
    /// Mean time between disturbances of a running service, seconds; they last 8 s in the median, at most 90 s, and
    /// either break connections or delay answers until they are over.
    pub(crate) const DISTURBED_EVERY: f64 = 600.0;
    /// Share of runs in which whoever judges is held up once, for 10 s to 10 min.
    pub(crate) const JUDGE_PAUSED: f64 = 0.02;
    /// Shares of runs that end in a crash or a hang, during the start and after it.
    pub(crate) const CRASH: (f64, f64) = (0.015, 0.02);
    pub(crate) const HANG: (f64, f64) = (0.01, 0.01);
    /// How long a run is looked at, seconds.
    pub(crate) const RUN: f64 = 1800.0;
}

/// A time in which tries go wrong although the service lives.
#[derive(Clone, Copy, Debug)]
struct Disturbance {
    from: Duration,
    to: Duration,
    /// Answers come when it is over; else connections break.
    delays: bool,
}

/// One start and what follows.
#[derive(Clone, Debug)]
pub(crate) struct Boot {
    pub(crate) service: Service,
    /// When its storage is mounted; its program starts then.
    pub(crate) mounted: Duration,
    /// When the service on which it depends is ready.
    pub(crate) agent: Option<Duration>,
    pub(crate) listens: Duration,
    pub(crate) ready: Duration,
    pub(crate) fate: Fate,
    /// When whoever judges is held up, and until when.
    pub(crate) pause: Option<(Duration, Duration)>,
    swallows_until: Duration,
    disturbances: Vec<Disturbance>,
}

impl Boot {
    /// Draws one. The steps are those of the notes: storage, user folder, agent, configuration, extensions, build.
    pub(crate) fn draw(service: Service, draw: &mut Draw) -> Self {
        let mut mount =
            if service == Service::Lab { draw.between(10.0, 20.0) } else { draw.between(5.0, 10.0) };
        if draw.chance(odds::SLOW_MOUNT.0) {
            mount += (30.0 + draw.exponential(odds::SLOW_MOUNT.1)).min(600.0);
        }
        let slow = if draw.chance(odds::SLOW_MACHINE) { draw.between(1.5, 3.0) } else { 1.0 };
        let agent = (service == Service::Chat).then(|| mount + draw.between(5.0, 10.0) * slow);
        let program = match service {
            // Configuration 5 s, server 10–15 s.
            Service::Chat => 5.0 + draw.between(10.0, 15.0),
            // User folder 3–5 s, extensions 10–15 s, workspace 5–10 s, integration 5 s.
            Service::Ide => draw.between(3.0, 5.0) + draw.between(10.0, 15.0) + draw.between(5.0, 10.0) + 5.0,
            // User folder 10–15 s, AI extension 15–20 s, build 5–10 s.
            Service::Lab => draw.between(10.0, 15.0) + draw.between(15.0, 20.0) + draw.between(5.0, 10.0),
        };
        let ready = agent.unwrap_or(mount) + program * slow;
        let early = if draw.chance(odds::EARLY_ERRORS) { draw.between(1.0, 5.0) } else { 0.0 };
        let listens = (ready - early).max(mount);
        let swallows = if draw.chance(odds::SWALLOWS) { draw.between(0.2, 1.0) } else { 0.0 };
        let fate = fate(draw, mount, ready);
        let pause = draw.chance(odds::JUDGE_PAUSED).then(|| {
            let from = draw.between(0.0, odds::RUN);
            (secs(from), secs(from + draw.between(10.0, 600.0)))
        });
        Boot {
            service,
            mounted: secs(mount),
            agent: agent.map(secs),
            listens: secs(listens),
            ready: secs(ready),
            fate,
            pause,
            swallows_until: secs(listens + swallows),
            disturbances: disturbances(draw, ready),
        }
    }

    /// Until when it is looked at.
    pub(crate) fn end(&self) -> Duration {
        self.ready + secs(odds::RUN)
    }

    /// Whether it would get ready if it were left alone.
    pub(crate) fn gets_ready(&self) -> bool {
        self.fails_at().is_none_or(|at| at > self.ready)
    }

    /// Whether there is nothing to be held against it at that time.
    pub(crate) fn is_well(&self, at: Duration) -> bool {
        self.gets_ready() && self.fails_at().is_none_or(|failed| at < failed)
    }

    fn fails_at(&self) -> Option<Duration> {
        match self.fate {
            Fate::Good => None,
            Fate::Crash(at) | Fate::Hang(at) => Some(at),
        }
    }

    /// What a try at that time tells, and how long it takes, if it may take as long as it likes.
    pub(crate) fn answer(&self, at: Duration, draw: &mut Draw) -> (Duration, Outcome) {
        let latency = secs(draw.log_normal(0.008, 0.8).min(5.0));
        let never = (Duration::from_secs(1_000_000), Outcome::failed(Trouble::TimedOut, "no answer"));
        match self.fate {
            Fate::Crash(end) if at >= end => return refused(),
            Fate::Hang(from) if at >= from && at >= self.mounted => return never,
            _ if at < self.listens => return refused(),
            _ if at < self.swallows_until => return never,
            _ => {}
        }
        if draw.chance(odds::LOST_TRY) {
            return (latency, Outcome::failed(Trouble::Broken, "connection reset"));
        }
        let disturbed = self.disturbances.iter().find(|d| (d.from..d.to).contains(&at));
        match disturbed {
            Some(d) if d.delays => return (d.to - at + latency, Outcome::Passed { what: "200".into() }),
            Some(_) => return (latency, Outcome::failed(Trouble::Broken, "connection reset")),
            None => {}
        }
        if at < self.ready {
            return (latency, Outcome::failed(Trouble::Answered, "answered 503"));
        }
        (latency, Outcome::Passed { what: "200".into() })
    }
}

fn refused() -> (Duration, Outcome) {
    (Duration::from_millis(1), Outcome::failed(Trouble::Refused, "nothing listens"))
}

fn fate(draw: &mut Draw, mount: f64, ready: f64) -> Fate {
    let during = mount + (ready - mount) * draw.unit();
    let later = ready + odds::RUN * draw.unit();
    let throw = draw.unit();
    let shares = [odds::CRASH.0, odds::HANG.0, odds::CRASH.1, odds::HANG.1];
    let bounds: Vec<f64> = shares
        .iter()
        .scan(0.0, |sum, share| {
            Some({
                *sum += share;
                *sum
            })
        })
        .collect();
    match bounds.iter().position(|bound| throw < *bound) {
        Some(0) => Fate::Crash(secs(during)),
        Some(1) => Fate::Hang(secs(during)),
        Some(2) => Fate::Crash(secs(later)),
        Some(3) => Fate::Hang(secs(later)),
        _ => Fate::Good,
    }
}

fn disturbances(draw: &mut Draw, ready: f64) -> Vec<Disturbance> {
    let mut found = Vec::new();
    let mut at = ready;
    loop {
        at += 30.0 + draw.exponential(odds::DISTURBED_EVERY - 30.0);
        if at > ready + odds::RUN {
            return found;
        }
        let length = draw.log_normal(8.0, 1.0).min(90.0);
        found.push(Disturbance { from: secs(at), to: secs(at + length), delays: draw.chance(0.5) });
        at += length;
    }
}
