//! Back ends that are away, silent, broken or impatient.

mod support;

use castalia_proxy::RouteOptions;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use support::{Back, Front, dead_port, eventually};

fn impatient() -> RouteOptions {
    RouteOptions {
        connect_timeout: Duration::from_millis(500),
        response_timeout: Some(Duration::from_millis(300)),
        ..RouteOptions::default()
    }
}

async fn get(front: &Front, path: &str, accept: &str) -> (u16, String, String) {
    let answer =
        reqwest::Client::new().get(front.url(path)).header("accept", accept).send().await.expect("an answer");
    let kind = answer.headers()["content-type"].to_str().expect("ASCII").to_owned();
    (answer.status().as_u16(), kind, answer.text().await.expect("text"))
}

#[tokio::test]
async fn people_get_pages_and_programs_get_problems() {
    let front = Front::start();
    front.route("/dead", &format!("http://127.0.0.1:{}", dead_port()));
    let (status, kind, page) = get(&front, "/dead/x", "text/html,application/xhtml+xml").await;
    assert_eq!((status, kind.as_str()), (503, "text/html; charset=utf-8"));
    assert!(page.contains("<h1>Nobody answers yet</h1>") && !page.contains("127.0.0.1"), "{page}");
    let (status, kind, problem) = get(&front, "/dead/x", "*/*").await;
    assert_eq!((status, kind.as_str()), (503, "application/problem+json"));
    let problem: serde_json::Value = serde_json::from_str(&problem).expect("JSON");
    assert_eq!(problem["code"], "backend_unreachable");
    assert!(!problem.to_string().contains("127.0.0.1"), "{problem}");
    assert_eq!(get(&front, "/none", "text/html").await.0, 404);
}

