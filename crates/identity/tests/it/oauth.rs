//! Signing in to running things: codes work once, for one client, one address and one verifier; what comes of them
//! reaches one thing and ends with it.

use crate::support::{House, STEPS, bearer, house};
use castalia_base::Ctx;
use castalia_base::id::ProjectId;
use castalia_identity::{Authorization, NewClient, NewToken, OauthError, Secret, TokenRequest, Via};
use castalia_testkit::both_engines;

const SECRET: &str = "cas_the-secret-of-the-workspace";
/// SHA-256 of the secret above.
fn secret_hash() -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(SECRET.as_bytes()))
}
/// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "/user/root/root-lab-abc/oauth_callback";

async fn with_client(house: &House) -> ProjectId {
    let project = ProjectId::fresh();
    let mut tx = house.db.begin().await.expect("begins");
    for (id, instance) in [("jupyterhub-user-root-a", "ws_a"), ("jupyterhub-user-root-b", "ws_b")] {
        let hash = secret_hash();
        let new = NewClient { id, secret_hash: &hash, redirect_uri: CALLBACK, instance, project: &project };
        house.service.put_client(&mut tx, &new).await.expect("is made");
    }
    tx.commit().await.expect("commits");
    project
}

fn asks() -> Authorization {
    Authorization {
        client_id: "jupyterhub-user-root-a".into(),
        redirect_uri: CALLBACK.into(),
        response_type: "code".into(),
        state: Some("s".into()),
        code_challenge: Some(CHALLENGE.into()),
        code_challenge_method: Some("S256".into()),
    }
}

fn exchange(code: &str) -> TokenRequest {
    TokenRequest {
        grant_type: "authorization_code".into(),
        client_id: "jupyterhub-user-root-a".into(),
        client_secret: SECRET.into(),
        code: code.into(),
        redirect_uri: CALLBACK.into(),
        code_verifier: VERIFIER.into(),
    }
}

/// A code for the browser with this cookie.
async fn code(house: &House, cookie: &str, request: &Authorization) -> Result<Secret, OauthError> {
    let mut headers = axum::http::HeaderMap::new();
    headers.insert("cookie", cookie.parse().expect("a header"));
    let asker = house.service.authenticate(&headers).await.expect("is signed in");
    let ctx = Ctx::new(asker.principal.clone(), house.clock.clone(), "req");
    let client = house.service.oauth_client(request).await?;
    house.service.authorize(&ctx, &asker, &client, request).await
}

fn refusal<T>(result: Result<T, OauthError>) -> &'static str {
    match result {
        Err(OauthError::Refused { code, .. }) => code,
        Err(OauthError::Failed(error)) => error.code(),
        Ok(_) => "let in",
    }
}

both_engines!(a_code_works_once, STEPS, |db| async move {
    let house = house(db).await;
    with_client(&house).await;
    let cookie = house.login("root", "root-password").await.cookie();
    let good = code(&house, &cookie, &asks()).await.expect("a code");
    for (wrong, why) in [
        (TokenRequest { code_verifier: "x".repeat(43), ..exchange(good.expose()) }, "invalid_grant"),
        (TokenRequest { redirect_uri: "/elsewhere".into(), ..exchange(good.expose()) }, "invalid_grant"),
        (TokenRequest { client_secret: "cas_wrong".into(), ..exchange(good.expose()) }, "invalid_client"),
        (
            TokenRequest { client_id: "jupyterhub-user-root-b".into(), ..exchange(good.expose()) },
            "invalid_grant",
        ),
        (TokenRequest { grant_type: "password".into(), ..exchange(good.expose()) }, "unsupported_grant_type"),
        (exchange("code_unknown"), "invalid_grant"),
    ] {
        assert_eq!(refusal(house.service.exchange(&wrong).await), why, "{wrong:?}");
    }
    let token = house.service.exchange(&exchange(good.expose())).await.expect("a token");
    let who = house.service.authenticate(&bearer(token.secret.expose())).await.expect("is known");
    assert_eq!(
        (who.principal.name.as_str(), who.principal.grants.only_instance.as_deref()),
        ("root", Some("ws_a"))
    );
    // The second use is a theft of one of them: nobody keeps anything.
    assert_eq!(refusal(house.service.exchange(&exchange(good.expose())).await), "invalid_grant");
    assert!(house.service.authenticate(&bearer(token.secret.expose())).await.is_err());
    // Late.
    let late = code(&house, &cookie, &asks()).await.expect("a code");
    house.clock.advance_ms(300_000);
    assert_eq!(refusal(house.service.exchange(&exchange(late.expose())).await), "invalid_grant");
});

