//! Clients that mean harm: smuggling, ways out of a prefix, slowness, size.

mod support;

use castalia_proxy::server::ServerConfig;
use castalia_proxy::{Config, Prefix, RouteOptions};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{Back, Front, PATIENCE, Raw, eventually};

/// A back end that writes down every byte and answers whatever comes.
async fn recorder() -> (Back, Arc<Mutex<String>>) {
    let seen = Arc::new(Mutex::new(String::new()));
    let log = seen.clone();
    let back = Back::raw(move |mut raw, _| {
        let log = log.clone();
        async move {
            while let Ok(head) = raw.try_until("\r\n\r\n").await {
                log.lock().expect("a lock").push_str(&head);
                // Bodies of a known length end with this word in these tests.
                let ends = match head.contains("transfer-encoding: chunked") {
                    true => Some("0\r\n\r\n"),
                    false => (head.contains("content-length: ") && !head.contains("content-length: 0"))
                        .then_some("END"),
                };
                if let Some(ends) = ends {
                    let body = raw.try_until(ends).await.unwrap_or_else(|read| read);
                    log.lock().expect("a lock").push_str(&body);
                }
                raw.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
            }
        }
    })
    .await;
    (back, seen)
}

/// Whatever two servers could read differently arrives as one reading, or not at all: the word `smuggled` must never
/// begin a request of its own at the back end.
#[tokio::test]
async fn nothing_is_smuggled() {
    let attacks = [
        "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /p/smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nGET /p/smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 40\r\n\r\nENDGET /p/smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 40\r\n\r\nENDGET /p/smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nENDGET /p/smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /p/smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /p/smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\nGET /p/smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /p/smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;\nEND\r\n0\r\n\r\nGET /p/smuggled HTTP/1.1\r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff1\r\nGET /p/smuggled HTTP/1.1\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: h\r\nX: a\rGET /p/smuggled HTTP/1.1\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: h\r\nHost: other\r\n\r\n",
        "GET /p HTTP/1.1\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: user@h\r\n\r\n",
        "GET /p%0d%0aGET%20/p/smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /p HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n",
        "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n",
        "TRACE /p HTTP/1.1\r\nHost: h\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    ];
    let (back, seen) = recorder().await;
    let front = Front::start();
    front.route("/", &back.url);
    for attack in attacks {
        seen.lock().expect("a lock").clear();
        let mut raw = front.raw().await;
        raw.send(attack).await;
        // What is refused is answered, and the connection closed: what follows is never read as a request.
        let answer = raw.try_until("\r\n\r\n").await.unwrap_or_else(|read| read);
        let status = answer.get(9..12).unwrap_or("none");
        assert!(
            ["400", "405", "none"].contains(&status) || attack.contains("Content-Length: 6"),
            "{attack:?}: {answer}"
        );
        if status == "400" {
            raw.rest().await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        let seen = seen.lock().expect("a lock").clone();
        assert!(!seen.contains("/p/smuggled HTTP/1.1"), "{attack:?} reached the back end as:\n{seen}");
        if attack.contains("Content-Length: 6") {
            // Both headers: read as chunked, sent on with one of them only, and the connection is not used again.
            assert!(!seen.contains("content-length: 6"), "{seen}");
        } else {
            assert!(seen.is_empty(), "{attack:?} reached the back end as:\n{seen}");
        }
    }
}

#[tokio::test]
async fn a_message_cannot_take_away_what_others_rely_on() {
    let back = Back::mirror().await;
    let front = Front::start();
    front.route("/", &back.url);
    let mut raw = front.raw().await;
    raw.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: host, x-forwarded-for, cookie, sec-fetch-site\r\nCookie: a=b\r\nSec-Fetch-Site: cross-site\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n").await;
    raw.head().await;
    let seen = raw.until("\n\n").await;
    for line in ["host: h", "x-forwarded-for: 127.0.0.1", "cookie: a=b", "sec-fetch-site: cross-site"] {
        assert!(seen.contains(&format!("\n{line}\n")), "{line} is missing:\n{seen}");
    }
    assert!(!seen.contains("upgrade") && !seen.contains("http2-settings"), "{seen}");
}

#[tokio::test]
async fn there_is_no_way_out_of_a_prefix() {
    let (mine, others) = (Back::mirror().await, Back::mirror().await);
    let front = Front::start();
    let strip = RouteOptions { prefix: Prefix::Strip, ..RouteOptions::default() };
    front.route_with("/user/a", &mine.url, strip);
    front.route("/user/b", &others.url);
    for path in [
        "/user/a/../b/secret",
        "/user/a/%2e%2e/b/secret",
        "/user/a/..%2fb/secret",
        "/user/a%2f..%2fb/secret",
        "/user/a/..%5cb/secret",
        "/user/a/..;/b/secret",
        "/user/a/%00",
        "/user/a/%",
    ] {
        let mut raw = front.raw().await;
        raw.send(&format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n")).await;
        assert!(raw.head().await.starts_with("HTTP/1.1 400"), "{path}");
    }
    for (path, status) in
        [("/user%2fa/x", "404"), ("//user/a/x", "404"), ("/user/A/x", "404"), ("/user/ab", "404")]
    {
        let mut raw = front.raw().await;
        raw.send(&format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n")).await;
        assert_eq!(raw.head().await.get(9..12), Some(status), "{path}");
    }
    assert_eq!((mine.connections(), others.connections()), (0, 0));
    let mut raw = front.raw().await;
    raw.send("GET /user/a//evil.example/ HTTP/1.1\r\nHost: h\r\n\r\n").await;
    raw.head().await;
    assert!(raw.until("\n\n").await.starts_with("GET /evil.example/ HTTP/1.1\n"));
}

fn hurried() -> ServerConfig {
    let proxy = Config { body_patience: Duration::from_millis(300), ..Config::default() };
    ServerConfig {
        workers: 1,
        head_timeout: Duration::from_millis(300),
        keep_alive: Duration::from_millis(600),
        write_timeout: Duration::from_millis(600),
        proxy,
        ..ServerConfig::default()
    }
}

/// A head that comes byte by byte is cut off, however regularly the bytes come; others are served meanwhile.
#[tokio::test]
async fn slow_heads_are_cut_off() {
    let back = Back::mirror().await;
    let front = Front::with(hurried());
    front.route("/", &back.url);
    let mut slow = Vec::new();
    for n in 0..50 {
        let mut raw = front.raw().await;
        if n % 2 == 0 {
            // After a good request, too.
            raw.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
            raw.until("\n\n").await;
        }
        slow.push(tokio::spawn(drip(raw)));
    }
    let begun = Instant::now();
    while slow.iter().any(|task| !task.is_finished()) {
        assert!(begun.elapsed() < PATIENCE, "slow clients are never cut off");
        let mut raw = front.raw().await;
        raw.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await;
        assert!(raw.rest().await.starts_with("HTTP/1.1 200"));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    eventually("all connections are closed", || front.connections() == 0).await;
}

/// Sends a byte of a head every 20 ms until the other side has closed.
async fn drip(mut raw: Raw) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (mut read, mut write) = raw.stream.split();
    let drops = async {
        for byte in b"GET / HTTP/1.1\r\nX: ".iter().chain(std::iter::repeat(&b'a')) {
            if write.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut buffer = [0; 1024];
    let closed = async { while matches!(read.read(&mut buffer).await, Ok(1..)) {} };
    tokio::select! { () = drops => {}, () = closed => {} }
}

#[tokio::test]
async fn silent_and_stalled_clients_are_closed() {
    let (back, _) = recorder().await;
    let front = Front::with(hurried());
    front.route("/", &back.url);
    // Nothing at all; half a preface of HTTP/2; an idle connection after a request.
    let silent = front.raw().await;
    let mut half = front.raw().await;
    half.send("PRI * HT").await;
    let mut idle = front.raw().await;
    idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    idle.until("ok").await;
    assert_eq!((silent.rest().await, half.rest().await, idle.rest().await), Default::default());
    // A body that stops: the client is told, the back end is let go.
    let mut stalled = front.raw().await;
    stalled.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc").await;
    assert!(stalled.rest().await.starts_with("HTTP/1.1 408"));
    eventually("all connections are closed", || front.connections() == 0).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed() {
    let flood = || async {
        let pieces = std::iter::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 65536]));
        axum::body::Body::from_stream(futures::stream::iter(pieces))
    };
    let back = Back::app(axum::Router::new().fallback(axum::routing::any(flood))).await;
    let front = Front::with(hurried());
    let route = front.route("/", &back.url);
    let mut raw = front.raw().await;
    raw.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    raw.head().await;
    eventually("the request is given up", || front.connections() == 0 && route.activity().requests == 0)
        .await;
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let (back, seen) = recorder().await;
    let front = Front::start();
    front.route_with("/", &back.url, RouteOptions { max_body: Some(1000), ..RouteOptions::default() });
    let mut raw = front.raw().await;
    raw.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n").await;
    assert!(raw.rest().await.starts_with("HTTP/1.1 413"));
    assert_eq!(*seen.lock().expect("a lock"), "");
    let mut raw = front.raw().await;
    raw.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    raw.send(&format!("3e8\r\n{}\r\n1\r\nx\r\n", "x".repeat(1000))).await;
    assert!(raw.rest().await.starts_with("HTTP/1.1 413"));
    let mut raw = front.raw().await;
    raw.send(&format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{}END", "x".repeat(997)))
        .await;
    assert!(raw.head().await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn too_many_connections_are_turned_away() {
    let back = Back::mirror().await;
    let front = Front::with(ServerConfig { workers: 2, max_connections: 5, ..ServerConfig::default() });
    front.route("/", &back.url);
    let mut first = Vec::new();
    for _ in 0..5 {
        let mut raw = front.raw().await;
        raw.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
        raw.until("\n\n").await;
        first.push(raw);
    }
    assert_eq!(front.raw().await.rest().await, "");
    drop(first);
    eventually("all connections are closed", || front.connections() == 0).await;
    let mut raw = front.raw().await;
    raw.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(raw.head().await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn giant_heads_are_refused() {
    let back = Back::mirror().await;
    let front = Front::start();
    front.route("/", &back.url);
    for head in [
        format!("GET / HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n", "x".repeat(200_000)),
        format!("GET / HTTP/1.1\r\nHost: h\r\n{}\r\n", "X: y\r\n".repeat(300)),
        format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "x".repeat(100_000)),
    ] {
        let mut raw = front.raw().await;
        let _ = tokio::io::AsyncWriteExt::write_all(&mut raw.stream, head.as_bytes()).await;
        let answer = raw.try_until("\r\n\r\n").await.unwrap_or_default();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert_eq!(back.connections(), 0);
}
