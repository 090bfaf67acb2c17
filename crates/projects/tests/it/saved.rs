//! Layouts and figures: whose they are, and what two changes at once come to.

use crate::support::{Answer, House, STEPS, house};
use axum::http::{Method, StatusCode};
use castalia_base::Kind;
use castalia_events::{EventQuery, list};
use castalia_testkit::both_engines;
use serde_json::{Value, json};
use std::sync::Arc;

/// A house with the project `survey` of ada, in which bob is a viewer.
async fn survey(db: castalia_db::Db) -> (House, String, String, String) {
    let house = house(db).await;
    let (root, ada, bob) = (house.token("root").await, house.token("ada").await, house.token("bob").await);
    house.call(Method::POST, "/api/projects", &ada, json!({"name": "survey"})).await;
    let member = "/api/projects/survey/members/bob";
    assert_eq!(house.call(Method::PUT, member, &ada, json!({"role": "viewer"})).await.status, StatusCode::OK);
    (house, root, ada, bob)
}

async fn put(house: &House, who: &str, name: &str, body: Value) -> Answer {
    house.call(Method::PUT, &format!("/api/projects/survey/layouts/{name}"), who, body).await
}

fn names(answer: &Answer) -> Vec<&str> {
    answer.body["items"].as_array().expect("a list").iter().filter_map(|i| i["name"].as_str()).collect()
}

both_engines!(a_layout_is_its_owners_alone, STEPS, |db| async move {
    let (house, root, ada, bob) = survey(db).await;
    let tree = json!({"id": "1", "children": [{"widget": "PlotView", "width": 1.5}]});
    let made = put(&house, &ada, "Two%20panes", json!({"layout": tree})).await;
    assert_eq!((made.status, &made.body["revision"]), (StatusCode::OK, &json!(1)), "{}", made.body);
    let listed = house.get("/api/projects/survey/layouts", &ada).await;
    assert_eq!((&listed.body["items"][0]["layout"], names(&listed)), (&tree, vec!["Two panes"]));
    for other in [&root, &bob] {
        assert!(names(&house.get("/api/projects/survey/layouts", other).await).is_empty());
        for method in [Method::GET, Method::DELETE] {
            let path = "/api/projects/survey/layouts/Two%20panes";
            assert_eq!(house.call(method, path, other, json!({})).await.status, StatusCode::NOT_FOUND);
        }
    }
    // A viewer has layouts of his own, of the same name too.
    assert_eq!(put(&house, &bob, "Two%20panes", json!({"layout": {}})).await.body["revision"], 1);
    let path = "/api/projects/survey/layouts/Two%20panes";
    assert_eq!(house.call(Method::DELETE, path, &ada, json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(house.get(path, &ada).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get(path, &bob).await.status, StatusCode::OK);
    // The news go to the user alone, not to the project.
    let user = house.identity.ctx_of("ada", "r").await.expect("ada").principal().id.clone();
    let events = list(&house.db, &EventQuery::default()).await.expect("lists").items;
    let told: Vec<_> = events.iter().filter(|e| e.kind.starts_with("layout.")).collect();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|e| e.project.is_none()));
    let last = told.iter().find(|e| e.kind == "layout.deleted").expect("one of them");
    assert_eq!(
        (last.topic.as_str(), &last.data["name"]),
        (format!("user.{user}").as_str(), &json!("Two panes"))
    );
});

both_engines!(a_change_names_what_it_was_based_on, STEPS, |db| async move {
    let (house, _, ada, _) = survey(db).await;
    let based_on = |revision: i64| json!({"layout": {"n": revision}, "revision": revision});
    assert_eq!(put(&house, &ada, "a", based_on(3)).await.code(), "layout_changed");
    assert_eq!(put(&house, &ada, "a", based_on(0)).await.body["revision"], 1);
    assert_eq!(put(&house, &ada, "a", based_on(1)).await.body["revision"], 2);
    for late in [0, 1, 3] {
        let refused = put(&house, &ada, "a", based_on(late)).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "layout_changed"), "{late}");
        assert_eq!(refused.body["revision"], 2, "{late}");
    }
    assert_eq!(house.get("/api/projects/survey/layouts/a", &ada).await.body["layout"], json!({"n": 1}));
});

both_engines!(of_many_changes_at_once_exactly_one_wins, STEPS, |db| async move {
    let (house, _, ada, _) = survey(db).await;
    let house = Arc::new(house);
    let ctx = house.identity.ctx_of("ada", "r").await.expect("ada");
    let new = json!({"name": "Spectrum", "kind": "plot", "spec": {}});
    let made = house.call(Method::POST, "/api/projects/survey/figures", &ada, new).await;
    let figure = made.body["id"].as_str().expect("an id").to_owned();
    for based_on in [0, 1] {
        let tries = (0..8).map(|n| {
            let (house, ctx) = (house.clone(), ctx.clone());
            tokio::spawn(async move {
                house.service.put_layout(&ctx, "survey", "a", &json!({"n": n}), based_on).await
            })
        });
        let results = futures::future::join_all(tries).await.into_iter().map(|r| r.expect("ran"));
        let (won, lost): (Vec<_>, Vec<_>) = results.partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for error in lost.into_iter().filter_map(Result::err) {
            assert_eq!((error.kind(), error.code()), (Kind::Conflict, "layout_changed"));
            assert_eq!(error.revision(), Some(based_on + 1));
        }
    }
    let tries = (0..8).map(|n| {
        let (house, ada, path) =
            (house.clone(), ada.clone(), format!("/api/projects/survey/figures/{figure}"));
        let body = json!({"name": format!("S{n}"), "spec": {"n": n}, "revision": 1});
        tokio::spawn(async move { house.call(Method::PUT, &path, &ada, body).await })
    });
    let answers: Vec<_> =
        futures::future::join_all(tries).await.into_iter().map(|r| r.expect("ran")).collect();
    let won: Vec<_> = answers.iter().filter(|a| a.status == StatusCode::OK).collect();
    assert_eq!(won.len(), 1);
    let lost = answers.iter().filter(|a| a.code() == "figure_changed" && a.body["revision"] == 2);
    assert_eq!(lost.count(), 7);
    let present = house.get(&format!("/api/projects/survey/figures/{figure}"), &ada).await;
    assert_eq!(present.body["spec"], won[0].body["spec"]);
});