both_engines!(what_is_not_exact_is_refused, STEPS, |db| async move {
    let house = house(db).await;
    with_client(&house).await;
    let cookie = house.login("root", "root-password").await.cookie();
    for (wrong, why) in [
        (Authorization { client_id: "nobody".into(), ..asks() }, "unknown_client"),
        (Authorization { redirect_uri: format!("{CALLBACK}/"), ..asks() }, "wrong_redirect"),
        (
            Authorization { redirect_uri: format!("https://evil.example{CALLBACK}"), ..asks() },
            "wrong_redirect",
        ),
        (Authorization { redirect_uri: format!("{CALLBACK}?x=1"), ..asks() }, "wrong_redirect"),
        (Authorization { response_type: "token".into(), ..asks() }, "unsupported_response_type"),
        (Authorization { code_challenge: None, ..asks() }, "invalid_request"),
        (Authorization { code_challenge_method: Some("plain".into()), ..asks() }, "invalid_request"),
    ] {
        assert_eq!(refusal(code(&house, &cookie, &wrong).await), why, "{wrong:?}");
    }
});

both_engines!(it_ends_with_the_session_and_with_the_thing, STEPS, |db| async move {
    let house = house(db).await;
    let project = with_client(&house).await;
    let mut alive = Vec::new();
    for _ in 0..2 {
        let cookie = house.login("root", "root-password").await.cookie();
        let code = code(&house, &cookie, &asks()).await.expect("a code");
        let token = house.service.exchange(&exchange(code.expose())).await.expect("a token");
        alive.push((cookie, token.secret));
    }
    let (cookie, token) = &alive[0];
    let path = "/api/auth/logout";
    let headers = [("cookie", cookie.as_str()), ("origin", "http://localhost:8000")];
    let out = house.send(axum::http::Method::POST, path, &headers, None).await;
    assert!(out.status.is_success(), "{out:?}");
    assert!(house.service.authenticate(&bearer(token.expose())).await.is_err(), "outlived its session");
    let (_, token) = &alive[1];
    assert!(house.service.authenticate(&bearer(token.expose())).await.is_ok());

    let root = house.service.ctx_of("root", "req").await.expect("is there");
    let user = root.principal().id.parse().expect("an id");
    let mut tx = house.db.begin().await.expect("begins");
    let scopes = Some(vec!["workspaces.use".to_owned()]);
    let new = NewToken { name: "ws_a".into(), scopes, project: Some(project.clone()), expires_at: None };
    let own = house.service.issue_instance_token(&mut tx, &user, "ws_a", new).await.expect("a token");
    tx.commit().await.expect("commits");
    let who = house.service.authenticate(&bearer(own.secret.expose())).await.expect("is known");
    assert_eq!(who.via, Via::RunToken);
    let ctx = Ctx::new(who.principal, house.clock.clone(), "req");
    assert!(ctx.can_for("workspaces.use", project.as_str(), "ws_a"));
    assert!(!ctx.can_for("workspaces.use", project.as_str(), "ws_b"));
    assert!(!ctx.can("workspaces.use", project.as_str()));
    assert!(
        house.service.create_token(&ctx, NewToken { name: "x".into(), ..NewToken::default() }).await.is_err()
    );

    let mut tx = house.db.begin().await.expect("begins");
    house.service.end_instance(&mut tx, "ws_a").await.expect("ends");
    tx.commit().await.expect("commits");
    house.service.forget();
    for dead in [own.secret.expose(), token.expose()] {
        assert!(house.service.authenticate(&bearer(dead)).await.is_err(), "outlived its workspace");
    }
    assert_eq!(
        refusal(house.service.oauth_client(&asks()).await.map_err(OauthError::from)),
        "unknown_client"
    );
});

both_engines!(tokens_of_programs_are_renewed_while_they_hold, STEPS, |db| async move {
    let house = house(db).await;
    let project = with_client(&house).await;
    let root = house.service.ctx_of("root", "req").await.expect("is there");
    let user = root.principal().id.parse().expect("an id");
    let make = async |instance: &str| {
        let mut tx = house.db.begin().await.expect("begins");
        let expires_at = Some(house.clock.now().plus_ms(10_000));
        let new = NewToken { name: "p".into(), scopes: None, project: Some(project.clone()), expires_at };
        let made = house.service.issue_program_token(&mut tx, &user, instance, new).await.expect("a token");
        tx.commit().await.expect("commits");
        made.secret
    };
    let (one, other) = (make("unit_a_k1").await, make("unit_b_k1").await);
    make("thing").await;
    let renew = async |instance: &str| {
        let mut tx = house.db.begin().await.expect("begins");
        let until = house.clock.now().plus_ms(10_000);
        house.service.renew_program_tokens(&mut tx, instance, until).await.expect("renews");
        tx.commit().await.expect("commits");
    };
    let holds = async |token: &castalia_identity::Secret| {
        house.service.authenticate(&bearer(token.expose())).await.is_ok()
    };
    house.clock.advance_ms(9_000);
    renew("unit_a_k1").await;
    house.clock.advance_ms(9_000);
    assert!(holds(&one).await && !holds(&other).await);
    renew("unit_b_k1").await;
    assert!(!holds(&other).await, "what has expired does not come back");
    let mut units = house.service.program_instances(&mut house.db.read(), "unit_").await.expect("says so");
    units.sort();
    assert_eq!(units, ["unit_a_k1", "unit_b_k1"]);
});
