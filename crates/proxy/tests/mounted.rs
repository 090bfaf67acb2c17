//! Inside another server: that one decides who may, and hands the request over with the route it chose.

mod support;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use castalia_base::{Clock, tasks::Tasks};
use castalia_proxy::{Config, Peer, Prefix, Proxy, Route, RouteOptions, Table, Target, Trust};
use futures::{SinkExt, StreamExt};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use support::Back;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

async fn guarded(
    State(proxy): State<Arc<Proxy>>,
    ConnectInfo(remote): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    if request.headers().get("authorization").is_none_or(|a| a != "token good") {
        return axum::http::StatusCode::FORBIDDEN.into_response();
    }
    let Some(route) = proxy.table().find(None, request.uri().path()) else {
        return axum::http::StatusCode::NOT_FOUND.into_response();
    };
    let peer = Peer::new(Some(remote), 80, false, Trust::Nobody);
    proxy.forward(request, &route, &peer).await.map(axum::body::Body::new)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_its_own_asks_first() {
    let socket = |upgrade: axum::extract::WebSocketUpgrade| async {
        upgrade.protocols(["p"]).on_upgrade(|mut socket| async move {
            while let Some(Ok(message)) = socket.recv().await {
                let _ = socket.send(message).await;
            }
        })
    };
    let seen = |request: Request| async move {
        format!("{} {:?}", request.uri(), request.headers().get("authorization"))
    };
    let back = Back::app(Router::new().route("/socket", any(socket)).fallback(any(seen))).await;
    let tasks = Tasks::new();
    let table = Arc::new(Table::default());
    let proxy = Proxy::new(Config::default(), table.clone(), Clock::system(), &tasks);
    let options = RouteOptions {
        prefix: Prefix::Strip,
        hide_headers: vec![axum::http::header::AUTHORIZATION],
        ..RouteOptions::default()
    };
    let target = Target::parse(&back.url).expect("a target");
    let (route, _) =
        table.insert(Route::new("/user/a/w", target, Arc::new(options), &Clock::system()).expect("a route"));
    let app = Router::new().fallback(guarded).with_state(proxy);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(async move {
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await
    });

    let client = reqwest::Client::new();
    let url = format!("http://{address}/user/a/w/x?y=1");
    assert_eq!(client.get(&url).send().await.expect("an answer").status(), 403);
    for _ in 0..20 {
        let answer = client.get(&url).header("authorization", "token good").send().await.expect("an answer");
        assert_eq!(answer.text().await.expect("text"), "/x?y=1 None");
    }

    let mut request = format!("ws://{address}/user/a/w/socket").into_client_request().expect("a request");
    let refused = tokio_tungstenite::connect_async(request.clone()).await;
    assert!(matches!(refused, Err(Error::Http(answer)) if answer.status() == 403));
    request.headers_mut().insert("authorization", "token good".parse().expect("a value"));
    request.headers_mut().insert("sec-websocket-protocol", "q, p".parse().expect("a value"));
    let (mut socket, answer) = tokio_tungstenite::connect_async(request).await.expect("a socket");
    assert_eq!(answer.headers()["sec-websocket-protocol"], "p");
    socket.send(Message::text("hello")).await.expect("sent");
    assert_eq!(socket.next().await.expect("a message").expect("no error"), Message::text("hello"));
    assert_eq!(route.activity().sockets, 1);
    assert!(tasks.shutdown(Duration::from_secs(10)).await);
    assert_eq!(route.activity().sockets, 0);
    server.abort();
}
