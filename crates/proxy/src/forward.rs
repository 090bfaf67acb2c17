//! Forwarding: one request to one back end.

use crate::body::{Body, BoxError, ClientFault, Fault, Guard, RequestBody, Streamed};
use crate::failure::{Failure, Wants};
use crate::peer::Peer;
use crate::request::Head;
use crate::route::Route;
use crate::tunnel::{Limits, Meter, Tunnel};
use crate::upstream::{Unanswered, Upstream, dial};
use crate::{Proxy, host, request, response, upgrade};
use bytes::Bytes;
use futures::future::{Either, ready};
use hyper::body::{Body as HttpBody, Incoming};
use hyper::http::request::Parts;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;

/// A request that may do something twice takes a waiting connection only if it was used just now.
const FRESH: Duration = Duration::from_secs(1);

impl Proxy {
    /// Answers a request by the table: with its back end's answer, or with a page or problem of our own.
    pub async fn handle<B>(self: &Arc<Self>, request: Request<B>, peer: &Peer) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let wants = Wants::from_head(request.method(), request.headers());
        self.try_handle(request, peer).await.unwrap_or_else(|failure| failure.answer(wants))
    }

    /// As [`Proxy::handle`], with the failure for a caller that has pages of its own.
    pub fn try_handle<B>(
        self: &Arc<Self>,
        request: Request<B>,
        peer: &Peer,
    ) -> impl Future<Output = Result<Response<Body>, Failure>> + Send
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        // No `async fn`, here and in `pass`: their futures would hold the request two times.
        let (parts, body) = request.into_parts();
        let found = request::check(&parts).and_then(|()| {
            self.table().find(host::of(&parts).ok(), parts.uri.path()).ok_or(Failure::NoRoute)
        });
        match found {
            Ok(route) => Either::Left(self.pass(parts, body, route, peer)),
            Err(failure) => Either::Right(ready(Err(failure))),
        }
    }

    /// Answers a request by a route that the caller chose, once it has decided that the client may. The route need not
    /// be in the table; the request's path must lie below its prefix (404 otherwise). Upgrades are carried on in the
    /// background after the answer; the connection must be served with upgrades, as axum does.
    pub async fn forward<B>(
        self: &Arc<Self>,
        request: Request<B>,
        route: &Arc<Route>,
        peer: &Peer,
    ) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let wants = Wants::from_head(request.method(), request.headers());
        self.try_forward(request, route, peer).await.unwrap_or_else(|failure| failure.answer(wants))
    }

    /// As [`Proxy::forward`], with the failure for a caller that has pages of its own.
    pub fn try_forward<B>(
        self: &Arc<Self>,
        request: Request<B>,
        route: &Arc<Route>,
        peer: &Peer,
    ) -> impl Future<Output = Result<Response<Body>, Failure>> + Send
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (parts, body) = request.into_parts();
        match request::check(&parts) {
            Ok(()) => Either::Left(self.pass(parts, body, route.clone(), peer)),
            Err(failure) => Either::Right(ready(Err(failure))),
        }
    }

    fn pass<B>(
        self: &Arc<Self>,
        mut parts: Parts,
        body: B,
        route: Arc<Route>,
        peer: &Peer,
    ) -> impl Future<Output = Result<Response<Body>, Failure>> + Send
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let options = route.options();
        if let (Some(limit), lower) = (options.max_body, body.size_hint().lower())
            && lower > limit
        {
            return Either::Right(ready(Err(Failure::TooLarge(limit))));
        }
        let guard = Guard::new(route.clone(), self.worker);
        if let Some(protocol) = upgrade::wanted(&parts, options) {
            let client = parts.extensions.remove::<OnUpgrade>();
            let prepared = upgrade::check(&parts, &body, &protocol)
                .and_then(|()| request::prepare(&mut parts, &route, peer));
            let opened = async move {
                let head = prepared?;
                upgrade::mark(&mut parts.headers, &protocol);
                let request = Request::from_parts(parts, RequestBody::Empty);
                self.open(request, client, &protocol, &head, guard).await
            };
            return Either::Left(Either::Right(Box::pin(opened)));
        }
        let head = match request::prepare(&mut parts, &route, peer) {
            Ok(head) => head,
            Err(failure) => return Either::Right(ready(Err(failure))),
        };
        let active = head.counts.then(|| route.clone());
        let (body, fault) = RequestBody::new(body, options.max_body, self.config.body_patience, active);
        let request = Request::from_parts(parts, body);
        Either::Left(Either::Left(async move {
            let (upstream, answer) = self.send(request, &fault, &guard.route).await?;
            if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
                return Err(Failure::Broken("an upgrade that nobody asked for".into()));
            }
            Ok(self.finish(upstream, answer, &head, guard))
        }))
    }

    /// Sends a request on a waiting connection or a fresh one. It is sent again only when nothing of it was sent, or
    /// when it may safely be done twice and the connection was a used one that the back end had given up.
    async fn send(
        &self,
        request: Request<RequestBody>,
        fault: &Fault,
        route: &Arc<Route>,
    ) -> Result<(Box<Upstream>, Response<Incoming>), Failure> {
        let safe = request.body().is_empty()
            && matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        let waited = if safe { Duration::MAX } else { FRESH };
        let mut next = request;
        loop {
            let mut upstream = match route.idle(self.worker).take(waited) {
                Some(upstream) => upstream,
                // What happens seldom is kept out of the way, so that what happens for each request stays small.
                None => Box::pin(self.connect(route)).await?,
            };
            let again = (safe && upstream.used).then(|| copy(&next));
            match self.exchange(&mut upstream, next, route).await? {
                Ok(answer) => return Ok((upstream, answer)),
                Err(lost) if upstream.used => match lost.unsent.or(again) {
                    Some(request) => next = *request,
                    None => return Err(failed(&lost.error, fault, route)),
                },
                Err(lost) => return Err(failed(&lost.error, fault, route)),
            }
        }
    }

    async fn exchange(
        &self,
        upstream: &mut Upstream,
        request: Request<RequestBody>,
        route: &Route,
    ) -> Result<Result<Response<Incoming>, Unanswered>, Failure> {
        match route.options().response_timeout {
            None => Ok(upstream.exchange(request).await),
            Some(limit) => {
                let answered = Box::pin(tokio::time::timeout(limit, upstream.exchange(request)));
                answered.await.map_err(|_| Failure::TimedOut)
            }
        }
    }

    /// A fresh connection. Nothing was sent yet, so any request may be tried again.
    async fn connect(&self, route: &Arc<Route>) -> Result<Box<Upstream>, Failure> {
        let options = route.options();
        let mut pause = Duration::from_millis(30);
        let mut tries = options.connect_tries.max(1);
        loop {
            tries -= 1;
            let tried = tokio::time::timeout(options.connect_timeout, dial(&route.target().place)).await;
            let why = match tried {
                Ok(Ok(stream)) => {
                    self.watch(route);
                    return Upstream::new(stream).await.map_err(|error| Failure::Broken(error.to_string()));
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "no connection in time".to_owned(),
            };
            if tries == 0 {
                return Err(Failure::Unreachable(format!("{}: {why}", route.target())));
            }
            tokio::time::sleep(pause).await;
            pause *= 4;
        }
    }

    fn finish(
        &self,
        upstream: Box<Upstream>,
        answer: Response<Incoming>,
        head: &Head,
        mut guard: Guard,
    ) -> Response<Body> {
        let (mut parts, incoming) = answer.into_parts();
        let rewriter = response::prepare(&mut parts, &guard.route, head);
        if head.counts && parts.status.as_u16() < guard.route.options().activity.below_status {
            guard.counts = Some(self.clock.clone());
        }
        Response::from_parts(parts, Body::streamed(Streamed::new(incoming, upstream, rewriter, guard)))
    }

    /// Opens an upgraded connection on a fresh connection to the back end.
    async fn open(
        self: &Arc<Self>,
        request: Request<RequestBody>,
        client: Option<OnUpgrade>,
        protocol: &str,
        head: &Head,
        guard: Guard,
    ) -> Result<Response<Body>, Failure> {
        let route = guard.route.clone();
        let mut upstream = self.connect(&route).await?;
        let answer = match self.exchange(&mut upstream, request, &route).await? {
            Ok(answer) => answer,
            Err(lost) => return Err(failed(&lost.error, &Fault::default(), &route)),
        };
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(self.finish(upstream, answer, head, guard));
        }
        let (mut parts, _) = answer.into_parts();
        let agreed = upgrade::agreed(&parts.headers, protocol);
        let (true, Some(client), Some((server, early))) = (agreed, client, upstream.into_stream()) else {
            return Err(Failure::Broken(format!("an upgrade that is not to {protocol}")));
        };
        response::prepare(&mut parts, &route, head);
        upgrade::mark(&mut parts.headers, protocol);
        let closing = route.closing();
        let meter = Meter::new(route, head.counts);
        if head.counts && meter.rule != crate::SocketActivity::Never {
            meter.route.touch();
        }
        let limits = Limits { patience: self.config.socket_patience, idle: self.config.socket_idle };
        let websocket = protocol == "websocket";
        let stop = self.tasks.stop_token();
        self.tasks.spawn("proxy.socket", async move {
            let carried = async {
                let Ok(client) = client.await else { return };
                let tunnel = Tunnel::new(TokioIo::new(client), server, early, meter, limits, websocket);
                if let Err(error) = tunnel.await {
                    tracing::debug!(%error, "a socket broke off");
                }
            };
            tokio::select! { () = closing.cancelled() => {}, () = stop.cancelled() => {}, () = carried => {} }
        });
        Ok(Response::from_parts(parts, Body::empty()))
    }
}

/// The same request once more; only for those without a body.
fn copy(request: &Request<RequestBody>) -> Box<Request<RequestBody>> {
    let mut again = Box::new(Request::new(RequestBody::Empty));
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.headers_mut() = request.headers().clone();
    again
}

fn failed(error: &hyper::Error, fault: &Fault, route: &Route) -> Failure {
    match fault.get() {
        Some(ClientFault::TooLarge) => Failure::TooLarge(route.options().max_body.unwrap_or_default()),
        Some(ClientFault::Stalled) => Failure::ClientStalled,
        Some(ClientFault::Broken) => Failure::Malformed("its body broke off".into()),
        None => {
            let cause = std::error::Error::source(error).map(|c| format!(": {c}")).unwrap_or_default();
            Failure::Broken(format!("{}: {error}{cause}", route.target()))
        }
    }
}
