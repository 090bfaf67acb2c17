//! A small installation with projects.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use castalia_base::{Clock, Credits, Ctx};
use castalia_db::{Db, Migrations, Tx};
use castalia_identity::{Gate, MasterKey};
use castalia_projects::{Config, NewProject, Project, Service, api, build, ledger};
use http_body_util::BodyExt;
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt;

pub(crate) const STEPS: &[Migrations] =
    &[castalia_events::MIGRATIONS, castalia_identity::MIGRATIONS, castalia_projects::MIGRATIONS];

/// An installation with an administrator `root` and the developers `ada` and `bob`.
pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) identity: Arc<castalia_identity::Service>,
    pub(crate) service: Arc<Service>,
    pub(crate) router: Router,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

pub(crate) async fn house(db: Db) -> House {
    let clock = castalia_testkit::clock();
    let identity = castalia_identity::build(
        db.clone(),
        clock.clone(),
        castalia_identity::Config::new(MasterKey::new([7; 32])),
    );
    let service = build(db.clone(), identity.clone(), Config::default());
    for (name, role) in [("root", "admin"), ("ada", "developer"), ("bob", "developer")] {
        identity.ensure_user(name, "a password", &[role]).await.expect("makes");
    }
    let all = castalia_identity::api(&identity).erase().merge(api(&service));
    let router = castalia_http::finish(all.into_router(Arc::new(Gate::new(identity.clone()))));
    House { db, clock, identity, service, router }
}

impl House {
    pub(crate) async fn token(&self, user: &str) -> String {
        let ctx = self.identity.ctx_of(user, "r").await.expect("is there");
        let new = castalia_identity::NewToken { name: "test".into(), ..Default::default() };
        self.identity.create_token(&ctx, new).await.expect("makes").secret.expose().to_owned()
    }

    pub(crate) async fn call(&self, method: Method, path: &str, bearer: &str, body: Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request =
            request.header("authorization", format!("Bearer {bearer}")).body(Body::from(body.to_string()));
        let response = self.router.clone().oneshot(request.expect("a request")).await.expect("answers");
        let status = response.status();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    pub(crate) async fn get(&self, path: &str, bearer: &str) -> Answer {
        self.call(Method::GET, path, bearer, Value::Object(Default::default())).await
    }

    pub(crate) fn system(&self) -> Ctx {
        Ctx::system(self.clock.clone())
    }

    /// A project of the platform with this much credit.
    pub(crate) async fn project(&self, name: &str, credit: i64) -> Project {
        let new = NewProject { name: name.into(), credits: Some(Credits(credit)), ..NewProject::default() };
        self.service.create(&self.system(), new).await.expect("makes")
    }

    /// Nothing is wrong with the ledger.
    pub(crate) async fn assert_sound(&self) {
        let wrong = ledger::verify(&self.db).await.expect("looks");
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    pub(crate) async fn begin(&self) -> Tx {
        self.db.begin().await.expect("begins")
    }
}
