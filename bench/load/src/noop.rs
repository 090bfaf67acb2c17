//! A process that does nothing: what is left is Castalia.

use crate::http::Connection;
use crate::machine::Cpu;
use crate::server::Server;
use crate::socket::Socket;
use crate::stats::Samples;
use crate::table::Row;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};

const PATIENCE: Duration = Duration::from_secs(120);
const CONNECTIONS: usize = 4;

/// What the events say about a process, at the time they arrive here.
pub(crate) struct Seen {
    pub(crate) process: String,
    pub(crate) kind: Kind,
    pub(crate) at: Instant,
    /// `started_at` of `process.running`, in milliseconds UTC.
    pub(crate) started_at: Option<f64>,
}

/// The events that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Running,
    Ended,
}

/// Listens to the events of a project.
pub(crate) struct Events {
    queue: mpsc::UnboundedReceiver<Result<Seen>>,
    task: AbortHandle,
}

impl Drop for Events {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Events {
    pub(crate) async fn of_project(server: &Server, project: &str) -> Result<Self> {
        let mut socket = Socket::open(server.http, &server.token).await?;
        socket.subscribe(&format!("project.{project}")).await?;
        let (sender, queue) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            loop {
                let seen = match socket.next().await {
                    Ok(message) => parse(message).transpose(),
                    Err(error) => Some(Err(error)),
                };
                let failed = matches!(seen, Some(Err(_)));
                if seen.is_some_and(|seen| sender.send(seen).is_err()) || failed {
                    return;
                }
            }
        });
        Ok(Self { queue, task: task.abort_handle() })
    }

    pub(crate) async fn next(&mut self) -> Result<Seen> {
        let seen =
            tokio::time::timeout(PATIENCE, self.queue.recv()).await.context("no event within two minutes")?;
        seen.context("the events ended")?
    }
}

fn parse(message: &[u8]) -> Result<Option<Seen>> {
    let at = Instant::now();
    let message: Value = serde_json::from_slice(message)?;
    let event = &message["data"];
    let process = event["data"]["process"].as_str().unwrap_or_default().to_owned();
    let kind = match event["type"].as_str().unwrap_or_default() {
        "process.running" => Kind::Running,
        "process.completed" => Kind::Ended,
        "process.failed" | "process.cancelled" => bail!("a process did not complete: {event}"),
        _ if message["type"] == "error" => bail!("{message}"),
        _ => return Ok(None),
    };
    Ok(Some(Seen { process, kind, at, started_at: milliseconds(&event["data"]["started_at"]) }))
}

/// A timestamp as the API writes it, `2026-01-31T12:00:00.123Z` or milliseconds, in milliseconds UTC of its day.
pub(crate) fn milliseconds(value: &Value) -> Option<f64> {
    if let Some(number) = value.as_f64() {
        return Some(number.rem_euclid(86_400_000.0));
    }
    let time = value.as_str()?.split('T').nth(1)?.trim_end_matches('Z');
    time.split(':')
        .zip([3_600_000.0, 60_000.0, 1000.0])
        .map(|(part, unit)| Some(part.parse::<f64>().ok()? * unit))
        .sum()
}

fn body(project: &str, type_name: &str) -> String {
    json!({"project": project, "type": type_name, "parameters": {}}).to_string()
}

/// Submits one; returns its id.
pub(crate) async fn submit(connection: &mut Connection, body: &str) -> Result<String> {
    let process = connection.json("POST", "/api/processes", body).await?;
    Ok(process["id"].as_str().context("no id")?.to_owned())
}

/// How fast `n` of them went through.
pub(crate) struct Throughput {
    pub(crate) per_second: f64,
    submitted_per_second: f64,
    cpu: Cpu,
    /// Share of the processors that others took meanwhile.
    others: f64,
    n: usize,
}

