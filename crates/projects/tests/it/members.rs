//! Members come and go, and hold their role at once.

use crate::support::{STEPS, house};
use axum::http::{Method, StatusCode};
use castalia_testkit::both_engines;
use serde_json::json;

both_engines!(members_come_and_go_but_an_administrator_stays, STEPS, |db| async move {
    let house = house(db).await;
    let (ada, bob) = (house.token("ada").await, house.token("bob").await);
    house.call(Method::POST, "/api/projects", &ada, json!({"name": "survey"})).await;
    let members = "/api/projects/survey/members";
    let bobs = format!("{members}/bob");
    assert_eq!(house.call(Method::PUT, &bobs, &ada, json!({"role": "king"})).await.code(), "unknown_role");
    assert_eq!(
        house.call(Method::PUT, &format!("{members}/eve"), &ada, json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(house.call(Method::PUT, &bobs, &ada, json!({})).await.body["role"], "developer");
    // It holds at once; a developer reads members and manages none.
    assert_eq!(house.get(members, &bob).await.body["items"].as_array().expect("a list").len(), 2);
    assert_eq!(
        house.call(Method::PUT, &bobs, &bob, json!({"role": "admin"})).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        house.call(Method::DELETE, &format!("{members}/ada"), &bob, json!({})).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(house.get("/api/projects/survey/audit", &bob).await.status, StatusCode::FORBIDDEN);
    for (method, body) in [(Method::DELETE, json!({})), (Method::PUT, json!({"role": "viewer"}))] {
        assert_eq!(house.call(method, &format!("{members}/ada"), &ada, body).await.code(), "last_admin");
    }
    house.call(Method::PUT, &bobs, &ada, json!({"role": "admin"})).await;
    assert_eq!(
        house.call(Method::DELETE, &format!("{members}/ada"), &ada, json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(house.get("/api/projects/survey", &ada).await.status, StatusCode::FORBIDDEN);
    let audit = house.get("/api/projects/survey/audit", &bob).await;
    let kinds: Vec<_> = audit.body["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|e| e["type"].as_str().expect("a type"))
        .collect();
    assert_eq!(
        kinds,
        ["project.member_removed", "project.member_changed", "project.member_changed", "project.created"]
    );
});

both_engines!(two_administrators_can_not_remove_each_other, STEPS, |db| async move {
    let house = house(db).await;
    let (ada, bob) = (house.token("ada").await, house.token("bob").await);
    house.call(Method::POST, "/api/projects", &ada, json!({"name": "survey"})).await;
    house.call(Method::PUT, "/api/projects/survey/members/bob", &ada, json!({"role": "admin"})).await;
    let (one, two) = tokio::join!(
        house.call(Method::DELETE, "/api/projects/survey/members/bob", &ada, json!({})),
        house.call(Method::DELETE, "/api/projects/survey/members/ada", &bob, json!({})),
    );
    assert_eq!([one.status, two.status].iter().filter(|s| **s == StatusCode::NO_CONTENT).count(), 1);
});
