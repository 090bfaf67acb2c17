//! Rate limits, the audit trail, other replicas, actions and topics.

use crate::support::{STEPS, empty_house, house, house_with};
use axum::http::{Method, StatusCode};
use castalia_base::tasks::Tasks;
use castalia_base::{Ctx, Kind};
use castalia_events::{Bus, TopicSource};
use castalia_identity::{UserTopics, actions};
use castalia_testkit::both_engines;
use serde_json::json;
use std::time::Duration;

both_engines!(limits_hold_per_operation_role_and_caller, STEPS, |db| async move {
    let house = house_with(db, |config| {
        config.limits.set("probe.run", &[("admin", 3), ("viewer", 0)]);
        config.limits.set("account.show", &[("anonymous", 2)]);
    })
    .await;
    let (root, other) = (house.token("root").await, house.token("root").await);
    for secret in [&root, &other, &root] {
        assert_eq!(house.call(Method::POST, "/probe", secret, json!({})).await.status, StatusCode::OK);
    }
    // The limit is the person's, not the token's, and another operation has its own.
    let answer = house.call(Method::POST, "/probe", &other, json!({})).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    let wait: u64 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=20).contains(&wait));
    assert_eq!(house.get("/api/me", &root).await.status, StatusCode::OK);
    house.service.ensure_user("vera", "vera-password", &["viewer"]).await.expect("makes");
    let vera = house.token("vera").await;
    assert_eq!(house.call(Method::POST, "/probe", &vera, json!({})).await.code(), "closed_to_role");
    // Guessing tokens is limited by address.
    for _ in 0..2 {
        assert_eq!(house.get("/api/me", "cas_guess").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(house.get("/api/me", "cas_guess").await.status, StatusCode::TOO_MANY_REQUESTS);
});

both_engines!(the_audit_trail_says_who_did_what_and_no_secret, STEPS, |db| async move {
    let house = house(db).await;
    let root = house.token("root").await;
    house.login("root", "root-password").await;
    house.login("root", "a wrong password").await;
    house.call(Method::POST, "/api/users", &root, json!({"name": "ada", "password": "ada-password"})).await;
    house.call(Method::POST, "/probe", &house.token("ada").await, json!({})).await;
    let kinds = house.kinds().await;
    for kind in [
        "identity.user_created",
        "identity.token_created",
        "identity.signed_in",
        "identity.sign_in_failed",
        "identity.access_denied",
    ] {
        assert!(kinds.iter().any(|k| k == kind), "{kind}: {kinds:?}");
    }
    let page = house.get("/api/audit?type=identity.access_denied", &root).await;
    assert_eq!(
        (&page.body["items"][0]["actor_name"], &page.body["items"][0]["data"]["operation"]),
        (&json!("ada"), &json!("probe.run"))
    );
    let log = house.log_text().await;
    for secret in ["root-password", "a wrong password", "ada-password", "$argon2", &root] {
        assert!(!log.contains(secret));
    }
    let ada = house.token("ada").await;
    assert_eq!(house.get("/api/audit", &ada).await.status, StatusCode::FORBIDDEN);
});

both_engines!(another_replica_learns_of_a_change_from_the_log, STEPS, |db| async move {
    let one = house(db.clone()).await;
    let two = empty_house(db.clone(), |config| config.cache_ms = 3_600_000);
    let tasks = Tasks::new();
    let bus = Bus::start(&db, &tasks).await.expect("starts");
    two.service.run_background(&bus, &tasks);
    one.service.ensure_user("ada", "ada-password", &["developer"]).await.expect("makes");
    let ada = one.token("ada").await;
    assert_eq!(two.get("/api/me", &ada).await.status, StatusCode::OK);
    let root = one.token("root").await;
    one.call(Method::PATCH, "/api/users/ada", &root, json!({"disabled": true})).await;
    let mut tries = 0;
    while two.get("/api/me", &ada).await.status == StatusCode::OK {
        tries += 1;
        assert!(tries < 500, "the other replica never heard of it");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(tasks.shutdown(Duration::from_secs(5)).await);
});

both_engines!(actions_and_topics_ask_the_same_questions, STEPS, |db| async move {
    let house = house(db).await;
    let ada = house.service.ensure_user("ada", "ada-password", &["developer"]).await.expect("makes");
    let ctx = house.service.ctx_of("ada", "r").await.expect("is there");
    let root = house.service.ctx_of("root", "r").await.expect("is there");
    let nobody = Ctx::new(castalia_base::Principal::anonymous(), house.clock.clone(), "r");
    let check = |ctx: Ctx| {
        let service = house.service.clone();
        async move { service.check_action(&ctx, "users.manage", "users.create").await.map_err(|e| e.kind()) }
    };
    assert_eq!(check(root.clone()).await, Ok(()));
    assert_eq!(check(ctx.clone()).await, Err(Kind::Forbidden));
    assert_eq!(check(nobody.clone()).await, Err(Kind::Unauthenticated));
    let mut catalogue = castalia_base::actions::Catalogue::default();
    catalogue.register(actions(&house.service));
    let me = catalogue.call(ctx.clone(), "account.show", json!({})).await.expect("shows");
    assert_eq!(me["name"], "ada");
    // The action itself checks too, whoever forgot the door.
    assert!(catalogue.call(ctx.clone(), "users.create", json!({"name": "eve"})).await.is_err());
    let update = json!({"user": "ada", "roles": ["viewer"]});
    assert_eq!(
        catalogue.call(root.clone(), "users.update", update).await.expect("changes")["roles"],
        json!(["viewer"])
    );
    let topic = format!("user.{}", ada.id);
    for (who, may) in [(&ctx, true), (&root, true), (&nobody, false)] {
        assert_eq!(UserTopics.authorise(who, &topic).await.is_ok(), may);
    }
    assert!(UserTopics.authorise(&ctx, &format!("user.{}", root.principal().id)).await.is_err());
    // Of what is a user's alone, administrators hear nothing.
    let row = json!({"name": "Two panes"});
    let mut event = castalia_events::Event {
        seq: 1,
        id: "evt_1".into(),
        topic: topic.clone(),
        kind: "user.changed".into(),
        project: None,
        actor: ada.id.to_string(),
        actor_name: "ada".into(),
        request_id: "r".into(),
        at: ctx.now(),
        data: row,
    };
    assert!(UserTopics.may_hear(&root, &event));
    event.kind = "layout.changed".into();
    assert!(UserTopics.may_hear(&ctx, &event) && !UserTopics.may_hear(&root, &event));
});
