//! The promises of the crate, on both engines.

use castalia_base::Kind;
use castalia_db::{Db, Migration, Migrations, Sql, is_unique_violation, params};
use castalia_testkit::both_engines;

const STEPS: &[Migrations] = &[Migrations {
    capability: "toy",
    steps: &[
        Migration {
            name: "1",
            sql: "CREATE TABLE toy (id TEXT PRIMARY KEY, n BIGINT NOT NULL, note TEXT, x DOUBLE PRECISION)",
        },
        Migration { name: "2", sql: "CREATE INDEX toy_n ON toy (n); CREATE INDEX toy_note ON toy (note)" },
    ],
}];

both_engines!(values_come_back, STEPS, |db| async move {
    let mut tx = db.begin().await.expect("begins");
    tx.execute(
        "INSERT INTO toy (id, n, note, x) VALUES ($1, $2, $3, $4)",
        params!["a", true, None::<&str>, 1.5],
    )
    .await
    .expect("inserts");
    let row = tx
        .fetch_one(
            "INSERT INTO toy (id, n, note) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING RETURNING n",
            params!["b", 7i64, "ü"],
        )
        .await
        .expect("returns");
    assert_eq!(row.int("n").expect("int"), 7);
    tx.commit().await.expect("commits");
    let rows = db.read().fetch_all("SELECT * FROM toy ORDER BY id", params![]).await.expect("reads");
    assert_eq!(rows.len(), 2);
    assert!(rows[0].flag("n").expect("flag") && rows[0].opt_text("note").expect("null").is_none());
    assert_eq!(rows[1].opt_text("note").expect("text").as_deref(), Some("ü"));
});

both_engines!(text_with_nul_can_be_stored_and_asked_for, STEPS, |db| async move {
    let mut tx = db.begin().await.expect("begins");
    tx.execute("INSERT INTO toy (id, n, note) VALUES ($1, 1, $2)", params!["a", "before\0behind"])
        .await
        .expect("inserts");
    tx.commit().await.expect("commits");
    let row = db.read().fetch_optional("SELECT note FROM toy WHERE id = $1", params!["a\0"]).await;
    assert!(row.expect("asks").is_none());
    let row = db.read().fetch_one("SELECT note FROM toy WHERE id = $1", params!["a"]).await.expect("reads");
    assert_eq!(row.text("note").expect("text"), "before\u{fffd}behind");
});

both_engines!(a_second_row_of_one_key_is_known_as_such, STEPS, |db| async move {
    let insert = "INSERT INTO toy (id, n) VALUES ($1, 1)";
    let mut tx = db.begin().await.expect("begins");
    tx.execute(insert, params!["a"]).await.expect("inserts");
    tx.commit().await.expect("commits");
    let mut tx = db.begin().await.expect("begins");
    let error = tx.execute(insert, params!["a"]).await.expect_err("is there already");
    assert!(is_unique_violation(&error) && error.kind() == Kind::Conflict);
});

both_engines!(a_dropped_transaction_leaves_nothing, STEPS, |db| async move {
    let mut tx = db.begin().await.expect("begins");
    tx.execute("INSERT INTO toy (id, n) VALUES ('a', 1)", params![]).await.expect("inserts");
    drop(tx);
    let rows = db.read().fetch_all("SELECT id FROM toy", params![]).await.expect("reads");
    assert!(rows.is_empty());
});

both_engines!(writers_queue_and_none_is_lost, STEPS, |db| async move {
    let add = |db: Db, n: usize| async move {
        let mut tx = db.begin().await.expect("begins");
        tx.execute("INSERT INTO toy (id, n) VALUES ($1, $2)", params![format!("t{n}"), n])
            .await
            .expect("inserts");
        tx.commit().await.expect("commits");
    };
    let tasks: Vec<_> = (0..100).map(|n| castalia_testkit::tokio::spawn(add(db.clone(), n))).collect();
    for task in tasks {
        task.await.expect("ran");
    }
    let row = db.read().fetch_one("SELECT COUNT(*) AS n FROM toy", params![]).await.expect("reads");
    assert_eq!(row.int("n").expect("count"), 100);
});

both_engines!(migrating_again_does_nothing_and_a_changed_step_is_refused, STEPS, |db| async move {
    assert_eq!(db.migrate(STEPS).await.expect("is up to date"), 0);
    let changed = &[Migrations { capability: "toy", steps: &[Migration { name: "1", sql: "SELECT 1" }] }];
    assert_eq!(db.migrate(changed).await.expect_err("changed").code(), "schema_changed");
    let older = &[Migrations { capability: "toy", steps: &STEPS[0].steps[..1] }];
    assert_eq!(db.migrate(older).await.expect_err("newer").code(), "schema_newer");
});
