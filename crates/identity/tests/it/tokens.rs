//! API tokens: what they reach, and when they die.

use crate::support::{STEPS, bearer, house, status};
use axum::http::{Method, StatusCode};
use castalia_base::id::{ProjectId, UserId};
use castalia_identity::{NewToken, Via};
use castalia_testkit::both_engines;
use serde_json::json;

both_engines!(a_token_is_shown_once_narrows_and_is_revoked_at_once, STEPS, |db| async move {
    let house = house(db).await;
    let root = house.token("root").await;
    let made = house
        .call(
            Method::POST,
            "/api/tokens",
            &root,
            json!({"name": "reader", "scopes": ["users.view", "account.*"]}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    let secret = made.body["secret"].as_str().expect("the secret").to_owned();
    assert!(secret.starts_with("cas_") && secret.len() >= 40);
    let listed = house.get("/api/tokens", &root).await;
    assert_eq!(listed.body["items"].as_array().expect("a list").len(), 2);
    assert!(!listed.body.to_string().contains(&secret) && !house.log_text().await.contains(&secret));
    assert_eq!(house.get("/api/users", &secret).await.status, StatusCode::OK);
    let denied = house.call(Method::POST, "/api/users", &secret, json!({"name": "eve"})).await;
    assert_eq!((denied.status, denied.code()), (StatusCode::FORBIDDEN, "forbidden"));
    assert_eq!(house.kinds().await.last().expect("an event"), "identity.access_denied");
    // It can't make itself wider, neither as a token nor as a JWT.
    let wider =
        house.call(Method::POST, "/api/tokens", &secret, json!({"name": "wide", "scopes": ["*"]})).await;
    assert_eq!(wider.code(), "wider_scope");
    let heir = house.call(Method::POST, "/api/tokens", &secret, json!({"name": "heir"})).await;
    assert_eq!(heir.body["scopes"], json!(["users.view", "account.*"]));
    let jwt = house.call(Method::POST, "/api/auth/token", &secret, json!({})).await;
    let jwt = jwt.body["access_token"].as_str().expect("a JWT").to_owned();
    assert_eq!(house.get("/api/users", &jwt).await.status, StatusCode::OK);
    assert_eq!(
        house.call(Method::POST, "/api/users", &jwt, json!({"name": "eve"})).await.status,
        StatusCode::FORBIDDEN
    );
    let id = made.body["id"].as_str().expect("an id");
    assert_eq!(
        house.call(Method::DELETE, &format!("/api/tokens/{id}"), &root, json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(status(&house, &secret).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&house, &jwt).await, StatusCode::UNAUTHORIZED);
});

both_engines!(a_token_bound_to_a_project_reaches_that_one_only, STEPS, |db| async move {
    let house = house(db).await;
    let (one, two) = (ProjectId::fresh(), ProjectId::fresh());
    let secret = house.narrow_token("root", json!({"name": "bound", "project": one})).await;
    let who = house.service.authenticate(&bearer(&secret)).await.expect("is good");
    let ctx = castalia_base::Ctx::new(who.principal, house.clock.clone(), "r");
    assert!(ctx.can("processes.run", one.as_str()) && !ctx.can("processes.run", two.as_str()));
    for outside in ["/api/users", "/api/tokens", "/api/sessions"] {
        assert_eq!(house.get(outside, &secret).await.status, StatusCode::FORBIDDEN, "{outside}");
    }
    let rename = house.call(Method::PATCH, "/api/me", &secret, json!({"display_name": "x"})).await;
    assert_eq!(rename.status, StatusCode::FORBIDDEN);
    let other = house.call(Method::POST, "/api/tokens", &secret, json!({"name": "x", "project": two})).await;
    assert_eq!(other.code(), "wider_scope");
});

both_engines!(tokens_expire_and_their_use_is_noted, STEPS, |db| async move {
    let house = house(db).await;
    let soon = house.clock.now().plus_ms(10_000);
    let secret = house.narrow_token("root", json!({"name": "short", "expires_at": soon})).await;
    assert_eq!(status(&house, &secret).await, StatusCode::OK);
    let listed = house.get("/api/tokens", &secret).await;
    assert_eq!(listed.body["items"][0]["used_at"], json!(house.clock.now()));
    house.clock.advance_ms(10_000);
    assert_eq!(status(&house, &secret).await, StatusCode::UNAUTHORIZED);
    let past = json!({"name": "past", "expires_at": house.clock.now()});
    let root = house.token("root").await;
    assert_eq!(house.call(Method::POST, "/api/tokens", &root, past).await.code(), "expired");
    assert_eq!(house.service.sweep().await.expect("sweeps"), 1);
});

both_engines!(a_run_has_a_token_of_its_own_in_its_own_transaction, STEPS, |db| async move {
    let house = house(db).await;
    let user: UserId =
        house.service.ctx_of("root", "r").await.expect("is there").principal().id.parse().expect("an id");
    let new = || NewToken {
        name: "process".into(),
        scopes: Some(vec!["processes.report".into()]),
        project: Some(ProjectId::fresh()),
        expires_at: None,
    };
    let mut tx = house.db.begin().await.expect("begins");
    let lost = house.service.issue_token(&mut tx, &user, new()).await.expect("makes");
    drop(tx);
    assert!(house.service.authenticate(&bearer(lost.secret.expose())).await.is_err());
    let mut tx = house.db.begin().await.expect("begins");
    let token = house.service.issue_token(&mut tx, &user, new()).await.expect("makes");
    tx.commit().await.expect("commits");
    let who = house.service.authenticate(&bearer(token.secret.expose())).await.expect("is good");
    assert_eq!((who.via, who.token), (Via::RunToken, Some(token.id.clone())));
    assert!(
        house.get("/api/tokens", &house.token("root").await).await.body["items"]
            .as_array()
            .expect("a list")
            .len()
            == 1
    );
    let mut tx = house.db.begin().await.expect("begins");
    house.service.end_token(&mut tx, &token.id).await.expect("ends");
    tx.commit().await.expect("commits");
    house.service.forget_token(&token.id);
    assert!(house.service.authenticate(&bearer(token.secret.expose())).await.is_err());
});

both_engines!(a_token_made_by_a_token_does_not_outlive_it, STEPS, |db| async move {
    let house = house(db).await;
    let soon = house.clock.now().plus_ms(10_000);
    let short = house.narrow_token("root", json!({"name": "short", "expires_at": soon})).await;
    for asked in [json!({"name": "a"}), json!({"name": "b", "expires_at": soon.plus_ms(99)})] {
        let made = house.call(Method::POST, "/api/tokens", &short, asked).await;
        assert_eq!(made.body["expires_at"], json!(soon));
    }
});
