//! Users and servers as JupyterHub shows them.

use super::S;
use crate::model::State;
use crate::store::{self, WorkspaceRow};
use castalia_base::{Error, Timestamp};
use castalia_identity::User;
use serde_json::{Map, Value, json};

/// JupyterHub writes microseconds and `Z`.
pub(crate) fn time(at: Timestamp) -> String {
    at.to_string().replace('Z', "000Z")
}

/// The model of a server.
pub(crate) fn server(s: &S, w: &WorkspaceRow) -> Value {
    let pending = match w.state {
        State::Queued | State::Starting => Some("spawn"),
        State::Stopping => Some("stop"),
        _ => None,
    };
    let path = s.prefix_of(w);
    let progress = format!("{}hub/api/users/{}/servers/{}/progress", s.config.base, w.owner_name, w.name);
    let host = s.config.public_url.trim_end_matches('/');
    let host = host.strip_suffix(s.config.base.trim_end_matches('/')).unwrap_or(host);
    json!({
        "name": w.name,
        "display_name": w.title,
        "full_name": format!("{}/{}", w.owner_name, w.name),
        "last_activity": last_activity(s, w).map(time),
        "started": w.started_at.map(time),
        "pending": pending,
        "ready": w.state == State::Ready,
        "stopped": matches!(w.state, State::Stopped | State::Failed),
        "url": path,
        "full_url": format!("{host}{path}"),
        "progress_url": progress,
        "full_progress_url": format!("{host}{progress}"),
        "user_options": {"service": w.service, "profile": w.profile},
        "state": {"state": w.state, "health": w.health, "reason": w.reason},
    })
}

/// When a workspace was used last: what was written down, or what passed the proxy since.
pub(crate) fn last_activity(s: &S, w: &WorkspaceRow) -> Option<Timestamp> {
    let passed = s.doors.route(&w.id).map(|route| route.activity()).filter(|seen| seen.total > 0);
    w.last_activity.max(passed.map(|seen| seen.last))
}

/// The model of a user with its servers; stopped ones only when asked for.
pub(crate) async fn user(s: &S, user: &User, stopped: bool) -> Result<(Value, Vec<WorkspaceRow>), Error> {
    let rows = store::of_owner(&mut s.db.read(), user.id.as_str()).await?;
    let shown = |w: &&WorkspaceRow| stopped || w.state.is_active() || w.state == State::Queued;
    let servers: Map<String, Value> =
        rows.iter().filter(shown).map(|w| (w.name.clone(), server(s, w))).collect();
    let active = rows.iter().filter_map(|w| last_activity(s, w)).max().max(user.signed_in_at);
    let default = rows.iter().find(|w| w.service == super::servers::DEFAULT && w.state == State::Ready);
    let pending =
        rows.iter().find(|w| w.state.is_active() && w.state != State::Ready).map(|w| match w.state {
            State::Stopping => "stop",
            _ => "spawn",
        });
    let admin = user.roles.iter().any(|role| role == "admin");
    let model = json!({
        "kind": "user",
        "name": user.name,
        "admin": admin,
        "roles": if admin { json!(["user", "admin"]) } else { json!(["user"]) },
        "groups": [],
        "server": default.map(|w| s.prefix_of(w)),
        "pending": pending,
        "created": time(user.created_at),
        "last_activity": active.map(time),
        "servers": servers,
        "auth_state": null,
    });
    Ok((model, rows))
}
