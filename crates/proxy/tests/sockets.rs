//! WebSockets: negotiated by the back end, carried both ways, ended properly.

mod support;

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::routing::any;
use castalia_proxy::server::ServerConfig;
use castalia_proxy::{Config, RouteOptions, SocketActivity};
use futures::{SinkExt, StreamExt};
use std::time::Duration;
use support::{Back, Front, eventually};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message as Sent};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let answer = match message {
            Message::Text(text) if text == "bye" => break,
            Message::Text(_) | Message::Binary(_) => message,
            _ => continue,
        };
        if socket.send(answer).await.is_err() {
            break;
        }
    }
}

/// Echoes; speaks `v2.kernel` and `v1.kernel`, the first best; `/closed` takes no sockets.
async fn back() -> Back {
    let open =
        |upgrade: WebSocketUpgrade| async { upgrade.protocols(["v2.kernel", "v1.kernel"]).on_upgrade(echo) };
    let closed = || async { (axum::http::StatusCode::FORBIDDEN, "not you") };
    Back::app(Router::new().route("/s", any(open)).route("/closed", any(closed))).await
}

async fn open(
    front: &Front,
    path: &str,
    protocols: &str,
) -> Result<(Client, Option<String>), tungstenite::Error> {
    let mut request = format!("ws://{}{path}", front.address).into_client_request().expect("a request");
    if !protocols.is_empty() {
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().expect("a value"));
    }
    let (socket, answer) = connect_async(request).await?;
    let chosen =
        answer.headers().get("sec-websocket-protocol").map(|v| v.to_str().expect("ASCII").to_owned());
    Ok((socket, chosen))
}

async fn said(socket: &mut Client) -> Sent {
    let next = tokio::time::timeout(support::PATIENCE, socket.next()).await.expect("in time");
    next.expect("a message").expect("no error")
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("proc").count()
}

#[tokio::test]
async fn the_back_end_chooses_the_sub_protocol() {
    let back = back().await;
    let front = Front::start();
    let route = front.route("/", &back.url);
    for (offered, expected) in
        [("v1.kernel, v2.kernel", Some("v2.kernel")), ("x, v1.kernel", Some("v1.kernel")), ("", None)]
    {
        let (mut socket, chosen) = open(&front, "/s", offered).await.expect("a socket");
        assert_eq!(chosen.as_deref(), expected, "{offered}");
        socket.send(Sent::text("hello")).await.expect("sent");
        assert_eq!(said(&mut socket).await, Sent::text("hello"));
        socket.close(None).await.expect("closed");
        while socket.next().await.is_some() {}
    }
    eventually("all sockets are closed", || route.activity().sockets == 0).await;
    assert_eq!(route.activity().total, 3);
}

#[tokio::test]
async fn a_refusal_reaches_the_client() {
    let back = back().await;
    let front = Front::start();
    front.route("/", &back.url);
    let Err(tungstenite::Error::Http(answer)) = open(&front, "/closed", "").await else {
        panic!("it opened")
    };
    assert_eq!(answer.status(), 403);
    front.route("/dead", &format!("http://127.0.0.1:{}", support::dead_port()));
    let Err(tungstenite::Error::Http(answer)) = open(&front, "/dead", "").await else { panic!("it opened") };
    assert_eq!(answer.status(), 503);
}

