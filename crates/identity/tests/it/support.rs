//! A small installation behind its real door.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use castalia_base::{Clock, Ctx};
use castalia_db::{Db, Migrations};
use castalia_events::{EventQuery, list};
use castalia_http::{Api, Operation};
use castalia_identity::{Config, Gate, MasterKey, Service, api, build};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt;

pub(crate) const STEPS: &[Migrations] = &[castalia_events::MIGRATIONS, castalia_identity::MIGRATIONS];

/// An installation with an administrator `root` (password `root-password`).
pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) service: Arc<Service>,
    pub(crate) router: Router,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The session cookie as a client sends it back.
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers.get("set-cookie").expect("sets a cookie").to_str().expect("text");
        set.split(';').next().expect("a pair").to_owned()
    }
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

pub(crate) async fn house(db: Db) -> House {
    house_with(db, |_| {}).await
}

pub(crate) async fn house_with(db: Db, change: impl FnOnce(&mut Config)) -> House {
    let house = empty_house(db, change);
    house.service.ensure_user("root", "root-password", &["admin"]).await.expect("makes an administrator");
    house
}

pub(crate) fn empty_house(db: Db, change: impl FnOnce(&mut Config)) -> House {
    let clock = castalia_testkit::clock();
    let mut config = Config::new(MasterKey::new([7; 32]));
    change(&mut config);
    let service = build(db.clone(), clock.clone(), config);
    // Something that a viewer may not do, to knock at.
    let probe =
        Api::new(Arc::new(())).op(
            Operation::new(Method::POST, "/probe", "probe.run", "probe.run", "a test"),
            |_: Arc<()>, ctx: Ctx, _: castalia_http::Req| async move {
                Ok(json!({ "who": ctx.principal().name }))
            },
        );
    let router = api(&service).erase().merge(probe).into_router(Arc::new(Gate::new(service.clone())));
    House { db, clock, service, router: castalia_http::finish(router) }
}

impl House {
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost:8000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(value) => {
                request = request.header("content-type", "application/json");
                Body::from(value.to_string())
            }
            None => Body::empty(),
        };
        let response =
            self.router.clone().oneshot(request.body(body).expect("a request")).await.expect("answers");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str, bearer: &str) -> Answer {
        self.send(Method::GET, path, &[("authorization", &format!("Bearer {bearer}"))], None).await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, bearer: &str, body: Value) -> Answer {
        self.send(method, path, &[("authorization", &format!("Bearer {bearer}"))], Some(body)).await
    }

    pub(crate) async fn login(&self, user: &str, password: &str) -> Answer {
        self.send(Method::POST, "/api/auth/login", &[], Some(json!({"user": user, "password": password})))
            .await
    }

    /// An API token of the user that may do all that the user may.
    pub(crate) async fn token(&self, user: &str) -> String {
        self.narrow_token(user, json!({"name": "test"})).await
    }

    pub(crate) async fn narrow_token(&self, user: &str, token: Value) -> String {
        let ctx = self.service.ctx_of(user, "req_test").await.expect("is there");
        let new = serde_json::from_value(token).expect("a token");
        self.service.create_token(&ctx, new).await.expect("makes a token").secret.expose().to_owned()
    }

    pub(crate) async fn jwt(&self, user: &str) -> String {
        let bearer = self.token(user).await;
        let answer = self.call(Method::POST, "/api/auth/token", &bearer, json!({})).await;
        answer.body["access_token"].as_str().expect("a JWT").to_owned()
    }

    /// The kinds of all events, oldest first.
    pub(crate) async fn kinds(&self) -> Vec<String> {
        let page =
            list(&self.db, &EventQuery { limit: Some(500), ..EventQuery::default() }).await.expect("lists");
        page.items.into_iter().rev().map(|event| event.kind).collect()
    }

    /// Everything the log of events holds, as text.
    pub(crate) async fn log_text(&self) -> String {
        let page =
            list(&self.db, &EventQuery { limit: Some(500), ..EventQuery::default() }).await.expect("lists");
        serde_json::to_string(&page).expect("is JSON")
    }
}

/// The headers of a request with this credential.
pub(crate) fn bearer(secret: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {secret}").parse().expect("a header"));
    headers
}

pub(crate) async fn status(house: &House, secret: &str) -> StatusCode {
    house.get("/api/me", secret).await.status
}
