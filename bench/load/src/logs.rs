//! One process that prints as fast as it can: into the store, and to 50 clients.

use crate::lines;
use crate::machine::Cpu;
use crate::noop::{Events, Kind, submit};
use crate::server::{Program, Server};
use crate::socket::Socket;
use crate::stats::Samples;
use crate::table::Row;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const CLIENTS: usize = 50;
const PACE: f64 = 100_000.0;

/// How many lines.
pub(crate) struct Sizes {
    pub(crate) store: u64,
    pub(crate) clients: u64,
    pub(crate) paced: u64,
}

/// The rows.
pub(crate) async fn rows(
    server: &Server,
    program: &Program,
    folder: &Path,
    sizes: &Sizes,
) -> Result<Vec<Row>> {
    let project = server.project("logs", json!({})).await?;
    let own = program.own.to_str().context("a path that is no text")?;
    let (store, clients, paced) =
        (sizes.store.to_string(), sizes.clients.to_string(), sizes.paced.to_string());
    let pace = PACE.to_string();
    server
        .native_types(
            &[
                ("store", &[own, "lines", &store]),
                ("clients", &[own, "lines", &clients]),
                ("paced", &[own, "lines", &paced, &pace]),
            ],
            64,
        )
        .await?;
    Ok(vec![
        to_store(server, program, &project, folder, sizes.store).await?,
        to_clients(server, &project, "clients", sizes.clients, None).await?,
        to_clients(server, &project, "paced", sizes.paced, Some(PACE)).await?,
    ])
}

async fn to_store(server: &Server, program: &Program, project: &str, folder: &Path, n: u64) -> Result<Row> {
    let (mut rates, mut costs, mut sealed) = (vec![], String::new(), vec![]);
    for _ in 0..3 {
        let before = Cpu::of(server.pid())?;
        let begun = Instant::now();
        let version = run(server, project, "store").await?;
        sealed.push(n as f64 / begun.elapsed().as_secs_f64());
        let cpu = Cpu::of(server.pid())?.since(before);
        let lines = version["log_lines"].as_u64().unwrap_or_default();
        ensure!(lines >= n, "{lines} of {n} lines are in the store");
        rates.push(n as f64 * 1000.0 / ran_ms(&version)?);
        costs = format!(
            "processor seconds for {n} lines: server {:.2}, shim and program {:.2}",
            cpu.own, cpu.children
        );
    }
    let limit = through_a_pipe(program, folder, n)?;
    let (rates, sealed) = (Samples::new(rates), Samples::new(sealed));
    Ok(Row::new("log lines of one process into the store", rates.median(), "lines/s")
        .spread(rates.spread())
        .against("pipe to a file", limit)
        .goal("≥ 100,000 /s", rates.median() >= 100_000.0)
        .how(format!(
            "{n} lines of 80 bytes as fast as they are taken, from the program's start to its end, 3 times, all lines counted in the store; {:.0} lines/s when submit, start and sealing are counted too; {costs}; limit: the same program, its pipe read and written to a file",
            sealed.median()
        )))
}

/// Runs one and returns its version when it has completed.
async fn run(server: &Server, project: &str, type_name: &str) -> Result<Value> {
    let mut events = Events::of_project(server, project).await?;
    let mut connection = server.connect().await?;
    let body = json!({"project": project, "type": type_name, "parameters": {}}).to_string();
    let process = submit(&mut connection, &body).await?;
    loop {
        let seen = events.next().await?;
        if seen.kind == Kind::Ended && seen.process == process {
            return connection.json("GET", &format!("/api/processes/{process}/versions/1"), "").await;
        }
    }
}

fn ran_ms(version: &Value) -> Result<f64> {
    let at = |name: &str| {
        crate::noop::milliseconds(&version[name]).with_context(|| format!("no {name} in {version}"))
    };
    Ok((at("ended_at")? - at("started_at")?).rem_euclid(86_400_000.0).max(1.0))
}