/// Upgrades with which others were tricked into a tunnel: each is answered as a request, or refused.
#[tokio::test]
async fn only_an_agreed_upgrade_makes_a_tunnel() {
    let back = Back::raw(|mut raw, _| async move {
        while let Ok(head) = raw.try_until("\r\n\r\n").await {
            let status = if head.contains("websocket-version: 99") { "426 No" } else { "200 OK" };
            raw.send(&format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")).await;
        }
    })
    .await;
    let wrong = Back::raw(|mut raw, _| async move {
        let _ = raw.try_until("\r\n\r\n").await;
        raw.send("HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: something\r\n\r\n").await;
        let _ = raw.try_until("never").await;
    })
    .await;
    let front = Front::start();
    front.route("/", &back.url);
    front.route("/wrong", &wrong.url);
    let ask = async |path: &str, more: &str| {
        let mut raw = front.raw().await;
        raw.send(&format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n{more}\r\n")).await;
        let status = raw.head().await.get(9..12).expect("a status").to_owned();
        // Still HTTP: the next request is one.
        raw.send("GET /none/../x HTTP/1.1\r\nHost: h\r\n\r\n").await;
        let next = raw.try_until("\r\n\r\n").await.unwrap_or_default();
        assert!(next.is_empty() || next.contains("HTTP/1.1 400"), "{path} {more}: {next}");
        status
    };
    assert_eq!(ask("/", "Upgrade: websocket\r\nSec-WebSocket-Version: 99\r\n").await, "426");
    assert_eq!(ask("/", "Upgrade: websocket\r\n").await, "200");
    assert_eq!(ask("/", "Upgrade: h2c\r\nHTTP2-Settings: AAA\r\n").await, "200");
    assert_eq!(ask("/", "Upgrade: websocket, h2c\r\n").await, "200");
    assert_eq!(ask("/", "Upgrade: websocket\r\nContent-Length: 5\r\n").await, "400");
    assert_eq!(ask("/wrong", "Upgrade: websocket\r\n").await, "502");
}

#[tokio::test]
async fn five_hundred_sockets_come_and_go() {
    let back = back().await;
    let front = Front::start();
    let route = front.route("/user/a", &back.url.clone());
    front.route_with("/", &back.url, RouteOptions::default());
    let root = front.table.get(None, "/").expect("a route");
    let before = open_files();
    for round in 0..2 {
        let opened = (0..500).map(|_| open(&front, "/s", ""));
        let mut sockets: Vec<Client> =
            futures::future::join_all(opened).await.into_iter().map(|s| s.expect("a socket").0).collect();
        eventually("all are open", || root.activity().sockets == 500).await;
        let echoes = sockets.iter_mut().enumerate().map(|(n, socket)| async move {
            for size in [3, 70_000] {
                let text = format!("{n}").repeat(size);
                socket.send(Sent::text(text.clone())).await.expect("sent");
                assert_eq!(said(socket).await, Sent::text(text));
            }
        });
        futures::future::join_all(echoes).await;
        for (n, mut socket) in sockets.into_iter().enumerate() {
            match n % 3 {
                0 => drop(socket),
                1 => socket.close(None).await.expect("closed"),
                _ => socket.send(Sent::text("bye")).await.expect("sent"),
            }
        }
        eventually("all are closed", || root.activity().sockets == 0).await;
        eventually("no file is left open", || open_files() <= before + 20).await;
        assert_eq!(root.activity().total, 500 * (round + 1));
    }
    assert_eq!(route.activity().total, 0);
}

#[tokio::test]
async fn sockets_live_through_changes_of_routes() {
    let (back, other) = (back().await, Back::mirror().await);
    let front = Front::start();
    let route = front.route("/", &back.url);
    let (mut socket, _) = open(&front, "/s", "").await.expect("a socket");
    front.route("/", &other.url);
    front.table.remove(None, "/");
    for n in 0..100 {
        front.route(&format!("/{n}"), &other.url);
    }
    socket.send(Sent::text("still here")).await.expect("sent");
    assert_eq!(said(&mut socket).await, Sent::text("still here"));
    assert_eq!(route.activity().sockets, 1);
    // And end when their owner says so.
    route.close_sockets();
    assert!(!matches!(socket.next().await, Some(Ok(_))));
    eventually("it is closed", || route.activity().sockets == 0).await;
}

/// The end of one half is passed on; the other goes on, but not for ever.
#[tokio::test]
async fn halves_close_one_after_the_other() {
    use tokio::io::AsyncWriteExt;
    let back = Back::raw(|mut raw, n| async move {
        raw.until("\r\n\r\n").await;
        raw.send("HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nearly").await;
        if n == 0 {
            // Reads to the client's end, then says its last words.
            assert_eq!(raw.rest().await, "from the client");
        } else {
            // Never reads on and never closes.
            std::future::pending::<()>().await;
        }
    })
    .await;
    let proxy = Config { socket_patience: Duration::from_millis(300), ..Config::default() };
    let front = Front::with(ServerConfig { workers: 1, proxy, ..ServerConfig::default() });
    let route = front.route("/", &back.url);
    for _ in 0..2 {
        let mut raw = front.raw().await;
        raw.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").await;
        raw.until("early").await;
        raw.send("from the client").await;
        raw.stream.shutdown().await.expect("half closed");
        assert_eq!(raw.rest().await, "");
        eventually("it is closed", || route.activity().sockets == 0).await;
    }
}

/// A back end that stops reading holds up its own socket, and that is ended after a while.
#[tokio::test]
async fn a_stuck_socket_is_ended() {
    use tokio::io::AsyncWriteExt;
    let back = Back::raw(|mut raw, _| async move {
        raw.until("\r\n\r\n").await;
        raw.send("HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n").await;
        std::future::pending::<()>().await;
    })
    .await;
    let proxy = Config { socket_patience: Duration::from_millis(300), ..Config::default() };
    let front = Front::with(ServerConfig { workers: 1, proxy, ..ServerConfig::default() });
    let route = front.route("/", &back.url);
    let mut raw = front.raw().await;
    raw.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").await;
    raw.head().await;
    let flood = async { while raw.stream.write_all(&[7; 65536]).await.is_ok() {} };
    tokio::time::timeout(support::PATIENCE, flood).await.expect("it is ended");
    eventually("it is closed", || route.activity().sockets == 0).await;
}

#[tokio::test]
async fn pings_alone_are_no_activity() {
    let back = back().await;
    let front = Front::start();
    let with = |sockets| {
        let mut options = RouteOptions::default();
        options.activity.sockets = sockets;
        options
    };
    for (rule, pings_count, messages_count) in [
        (SocketActivity::Messages, false, true),
        (SocketActivity::Bytes, true, true),
        (SocketActivity::ClientMessages, false, true),
        (SocketActivity::Never, false, false),
    ] {
        let route = front.route_with("/", &back.url, with(rule));
        let (mut socket, _) = open(&front, "/s", "").await.expect("a socket");
        let opened = route.last_activity();
        let pause = || tokio::time::sleep(Duration::from_millis(5));
        pause().await;
        socket.send(Sent::Ping(vec![1, 2, 3].into())).await.expect("sent");
        assert_eq!(said(&mut socket).await, Sent::Pong(vec![1, 2, 3].into()));
        assert_eq!(route.last_activity() > opened, pings_count, "{rule:?}");
        let quiet = route.last_activity();
        pause().await;
        socket.send(Sent::text("x")).await.expect("sent");
        said(&mut socket).await;
        assert_eq!(route.last_activity() > quiet, messages_count, "{rule:?}");
    }
}

/// Stopping the server ends its sockets, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_leaves_nothing() {
    let back = back().await;
    let mut front = Front::with(ServerConfig {
        workers: 2,
        drain: Duration::from_millis(200),
        ..ServerConfig::default()
    });
    let route = front.route("/", &back.url);
    let (mut socket, _) = open(&front, "/s", "").await.expect("a socket");
    front.stop();
    assert!(!matches!(socket.next().await, Some(Ok(_))));
    assert_eq!(route.activity().sockets, 0);
}