/// Submits `n` from a few connections, at most `in_flight` unfinished at once, and waits for the last end.
pub(crate) async fn throughput(
    server: &Server,
    project: &str,
    type_name: &str,
    n: usize,
    in_flight: usize,
) -> Result<Throughput> {
    let mut events = Events::of_project(server, project).await?;
    let (before, own_before) = (Cpu::of(server.pid())?, Cpu::of(std::process::id())?);
    let (room, left) = (Arc::new(Semaphore::new(in_flight)), Arc::new(AtomicUsize::new(n)));
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (mut connection, body) = (server.connect().await?, body(project, type_name));
        let (room, left) = (room.clone(), left.clone());
        clients.spawn(async move {
            while left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
                room.acquire().await?.forget();
                submit(&mut connection, &body).await?;
            }
            anyhow::Ok(begun.elapsed())
        });
    }
    let mut ended = 0;
    let mut submitted = Duration::ZERO;
    while ended < n {
        tokio::select! {
            seen = events.next() => if seen?.kind == Kind::Ended {
                ended += 1;
                room.add_permits(1);
            },
            Some(client) = clients.join_next() => submitted = client??.max(submitted),
        }
    }
    let took = begun.elapsed().as_secs_f64();
    let cpu = Cpu::of(server.pid())?.since(before);
    let own = Cpu::of(std::process::id())?.since(own_before);
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    let others = ((cpu.machine - cpu.own - cpu.children - own.own) / took / cores).max(0.0);
    server.check_books(project).await?;
    let submitted_per_second = n as f64 / submitted.as_secs_f64();
    Ok(Throughput { per_second: n as f64 / took, submitted_per_second, cpu, others, n })
}

impl Throughput {
    fn costs(&self) -> String {
        let each = |seconds: f64| seconds * 1000.0 / self.n as f64;
        format!(
            "processor time a process: server {:.2} ms, its shims and programs {:.2} ms; others took {:.0} % of the processors",
            each(self.cpu.own),
            each(self.cpu.children),
            self.others * 100.0
        )
    }
}

/// `/bin/true` started and waited for, again and again in two threads: the most that any program could do.
pub(crate) async fn bare_rate(for_time: Duration) -> Result<f64> {
    let threads: Vec<_> = (0..2)
        .map(|_| {
            tokio::task::spawn_blocking(move || {
                let (begun, mut n) = (Instant::now(), 0);
                while begun.elapsed() < for_time {
                    bare()?;
                    n += 1;
                }
                anyhow::Ok(f64::from(n) / begun.elapsed().as_secs_f64())
            })
        })
        .collect();
    let mut sum = 0.0;
    for thread in threads {
        sum += thread.await??;
    }
    Ok(sum)
}

/// Milliseconds until a bare `/bin/true` has been started, and until it was waited for.
fn bare() -> Result<(f64, f64)> {
    let begun = Instant::now();
    let mut child =
        Command::new("/bin/true").env_clear().stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let started = begun.elapsed();
    ensure!(child.wait()?.success(), "/bin/true failed");
    Ok((started.as_secs_f64() * 1000.0, begun.elapsed().as_secs_f64() * 1000.0))
}

/// Milliseconds from sending a submission, and those of the bare start in between.
pub(crate) struct Latency {
    answered: Samples,
    started: Samples,
    running: Samples,
    ended: Samples,
    bare_started: Samples,
    bare_ended: Samples,
}

/// One submission and one bare start every 50 ms.
pub(crate) async fn latency(server: &Server, project: &str, type_name: &str, n: usize) -> Result<Latency> {
    let mut events = Events::of_project(server, project).await?;
    let (mut connection, body) = (server.connect().await?, body(project, type_name));
    let mut sent = HashMap::new();
    let (mut answered, mut bare_started, mut bare_ended) = (vec![], vec![], vec![]);
    let mut tick = tokio::time::interval(Duration::from_millis(25));
    for _ in 0..n {
        tick.tick().await;
        let (at, wall) = (Instant::now(), SystemTime::now().duration_since(UNIX_EPOCH)?);
        let process = submit(&mut connection, &body).await?;
        answered.push(at.elapsed().as_secs_f64() * 1000.0);
        sent.insert(process, (at, wall.as_secs_f64() * 1000.0));
        tick.tick().await;
        let (started, ended) = tokio::task::spawn_blocking(bare).await??;
        bare_started.push(started);
        bare_ended.push(ended);
    }
    let (mut started, mut running, mut ended) = (vec![], vec![], vec![]);
    while ended.len() < n {
        let seen = events.next().await?;
        let Some((at, wall)) = sent.get(&seen.process) else { continue };
        let passed = seen.at.duration_since(*at).as_secs_f64() * 1000.0;
        match seen.kind {
            Kind::Ended => ended.push(passed),
            Kind::Running => {
                running.push(passed);
                // The stamp is cut to whole milliseconds: on average it is half of one too early.
                let since = seen
                    .started_at
                    .map(|at| (at - wall.rem_euclid(86_400_000.0)).rem_euclid(86_400_000.0) + 0.5);
                started.extend(since);
            }
        }
    }
    let s = Samples::new;
    Ok(Latency {
        answered: s(answered),
        started: s(started),
        running: s(running),
        ended: s(ended),
        bare_started: s(bare_started),
        bare_ended: s(bare_ended),
    })
}

