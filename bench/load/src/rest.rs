//! Requests a second, for context.

use crate::http::Connection;
use crate::noop::{Events, Kind, submit};
use crate::server::Server;
use crate::stats::Samples;
use crate::table::Row;
use anyhow::{Result, ensure};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 8;

/// What is asked again and again.
#[derive(Clone)]
struct Asked {
    method: &'static str,
    path: String,
    body: String,
    status: u16,
}

/// Requests a second and the time of each in milliseconds.
async fn measure(host: SocketAddr, token: &str, asked: Asked, for_time: Duration) -> Result<(f64, Samples)> {
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (mut connection, asked) = (Connection::open(host, token).await?, asked.clone());
        clients.spawn(async move {
            let mut times = vec![];
            while begun.elapsed() < for_time {
                let at = Instant::now();
                let answer = connection.call(asked.method, &asked.path, &asked.body).await?;
                ensure!(
                    answer.status == asked.status,
                    "{} {}: {}",
                    asked.method,
                    asked.path,
                    String::from_utf8_lossy(&answer.body)
                );
                times.push(at.elapsed().as_secs_f64() * 1000.0);
            }
            Ok(times)
        });
    }
    let mut all = vec![];
    while let Some(times) = clients.join_next().await {
        all.extend(times??);
    }
    let took = begun.elapsed().as_secs_f64();
    Ok((all.len() as f64 / took, Samples::new(all)))
}

/// A server that answers everything with `length` bytes at once: the cost of HTTP over loopback and of the client.
async fn echo(length: usize) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", "x".repeat(length));
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                let mut buffer = vec![0; 64 << 10];
                while stream.read(&mut buffer).await.is_ok_and(|n| n > 0)
                    && stream.write_all(answer.as_bytes()).await.is_ok()
                {}
            });
        }
    });
    Ok(address)
}

/// The rows.
pub(crate) async fn rows(server: &Server) -> Result<Vec<Row>> {
    let project = server.project("rest", json!({})).await?;
    server.native_types(&[("noop", &["/bin/true"])], 16).await?;
    let mut events = Events::of_project(server, &project).await?;
    let mut connection = server.connect().await?;
    let process = submit(&mut connection, &json!({"project": project, "type": "noop"}).to_string()).await?;
    while events.next().await?.kind != Kind::Ended {}
    let path = format!("/api/processes/{process}");
    let length = connection.call("GET", &path, "").await?.body.len();
    let time = Duration::from_secs(3);
    let get = Asked { method: "GET", path, body: String::new(), status: 200 };
    let limit = measure(echo(length).await?, "", get.clone(), time).await?.0;
    let (rate, times) = measure(server.http, &server.token, get, time).await?;
    let mut rows = vec![
        Row::new("GET /api/processes/{id}", rate, "/s").against("answers without content", limit).how(format!(
            "{CONNECTIONS} keep-alive connections for 3 s, {length} bytes an answer; p50 / p95 / p99 {} ms; limit: the same client and a server that answers as many bytes without looking",
            times.quantiles()
        )),
    ];
    // Nothing of this project may run, so that only the submission is measured.
    let closed = server.project("rest-closed", json!({"max_running": 0})).await?;
    let body = json!({"project": closed, "type": "noop"}).to_string();
    let post = Asked { method: "POST", path: "/api/processes".into(), body, status: 201 };
    let (rate, times) = measure(server.http, &server.token, post, time).await?;
    rows.push(Row::new("POST /api/processes, nothing runs", rate, "/s").against("answers without content", limit).how(format!(
        "{CONNECTIONS} keep-alive connections for 3 s into a project whose limit lets nothing start (check, hold, insert, event, one commit each); p50 / p95 / p99 {} ms",
        times.quantiles()
    )));
    Ok(rows)
}
