//! Small requests on kept connections, by wrk.

use crate::subject::{Kind, Subject};
use crate::{median, verdict};
use anyhow::{Context, Result, bail};
use std::process::Command;

struct Round {
    micros: f64,
    rate: f64,
    slow: String,
}

/// Runs wrk against each in turn, some rounds, and prints the medians.
pub(crate) fn measure(
    subjects: &mut [Subject],
    connections: usize,
    rounds: usize,
    seconds: u64,
) -> Result<()> {
    let mut all: Vec<Vec<Round>> = subjects.iter().map(|_| Vec::new()).collect();
    for subject in subjects.iter() {
        wrk(subject, connections, 1)?;
    }
    for _ in 0..rounds {
        for (subject, rounds) in subjects.iter().zip(&mut all) {
            rounds.push(wrk(subject, connections, seconds)?);
        }
    }
    println!("small requests, {connections} connections, {rounds} rounds of {seconds} s each, medians");
    println!("  {:<25} {:>14} {:>12} {:>10} {:>10}", "", "µs CPU/request", "(spread)", "requests/s", "p99");
    let mut figures = Vec::new();
    for (subject, rounds) in subjects.iter().zip(&all) {
        let micros = median(rounds.iter().map(|r| r.micros).collect());
        let low = rounds.iter().map(|r| r.micros).fold(f64::INFINITY, f64::min);
        let high = rounds.iter().map(|r| r.micros).fold(0.0, f64::max);
        let rate = median(rounds.iter().map(|r| r.rate).collect());
        let slow = rounds.last().map_or("", |r| r.slow.as_str());
        let spread = format!("{low:.1}–{high:.1}");
        println!("  {:<25} {micros:>14.1} {spread:>12} {rate:>10.0} {slow:>10}", subject.kind.name());
        figures.push((subject.kind, micros));
    }
    let of = |kind| figures.iter().find(|(k, _)| *k == kind).map_or(f64::NAN, |(_, micros)| *micros);
    let (ours, nginx, chp) = (of(Kind::Castalia), of(Kind::Nginx), of(Kind::Chp));
    println!("  to nginx × {:.2} (goal at most 1.30: {})", ours / nginx, verdict(ours / nginx <= 1.3));
    println!(
        "  to configurable-http-proxy × {:.2} (goal at most 0.25: {})\n",
        ours / chp,
        verdict(ours / chp <= 0.25)
    );
    Ok(())
}

fn wrk(subject: &Subject, connections: usize, seconds: u64) -> Result<Round> {
    let before = subject.cpu()?;
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "--latency"])
        .arg(format!("http://{}/hub/api", subject.address))
        .output()
        .context("wrk")?;
    let used = subject.cpu()? - before;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        bail!("{}: {text}", subject.kind.name());
    }
    let line = |word: &str| text.lines().find(|l| l.contains(word)).unwrap_or_default().trim().to_owned();
    let requests: f64 = line("requests in").split_whitespace().next().context("wrk's output")?.parse()?;
    let rate = line("Requests/sec:").split_whitespace().nth(1).context("wrk's output")?.parse()?;
    let slow = line("99%").split_whitespace().nth(1).unwrap_or_default().to_owned();
    Ok(Round { micros: used / requests * 1e6, rate, slow })
}
