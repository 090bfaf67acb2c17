//! Passing a request on to a service.

use super::paths;
use super::reply::{document, json_reply, problem, redirect};
use super::{App, Call, pages};
use crate::access::{Via, Visitor, header_token, query_token, without_token};
use crate::definition::BuiltIn;
use crate::supervisor::Service;
use castalia_compute::health::State;
use castalia_proxy::{Body, Peer, Prefix, Proxy, Route, RouteOptions, Target};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, Uri};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// The largest question to a model, in bytes.
const QUESTION: usize = 4 << 20;

impl App {
    /// The built-in service that a path belongs to, and what of the path is below it.
    pub(super) fn built_in<'p>(&self, path: &'p str) -> Option<(BuiltIn, &'p str)> {
        self.supervisor.list().iter().find_map(|service| {
            let kind = service.definition.built_in?;
            let base = crate::environment::slashed(&self.supervisor.path_of(&service.definition));
            paths::below(&base, path).map(|rest| (kind, rest))
        })
    }

    /// Passes a request on to the service whose path it is.
    pub(super) async fn pass(
        &self,
        proxy: &Arc<Proxy>,
        mut request: Request<Incoming>,
        peer: &Peer,
        visitor: &Visitor,
        call: &Call,
        ide_alone: bool,
    ) -> Response<Body> {
        let path = request.uri().path().to_owned();
        if !ide_alone && let Some((BuiltIn::Chat, rest)) = self.built_in(&path) {
            self.used.fetch_max(self.clock.now().0, Relaxed);
            return self.chat(rest, request, visitor).await;
        }
        let is_root = paths::below(&self.prefix, &path) == Some("/");
        if is_root
            && !ide_alone
            && let Some(page) = self.default_page()
        {
            return redirect(&page);
        }
        let service = if ide_alone { self.ide() } else { self.service_at(&path) };
        let Some(service) = service else {
            if is_root {
                return redirect(&format!("{}services", self.prefix));
            }
            return pages::refusal(call.navigates, 404, "not_found", "no service has this address");
        };
        let route = service.route();
        let (Some(route), true) = (route, can_answer(&service)) else {
            return pages::not_ready(self, call.navigates, &service);
        };
        if let Err(refused) = undress(&mut request, visitor) {
            return *refused;
        }
        if matches!(visitor.via, Via::Header | Via::Query) {
            let more = service.definition.token_headers.iter().filter_map(|(name, value)| {
                Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
            });
            more.for_each(|(name, value)| drop(request.headers_mut().insert(name, value)));
        }
        // A path that is the service's own without its slash would make relative addresses wrong.
        let bare = paths::below(&crate::environment::slashed(route.path()), &path) == Some("");
        if bare && call.navigates {
            let query = request.uri().query().map(|q| format!("?{q}")).unwrap_or_default();
            return redirect(&format!("{}/{query}", route.path()));
        }
        proxy.forward(request, &route, peer).await
    }

    /// Where the workspace's own path leads when the hub says so.
    fn default_page(&self) -> Option<String> {
        let page = self.default_url.as_deref()?.trim_start_matches('/');
        (!page.is_empty()).then(|| format!("{}{page}", self.prefix))
    }

    /// The service with the longest path that a request is below.
    fn service_at(&self, path: &str) -> Option<Arc<Service>> {
        let all = self.supervisor.list();
        let base =
            |service: &Service| crate::environment::slashed(&self.supervisor.path_of(&service.definition));
        all.into_iter().filter(|s| paths::below(&base(s), path).is_some()).max_by_key(|s| base(s).len())
    }

    /// The service at the root.
    fn ide(&self) -> Option<Arc<Service>> {
        self.supervisor.list().into_iter().find(|s| s.definition.path().is_empty())
    }

    /// Any port of this machine, for what was started by hand.
    pub(super) async fn pass_port(
        &self,
        proxy: &Arc<Proxy>,
        mut request: Request<Incoming>,
        peer: &Peer,
        visitor: &Visitor,
        port: u16,
    ) -> Response<Body> {
        if self.ports.contains(&port) {
            return problem(404, "not_found", "this port is the workspace's own");
        }
        if let Err(refused) = undress(&mut request, visitor) {
            return *refused;
        }
        let options = RouteOptions {
            prefix: Prefix::Strip,
            rewrite: true,
            hide_cookies: self.hidden_cookies.clone(),
            ..RouteOptions::default()
        };
        let route = Target::parse(&format!("http://127.0.0.1:{port}")).map_err(|e| e.to_string()).and_then(
            |target| {
                Route::new(&format!("{}port/{port}", self.prefix), target, Arc::new(options), &self.clock)
                    .map_err(|e| e.to_string())
            },
        );
        self.used.fetch_max(self.clock.now().0, Relaxed);
        match route {
            Ok(route) => proxy.forward(request, &Arc::new(route), peer).await,
            Err(error) => problem(500, "internal", &error),
        }
    }

    async fn chat(&self, rest: &str, request: Request<Incoming>, visitor: &Visitor) -> Response<Body> {
        match (request.method(), rest) {
            (&Method::GET | &Method::HEAD, "") => redirect(&format!("{}/", request.uri().path())),
            (&Method::GET | &Method::HEAD, "/") => chat_page(&visitor.xsrf),
            (&Method::GET, "/models") => match self.chat.models().await {
                Ok(models) => json_reply(200, &models),
                Err(why) => problem(502, "model", &why),
            },
            (&Method::POST, "/answer") => {
                let Ok(body) = Limited::new(request.into_body(), QUESTION).collect().await else {
                    return problem(413, "too_large", "the conversation is too long");
                };
                let question = match serde_json::from_slice(&body.to_bytes()) {
                    Ok(question) => question,
                    Err(error) => return problem(400, "invalid", &error.to_string()),
                };
                match self.chat.answer(question).await {
                    Ok(body) => {
                        let mut answer = super::reply::answer(200, "application/x-ndjson", "");
                        *answer.body_mut() = body;
                        answer
                    }
                    Err(why) => problem(502, "model", &why),
                }
            }
            _ => problem(404, "not_found", "nothing is at this address"),
        }
    }
}

