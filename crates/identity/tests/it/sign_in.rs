//! Set-up, sessions, cookies, requests from other sites.

use crate::support::{STEPS, empty_house, house};
use axum::http::{Method, StatusCode};
use castalia_testkit::both_engines;
use serde_json::json;

both_engines!(the_first_start_makes_one_administrator_once, STEPS, |db| async move {
    let house = empty_house(db, |_| {});
    assert_eq!(house.send(Method::GET, "/api/setup", &[], None).await.body, json!({"needed": true}));
    let old = house.service.setup_token().await.expect("makes").expect("nobody is there");
    let token = house.service.setup_token().await.expect("makes").expect("nobody is there");
    let set_up = |token: String| {
        let body = json!({"token": token, "name": "root", "password": "a good password"});
        house.send(Method::POST, "/api/setup", &[], Some(body))
    };
    // An older link is dead, and a short password is refused without using the link up.
    assert_eq!(set_up(old.expose().into()).await.status, StatusCode::UNAUTHORIZED);
    let weak = json!({"token": token.expose(), "name": "root", "password": "short"});
    assert_eq!(house.send(Method::POST, "/api/setup", &[], Some(weak)).await.code(), "weak_password");
    let (one, two) = tokio::join!(set_up(token.expose().into()), set_up(token.expose().into()));
    let mut statuses = [one.status, two.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::CREATED, StatusCode::CONFLICT], "{one:?} {two:?}");
    let done = if one.status == StatusCode::CREATED { one } else { two };
    assert_eq!(done.body["user"]["roles"], json!(["admin"]));
    let me = house.send(Method::GET, "/api/me", &[("cookie", &done.cookie())], None).await;
    assert_eq!((me.status, &me.body["name"]), (StatusCode::OK, &json!("root")));
    assert!(house.service.setup_token().await.expect("asks").is_none());
    assert_eq!(house.send(Method::GET, "/api/setup", &[], None).await.body, json!({"needed": false}));
});

both_engines!(signing_in_sets_a_careful_cookie, STEPS, |db| async move {
    let house = house(db).await;
    let answer = house.login("root", "root-password").await;
    assert_eq!(answer.status, StatusCode::OK);
    let cookie = answer.headers["set-cookie"].to_str().expect("text");
    for part in ["castalia_session=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age=1209600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"));
    let body = json!({"user": "root", "password": "root-password"});
    let https =
        house.send(Method::POST, "/api/auth/login", &[("x-forwarded-proto", "https")], Some(body)).await;
    assert!(https.headers["set-cookie"].to_str().expect("text").ends_with("; Secure"));
    // The database holds the cookie's hash only.
    let value = answer.cookie().split_once('=').expect("a pair").1.to_owned();
    assert!(!house.log_text().await.contains(&value));
    let rows = castalia_db::Sql::fetch_all(&mut house.db.read(), "SELECT hash FROM sessions", vec![])
        .await
        .expect("reads");
    assert!(rows.iter().all(|row| row.text("hash").expect("text") != value));
});

both_engines!(sessions_slide_end_and_expire, STEPS, |db| async move {
    let house = house(db).await;
    let (one, two) = (
        house.login("root", "root-password").await.cookie(),
        house.login("root", "root-password").await.cookie(),
    );
    let me =
        async |cookie: String| house.send(Method::GET, "/api/me", &[("cookie", &cookie)], None).await.status;
    let list = house.send(Method::GET, "/api/sessions", &[("cookie", &one)], None).await;
    let items = list.body["items"].as_array().expect("a list");
    assert_eq!(items.iter().filter(|s| s["current"] == true).count(), 1);
    let other = items.iter().find(|s| s["current"] == false).expect("the other")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let ours = [("cookie", one.as_str()), ("sec-fetch-site", "same-origin")];
    let path = format!("/api/sessions/{other}");
    assert_eq!(house.send(Method::DELETE, &path, &ours, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(house.send(Method::DELETE, &path, &ours, None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(me(two).await, StatusCode::UNAUTHORIZED);
    // 13 days twice is more than 14, but it was used in between.
    for _ in 0..2 {
        house.clock.advance_ms(13 * 86_400_000);
        assert_eq!(me(one.clone()).await, StatusCode::OK);
    }
    house.clock.advance_ms(14 * 86_400_000);
    assert_eq!(me(one).await, StatusCode::UNAUTHORIZED);
    assert_eq!(house.service.sweep().await.expect("sweeps"), 1);
    // Signing out takes the cookie away and ends the session.
    let cookie = house.login("root", "root-password").await.cookie();
    let out = house
        .send(
            Method::POST,
            "/api/auth/logout",
            &[("cookie", &cookie), ("origin", "http://localhost:8000")],
            None,
        )
        .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.headers["set-cookie"].to_str().expect("text").contains("Max-Age=0"));
    assert_eq!(me(cookie).await, StatusCode::UNAUTHORIZED);
});

both_engines!(another_sites_page_changes_nothing, STEPS, |db| async move {
    let house = house(db).await;
    let cookie = house.login("root", "root-password").await.cookie();
    let post = async |headers: Vec<(&str, &str)>| {
        let mut all = vec![("cookie", cookie.as_str())];
        all.extend(headers);
        house.send(Method::POST, "/probe", &all, None).await
    };
    for ours in [vec![("sec-fetch-site", "same-origin")], vec![("origin", "http://localhost:8000")]] {
        assert_eq!(post(ours).await.status, StatusCode::OK);
    }
    for theirs in [vec![], vec![("sec-fetch-site", "cross-site")], vec![("origin", "https://evil.example")]] {
        let answer = post(theirs).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "cross_site"));
    }
    // A form of another site must not sign anybody in either, and a token needs no origin.
    let body = json!({"user": "root", "password": "root-password"});
    let login =
        house.send(Method::POST, "/api/auth/login", &[("sec-fetch-site", "cross-site")], Some(body)).await;
    assert_eq!(login.code(), "cross_site");
    let token = house.token("root").await;
    assert_eq!(house.call(Method::POST, "/probe", &token, json!({})).await.status, StatusCode::OK);
});
