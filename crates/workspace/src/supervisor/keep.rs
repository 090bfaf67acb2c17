//! The task that owns one service.

use super::backoff::{Ended, Next, Streak};
use super::place::Address;
use super::process::{Exit, Program, Running};
use super::subject::Watched;
use super::{Order, Service, Supervisor};
use crate::definition::{Restart, installed};
use castalia_compute::health::{Monitor, Rules, State};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

/// Ends soon after one another from which on a service is said to be unhealthy and not only starting.
const TOO_OFTEN: u32 = 3;

/// Why a run is over.
enum Over {
    Ended(Exit),
    /// It was ended for this order.
    Ordered(Order),
    /// It was ended because it did not answer.
    Unhealthy(String),
}

type Inbox = UnboundedReceiver<Order>;

impl Supervisor {
    /// Owns a service that is supervised, until it is told to end.
    pub(super) async fn keep(&self, service: &Arc<Service>, mut inbox: Inbox) {
        let mut wanted = service.definition.boot;
        let mut streak = Streak::default();
        let mut first = true;
        loop {
            if !wanted {
                match inbox.recv().await {
                    Some(Order::Start | Order::Restart) => {
                        wanted = true;
                        streak.forget();
                    }
                    Some(Order::Stop) => continue,
                    Some(Order::End) | None => return,
                }
            }
            if let Err(order) = self.dependencies(service, &mut inbox).await {
                match self.idle(service, order) {
                    Some(again) => wanted = again,
                    None => return,
                }
                continue;
            }
            if !std::mem::take(&mut first) {
                self.tell(service, |s| s.restarts += 1);
            }
            let over = match self.run(service, &mut inbox).await {
                Ok(over) => over,
                Err(why) => Over::Ended(Exit { well: false, ran: Duration::ZERO, how: why }),
            };
            // One that is started anew serves nobody until its next program does.
            let anew = matches!(over, Over::Ordered(Order::Start | Order::Restart));
            self.tell(service, |s| {
                (s.pid, s.ready_after_ms) = (None, None);
                if anew {
                    (s.state, s.reason) = (State::Starting, "is started again".into());
                }
            });
            let exit = match over {
                Over::Ended(exit) => exit,
                Over::Unhealthy(why) => {
                    Exit { well: false, ran: Duration::ZERO, how: format!("was ended because it {why}") }
                }
                Over::Ordered(order) => {
                    match self.idle(service, order) {
                        Some(again) => wanted = again,
                        None => return,
                    }
                    streak.forget();
                    continue;
                }
            };
            let ended = Ended { well: exit.well, ran: exit.ran };
            let d = &service.definition;
            match streak.next(d.restart, &d.backoff, &ended, rand::random()) {
                Next::Done => {
                    wanted = false;
                    self.tell(service, |s| (s.state, s.reason) = (State::Stopped, exit.how));
                }
                Next::After(pause) => {
                    if let Err(order) =
                        self.pause(service, &mut inbox, &exit.how, streak.count(), pause).await
                    {
                        match self.idle(service, order) {
                            Some(again) => wanted = again,
                            None => return,
                        }
                        streak.forget();
                    }
                }
            }
        }
    }

    /// Carries out an order to a service that does not run. Returns whether it is wanted; none when it is to end.
    fn idle(&self, service: &Service, order: Order) -> Option<bool> {
        match order {
            Order::Start | Order::Restart => Some(true),
            Order::Stop => {
                self.tell(service, |s| {
                    (s.state, s.reason) = (State::Stopped, "was stopped by its user".into())
                });
                Some(false)
            }
            Order::End => {
                self.tell(service, |s| {
                    (s.state, s.reason) = (State::Stopped, "ended with the workspace".into())
                });
                None
            }
        }
    }

    /// Waits until everything that it depends on serves. An order to a service that waits anyway is handed back.
    async fn dependencies(&self, service: &Service, inbox: &mut Inbox) -> Result<(), Order> {
        let mut changes = self.changes();
        loop {
            let behind = service.definition.depends_on.iter().find(|name| !self.state_of(name).serves());
            let Some(name) = behind else { return Ok(()) };
            let reason = format!("waits for {name}, which is {}", self.state_of(name));
            self.tell(service, |s| (s.state, s.reason) = (State::Starting, reason));
            tokio::select! {
                _ = changes.changed() => {}
                order = inbox.recv() => match order.unwrap_or(Order::End) {
                    Order::Start | Order::Restart => {}
                    order => return Err(order),
                },
            }
        }
    }

