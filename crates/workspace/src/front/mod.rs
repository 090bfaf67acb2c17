//! Stands before the services: asks who calls, answers what is the workspace's own, and passes the rest on.

mod api;
mod metrics;
mod pages;
mod pass;
mod paths;
mod reply;
mod sign_in;

use crate::access::{Alone, Via, Visitor, Who, origin, query_token};
use crate::chat::Chat;
use crate::hub::Gate;
use crate::supervisor::Supervisor;
use castalia_base::{Clock, Timestamp};
use castalia_proxy::server::Handler;
use castalia_proxy::{Body, Peer, Proxy, Trust};
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response};
use paths::Place;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

/// How the workspace runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Under a JupyterHub.
    Jupyterhub,
    /// Under Castalia's own hub.
    Castalia,
    /// Alone.
    StandAlone,
}

/// Who decides who comes in.
#[derive(Debug)]
pub(crate) enum Gatekeeper {
    Hub(Gate),
    Alone(Alone),
}

/// The workspace as it is seen from outside.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) mode: Mode,
    pub(crate) prefix: String,
    pub(crate) user: String,
    pub(crate) server_name: String,
    pub(crate) default_url: Option<String>,
    pub(crate) gatekeeper: Gatekeeper,
    pub(crate) supervisor: Arc<Supervisor>,
    pub(crate) chat: Chat,
    pub(crate) clock: Clock,
    pub(crate) started: Timestamp,
    /// Lets programs of the workspace use the registry of services.
    pub(crate) inside: String,
    /// Ports of ours, which `/port/` does not lead to.
    pub(crate) ports: Vec<u16>,
    pub(crate) trust: Trust,
    pub(crate) hidden_cookies: Vec<String>,
    /// The last use of what is the workspace's own, milliseconds.
    pub(crate) used: AtomicI64,
    /// The last use that services told of when they were asked, milliseconds.
    pub(crate) told: AtomicI64,
    pub(crate) requests: AtomicU64,
    pub(crate) refused: AtomicU64,
}

/// A listener: the workspace, or the IDE alone at its root.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) app: Arc<App>,
    pub(crate) ide_alone: bool,
}

impl Handler for Door {
    async fn answer(
        self: Arc<Self>,
        proxy: Arc<Proxy>,
        request: Request<Incoming>,
        peer: Arc<Peer>,
    ) -> Response<Body> {
        let app = &self.app;
        app.requests.fetch_add(1, Relaxed);
        let call = Call::new(app, &request);
        app.serve(&proxy, request, &peer, &call, self.ide_alone).await
    }
}

/// What is known about a request before anything is decided.
struct Call {
    /// The path and query as it came.
    target: String,
    /// Whether a person looks at the answer.
    navigates: bool,
    /// Whether the client speaks https to the proxy in front of us.
    secure: bool,
}

impl Call {
    fn new(app: &App, request: &Request<Incoming>) -> Self {
        let target = request.uri().path_and_query().map_or("/", |pq| pq.as_str()).to_owned();
        let proto =
            request.headers().get("x-forwarded-proto").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let https = proto.split(',').next().is_some_and(|first| first.trim() == "https");
        let public = matches!(&app.gatekeeper, Gatekeeper::Hub(gate) if gate.hub.public_https);
        Self {
            target,
            navigates: origin::is_navigation(request.method(), request.headers()),
            secure: public || (https && app.trust != Trust::Nobody),
        }
    }
}

fn host(parts: &Parts) -> Option<&str> {
    let told = parts.headers.get(header::HOST).and_then(|v| v.to_str().ok());
    parts.uri.authority().map(|a| a.as_str()).or(told)
}

impl App {
    async fn serve(
        &self,
        proxy: &Arc<Proxy>,
        request: Request<Incoming>,
        peer: &Peer,
        call: &Call,
        ide_alone: bool,
    ) -> Response<Body> {
        let path = request.uri().path().to_owned();
        // On the IDE's own port only signing in is ours.
        let place = match paths::place(&self.prefix, &path) {
            place @ (Place::Login | Place::Logout | Place::Health) => place,
            _ if ide_alone => Place::Service,
            place => place,
        };
        if place.is_public() {
            return self.public(request, call, &place).await;
        }
        let (parts, body) = request.into_parts();
        let visitor = match self.admit(&parts, call, &place).await {
            Ok(visitor) => visitor,
            Err(refusal) => {
                self.refused.fetch_add(1, Relaxed);
                return *refusal;
            }
        };
        // A token in the address of a page is taken out of it, so that it is in no history and no link.
        if visitor.via == Via::Query && call.navigates {
            return self.keep_token(&parts, call);
        }
        let ours = match place {
            Place::Status => Some(self.status()),
            Place::Metrics => Some(self.metrics()),
            Place::List => Some(pages::list(self, &visitor)),
            _ => None,
        };
        if let Some(ours) = ours {
            return self.signed(ours);
        }
        let request = Request::from_parts(parts, body);
        match place {
            Place::Services(rest) => {
                let answer = self.services(rest, request).await;
                self.signed(answer)
            }
            Place::Port(port) => self.pass_port(proxy, request, peer, &visitor, port).await,
            _ => self.pass(proxy, request, peer, &visitor, call, ide_alone).await,
        }
    }

