//! What goes through: streams, headers, prefixes, rewriting, HTTP/2, changes of the table.

mod support;

use axum::Router;
use axum::body::Body as AxumBody;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::any;
use castalia_proxy::server::ServerConfig;
use castalia_proxy::{HostHeader, Prefix, RouteOptions, Trust};
use futures::StreamExt;
use http_body_util::BodyExt;
use std::time::Duration;
use support::{Back, Front, eventually};

fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}

/// An answer is made of the request while that is still being sent: nothing may wait for a whole.
#[tokio::test]
async fn both_bodies_stream_at_the_same_time() {
    let echo = |request: Request| async {
        AxumBody::from_stream(request.into_body().into_data_stream()).into_response()
    };
    let back = Back::app(Router::new().fallback(any(echo))).await;
    let front = Front::start();
    front.route("/", &back.url);
    let mut raw = front.raw().await;
    raw.send("POST /e HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    raw.send("5\r\nfirst\r\n").await;
    assert!(raw.head().await.starts_with("HTTP/1.1 200"));
    raw.until("first").await;
    for piece in ["one", "two", "six"] {
        raw.send(&format!("3\r\n{piece}\r\n")).await;
        raw.until(piece).await;
    }
    raw.send("0\r\n\r\n").await;
    raw.until("0\r\n\r\n").await;
    // The connection is good for another request.
    raw.send("POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nend").await;
    raw.until("end").await;
}

#[tokio::test]
async fn large_bodies_pass_unchanged() {
    let digest = |request: Request| async {
        let mut stream = request.into_body().into_data_stream();
        let (mut length, mut sum) = (0_usize, 0_u64);
        while let Some(Ok(data)) = stream.next().await {
            length += data.len();
            sum = data.iter().fold(sum, |sum, &b| sum.wrapping_mul(31).wrapping_add(b.into()));
        }
        format!("{length} {sum}")
    };
    let big = || async {
        let pieces = (0..2000_u32)
            .map(|n| Ok::<_, std::io::Error>(vec![u8::try_from(n % 251).expect("small"); 10_000]));
        AxumBody::from_stream(futures::stream::iter(pieces))
    };
    let back = Back::app(Router::new().route("/up", any(digest)).route("/down", any(big))).await;
    let front = Front::start();
    front.route("/", &back.url);
    let sent: Vec<u8> = (0..20_000_000_u32).map(|n| u8::try_from(n % 253).expect("small")).collect();
    let sum = sent.iter().fold(0_u64, |sum, &b| sum.wrapping_mul(31).wrapping_add(b.into()));
    let told = client()
        .post(front.url("/up"))
        .body(sent)
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert_eq!(told, format!("20000000 {sum}"));
    let got =
        client().get(front.url("/down")).send().await.expect("an answer").bytes().await.expect("a body");
    assert_eq!(got.len(), 20_000_000);
    assert!(got.chunks(10_000).zip(0_u32..).all(|(piece, n)| piece.iter().all(|&b| u32::from(b) == n % 251)));
}

#[tokio::test]
async fn the_back_end_is_told_where_a_request_comes_from() {
    let back = Back::mirror().await;
    let front = Front::start();
    front.route_with("/p q/x", &back.url, RouteOptions { prefix: Prefix::Strip, ..RouteOptions::default() });
    let mut raw = front.raw().await;
    raw.send("GET /p%20q/x/a%2Fb?c=%20d HTTP/1.1\r\nHost: pub:99\r\nConnection: X-Gone, keep-alive\r\nX-Gone: 1\r\nX-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 7.7.7.7\r\nTE: trailers, deflate\r\n\r\n").await;
    raw.head().await;
    let seen = raw.until("\n\n").await;
    assert!(seen.starts_with("GET /a%2Fb?c=%20d HTTP/1.1\n"), "{seen}");
    for line in [
        "host: pub:99",
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-host: pub:99",
        "x-forwarded-proto: http",
        "x-forwarded-port: 99",
        "x-forwarded-prefix: /p%20q/x",
        "forwarded: for=127.0.0.1;proto=http",
        "te: trailers",
    ] {
        assert!(seen.contains(&format!("\n{line}\n")), "{line} is missing:\n{seen}");
    }
    for word in ["x-gone", "6.6.6.6", "7.7.7.7", "connection"] {
        assert!(!seen.contains(word), "{word}:\n{seen}");
    }
}

#[tokio::test]
async fn another_proxy_of_the_house_is_believed_and_targets_may_be_named() {
    let back = Back::mirror().await;
    let front = Front::with(ServerConfig { workers: 1, trust: Trust::Private, ..ServerConfig::default() });
    front.route_with(
        "/",
        &format!("{}/base/", back.url),
        RouteOptions { host_header: HostHeader::Target, ..RouteOptions::default() },
    );
    let mut raw = front.raw().await;
    raw.send("GET /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n\r\n")
        .await;
    raw.head().await;
    let seen = raw.until("\n\n").await;
    assert!(seen.starts_with("GET /base/x HTTP/1.1\n"), "{seen}");
    assert!(
        seen.contains("x-forwarded-for: 1.2.3.4, 127.0.0.1\n") && seen.contains("x-forwarded-proto: https\n"),
        "{seen}"
    );
    assert!(seen.contains(&format!("host: {}\n", back.address)), "{seen}");
}

#[tokio::test]
async fn a_back_end_that_does_not_know_its_prefix_is_translated() {
    let back = Back::raw(|mut raw, _| async move {
        while let Ok(head) = raw.try_until("\r\n\r\n").await {
            let answer = if head.starts_with("GET /go ") {
                "HTTP/1.1 302 Found\r\nLocation: /lab?x=1\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: session=stolen; Path=/\r\nContent-Length: 0\r\n\r\n".to_owned()
            } else {
                assert!(!head.contains("session="), "{head}");
                let page = "<html><head><base href=\"/\"></head></html>";
                format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}", page.len())
            };
            raw.send(&answer).await;
        }
    })
    .await;
    let front = Front::start();
    let options = RouteOptions {
        prefix: Prefix::Strip,
        rewrite: true,
        hide_cookies: vec!["session".into()],
        ..RouteOptions::default()
    };
    front.route_with("/user/a/ide", &back.url, options);
    let answer = client().get(front.url("/user/a/ide/go")).send().await.expect("an answer");
    assert_eq!(answer.headers()["location"], "/user/a/ide/lab?x=1");
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1; Path=/user/a/ide/"]);
    let page = client()
        .get(front.url("/user/a/ide/"))
        .header("accept", "text/html")
        .header("cookie", "session=s; b=2");
    let page = page.send().await.expect("an answer");
    assert_eq!(page.text().await.expect("a page"), "<html><head><base href=\"/user/a/ide/\"></head></html>");
}

