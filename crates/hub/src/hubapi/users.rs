//! Users.

use super::reply::{HubError, body, empty, json_reply, known, path, query};
use super::{S, UserPath, models, scopes};
use crate::model::State as WorkspaceState;
use crate::store::WorkspaceRow;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::Response;
use castalia_base::{Ctx, Error, Kind};
use castalia_http::PageQuery;
use castalia_identity::{NewUser, User, UserPatch};
use serde::Deserialize;
use serde_json::{Value, json};

/// The largest page.
const LARGEST: usize = 200;

#[derive(Deserialize)]
pub(super) struct ListQuery {
    state: Option<String>,
    name_filter: Option<String>,
    offset: Option<usize>,
    limit: Option<usize>,
    sort: Option<String>,
    #[serde(default)]
    include_stopped_servers: Option<String>,
}

fn not_found(name: &str) -> HubError {
    HubError::new(404, format!("No such user: {name}"))
}

/// Demands that the caller is that user or looks after the installation. What one may not see does not exist.
pub(super) async fn user_of(s: &S, ctx: &Ctx, name: &str) -> Result<User, HubError> {
    let own = ctx.principal().name == name;
    if !own && !scopes::is_admin(ctx) {
        return Err(not_found(name));
    }
    let found = s.identity.find_user(&mut s.db.read(), name).await;
    found.map_err(|e| if e.kind() == Kind::NotFound { not_found(name) } else { e.into() })
}

/// `GET /user`: whose token it is.
pub(super) async fn whoami(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, who) = known(&s, &request).await?;
    let user = s.identity.find_user(&mut s.db.read(), &ctx.principal().name).await?;
    let scopes = scopes::of(&s, &ctx).await?;
    let (mut model, _) = if ctx.only_instance().is_some() {
        // A workspace's token learns who it is, and nothing of the other workspaces.
        (
            json!({"kind": "user", "name": user.name, "admin": false, "groups": [], "roles": ["user"]}),
            Vec::new(),
        )
    } else {
        models::user(&s, &user, false).await?
    };
    model["scopes"] = json!(scopes);
    model["token_id"] = json!(who.token.map(|t| t.to_string()));
    model["session_id"] = json!(who.session.map(|t| t.to_string()));
    model["user_info"] = json!({"name": user.name, "display_name": user.display_name});
    Ok(json_reply(200, &model))
}

async fn everybody(s: &S, ctx: &Ctx) -> Result<Vec<User>, Error> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = s.identity.users(ctx, &PageQuery { after, limit: Some(500) }).await?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

fn in_state(state: Option<&str>, rows: &[WorkspaceRow]) -> Result<bool, HubError> {
    let active = rows.iter().any(|w| w.state.is_active() || w.state == WorkspaceState::Queued);
    match state {
        None => Ok(true),
        Some("active") => Ok(active),
        Some("ready") => Ok(rows.iter().any(|w| w.state == WorkspaceState::Ready)),
        Some("inactive") => Ok(!active),
        Some(other) => Err(HubError::new(400, format!("Unrecognized state filter: {other:?}"))),
    }
}

/// `GET /users`.
pub(super) async fn list(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, _) = known(&s, &request).await?;
    if !scopes::is_admin(&ctx) {
        return Err(HubError::new(
            403,
            "Action is not authorized with current scopes; requires any of [list:users]",
        ));
    }
    let q: ListQuery = query(&request)?;
    let accept = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let pages = accept.to_ascii_lowercase().contains("application/jupyterhub-pagination+json");
    let stopped = q.include_stopped_servers.is_some();
    let mut users = everybody(&s, &ctx).await?;
    if let Some(filter) = &q.name_filter {
        users.retain(|u| u.name.to_lowercase().contains(&filter.to_lowercase()));
    }
    let mut models: Vec<Value> = Vec::new();
    for user in &users {
        let (model, rows) = models::user(&s, user, stopped).await?;
        if in_state(q.state.as_deref(), &rows)? {
            models.push(model);
        }
    }
    sort(&mut models, q.sort.as_deref())?;
    let (offset, total) = (q.offset.unwrap_or(0), models.len());
    let limit = q.limit.unwrap_or(if pages { 50 } else { LARGEST }).clamp(1, LARGEST);
    let items: Vec<Value> = models.into_iter().skip(offset).take(limit).collect();
    if !pages {
        return Ok(json_reply(200, &json!(items)));
    }
    let next = (offset + limit < total).then(|| {
        let (next, host) = (offset + limit, &s.config.backend_url);
        let keep = |name: &str, value: &Option<String>| {
            value.as_ref().map(|v| format!("&{name}={}", url::form_urlencoded::byte_serialize(v.as_bytes()).collect::<String>()))
        };
        let rest: String = [keep("state", &q.state), keep("name_filter", &q.name_filter), keep("sort", &q.sort)]
            .into_iter()
            .flatten()
            .collect();
        json!({"offset": next, "limit": limit, "url": format!("{host}/hub/api/users?offset={next}&limit={limit}{rest}")})
    });
    let page = json!({"offset": offset, "limit": limit, "total": total, "next": next});
    Ok(json_reply(200, &json!({"items": items, "_pagination": page})))
}

