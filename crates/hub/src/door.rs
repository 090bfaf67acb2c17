//! The door: who may, is let through the proxy to a workspace's program.
//!
//! What belongs to us does not pass: neither our session cookie nor a token that could do more than use this workspace.
//! A program in mode `jupyterhub` gets a token in its place that reaches this workspace alone.

use crate::Service;
use crate::access::{Access, decide};
use crate::definition::{Mode, Prefix};
use crate::model::{Level, State};
use crate::pages;
use crate::store::{self, WorkspaceRow};
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use castalia_base::{Ctx, Error, Kind, Timestamp, id};
use castalia_identity::{Identity, NewToken, Via};
use castalia_proxy::{ActivityRules, Peer, Proxy, Route, RouteOptions, SocketActivity, Target, Trust};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// How long a token that stands for a visitor's own is used before another one is made.
const STAND_IN_MS: i64 = 12 * 3600 * 1000;

/// A workspace as the door knows it.
struct Known {
    row: WorkspaceRow,
    shares: Vec<(String, Level, Timestamp)>,
}

/// By user, workspace and run: a token, and until when it is used.
type StandIns = HashMap<(String, String, i64), (String, Timestamp)>;

/// Routes and what is known about workspaces, so that a request costs no query.
#[derive(Default)]
pub(crate) struct Doors {
    routes: RwLock<HashMap<String, Arc<Route>>>,
    known: RwLock<HashMap<String, Arc<Known>>>,
    /// Counts what was forgotten: what was read before is not kept after it.
    generation: std::sync::atomic::AtomicU64,
    stand_ins: Mutex<StandIns>,
}