/// How many of each.
pub(crate) struct Sizes {
    pub(crate) burst: usize,
    pub(crate) round: usize,
    pub(crate) rounds: usize,
    pub(crate) latency: usize,
}

/// All rows of a native no-op. `sandbox` names the mode.
pub(crate) async fn rows(server: &Server, sandbox: &str, sizes: &Sizes) -> Result<Vec<Row>> {
    let project = server.project(&format!("noop-{sandbox}"), json!({})).await?;
    server.native_types(&[("noop", &["/bin/true"])], 16).await?;
    throughput(server, &project, "noop", 50, 20).await?;
    let bare = bare_rate(Duration::from_secs(2)).await?;
    let limit = "bare fork+exec+wait in 2 threads";
    let mut rows = vec![];
    if sizes.burst > 0 {
        let burst = throughput(server, &project, "noop", sizes.burst, usize::MAX >> 4).await?;
        rows.push(
            Row::new(format!("no-op, burst of {}, sandbox {sandbox}", sizes.burst), burst.per_second, "/s")
                .against(limit, bare)
                .goal("≥ 200 /s", burst.per_second >= 200.0)
                .how(format!(
                    "POST /api/processes from {CONNECTIONS} keep-alive connections as fast as it is taken ({:.0} /s), first POST to last `process.completed` event; {}; the ledger holds nothing afterwards",
                    burst.submitted_per_second,
                    burst.costs()
                )),
        );
    }
    let mut rates = vec![];
    let mut costs = String::new();
    for _ in 0..sizes.rounds {
        let round = throughput(server, &project, "noop", sizes.round, 40).await?;
        rates.push(round.per_second);
        costs = round.costs();
    }
    let rates = Samples::new(rates);
    rows.push(
        Row::new(format!("no-op, 40 in flight, sandbox {sandbox}"), rates.median(), "/s")
            .spread(rates.spread())
            .against(limit, bare)
            .goal("≥ 200 /s", rates.median() >= 200.0)
            .how(format!(
                "{} rounds of {}, at most 40 unfinished at once; last round: {costs}",
                sizes.rounds, sizes.round
            )),
    );
    let l = latency(server, &project, "noop", sizes.latency).await?;
    let above = l.started.median() - l.bare_started.median();
    rows.push(
        Row::new(format!("submit to started, p50, sandbox {sandbox}"), l.started.median(), "ms")
            .against("fork+exec", l.bare_started.median())
            .goal("< 15 ms above", above < 15.0)
            .how(format!(
                "{} submissions at 20 /s, `started_at` minus the time of sending; p50 / p95 / p99: started {} ms, `process.running` seen by the client {} ms, POST answered {} ms; bare fork+exec in between {} ms; median above it {above:.1} ms",
                sizes.latency,
                l.started.quantiles(),
                l.running.quantiles(),
                l.answered.quantiles(),
                l.bare_started.quantiles()
            )),
    );
    rows.push(
        Row::new(format!("submit to completed, p50, sandbox {sandbox}"), l.ended.median(), "ms")
            .against("fork+exec+wait", l.bare_ended.median())
            .how(format!(
                "the same submissions, to the `process.completed` event at the client (log sealed, money settled): {} ms; bare fork+exec+wait {} ms",
                l.ended.quantiles(),
                l.bare_ended.quantiles()
            )),
    );
    Ok(rows)
}
