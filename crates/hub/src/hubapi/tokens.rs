//! Tokens.

use super::reply::{HubError, body, empty, json_reply, known, path};
use super::users::user_of;
use super::{S, TokenPath, UserPath, models, scopes};
use axum::extract::{Request, State};
use axum::response::Response;
use castalia_base::{Ctx, Kind};
use castalia_http::PageQuery;
use castalia_identity::{NewToken, Token};
use serde_json::{Value, json};

fn model(token: &Token) -> Value {
    json!({
        "kind": "api_token",
        "id": token.id,
        "user": token.user_name,
        "note": token.name,
        "scopes": token.scopes.clone().unwrap_or_else(|| vec!["inherit".into()]),
        "created": models::time(token.created_at),
        "last_activity": token.used_at.map(models::time),
        "expires_at": token.expires_at.map(models::time),
        "oauth_client": "JupyterHub",
        "session_id": null,
    })
}

/// Nobody gets at tokens with the token of a workspace.
fn refuse_workspaces(ctx: &Ctx) -> Result<(), HubError> {
    match ctx.only_instance() {
        Some(_) => Err(HubError::new(403, "the token of a workspace can't manage tokens")),
        None => Ok(()),
    }
}

async fn of_user(s: &S, ctx: &Ctx, user: &str) -> Result<Vec<Token>, HubError> {
    refuse_workspaces(ctx)?;
    let owner = user_of(s, ctx, user).await?;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let query = PageQuery { after, limit: Some(500) };
        let page = if scopes::is_admin(ctx) && ctx.can_globally("tokens.view") {
            s.identity.all_tokens(ctx, &query).await?
        } else {
            s.identity.tokens(ctx, &query).await?
        };
        all.extend(page.items.into_iter().filter(|t| t.user == owner.id));
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}

pub(super) async fn list(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, _) = known(&s, &request).await?;
    let (p, _) = path::<UserPath>(request).await?;
    let tokens: Vec<Value> = of_user(&s, &ctx, &p.user).await?.iter().map(model).collect();
    Ok(json_reply(200, &json!({"api_tokens": tokens, "oauth_tokens": []})))
}

pub(super) async fn show(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, _) = known(&s, &request).await?;
    let (p, _) = path::<TokenPath>(request).await?;
    let tokens = of_user(&s, &ctx, &p.user).await?;
    let token = tokens.iter().find(|t| t.id.as_str() == p.token);
    token.map(|t| json_reply(200, &model(t))).ok_or_else(|| HubError::new(404, "Token not found"))
}

pub(super) async fn create(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, who) = known(&s, &request).await?;
    refuse_workspaces(&ctx)?;
    let (p, request) = path::<UserPath>(request).await?;
    let data = body(request).await?;
    let owner = user_of(&s, &ctx, &p.user).await?;
    let seconds = data["expires_in"].as_i64().filter(|s| *s > 0);
    // Scopes may be given in our words; JupyterHub's own have no counterpart that would be as narrow.
    let scopes: Option<Vec<String>> = serde_json::from_value(data["scopes"].clone()).ok();
    let foreign = scopes.iter().flatten().find(|scope| scope.contains([':', '!']));
    if let Some(scope) = foreign {
        let text = format!(
            "the scope {scope} can't be given to a token here; use permissions such as workspaces.use"
        );
        return Err(HubError::new(400, text));
    }
    let new = NewToken {
        name: data["note"]
            .as_str()
            .filter(|n| !n.is_empty())
            .unwrap_or("Requested via JupyterHub's API")
            .to_owned(),
        scopes: scopes.filter(|scopes| scopes.iter().all(|scope| scope != "inherit")),
        project: None,
        expires_at: seconds.map(|s| ctx.now().plus_ms(s.saturating_mul(1000))),
    };
    let issued = if owner.id.as_str() == ctx.principal().id {
        s.identity.create_token_as(&ctx, &who, new).await?
    } else {
        ctx.require_globally("tokens.manage")?;
        let theirs = s.identity.ctx_of(&p.user, ctx.request_id()).await?;
        tracing::info!(user = p.user, by = ctx.principal().name, "a token is made for somebody");
        s.identity.create_token(&theirs, new).await?
    };
    let body = json!({
        "kind": "api_token", "id": issued.id, "token": issued.secret, "user": owner.name, "note": issued.name,
        "scopes": issued.scopes.clone().unwrap_or_else(|| vec!["inherit".into()]), "created": models::time(ctx.now()),
        "expires_at": issued.expires_at.map(models::time), "last_activity": null, "session_id": null,
        "oauth_client": "JupyterHub", "roles": [],
    });
    Ok(json_reply(201, &body))
}

pub(super) async fn remove(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, _) = known(&s, &request).await?;
    let (p, _) = path::<TokenPath>(request).await?;
    let tokens = of_user(&s, &ctx, &p.user).await?;
    let token = tokens.iter().find(|t| t.id.as_str() == p.token);
    let token = token.ok_or_else(|| HubError::new(404, "Token not found"))?;
    match s.identity.revoke_token(&ctx, &token.id).await {
        Err(error) if error.kind() == Kind::NotFound => Err(HubError::new(404, "Token not found")),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(empty(204)),
    }
}
