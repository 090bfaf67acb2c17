//! The program whose log is measured: `castalia-bench lines N [PER_SECOND]` prints N numbered lines of 80 bytes.

use anyhow::{Context, Result};
use std::io::{BufWriter, Write};
use std::time::{Duration, Instant};

/// The text of line `n`, from 1.
pub(crate) fn text(n: u64) -> String {
    format!("2026-01-31 12:00:00 INFO  solver step {n:>9} residual 1.0000e-05 of 1.0000e-08")
}

/// Prints them, as fast as they are taken or at a pace.
pub(crate) fn print(mut words: impl Iterator<Item = String>) -> Result<()> {
    let n: u64 = words.next().context("how many lines?")?.parse()?;
    let per_second: Option<f64> = words.next().map(|w| w.parse()).transpose()?;
    let mut out = BufWriter::with_capacity(64 << 10, std::io::stdout().lock());
    let begun = Instant::now();
    for line in 1..=n {
        writeln!(out, "{}", text(line))?;
        if let Some(per_second) = per_second
            && line % 500 == 0
        {
            out.flush()?;
            let due = Duration::from_secs_f64(line as f64 / per_second);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
    }
    Ok(out.flush()?)
}