/// Lines a second of the same program into a pipe that is written to a file.
fn through_a_pipe(program: &Program, folder: &Path, n: u64) -> Result<f64> {
    let begun = Instant::now();
    let mut child =
        Command::new(&program.own).arg("lines").arg(n.to_string()).stdout(Stdio::piped()).spawn()?;
    let mut out = child.stdout.take().context("no pipe")?;
    let mut file = std::fs::File::create(folder.join("lines"))?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match out.read(&mut buffer)? {
            0 => break,
            read => file.write_all(&buffer[..read])?,
        }
    }
    ensure!(child.wait()?.success(), "the program failed");
    let took = begun.elapsed().as_secs_f64();
    std::fs::remove_file(folder.join("lines"))?;
    Ok(n as f64 / took)
}

/// What a client got.
struct Received {
    lines: u64,
    bytes: u64,
    at: Instant,
}

async fn to_clients(
    server: &Server,
    project: &str,
    type_name: &str,
    n: u64,
    pace: Option<f64>,
) -> Result<Row> {
    let mut sockets = vec![];
    for _ in 0..CLIENTS {
        sockets.push(Socket::open(server.http, &server.token).await?);
    }
    let mut events = Events::of_project(server, project).await?;
    let mut connection = server.connect().await?;
    let (before, own_before) = (Cpu::of(server.pid())?, Cpu::of(std::process::id())?);
    let body = json!({"project": project, "type": type_name, "parameters": {}}).to_string();
    let begun = Instant::now();
    let process = submit(&mut connection, &body).await?;
    let topic = format!("process.{process}.log");
    let mut clients = JoinSet::new();
    for mut socket in sockets {
        let topic = topic.clone();
        clients.spawn(async move {
            socket.subscribe(&topic).await?;
            count(&mut socket).await
        });
    }
    let (mut least, mut bytes, mut last) = (u64::MAX, 0, begun);
    while let Some(client) = clients.join_next().await {
        let received = client??;
        least = least.min(received.lines);
        bytes += received.bytes;
        last = last.max(received.at);
    }
    let took = last.duration_since(begun).as_secs_f64();
    while events.next().await?.kind != Kind::Ended {}
    let cpu = Cpu::of(server.pid())?.since(before);
    let own = Cpu::of(std::process::id())?.since(own_before);
    let version = connection.json("GET", &format!("/api/processes/{process}/versions/1"), "").await?;
    let limit = over_loopback(bytes / CLIENTS as u64).await?;
    let lost = n.saturating_sub(least);
    let rate = n as f64 / took;
    let (what, goal) = match pace {
        None => (format!("the same to {CLIENTS} WebSocket clients, each"), 100_000.0),
        // A source that takes 5 s leaves half a second for start and tail.
        Some(pace) => {
            (format!("at a pace of {:.0}k lines/s, to {CLIENTS} clients, each", pace / 1000.0), 0.9 * pace)
        }
    };
    Ok(Row::new(what, rate, "lines/s")
        .against("loopback TCP", n as f64 / limit)
        .goal(format!("≥ {:.0}k /s, none lost", goal / 1000.0), rate >= goal && lost == 0)
        .how(format!(
            "{n} lines, from POST to the last line at the last client; every client saw every sequence number once, in order; lost {lost}; {:.0} MB/s in all ({} bytes a line); the program ran {:.1} s, the last client had all after {took:.1} s; processor seconds: server {:.1}, shim and program {:.1}, clients {:.1}; limit: the same bytes from one task to each of {CLIENTS} sockets and read there",
            bytes as f64 / took / 1e6,
            bytes / CLIENTS as u64 / n.max(1),
            ran_ms(&version)? / 1000.0,
            cpu.own,
            cpu.children,
            own.own
        )))
}

/// Reads a log topic to its end; a gap, a repetition or a wrong line is an error.
async fn count(socket: &mut Socket) -> Result<Received> {
    let mut last = 0;
    let mut lines = 0;
    loop {
        let message = tokio::time::timeout(Duration::from_secs(60), socket.next())
            .await
            .context("no line for a minute")??;
        lines += check(message, &mut last)?;
        if message.ends_with(br#""complete":true}}"#) {
            return Ok(Received { lines, bytes: socket.received, at: Instant::now() });
        }
    }
}

