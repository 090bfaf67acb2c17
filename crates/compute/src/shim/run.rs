//! The life of one unit, from start to `exit.json`.

use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, WaitOptions, WaitStatus, waitpid};

use super::cause::{Evidence, cause, code_and_signal};
use super::child::{self, Program};
use super::ending::Ending;
use super::inbox::Inbox;
use super::notify::Notifier;
use super::output::Output;
use super::tree;
use super::watch::Watch;
use crate::folder::{Folder, Started, UnitFile};
use crate::limits::Cgroup;
use crate::{Cause, Error, Exit, clock};

/// How long after the program's end its output may still come; everything that could write is dead by then.
const DRAIN: Duration = Duration::from_secs(5);

/// Runs the claimed unit and records its end.
pub(super) fn run(folder: &Folder, unit: &UnitFile) -> Result<(), Error> {
    let mut inbox = Inbox::open();
    let mut output = Output::create(folder)?;
    let mut notifier = Notifier::new(&unit.spec.id);
    let cgroup = make_cgroup(unit, &mut output);
    let outcome = match inbox.look(folder) {
        Some(stop) => {
            output.system(&format!("stopped before the start: {}", stop.reason));
            Err(Cause::Stopped { reason: stop.reason })
        }
        None => begin(folder, unit, cgroup.as_ref(), &mut output),
    };
    let exit = match outcome {
        Ok((program, started)) => {
            notifier.send();
            let life = Life { folder, unit, cgroup: cgroup.as_ref(), inbox, output, notifier: &mut notifier };
            life.live(&program, started)
        }
        Err(cause) => {
            let mut exit = Exit::without_run(cause, clock::now_ms());
            exit.log = output.close();
            exit
        }
    };
    if let Some(cgroup) = &cgroup {
        cgroup.remove();
    }
    record(folder, &exit)?;
    notifier.send();
    Ok(())
}

fn make_cgroup(unit: &UnitFile, output: &mut Output) -> Option<Cgroup> {
    let cgroup = Cgroup::of(unit.cgroup.as_ref()?, &unit.spec.id);
    match cgroup.create(&unit.spec.resources) {
        Ok(()) => Some(cgroup),
        Err(e) => {
            output
                .system(&format!("no control group ({e}): memory is watched, the processor is not limited"));
            cgroup.remove();
            None
        }
    }
}

fn begin(
    folder: &Folder,
    unit: &UnitFile,
    cgroup: Option<&Cgroup>,
    output: &mut Output,
) -> Result<(Program, Started), Cause> {
    match child::start(folder, unit, cgroup) {
        Ok(program) => {
            let started =
                Started { pid: program.pid.as_raw_nonzero().get().unsigned_abs(), at: clock::now_ms() };
            // Not fatal: the exit says when it started, too.
            let _ = folder.write("started.json", &started);
            Ok((program, started))
        }
        Err(e) => {
            let name = unit.spec.command.first().map_or("", String::as_str);
            let why = format!("could not run {name}: {e}");
            output.system(&why);
            Err(Cause::NotStarted { why })
        }
    }
}

/// A full disk must not make an ended unit look lost, so it is tried for a while.
fn record(folder: &Folder, exit: &Exit) -> Result<(), Error> {
    let begun = Instant::now();
    loop {
        match folder.write("exit.json", exit) {
            Err(_) if begun.elapsed() < Duration::from_secs(600) => {
                std::thread::sleep(Duration::from_millis(250));
            }
            other => return other,
        }
    }
}

struct Life<'a> {
    folder: &'a Folder,
    unit: &'a UnitFile,
    cgroup: Option<&'a Cgroup>,
    inbox: Inbox,
    output: Output,
    notifier: &'a mut Notifier,
}

