//! One run of a service's program: started in a process group of its own, its output read line by line, its end told,
//! and ended as a whole when that is wanted.

use super::log::{LINE, Log, Stream};
use castalia_base::Clock;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

/// What is started.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) argv: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) folder: PathBuf,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exit {
    pub(crate) well: bool,
    pub(crate) ran: Duration,
    /// In words: `exited with code 3; last line: …`.
    pub(crate) how: String,
}

/// A program that runs. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) pid: u32,
    group: Option<Pid>,
    exit: watch::Receiver<Option<Exit>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

impl Running {
    /// Starts it.
    pub(crate) fn start(program: &Program, log: &Arc<Log>, clock: &Clock) -> std::io::Result<Self> {
        // Between us and the program stands our own binary for a moment; see `leash`.
        let mut command = Command::new("/proc/self/exe");
        command.arg(crate::leash::WORD).arg(std::process::id().to_string()).args(&program.argv);
        command.env_clear().envs(&program.env).current_dir(&program.folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let begun = Instant::now();
        let since = log.seq();
        let mut child = command.spawn()?;
        let pid = child.id().unwrap_or_default();
        let group = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let readers = [
            child.stdout.take().map(|pipe| {
                tokio::spawn(read(pipe, Stream::Stdout, program.name.clone(), log.clone(), clock.clone()))
            }),
            child.stderr.take().map(|pipe| {
                tokio::spawn(read(pipe, Stream::Stderr, program.name.clone(), log.clone(), clock.clone()))
            }),
        ];
        let (told, exit) = watch::channel(None);
        let log = log.clone();
        tokio::spawn(async move {
            let (well, how) = wait(child).await;
            // What it said last may still be in the pipes; what its children hold open is not waited for.
            let drained = async {
                for reader in readers.into_iter().flatten() {
                    let _ = reader.await;
                }
            };
            let _ = tokio::time::timeout(Duration::from_millis(200), drained).await;
            if let Some(group) = group {
                // What it left behind in its group goes with it.
                let _ = kill_process_group(group, Signal::KILL);
            }
            let how = match log.last_words(since) {
                Some(said) if !well => format!("{how}; last line: {said}"),
                _ => how,
            };
            let _ = told.send(Some(Exit { well, ran: begun.elapsed(), how }));
        });
        Ok(Self { pid, group, exit })
    }

    /// Waits for its end.
    pub(crate) async fn ended(&self) -> Exit {
        ended(self.exit.clone()).await
    }

    /// A watcher of its end.
    pub(crate) fn exit(&self) -> watch::Receiver<Option<Exit>> {
        self.exit.clone()
    }

    /// Asks it to end, and kills it when it has not after `grace`.
    pub(crate) async fn stop(&self, grace: Duration) -> Exit {
        self.signal(Signal::TERM);
        match tokio::time::timeout(grace, self.ended()).await {
            Ok(exit) => exit,
            Err(_) => {
                self.signal(Signal::KILL);
                self.ended().await
            }
        }
    }

    fn signal(&self, signal: Signal) {
        // Once the end was seen the number may belong to somebody else; the group is gone then.
        if self.exit.borrow().is_some() {
            return;
        }
        if let Some(group) = self.group.filter(|group| test_kill_process_group(*group).is_ok()) {
            let _ = kill_process_group(group, signal);
        }
    }
}

/// Waits for an end.
pub(crate) async fn ended(mut exit: watch::Receiver<Option<Exit>>) -> Exit {
    let lost = || Exit { well: false, ran: Duration::ZERO, how: "was lost".into() };
    match exit.wait_for(Option::is_some).await {
        Ok(exit) => exit.clone().unwrap_or_else(lost),
        Err(_) => lost(),
    }
}

async fn wait(mut child: Child) -> (bool, String) {
    use std::os::unix::process::ExitStatusExt;
    match child.wait().await {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(0), _) => (true, "ended by itself".into()),
            (Some(code), _) => (false, format!("exited with code {code}")),
            (None, Some(signal)) => (false, format!("was killed by signal {signal}")),
            (None, None) => (false, "ended".into()),
        },
        Err(error) => (false, format!("could not be waited for: {error}")),
    }
}

/// Reads lines to the end; what is not UTF-8 is replaced, and a line that does not end is cut.
async fn read(pipe: impl AsyncRead + Unpin, stream: Stream, name: String, log: Arc<Log>, clock: Clock) {
    let mut reader = BufReader::new(pipe);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let mut limited = (&mut reader).take(LINE as u64);
        match limited.read_until(b'\n', &mut bytes).await {
            Ok(1..) => {
                let text = String::from_utf8_lossy(&bytes);
                let text = text.trim_end_matches(['\n', '\r']);
                tracing::info!(target: "service", "[{name}] {text}");
                log.push(&clock, stream, text.to_owned());
            }
            Ok(0) | Err(_) => return,
        }
    }
}
