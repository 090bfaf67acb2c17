//! Archiving, credit, prices, actions.

use crate::support::{STEPS, house};
use async_trait::async_trait;
use axum::http::{Method, StatusCode};
use castalia_base::Error;
use castalia_base::id::ProjectId;
use castalia_projects::{ArchiveGuard, actions};
use castalia_testkit::both_engines;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

struct Busy(AtomicBool);

#[async_trait]
impl ArchiveGuard for Busy {
    async fn busy(&self, _: &ProjectId) -> Result<Option<String>, Error> {
        Ok(self.0.load(Ordering::SeqCst).then(|| "2 running processes".into()))
    }
}

both_engines!(an_archived_project_is_there_to_be_looked_at, STEPS, |db| async move {
    let house = house(db).await;
    let ada = house.token("ada").await;
    house.call(Method::POST, "/api/projects", &ada, json!({"name": "survey"})).await;
    let busy = Arc::new(Busy(AtomicBool::new(true)));
    house.service.add_guard(busy.clone());
    let refused = house.call(Method::DELETE, "/api/projects/survey", &ada, json!({})).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "project_busy"));
    busy.0.store(false, Ordering::SeqCst);
    assert_eq!(
        house.call(Method::DELETE, "/api/projects/survey", &ada, json!({})).await.body["archived"],
        true
    );
    assert!(house.get("/api/projects", &ada).await.body["items"].as_array().expect("a list").is_empty());
    assert_eq!(house.get("/api/projects?archived=true", &ada).await.body["items"][0]["name"], "survey");
    let ctx = house.identity.ctx_of("ada", "r").await.expect("ada");
    assert!(house.service.find(&ctx, "survey", "processes.view").await.is_ok());
    assert_eq!(
        house.service.find(&ctx, "survey", "processes.run").await.expect_err("archived").code(),
        "project_archived"
    );
    let back = house.call(Method::PATCH, "/api/projects/survey", &ada, json!({"archived": false})).await;
    assert_eq!(back.body["archived"], false);
    assert!(house.service.find(&ctx, "survey", "processes.run").await.is_ok());
});

both_engines!(credit_is_added_by_administrators_once_per_key, STEPS, |db| async move {
    let house = house(db).await;
    let (root, ada) = (house.token("root").await, house.token("ada").await);
    house.call(Method::POST, "/api/projects", &ada, json!({"name": "survey"})).await;
    let topup = |who: String, body| {
        let house = &house;
        async move { house.call(Method::POST, "/api/projects/survey/credits", &who, body).await }
    };
    assert_eq!(topup(ada.clone(), json!({"amount": 1})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(topup(root.clone(), json!({"amount": -1})).await.code(), "invalid_amount");
    assert_eq!(topup(root.clone(), json!({"amount": 1.5})).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for _ in 0..2 {
        let body = json!({"amount": 5_000_000, "note": "invoice 7", "key": "inv-7"});
        assert_eq!(topup(root.clone(), body).await.body["balance"], 5_000_000);
    }
    assert_eq!(topup(root.clone(), json!({"amount": 1, "key": "inv-7"})).await.code(), "ledger_conflict");
    house.clock.advance_ms(5);
    topup(root.clone(), json!({"amount": 2})).await;
    let view = house.get("/api/projects/survey/ledger?limit=1", &ada).await.body;
    assert_eq!(
        (&view["balance"], &view["held"], &view["available"]),
        (&json!(5_000_002), &json!(0), &json!(5_000_002))
    );
    assert_eq!((&view["unit"], &view["entries"][0]["amount"]), (&json!("micro-credits"), &json!(2)));
    let next = view["next"].as_str().expect("another page");
    let rest = house.get(&format!("/api/projects/survey/ledger?after={next}"), &ada).await.body;
    assert_eq!(
        (&rest["entries"][0]["kind"], &rest["entries"][0]["note"]),
        (&json!("topup"), &json!("invoice 7"))
    );
    assert!(rest.get("next").is_none());
    let events = house.get("/api/projects/survey/audit?type=ledger.credited", &ada).await.body;
    assert_eq!(events["items"].as_array().expect("a list").len(), 2);
    house.assert_sound().await;
});

both_engines!(actions_do_what_the_operations_do, STEPS, |db| async move {
    let house = house(db).await;
    let mut catalogue = castalia_base::actions::Catalogue::default();
    catalogue.register(actions(&house.service));
    let ada = house.identity.ctx_of("ada", "r").await.expect("ada");
    let root = house.identity.ctx_of("root", "r").await.expect("root");
    catalogue.call(ada, "projects.create", json!({"name": "survey"})).await.expect("creates");
    // A context holds what was true when it was made.
    let ada = house.identity.ctx_of("ada", "r").await.expect("ada");
    let listed = catalogue.call(ada.clone(), "projects.list", json!({})).await.expect("lists");
    assert_eq!(listed["items"][0]["name"], "survey");
    let topup = json!({"project": "survey", "amount": 7});
    assert!(catalogue.call(ada.clone(), "ledger.topup", topup.clone()).await.is_err());
    assert_eq!(catalogue.call(root, "ledger.topup", topup).await.expect("adds")["balance"], 7);
    catalogue
        .call(ada.clone(), "members.put", json!({"project": "survey", "user": "bob", "role": "viewer"}))
        .await
        .expect("puts");
    let members =
        catalogue.call(ada.clone(), "members.list", json!({"project": "survey"})).await.expect("lists");
    assert_eq!(members["items"].as_array().expect("a list").len(), 2);
    assert_eq!(
        catalogue.call(ada, "ledger.show", json!({"project": "survey"})).await.expect("shows")["balance"],
        7
    );
});
both_engines!(everybody_may_read_the_prices, STEPS, |db| async move {
    let house = house(db).await;
    let prices = house.get("/api/prices", &house.token("bob").await).await.body;
    assert_eq!((&prices["name"], &prices["cpu_second"]), (&json!("2026-01"), &json!(278)));
});
