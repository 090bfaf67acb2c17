//! Who is out and who is in, and from when on.

use crate::support::{STEPS, bearer, house, status};
use axum::http::{Method, StatusCode};
use castalia_base::id::ProjectId;
use castalia_identity::memberships;
use castalia_testkit::both_engines;
use serde_json::json;

both_engines!(a_disabled_user_is_out_at_once_by_every_way, STEPS, |db| async move {
    let house = house(db).await;
    let root = house.token("root").await;
    house.call(Method::POST, "/api/users", &root, json!({"name": "ada", "password": "ada-password"})).await;
    let (token, jwt) = (house.token("ada").await, house.jwt("ada").await);
    let cookie = house.login("ada", "ada-password").await.cookie();
    for good in [&token, &jwt] {
        assert_eq!(status(&house, good).await, StatusCode::OK);
    }
    let by_cookie = || async { house.send(Method::GET, "/api/me", &[("cookie", &cookie)], None).await };
    assert_eq!(by_cookie().await.status, StatusCode::OK);
    assert_eq!(
        house.call(Method::PATCH, "/api/users/ada", &root, json!({"disabled": true})).await.status,
        StatusCode::OK
    );
    for dead in [&token, &jwt] {
        assert_eq!(status(&house, dead).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(by_cookie().await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.login("ada", "ada-password").await.status, StatusCode::UNAUTHORIZED);
    // Back in: tokens work again, sessions are gone.
    house.call(Method::PATCH, "/api/users/ada", &root, json!({"disabled": false})).await;
    assert_eq!(status(&house, &token).await, StatusCode::OK);
    assert_eq!(by_cookie().await.status, StatusCode::UNAUTHORIZED);
    // A new password ends JWTs; deleting ends everything.
    let jwt = house.jwt("ada").await;
    house.call(Method::PATCH, "/api/users/ada", &root, json!({"password": "another-password"})).await;
    assert_eq!(status(&house, &jwt).await, StatusCode::UNAUTHORIZED);
    assert_eq!(
        house.call(Method::DELETE, "/api/users/ada", &root, json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(status(&house, &token).await, StatusCode::UNAUTHORIZED);
});

both_engines!(memberships_give_what_the_role_says_in_that_project, STEPS, |db| async move {
    let house = house(db).await;
    let ada = house.service.ensure_user("ada", "ada-password", &["developer"]).await.expect("makes");
    let project = ProjectId::fresh();
    let secret = house.token("ada").await;
    let can = || async {
        let who = house.service.authenticate(&bearer(&secret)).await.expect("is good");
        let ctx = castalia_base::Ctx::new(who.principal, house.clock.clone(), "r");
        (
            ctx.can("processes.view", project.as_str()),
            ctx.can("processes.run", project.as_str()),
            ctx.can("members.manage", project.as_str()),
        )
    };
    assert_eq!(can().await, (false, false, false));
    for (role, expected) in
        [("viewer", (true, false, false)), ("developer", (true, true, false)), ("admin", (true, true, true))]
    {
        let mut tx = house.db.begin().await.expect("begins");
        memberships::put(&mut tx, &project, &ada.id, role, house.clock.now()).await.expect("puts");
        tx.commit().await.expect("commits");
        house.service.forget();
        assert_eq!(can().await, expected, "{role}");
    }
});