const MARK: &[u8] = br#"{"seq":"#;

/// Counts the lines of a message that the program wrote. Most lines are as long as the one before, so that the next
/// one is found without looking at every byte.
fn check(message: &[u8], last: &mut u64) -> Result<u64> {
    let next =
        |from: usize| message.get(from..).and_then(|rest| crate::http::find(rest, MARK)).map(|at| from + at);
    let Some(mut at) = next(0) else {
        ensure!(message.starts_with(br#"{"id":"msg_"#), "{}", String::from_utf8_lossy(message));
        return Ok(0);
    };
    let (mut length, mut lines) = (0, 0);
    loop {
        let digits = message[at + MARK.len()..].iter().take_while(|b| b.is_ascii_digit());
        let seq = digits.fold(0, |n, digit| n * 10 + u64::from(digit - b'0'));
        ensure!(seq == *last + 1, "line {seq} came after line {last}");
        *last = seq;
        let guess = at + length;
        let after = if length > 0 && message.get(guess..guess + MARK.len()) == Some(MARK) {
            Some(guess)
        } else {
            next(at + 1)
        };
        let end = after.unwrap_or(message.len());
        if length == 0 || after.is_none() {
            // The first and the last line of each message are read in full.
            let text = String::from_utf8_lossy(&message[at..end]);
            let stops = text.rfind("\"}").context("a line without an end")? + 2;
            let line: Value = serde_json::from_str(&text[..stops])?;
            let fits = line["stream"] != "stdout" || line["line"] == lines::text(seq);
            ensure!(fits, "line {seq} has changed: {line}");
            lines += u64::from(line["stream"] == "stdout");
        } else {
            lines += 1;
        }
        let Some(after) = after else { return Ok(lines) };
        length = after - at;
        at = after;
    }
}

/// Seconds for `bytes` to each of the clients' number of sockets.
async fn over_loopback(bytes: u64) -> Result<f64> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let piece = Arc::new(vec![b'x'; 64 << 10]);
    let mut tasks: JoinSet<Result<()>> = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..CLIENTS {
        let mut reader = TcpStream::connect(address).await?;
        let (mut writer, _) = listener.accept().await?;
        let piece = piece.clone();
        tasks.spawn(async move {
            let mut left = usize::try_from(bytes)?;
            while left > 0 {
                let n = left.min(piece.len());
                writer.write_all(&piece[..n]).await?;
                left -= n;
            }
            Ok(())
        });
        tasks.spawn(async move {
            let mut buffer = vec![0; 256 << 10];
            while reader.read(&mut buffer).await? > 0 {}
            Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(begun.elapsed().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::lines;

    fn message(lines: &[(u64, u64)]) -> String {
        let lines: Vec<String> = lines
            .iter()
            .map(|(seq, n)| {
                format!(
                    r#"{{"seq":{seq},"time":1764000000123,"stream":"stdout","line":"{}"}}"#,
                    lines::text(*n)
                )
            })
            .collect();
        format!(r#"{{"id":"msg_1","type":"data","data":{{"lines":[{}],"complete":false}}}}"#, lines.join(","))
    }

    #[test]
    fn whole_messages_are_counted_and_gaps_are_found() {
        let mut last = 8;
        assert_eq!(
            check(message(&[(9, 9), (10, 10), (11, 11), (12, 12)]).as_bytes(), &mut last).ok(),
            Some(4)
        );
        assert_eq!(last, 12);
        assert!(check(message(&[(13, 13), (15, 15)]).as_bytes(), &mut last).is_err());
        assert!(check(message(&[(14, 99)]).as_bytes(), &mut 13).is_err());
        assert_eq!(check(br#"{"id":"msg_1","data":{"lines":[],"complete":true}}"#, &mut last).ok(), Some(0));
    }
}
