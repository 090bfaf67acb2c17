//! A server that does nothing, and how soon it is there.

use crate::machine::memory;
use crate::server::{Program, Server};
use crate::stats::Samples;
use crate::table::Row;
use anyhow::Result;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Memory of a server whose demo is ready, after some seconds without requests.
pub(crate) async fn memory_row(server: &Server, rest: Duration) -> Result<Row> {
    server.demo_ready().await?;
    tokio::time::sleep(rest).await;
    let megabytes = |file, name| memory(server.pid(), file, name).map(|bytes| bytes as f64 / 1e6);
    let (resident, proportional) = (megabytes("status", "VmRSS")?, megabytes("smaps_rollup", "Pss")?);
    let (anonymous, peak) = (megabytes("status", "RssAnon")?, megabytes("status", "VmHWM")?);
    Ok(Row::new("memory of the idle server with the demo", resident, "MB").goal("< 60 MB", resident < 60.0).how(format!(
        "resident (VmRSS) {} s after the demo was ready; proportional (PSS) {proportional:.1} MB, anonymous {anonymous:.1} MB (the rest is the mapped program), highest since the start {peak:.1} MB",
        rest.as_secs()
    )))
}

/// Start to the first answer of `/health`; `state` says what the folder holds.
pub(crate) async fn start_row(program: &Program, folders: &[std::path::PathBuf], state: &str) -> Result<Row> {
    let mut times = vec![];
    for folder in folders {
        let server = Server::start(program, folder, "auto").await?;
        times.push(server.first_answer.as_secs_f64());
        server.stop();
    }
    let times = Samples::new(times);
    let floor = Samples::new((0..5).map(|_| version(&program.castalia)).collect::<Result<_>>()?);
    Ok(Row::new(format!("start to first answer, {state} folder"), times.median(), "s")
        .spread(times.spread())
        .against("`castalia --version`", floor.median())
        .goal("< 0.5 s", times.median() < 0.5)
        .how(format!(
            "`castalia serve --demo` to the first 200 of /health, asked every millisecond, {} starts; limit: running the program for nothing",
            folders.len()
        )))
}

fn version(castalia: &Path) -> Result<f64> {
    let begun = Instant::now();
    Command::new(castalia).arg("--version").stdout(Stdio::null()).status()?;
    Ok(begun.elapsed().as_secs_f64())
}