fn sort(models: &mut [Value], by: Option<&str>) -> Result<(), HubError> {
    let by = by.unwrap_or("id");
    let (key, down) = by.strip_prefix('-').map_or((by, false), |key| (key, true));
    let key = match key {
        "id" => "created",
        "name" | "last_activity" => key,
        other => {
            return Err(HubError::new(
                400,
                format!("sort must be one of id, name, last_activity, not {other}"),
            ));
        }
    };
    models.sort_by(|a, b| a[key].as_str().cmp(&b[key].as_str()));
    if down {
        models.reverse();
    }
    Ok(())
}

/// `GET /users/N`.
pub(super) async fn show(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, _) = known(&s, &request).await?;
    let (p, request) = path::<UserPath>(request).await?;
    let user = user_of(&s, &ctx, &p.user).await?;
    if ctx.only_instance().is_some() {
        let model = json!({"kind": "user", "name": user.name, "groups": [], "last_activity": user.signed_in_at.map(models::time)});
        return Ok(json_reply(200, &model));
    }
    let stopped = request.uri().query().is_some_and(|q| q.contains("include_stopped_servers"));
    Ok(json_reply(200, &models::user(&s, &user, stopped).await?.0))
}

async fn make(s: &S, ctx: &Ctx, name: &str, admin: bool) -> Result<Option<Value>, HubError> {
    let roles = Some(vec![if admin { "admin" } else { "developer" }.to_owned()]);
    let new = NewUser { name: name.to_owned(), roles, ..NewUser::default() };
    match s.identity.create_user(ctx, new).await {
        Ok(user) => Ok(Some(models::user(s, &user, false).await?.0)),
        Err(error) if error.kind() == Kind::Conflict => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `POST /users`.
pub(super) async fn create_many(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, _) = known(&s, &request).await?;
    let data = body(request).await?;
    let names: Vec<String> = match serde_json::from_value(data["usernames"].clone()) {
        Ok(names) => names,
        Err(_) => return Err(HubError::new(400, "Must specify at least one user to create")),
    };
    if names.is_empty() {
        return Err(HubError::new(400, "Must specify at least one user to create"));
    }
    let mut made = Vec::new();
    for name in &names {
        made.extend(make(&s, &ctx, name, data["admin"] == true).await?);
    }
    if made.is_empty() {
        return Err(HubError::new(409, format!("All {} users already exist", names.len())));
    }
    Ok(json_reply(201, &json!(made)))
}

/// `POST /users/N`.
pub(super) async fn create(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, _) = known(&s, &request).await?;
    let (p, request) = path::<UserPath>(request).await?;
    let data = body(request).await?;
    match make(&s, &ctx, &p.user, data["admin"] == true).await? {
        Some(model) => Ok(json_reply(201, &model)),
        None => Err(HubError::new(409, format!("User {} already exists", p.user))),
    }
}

/// `PATCH /users/N`.
pub(super) async fn change(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, _) = known(&s, &request).await?;
    let (p, request) = path::<UserPath>(request).await?;
    let data = body(request).await?;
    let user = user_of(&s, &ctx, &p.user).await?;
    if data.get("name").and_then(Value::as_str).is_some_and(|name| name != user.name) {
        return Err(HubError::new(400, "a user's name never changes here"));
    }
    let admin = data["admin"].as_bool().ok_or_else(|| HubError::new(400, "nothing to change"))?;
    let mut roles: Vec<String> = user.roles.iter().filter(|role| *role != "admin").cloned().collect();
    if admin {
        roles.push("admin".into());
    } else if roles.is_empty() {
        roles.push("developer".into());
    }
    let patch = UserPatch { roles: Some(roles), ..UserPatch::default() };
    let user = s.identity.update_user(&ctx, &p.user, patch).await?;
    Ok(json_reply(200, &models::user(&s, &user, false).await?.0))
}

/// `DELETE /users/N`.
pub(super) async fn remove(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, _) = known(&s, &request).await?;
    let (p, _) = path::<UserPath>(request).await?;
    let user = user_of(&s, &ctx, &p.user).await?;
    if user.name == ctx.principal().name {
        return Err(HubError::new(400, "Cannot delete yourself!"));
    }
    let (_, rows) = models::user(&s, &user, true).await?;
    if rows.iter().any(|w| w.state.is_active()) {
        return Err(HubError::new(400, format!("{}'s servers run; stop them first", user.name)));
    }
    s.identity.delete_user(&ctx, &p.user).await?;
    Ok(empty(204))
}
