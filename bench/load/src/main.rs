//! `make bench`: Castalia beside a peer or the physical limit, measured in the same run on the same machine.
//!
//! Everything happens in a temporary folder and on loopback, is bounded in time, and is ended by pid.

mod http;
mod idle;
mod lines;
mod logs;
mod machine;
mod noop;
mod peer;
mod rest;
mod server;
mod socket;
mod stats;
mod table;

use anyhow::{Context, Result, bail};
use server::{Program, Server};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use table::Row;

/// What was asked for.
#[derive(Debug, Default)]
struct Arguments {
    castalia: PathBuf,
    python: Option<PathBuf>,
    json: Option<PathBuf>,
    only: Vec<String>,
    /// Virtualenvs of Prefect and of the SDK, and the checkout; without them the peer is left out.
    peer: Option<PathBuf>,
    sdk: Option<PathBuf>,
    checkout: Option<PathBuf>,
    peer_runs: Option<usize>,
}

fn arguments() -> Result<Arguments> {
    let mut given = Arguments::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--castalia" => given.castalia = value()?.into(),
            "--python" => given.python = Some(value()?.into()),
            "--json" => given.json = Some(value()?.into()),
            "--only" => given.only = value()?.split(',').map(str::to_owned).collect(),
            "--peer" => given.peer = Some(value()?.into()),
            "--sdk" => given.sdk = Some(value()?.into()),
            "--checkout" => given.checkout = Some(value()?.into()),
            "--peer-runs" => given.peer_runs = Some(value()?.parse()?),
            other => bail!("`{other}` is not known; see bench/README.md"),
        }
    }
    Ok(given)
}

impl Arguments {
    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|p| p == part)
    }
}

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    if words.next().is_some_and(|first| first == "lines") {
        return lines::print(words);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        // Whatever ends this early drops what was started, and that ends it.
        tokio::select! {
            done = run() => done,
            _ = tokio::signal::ctrl_c() => bail!("interrupted"),
            _ = terminated.recv() => bail!("terminated"),
        }
    })
}

fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "== {what}");
}

async fn run() -> Result<()> {
    let given = arguments()?;
    let folder = tempfile::Builder::new().prefix("castalia-bench.").tempdir()?;
    let program = Program {
        castalia: std::path::absolute(&given.castalia)?,
        own: std::env::current_exe()?,
        python: given.python.clone(),
        database: None,
    };
    let (begun, load, before) = (Instant::now(), machine::load(), machine::Busy::now()?);
    let rows = measure(&given, &program, folder.path()).await?;
    let busy = machine::Busy::now()?.since(&before);
    let about = about(&program, folder.path(), load, begun.elapsed(), &busy);
    for (name, value) in &about {
        println!("{name:<9} {value}");
    }
    println!();
    table::print(&rows);
    if let Some(path) = &given.json {
        std::fs::write(path, format!("{:#}\n", table::to_json(&about, &rows)))?;
    }
    Ok(())
}

/// What a reader must know to judge the figures.
fn about(
    program: &Program,
    folder: &Path,
    load: f64,
    took: Duration,
    busy: &machine::Busy,
) -> Vec<(String, String)> {
    let size = std::fs::metadata(&program.castalia).map_or(0.0, |m| m.len() as f64 / 1e6);
    let version = machine::first_line(&program.castalia, "--version");
    let bwrap = machine::first_line(Path::new("bwrap"), "--version");
    [
        ("machine", machine::describe(folder)),
        ("load", format!("{load} before, {} after; this run {}", machine::load(), busy.describe())),
        (
            "versions",
            format!(
                "{version} (release build, {size:.1} MB), {}",
                machine::first_line(Path::new("python3"), "--version")
            ),
        ),
        (
            "sandbox",
            format!(
                "`off` and `auto` as each row says; auto is {}",
                if bwrap.is_empty() { "none: no bubblewrap here" } else { &bwrap }
            ),
        ),
        ("database", "SQLite (WAL, synchronous=NORMAL)".to_owned()),
        ("took", format!("{:.0} s", took.as_secs_f64())),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// The parts, in the order in which they disturb each other least.
async fn measure(given: &Arguments, program: &Program, folder: &Path) -> Result<Vec<Row>> {
    let data = folder.join("data");
    let mut rows = vec![];
    if given.wants("idle") {
        say("idle server, empty folder");
        let folders: Vec<PathBuf> = (0..3).map(|n| folder.join(format!("empty-{n}"))).collect();
        rows.push(idle::start_row(program, &folders, "empty").await?);
        let server = Server::start(program, &data, "auto").await?;
        rows.push(idle::memory_row(&server, Duration::from_secs(10)).await?);
        server.stop();
    }
    if given.wants("noop") {
        say("no-op processes");
        let server = Server::start(program, &data, "off").await?;
        server.demo_ready().await?;
        let sizes = noop::Sizes { burst: 2000, round: 600, rounds: 3, latency: 200 };
        rows.extend(noop::rows(&server, "off", &sizes).await?);
        server.stop();
    }
    if given.wants("sandbox") {
        say("no-op processes in the sandbox");
        let server = Server::start(program, &data, "auto").await?;
        server.demo_ready().await?;
        let sizes = noop::Sizes { burst: 0, round: 300, rounds: 3, latency: 100 };
        rows.extend(noop::rows(&server, "auto", &sizes).await?);
        server.stop();
    }
    if given.wants("logs") {
        say("log lines");
        let server = Server::start(program, &data, "off").await?;
        server.demo_ready().await?;
        let sizes = logs::Sizes { store: 1_000_000, clients: 600_000, paced: 500_000 };
        rows.extend(logs::rows(&server, program, folder, &sizes).await?);
        server.stop();
    }
    if given.wants("rest") {
        say("requests");
        let server = Server::start(program, &data, "off").await?;
        server.demo_ready().await?;
        rows.extend(rest::rows(&server).await?);
        server.stop();
    }
    if given.wants("idle") {
        say("start on the used folder");
        rows.push(idle::start_row(program, &[data.clone(), data.clone(), data], "used").await?);
    }
    if given.wants("peer")
        && let (Some(prefect), Some(sdk), Some(checkout)) = (&given.peer, &given.sdk, &given.checkout)
    {
        say("the peer (minutes)");
        let places = peer::Places { prefect: prefect.clone(), sdk: sdk.clone(), checkout: checkout.clone() };
        rows.extend(peer::rows(program, &places, folder, given.peer_runs.unwrap_or(40)).await?);
    }
    Ok(rows)
}
