//! What the tests share: a backend in a temporary folder, and waiting with a limit.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use castalia_compute::log::{Limit, LogLine, Reader, Stream};
use castalia_compute::{Backend, Exit, Phase, ProcessBackend, ProcessConfig, UnitId, UnitSpec};
use tempfile::TempDir;

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A temporary folder and a configuration for it; its control groups go with it.
pub(crate) struct Scratch {
    pub(crate) dir: TempDir,
    pub(crate) config: ProcessConfig,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = config(dir.path());
        Scratch { dir, config }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.kill_units();
        for group in cgroups(&installation(self.dir.path())) {
            let _ = std::fs::remove_dir(group);
        }
    }
}

impl Scratch {
    /// After a failed test: a unit whose program is killed ends by itself.
    fn kill_units(&self) {
        let folders = std::fs::read_dir(&self.config.units_dir).into_iter().flatten().flatten();
        for folder in folders.filter(|f| !f.path().join("exit.json").exists()) {
            let started = std::fs::read(folder.path().join("started.json")).unwrap_or_default();
            let started: serde_json::Value = serde_json::from_slice(&started).unwrap_or_default();
            if let Some(pid) = started["pid"].as_u64() {
                let _ = std::process::Command::new("kill").args(["-9", &pid.to_string()]).output();
            }
        }
    }
}

/// A name of its own for each folder, the same in every process that works on it.
fn installation(dir: &Path) -> String {
    let name = dir.file_name().unwrap().to_string_lossy();
    format!("test-{}", name.trim_start_matches('.'))
}

pub(crate) fn config(dir: &Path) -> ProcessConfig {
    ProcessConfig::new(dir.join("units"), env!("CARGO_BIN_EXE_castalia-shim"), installation(dir))
}

pub(crate) struct Bench {
    pub(crate) backend: ProcessBackend,
    pub(crate) config: ProcessConfig,
    pub(crate) scratch: Scratch,
}

/// The groups that an installation has made on this machine.
pub(crate) fn cgroups(installation: &str) -> Vec<PathBuf> {
    let controllers = std::fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten();
    controllers.map(|c| c.path().join(format!("castalia-{installation}"))).filter(|p| p.exists()).collect()
}

/// The groups of units below those.
pub(crate) fn unit_cgroups(installation: &str) -> Vec<PathBuf> {
    let entries =
        cgroups(installation).into_iter().filter_map(|g| std::fs::read_dir(g).ok()).flatten().flatten();
    entries.map(|e| e.path()).filter(|p| p.is_dir()).collect()
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ProcessConfig)) -> Self {
        let scratch = Scratch::new();
        let mut config = scratch.config.clone();
        change(&mut config);
        let backend = ProcessBackend::open(config.clone()).await.unwrap();
        Bench { backend, config, scratch }
    }

    pub(crate) async fn run(&self, spec: UnitSpec) -> Exit {
        self.backend.start(&spec).await.unwrap();
        self.ended(&spec.id).await
    }

    pub(crate) async fn ended(&self, id: &UnitId) -> Exit {
        ended(&self.backend, id).await
    }

    pub(crate) async fn running(&self, id: &UnitId) -> u32 {
        let begun = Instant::now();
        loop {
            match self.backend.observe(id).await.unwrap().unwrap().phase {
                Phase::Running { pid, .. } => return pid,
                Phase::Ended(exit) => panic!("{id} ended already: {exit:?}"),
                _ => assert!(begun.elapsed() < PATIENCE, "{id} does not start"),
            }
            pause().await;
        }
    }

    pub(crate) async fn lines(&self, id: &UnitId) -> Vec<LogLine> {
        lines(&self.backend, id).await
    }

    pub(crate) async fn text(&self, id: &UnitId, stream: Stream) -> String {
        let found = self.lines(id).await.into_iter().filter(|l| l.stream == stream);
        String::from_utf8_lossy(&found.flat_map(|l| l.bytes()).collect::<Vec<_>>()).into_owned()
    }

    pub(crate) fn reader(&self, id: &UnitId) -> Reader {
        reader(&self.backend, id)
    }

    /// Waits until the unit has printed `text` on stdout.
    pub(crate) async fn said(&self, id: &UnitId, text: &str) {
        until(&format!("{id} says {text}"), async || self.text(id, Stream::Stdout).await.contains(text))
            .await;
    }
}

pub(crate) fn reader(backend: &ProcessBackend, id: &UnitId) -> Reader {
    use castalia_compute::log::FileSource;
    use std::sync::Arc;
    let (log, index) = backend.log_files(id);
    Reader::new(
        Arc::new(FileSource::open(&log).unwrap()),
        Some(Arc::new(FileSource::open(&index).unwrap())),
        true,
    )
}

pub(crate) async fn ended(backend: &ProcessBackend, id: &UnitId) -> Exit {
    let begun = Instant::now();
    loop {
        if let Phase::Ended(exit) = backend.observe(id).await.unwrap().unwrap().phase {
            return exit;
        }
        assert!(begun.elapsed() < PATIENCE, "{id} does not end");
        pause().await;
    }
}

pub(crate) async fn lines(backend: &ProcessBackend, id: &UnitId) -> Vec<LogLine> {
    let mut all: Vec<LogLine> = Vec::new();
    loop {
        let after = all.last().map_or(0, |l| l.seq);
        let batch = backend.logs(id, after, Limit { lines: 5000, bytes: 1 << 20 }).await.unwrap();
        if batch.is_empty() {
            return all;
        }
        all.extend(batch.parse().unwrap());
    }
}

pub(crate) async fn pause() {
    tokio::time::sleep(Duration::from_millis(3)).await;
}

pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        pause().await;
    }
}

pub(crate) fn id(name: &str) -> UnitId {
    format!("unit_{name}").parse().unwrap()
}

pub(crate) fn sh(name: &str, script: &str) -> UnitSpec {
    UnitSpec::new(id(name), ["/bin/sh", "-c", script])
}

pub(crate) fn alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}
