//! `bench/proxy/run`: `castalia proxy`, nginx and configurable-http-proxy in front of the same back end, one after the
//! other in each round, on loopback. What counts is the processor time of the proxy's own process (scheduler statistics,
//! kernel time included) per unit of work; wall time on a shared machine says little.

mod back;
mod requests;
mod routes;
mod sockets;
mod subject;

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use subject::{Kind, Subject};

/// What was asked for.
#[derive(Debug)]
struct Arguments {
    castalia: PathBuf,
    chp: PathBuf,
    rounds: usize,
    seconds: u64,
    only: Vec<String>,
}

fn arguments() -> Result<Arguments> {
    let mut given =
        Arguments { castalia: PathBuf::new(), chp: PathBuf::new(), rounds: 3, seconds: 4, only: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--castalia" => given.castalia = value()?.into(),
            "--chp" => given.chp = value()?.into(),
            "--rounds" => given.rounds = value()?.parse()?,
            "--seconds" => given.seconds = value()?.parse()?,
            "--only" => given.only = value()?.split(',').map(str::to_owned).collect(),
            other => bail!("`{other}` is not known; see bench/proxy/run --help"),
        }
    }
    Ok(given)
}

fn main() -> Result<()> {
    let given = arguments()?;
    let back = back::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let wants = |part: &str| given.only.is_empty() || given.only.iter().any(|p| p == part);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "load {} on {} processors\n",
        load.trim(),
        std::thread::available_parallelism().map_or(0, usize::from)
    );
    let make = |kind: Kind| Subject::start(kind, &given.castalia, &given.chp, back);
    if wants("requests") {
        let mut subjects = Kind::ALL.into_iter().map(make).collect::<Result<Vec<_>>>()?;
        for connections in [32, 128] {
            requests::measure(&mut subjects, connections, given.rounds, given.seconds)?;
        }
    }
    if wants("sockets") {
        let mut rows = Vec::new();
        for kind in Kind::ALL {
            let subject = make(kind)?;
            rows.push(runtime.block_on(sockets::measure(&subject))?);
        }
        sockets::print(&rows);
    }
    if wants("routes") {
        let mut rows = Vec::new();
        for kind in [Kind::Chp, Kind::Castalia] {
            let subject = make(kind)?;
            rows.push(runtime.block_on(routes::measure(&subject, back))?);
        }
        routes::print(&rows);
    }
    Ok(())
}

/// The middle of some figures.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "NOT MET" }
}
