//! `POST /users/N/activity`: a server tells when it was used.

use super::reply::{HubError, body, empty, known, path};
use super::{S, UserPath};
use crate::access::Access;
use axum::extract::{Request, State};
use axum::response::Response;
use castalia_base::Timestamp;
use serde_json::Value;

/// How far in the future a time may lie: clocks differ.
const FUTURE_MS: i64 = 59 * 60 * 1000;

fn time(value: &Value, now: Timestamp) -> Result<Timestamp, HubError> {
    let text = value.as_str().ok_or_else(|| HubError::new(400, "last_activity must be a time"))?;
    // JupyterHub takes a time without a zone for UTC.
    let zoned = text.ends_with('Z') || text.get(10..).is_some_and(|t| t.contains(['+', '-']));
    let text = if zoned { text.to_owned() } else { format!("{text}Z") };
    let at: Timestamp = text.parse().map_err(|_| HubError::new(400, format!("Not a valid time: {text}")))?;
    if at.ms_since(now) > FUTURE_MS {
        return Err(HubError::new(400, "Activity in the future: check your clock"));
    }
    Ok(at)
}

pub(super) async fn post(State(s): State<S>, request: Request) -> Result<Response, HubError> {
    let (ctx, _) = known(&s, &request).await?;
    let (p, request) = path::<UserPath>(request).await?;
    let data = body(request).await?;
    if ctx.principal().name != p.user && !super::scopes::is_admin(&ctx) {
        return Err(HubError::new(404, format!("No such user: {}", p.user)));
    }
    let servers = data["servers"].as_object();
    if data.get("last_activity").is_none() && servers.is_none_or(serde_json::Map::is_empty) {
        return Err(HubError::new(400, "body must have a `last_activity` or `servers`"));
    }
    if let Some(own) = data.get("last_activity") {
        time(own, ctx.now())?;
    }
    // All are checked before any is changed.
    let mut told = Vec::new();
    for (name, server) in servers.into_iter().flatten() {
        let found = s.find(&ctx, name, "workspaces.use", Access::Use).await;
        let w = match found {
            Ok((w, _)) if w.owner_name == p.user => w,
            Err(error) if error.kind() == castalia_base::Kind::Forbidden => return Err(error.into()),
            _ => return Err(HubError::new(400, format!("No such server '{name}' for user {}", p.user))),
        };
        told.push((w, time(&server["last_activity"], ctx.now())?));
    }
    for (w, at) in &told {
        s.note_activity(w, (*at).min(ctx.now())).await?;
    }
    Ok(empty(200))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_with_and_without_zone() {
        let now = Timestamp(1_764_000_000_000);
        let read = |text: &str| time(&json!(text), now).map(|t| t.0).map_err(|e| e.status);
        assert_eq!(read("2025-11-24T16:00:00.000000Z"), Ok(now.0));
        assert_eq!(read("2025-11-24T16:00:00"), Ok(now.0));
        assert_eq!(read("2025-11-24T17:00:00+01:00"), Ok(now.0));
        assert_eq!(read("2025-11-24T17:30:00Z"), Err(400), "too far in the future");
        assert_eq!(read("soon"), Err(400));
        assert_eq!(time(&json!(5), now).map_err(|e| e.status), Err(400));
    }
}
