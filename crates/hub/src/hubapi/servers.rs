//! Servers: workspaces under their JupyterHub names.

use super::reply::{HubError, body, empty, json_reply, known, path};
use super::users::user_of;
use super::{S, ServerPath, UserPath, models};
use crate::access::Access;
use crate::model::{Open, State as WorkspaceState};
use crate::progress::Query;
use crate::store::{self, WorkspaceRow};
use axum::extract::{Request, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use castalia_base::{Ctx, Kind};
use futures::StreamExt;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::time::Duration;

/// The service of the default server.
pub(super) const DEFAULT: &str = "lab";

/// How long a start is waited for before the answer is 202, as in JupyterHub.
const SLOW: Duration = Duration::from_secs(10);

fn no_server(user: &str, server: &str) -> HubError {
    HubError::new(404, format!("{user} has no server named {server:?}"))
}

/// The workspace that a path means; the empty name is the newest of the default service.
async fn find(
    s: &S,
    ctx: &Ctx,
    p: &ServerPath,
    permission: &str,
    needs: Access,
) -> Result<WorkspaceRow, HubError> {
    let user = &p.user;
    if p.server.is_empty() {
        let owner = user_of(s, ctx, user).await?;
        let rows = store::of_owner(&mut s.db.read(), owner.id.as_str()).await?;
        let default = rows.into_iter().find(|w| w.service == DEFAULT).ok_or_else(|| no_server(user, ""))?;
        return Ok(s.find(ctx, &default.id, permission, needs).await?.0);
    }
    match s.find(ctx, &p.server, permission, needs).await {
        Ok((w, _)) if w.owner_name == *user => Ok(w),
        Ok(_) => Err(no_server(user, &p.server)),
        Err(error) if error.kind() == Kind::NotFound => Err(no_server(user, &p.server)),
        Err(error) => Err(error.into()),
    }
}

async fn show_it(s: &S, request: Request, p: ServerPath) -> Result<Response, HubError> {
    let (ctx, _) = known(s, &request).await?;
    let w = find(s, &ctx, &p, "workspaces.view", Access::View).await?;
    Ok(json_reply(200, &models::server(s, &w)))
}

/// What a script asks for: `user_options`, or the old style with the options bare.
fn options(data: &Value) -> (Value, Option<String>) {
    let title = data["display_name"].as_str().map(str::to_owned);
    let options =
        if data.get("user_options").is_some() { data["user_options"].clone() } else { data.clone() };
    (options, title)
}

async fn start_it(s: &S, request: Request, p: ServerPath) -> Result<Response, HubError> {
    let (ctx, who) = known(s, &request).await?;
    let (options, title) = options(&body(request).await?);
    // Somebody who looks after the installation starts it for the user.
    let ctx = if ctx.principal().name == p.user {
        ctx
    } else {
        user_of(s, &ctx, &p.user).await?;
        tracing::info!(user = p.user, by = ctx.principal().name, token = ?who.token, "a server is started for somebody");
        s.identity.ctx_of(&p.user, ctx.request_id()).await?
    };
    let word = |name: &str| options[name].as_str().map(str::to_owned);
    let existing = find(s, &ctx, &p, "workspaces.open", Access::Manage).await;
    let open = match existing {
        Ok(w) if w.state == WorkspaceState::Ready => {
            return Err(HubError::new(400, format!("{} is already running", w.name)));
        }
        Ok(w) if w.state.is_active() || w.state == WorkspaceState::Queued => {
            return Err(HubError::new(400, format!("{} is pending", w.name)));
        }
        Ok(w) => Open { workspace: Some(w.id), profile: word("profile"), ..Open::default() },
        // A name that nothing has yet is the name of a service.
        Err(error) if error.status == 404 => {
            let named = Some(p.server.clone()).filter(|name| !name.is_empty());
            let service = word("service").or(named).unwrap_or_else(|| DEFAULT.to_owned());
            Open {
                service: Some(service),
                project: word("project"),
                profile: word("profile"),
                title,
                new: true,
                ..Open::default()
            }
        }
        Err(error) => return Err(error),
    };
    let view = s.open(&ctx, open).await?;
    let status = wait(s, &view.id, SLOW).await?;
    let Some(w) = store::find(&mut s.db.read(), &view.id).await? else {
        return Err(no_server(&p.user, &p.server));
    };
    match status {
        WorkspaceState::Ready => Ok(json_reply(201, &models::server(s, &w))),
        WorkspaceState::Failed | WorkspaceState::Stopped => {
            let why = w.reason.unwrap_or_default();
            Err(HubError::new(500, format!("{} did not start: {why}", w.name)))
        }
        _ => Ok(json_reply(202, &models::server(s, &w))),
    }
}

/// Waits until a workspace neither waits nor starts nor stops, at most so long. Returns its state then.
async fn wait(s: &S, id: &str, limit: Duration) -> Result<WorkspaceState, HubError> {
    let until = tokio::time::Instant::now() + limit;
    let changed = s.changes();
    loop {
        let notified = changed.notified();
        tokio::pin!(notified);
        notified.as_mut().enable();
        let w = store::find(&mut s.db.read(), id).await?;
        let state = w.map_or(WorkspaceState::Stopped, |w| w.state);
        let pending =
            !matches!(state, WorkspaceState::Ready | WorkspaceState::Failed | WorkspaceState::Stopped);
        if !pending || tokio::time::Instant::now() >= until {
            return Ok(state);
        }
        let _ = tokio::time::timeout_at(
            until.min(tokio::time::Instant::now() + Duration::from_secs(1)),
            notified,
        )
        .await;
    }
}

async fn stop_it(s: &S, request: Request, p: ServerPath) -> Result<Response, HubError> {
    let (ctx, _) = known(s, &request).await?;
    let remove = body(request).await?["remove"] == true;
    let w = find(s, &ctx, &p, "workspaces.manage", Access::Manage).await?;
    s.stop(&ctx, &w.id).await?;
    let until = tokio::time::Instant::now() + SLOW;
    loop {
        let left = until.saturating_duration_since(tokio::time::Instant::now());
        match wait(s, &w.id, left).await? {
            WorkspaceState::Stopped | WorkspaceState::Failed => break,
            // It was ready a moment ago; the wish to stop is recorded already.
            WorkspaceState::Ready if !left.is_zero() => {}
            _ => return Ok(empty(202)),
        }
    }
    if remove {
        s.delete(&ctx, &w.id).await?;
    }
    Ok(empty(204))
}

async fn progress_of(s: &S, request: Request, p: ServerPath) -> Result<Response, HubError> {
    let (ctx, _) = known(s, &request).await?;
    let w = find(s, &ctx, &p, "workspaces.view", Access::View).await?;
    if matches!(w.state, WorkspaceState::Stopped) {
        return Err(HubError::new(400, format!("{} is not starting", w.name)));
    }
    let url = s.prefix_of(&w);
    let items = s.progress_items(&ctx, &w.id, Query::default()).await?;
    let events = items.filter_map(move |item| {
        let event = hub_event(&item, &url);
        async move { event.map(|event| Ok::<_, Infallible>(Event::default().data(event.to_string()))) }
    });
    Ok(Sse::new(events).into_response())
}

/// One step of ours as an event of JupyterHub.
fn hub_event(item: &Value, url: &str) -> Option<Value> {
    let said = |progress: i64, message: String| Some(json!({"progress": progress, "message": message}));
    match item["type"].as_str()? {
        "queue" => said(0, format!("Waiting for room, number {} in the queue", item["position"])),
        "stage" => match item["stage"]["stage"].as_str()? {
            "queued" => said(0, "Server requested".into()),
            "admitted" => said(20, "Starting the server".into()),
            "started" => said(50, "Waiting for the server to answer".into()),
            _ => None,
        },
        "log" => said(50, item["line"]["line"].as_str()?.to_owned()),
        "end" => Some(match item["workspace"]["state"].as_str()? {
            "ready" => json!({
                "progress": 100, "ready": true, "url": url, "message": format!("Server ready at {url}"),
                "html_message": format!("Server ready at <a href=\"{url}\">{url}</a>"),
            }),
            _ => json!({
                "progress": 100, "failed": true,
                "message": format!("Spawn failed: {}", item["workspace"]["reason"].as_str().unwrap_or_default()),
            }),
        }),
        _ => None,
    }
}

async fn named(request: Request) -> Result<(ServerPath, Request), HubError> {
    path::<ServerPath>(request).await
}
async fn default(request: Request) -> Result<(ServerPath, Request), HubError> {
    let (p, request) = path::<UserPath>(request).await?;
    Ok((ServerPath { user: p.user, server: String::new() }, request))
}

macro_rules! both {
    ($($name:ident, $name_default:ident => $run:ident),*) => {$(
        pub(super) async fn $name(State(s): State<S>, request: Request) -> Result<Response, HubError> {
            let (p, request) = named(request).await?;
            $run(&s, request, p).await
        }
        pub(super) async fn $name_default(State(s): State<S>, request: Request) -> Result<Response, HubError> {
            let (p, request) = default(request).await?;
            $run(&s, request, p).await
        }
    )*};
}
both!(
    show, show_default => show_it,
    start, start_default => start_it,
    stop, stop_default => stop_it,
    progress, progress_default => progress_of
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_become_events_that_jupyterhubs_clients_read() {
        let ready = json!({"type": "end", "workspace": {"state": "ready"}});
        let event = hub_event(&ready, "/user/a/b/").expect("an event");
        assert_eq!((event["ready"].clone(), event["progress"].clone()), (json!(true), json!(100)));
        let failed = json!({"type": "end", "workspace": {"state": "failed", "reason": "exit code 3"}});
        let event = hub_event(&failed, "/").expect("an event");
        assert_eq!(event["failed"], true);
        assert!(event["message"].as_str().expect("text").contains("exit code 3"));
    }

    #[test]
    fn options_come_in_two_styles() {
        assert_eq!(options(&json!({"profile": "large"})).0["profile"], "large");
        assert_eq!(
            options(&json!({"user_options": {"profile": "large"}, "display_name": "T"})).1.as_deref(),
            Some("T")
        );
    }
}
