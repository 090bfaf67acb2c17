//! JupyterHub's REST API (`/hub/api`) and the pages that its programs lead to, as far as its servers, its idle culler
//! and scripts use them. Facts and field names are those of JupyterHub 6.
//!
//! A *server* is a workspace, named by the workspace's name. The *default server* (`""`) stands for the caller's newest
//! workspace of the service `lab`. Errors are `{"status": n, "message": "…"}`, and whoever is not known gets 403, since
//! JupyterHub's servers take 401 for a fault of the hub.
//!
//! Deliberately absent: groups, services of JupyterHub, its roles, shutting the hub down.

mod activity;
mod models;
mod oauth;
mod pages;
mod reply;
mod scopes;
mod servers;
mod tokens;
mod users;

use crate::Service;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use castalia_http::{Api, Operation};
use reply::{HubError, json_reply};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The version of JupyterHub whose interface this is.
pub(crate) const VERSION: &str = "6.1.1";

type S = Arc<Service>;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct UserPath {
    /// The user's name.
    pub(crate) user: String,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct ServerPath {
    /// The user's name.
    pub(crate) user: String,
    /// The workspace's name.
    #[serde(default)]
    pub(crate) server: String,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct TokenPath {
    /// The user's name.
    pub(crate) user: String,
    /// The token's id.
    pub(crate) token: String,
}

/// The operations of JupyterHub's API. Each decides by itself who may, because it answers in JupyterHub's way.
#[rustfmt::skip]
pub fn hub_api(service: &Arc<Service>) -> Api<Service> {
    let get = |path, id, summary| Operation::open(Method::GET, path, id, summary).returns::<Value>();
    let post = |path, id, summary| Operation::open(Method::POST, path, id, summary).returns::<Value>();
    let patch = |path, id, summary| Operation::open(Method::PATCH, path, id, summary).returns::<Value>();
    let delete = |path, id, summary| Operation::open(Method::DELETE, path, id, summary);
    Api::new(service.clone())
        .raw(get("/hub/api", "hub.version", "JupyterHub's API: its version"), version)
        .raw(get("/hub/api/", "hub.version_slash", "JupyterHub's API: its version"), version)
        .raw(get("/hub/api/info", "hub.info", "JupyterHub's API: what the hub is made of"), info)
        .raw(get("/hub/api/health", "hub.health", "JupyterHub's API: whether the hub is up"), health)
        .raw(get("/hub/health", "hub.health_page", "JupyterHub's API: whether the hub is up"), health)
        .raw(get("/hub/api/user", "hub.whoami", "JupyterHub's API: whose token it is, and what it may do"), users::whoami)
        .raw(get("/hub/api/users", "hub.users", "JupyterHub's API: users with their servers"), users::list)
        .raw(post("/hub/api/users", "hub.users_create", "JupyterHub's API: makes users"), users::create_many)
        .raw(get("/hub/api/users/{user}", "hub.user", "JupyterHub's API: one user with its servers").path_params::<UserPath>(), users::show)
        .raw(post("/hub/api/users/{user}", "hub.user_create", "JupyterHub's API: makes a user").path_params::<UserPath>(), users::create)
        .raw(patch("/hub/api/users/{user}", "hub.user_change", "JupyterHub's API: makes an administrator, or none").path_params::<UserPath>(), users::change)
        .raw(delete("/hub/api/users/{user}", "hub.user_delete", "JupyterHub's API: deletes a user").path_params::<UserPath>(), users::remove)
        .raw(post("/hub/api/users/{user}/activity", "hub.activity", "JupyterHub's API: a server tells when it was used").path_params::<UserPath>(), activity::post)
        .raw(get("/hub/api/users/{user}/server", "hub.server_default", "JupyterHub's API: the default server").path_params::<UserPath>(), servers::show_default)
        .raw(post("/hub/api/users/{user}/server", "hub.server_default_start", "JupyterHub's API: starts the default server").path_params::<UserPath>(), servers::start_default)
        .raw(delete("/hub/api/users/{user}/server", "hub.server_default_stop", "JupyterHub's API: stops the default server").path_params::<UserPath>(), servers::stop_default)
        .raw(get("/hub/api/users/{user}/server/progress", "hub.server_default_progress", "JupyterHub's API: progress of a start").path_params::<UserPath>(), servers::progress_default)
        .raw(get("/hub/api/users/{user}/servers/{server}", "hub.server", "JupyterHub's API: one server").path_params::<ServerPath>(), servers::show)
        .raw(post("/hub/api/users/{user}/servers/{server}", "hub.server_start", "JupyterHub's API: starts a server; the name of a service opens one of it").path_params::<ServerPath>(), servers::start)
        .raw(delete("/hub/api/users/{user}/servers/{server}", "hub.server_stop", "JupyterHub's API: stops a server, or removes it").path_params::<ServerPath>(), servers::stop)
        .raw(get("/hub/api/users/{user}/servers/{server}/progress", "hub.server_progress", "JupyterHub's API: progress of a start").path_params::<ServerPath>(), servers::progress)
        .raw(get("/hub/api/users/{user}/tokens", "hub.tokens", "JupyterHub's API: a user's tokens").path_params::<UserPath>(), tokens::list)
        .raw(post("/hub/api/users/{user}/tokens", "hub.token_create", "JupyterHub's API: makes a token").path_params::<UserPath>(), tokens::create)
        .raw(get("/hub/api/users/{user}/tokens/{token}", "hub.token", "JupyterHub's API: one token").path_params::<TokenPath>(), tokens::show)
        .raw(delete("/hub/api/users/{user}/tokens/{token}", "hub.token_revoke", "JupyterHub's API: ends a token").path_params::<TokenPath>(), tokens::remove)
        .raw(get("/hub/api/groups", "hub.groups", "JupyterHub's API: there are no groups"), nothing)
        .raw(get("/hub/api/services", "hub.services", "JupyterHub's API: there are no such services"), nothing)
        .raw(get("/hub/api/oauth2/authorize", "hub.oauth_authorize", "OAuth2: sends the browser back to a workspace with a code"), oauth::authorize)
        .raw(post("/hub/api/oauth2/token", "hub.oauth_token", "OAuth2: exchanges a code for a token"), oauth::token)
        .raw(get("/hub/login", "hub.login", "Leads to the sign-in page"), pages::login)
        .raw(get("/hub/logout", "hub.logout", "Ends the session"), pages::logout)
        .raw(get("/hub/home", "hub.home", "Leads to the web app"), pages::home)
        .raw(get("/hub/", "hub.root", "Leads to the web app"), pages::home)
        .raw(get("/hub/spawn/{user}/{server}", "hub.spawn_page", "A page from which a stopped workspace is started").path_params::<ServerPath>(), pages::spawn)
        .raw(post("/hub/spawn/{user}/{server}", "hub.spawn", "Starts a stopped workspace and leads to it").path_params::<ServerPath>(), pages::spawn_now)
        .raw(get("/hub/user-redirect/{*path}", "hub.user_redirect", "Leads to a path of one's own default server"), pages::user_redirect)
}

async fn version() -> Response {
    let mut answer = json_reply(200, &json!({ "version": VERSION }));
    answer.headers_mut().insert("x-jupyterhub-version", axum::http::HeaderValue::from_static(VERSION));
    answer
}

async fn health() -> Response {
    json_reply(200, &json!({"status": "ok"}))
}

async fn info(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    reply::known(&s, &request).await?;
    let spawner = json!({"class": "castalia", "version": env!("CARGO_PKG_VERSION")});
    let body = json!({
        "version": VERSION, "python": "", "sys_executable": "", "spawner": spawner, "authenticator": spawner,
    });
    Ok(json_reply(200, &body))
}

async fn nothing(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    reply::known(&s, &request).await?;
    Ok(axum::Json(json!([])).into_response())
}