impl Life<'_> {
    fn live(mut self, program: &Program, started: Started) -> Exit {
        self.output.attach(program);
        let mut watch = Watch::new(self.folder, self.unit, self.cgroup);
        let mut ending = Ending::new(self.unit.spec.deadline);
        let status = loop {
            let due = [watch.due(), ending.due()].into_iter().flatten().min();
            if self.wait(program, due)
                && let Some(status) = reap(program)
            {
                break status;
            }
            self.turn(program, &mut watch, &mut ending);
        };
        self.end(status, started, watch, ending)
    }

    /// Waits for input, a stop, the program's end, or the next thing that is due. True when the program has ended.
    fn wait(&mut self, program: &Program, due: Option<Instant>) -> bool {
        let mut fds = vec![PollFd::new(&program.pidfd, PollFlags::IN)];
        fds.extend(self.inbox.socket().map(|socket| PollFd::new(socket, PollFlags::IN)));
        fds.extend(self.output.fds().map(|fd| PollFd::new(fd, PollFlags::IN)));
        let mut due = [due, self.output.due(), Some(self.inbox.due())].into_iter().flatten().min();
        if self.notifier.retry() {
            due = earliest(due, Duration::from_millis(20));
        }
        let timeout = due.map(|at| timespec(at.saturating_duration_since(Instant::now())));
        let _ = poll(&mut fds, timeout.as_ref());
        fds[0].revents().intersects(PollFlags::IN)
    }

    fn turn(&mut self, program: &Program, watch: &mut Watch<'_>, ending: &mut Ending) {
        self.output.read();
        if let Some(stop) = self.inbox.look(self.folder) {
            self.output.system(&format!("stopped: {}", stop.reason));
            ending.ask(Cause::Stopped { reason: stop.reason }, stop.grace);
        }
        if ending.deadline_passed() {
            let limit = self.unit.spec.deadline.unwrap_or_default();
            self.output.system(&format!("killed: deadline of {} passed", in_words(limit)));
            ending.ask(Cause::Deadline, self.unit.spec.grace);
        }
        if let Some((cause, why)) = watch.look(self.output.bytes()) {
            self.output.system(&why);
            ending.ask(cause, Duration::ZERO);
        }
        if let Some(signal) = ending.signal() {
            self.signal(program, signal, ending);
        }
        if watch.write_status(&mut self.output) {
            self.notifier.send();
        }
        self.output.flush();
    }

    fn signal(&mut self, program: &Program, signal: Signal, ending: &mut Ending) {
        let all = tree::descendants(rustix::process::getpid());
        if signal == Signal::KILL && ending.patience_ended() {
            self.output.system(&format!("killed: still running {} after SIGTERM", in_words(ending.grace())));
        }
        // In a sandbox the first process is the sandbox itself, which would take everything down without grace.
        let spared = self.unit.sandbox.is_some() && signal == Signal::TERM;
        let targets: Vec<_> = all.into_iter().filter(|pid| !(spared && *pid == program.pid)).collect();
        tree::signal_all(&targets, signal);
    }

    fn end(mut self, status: WaitStatus, started: Started, mut watch: Watch<'_>, ending: Ending) -> Exit {
        let decided = ending.cause();
        let left = tree::kill_descendants(DRAIN);
        if left > 0 && decided.is_none() {
            let noun = if left == 1 { "process" } else { "processes" };
            self.output.system(&format!("killed {left} {noun} left behind"));
        }
        self.output.drain(DRAIN);
        watch.finish(&mut self.output);
        let (code, signal) = code_and_signal(status, self.unit.sandbox.is_some());
        let cause = cause(&Evidence {
            code,
            signal,
            decided,
            oom_kills: self.cgroup.map_or(0, Cgroup::oom_kills),
            storage_full: watch.storage_full(self.output.bytes()),
        });
        self.explain(&cause, ending.cause().is_some());
        Exit {
            code,
            signal,
            cause,
            started_at: Some(started.at),
            ended_at: clock::now_ms(),
            usage: watch.usage(),
            log: self.output.close(),
        }
    }

    /// What the kernel did has not been told in the log yet.
    fn explain(&mut self, cause: &Cause, told: bool) {
        let limits = &self.unit.spec.resources;
        match cause {
            Cause::Memory if !told => {
                self.output.system(&format!("memory limit of {} MB exceeded", limits.memory_mb));
            }
            Cause::Storage if !told => {
                self.output.system(&format!("storage limit of {} MB reached", limits.storage_mb));
            }
            _ => {}
        }
    }
}

fn reap(program: &Program) -> Option<WaitStatus> {
    waitpid(Some(program.pid), WaitOptions::NOHANG).ok().flatten().map(|(_, status)| status)
}

fn earliest(due: Option<Instant>, within: Duration) -> Option<Instant> {
    let at = Instant::now() + within;
    Some(due.map_or(at, |due| due.min(at)))
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(duration.subsec_nanos()).max(i64::from(duration.is_zero())),
    }
}

/// `60 s`, `1.5 s`.
fn in_words(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
