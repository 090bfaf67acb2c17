//! The workspace's own API: status, services, health.

use super::reply::{json_reply, problem};
use super::{App, pages};
use crate::supervisor::{Order, Refused, Service};
use castalia_compute::health::State;
use castalia_proxy::Body;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use serde_json::{Value, json};

/// Where a service is opened.
pub(super) fn url_of(app: &App, service: &Service) -> String {
    let base = crate::environment::slashed(&app.supervisor.path_of(&service.definition));
    format!("{base}{}", service.definition.start_page)
}

fn view(app: &App, service: &Service) -> Value {
    let (d, status) = (&service.definition, service.status());
    let activity = service.route().map(|route| route.activity());
    let mut value = json!({
        "name": d.name,
        "title": d.title(),
        "description": d.description,
        "origin": service.origin,
        "url": url_of(app, service),
        "essential": d.essential,
        "depends_on": d.depends_on,
        "requests": activity.map_or(0, |a| a.requests),
        "sockets": activity.map_or(0, |a| a.sockets),
        "last_activity": service.last_activity(),
    });
    if let (Value::Object(all), Ok(Value::Object(more))) = (&mut value, serde_json::to_value(status)) {
        all.extend(more);
    }
    value
}

/// How the workspace is as a whole: as its worst essential service is, since a workspace is of use only with them.
fn overall(app: &App) -> (State, String) {
    let rank = |state: State| match state {
        State::Healthy => 0,
        State::Degraded => 1,
        State::Starting => 2,
        State::Unhealthy | State::Stopped => 3,
    };
    let all = app.supervisor.list();
    // A service that its user stopped is no fault.
    let counted = all.iter().filter(|s| s.definition.essential && s.definition.boot).map(|s| (s, s.status()));
    let worst = counted
        .filter(|(_, status)| status.state != State::Stopped)
        .max_by_key(|(_, status)| rank(status.state));
    match worst {
        Some((service, status)) if status.state != State::Healthy => {
            (status.state, format!("{}: {}", service.definition.name, status.reason))
        }
        _ => (State::Healthy, "all services are well".into()),
    }
}

impl App {
    /// `GET /health`: 200 when the workspace can be used, 503 while it can't. Says no more than that.
    pub(super) fn health(&self) -> Response<Body> {
        let (state, _) = overall(self);
        let (status, word) = match state {
            State::Healthy => (200, "ok"),
            State::Degraded => (200, "degraded"),
            State::Starting => (503, "starting"),
            State::Unhealthy | State::Stopped => (503, "unhealthy"),
        };
        json_reply(status, &json!({"status": word}))
    }

    /// `GET /api/status`. `started`, `last_activity`, `connections` and `kernels` are those of a Jupyter server.
    pub(super) fn status(&self) -> Response<Body> {
        let (state, reason) = overall(self);
        let all = self.supervisor.list();
        let sockets: usize = all.iter().filter_map(|s| s.route()).map(|r| r.activity().sockets).sum();
        let services: Vec<Value> = all.iter().map(|service| view(self, service)).collect();
        json_reply(
            200,
            &json!({
                "version": env!("CARGO_PKG_VERSION"),
                "mode": self.mode,
                "user": self.user,
                "server_name": self.server_name,
                "prefix": self.prefix,
                "state": state,
                "reason": reason,
                "started": self.started,
                "uptime_s": self.clock.now().ms_since(self.started) / 1000,
                "last_activity": self.last_activity(),
                "connections": sockets,
                "kernels": 0,
                "services": services,
            }),
        )
    }

    /// `/api/services` and what is below.
    pub(super) async fn services(&self, rest: &str, request: Request<Incoming>) -> Response<Body> {
        let method = request.method().clone();
        let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
        match (&method, parts.as_slice()) {
            (&Method::GET, []) => {
                let all: Vec<Value> = self.supervisor.list().iter().map(|s| view(self, s)).collect();
                json_reply(200, &json!({"services": all}))
            }
            (&Method::POST, []) => self.register(request).await,
            (&Method::DELETE, [name]) => match self.supervisor.leave(name) {
                Ok(()) => super::reply::answer(204, "application/json", ""),
                Err(refused) => refusal(&refused),
            },
            (method, [name, rest @ ..]) => match self.supervisor.get(name) {
                None => problem(404, "not_found", "there is no such service"),
                Some(service) => self.service(method, rest, &service, request.uri().query()).await,
            },
            _ => problem(405, "method_not_allowed", "this can't be done here"),
        }
    }

    async fn register(&self, request: Request<Incoming>) -> Response<Body> {
        let Ok(body) = Limited::new(request.into_body(), 64 * 1024).collect().await else {
            return problem(413, "too_large", "a registration has at most 64 KiB");
        };
        let registration = match serde_json::from_slice(&body.to_bytes()) {
            Ok(registration) => registration,
            Err(error) => return problem(400, "invalid", &error.to_string()),
        };
        match self.supervisor.register(registration) {
            Ok(service) => json_reply(201, &view(self, &service)),
            Err(refused) => refusal(&refused),
        }
    }

    async fn service(
        &self,
        method: &Method,
        rest: &[&str],
        service: &Service,
        query: Option<&str>,
    ) -> Response<Body> {
        let order = |order: Order| {
            service.order(order);
            json_reply(202, &view(self, service))
        };
        let number = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
            pairs.find(|(key, _)| key == name).and_then(|(_, value)| value.parse::<u64>().ok())
        };
        match (method, rest) {
            (&Method::GET, []) => json_reply(200, &view(self, service)),
            (&Method::GET, ["log"]) => {
                let limit = usize::try_from(number("limit").unwrap_or(500)).unwrap_or(500).min(2000);
                let lines = service.lines(number("after").unwrap_or(0), limit);
                json_reply(200, &json!({"lines": lines}))
            }
            (&Method::GET, ["health"]) => {
                let chronicle = service.chronicle().and_then(|c| serde_json::to_value(c).ok());
                json_reply(200, &json!({"status": service.status(), "timeline": chronicle}))
            }
            (&Method::POST, ["start"]) => order(Order::Start),
            (&Method::POST, ["stop"]) => order(Order::Stop),
            (&Method::POST, ["restart"]) => order(Order::Restart),
            _ => pages::refusal(false, 404, "not_found", "there is no such thing of a service"),
        }
    }
}

fn refusal(refused: &Refused) -> Response<Body> {
    match refused {
        Refused::Invalid(why) => problem(400, "invalid", why),
        Refused::Taken(why) => problem(409, "taken", why),
        Refused::NotYours(why) => problem(403, "not_registered", why),
        Refused::Unknown(why) => problem(404, "not_found", why),
    }
}
