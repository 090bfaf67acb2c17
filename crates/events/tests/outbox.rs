//! The log of events, on both engines.

use castalia_base::tasks::Tasks;
use castalia_db::Db;
use castalia_events::{Bus, EventQuery, MIGRATIONS, NewEvent, append, list, prune};
use castalia_testkit::{both_engines, system, tokio};
use serde_json::json;
use std::time::Duration;

const STEPS: &[castalia_db::Migrations] = &[MIGRATIONS];

fn event(n: usize) -> NewEvent {
    NewEvent {
        topic: format!("process.p{}", n % 3),
        kind: "process.changed",
        project: Some("proj".into()),
        data: json!({"n": n}),
    }
}

async fn add(db: &Db, n: usize) {
    let mut tx = db.begin().await.expect("begins");
    append(&mut tx, &system(), vec![event(n), event(n)]).await.expect("appends");
    tx.commit().await.expect("commits");
}

both_engines!(readers_see_every_event_once_and_in_order, STEPS, |db| async move {
    let tasks = Tasks::new();
    let bus = Bus::start(&db, &tasks).await.expect("starts");
    let mut live = bus.subscribe();
    let writers: Vec<_> = (0..50)
        .map(|n| {
            let db = db.clone();
            tokio::spawn(async move { add(&db, n).await })
        })
        .collect();
    for expected in 1..=100 {
        let event =
            tokio::time::timeout(Duration::from_secs(20), live.recv()).await.expect("in time").expect("open");
        assert_eq!(event.seq, expected);
    }
    for writer in writers {
        writer.await.expect("ran");
    }
    assert!(tasks.shutdown(Duration::from_secs(5)).await);
});

both_engines!(a_rolled_back_change_leaves_no_event_and_no_gap, STEPS, |db| async move {
    let mut tx = db.begin().await.expect("begins");
    append(&mut tx, &system(), vec![event(1)]).await.expect("appends");
    drop(tx);
    add(&db, 2).await;
    let page = list(&db, &EventQuery::default()).await.expect("lists");
    assert_eq!(page.items.iter().map(|e| e.seq).collect::<Vec<_>>(), [2, 1]);
});

both_engines!(lists_filter_and_page, STEPS, |db| async move {
    for n in 0..5 {
        add(&db, n).await;
    }
    let query = EventQuery { kind: Some("process".into()), limit: Some(4), ..EventQuery::default() };
    let first = list(&db, &query).await.expect("lists");
    assert_eq!(first.items.len(), 4);
    let rest = list(&db, &EventQuery { before: first.next, limit: Some(100), ..EventQuery::default() })
        .await
        .expect("lists");
    assert_eq!(rest.items.len(), 6);
    let none = EventQuery { actor: Some("user_x".into()), ..EventQuery::default() };
    assert!(list(&db, &none).await.expect("lists").items.is_empty());
});

both_engines!(a_type_is_a_word_and_no_pattern, STEPS, |db| async move {
    add(&db, 1).await;
    let of = async |kind: &str| {
        let query = EventQuery { kind: Some(kind.into()), ..EventQuery::default() };
        list(&db, &query).await.expect("lists").items.len()
    };
    assert_eq!((of("process").await, of("proc_ss").await, of("%").await, of("PROCESS").await), (2, 0, 0, 0));
});

both_engines!(old_events_are_pruned_page_by_page, STEPS, |db| async move {
    for n in 0..5 {
        let mut tx = db.begin().await.expect("begins");
        append(&mut tx, &system(), (0..1000).map(|_| event(n)).collect()).await.expect("appends");
        tx.commit().await.expect("commits");
    }
    let now = system().now();
    assert_eq!(prune(&db, now).await.expect("prunes"), 0);
    add(&db, 9).await;
    assert_eq!(prune(&db, now.plus_ms(1)).await.expect("prunes"), 5002);
    assert!(list(&db, &EventQuery::default()).await.expect("lists").items.is_empty());
});
