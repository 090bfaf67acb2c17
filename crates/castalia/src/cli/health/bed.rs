//! Where a definition is tried: a process backend in a temporary folder, and a monitor for each service.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use castalia_compute::health::{Monitor, Place, State, UnitSubject};
use castalia_compute::log::{Limit, Stream};
use castalia_compute::service::Filling;
use castalia_compute::{
    Backend, Error, Phase, ProcessBackend, ProcessConfig, Resources, StopRequest, UnitId,
};

use super::plan::Planned;
use crate::cli::failure::Failure;
use crate::cli::style::tame;

/// Time between SIGTERM and SIGKILL at the end.
const GRACE: Duration = Duration::from_secs(10);

/// A service that was forgotten, because we were killed, ends by itself.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

pub(super) struct Bed {
    backend: ProcessBackend,
    services: Vec<Placed>,
    /// Deleted with us.
    _folder: tempfile::TempDir,
}

/// A service and its place.
pub(super) struct Placed {
    pub(super) name: String,
    pub(super) unit: UnitId,
    pub(super) port: u16,
    monitor: OnceLock<Monitor>,
}

/// How the service that was tried came to its end.
#[derive(Debug, Default)]
pub(super) struct Stopped {
    /// From asking to the end; none when it had ended already.
    pub(super) after: Option<Duration>,
    /// Whether it had to be killed.
    pub(super) killed: bool,
}

