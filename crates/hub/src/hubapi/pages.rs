//! The pages that JupyterHub's programs lead to.

use super::oauth::SESSION_COOKIE;
use super::reply::{HubError, known, path};
use super::{S, ServerPath};
use crate::access::Access;
use crate::model::{Open, State as WorkspaceState};
use crate::pages::{Wants, not_ready, refusal, sign_in};
use crate::store;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use castalia_base::{Ctx, Error};
use serde::Deserialize;

#[derive(Deserialize, Default)]
struct Next {
    next: Option<String>,
}

/// Where to go on: a path of this server and nothing else.
fn next(s: &S, request: &Request, otherwise: &str) -> String {
    let asked: Next =
        serde_html_form::from_str(request.uri().query().unwrap_or_default()).unwrap_or_default();
    let plain = |n: &String| {
        n.starts_with('/') && !n.starts_with("//") && !n.contains('\\') && !n.chars().any(char::is_control)
    };
    let base = s.config.base.trim_end_matches('/');
    match asked.next.filter(plain) {
        Some(next) if base.is_empty() || next.starts_with(&s.config.base) => next,
        Some(next) => format!("{base}{next}"),
        None => otherwise.to_owned(),
    }
}

pub(super) async fn login(State(s): State<S>, request: Request) -> Response {
    let next = next(&s, &request, &s.config.base);
    Redirect::to(&sign_in(
        &s.config.base,
        next.strip_prefix(s.config.base.trim_end_matches('/')).unwrap_or(&next),
    ))
    .into_response()
}

pub(super) async fn logout(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    if let Ok(who) = s.identity.authenticate(request.headers()).await {
        let ctx = Ctx::new(who.principal.clone(), s.clock.clone(), "logout");
        s.identity.sign_out(&ctx, &who).await?;
    }
    let mut answer = Redirect::to(&s.config.base).into_response();
    let ours = s.identity.config().cookie.clone();
    for cookie in [
        format!("{ours}=; Path=/; Max-Age=0"),
        format!("{SESSION_COOKIE}=; Path={}; Max-Age=0", s.config.base),
    ] {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            answer.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    Ok(answer)
}

pub(super) async fn home(State(s): State<S>) -> Redirect {
    Redirect::to(&s.config.base)
}

/// A page from which a stopped workspace is started; leads on when it runs.
pub(super) async fn spawn(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let wants = Wants { page: true, ..Wants::of(&request) };
    if let Err(refused) = known(&s, &request).await {
        return match refused.status {
            403 => Ok(Redirect::to(&sign_in(&s.config.base, &wants.target)).into_response()),
            _ => Err(refused),
        };
    }
    let (ctx, _) = known(&s, &request).await?;
    let target = next(&s, &request, "");
    let (p, _) = path::<ServerPath>(request).await?;
    let found = s.find(&ctx, &p.server, "workspaces.use", Access::Use).await;
    let w = match found {
        Ok((w, _)) if w.owner_name == p.user => w,
        Ok(_) => return Ok(refusal(&s.config.base, &wants, &Error::not_found("workspace", &p.server))),
        Err(error) => return Ok(refusal(&s.config.base, &wants, &error)),
    };
    if w.state == WorkspaceState::Ready {
        let target = if target.is_empty() { s.prefix_of(&w) } else { target };
        return Ok(Redirect::to(&target).into_response());
    }
    let target = if target.is_empty() { s.prefix_of(&w) } else { target };
    let wants = Wants { page: true, target };
    Ok(not_ready(&s.config.base, &wants, &w, s.status_now(&w.id)))
}

/// Starts a workspace and leads to its own address, which says how far it is.
pub(super) async fn spawn_now(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, _) = known(&s, &request).await?;
    let target = next(&s, &request, "");
    let (p, _) = path::<ServerPath>(request).await?;
    let open = Open { workspace: Some(p.server), ..Open::default() };
    let view = s.open(&ctx, open).await?;
    let target = if target.is_empty() { view.path } else { target };
    let mut answer = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::from_str(&target) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    Ok(answer)
}

/// `/hub/user-redirect/X` leads to X of the caller's default server.
pub(super) async fn user_redirect(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let wants = Wants::of(&request);
    let Ok((ctx, _)) = known(&s, &request).await else {
        return Ok(Redirect::to(&sign_in(&s.config.base, &wants.target)).into_response());
    };
    let rest = wants.target.strip_prefix("/hub/user-redirect/").unwrap_or_default();
    let rows = store::of_owner(&mut s.db.read(), &ctx.principal().id).await?;
    let w = rows.into_iter().find(|w| w.service == super::servers::DEFAULT);
    let target = w.map_or_else(|| s.config.base.clone(), |w| format!("{}{rest}", s.prefix_of(&w)));
    Ok(Redirect::to(&target).into_response())
}
