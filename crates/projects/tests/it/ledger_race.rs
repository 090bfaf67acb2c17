//! Many at once on one project.

use crate::support::{STEPS, house};
use castalia_base::{Credits, Kind};
use castalia_projects::ledger::{self, HoldKey};
use castalia_testkit::both_engines;
use serde_json::json;

both_engines!(one_too_many_is_refused_and_told_what_is_missing, STEPS, |db| async move {
    let house = std::sync::Arc::new(house(db).await);
    let project = house.project("race", 15_000_000).await.id;
    let holds = (0..16).map(|n| {
        let (house, project) = (house.clone(), project.clone());
        tokio::spawn(async move {
            let mut tx = house.begin().await;
            let key = HoldKey::new(format!("p{n}"), 1, 1);
            ledger::hold(&mut tx, &house.system(), &project, &key, "spectrum", Credits::whole(1)).await?;
            tx.commit().await
        })
    });
    let results: Vec<_> =
        futures::future::join_all(holds).await.into_iter().map(|r| r.expect("ran")).collect();
    let refused: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert_eq!((refused[0].kind(), refused[0].code()), (Kind::PaymentRequired, "insufficient_credit"));
    assert!(
        refused[0].detail().contains("15 credits") && refused[0].detail().contains("1 are missing"),
        "{}",
        refused[0].detail()
    );
    house.assert_sound().await;
    assert_eq!(
        ledger::summary(&mut house.db.read(), &project).await.expect("reads").available,
        Credits::ZERO
    );
});

both_engines!(many_who_end_one_hold_end_it_once, STEPS, |db| async move {
    let house = std::sync::Arc::new(house(db).await);
    let project = house.project("race", 100).await.id;
    let key = HoldKey::new("p", 1, 1);
    let start = |n: i64| {
        let (house, project, key) = (house.clone(), project.clone(), key.clone());
        tokio::spawn(async move {
            let ctx = house.system();
            let mut tx = house.begin().await;
            ledger::hold(&mut tx, &ctx, &project, &key, "spectrum", Credits(80)).await.expect("holds");
            tx.commit().await.expect("commits");
            let mut tx = house.begin().await;
            match n % 3 {
                0 => ledger::settle(&mut tx, &ctx, &key, Credits(30), json!({})).await?,
                1 => ledger::settle(&mut tx, &ctx, &key, Credits(31), json!({})).await?,
                _ => ledger::release(&mut tx, &ctx, &key, "cancelled").await?,
            }
            tx.commit().await
        })
    };
    let results: Vec<_> =
        futures::future::join_all((0..12).map(start)).await.into_iter().map(|r| r.expect("ran")).collect();
    let ended = results.iter().filter(|r| r.is_ok()).count();
    assert!((1..=4).contains(&ended), "{results:?}");
    assert!(
        results
            .iter()
            .filter_map(|r| r.as_ref().err())
            .all(|e| ["ledger_conflict", "unavailable"].contains(&e.code())),
        "{results:?}"
    );
    house.assert_sound().await;
    let left = ledger::summary(&mut house.db.read(), &project).await.expect("reads");
    assert!([70, 69, 100].contains(&left.balance.0) && left.held == Credits::ZERO, "{left:?}");
});

both_engines!(a_thousand_runs_leave_a_sound_ledger, STEPS, |db| async move {
    let house = std::sync::Arc::new(house(db).await);
    let mut projects = Vec::new();
    for n in 0..4 {
        projects.push(house.project(&format!("many-{n}"), 100_000).await.id);
    }
    let workers = projects.iter().cloned().enumerate().map(|(w, project)| {
        let house = house.clone();
        tokio::spawn(async move {
            let ctx = house.system();
            for n in 0..250 {
                let key = HoldKey::new(format!("w{w}-{n}"), 1, 1);
                let mut tx = house.begin().await;
                ledger::hold(&mut tx, &ctx, &project, &key, "spectrum", Credits(100)).await.expect("holds");
                tx.commit().await.expect("commits");
                let mut tx = house.begin().await;
                ledger::settle(&mut tx, &ctx, &key, Credits(n % 101), json!({})).await.expect("settles");
                tx.commit().await.expect("commits");
            }
        })
    });
    futures::future::join_all(workers).await.into_iter().for_each(|r| r.expect("ran"));
    house.assert_sound().await;
    assert!(ledger::open_holds(&mut house.db.read(), None).await.expect("reads").is_empty());
});
