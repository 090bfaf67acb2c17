//! JWTs: their claims, which ones are believed, and the keys that sign them.

use crate::support::{STEPS, empty_house, house, house_with, status};
use axum::http::{Method, StatusCode};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use castalia_testkit::both_engines;
use serde_json::{Value, json};

fn claims_of(jwt: &str) -> Value {
    let part = jwt.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
}

/// The same JWT with another header or other claims, signature kept.
fn forged(jwt: &str, header: Option<Value>, claims: Option<Value>) -> String {
    let mut parts: Vec<String> = jwt.split('.').map(str::to_owned).collect();
    for (at, part) in [(0, header), (1, claims)] {
        if let Some(value) = part {
            parts[at] = URL_SAFE_NO_PAD.encode(value.to_string());
        }
    }
    parts.join(".")
}

both_engines!(a_jwt_has_the_claims_and_only_ours_are_believed, STEPS, |db| async move {
    let house = house(db).await;
    let root = house.token("root").await;
    house
        .call(
            Method::POST,
            "/api/users",
            &root,
            json!({"name": "ada", "password": "ada-password", "roles": ["developer"]}),
        )
        .await;
    let body = json!({"user": "ada", "password": "ada-password"});
    let answer = house.send(Method::POST, "/api/auth/token", &[], Some(body)).await;
    assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    let jwt = answer.body["access_token"].as_str().expect("a JWT");
    let claims = claims_of(jwt);
    assert!(claims["sub"].as_str().expect("sub").starts_with("user_"));
    assert_eq!((&claims["roles"], &claims["tenant"]), (&json!(["developer"]), &json!("default")));
    assert_eq!(claims["exp"].as_i64().expect("exp") - claims["iat"].as_i64().expect("iat"), 3600);
    assert!(claims["permissions"].as_array().expect("a list").contains(&json!("workflows.*")));
    assert_eq!(status(&house, jwt).await, StatusCode::OK);
    // Claims are not what opens doors.
    let mut wide = claims.clone();
    wide["permissions"] = json!(["*"]);
    wide["roles"] = json!(["admin"]);
    assert_eq!(status(&house, &forged(jwt, None, Some(wide))).await, StatusCode::UNAUTHORIZED);
    let jwks = house.send(Method::GET, "/.well-known/jwks.json", &[], None).await.body;
    assert_eq!(jwks, house.send(Method::GET, "/api/auth/jwks", &[], None).await.body);
    let (kid, x) = (&jwks["keys"][0]["kid"], jwks["keys"][0]["x"].as_str().expect("x"));
    assert!(jwks["keys"][0].get("d").is_none());
    for header in [
        json!({"alg": "none", "kid": kid}),
        json!({"alg": "HS256", "typ": "JWT", "kid": kid}),
        json!({"alg": "EdDSA", "kid": "key_other"}),
        json!({"alg": "EdDSA"}),
    ] {
        assert_eq!(
            status(&house, &forged(jwt, Some(header.clone()), None)).await,
            StatusCode::UNAUTHORIZED,
            "{header}"
        );
    }
    // The classic confusion: HMAC with the public key as its secret.
    let header =
        jsonwebtoken::Header { kid: kid.as_str().map(str::to_owned), ..jsonwebtoken::Header::default() };
    for secret in [x.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(x).expect("base64")] {
        let hmac = jsonwebtoken::encode(&header, &claims, &jsonwebtoken::EncodingKey::from_secret(&secret))
            .expect("signs");
        assert_eq!(status(&house, &hmac).await, StatusCode::UNAUTHORIZED);
    }
    for nonsense in ["", "a.b.c", "cas_nothing", "…"] {
        let header =
            axum::http::HeaderValue::from_bytes(format!("Bearer {nonsense}").as_bytes()).expect("a header");
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("authorization", header);
        assert!(house.service.authenticate(&headers).await.is_err(), "{nonsense}");
    }
    house.clock.advance_ms(3_600_000);
    assert_eq!(status(&house, jwt).await, StatusCode::UNAUTHORIZED);
});

both_engines!(keys_rotate_and_old_ones_verify_until_their_jwts_are_gone, STEPS, |db| async move {
    let house = house_with(db.clone(), |config| config.jwt_seconds = 100_000).await;
    let kid = |jwt: &str| -> String {
        let part = jwt.split('.').next().expect("a header");
        let header: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON");
        header["kid"].as_str().expect("kid").to_owned()
    };
    let old = house.jwt("root").await;
    assert_eq!(kid(&old), kid(&house.jwt("root").await));
    house.clock.advance_ms(30 * 86_400_000);
    let new = house.jwt("root").await;
    assert_ne!(kid(&old), kid(&new));
    house.clock.advance_ms(-30 * 86_400_000);
    assert_eq!(status(&house, &old).await, StatusCode::OK, "the old key still verifies");
    house.clock.advance_ms(30 * 86_400_000);
    assert_eq!(house.service.jwks().await.expect("lists")["keys"].as_array().expect("a list").len(), 2);
    assert_eq!(house.service.sweep().await.expect("sweeps"), 0);
    house.clock.advance_ms(100_000_000 + 61_000);
    assert_eq!(house.service.sweep().await.expect("sweeps"), 1);
    assert_eq!(house.service.jwks().await.expect("lists")["keys"].as_array().expect("a list").len(), 1);
    // By hand, and seen by another replica; the secret half is sealed in the database.
    let replica = empty_house(db, |config| config.jwt_seconds = 100_000);
    replica.clock.advance_ms(house.clock.now().ms_since(replica.clock.now()));
    let before = house.jwt("root").await;
    assert_eq!(status(&replica, &before).await, StatusCode::OK);
    let root = house.token("root").await;
    assert_eq!(
        house.call(Method::POST, "/api/auth/keys", &root, json!({})).await.status,
        StatusCode::CREATED
    );
    let after = house.jwt("root").await;
    assert_ne!(kid(&before), kid(&after));
    replica.clock.advance_ms(2_000);
    assert_eq!(status(&replica, &after).await, StatusCode::OK);
    // With another master key the old keys verify, but a new one signs.
    let moved = empty_house(house.db.clone(), |config| {
        config.master_key = castalia_identity::MasterKey::new([9; 32])
    });
    moved.clock.advance_ms(house.clock.now().ms_since(moved.clock.now()));
    assert_eq!(status(&moved, &after).await, StatusCode::OK);
    assert_ne!(kid(&after), kid(&moved.jwt("root").await));
});
