//! A client that does not read is told and dropped; the server's memory stays bounded.

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::routing::get;
use castalia_base::{Ctx, Error, tasks::Tasks};
use castalia_events::{Bus, Gateway, MIGRATIONS, NewEvent, Renew, TopicSource, Topics, append, serve_socket};
use castalia_testkit::{sqlite, system, tokio};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

/// Lets everybody listen, until somebody says otherwise.
#[derive(Clone, Default)]
struct Everything {
    closed: Arc<AtomicBool>,
}

#[async_trait::async_trait]
impl TopicSource for Everything {
    fn noun(&self) -> &'static str {
        "process"
    }
    async fn authorise(&self, _: &Ctx, topic: &str) -> Result<(), Error> {
        if self.closed.load(Ordering::SeqCst) { Err(Error::not_found("process", topic)) } else { Ok(()) }
    }
}

/// A server of the gateway; its credential is good until `revoked`. Returns its address.
async fn serve(db: &castalia_db::Db, tasks: &Tasks, source: Everything, revoked: Arc<AtomicBool>) -> String {
    let bus = Bus::start(db, tasks).await.expect("starts");
    let mut topics = Topics::default();
    topics.register(Arc::new(source));
    let mut gateway = Gateway::new(bus, Arc::new(topics));
    gateway.check_every = Duration::from_millis(50);
    let renew: Renew = Arc::new(move || {
        let revoked = revoked.load(Ordering::SeqCst);
        Box::pin(async move { if revoked { Err(Error::unauthenticated("revoked")) } else { Ok(system()) } })
    });
    let app = Router::new().route(
        "/",
        get(move |upgrade: WebSocketUpgrade| {
            let (gateway, renew) = (gateway.clone(), renew.clone());
            async move { upgrade.on_upgrade(move |socket| serve_socket(gateway, system(), renew, socket)) }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let url = format!("ws://{}/", listener.local_addr().expect("an address"));
    tasks.spawn_until_stop("server", async move {
        let _ = axum::serve(listener, app).await;
    });
    url
}

async fn flood(db: &castalia_db::Db, events: usize) {
    let text = "x".repeat(8000);
    for _ in 0..events / 500 {
        let mut tx = db.begin().await.expect("begins");
        let page = (0..500).map(|_| NewEvent {
            topic: "process.a".into(),
            kind: "process.changed",
            project: None,
            data: json!({"text": text}),
        });
        append(&mut tx, &system(), page.collect()).await.expect("appends");
        tx.commit().await.expect("commits");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_client_is_told_and_dropped_and_can_come_back() {
    let test = sqlite(&[MIGRATIONS]).await;
    let tasks = Tasks::new();
    let url = serve(&test.db, &tasks, Everything::default(), Arc::default()).await;
    let (mut slow, _) = tokio_tungstenite::connect_async(&url).await.expect("connects");
    let subscribe = |after: Option<i64>| {
        Message::text(
            json!({"id": "1", "type": "subscribe", "topic": "process.a", "after": after}).to_string(),
        )
    };
    slow.send(subscribe(None)).await.expect("sends");
    slow.next().await.expect("open").expect("an answer");
    // 12,000 events of 8 kB: more than the ring and all socket buffers hold.
    flood(&test.db, 12_000).await;
    let (mut last, mut told) = (0, false);
    while let Ok(Some(Ok(message))) = tokio::time::timeout(Duration::from_secs(20), slow.next()).await {
        let Message::Text(text) = message else { continue };
        let message: Value = serde_json::from_str(&text).expect("JSON");
        match message["type"].as_str() {
            Some("data") => {
                let seq = message["seq"].as_i64().expect("a seq");
                assert_eq!(seq, last + 1, "no gap before it is told");
                last = seq;
            }
            _ => told = message["data"]["code"] == "slow_consumer",
        }
    }
    assert!(told && last < 12_000, "told: {told}, last: {last}");
    // It says where it was and misses nothing.
    let (mut again, _) = tokio_tungstenite::connect_async(&url).await.expect("connects");
    again.send(subscribe(Some(last))).await.expect("sends");
    let mut next = last + 1;
    while next <= 12_000 {
        let message = tokio::time::timeout(Duration::from_secs(20), again.next())
            .await
            .expect("in time")
            .expect("open")
            .expect("whole");
        let Message::Text(text) = message else { continue };
        let message: Value = serde_json::from_str(&text).expect("JSON");
        if message["type"] == "data" {
            assert_eq!(message["seq"], next);
            next += 1;
        }
    }
    tasks.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_no_longer_listen_hears_no_more() {
    let test = sqlite(&[MIGRATIONS]).await;
    let (tasks, source, revoked) = (Tasks::new(), Everything::default(), Arc::new(AtomicBool::new(false)));
    let url = serve(&test.db, &tasks, source.clone(), revoked.clone()).await;
    let (mut socket, _) = tokio_tungstenite::connect_async(&url).await.expect("connects");
    let subscribe = json!({"id": "1", "type": "subscribe", "topic": "process.a"});
    socket.send(Message::text(subscribe.to_string())).await.expect("sends");
    let (mut codes, mut close, begun) = (Vec::new(), None, Instant::now());
    source.closed.store(true, Ordering::SeqCst);
    while let Ok(Some(Ok(message))) = tokio::time::timeout(Duration::from_secs(20), socket.next()).await {
        if let Message::Close(frame) = &message {
            close = frame.as_ref().map(|frame| u16::from(frame.code));
        }
        let Message::Text(text) = message else { continue };
        let message: Value = serde_json::from_str(&text).expect("JSON");
        assert_ne!(message["type"], "data", "{message}");
        if message["type"] == "error" {
            codes.push(message["data"]["code"].as_str().expect("a code").to_owned());
            flood(&test.db, 500).await;
            revoked.store(true, Ordering::SeqCst);
        }
    }
    assert_eq!(codes, ["not_found", "unauthenticated"]);
    assert_eq!(close, Some(4401), "says that coming back needs a new sign-in");
    assert!(begun.elapsed() < Duration::from_secs(15), "the connection stayed open");
    assert!(tasks.shutdown(Duration::from_secs(5)).await);
}
