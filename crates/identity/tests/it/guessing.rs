//! The brake on guessing passwords.

use crate::support::{STEPS, house, house_with};
use axum::http::{Method, StatusCode};
use castalia_testkit::both_engines;
use serde_json::json;

both_engines!(guessing_is_braked_per_user_and_tells_nothing, STEPS, |db| async move {
    let house = house_with(db, |config| config.trust_proxy = true).await;
    let from = async |address: &str, user: &str, password: &str| {
        let body = json!({"user": user, "password": password});
        house.send(Method::POST, "/api/auth/login", &[("x-forwarded-for", address)], Some(body)).await
    };
    let unknown = from("192.0.2.9", "nobody", "guess").await;
    for _ in 0..5 {
        let answer = from("192.0.2.1", "root", "guess").await;
        assert_eq!(
            (answer.status, &answer.body["detail"]),
            (StatusCode::UNAUTHORIZED, &unknown.body["detail"])
        );
    }
    // Now even the right password has to wait, from anywhere.
    let answer = from("192.0.2.2", "root", "root-password").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_failures"));
    assert_eq!(answer.headers["retry-after"], "15");
    house.clock.advance_ms(15_000);
    assert_eq!(from("192.0.2.2", "root", "root-password").await.status, StatusCode::OK);
    // The failures are forgotten with the success.
    assert_eq!(from("192.0.2.2", "root", "guess").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(from("192.0.2.2", "root", "root-password").await.status, StatusCode::OK);
    // One address that tries many names rests too.
    let names = ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9"];
    for name in names {
        assert_eq!(from("192.0.2.7", name, "a guessed password").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(from("192.0.2.7", "root", "root-password").await.code(), "too_many_failures");
    // What was typed is nowhere in the log.
    let log = house.log_text().await;
    assert!(
        log.contains("identity.sign_in_failed")
            && !log.contains("\"n0\"")
            && !log.contains("a guessed password")
    );
});

both_engines!(a_storm_of_guesses_does_not_slip_past_the_brake, STEPS, |db| async move {
    let house = house(db).await;
    let guesses = (0..20).map(|_| house.login("root", "guess"));
    let answers = futures::future::join_all(guesses).await;
    let tried = answers.iter().filter(|answer| answer.status == StatusCode::UNAUTHORIZED).count();
    // Five tries, and one more that was under way beside the fifth.
    assert!((5..=6).contains(&tried), "{tried}");
});

both_engines!(logins_are_limited_per_address, STEPS, |db| async move {
    let house = house_with(db, |config| {
        config.trust_proxy = true;
        config.limits.set("auth.login", &[("anonymous", 2)]);
    })
    .await;
    let from = async |address: &str| {
        let body = json!({"user": "root", "password": "root-password"});
        house.send(Method::POST, "/api/auth/login", &[("x-forwarded-for", address)], Some(body)).await
    };
    assert_eq!(from("192.0.2.1").await.status, StatusCode::OK);
    assert_eq!(from("192.0.2.1").await.status, StatusCode::OK);
    let answer = from("192.0.2.1").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    let wait: u64 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=30).contains(&wait), "{wait}");
    assert_eq!(from("192.0.2.2").await.status, StatusCode::OK);
});
