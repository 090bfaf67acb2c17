//! Set-up, sign-in, sign-out, JWT and the keys that verify them.

use super::S;
use crate::jwt::AccessToken;
use crate::setup::SetUp;
use crate::{Secret, Service, SignedIn, User, origin};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use castalia_base::{Ctx, Error, Timestamp};
use castalia_http::{Api, Operation, Problem, Req};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Name and password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The user's name.
    user: String,
    /// The password.
    password: Secret,
}

/// Name and password, or nothing when the caller is signed in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ForToken {
    /// The user's name.
    user: Option<String>,
    /// The password.
    password: Option<Secret>,
}

/// Who signed in and until when.
#[derive(Serialize, JsonSchema)]
struct Welcome {
    /// Who signed in.
    user: User,
    /// When the session ends if it is not used before.
    expires_at: Timestamp,
}

/// Whether the installation waits for its first administrator.
#[derive(Serialize, JsonSchema)]
struct SetupState {
    /// Whether the set-up link is still to be used.
    needed: bool,
}

/// The new key.
#[derive(Serialize, JsonSchema)]
pub(super) struct NewKey {
    /// The id (`kid`).
    key: String,
}

fn open(method: Method, path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation::open(method, path, id, summary)
}

pub(super) fn add(api: Api<Service>) -> Api<Service> {
    let post = |path, id, summary| open(Method::POST, path, id, summary);
    let get = |path, id, summary| open(Method::GET, path, id, summary);
    api.op(
        get("/api/setup", "setup.show", "Whether the installation waits for its first administrator"),
        setup_state,
    )
    .raw(
        post(
            "/api/setup",
            "setup.complete",
            "Makes the first administrator with the token of the set-up link, and signs in",
        )
        .status(StatusCode::CREATED)
        .body::<SetUp>()
        .returns::<Welcome>(),
        set_up,
    )
    .raw(
        post("/api/auth/login", "auth.login", "Signs in: sets the session cookie")
            .body::<SignIn>()
            .returns::<Welcome>(),
        sign_in,
    )
    .raw(
        post("/api/auth/logout", "auth.logout", "Ends the session and its cookie")
            .status(StatusCode::NO_CONTENT),
        sign_out,
    )
    .op(
        post("/api/auth/token", "auth.token", "A short-lived JWT for a name and password, or for the caller"),
        token,
    )
    .op(get("/api/auth/jwks", "auth.jwks", "The public keys that verify JWTs"), jwks)
    .op(get("/.well-known/jwks.json", "auth.well_known_jwks", "The public keys that verify JWTs"), jwks)
}

fn set_cookie(
    service: &Service,
    headers: &HeaderMap,
    value: &str,
    seconds: i64,
) -> Result<HeaderValue, Error> {
    let config = &service.config;
    let secure = if config.secure_cookie || origin::is_https(headers) { "; Secure" } else { "" };
    let name = &config.cookie;
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).map_err(Error::internal)
}

fn welcome(
    service: &Service,
    headers: &HeaderMap,
    status: StatusCode,
    signed_in: SignedIn,
) -> Result<Response, Problem> {
    let cookie = set_cookie(service, headers, signed_in.secret.expose(), service.config.session_ms / 1000)?;
    let body = Welcome { user: signed_in.user, expires_at: signed_in.session.expires_at };
    Ok((status, [(header::SET_COOKIE, cookie)], Json(body)).into_response())
}

async fn sign_in(
    State(service): State<S>,
    Extension(ctx): Extension<Ctx>,
    request: Request,
) -> Result<Response, Problem> {
    let req = Req::<(), (), SignIn>::read(request).await?;
    let client = origin::client(&req.headers, req.peer, &service.config);
    let signed_in = service.sign_in(&ctx, &req.body.user, &req.body.password, &client).await?;
    welcome(&service, &req.headers, StatusCode::OK, signed_in)
}

async fn set_up(
    State(service): State<S>,
    Extension(ctx): Extension<Ctx>,
    request: Request,
) -> Result<Response, Problem> {
    let req = Req::<(), (), SetUp>::read(request).await?;
    let client = origin::client(&req.headers, req.peer, &service.config);
    let signed_in = service.set_up(&ctx, req.body, &client).await?;
    welcome(&service, &req.headers, StatusCode::CREATED, signed_in)
}

async fn sign_out(
    State(service): State<S>,
    Extension(ctx): Extension<Ctx>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // A worn-out cookie is taken away like a good one.
    if let Ok(identity) = service.authenticate(&headers).await {
        service.sign_out(&ctx, &identity).await?;
    }
    let cookie = set_cookie(&service, &headers, "", 0)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

async fn token(service: S, ctx: Ctx, req: Req<(), (), ForToken>) -> Result<AccessToken, Error> {
    let client = origin::client(&req.headers, req.peer, &service.config);
    match (req.body.user, req.body.password) {
        (Some(user), Some(password)) => service.sign_in_for_jwt(&ctx, &user, &password, &client).await,
        (None, None) => service.jwt_for_caller(&ctx, &service.authenticate(&req.headers).await?).await,
        (None, _) => Err(Error::field("missing_field", "/user", "is missing")),
        (_, None) => Err(Error::field("missing_field", "/password", "is missing")),
    }
}

async fn setup_state(service: S, _: Ctx, _: Req) -> Result<SetupState, Error> {
    Ok(SetupState { needed: service.needs_setup().await? })
}

async fn jwks(service: S, _: Ctx, _: Req) -> Result<Value, Error> {
    service.jwks().await
}

pub(super) async fn rotate(service: S, ctx: Ctx, _: Req) -> Result<NewKey, Error> {
    Ok(NewKey { key: service.rotate_key(&ctx).await? })
}
