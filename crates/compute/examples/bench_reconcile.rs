//! Measures the whole way, submit to settled and removed, with an owner in memory:
//! `cargo run --release -p castalia-compute --example bench_reconcile -- SHIM`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use castalia_compute::{
    Exit, Owner, OwnerError, ProcessBackend, ProcessConfig, Progress, Reconciler, ReconcilerConfig, Settled,
    UnitId, UnitSpec, Wanted,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// When a unit was submitted, and how long until its program ran and until it was settled.
type Times = (f64, Option<(f64, f64)>);

#[derive(Default)]
struct Memory {
    units: Mutex<HashMap<UnitId, Times>>,
    settled: Notify,
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|d| d.as_secs_f64() * 1000.0).unwrap_or_default()
}

impl Memory {
    fn units(&self) -> std::sync::MutexGuard<'_, HashMap<UnitId, Times>> {
        self.units.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> usize {
        self.units().values().filter(|(_, settled)| settled.is_none()).count()
    }
}

#[async_trait]
impl Owner for Memory {
    fn name(&self) -> &str {
        "bench"
    }

    async fn wanted(&self) -> Result<Vec<Wanted>, OwnerError> {
        Ok(Vec::new())
    }

    async fn want(&self, id: &UnitId) -> Result<Option<Wanted>, OwnerError> {
        let open = self.units().get(id).is_some_and(|(_, settled)| settled.is_none());
        Ok(open.then(|| Wanted { id: id.clone(), started: false, stop: None }))
    }

    async fn spec(&self, id: &UnitId) -> Result<UnitSpec, OwnerError> {
        Ok(UnitSpec::new(id.clone(), ["/bin/true"]))
    }

    async fn running(&self, _: &UnitId, _: i64) -> Result<(), OwnerError> {
        Ok(())
    }

    async fn progress(&self, _: &UnitId, _: &Progress) {}

    async fn ended(&self, id: &UnitId, exit: &Exit) -> Result<Settled, OwnerError> {
        if let Some((submitted, settled)) = self.units().get_mut(id) {
            // `started_at` is cut to whole milliseconds.
            let started = exit.started_at.unwrap_or_default() as f64 + 0.5;
            *settled = Some((started - *submitted, now_ms() - *submitted));
        }
        self.settled.notify_one();
        Ok(Settled::Recorded)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), OwnerError> {
    let shim = std::env::args().nth(1).map(PathBuf::from).ok_or("say where castalia-shim is")?;
    let dir = std::env::temp_dir().join(format!("castalia-bench-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let backend = ProcessBackend::open(ProcessConfig::new(dir.join("units"), shim, "bench")).await?;
    let owner = Arc::new(Memory::default());
    for concurrency in [4, 8, 32] {
        let config = ReconcilerConfig { concurrency, ..ReconcilerConfig::default() };
        let reconciler = Reconciler::new(Arc::new(backend.clone()), owner.clone(), config);
        let (handle, shutdown) = (reconciler.handle(), CancellationToken::new());
        let task = tokio::spawn(reconciler.run(shutdown.clone()));
        let begun = Instant::now();
        for n in 0..3000 {
            let id: UnitId = format!("unit_c{concurrency}-{n}").parse()?;
            owner.units().insert(id.clone(), (now_ms(), None));
            handle.nudge(&id);
        }
        while owner.open() > 0 {
            let _ = tokio::time::timeout(Duration::from_millis(100), owner.settled.notified()).await;
        }
        println!(
            "burst of 3000, {concurrency} at a time: {:.0} units/s settled",
            3000.0 / begun.elapsed().as_secs_f64()
        );
        // A steady 100 per second shows the latency without a queue.
        let mut timer = tokio::time::interval(Duration::from_millis(10));
        let steady: Vec<UnitId> =
            (0..300).map(|n| format!("unit_s{concurrency}-{n}").parse()).collect::<Result<_, _>>()?;
        for id in &steady {
            timer.tick().await;
            owner.units().insert(id.clone(), (now_ms(), None));
            handle.nudge(id);
        }
        while owner.open() > 0 {
            let _ = tokio::time::timeout(Duration::from_millis(100), owner.settled.notified()).await;
        }
        let times: Vec<(f64, f64)> = steady.iter().filter_map(|id| owner.units()[id].1).collect();
        println!(
            "steady 100/s: submit to program started {:.1} ms, to settled {:.1} ms (medians)",
            median(times.iter().map(|t| t.0).collect()),
            median(times.iter().map(|t| t.1).collect())
        );
        shutdown.cancel();
        task.await?;
    }
    drop(backend);
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
