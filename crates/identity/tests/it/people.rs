//! Users and roles.

use crate::support::{STEPS, house};
use axum::http::{Method, StatusCode};
use castalia_testkit::both_engines;
use serde_json::json;

both_engines!(administrators_manage_users_and_there_is_always_one, STEPS, |db| async move {
    let house = house(db).await;
    let root = house.token("root").await;
    let ada = json!({"name": "ada", "display_name": "Ada L.", "email": "ada@example.org", "password": "ada-password", "roles": ["viewer"]});
    let made = house.call(Method::POST, "/api/users", &root, ada.clone()).await;
    assert_eq!((made.status, &made.body["roles"]), (StatusCode::CREATED, &json!(["viewer"])));
    assert!(made.body.get("password").is_none() && made.body.get("password_hash").is_none());
    assert_eq!(house.call(Method::POST, "/api/users", &root, ada).await.code(), "user_exists");
    for (wrong, code) in [
        (json!({"name": "Eve"}), "invalid_name"),
        (json!({"name": "system"}), "reserved_name"),
        (json!({"name": "eve", "password": "short"}), "weak_password"),
        (json!({"name": "eve", "roles": ["king"]}), "unknown_role"),
        (json!({"name": "eve", "colour": "red"}), "invalid_input"),
    ] {
        let answer = house.call(Method::POST, "/api/users", &root, wrong).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::UNPROCESSABLE_ENTITY, code));
    }
    let id = made.body["id"].as_str().expect("an id");
    assert_eq!(house.get(&format!("/api/users/{id}"), &root).await.body["name"], "ada");
    assert_eq!(house.get("/api/users?limit=1", &root).await.body["next"], "ada");
    for change in [json!({"disabled": true}), json!({"roles": ["viewer"]})] {
        assert_eq!(house.call(Method::PATCH, "/api/users/root", &root, change).await.code(), "last_admin");
    }
    assert_eq!(house.call(Method::DELETE, "/api/users/root", &root, json!({})).await.code(), "last_admin");
    house.call(Method::PATCH, "/api/users/ada", &root, json!({"roles": ["admin"]})).await;
    let out = house.call(Method::PATCH, "/api/users/root", &root, json!({"roles": ["viewer"]})).await;
    assert_eq!((out.status, &out.body["roles"]), (StatusCode::OK, &json!(["viewer"])));
    // It held at once: root may no longer look.
    assert_eq!(house.get("/api/users", &root).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.get("/api/users", "").await.status, StatusCode::UNAUTHORIZED);
});

both_engines!(people_change_themselves_but_not_their_password_by_token, STEPS, |db| async move {
    let house = house(db).await;
    house.service.ensure_user("ada", "ada-password", &["developer"]).await.expect("makes");
    let cookie = house.login("ada", "ada-password").await.cookie();
    let other = house.login("ada", "ada-password").await.cookie();
    let patch = |body| house.send(Method::PATCH, "/api/me", &[], body);
    assert_eq!(patch(Some(json!({"display_name": "x"}))).await.status, StatusCode::UNAUTHORIZED);
    let ours = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let change = |body| house.send(Method::PATCH, "/api/me", &ours, Some(body));
    assert_eq!(change(json!({"display_name": "Ada", "email": "a@b"})).await.body["display_name"], "Ada");
    assert_eq!(change(json!({"password": "new-password"})).await.code(), "wrong_password");
    let wrong = json!({"password": "new-password", "current_password": "guess"});
    assert_eq!(change(wrong).await.code(), "wrong_password");
    let right = json!({"password": "new-password", "current_password": "ada-password"});
    assert_eq!(
        house.call(Method::PATCH, "/api/me", &house.token("ada").await, right.clone()).await.code(),
        "narrow_token"
    );
    assert_eq!(change(right).await.status, StatusCode::OK);
    // This session goes on, the other is over.
    assert_eq!(house.send(Method::GET, "/api/me", &ours, None).await.status, StatusCode::OK);
    assert_eq!(
        house.send(Method::GET, "/api/me", &[("cookie", &other)], None).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(house.login("ada", "new-password").await.status, StatusCode::OK);
    assert_eq!(house.login("ada", "ada-password").await.status, StatusCode::UNAUTHORIZED);
});

both_engines!(custom_roles_grant_what_they_say_and_follow_changes, STEPS, |db| async move {
    let house = house(db).await;
    let root = house.token("root").await;
    let role = json!({"name": "auditor", "description": "reads", "permissions": ["*.view"], "everywhere": ["audit.view"]});
    assert_eq!(house.call(Method::POST, "/api/roles", &root, role.clone()).await.status, StatusCode::CREATED);
    assert_eq!(house.call(Method::POST, "/api/roles", &root, role).await.code(), "role_exists");
    let wrong = json!({"name": "bad", "everywhere": ["audit.view", "no such thing"]});
    let answer = house.call(Method::POST, "/api/roles", &root, wrong).await;
    assert_eq!(
        (answer.code(), &answer.body["errors"][0]["path"]),
        ("invalid_permission", &json!("/everywhere/1"))
    );
    house.service.ensure_user("ada", "ada-password", &["auditor"]).await.expect("makes");
    let ada = house.token("ada").await;
    assert_eq!(house.get("/api/audit", &ada).await.status, StatusCode::OK);
    assert_eq!(house.get("/api/users", &ada).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        house
            .call(Method::POST, "/api/roles", &ada, json!({"name": "mine", "everywhere": ["*"]}))
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    house.call(Method::PATCH, "/api/roles/auditor", &root, json!({"everywhere": ["users.view"]})).await;
    assert_eq!(house.get("/api/audit", &ada).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.get("/api/users", &ada).await.status, StatusCode::OK);
    assert_eq!(
        house.call(Method::DELETE, "/api/roles/auditor", &root, json!({})).await.code(),
        "role_in_use"
    );
    for fixed in [Method::PATCH, Method::DELETE] {
        assert_eq!(house.call(fixed, "/api/roles/admin", &root, json!({})).await.code(), "role_is_builtin");
    }
    house.call(Method::PATCH, "/api/users/ada", &root, json!({"roles": []})).await;
    assert_eq!(
        house.call(Method::DELETE, "/api/roles/auditor", &root, json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    let names: Vec<_> = house.service.roles().await.expect("lists").into_iter().map(|r| r.name).collect();
    assert_eq!(names, ["admin", "developer", "viewer"]);
});
