//! Projects: who sees what, and what is refused.

use crate::support::{STEPS, house};
use axum::http::{Method, StatusCode};
use castalia_events::TopicSource;
use castalia_projects::ProjectTopics;
use castalia_testkit::both_engines;
use serde_json::json;

both_engines!(what_one_may_not_see_does_not_exist, STEPS, |db| async move {
    let house = house(db).await;
    let (root, ada, bob) = (house.token("root").await, house.token("ada").await, house.token("bob").await);
    let made =
        house.call(Method::POST, "/api/projects", &ada, json!({"name": "survey", "title": "Survey"})).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let id = made.body["id"].as_str().expect("an id").to_owned();
    for path in ["/api/projects/survey".to_owned(), format!("/api/projects/{id}")] {
        assert_eq!(house.get(&path, &ada).await.body["title"], "Survey");
        assert_eq!(house.get(&path, &root).await.status, StatusCode::OK);
        let hidden = house.get(&path, &bob).await;
        assert_eq!(
            (hidden.status, hidden.code()),
            (StatusCode::FORBIDDEN, "forbidden"),
            "bob has no project at all"
        );
    }
    // With a project of his own the door lets him in, and the other project is not there.
    house.call(Method::POST, "/api/projects", &bob, json!({"name": "bobs"})).await;
    for path in ["", "/members", "/ledger", "/audit"] {
        let hidden = house.get(&format!("/api/projects/survey{path}"), &bob).await;
        assert_eq!((hidden.status, hidden.code()), (StatusCode::NOT_FOUND, "not_found"), "{path}");
    }
    assert_eq!(
        house.call(Method::PATCH, "/api/projects/survey", &bob, json!({"title": "x"})).await.status,
        StatusCode::NOT_FOUND
    );
    let names = |answer: crate::support::Answer| -> Vec<String> {
        answer.body["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|p| p["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(names(house.get("/api/projects", &ada).await), ["survey"]);
    assert_eq!(names(house.get("/api/projects", &bob).await), ["bobs"]);
    assert_eq!(names(house.get("/api/projects", &root).await), ["bobs", "survey"]);
    assert_eq!(house.get("/api/projects?limit=1", &root).await.body["next"], "bobs");
    assert_eq!(names(house.get("/api/projects?after=bobs", &root).await), ["survey"]);
    // A token bound to the project sees that one only, and makes none.
    let bound = house.call(Method::POST, "/api/tokens", &root, json!({"name": "bound", "project": id})).await;
    let bound = bound.body["secret"].as_str().expect("a secret");
    assert_eq!(names(house.get("/api/projects", bound).await), ["survey"]);
    assert_eq!(house.get("/api/projects/bobs", bound).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        house.call(Method::POST, "/api/projects", bound, json!({"name": "third"})).await.status,
        StatusCode::FORBIDDEN
    );
    // Topics likewise.
    let topics = ProjectTopics(house.service.clone());
    let (ada, bob) = (
        house.identity.ctx_of("ada", "r").await.expect("ada"),
        house.identity.ctx_of("bob", "r").await.expect("bob"),
    );
    assert!(topics.authorise(&ada, &format!("project.{id}")).await.is_ok());
    assert!(topics.authorise(&bob, &format!("project.{id}")).await.is_err());
});

both_engines!(names_are_unique_and_input_is_checked, STEPS, |db| async move {
    let house = house(db).await;
    let (root, ada) = (house.token("root").await, house.token("ada").await);
    for wrong in ["ab", "Ab-c", "a_b_c", "-abc", "../../etc"] {
        assert_eq!(
            house.call(Method::POST, "/api/projects", &ada, json!({"name": wrong})).await.code(),
            "invalid_name",
            "{wrong}"
        );
    }
    let make = |body| house.call(Method::POST, "/api/projects", &ada, body);
    assert_eq!(make(json!({"name": "survey"})).await.status, StatusCode::CREATED);
    assert_eq!(make(json!({"name": "survey"})).await.code(), "project_exists");
    // Limits and credit are the installation's to give.
    assert_eq!(make(json!({"name": "rich", "credits": 1})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        make(json!({"name": "rich", "limits": {"max_running": 9}})).await.status,
        StatusCode::FORBIDDEN
    );
    let patch = |who: String, body| {
        let house = &house;
        async move { house.call(Method::PATCH, "/api/projects/survey", &who, body).await }
    };
    assert_eq!(patch(ada.clone(), json!({"limits": {"max_running": 9}})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(patch(ada.clone(), json!({"title": "Mine", "description": "d"})).await.body["title"], "Mine");
    let limited = patch(root.clone(), json!({"limits": {"max_running": 2, "storage_mb": 100}})).await;
    assert_eq!(
        (&limited.body["limits"]["max_running"], &limited.body["limits"]["cpu_millis"]),
        (&json!(2), &json!(null))
    );
    assert_eq!(
        patch(root, json!({"limits": {"max_walking": 2}})).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(house.get("/api/projects/survey", &ada).await.body["title"], "Mine");
});
