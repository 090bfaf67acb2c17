//! The judge on real processes and sockets: how long after the fact something is announced, and what asking costs.

use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use castalia_compute::health::{HealthCheck, Monitor, Place, Rules, Seconds, State, UnitSubject};
use castalia_compute::{
    Backend, Phase, ProcessBackend, ProcessConfig, Resources, StopRequest, UnitId, UnitSpec,
};
use rustix::process::{Pid, Signal, kill_process};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use crate::draw::Draw;
use crate::service::now_ms;

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// What was measured of one kind of event.
#[derive(Debug, Serialize)]
struct Row {
    what: &'static str,
    count: usize,
    p50: f64,
    max: f64,
    unit: &'static str,
    goal: &'static str,
    met: bool,
    /// What JupyterHub 6.1.1 needed in the same situation, measured on a machine like this.
    other: &'static str,
}

/// Measures and prints.
pub(crate) fn main(seed: u64, json: bool) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let rows = runtime.block_on(measure(&mut Draw::new(seed, 0)))?;
    if json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        print(&rows);
    }
    Ok(ExitCode::from(u8::from(rows.iter().any(|row| !row.met))))
}

fn print(rows: &[Row]) {
    println!("{:<44} {:>5} {:>10} {:>10}  {:<34} JupyterHub 6.1.1", "", "n", "p50", "max", "goal");
    for row in rows {
        let met = if row.met { "met" } else { "NOT MET" };
        let goal = format!("{}: {met}", row.goal);
        let figure = |value: f64| format!("{value:.3} {}", row.unit);
        println!(
            "{:<44} {:>5} {:>10} {:>10}  {goal:<34} {}",
            row.what,
            row.count,
            figure(row.p50),
            figure(row.max),
            row.other
        );
    }
}

async fn measure(draw: &mut Draw) -> Result<Vec<Row>> {
    let bench = Bench::open().await?;
    let quick = check(15.0, 10.0, 8, 45.0);
    let mut rows = Vec::new();

    let mut lags = Vec::new();
    for i in 0..20 {
        lags.push(bench.readiness(&format!("one{i}"), draw.between(50.0, 2_000.0), &quick).await?);
    }
    rows.push(row("ready, one at a time", lags, "≤ 0.3 s", 0.3, "0.25–1.6 s (its back-off)"));

    let cpu = cpu_ms();
    let starts: Vec<_> = (0..50)
        .map(|i| {
            let (bench, check, late) = (bench.clone(), quick.clone(), draw.between(200.0, 5_000.0));
            tokio::spawn(async move { bench.readiness_and_tries(&format!("many{i}"), late, &check).await })
        })
        .collect();
    let (mut lags, mut tries) = (Vec::new(), 0);
    for start in starts {
        let (lag, asked) = start.await??;
        lags.push(lag);
        tries += asked;
    }
    rows.push(row("ready, 50 at once", lags, "≤ 0.3 s", 0.3, ""));
    let each = (cpu_ms() - cpu) / f64::from(u32::try_from(tries).unwrap_or(u32::MAX).max(1));
    rows.push(Row {
        what: "processor time of a try, 50 starts included",
        count: tries,
        p50: each,
        max: each,
        unit: "ms",
        goal: "< 20 ms a start",
        met: (cpu_ms() - cpu) / 50.0 < 20.0,
        other: "90 ms a spawn (hub alone)",
    });

    rows.push(row("exit with code 3", bench.ends("exit", &quick, draw).await?, "≤ 1 s", 1.0, "11–19 s"));
    rows.push(row("kill -9", bench.ends("kill", &quick, draw).await?, "≤ 1 s", 1.0, "30.1 s"));
    let hangs = bench.hangs(&check(1.0, 1.0, 3, 10.0)).await?;
    rows.push(row(
        "hang, beyond the limit of 3 s + a try of 1 s",
        hangs,
        "± 1 s",
        1.0,
        "281.8 s beyond 20 s",
    ));
    Ok(rows)
}

fn row(what: &'static str, mut values: Vec<f64>, goal: &'static str, most: f64, other: &'static str) -> Row {
    values.sort_by(f64::total_cmp);
    let worst = values.iter().map(|v| v.abs()).fold(0.0, f64::max);
    Row {
        what,
        count: values.len(),
        p50: values.get(values.len() / 2).copied().unwrap_or(f64::NAN),
        max: values.last().copied().unwrap_or(f64::NAN),
        unit: "s",
        goal,
        met: !values.is_empty() && worst <= most,
        other,
    }
}

fn check(interval: f64, timeout: f64, retries: u32, start_period: f64) -> HealthCheck {
    let seconds = |s: f64| Seconds(Duration::from_secs_f64(s));
    HealthCheck {
        interval: seconds(interval),
        timeout: seconds(timeout),
        retries: retries.try_into().unwrap_or(std::num::NonZeroU32::MIN),
        start_period: seconds(start_period),
        use_container_root: true,
        ..HealthCheck::default()
    }
}

/// Processor time of this process so far, milliseconds. The services and their shims are other processes.
fn cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1000.0 + time.tv_nsec as f64 / 1e6
}

#[derive(Clone)]
struct Bench {
    backend: ProcessBackend,
    _folder: Arc<tempfile::TempDir>,
}

/// A service that runs, and its monitor.
struct Running {
    bench: Bench,
    id: UnitId,
    monitor: Monitor,
}