#[tokio::test]
async fn back_ends_that_are_silent_or_talk_nonsense() {
    let silent = Back::raw(|raw, _| async move {
        let _raw = raw;
        std::future::pending::<()>().await;
    })
    .await;
    let nonsense = Back::raw(|mut raw, _| async move {
        let _ = raw.try_until("\r\n\r\n").await;
        raw.send("SSH-2.0-OpenSSH\r\n\r\n").await;
    })
    .await;
    let hangs_up = Back::raw(|mut raw, _| async move { drop(raw.try_until("\r\n\r\n").await) }).await;
    let unasked = Back::raw(|mut raw, _| async move {
        let _ = raw.try_until("\r\n\r\n").await;
        raw.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n").await;
    })
    .await;
    let front = Front::start();
    for (path, back, status) in [
        ("/silent", &silent, 504),
        ("/nonsense", &nonsense, 502),
        ("/hangs-up", &hangs_up, 502),
        ("/unasked", &unasked, 502),
    ] {
        let route = front.route_with(path, &back.url, impatient());
        assert_eq!(get(&front, path, "*/*").await.0, status, "{path}");
        assert_eq!(route.activity().requests, 0);
    }
    // An address at which nobody is: the try has a limit.
    front.route_with("/nowhere", "http://192.0.2.1:9", RouteOptions { connect_tries: 1, ..impatient() });
    assert_eq!(get(&front, "/nowhere", "*/*").await.0, 503);
    front.route_with("/unknown", "http://no-such-host.invalid", impatient());
    assert_eq!(get(&front, "/unknown", "*/*").await.0, 503);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_seen_to_break_off() {
    let back = Back::raw(|mut raw, _| async move {
        let _ = raw.try_until("\r\n\r\n").await;
        raw.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").await;
    })
    .await;
    let front = Front::start();
    front.route("/", &back.url);
    for _ in 0..20 {
        // Its head may be on its way already or not; the whole is never taken for complete.
        if let Ok(answer) = reqwest::get(front.url("/")).await {
            assert_eq!(answer.status(), 200);
            assert!(answer.text().await.is_err());
        }
    }
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_request_with_it() {
    let gone = Arc::new(AtomicUsize::new(0));
    let count = gone.clone();
    let back = Back::raw(move |mut raw, _| {
        let count = count.clone();
        async move {
            raw.until("\r\n\r\n").await;
            let _ = raw.try_until("never").await;
            count.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let front = Front::start();
    let route = front.route("/", &back.url);
    for _ in 0..10 {
        let mut raw = front.raw().await;
        raw.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
        let route = route.clone();
        eventually("it is under way", move || route.activity().requests == 1).await;
        drop(raw);
        let route = front.table.get(None, "/").expect("a route");
        eventually("it has ended", move || route.activity().requests == 0).await;
    }
    eventually("the back end is let go", || gone.load(Ordering::SeqCst) == 10).await;
}

/// A back end that answers the first request on each connection and hangs up on the second without a word.
async fn forgetful() -> (Back, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = taken.clone();
    let back = Back::raw(move |mut raw, _| {
        let count = count.clone();
        async move {
            if raw.try_until("\r\n\r\n").await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
                raw.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
                if raw.try_until("\r\n\r\n").await.is_ok() {
                    count.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    })
    .await;
    (back, taken)
}

#[tokio::test]
async fn what_is_safe_is_tried_again_and_what_is_not_is_not() {
    let (back, taken) = forgetful().await;
    let front = Front::with(castalia_proxy::server::ServerConfig { workers: 1, ..Default::default() });
    front.route("/", &back.url);
    let mut raw = front.raw().await;
    for _ in 0..5 {
        raw.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
        let head = raw.head().await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        raw.until("ok").await;
    }
    // The first was answered at once, each other one was lost once and then answered on a fresh connection.
    assert_eq!(taken.load(Ordering::SeqCst), 9);
    assert_eq!(back.connections(), 5);
    // A POST that was taken and not answered may have been carried out: it is not sent again.
    raw.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").await;
    let head = raw.head().await;
    assert!(head.starts_with("HTTP/1.1 502"), "{head}");
    assert_eq!(taken.load(Ordering::SeqCst), 10);
}

#[tokio::test]
async fn a_waiting_connection_that_was_closed_costs_nobody_a_request() {
    let back = Back::raw(|mut raw, _| async move {
        if raw.try_until("\r\n\r\n").await.is_ok() {
            raw.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
        }
        // And closes, without having said so.
    })
    .await;
    let front = Front::start();
    front.route("/", &back.url);
    for n in 0..20 {
        let answer = reqwest::Client::new().post(front.url("/")).body("").send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "request {n}");
        // The end of the connection has arrived before the next request does.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_back_end_that_is_just_starting_is_waited_for() {
    let port = dead_port();
    let front = Front::start();
    front.route_with(
        "/",
        &format!("http://127.0.0.1:{port}"),
        RouteOptions { connect_tries: 8, ..RouteOptions::default() },
    );
    let asked = tokio::spawn(reqwest::get(front.url("/")));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("the port");
    let app = axum::Router::new().fallback(axum::routing::any(|| async { "here" }));
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let text = asked.await.expect("it runs").expect("an answer").text().await.expect("text");
    assert_eq!(text, "here");
    server.abort();
}

#[tokio::test]
async fn waiting_connections_are_used_again_and_closed_when_nobody_needs_them() {
    let open = Arc::new(AtomicUsize::new(0));
    let count = open.clone();
    let back = Back::raw(move |mut raw, _| {
        let count = count.clone();
        async move {
            count.fetch_add(1, Ordering::SeqCst);
            while raw.try_until("\r\n\r\n").await.is_ok() {
                raw.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
            }
            count.fetch_sub(1, Ordering::SeqCst);
        }
    })
    .await;
    let front = Front::with(castalia_proxy::server::ServerConfig { workers: 1, ..Default::default() });
    front.route("/", &back.url);
    let mut raw = front.raw().await;
    for _ in 0..50 {
        raw.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
        raw.until("ok").await;
    }
    assert_eq!(back.connections(), 1);
    eventually("it is closed after some seconds", || open.load(Ordering::SeqCst) == 0).await;
}
