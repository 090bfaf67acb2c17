//! A hub that runs, its door under hostile clients, many sockets, and clocks that jump.

mod support;

use futures::{SinkExt, StreamExt};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use support::{PATIENCE, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Writes down the first line of each request, and echoes WebSockets (RFC 6455, short frames are enough).
const PROGRAM: &str = r#"
import base64, hashlib, os, socket, sys, threading
open("token", "w").write(os.environ.get("JUPYTERHUB_API_TOKEN", ""))
def read(f, n):
    b = f.read(n)
    if len(b) < n: raise EOFError
    return b
def echo(c, f):
    while True:
        a, b = read(f, 2)
        n = b & 127
        mask = read(f, 4)
        data = bytes(x ^ mask[i % 4] for i, x in enumerate(read(f, n)))
        c.sendall(bytes([a, n]) + data)
        if a & 15 == 8: return
def serve(c):
    f = c.makefile("rb")
    try:
        while True:
            line = f.readline()
            if not line: return
            head = {}
            while (h := f.readline().strip()):
                k, _, v = h.partition(b":")
                head[k.strip().lower()] = v.strip()
            if head.get(b"transfer-encoding") == b"chunked":
                while (n := int(f.readline().split(b";")[0], 16)): read(f, n + 2)
                while f.readline().strip(): pass
            else: read(f, int(head.get(b"content-length", b"0")))
            with open("seen", "ab") as s: s.write(line)
            if b"sec-websocket-key" in head:
                key = base64.b64encode(hashlib.sha1(head[b"sec-websocket-key"] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
                c.sendall(b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + key + b"\r\n\r\n")
                return echo(c, f)
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    except (EOFError, OSError): pass
    finally: c.close()
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen(1024)
threading.stack_size(256 << 10)
while True: threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
"#;

struct Hub {
    server: Server,
    _services: tempfile::TempDir,
}

impl Hub {
    /// A server with the program as service `plain`, and as one that is told a token of its own (`hub`).
    async fn start(extra: &[&str], variables: &[(&str, &str)], idle: &str) -> Self {
        let services = tempfile::tempdir().expect("a folder");
        let file = services.path().join("program.py");
        std::fs::write(&file, PROGRAM).expect("writes");
        for (name, mode) in [("plain", "plain"), ("hub", "jupyterhub")] {
            let text = format!(
                "name: {name}\nmode: {mode}\ncommand: [python3, {}, \"{{port}}\"]\nidle: {idle}\n\
                 health_check: {{ endpoint: /, use_container_root: true, interval: 2, start_period: 30 }}\n",
                file.display()
            );
            std::fs::write(services.path().join(format!("{name}.yaml")), text).expect("writes");
        }
        let path = services.path().display().to_string();
        let mut arguments = vec!["--services", path.as_str(), "--sandbox", "off"];
        arguments.extend(extra);
        Self { server: Server::start_with(None, &arguments, variables).await, _services: services }
    }

    async fn open(&self, service: &str) -> Value {
        let body = json!({"service": service, "project": "demo", "new": true});
        let (status, view) = self.server.post("/api/workspaces", body).await;
        assert_eq!(status, StatusCode::OK, "{view}");
        self.until(&view, |w| w["state"] == "ready").await
    }

    async fn view(&self, view: &Value) -> Value {
        self.server.get(&format!("/api/workspaces/{}", text(view, "id"))).await
    }

    async fn until(&self, view: &Value, fits: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let now = self.view(view).await;
            if fits(&now) {
                return now;
            }
            assert!(begun.elapsed() < PATIENCE, "{now}\n{}", self.server.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn volume(&self, view: &Value) -> PathBuf {
        self.server.folder.path().join("data/workspaces").join(text(view, "id"))
    }

    async fn status(&self, token: &str, view: &Value) -> StatusCode {
        self.server.call_as(token, Method::GET, text(view, "path"), None).await.0
    }

    async fn raw(&self) -> TcpStream {
        TcpStream::connect(self.server.url.trim_start_matches("http://")).await.expect("connects")
    }

    /// Resident memory of the server, in KiB.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.pid())).expect("runs");
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).expect("a line");
        line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
    }
}

fn text<'a>(view: &'a Value, field: &str) -> &'a str {
    view[field].as_str().expect("text")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_drop_by_drop_is_cut_off_and_others_are_served() {
    let hub = Hub::start(&["--head-timeout", "2"], &[], "{ timeout: 0 }").await;
    let view = hub.open("plain").await;
    let begun = Instant::now();
    let drips: Vec<_> = futures::future::join_all((0..100).map(|_| hub.raw())).await;
    let path = text(&view, "path").to_owned();
    let drips = drips.into_iter().enumerate().map(|(n, mut stream)| {
        let path = path.clone();
        tokio::spawn(async move {
            // Some say nothing at all, some stop in the first line, most send a header a moment.
            let start = match n % 10 {
                0 => String::new(),
                1 => "GET /us".to_owned(),
                _ => format!("GET {path} HTTP/1.1\r\nHost: h\r\n"),
            };
            let _ = stream.write_all(start.as_bytes()).await;
            let mut buffer = [0; 256];
            loop {
                match tokio::time::timeout(Duration::from_millis(300), stream.read(&mut buffer)).await {
                    Ok(Ok(0) | Err(_)) => return begun.elapsed(),
                    Ok(Ok(_)) => {}
                    Err(_) if n % 10 > 1 => drop(stream.write_all(b"X-A: b\r\n").await),
                    Err(_) => {}
                }
            }
        })
    });
    let drips: Vec<_> = drips.collect();
    for _ in 0..10 {
        let asked = Instant::now();
        assert_eq!(hub.status(&hub.server.token, &view).await, StatusCode::OK);
        assert!(asked.elapsed() < Duration::from_secs(20), "others wait {:?}", asked.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for drip in drips {
        let cut = tokio::time::timeout(PATIENCE, drip).await.expect("is cut off").expect("no panic");
        assert!(cut >= Duration::from_millis(1500), "cut off after {cut:?}, which is too early");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_smuggled_through_the_door() {
    let hub = Hub::start(&[], &[], "{ timeout: 0 }").await;
    let view = hub.open("plain").await;
    let (path, token) = (text(&view, "path"), &hub.server.token);
    let own = format!("Host: h\r\nAuthorization: Bearer {token}\r\n");
    let inner = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    let chunked = format!("0\r\n\r\n{inner}");
    let (short, long) = (chunked.len(), inner.len());
    let tricks = [
        format!("Content-Length: {short}\r\nTransfer-Encoding: chunked\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n{chunked}"),
        format!("Content-Length: 0\r\nContent-Length: {long}\r\n\r\n{inner}"),
        format!("Content-Length: 0, {long}\r\n\r\n{inner}"),
        format!("Content-Length: +{long}\r\n\r\n{inner}"),
        format!("Transfer-Encoding: xchunked\r\nContent-Length: {short}\r\n\r\n{chunked}"),
        format!("Transfer-Encoding : chunked\r\nContent-Length: {short}\r\n\r\n{chunked}"),
        format!("Transfer-Encoding:\x0bchunked\r\nContent-Length: {short}\r\n\r\n{chunked}"),
        format!("X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: {short}\r\n\r\n{chunked}"),
        format!("Transfer-Encoding: chunked, identity\r\n\r\n{chunked}"),
        format!("X: a\rTransfer-Encoding: chunked\r\nContent-Length: {short}\r\n\r\n{chunked}"),
        format!(
            "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nContent-Length: {long}\r\n\r\n{inner}"
        ),
        format!("Connection: Authorization, Cookie, Content-Length\r\nContent-Length: {long}\r\n\r\n{inner}"),
    ];
    for (n, trick) in tricks.iter().enumerate() {
        let mut stream = hub.raw().await;
        let request = format!("POST {path}trick-{n} HTTP/1.1\r\n{own}{trick}");
        stream.write_all(request.as_bytes()).await.expect("sends");
        let _ = tokio::time::timeout(Duration::from_millis(500), stream.read_to_end(&mut Vec::new())).await;
        // The connection to the program is used again by the next one.
        assert_eq!(hub.status(token, &view).await, StatusCode::OK, "after {trick:?}");
    }
    let seen = std::fs::read_to_string(hub.volume(&view).join("seen")).expect("it was asked");
    assert!(!seen.contains("smuggled"), "{seen}");
    assert!(seen.lines().all(|line| line.ends_with("HTTP/1.1")), "{seen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stolen_from_one_workspace_opens_no_other() {
    let hub = Hub::start(&[], &[], "{ timeout: 0 }").await;
    let (one, other) = (hub.open("hub").await, hub.open("hub").await);
    let token = std::fs::read_to_string(hub.volume(&one).join("token")).expect("it was told");
    assert!(token.starts_with("cas_"), "{token}");
    assert_eq!(hub.status(&token, &one).await, StatusCode::OK);
    assert!(matches!(hub.status(&token, &other).await, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND));
    // As a cookie, under each name that may be tried, it opens nothing at all.
    let name = text(&one, "name");
    for cookie in ["castalia_session".to_owned(), format!("jupyterhub-user-demo-{name}"), "_xsrf".into()] {
        for view in [&one, &other] {
            let request = reqwest::Client::new().get(format!("{}{}", hub.server.url, text(view, "path")));
            let answer = request.header("cookie", format!("{cookie}={token}")).send().await.expect("answers");
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{cookie}");
        }
    }
    // Nor does it tell of the other, nor speak for it.
    let (_, me) = hub.server.call_as(&token, Method::GET, "/hub/api/user", None).await;
    assert!(!me.to_string().contains(text(&other, "name")), "{me}");
    let at = format!("/hub/api/users/demo/servers/{}", text(&other, "name"));
    let stop = hub.server.call_as(&token, Method::DELETE, &at, None).await;
    assert!(matches!(stop.0, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{stop:?}");
    assert_eq!(hub.view(&other).await["state"], "ready");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_sockets_come_and_go() {
    let hub = Hub::start(&[], &[], "{ timeout: 1h, keep_sockets: true }").await;
    let view = hub.open("plain").await;
    let address = format!("{}{}ws", hub.server.url.replace("http://", "ws://"), text(&view, "path"));
    let mut after = Vec::new();
    for round in 0..3 {
        let open = (0..500).map(|_| {
            let mut request = address.as_str().into_client_request().expect("a request");
            let token = format!("Bearer {}", hub.server.token).parse().expect("a header");
            request.headers_mut().insert("authorization", token);
            async move { tokio_tungstenite::connect_async(request).await.expect("opens").0 }
        });
        let mut sockets: Vec<_> = futures::stream::iter(open).buffer_unordered(50).collect().await;
        for (n, socket) in sockets.iter_mut().enumerate() {
            socket.send(Message::text(format!("{round} {n}"))).await.expect("sends");
        }
        for (n, socket) in sockets.iter_mut().enumerate() {
            let said = socket.next().await.expect("answers").expect("is well");
            assert_eq!(said.into_text().expect("text").as_str(), format!("{round} {n}"));
        }
        // Half of them say good-bye, half vanish.
        for (n, mut socket) in sockets.into_iter().enumerate() {
            if n % 2 == 0 {
                socket.close(None).await.expect("closes");
            }
        }
        let begun = Instant::now();
        while open_files(&hub) > 200 {
            assert!(begun.elapsed() < PATIENCE, "{} files are open", open_files(&hub));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        after.push(hub.memory());
    }
    // The first round may leave what an allocator keeps; nothing grows with each.
    assert!(after[2] * 10 <= after[0] * 11, "KiB after each round: {after:?}");
}

fn open_files(hub: &Hub) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", hub.server.pid())).expect("runs").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_ends_nothing_without_a_warning() {
    let clock = tempfile::NamedTempFile::new().expect("a file");
    let file = clock.path().display().to_string();
    let set = |hours: i64| std::fs::write(clock.path(), (hours * 3_600_000).to_string()).expect("writes");
    set(0);
    let hub = Hub::start(&[], &[("CASTALIA_TEST_CLOCK", &file)], "{ timeout: 3h, warning: 1h }").await;
    let view = hub.open("plain").await;
    // A day forward: what was used a moment ago looks idle. It is warned of, and not stopped.
    set(24);
    let warned = hub.until(&view, |w| w["idle"]["warned"] == true || w["state"] != "ready").await;
    assert_eq!(warned["state"], "ready", "{warned}");
    assert_eq!(hub.status(&hub.server.token, &view).await, StatusCode::OK);
    // And back, to before it was opened: it is not older than nothing, and no other server's.
    set(-24);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let back = hub.view(&view).await;
    assert_eq!((&back["state"], &back["out_of_reach"]), (&json!("ready"), &json!(false)), "{back}");
    assert_eq!(hub.status(&hub.server.token, &view).await, StatusCode::OK);
    assert_eq!(hub.server.get("/api/workspace-orphans").await["items"], json!([]));
    // Another one starts as ever, and health goes on.
    let another = hub.open("plain").await;
    assert_eq!(another["health"], "healthy", "{another}");
    let pid = std::fs::read_dir(hub.server.folder.path().join("data/units")).expect("a folder").count();
    assert!(pid >= 2, "units are gone");
    set(0);
    // Forward again, and now nobody comes after the warning.
    hub.until(&view, |w| w["idle"]["warned"] == false).await;
    set(48);
    hub.until(&view, |w| w["idle"]["warned"] == true).await;
    set(50);
    let culled = hub.until(&view, |w| w["state"] == "stopped").await;
    assert_eq!(culled["reason_code"], "idle", "{culled}");
}