impl Doors {
    pub(crate) fn route(&self, id: &str) -> Option<Arc<Route>> {
        self.routes.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
    /// Forgets what is known of all workspaces; the routes stay.
    pub(crate) fn forget(&self) {
        self.generation.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// User and workspace of a path, and the path as it goes on.
fn address(path: &str) -> Option<(&str, &str)> {
    let mut parts = path.strip_prefix("/user/")?.splitn(3, '/');
    Some((parts.next()?, parts.next().filter(|name| !name.is_empty())?))
}

impl Service {
    /// Opens the door of a workspace that is ready.
    pub(crate) fn open_door(&self, w: &WorkspaceRow) {
        let Some(port) = w.port else { return };
        let strip = w.definition.prefix() == Prefix::Strip;
        let options = RouteOptions {
            prefix: if strip { castalia_proxy::Prefix::Strip } else { castalia_proxy::Prefix::Keep },
            rewrite: strip,
            hide_cookies: vec![self.identity.config().cookie.clone()],
            activity: ActivityRules {
                ignore: w.definition.idle.ignore.clone(),
                sockets: SocketActivity::Messages,
                ..ActivityRules::default()
            },
            ..RouteOptions::default()
        };
        let target = match Target::parse(&format!("http://127.0.0.1:{port}")) {
            Ok(target) => target,
            Err(error) => return tracing::error!(%error, "a workspace has no address"),
        };
        match Route::new(&self.prefix_of(w), target, Arc::new(options), &self.clock) {
            Ok(route) => {
                let mut routes = self.doors.routes.write().unwrap_or_else(PoisonError::into_inner);
                routes.insert(w.id.clone(), Arc::new(route));
            }
            Err(error) => tracing::error!(%error, workspace = w.name, "a workspace can't be reached"),
        }
        self.doors.forget();
    }

    /// Shuts the door of a workspace that has ended.
    pub(crate) fn shut(&self, id: &str) {
        let gone = self.doors.routes.write().unwrap_or_else(PoisonError::into_inner).remove(id);
        if let Some(route) = gone {
            route.close_sockets();
        }
        self.doors.stand_ins.lock().unwrap_or_else(PoisonError::into_inner).retain(|key, _| key.1 != id);
        self.doors.forget();
    }

    /// Somebody may do less than before: sockets begin anew, and with them the question who may.
    pub(crate) fn rights_changed(&self, w: &WorkspaceRow) {
        self.doors.forget();
        if let Some(route) = self.doors.route(&w.id) {
            route.close_sockets();
        }
    }

    async fn known(&self, name: &str) -> Result<Option<Arc<Known>>, Error> {
        use std::sync::atomic::Ordering::SeqCst;
        let generation = self.doors.generation.load(SeqCst);
        let cached = self.doors.known.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if cached.is_some() {
            return Ok(cached);
        }
        let mut sql = self.db.read();
        let Some(row) = store::find(&mut sql, name).await? else { return Ok(None) };
        let shares = store::shares(&mut sql, &row.id).await?;
        let known = Arc::new(Known { row, shares });
        // Only what runs is asked for often, and only that is kept.
        if known.row.state == State::Ready {
            let mut all = self.doors.known.write().unwrap_or_else(PoisonError::into_inner);
            if self.doors.generation.load(SeqCst) == generation {
                all.insert(name.to_owned(), known.clone());
            }
        }
        Ok(Some(known))
    }

    /// Answers everything below `/user/`. `request`'s path is without the server's own prefix.
    pub async fn serve_user(self: Arc<Self>, proxy: Arc<Proxy>, request: Request) -> Response {
        let wants = pages::Wants::of(&request);
        match self.pass(&proxy, request).await {
            Ok(response) => response,
            Err(Refused::Error(error)) => pages::refusal(&self.config.base, &wants, &error),
            Err(Refused::NotReady(w)) => {
                pages::not_ready(&self.config.base, &wants, &w, self.status_now(&w.id))
            }
        }
    }

    async fn pass(&self, proxy: &Arc<Proxy>, mut request: Request) -> Result<Response, Refused> {
        let (user, name) = {
            let path = request.uri().path();
            let (user, name) = address(path).ok_or_else(|| Error::not_found("page", "at this address"))?;
            (user.to_owned(), name.to_owned())
        };
        let token = query_token(request.uri());
        let headers = credentials(request.headers(), token.as_deref());
        let who = self.identity.authenticate(&headers).await?;
        self.identity.check_origin(request.method(), request.headers(), who.via)?;
        let ctx = Ctx::new(who.principal.clone(), self.clock.clone(), id::fresh("req"));
        let known = self.known(&name).await?.filter(|k| k.row.owner_name == user && !k.row.is_unclaimed());
        if ctx.is_anonymous() {
            return Err(Error::unauthenticated("sign in first").into());
        }
        let known = known.ok_or_else(|| Error::not_found("workspace", &name))?;
        let w = &known.row;
        let shared = known.shares.iter().find(|s| s.0 == ctx.principal().id).map(|s| s.1);
        decide(&ctx, w, shared, "workspaces.use", Access::Use)?;
        let route = match w.state {
            State::Ready => self.doors.route(&w.id),
            _ => None,
        };
        let Some(route) = route else {
            if let Some(elsewhere) = self.out_of_reach(w).await? {
                let code = if elsewhere.lost { "out_of_reach" } else { "elsewhere" };
                return Err(Error::new(Kind::Unavailable, code, elsewhere.text).into());
            }
            return Err(Refused::NotReady(Box::new(w.clone())));
        };
        self.dress(&ctx, &who, w, token.is_some(), &mut request).await?;
        let remote = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        let trust = if self.identity.config().trust_proxy { Trust::Everybody } else { Trust::Nobody };
        let peer = Peer::new(remote, self.config.port, false, trust);
        let answer = proxy.forward(request, &route, &peer).await;
        Ok(answer.map(Body::new))
    }

    /// Makes the visitor's request one that the program may see: our own credentials are taken out of it.
    async fn dress(
        &self,
        ctx: &Ctx,
        who: &Identity,
        w: &WorkspaceRow,
        in_query: bool,
        request: &mut Request,
    ) -> Result<(), Error> {
        let whole = format!("{}{}", self.config.base.trim_end_matches('/'), request.uri().path());
        let query = request.uri().query().map(|q| if in_query { without_token(q) } else { q.to_owned() });
        let target = match query.filter(|q| !q.is_empty()) {
            Some(query) => format!("{whole}?{query}"),
            None => whole,
        };
        *request.uri_mut() = target
            .parse::<Uri>()
            .map_err(|_| Error::invalid("invalid_address", "the address can't be read"))?;
        if who.via == Via::Session || who.via == Via::Nothing {
            return Ok(());
        }
        request.headers_mut().remove(header::AUTHORIZATION);
        if w.definition.mode == Mode::Jupyterhub {
            let token = self.stand_in(ctx, who, w).await?;
            let value = HeaderValue::from_str(&format!("token {token}")).map_err(Error::internal)?;
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        Ok(())
    }

    /// A token of the visitor that reaches this workspace alone.
    async fn stand_in(&self, ctx: &Ctx, who: &Identity, w: &WorkspaceRow) -> Result<String, Error> {
        let user = who.user.clone().ok_or_else(|| Error::unauthenticated("sign in first"))?;
        self.stand_in_of(&user, w, ctx.now()).await
    }

    /// A token of a user that reaches this workspace alone, the same one for hours.
    pub(crate) async fn stand_in_of(
        &self,
        user: &id::UserId,
        w: &WorkspaceRow,
        now: Timestamp,
    ) -> Result<String, Error> {
        let key = (user.to_string(), w.id.clone(), w.run);
        let kept = self.doors.stand_ins.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((token, _)) = kept.filter(|(_, until)| *until > now) {
            return Ok(token);
        }
        let new = NewToken {
            name: format!("{} through the proxy", w.name),
            scopes: Some(vec!["workspaces.view".into(), "workspaces.use".into()]),
            project: Some(w.project_id.parse()?),
            expires_at: Some(now.plus_ms(2 * STAND_IN_MS)),
        };
        let mut tx = self.db.begin().await?;
        let issued = self.identity.issue_instance_token(&mut tx, user, &w.id, new).await?;
        tx.commit().await?;
        let secret = issued.secret.expose().to_owned();
        let mut all = self.doors.stand_ins.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key, (secret.clone(), now.plus_ms(STAND_IN_MS)));
        Ok(secret)
    }
}

pub(crate) enum Refused {
    Error(Error),
    NotReady(Box<WorkspaceRow>),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// `?token=` is how programs sign in to WebSockets that can send no headers.
fn query_token(uri: &Uri) -> Option<String> {
    let pairs = url::form_urlencoded::parse(uri.query()?.as_bytes());
    pairs
        .into_iter()
        .find(|(key, value)| key == "token" && value.starts_with("cas_"))
        .map(|(_, value)| value.into_owned())
}

/// The query without its token, everything else as it was.
fn without_token(query: &str) -> String {
    query.split('&').filter(|pair| !pair.starts_with("token=")).collect::<Vec<_>>().join("&")
}

/// The headers by which a visitor is known: an `Authorization` of a kind that is not ours belongs to the program.
fn credentials(headers: &HeaderMap, token: Option<&str>) -> HeaderMap {
    let mut ours = HeaderMap::new();
    for cookie in headers.get_all(header::COOKIE) {
        ours.append(header::COOKIE, cookie.clone());
    }
    if let Some(value) = token.and_then(|t| HeaderValue::from_str(&format!("Bearer {t}")).ok()) {
        ours.insert(header::AUTHORIZATION, value);
        return ours;
    }
    let scheme =
        |value: &HeaderValue| value.to_str().ok()?.split_once(' ').map(|(s, _)| s.to_ascii_lowercase());
    if let Some(value) = headers.get(header::AUTHORIZATION)
        && scheme(value).is_some_and(|s| s == "bearer" || s == "token")
    {
        ours.insert(header::AUTHORIZATION, value.clone());
    }
    ours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_user_and_workspace() {
        assert_eq!(address("/user/ada/ada-lab-x/api/kernels"), Some(("ada", "ada-lab-x")));
        assert_eq!(address("/user/ada/ada-lab-x"), Some(("ada", "ada-lab-x")));
        for no in ["/user/ada", "/user/ada/", "/user//x", "/users/a/b", "/"] {
            assert!(address(no).is_none_or(|(user, _)| user.is_empty()), "{no}");
        }
    }

    #[test]
    fn a_token_in_the_query_is_taken_out() {
        let uri: Uri = "/x?a=1&token=cas_s&b=%20".parse().expect("an address");
        assert_eq!(query_token(&uri).as_deref(), Some("cas_s"));
        assert_eq!(without_token("a=1&token=cas_s&b=%20"), "a=1&b=%20");
        let foreign: Uri = "/x?token=theirs".parse().expect("an address");
        assert_eq!(query_token(&foreign), None);
    }

    #[test]
    fn a_foreign_authorization_is_no_credential_of_ours() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Basic eDp5"));
        assert!(!credentials(&headers, None).contains_key("authorization"));
        headers.insert("authorization", HeaderValue::from_static("token cas_x"));
        assert!(credentials(&headers, None).contains_key("authorization"));
    }
}
