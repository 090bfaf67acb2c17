//! `verify` sees what was tampered with, and bills can be made again.

use crate::support::{House, STEPS, house};
use castalia_base::Credits;
use castalia_base::id::ProjectId;
use castalia_db::{Sql, params};
use castalia_http::PageQuery;
use castalia_projects::ledger::{self, HoldKey};
use castalia_projects::pricing::{Metered, Prices};
use castalia_projects::{Config, build};
use castalia_testkit::both_engines;
use serde_json::json;

/// A project with a top-up, a settled run and an open hold.
async fn lived_in(house: &House) -> ProjectId {
    let (project, ctx) = (house.project("lived-in", 1000).await.id, house.system());
    let mut tx = house.begin().await;
    let (one, two) = (HoldKey::new("one", 1, 1), HoldKey::new("two", 1, 1));
    ledger::hold(&mut tx, &ctx, &project, &one, "spectrum", Credits(400)).await.expect("holds");
    ledger::hold(&mut tx, &ctx, &project, &two, "spectrum", Credits(100)).await.expect("holds");
    ledger::settle(&mut tx, &ctx, &one, Credits(150), json!({})).await.expect("settles");
    tx.commit().await.expect("commits");
    house.assert_sound().await;
    project
}

both_engines!(every_row_of_a_run_says_its_process, STEPS, |db| async move {
    let house = house(db).await;
    let project = lived_in(&house).await;
    let page = ledger::entries(&mut house.db.read(), &project, &PageQuery::default()).await.expect("lists");
    let rows: Vec<_> = page.items.iter().rev().map(|e| (e.kind, e.process_name.as_deref())).collect();
    use ledger::EntryKind::{Debit, Hold, Release, Topup};
    let name = Some("spectrum");
    assert_eq!(rows, [(Topup, None), (Hold, name), (Hold, name), (Debit, name), (Release, name)]);
    assert_eq!(serde_json::to_value(&page.items[0]).expect("serialises")["kind"], "release");
});

both_engines!(tampering_is_seen, STEPS, |db| async move {
    let house = house(db).await;
    lived_in(&house).await;
    let wrongs: [(&'static str, &str); 9] = [
        ("UPDATE ledger_accounts SET credits_posted = credits_posted + 1 WHERE kind = 'prepaid'", "differ"),
        ("UPDATE ledger_accounts SET debits_pending = debits_pending - 1 WHERE kind = 'prepaid'", "differ"),
        ("UPDATE ledger_transfers SET amount = amount + 1 WHERE kind = 'debit'", "exactly once and exactly"),
        ("DELETE FROM ledger_transfers WHERE idempotency_key = 'rest:one:1:1'", "exactly once and exactly"),
        ("DELETE FROM ledger_transfers WHERE idempotency_key = 'end:one:1:1'", "exactly once and exactly"),
        ("UPDATE ledger_transfers SET attempt = 2 WHERE kind = 'debit'", "ends a hold that there is not"),
        ("UPDATE ledger_transfers SET kind = 'gift' WHERE kind = 'topup'", "that there is not"),
        (
            "UPDATE ledger_transfers SET credit_account = 'prepaid:other' WHERE kind = 'topup'",
            "not the project's",
        ),
        ("DELETE FROM projects", "no project"),
    ];
    for (sql, says) in wrongs {
        let mut tx = house.begin().await;
        tx.execute(sql, params![]).await.expect("tampers");
        tx.commit().await.expect("commits");
        let wrong = ledger::verify(&house.db).await.expect("looks");
        assert!(wrong.iter().any(|w| w.contains(says)), "{sql}: {wrong:?}");
        undo(&house).await;
    }
});

/// Puts the lived-in project's rows back.
async fn undo(house: &House) {
    let mut tx = house.begin().await;
    for sql in [
        "DELETE FROM ledger_transfers",
        "DELETE FROM ledger_accounts",
        "DELETE FROM projects",
        "DELETE FROM memberships",
    ] {
        tx.execute(sql, params![]).await.expect("clears");
    }
    tx.commit().await.expect("commits");
    lived_in(house).await;
}

both_engines!(the_database_itself_refuses_an_overdraft, STEPS, |db| async move {
    let house = house(db).await;
    lived_in(&house).await;
    for sql in [
        "UPDATE ledger_accounts SET debits_posted = debits_posted + 10000 WHERE kind = 'prepaid'",
        "UPDATE ledger_accounts SET debits_pending = -1 WHERE kind = 'prepaid'",
        "UPDATE ledger_transfers SET amount = -1 WHERE kind = 'debit'",
    ] {
        let mut tx = house.begin().await;
        assert!(tx.execute(sql, params![]).await.is_err(), "{sql}");
    }
});

both_engines!(a_bill_is_made_again_from_what_was_stored, STEPS, |db| async move {
    let house = house(db).await;
    let (project, ctx, prices) =
        (house.project("billed", 10_000_000).await.id, house.system(), Prices::default());
    let reserved =
        Metered { cpu_millis: 2000, memory_mb: 4096, storage_mb: 1024, gpu: 0, milliseconds: 600_000 };
    let held = prices.estimate(&reserved).expect("fits");
    for (n, milliseconds) in [(1, 61_234), (2, 605_000)] {
        let measured = Metered { milliseconds, ..reserved };
        let key = HoldKey::new("billed", n, 1);
        let mut tx = house.begin().await;
        ledger::hold(&mut tx, &ctx, &project, &key, "spectrum", held).await.expect("holds");
        let bill = prices.bill(&measured, held).expect("fits");
        ledger::settle(&mut tx, &ctx, &key, bill, prices.inputs(&measured)).await.expect("settles");
        tx.commit().await.expect("commits");
    }
    house.assert_sound().await;
    let mut tx = house.begin().await;
    let sql = "UPDATE ledger_transfers SET meter = REPLACE(meter, '61234', '61235') WHERE kind = 'debit'";
    assert!(tx.execute(sql, params![]).await.expect("tampers") > 0);
    tx.commit().await.expect("commits");
    let wrong = ledger::verify(&house.db).await.expect("looks");
    assert!(wrong.len() == 1 && wrong[0].contains("its meter says"), "{wrong:?}");
});

both_engines!(a_used_price_list_never_changes, STEPS, |db| async move {
    let house = house(db).await;
    let with =
        |prices| build(house.db.clone(), house.identity.clone(), Config { prices, ..Config::default() });
    let first = Prices::default();
    with(first.clone()).pin_prices(&house.system()).await.expect("pins");
    with(first.clone()).pin_prices(&house.system()).await.expect("is the same");
    let changed = Prices { cpu_second: 1, ..first.clone() };
    assert_eq!(
        with(changed.clone()).pin_prices(&house.system()).await.expect_err("changed").code(),
        "prices_changed"
    );
    with(Prices { name: "2026-02".into(), ..changed })
        .pin_prices(&house.system())
        .await
        .expect("has a new name");
});
