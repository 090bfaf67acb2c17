//! The operations over HTTP.

mod account;
mod auth;
mod users;

use crate::Service;
use axum::http::{Method, StatusCode};
use castalia_base::{Ctx, Error};
use castalia_events::{EventPage, EventQuery};
use castalia_http::{Api, Operation, Req};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type S = Arc<Service>;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct UserPath {
    /// The user's id or name.
    pub(crate) user: String,
}
#[derive(Deserialize, JsonSchema)]
pub(crate) struct RolePath {
    /// The role's name.
    pub(crate) role: String,
}
#[derive(Deserialize, JsonSchema)]
pub(crate) struct TokenPath {
    /// The token's id.
    pub(crate) token: String,
}
#[derive(Deserialize, JsonSchema)]
pub(crate) struct SessionPath {
    /// The session's id.
    pub(crate) session: String,
}
#[derive(Deserialize, JsonSchema)]
pub(crate) struct TokenQuery {
    /// Everybody's tokens instead of one's own (needs `tokens.view`).
    #[serde(default)]
    pub(crate) all: bool,
    /// The `next` of the page before.
    pub(crate) after: Option<String>,
    /// How many entries at most (1 to 500, 100 unless told).
    pub(crate) limit: Option<u32>,
}
/// A list without pages.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Items<T> {
    /// The entries.
    pub(crate) items: Vec<T>,
}

fn get(path: &'static str, id: &'static str, permission: &'static str, summary: &'static str) -> Operation {
    Operation::new(Method::GET, path, id, permission, summary)
}
fn post(path: &'static str, id: &'static str, permission: &'static str, summary: &'static str) -> Operation {
    Operation::new(Method::POST, path, id, permission, summary).status(StatusCode::CREATED)
}
fn patch(path: &'static str, id: &'static str, permission: &'static str, summary: &'static str) -> Operation {
    Operation::new(Method::PATCH, path, id, permission, summary)
}
fn delete(
    path: &'static str,
    id: &'static str,
    permission: &'static str,
    summary: &'static str,
) -> Operation {
    Operation::new(Method::DELETE, path, id, permission, summary)
}

/// The operations of this capability.
pub fn api(service: &Arc<Service>) -> Api<Service> {
    let api = auth::add(Api::new(service.clone()));
    api.op(
        get("/api/me", "account.show", "account.view", "Who is asking, with roles and permissions"),
        account::show,
    )
    .op(
        patch("/api/me", "account.update", "account.manage", "Changes one's own name, address or password"),
        account::update,
    )
    .op(
        get("/api/sessions", "account.sessions", "account.view", "Lists one's own sessions"),
        account::sessions,
    )
    .op(
        delete(
            "/api/sessions/{session}",
            "account.end_session",
            "account.manage",
            "Ends one of one's own sessions",
        ),
        account::end_session,
    )
    .op(
        get("/api/tokens", "tokens.list", "account.view", "Lists one's own API tokens, or everybody's"),
        account::tokens,
    )
    .op(
        post(
            "/api/tokens",
            "tokens.create",
            "account.tokens",
            "Makes an API token; the secret is shown this once",
        ),
        account::create_token,
    )
    .op(
        delete("/api/tokens/{token}", "tokens.revoke", "account.tokens", "Ends an API token"),
        account::revoke_token,
    )
    .op(get("/api/users", "users.list", "users.view", "Lists users by name"), users::list)
    .op(post("/api/users", "users.create", "users.manage", "Makes a user"), users::create)
    .op(get("/api/users/{user}", "users.show", "users.view", "Shows a user"), users::show)
    .op(
        patch(
            "/api/users/{user}",
            "users.update",
            "users.manage",
            "Changes a user's roles, password or access",
        ),
        users::update,
    )
    .op(delete("/api/users/{user}", "users.delete", "users.manage", "Deletes a user"), users::remove)
    .op(get("/api/roles", "roles.list", "account.view", "Lists roles and what they may do"), users::roles)
    .op(post("/api/roles", "roles.create", "roles.manage", "Makes a role"), users::create_role)
    .op(get("/api/roles/{role}", "roles.show", "account.view", "Shows a role"), users::role)
    .op(
        patch("/api/roles/{role}", "roles.update", "roles.manage", "Changes a role of your own"),
        users::update_role,
    )
    .op(
        delete("/api/roles/{role}", "roles.delete", "roles.manage", "Deletes a role that nobody has"),
        users::delete_role,
    )
    .op(
        get(
            "/api/audit",
            "audit.list",
            "audit.view",
            "Lists what happened in the installation, newest first",
        ),
        audit,
    )
    .op(
        post("/api/auth/keys", "keys.rotate", "keys.manage", "Makes a new signing key for JWTs now"),
        auth::rotate,
    )
}

async fn audit(service: S, ctx: Ctx, req: Req<(), EventQuery>) -> Result<EventPage, Error> {
    ctx.require_globally("audit.view")?;
    castalia_events::list(&service.db, &req.query).await
}