impl Bench {
    async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let program = std::env::current_exe()?;
        let mut config = ProcessConfig::new(folder.path().join("units"), program, "health-bench");
        config.shim.1.push("shim".into());
        config.cgroups = false;
        Ok(Bench { backend: ProcessBackend::open(config).await?, _folder: Arc::new(folder) })
    }

    async fn start(
        &self,
        name: &str,
        late: f64,
        mode: &str,
        amount: u64,
        check: &HealthCheck,
    ) -> Result<Running> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let program = std::env::current_exe()?.to_string_lossy().into_owned();
        let words = ["serve".into(), port.to_string(), format!("{late:.0}"), mode.into(), amount.to_string()];
        let id: UnitId = format!("unit_{name}").parse()?;
        let mut spec = UnitSpec::new(id.clone(), std::iter::once(program).chain(words));
        spec.deadline = Some(PATIENCE * 2);
        self.backend.start(&spec).await?;
        let backend: Arc<dyn Backend> = Arc::new(self.backend.clone());
        let subject = UnitSubject::new(backend, id.clone(), check, &Place::local(port), Resources::default());
        let rules = Rules::new(check, check.start_period.0, Vec::new());
        Ok(Running { bench: self.clone(), id, monitor: Monitor::start(rules, Arc::new(subject)) })
    }

    async fn readiness(&self, name: &str, late: f64, check: &HealthCheck) -> Result<f64> {
        Ok(self.readiness_and_tries(name, late, check).await?.0)
    }

    /// Seconds from listening to the announcement, and how often was asked.
    async fn readiness_and_tries(&self, name: &str, late: f64, check: &HealthCheck) -> Result<(f64, usize)> {
        let running = self.start(name, late, "fine", 0, check).await?;
        let announced = running.until(State::Healthy).await?;
        let lag = (announced - running.moment("listens").await?) / 1000.0;
        let tries = running.monitor.chronicle().attempts.len();
        running.end().await?;
        Ok((lag, tries))
    }

    /// Seconds from the end of a program to its announcement.
    async fn ends(&self, how: &str, check: &HealthCheck, draw: &mut Draw) -> Result<Vec<f64>> {
        let mut lags = Vec::new();
        for i in 0..20 {
            let life = draw.between(200.0, 900.0);
            let mode = if how == "exit" { "exit" } else { "fine" };
            let running = self.start(&format!("{how}{i}"), 0.0, mode, life as u64, check).await?;
            running.until(State::Healthy).await?;
            let killed = if how == "kill" { Some(running.kill().await?) } else { None };
            let told = running.until(State::Stopped).await?;
            let ended = match self.backend.observe(&running.id).await?.context("gone")?.phase {
                Phase::Ended(exit) => exit.ended_at as f64,
                other => bail!("{other:?}"),
            };
            lags.push((told - killed.unwrap_or(ended)) / 1000.0);
        }
        Ok(lags)
    }

    /// Seconds beyond the limit at which hangs are announced: `retries × interval`, and one try, after the last good
    /// answer.
    async fn hangs(&self, check: &HealthCheck) -> Result<Vec<f64>> {
        let limit =
            check.interval.0.as_secs_f64() * f64::from(check.retries.get()) + check.timeout.0.as_secs_f64();
        let hangs: Vec<_> = (0..10_u64)
            .map(|i| {
                let (bench, check) = (self.clone(), check.clone());
                tokio::spawn(async move {
                    let running =
                        bench.start(&format!("hang{i}"), 0.0, "hang", 1_000 + i * 137, &check).await?;
                    running.until(State::Healthy).await?;
                    let told = running.until(State::Unhealthy).await?;
                    let silence = (told - running.moment("good").await?) / 1000.0;
                    running.end().await?;
                    anyhow::Ok(silence - limit)
                })
            })
            .collect();
        let mut beyond = Vec::new();
        for hang in hangs {
            beyond.push(hang.await??);
        }
        Ok(beyond)
    }
}

impl Running {
    /// When the state was announced, milliseconds since the epoch, as whoever waits for it sees it.
    async fn until(&self, state: State) -> Result<f64> {
        let status = tokio::time::timeout(PATIENCE, self.monitor.until(|s| s == state)).await?;
        ensure!(status.state == state, "{} is {}: {}", self.id, status.state, status.reason);
        Ok(now_ms())
    }

    /// A moment that the service wrote down.
    async fn moment(&self, file: &str) -> Result<f64> {
        let path = self.bench.backend.work_dir(&self.id).join(file);
        // It may be written right now.
        for _ in 0..200 {
            if let Some(moment) = std::fs::read_to_string(&path).ok().and_then(|text| text.parse().ok()) {
                return Ok(moment);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        bail!("{} was not written", path.display())
    }

    async fn kill(&self) -> Result<f64> {
        let phase = self.bench.backend.observe(&self.id).await?.context("gone")?.phase;
        let Phase::Running { pid, .. } = phase else { bail!("{phase:?}") };
        let pid = Pid::from_raw(i32::try_from(pid)?).context("no process")?;
        let now = now_ms();
        kill_process(pid, Signal::KILL)?;
        Ok(now)
    }

    async fn end(self) -> Result<()> {
        self.monitor.stopping("measured");
        let stop = StopRequest { reason: "measured".into(), grace: Duration::ZERO };
        self.bench.backend.stop(&self.id, stop).await?;
        self.until(State::Stopped).await?;
        Ok(())
    }
}
