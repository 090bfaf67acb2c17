//! Thousands of routes: adding, looking up, and listing beside traffic.

use crate::subject::{Kind, Subject, TOKEN};
use crate::{median, verdict};
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ROUTES: usize = 5000;

/// What was seen of one proxy; times in milliseconds.
pub(crate) struct Row {
    kind: Kind,
    add: f64,
    grown: f64,
    list: f64,
    bytes: usize,
    quiet: Probe,
    listing: Probe,
}

struct Probe {
    middle: f64,
    slow: f64,
    worst: f64,
}

/// Adds routes, then asks through the last of them while the table is listed again and again.
pub(crate) async fn measure(subject: &Subject, back: SocketAddr) -> Result<Row> {
    let memory = subject.memory()?;
    let before = subject.cpu()?;
    let mut api = Line::open(subject.api).await?;
    for n in 0..ROUTES {
        let body = format!(
            "{{\"target\":\"http://{back}\",\"user\":\"user-{n}\",\"server_name\":\"\",\"jupyterhub\":true}}"
        );
        let head = format!(
            "POST /api/routes/user/user-{n} HTTP/1.1\r\nHost: h\r\nAuthorization: token {TOKEN}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        api.ask(&head).await?;
    }
    let add = (subject.cpu()? - before) / ROUTES as f64 * 1e6;
    let grown = (subject.memory()? - memory) / 1024.0;
    let address = subject.address;
    let quiet = probe(address, Arc::default()).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let list = format!("GET /api/routes HTTP/1.1\r\nHost: h\r\nAuthorization: token {TOKEN}\r\n\r\n");
    // On a thread of its own, as the traffic's is: each waits for the proxy only.
    let (flag, api_address) = (stop.clone(), subject.api);
    let lister = std::thread::spawn(move || -> Result<(Vec<f64>, usize)> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut line = Line::open(api_address).await?;
            let (mut times, mut bytes) = (Vec::new(), 0);
            while !flag.load(Ordering::Relaxed) {
                let begun = Instant::now();
                bytes = line.ask(&list).await?;
                times.push(begun.elapsed().as_secs_f64() * 1e3);
                // As JupyterHub asks: now and then, not in a circle.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Ok((times, bytes))
        })
    });
    let listing = probe(address, Arc::default()).await?;
    stop.store(true, Ordering::Relaxed);
    let (times, bytes) = lister.join().map_err(|_| anyhow::anyhow!("the lister panicked"))??;
    Ok(Row { kind: subject.kind, add, grown, list: median(times), bytes, quiet, listing })
}

/// Requests one after the other for four seconds, each through another route.
async fn probe(address: SocketAddr, stop: Arc<AtomicBool>) -> Result<Probe> {
    let mut line = Line::open(address).await?;
    let (begun, mut times) = (Instant::now(), Vec::new());
    let mut n = 0;
    while begun.elapsed() < Duration::from_secs(4) && !stop.load(Ordering::Relaxed) {
        n = (n + 997) % ROUTES;
        let asked = Instant::now();
        line.ask(&format!("GET /user/user-{n}/api/status HTTP/1.1\r\nHost: h\r\n\r\n")).await?;
        times.push(asked.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    Ok(Probe { middle: at(0.5), slow: at(0.999), worst: at(1.0) })
}

/// A kept connection with one request at a time.
struct Line {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Line {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    /// Sends a request and returns the length of its answer's body.
    async fn ask(&mut self, request: &str) -> Result<usize> {
        self.stream.write_all(request.as_bytes()).await?;
        self.read.clear();
        let head = loop {
            if let Some(at) = self.read.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let text = String::from_utf8_lossy(&self.read[..head]).to_ascii_lowercase();
        if !text.starts_with("http/1.1 2") {
            bail!("{text}");
        }
        if let Some(length) = text.lines().find_map(|l| l.strip_prefix("content-length:")) {
            let length: usize = length.trim().parse()?;
            while self.read.len() < head + length {
                self.more().await?;
            }
            return Ok(length);
        }
        if text.contains("transfer-encoding: chunked") {
            while !self.read.ends_with(b"0\r\n\r\n") {
                self.more().await?;
            }
        }
        Ok(self.read.len() - head)
    }

    async fn more(&mut self) -> Result<()> {
        let read = tokio::time::timeout(Duration::from_secs(20), self.stream.read_buf(&mut self.read));
        if read.await.context("no answer in time")?? == 0 {
            bail!("the connection was closed");
        }
        Ok(())
    }
}

/// The table.
pub(crate) fn print(rows: &[Row]) {
    println!(
        "{ROUTES} routes; requests one after the other through all of them, alone and while the table is listed ten times a second"
    );
    println!(
        "  {:<25} {:>10} {:>9} {:>18} {:>23} {:>23}",
        "", "µs CPU/add", "MiB more", "list ms (KiB)", "alone ms p50/p99.9/max", "listed ms p50/p99.9/max"
    );
    for row in rows {
        let shown = |p: &Probe| format!("{:.2}/{:.2}/{:.2}", p.middle, p.slow, p.worst);
        println!(
            "  {:<25} {:>10.1} {:>9.1} {:>18} {:>23} {:>23}",
            row.kind.name(),
            row.add,
            row.grown,
            format!("{:.1} ({})", row.list, row.bytes / 1024),
            shown(&row.quiet),
            shown(&row.listing)
        );
    }
    if let Some(ours) = rows.iter().find(|row| row.kind == Kind::Castalia) {
        let stall = ours.listing.slow - ours.quiet.slow;
        println!("  listing adds {stall:.2} ms to p99.9 (goal at most 5 ms: {})\n", verdict(stall <= 5.0));
    }
}
