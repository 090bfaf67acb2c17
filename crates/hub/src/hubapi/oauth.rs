//! OAuth2 between a browser, a workspace's program and us.

use super::S;
use super::reply::{HubError, bytes, json_reply};
use crate::access::Access;
use crate::pages::{Wants, refusal, sign_in};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use castalia_base::{Ctx, Error};
use castalia_identity::{Authorization, OauthError, TokenRequest, Via};
use rand::distr::{Alphanumeric, SampleString};
use serde_json::json;

/// The cookie with which JupyterHub's servers recognise a browser's session, so that signing out ends theirs too.
pub(super) const SESSION_COOKIE: &str = "jupyterhub-session-id";

/// `GET /oauth2/authorize`: asks nobody for consent, since every client is a workspace of ours; who may use it gets a
/// code for it.
pub(super) async fn authorize(State(s): State<S>, request: Request) -> Response {
    let wants = Wants { page: true, ..Wants::of(&request) };
    let (parts, _) = request.into_parts();
    match try_authorize(&s, &parts, &wants).await {
        Ok(response) => response,
        Err(error) => refusal(&s.config.base, &wants, &error),
    }
}

async fn try_authorize(s: &S, request: &Parts, wants: &Wants) -> Result<Response, Error> {
    let asked: Authorization = serde_html_form::from_str(request.uri.query().unwrap_or_default())
        .map_err(|e| Error::invalid("invalid_request", format!("the request can't be read: {e}")))?;
    // A request with a wrong client or address is never answered by a redirect.
    let client = s.identity.oauth_client(&asked).await?;
    let who = match s.identity.authenticate(&request.headers).await {
        Ok(who) if who.via == Via::Session => who,
        _ => return Ok(Redirect::to(&sign_in(&s.config.base, &wants.target)).into_response()),
    };
    let ctx = Ctx::new(who.principal.clone(), s.clock.clone(), "oauth");
    s.find(&ctx, &client.instance, "workspaces.use", Access::Use).await?;
    let outcome = s.identity.authorize(&ctx, &who, &client, &asked).await;
    let mut answer = url::form_urlencoded::Serializer::new(String::new());
    match outcome {
        Ok(code) => answer.append_pair("code", code.expose()),
        Err(OauthError::Refused { code, description }) => {
            answer.append_pair("error", code).append_pair("error_description", &description)
        }
        Err(OauthError::Failed(error)) => return Err(error),
    };
    if let Some(state) = &asked.state {
        answer.append_pair("state", state);
    }
    let target = format!("{}?{}", client.redirect_uri, answer.finish());
    let mut response = StatusCode::FOUND.into_response();
    let location = HeaderValue::from_str(&target).map_err(Error::internal)?;
    response.headers_mut().insert(header::LOCATION, location);
    let has_session = request
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .any(|line| line.split(';').any(|c| c.trim().starts_with(&format!("{SESSION_COOKIE}="))));
    if !has_session {
        let id = Alphanumeric.sample_string(&mut rand::rng(), 32);
        let cookie = format!("{SESSION_COOKIE}={id}; Path={}; HttpOnly; SameSite=Lax", s.config.base);
        let cookie = HeaderValue::from_str(&cookie).map_err(Error::internal)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `POST /oauth2/token`.
pub(super) async fn token(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let form = bytes(request).await?;
    let asked: TokenRequest = serde_html_form::from_bytes(&form)
        .map_err(|e| HubError::new(400, format!("the request can't be read: {e}")))?;
    match s.identity.exchange(&asked).await {
        Ok(issued) => {
            let life = issued.expires_at.map_or(0, |at| at.ms_since(s.clock.now()) / 1000);
            let body = json!({
                "access_token": issued.secret, "token_type": "Bearer", "expires_in": life,
                "scope": issued.scopes.clone().unwrap_or_default().join(" "),
            });
            let mut answer = json_reply(200, &body);
            answer.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
            Ok(answer)
        }
        Err(OauthError::Refused { code, description }) => {
            let status = if code == "invalid_client" { 401 } else { 400 };
            Ok(json_reply(status, &json!({"error": code, "error_description": description})))
        }
        Err(OauthError::Failed(error)) => Err(error.into()),
    }
}