/// Whether a request is worth passing on: a service that is in trouble may still tell a person why.
fn can_answer(service: &Service) -> bool {
    let status = service.status();
    match status.state {
        State::Healthy | State::Degraded => true,
        State::Unhealthy => status.next_start_at.is_none(),
        State::Starting | State::Stopped => false,
    }
}

/// Takes the visitor's credentials out of a request: a token of the hub or of the workspace is not the service's to see,
/// wherever it stands. Whoever came in by a cookie may bring a token that is the service's own.
fn undress(request: &mut Request<Incoming>, visitor: &Visitor) -> Result<(), Box<Response<Body>>> {
    let in_header = header_token(request.headers()).map(str::to_owned);
    let in_query = query_token(request.uri().query());
    let (header_goes, query_goes) = match visitor.via {
        Via::Header => (true, in_query.is_some() && in_query == in_header),
        Via::Query => (in_header.is_some(), true),
        Via::Cookie | Via::Inside => (false, false),
    };
    if header_goes {
        request.headers_mut().remove(header::AUTHORIZATION);
    }
    if query_goes {
        let query =
            request.uri().query().and_then(without_token).map(|q| format!("?{q}")).unwrap_or_default();
        let target = format!("{}{query}", request.uri().path());
        let uri: Result<Uri, _> = target.parse();
        *request.uri_mut() =
            uri.map_err(|_| Box::new(problem(400, "malformed", "the address can't be read")))?;
    }
    request.headers_mut().remove("x-jupyterhub-version");
    Ok(())
}

fn chat_page(xsrf: &str) -> Response<Body> {
    const STYLE: &str = include_str!("../../assets/chat.css");
    const SCRIPT: &str = include_str!("../../assets/chat.js");
    let page = include_str!("../../assets/chat.html");
    let html = page
        .replace("{xsrf}", &super::reply::escape(xsrf))
        .replace("{style}", STYLE)
        .replace("{script}", SCRIPT);
    document(200, html, STYLE, Some(SCRIPT))
}
