//! WebSockets: processor time of an echo, memory of idle ones, and what is left of it.

use crate::subject::{Kind, Subject};
use crate::verdict;
use anyhow::{Context, Result, bail};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SOCKETS: usize = 500;
const ECHOES: usize = 40;

/// What was seen of one proxy.
pub(crate) struct Row {
    kind: Kind,
    idle: f64,
    open: f64,
    after: f64,
    again: f64,
    micros: f64,
}

/// Opens, echoes and closes two times.
pub(crate) async fn measure(subject: &Subject) -> Result<Row> {
    // One socket first: what is made once is no growth.
    let mut first = open(subject, 1).await?;
    echo(&mut first, 10).await?;
    drop(first);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let idle = subject.memory()?;
    let mut sockets = open(subject, SOCKETS).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let opened = subject.memory()?;
    let before = subject.cpu()?;
    echo(&mut sockets, ECHOES).await?;
    let micros = (subject.cpu()? - before) / (SOCKETS * ECHOES) as f64 * 1e6;
    drop(sockets);
    tokio::time::sleep(Duration::from_secs(6)).await;
    let after = subject.memory()?;
    let mut sockets = open(subject, SOCKETS).await?;
    echo(&mut sockets, 5).await?;
    drop(sockets);
    tokio::time::sleep(Duration::from_secs(6)).await;
    Ok(Row { kind: subject.kind, idle, open: opened, after, again: subject.memory()?, micros })
}

async fn open(subject: &Subject, count: usize) -> Result<Vec<TcpStream>> {
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = TcpStream::connect(subject.address).await?;
        stream.set_nodelay(true)?;
        let request = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(request.as_bytes()).await?;
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut read).await? == 0 {
                bail!("{} refuses a socket", subject.kind.name());
            }
        }
        if !read.starts_with(b"HTTP/1.1 101") {
            bail!("{}: {}", subject.kind.name(), String::from_utf8_lossy(&read));
        }
        all.push(stream);
    }
    Ok(all)
}

/// Each socket sends a message of 64 bytes and waits for it to come back, some times.
async fn echo(sockets: &mut [TcpStream], times: usize) -> Result<()> {
    let mut frame = vec![0x82, 0x80 | 64, 1, 2, 3, 4];
    frame.extend([0x55; 64]);
    let mut back = vec![0; frame.len()];
    // Ten at a time, so that the proxy has some work at once but messages are not merged.
    for _ in 0..times {
        for group in sockets.chunks_mut(10) {
            for socket in group.iter_mut() {
                socket.write_all(&frame).await?;
            }
            for socket in group.iter_mut() {
                tokio::time::timeout(Duration::from_secs(20), socket.read_exact(&mut back))
                    .await
                    .context("no echo")??;
                if back != frame {
                    bail!("an echo came back changed");
                }
            }
        }
    }
    Ok(())
}

/// The table.
pub(crate) fn print(rows: &[Row]) {
    println!("{SOCKETS} WebSockets, {} echoes of 64 bytes", SOCKETS * ECHOES);
    println!(
        "  {:<25} {:>11} {:>10} {:>10} {:>12} {:>12}",
        "", "µs CPU/echo", "idle MiB", "open MiB", "closed MiB", "once more"
    );
    for row in rows {
        let mib = |kib: f64| kib / 1024.0;
        println!(
            "  {:<25} {:>11.1} {:>10.1} {:>10.1} {:>12.1} {:>12.1}",
            row.kind.name(),
            row.micros,
            mib(row.idle),
            mib(row.open),
            mib(row.after),
            mib(row.again)
        );
    }
    let of = |kind| rows.iter().find(|row| row.kind == kind);
    if let (Some(ours), Some(nginx)) = (of(Kind::Castalia), of(Kind::Nginx)) {
        let (echo, left) = (ours.micros / nginx.micros, ours.after.max(ours.again) / ours.idle);
        println!("  echo to nginx × {echo:.2} (goal at most 1.50: {})", verdict(echo <= 1.5));
        println!(
            "  memory after closing to idle × {left:.3} (goal at most 1.10: {})\n",
            verdict(left <= 1.1)
        );
    }
}