    /// Lets somebody in, or says how they are answered.
    async fn admit(
        &self,
        parts: &Parts,
        call: &Call,
        place: &Place<'_>,
    ) -> Result<Visitor, Box<Response<Body>>> {
        let token = query_token(parts.uri.query());
        let upgrade = parts.headers.contains_key(header::UPGRADE);
        let inside = matches!(place, Place::Services(_))
            && crate::access::header_token(&parts.headers)
                .is_some_and(|t| crate::access::same(t, &self.inside));
        let who = match &self.gatekeeper {
            _ if inside => {
                Who::Visitor(Visitor { name: self.user.clone(), via: Via::Inside, xsrf: String::new() })
            }
            // As JupyterHub's servers do: in the address only where no header can be sent.
            Gatekeeper::Hub(gate) => gate.who(&parts.headers, token.as_deref().filter(|_| upgrade)).await,
            Gatekeeper::Alone(alone) => {
                let token = token.as_deref().filter(|_| upgrade || parts.method == Method::GET);
                alone.who(&parts.headers, token)
            }
        };
        let visitor = match who {
            Who::Visitor(visitor) => visitor,
            Who::Nobody => return Err(Box::new(self.signed(self.ask_in(parts, call)))),
            Who::Refused { name } => {
                let why = format!("{name} may not use this workspace");
                return Err(Box::new(self.signed(pages::refusal(call.navigates, 403, "not_allowed", &why))));
            }
            Who::Unknown(why) => {
                tracing::warn!(target: "workspace", why, "nobody can tell who calls");
                let words =
                    "the hub can't be reached, so nobody can tell who you are; please try again in a moment";
                return Err(Box::new(self.signed(pages::refusal(
                    call.navigates,
                    502,
                    "hub_unreachable",
                    words,
                ))));
            }
        };
        if visitor.via == Via::Cookie {
            if origin::is_foreign(&parts.method, &parts.headers, host(parts)) {
                let why = "another site asked for this";
                return Err(Box::new(pages::refusal(false, 403, "cross_site", why)));
            }
            let changes = !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
            let told = parts.headers.get("x-xsrftoken").and_then(|v| v.to_str().ok()).unwrap_or_default();
            if changes && self.is_own(place, parts.uri.path()) && !crate::access::same(told, &visitor.xsrf) {
                let why = "the header X-XSRFToken is missing or not that of this session";
                return Err(Box::new(pages::refusal(false, 403, "xsrf", why)));
            }
        }
        if visitor.via != Via::Inside {
            self.note_use(place);
        }
        Ok(visitor)
    }

    /// Whether a path is answered here and not by a service, which has checks of its own.
    fn is_own(&self, place: &Place<'_>, path: &str) -> bool {
        matches!(place, Place::Services(_)) || self.built_in(path).is_some()
    }

    /// Looking at the state of things is no use of them.
    fn note_use(&self, place: &Place<'_>) {
        if matches!(place, Place::List | Place::Services(_)) {
            self.used.fetch_max(self.clock.now().0, Relaxed);
        }
    }

    /// When anything here was last used.
    pub(crate) fn last_activity(&self) -> Timestamp {
        let services = self.supervisor.list().iter().filter_map(|s| s.last_activity()).max();
        let own = Timestamp(self.used.load(Relaxed).max(self.told.load(Relaxed)));
        self.started.max(own).max(services.unwrap_or(self.started))
    }

    /// Our own answers carry the version that JupyterHub compares.
    fn signed(&self, mut answer: Response<Body>) -> Response<Body> {
        if let Gatekeeper::Hub(gate) = &self.gatekeeper
            && let Ok(version) = HeaderValue::try_from(gate.client.version())
        {
            answer.headers_mut().insert("x-jupyterhub-version", version);
        }
        answer
    }
}