/// Routes come, change and go: what runs goes on, on the route that it began with.
#[tokio::test]
async fn changing_routes_drops_nothing() {
    let slow = || async {
        let ticks = futures::stream::unfold(0_u32, |n| async move {
            tokio::time::sleep(Duration::from_millis(10)).await;
            (n < 60).then(|| (Ok::<_, std::io::Error>(format!("{n};")), n + 1))
        });
        AxumBody::from_stream(ticks)
    };
    let back = Back::app(Router::new().fallback(any(slow))).await;
    let other = Back::mirror().await;
    let front = Front::start();
    front.route("/user/a", &back.url);
    let kept = client();
    let mut running = Vec::new();
    for _ in 0..20 {
        running.push(tokio::spawn(kept.get(front.url("/user/a/x")).send()));
    }
    let route = front.table.get(None, "/user/a").expect("a route");
    eventually("all run", || route.activity().requests == 20).await;
    for n in 0..2000 {
        front.route(&format!("/user/{n}"), &other.url);
        front.route("/user/a", &other.url);
        if n % 2 == 0 {
            front.table.remove(None, &format!("/user/{n}"));
            front.table.remove(None, "/user/a");
        }
    }
    let whole: String = (0..60).map(|n| format!("{n};")).collect();
    for answer in running {
        let text = answer.await.expect("it runs").expect("an answer").text().await.expect("the whole");
        assert_eq!(text, whole);
    }
    assert_eq!(front.table.len(), 1001);
    assert_eq!(route.activity().requests, 0);
}

#[tokio::test]
async fn http2_in_front() {
    let back = Back::mirror().await;
    let front = Front::start();
    front.route("/p", &back.url);
    let stream = tokio::net::TcpStream::connect(front.address).await.expect("a connection");
    let io = hyper_util::rt::TokioIo::new(stream);
    let made = hyper::client::conn::http2::handshake(hyper_util::rt::TokioExecutor::new(), io).await;
    let (client, connection) = made.expect("HTTP/2");
    let driven = tokio::spawn(connection);
    let ask = |path: String| {
        let mut client = client.clone();
        let request = hyper::Request::get(front.url(&path)).body(String::new()).expect("a request");
        async move {
            let answer = client.send_request(request).await.expect("an answer");
            assert_eq!(answer.version(), hyper::Version::HTTP_2);
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.expect("a body").to_bytes();
            (status, String::from_utf8_lossy(&body).into_owned())
        }
    };
    let all = futures::future::join_all((0..200).map(|n| ask(format!("/p/{n}")))).await;
    for (n, (status, seen)) in all.into_iter().enumerate() {
        assert_eq!(status, 200);
        assert!(seen.starts_with(&format!("GET /p/{n} HTTP/1.1\n")), "{seen}");
        assert!(seen.contains(&format!("\nhost: {}\n", front.address)), "{seen}");
    }
    assert_eq!(front.connections(), 1);
    assert_eq!(ask("/q".into()).await.0, 404);
    assert_eq!(ask("/p/%2e%2e/x".into()).await.0, 400);
    driven.abort();
}

#[tokio::test]
async fn unix_sockets_are_back_ends_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let listener = tokio::net::UnixListener::bind(&path).expect("a socket");
    tokio::spawn(
        async move { axum::serve(listener, Router::new().fallback(any(|| async { "unix" }))).await },
    );
    let front = Front::start();
    let encoded = path.to_str().expect("UTF-8").replace('/', "%2F");
    front.route("/", &format!("http+unix://{encoded}"));
    assert_eq!(
        client().get(front.url("/")).send().await.expect("an answer").text().await.expect("text"),
        "unix"
    );
}

#[tokio::test]
async fn what_counts_as_activity() {
    let back = Back::raw(|mut raw, _| async move {
        while let Ok(head) = raw.try_until("\r\n\r\n").await {
            let status = if head.starts_with("GET /u/missing") { "404 No" } else { "200 OK" };
            raw.send(&format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok")).await;
        }
    })
    .await;
    let front = Front::start();
    let mut options = RouteOptions::default();
    options.activity.ignore = vec!["/api/status".into()];
    let route = front.route_with("/u", &back.url, options);
    let begun = route.last_activity();
    let get = async |path: &str| {
        tokio::time::sleep(Duration::from_millis(5)).await;
        client().get(front.url(path)).send().await.expect("an answer").text().await.expect("text")
    };
    get("/u/api/status").await;
    get("/u/missing").await;
    assert_eq!(route.last_activity(), begun);
    get("/u/api/statuses").await;
    assert!(route.last_activity() > begun);
    assert_eq!(route.activity().total, 3);
}