    /// Waits before the next start.
    async fn pause(
        &self,
        service: &Service,
        inbox: &mut Inbox,
        how: &str,
        times: u32,
        pause: Duration,
    ) -> Result<(), Order> {
        let until = Instant::now() + pause;
        let at = self.clock.now().plus_ms(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        let reason = match times {
            0 | 1 => format!("{how}; starts again in {:.1} s", pause.as_secs_f64()),
            n => format!("{how} ({n} times in a row); starts again in {:.1} s", pause.as_secs_f64()),
        };
        let state = if times >= TOO_OFTEN { State::Unhealthy } else { State::Starting };
        self.tell(service, |s| {
            (s.state, s.reason) = (state, reason);
            s.next_start_at = Some(at);
        });
        let outcome = tokio::select! {
            () = sleep_until(until) => Ok(()),
            order = inbox.recv() => match order.unwrap_or(Order::End) {
                // Who asks does not have to wait.
                Order::Start | Order::Restart => Ok(()),
                order => Err(order),
            },
        };
        self.tell(service, |s| s.next_start_at = None);
        outcome
    }

    /// One run, from the start to the end of its program.
    async fn run(&self, service: &Arc<Service>, inbox: &mut Inbox) -> Result<Over, String> {
        let d = &service.definition;
        let address = self.address(service).map_err(|e| format!("found no place to listen: {e}"))?;
        let program = self.program(service, &address);
        self.open(service, &address)?;
        self.check(&program)?;
        let running = Running::start(&program, &service.log, &self.clock)
            .map_err(|e| format!("its program could not be started: {e}"))?;
        let now = self.clock.now();
        self.tell(service, |s| {
            (s.state, s.reason) = (State::Starting, "its program runs, but does not answer yet".into());
            (s.pid, s.started_at) = (Some(running.pid), Some(now));
        });
        let monitor = self.monitor(service, &address, Some(&running));
        let mut watch = monitor.watch();
        let mut changes = self.changes();
        loop {
            let seen = watch.borrow_and_update().clone();
            // One that is never started again is better than none.
            if seen.state == State::Unhealthy && d.restart != Restart::Never {
                let grace = d.grace.0;
                running.stop(grace).await;
                return Ok(Over::Unhealthy(seen.reason));
            }
            // Before its first word, what was told already says more.
            if seen.state != State::Stopped
                && (seen.state != State::Starting || seen.reason.starts_with("not ready"))
            {
                self.tell(service, |s| {
                    (s.state, s.reason, s.ready_after_ms) = (seen.state, seen.reason, seen.ready_after_ms);
                });
            }
            tokio::select! {
                biased;
                exit = running.ended() => return Ok(Over::Ended(exit)),
                order = inbox.recv() => match order.unwrap_or(Order::End) {
                    Order::Start => {}
                    order => {
                        monitor.stopping("its user asked for it");
                        running.stop(d.grace.0).await;
                        return Ok(Over::Ordered(order));
                    }
                },
                Ok(()) = watch.changed() => {}
                Ok(()) = changes.changed() => self.tell_dependencies(service, &monitor),
            }
        }
    }

    /// What can be told before a program is started is told better than after.
    fn check(&self, program: &Program) -> Result<(), String> {
        let first = program.argv.first().map_or("", String::as_str);
        if !program.folder.is_dir() {
            return Err(format!("its folder {} is not there", program.folder.display()));
        }
        let search: Vec<_> =
            program.env.get("PATH").map(|p| std::env::split_paths(p).collect()).unwrap_or_default();
        let beside = program.folder.join(first);
        let there = match first.contains('/') {
            true => installed(&beside.to_string_lossy(), &[]),
            false => installed(first, &search),
        };
        if there { Ok(()) } else { Err(format!("the program {first} was not found")) }
    }

    fn monitor(&self, service: &Service, address: &Address, running: Option<&Running>) -> Arc<Monitor> {
        let d = &service.definition;
        let subject = Watched { probe: self.probe(service, address), exit: running.map(Running::exit) };
        let rules = Rules::new(&d.health_check, d.health_check.start_period.0, d.depends_on.clone());
        let monitor = Arc::new(Monitor::start(rules, Arc::new(subject)));
        self.tell_dependencies(service, &monitor);
        *service.monitor.lock().unwrap_or_else(PoisonError::into_inner) = Some(monitor.clone());
        monitor
    }

    fn tell_dependencies(&self, service: &Service, monitor: &Monitor) {
        for name in &service.definition.depends_on {
            monitor.dependency(name, self.state_of(name));
        }
    }

    /// Watches a service that somebody else runs, until it leaves.
    pub(super) async fn attend(&self, service: &Arc<Service>, mut inbox: Inbox) {
        let address = match self.address(service) {
            Ok(address) => address,
            Err(error) => return tracing::error!(%error, "a service has no address"),
        };
        if let Err(why) = self.open(service, &address) {
            self.tell(service, |s| (s.state, s.reason) = (State::Unhealthy, why));
        }
        let monitor = self.monitor(service, &address, None);
        let mut watch = monitor.watch();
        let mut changes = self.changes();
        loop {
            let seen = watch.borrow_and_update().clone();
            self.tell(service, |s| {
                (s.state, s.reason, s.ready_after_ms) = (seen.state, seen.reason, seen.ready_after_ms);
            });
            let lease = *service.lease.lock().unwrap_or_else(PoisonError::into_inner);
            let over = async {
                match lease {
                    Some(until) => sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                order = inbox.recv() => match order {
                    Some(Order::End) | None => return,
                    // A lease that was renewed wakes the loop by an order that changes nothing else.
                    Some(_) => {}
                },
                () = over => {
                    self.tell(service, |s| (s.state, s.reason) = (State::Stopped, "did not register again in time".into()));
                    return self.forget(service);
                }
                Ok(()) = watch.changed() => {}
                Ok(()) = changes.changed() => self.tell_dependencies(service, &monitor),
            }
        }
    }

    /// What this program serves by itself is well as long as the program is.
    pub(super) async fn built_in(&self, service: &Arc<Service>, mut inbox: Inbox) {
        self.tell(service, |s| {
            (s.state, s.reason) = (State::Healthy, "is part of the workspace".into());
            s.ready_after_ms = Some(0);
        });
        while !matches!(inbox.recv().await, Some(Order::End) | None) {}
    }
}