both_engines!(figures_are_the_projects, STEPS, |db| async move {
    let (house, _, ada, bob) = survey(db).await;
    let all = "/api/projects/survey/figures";
    let new = |kind: &str| json!({"name": "Quakes", "kind": kind, "spec": {"layers": []}});
    let made = house.call(Method::POST, all, &ada, new("map")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    house.call(Method::POST, all, &ada, new("plot")).await;
    assert_eq!(
        house.call(Method::POST, all, &ada, new("song")).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let one = format!("{all}/{}", made.body["id"].as_str().expect("an id"));
    // A viewer looks and changes nothing.
    assert_eq!(house.get(&one, &bob).await.body["spec"], json!({"layers": []}));
    let change = json!({"name": "Earthquakes", "spec": {}, "revision": 1});
    for (method, path, body) in [
        (Method::POST, all, new("map")),
        (Method::PUT, one.as_str(), change.clone()),
        (Method::DELETE, one.as_str(), json!({})),
    ] {
        assert_eq!(house.call(method, path, &bob, body).await.code(), "forbidden");
    }
    let newest_first = house.get(&format!("{all}?limit=1"), &bob).await;
    assert_eq!(newest_first.body["items"][0]["kind"], "plot");
    let next = newest_first.body["next"].as_str().expect("there is more");
    let second = house.get(&format!("{all}?limit=1&after={next}"), &bob).await;
    assert_eq!((&second.body["items"][0]["kind"], &second.body["next"]), (&json!("map"), &Value::Null));
    assert!(second.body["items"][0].get("spec").is_none(), "a list has no documents");
    assert_eq!(names(&house.get(&format!("{all}?kind=map"), &bob).await), ["Quakes"]);
    let changed = house.call(Method::PUT, &one, &ada, change).await;
    assert_eq!((&changed.body["revision"], &changed.body["name"]), (&json!(2), &json!("Earthquakes")));
    let late = house.call(Method::DELETE, &format!("{one}?revision=1"), &ada, json!({})).await;
    assert_eq!((late.code(), &late.body["revision"]), ("figure_changed", &json!(2)));
    let deleted = house.call(Method::DELETE, &format!("{one}?revision=2"), &ada, json!({})).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    assert_eq!(house.get(&one, &ada).await.status, StatusCode::NOT_FOUND);
    let events = list(&house.db, &EventQuery::default()).await.expect("lists").items;
    let mut kinds: Vec<_> =
        events.iter().filter(|e| e.kind.starts_with("figure.")).map(|e| e.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["figure.changed", "figure.created", "figure.created", "figure.deleted"]);
    // Another project's figure is not there.
    house.call(Method::POST, "/api/projects", &ada, json!({"name": "other"})).await;
    let elsewhere = house.call(Method::POST, all, &ada, new("map")).await;
    let id = elsewhere.body["id"].as_str().expect("an id");
    assert_eq!(
        house.get(&format!("/api/projects/other/figures/{id}"), &ada).await.status,
        StatusCode::NOT_FOUND
    );
});

both_engines!(what_is_saved_has_limits, STEPS, |db| async move {
    let (house, _, ada, _) = survey(db).await;
    let long = "x".repeat(256 << 10);
    let too_large = put(&house, &ada, "a", json!({"layout": {"x": long}})).await;
    assert_eq!(
        (too_large.status, too_large.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "document_too_large")
    );
    assert_eq!(put(&house, &ada, "a", json!({"layout": [1]})).await.code(), "invalid_document");
    assert_eq!(put(&house, &ada, &"a".repeat(81), json!({"layout": {}})).await.code(), "invalid_name");
    assert_eq!(put(&house, &ada, "a%2Fb", json!({"layout": {}})).await.code(), "invalid_name");
    let long = "x".repeat(1 << 20);
    let figure = json!({"name": "a", "kind": "plot", "spec": {"x": long}});
    let path = "/api/projects/survey/figures";
    assert_eq!(house.call(Method::POST, path, &ada, figure).await.code(), "document_too_large");
    let ctx = house.identity.ctx_of("ada", "r").await.expect("ada");
    for n in 0..100 {
        house.service.put_layout(&ctx, "survey", &format!("l{n}"), &json!({}), 0).await.expect("saves");
    }
    let one_more = house.service.put_layout(&ctx, "survey", "more", &json!({}), 0).await;
    assert_eq!(one_more.map_err(|e| e.code()).err(), Some("too_many_layouts"));
    // What is there can still be changed.
    house.service.put_layout(&ctx, "survey", "l7", &json!({"n": 1}), 1).await.expect("changes");
});