impl Bed {
    /// Makes the folder and gives everybody a port.
    pub(super) async fn make(plan: &[Planned]) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("castalia-health-").tempdir();
        let folder = folder.map_err(|e| Failure::Here(format!("could not make a temporary folder: {e}")))?;
        let program = std::env::current_exe();
        let program = program.map_err(|e| Failure::Here(format!("could not find this program: {e}")))?;
        let mut config = ProcessConfig::new(folder.path().join("units"), program, "health-test");
        config.shim.1.push("shim".into());
        // Nothing is limited, so there is nothing that a group would be for.
        config.cgroups = false;
        let backend = ProcessBackend::open(config).await.map_err(here)?;
        let services = plan.iter().enumerate().map(|(i, planned)| place(i, planned));
        Ok(Bed { backend, services: services.collect::<Result<_, _>>()?, _folder: folder })
    }

    /// Starts all, and their monitors.
    pub(super) async fn start(&self, plan: &[Planned]) -> Result<(), Failure> {
        let ports: BTreeMap<String, u16> = self.services.iter().map(|s| (s.name.clone(), s.port)).collect();
        for (planned, placed) in plan.iter().zip(&self.services) {
            let filling = Filling {
                port: placed.port,
                here: planned.here.to_string_lossy().into_owned(),
                dependencies: ports.clone(),
                ..Filling::default()
            };
            let mut spec = planned.service.unit(placed.unit.clone(), &filling);
            if let (false, Ok(path)) = (spec.env.contains_key("PATH"), std::env::var("PATH")) {
                spec.env.insert("PATH".into(), path);
            }
            spec.deadline = Some(LONGEST);
            self.backend.start(&spec).await.map_err(here)?;
            let backend: Arc<dyn Backend> = Arc::new(self.backend.clone());
            let check = &planned.service.health_check;
            let at = Place::local(placed.port);
            let subject = UnitSubject::new(backend, placed.unit.clone(), check, &at, Resources::default());
            let monitor = Monitor::start(planned.service.rules(), Arc::new(subject));
            for needed in &planned.service.dependencies {
                let other = self.services.iter().find(|s| s.name == *needed).and_then(|s| s.monitor.get());
                if let Some(other) = other {
                    monitor.depend_on(needed, other);
                }
            }
            let _ = placed.monitor.set(monitor);
        }
        Ok(())
    }

    /// The services with their monitors, in the order of their start; the one that is tried is the last.
    pub(super) fn services(&self) -> impl Iterator<Item = (&Placed, &Monitor)> {
        self.services.iter().filter_map(|placed| Some((placed, placed.monitor.get()?)))
    }

    /// The monitor of the service that is tried.
    pub(super) fn target(&self) -> Option<&Monitor> {
        self.services.last()?.monitor.get()
    }

    /// The service that is tried.
    pub(super) fn placed(&self) -> Option<&Placed> {
        self.services.last()
    }

    /// Resolves when something on which the service depends can't get healthy any more.
    pub(super) async fn dependency_lost(&self) {
        let count = self.services.len().saturating_sub(1);
        let lost = self
            .services()
            .take(count)
            .map(|(_, monitor)| Box::pin(monitor.until(|state| state == State::Unhealthy)));
        let lost: Vec<_> = lost.collect();
        if lost.is_empty() {
            return std::future::pending().await;
        }
        futures::future::select_all(lost).await;
    }

    /// Ends all, the dependencies last.
    pub(super) async fn stop(&self) -> Stopped {
        let mut of_target = None;
        for placed in self.services.iter().rev() {
            let stopped = self.stop_one(placed).await;
            of_target.get_or_insert(stopped);
        }
        of_target.unwrap_or_default()
    }

    async fn stop_one(&self, placed: &Placed) -> Stopped {
        let ended = || async {
            let seen = self.backend.observe(&placed.unit).await;
            seen.is_ok_and(|unit| unit.is_none_or(|unit| matches!(unit.phase, Phase::Ended(_))))
        };
        if ended().await {
            return Stopped::default();
        }
        let reason = "the test is over";
        if let Some(monitor) = placed.monitor.get() {
            monitor.stopping(reason);
        }
        let begun = Instant::now();
        let mut changes = self.backend.watch();
        let stop = StopRequest { reason: reason.into(), grace: GRACE };
        if self.backend.stop(&placed.unit, stop).await.is_err() {
            return Stopped::default();
        }
        while !ended().await && begun.elapsed() < GRACE * 2 {
            let _ = tokio::time::timeout(Duration::from_millis(500), changes.recv()).await;
        }
        let after = begun.elapsed();
        // The monitor may tell its end a moment later than the backend.
        if let Some(monitor) = placed.monitor.get() {
            let _ = tokio::time::timeout(Duration::from_secs(1), monitor.until(|_| false)).await;
        }
        Stopped { after: Some(after), killed: after >= GRACE }
    }

    /// The last lines of what the service said.
    pub(super) async fn last_lines(&self, count: u64) -> Vec<String> {
        let Some(placed) = self.services.last() else { return Vec::new() };
        let total = match self.backend.observe(&placed.unit).await {
            Ok(Some(unit)) => match unit.phase {
                Phase::Ended(exit) => exit.log.lines,
                _ => 0,
            },
            _ => 0,
        };
        let limit = Limit { lines: usize::try_from(count).unwrap_or(usize::MAX), bytes: 1 << 20 };
        let batch = self.backend.logs(&placed.unit, total.saturating_sub(count), limit).await;
        let lines = batch.ok().and_then(|batch| batch.parse().ok()).unwrap_or_default();
        let lines = lines.into_iter().filter(|line| line.stream != Stream::Progress);
        lines.map(|line| format!("  {} {}", line.stream.as_str(), tame(&line.line))).collect()
    }
}

fn place(index: usize, planned: &Planned) -> Result<Placed, Failure> {
    let wanted = planned.service.port.map_or(0, Into::into);
    let listener = TcpListener::bind(("127.0.0.1", wanted));
    let address = listener.and_then(|listener| listener.local_addr());
    let port = address.map_err(|e| match wanted {
        0 => Failure::Here(format!("could not find a free port: {e}")),
        port => Failure::Here(format!("{}: port {port} can't be used: {e}", planned.name)),
    })?;
    let unit = format!("unit_{index}").parse().map_err(here)?;
    Ok(Placed { name: planned.name.clone(), unit, port: port.port(), monitor: OnceLock::new() })
}

fn here(error: Error) -> Failure {
    Failure::Here(error.to_string())
}
