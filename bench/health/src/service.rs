//! A service of a few lines, run as a process of its own: `serve PORT LATE_MS MODE AMOUNT_MS`.
//!
//! It writes into its working folder when what is measured happened, milliseconds since the epoch: `listens` when it
//! listens, `good` at every good answer.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

/// Milliseconds since the epoch, with fractions.
pub(crate) fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |t| t.as_secs_f64() * 1000.0)
}

/// Serves: `fine`, `exit` (ends with code 3 after the amount), or `hang` (answers until then).
pub(crate) fn main(words: &[&str]) -> Result<()> {
    let [port, late, mode, amount] = words else { anyhow::bail!("serve PORT LATE_MS MODE AMOUNT_MS") };
    let amount = Duration::from_millis(amount.parse()?);
    std::thread::sleep(Duration::from_millis(late.parse()?));
    let listener = TcpListener::bind(("127.0.0.1", port.parse()?)).context("listen")?;
    let begun = Instant::now();
    std::fs::write("listens", now_ms().to_string())?;
    if *mode == "exit" {
        std::thread::spawn(move || {
            std::thread::sleep(amount);
            std::process::exit(3);
        });
    }
    let mut held = Vec::new();
    for stream in listener.incoming() {
        let stream = stream?;
        if *mode == "hang" && begun.elapsed() >= amount {
            held.push(stream);
        } else {
            answer(stream)?;
            std::fs::write("good", now_ms().to_string())?;
        }
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> Result<()> {
    let mut request = [0; 4096];
    let _ = stream.read(&mut request)?;
    // Whoever asked may have gone.
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    Ok(())
}
