//! Runs a command for at most so long, and kills it with all that it started when the time is over.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use crate::backend::Executed;
use crate::health::state::{Outcome, Trouble};
use crate::health::values::in_words;

/// Bytes of output that are kept: the last ones, where programs say what is wrong.
const OUTPUT: usize = 2048;

/// How long the output of a command that has ended is waited for.
const DRAIN: Duration = Duration::from_millis(50);

/// Where a command runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    /// The whole environment; none for ours.
    pub(crate) env: Option<BTreeMap<String, String>>,
    /// Working folder; none for ours.
    pub(crate) folder: Option<PathBuf>,
}

impl Surroundings {
    pub(crate) fn ours() -> Self {
        Surroundings::default()
    }
}

/// Kills the command's process group unless it was waited for.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// Runs it. An error means that it could not be started.
pub(crate) async fn run(argv: &[String], place: Surroundings, limit: Duration) -> io::Result<Executed> {
    let (program, arguments) = argv
        .split_first()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"))?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0).kill_on_drop(true);
    if let Some(env) = place.env {
        command.env_clear().envs(env);
    }
    if let Some(folder) = place.folder {
        command.current_dir(folder);
    }
    let mut child = command.spawn()?;
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    // Also when we are dropped: whatever the command started goes with it.
    let group = Group(pid);
    let output = Output::of(&mut child);
    let ended = tokio::time::timeout(limit, child.wait()).await;
    drop(group);
    let Ok(status) = ended else { return Ok(Executed::TimedOut) };
    Ok(Executed::Ended { code: status?.code(), output: output.text().await })
}

/// What an ended command tells about health.
pub(crate) fn outcome(ran: io::Result<Executed>, limit: Duration) -> Outcome {
    match ran {
        Ok(Executed::Ended { code: Some(0), .. }) => Outcome::Passed { what: "exit code 0".into() },
        Ok(Executed::Ended { code, output }) => {
            let how = code.map_or("was killed".into(), |code| format!("exited with code {code}"));
            let said = output.lines().map(str::trim).rfind(|line| !line.is_empty());
            let said = said
                .map_or(String::new(), |line| format!(": {}", line.chars().take(200).collect::<String>()));
            Outcome::failed(Trouble::Answered, format!("the health command {how}{said}"))
        }
        Ok(Executed::TimedOut) => Outcome::failed(
            Trouble::TimedOut,
            format!("the health command did not end within {}", in_words(limit)),
        ),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            Outcome::failed(Trouble::Broken, "the program of the health command was not found")
        }
        Err(e) => Outcome::Void { why: format!("the health command could not be started: {e}") },
    }
}

/// Collects the end of what a command says. A process that it left behind may hold the pipes open, so nobody waits
/// for their end.
struct Output {
    kept: Arc<Mutex<Vec<u8>>>,
    readers: Vec<tokio::task::JoinHandle<()>>,
}

impl Output {
    fn of(child: &mut Child) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let mut readers = Vec::new();
        readers.extend(child.stdout.take().map(|pipe| tokio::spawn(collect(pipe, kept.clone()))));
        readers.extend(child.stderr.take().map(|pipe| tokio::spawn(collect(pipe, kept.clone()))));
        Output { kept, readers }
    }

    async fn text(mut self) -> String {
        let all = async {
            for reader in &mut self.readers {
                let _ = reader.await;
            }
        };
        let _ = tokio::time::timeout(DRAIN, all).await;
        String::from_utf8_lossy(&self.kept.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.readers.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

async fn collect(mut pipe: impl AsyncRead + Unpin, kept: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = [0; 1024];
    while let Ok(n @ 1..) = pipe.read(&mut buffer).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&buffer[..n]);
        let excess = kept.len().saturating_sub(OUTPUT);
        kept.drain(..excess);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sh(script: &str, limit_ms: u64) -> Outcome {
        let limit = Duration::from_millis(limit_ms);
        let argv = ["/bin/sh".into(), "-c".into(), script.into()];
        outcome(run(&argv, Surroundings::ours(), limit).await, limit)
    }

    #[tokio::test]
    async fn the_exit_code_decides_and_the_last_line_tells_why() {
        assert_eq!(sh("true", 5_000).await, Outcome::Passed { what: "exit code 0".into() });
        let failed = sh("echo first; echo disk is full >&2; echo; exit 3", 5_000).await;
        assert_eq!(failed.words(), "the health command exited with code 3: disk is full");
        assert!(sh("kill -9 $$", 5_000).await.words().contains("was killed"));
        let argv = ["/no/such/program".to_owned()];
        let missing = outcome(run(&argv, Surroundings::ours(), Duration::from_secs(1)).await, Duration::ZERO);
        assert!(missing.words().contains("was not found"), "{missing:?}");
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_killed_with_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; wait", file.display());
        // On a busy machine the shell may be killed before it has begun.
        let mut limit_ms = 300;
        let pid = loop {
            let hung = sh(&script, limit_ms).await;
            assert!(matches!(hung, Outcome::Failed { trouble: Trouble::TimedOut, .. }), "{hung:?}");
            match std::fs::read_to_string(&file) {
                Ok(pid) if pid.ends_with('\n') => break pid.trim().to_owned(),
                _ => limit_ms *= 4,
            }
            assert!(limit_ms < 100_000, "the shell never gets going");
        };
        for _ in 0..4_000 {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            if stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['Z', 'X'])) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("process {pid} still lives");
    }

    #[tokio::test]
    async fn what_it_leaves_behind_does_not_keep_the_answer_waiting() {
        let begun = std::time::Instant::now();
        assert_eq!(sh("sleep 600 & exit 0", 30_000).await, Outcome::Passed { what: "exit code 0".into() });
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
