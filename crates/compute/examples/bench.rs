//! Measures the process backend: `cargo run --release -p castalia-compute --example bench -- SHIM`.
//!
//! Prints starts per second and milliseconds per start of `/bin/true`, beside plain fork and exec, and log lines per
//! second through the shim alone and to 50 followers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use castalia_compute::{Backend, Exit, Phase, ProcessBackend, ProcessConfig, UnitId, UnitSpec};

type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Fallible<()> {
    let shim = std::env::args().nth(1).map(PathBuf::from).ok_or("say where castalia-shim is")?;
    let dir = std::env::temp_dir().join(format!("castalia-bench-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let backend = ProcessBackend::open(ProcessConfig::new(dir.join("units"), shim, "bench")).await?;
    plain()?;
    one_by_one(&backend, 200, 0).await?;
    one_by_one(&backend, 50, 256).await?;
    sustained(&backend, 2000).await?;
    lines(&backend, 5_000_000).await?;
    followers(&backend, 2_000_000, 50).await?;
    drop(backend);
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

fn plain() -> Fallible<()> {
    let begun = Instant::now();
    for _ in 0..200 {
        std::process::Command::new("/bin/true").status()?;
    }
    println!("fork+exec of /bin/true, one by one: {:.2} ms each", begun.elapsed().as_secs_f64() * 5.0);
    Ok(())
}

async fn finish(backend: &ProcessBackend, id: &UnitId) -> Fallible<Exit> {
    let mut changes = backend.watch();
    loop {
        if let Some(seen) = backend.observe(id).await?
            && let Phase::Ended(exit) = seen.phase
        {
            return Ok(exit);
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), changes.recv()).await;
    }
}

async fn one_by_one(backend: &ProcessBackend, count: u32, memory_mb: u64) -> Fallible<()> {
    let mut started = Vec::new();
    let mut ended = Vec::new();
    for n in 0..count {
        let mut spec = UnitSpec::new(format!("unit_one{n}-{memory_mb}").parse()?, ["/bin/true"]);
        spec.resources.memory_mb = memory_mb;
        let (begun, wall) = (Instant::now(), std::time::SystemTime::now());
        backend.start(&spec).await?;
        let exit = finish(backend, &spec.id).await?;
        ended.push(begun.elapsed().as_secs_f64() * 1000.0);
        let at = exit.started_at.unwrap_or_default() as f64;
        started.push(at - wall.duration_since(std::time::UNIX_EPOCH)?.as_secs_f64() * 1000.0);
        backend.remove(&spec.id).await?;
    }
    let median = |mut v: Vec<f64>| {
        v.sort_by(f64::total_cmp);
        v[v.len() / 2]
    };
    println!(
        "unit of /bin/true, one by one, memory limit {memory_mb}: started after {:.1} ms, ended after {:.2} ms (medians)",
        median(started) + 0.5, // started_at is cut to whole milliseconds
        median(ended)
    );
    Ok(())
}

async fn sustained(backend: &ProcessBackend, count: u32) -> Fallible<()> {
    let begun = Instant::now();
    let next = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let (backend, next) = (backend.clone(), next.clone());
            tokio::spawn(async move {
                loop {
                    let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if n >= count {
                        return Fallible::Ok(());
                    }
                    let spec = UnitSpec::new(format!("unit_many{n}").parse()?, ["/bin/true"]);
                    backend.start(&spec).await?;
                    finish(&backend, &spec.id).await?;
                    backend.remove(&spec.id).await?;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    println!(
        "start to removal, 8 at a time: {:.0} units/s",
        f64::from(count) / begun.elapsed().as_secs_f64()
    );
    Ok(())
}

fn talkative(name: &str, lines: u64) -> Fallible<UnitSpec> {
    let script = format!(
        "yes 'an ordinary line of output, as programs write them, of eighty characters or so..' | head -n {lines}"
    );
    Ok(UnitSpec::new(name.parse()?, ["/bin/sh", "-c", &script]))
}

async fn lines(backend: &ProcessBackend, count: u64) -> Fallible<()> {
    let spec = talkative("unit_lines", count)?;
    let begun = Instant::now();
    backend.start(&spec).await?;
    let exit = finish(backend, &spec.id).await?;
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{} lines through the shim: {:.0} lines/s, {} lost bytes",
        exit.log.lines,
        count as f64 / seconds,
        exit.log.lost_bytes
    );
    Ok(())
}

async fn followers(backend: &ProcessBackend, count: u64, followers: usize) -> Fallible<()> {
    let spec = talkative("unit_followed", count)?;
    let begun = Instant::now();
    backend.start(&spec).await?;
    let mut tasks = Vec::new();
    for _ in 0..followers {
        let mut stream = backend.follow(&spec.id, 0).await?;
        tasks.push(tokio::spawn(async move {
            let mut seen = 0;
            while let Some(batch) = stream.next().await {
                let batch = batch?;
                seen += batch.last_seq - batch.after;
            }
            Fallible::Ok(seen)
        }));
    }
    for task in tasks {
        assert_eq!(task.await??, count);
    }
    println!(
        "to {followers} followers, none missed: {:.0} lines/s",
        count as f64 / begun.elapsed().as_secs_f64()
    );
    Ok(())
}
