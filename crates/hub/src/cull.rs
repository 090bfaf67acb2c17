//! The idle culler: gathers facts, asks [`crate::idle`], and does what it says.

use crate::Service;
use crate::definition::{Ask, Mode};
use crate::idle::{Busy, Facts, Verdict, decide};
use crate::model::{IdleView, State};
use crate::service::workspace_event;
use crate::store::{self, WorkspaceRow};
use castalia_base::{Ctx, Error, Timestamp};
use castalia_events::append;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often all workspaces are looked at, unless one is due before.
const EVERY: Duration = Duration::from_secs(30);
/// How long a program may take to say what is busy.
const ASK_LIMIT: Duration = Duration::from_secs(5);
/// For how long a terminal counts as busy after something was written in it: longer than the pause between two looks.
const TERMINAL_MS: i64 = 90_000;

/// What was last said of each workspace.
#[derive(Default)]
pub(crate) struct IdleViews(Mutex<HashMap<String, (i64, IdleView)>>);

impl IdleViews {
    fn put(&self, w: &WorkspaceRow, view: IdleView) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(w.id.clone(), (w.run, view));
    }
    pub(crate) fn get(&self, w: &WorkspaceRow) -> Option<IdleView> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&w.id).filter(|(run, _)| *run == w.run).map(|(_, view)| view.clone())
    }
    fn keep_only(&self, ids: &[String]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| ids.contains(id));
    }
}

pub(crate) async fn run(service: Arc<Service>) {
    loop {
        service.lease.wait().await;
        let next = match service.cull_now().await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(error = error.chain(), "idle workspaces can't be looked for; trying again");
                EVERY
            }
        };
        let changed = service.changes();
        tokio::select! {
            () = tokio::time::sleep(next.clamp(Duration::from_millis(200), EVERY)) => {}
            // A workspace that has just become ready may be due sooner than all others.
            () = changed.notified() => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

impl Service {
    /// Looks at every ready workspace once. Returns after how long it is worth looking again.
    async fn cull_now(&self) -> Result<Duration, Error> {
        let ctx = self.system();
        let rows = store::active(&mut self.db.read(), &self.config.installation).await?;
        let ready: Vec<WorkspaceRow> = rows.into_iter().filter(|w| w.state == State::Ready).collect();
        metrics::gauge!("castalia_workspaces_ready").set(ready.len() as f64);
        self.idle.keep_only(&ready.iter().map(|w| w.id.clone()).collect::<Vec<_>>());
        let mut next = EVERY;
        for w in &ready {
            // One that waits to be claimed is idle by its nature.
            if w.is_unclaimed() {
                continue;
            }
            match self.look_at(&ctx, w).await {
                Ok(due) => next = next.min(due),
                Err(error) => {
                    tracing::warn!(error = error.chain(), workspace = w.name, "idleness can't be judged")
                }
            }
        }
        Ok(next)
    }

    async fn look_at(&self, ctx: &Ctx, w: &WorkspaceRow) -> Result<Duration, Error> {
        let facts = self.facts(w).await?;
        let now = ctx.now();
        let verdict = decide(&w.definition.idle, &facts, now.0);
        let view = |text: &str, stops_at: Option<i64>| IdleView {
            text: text.to_owned(),
            last_activity: Some(Timestamp(facts.last_activity)),
            stops_at: stops_at.map(Timestamp),
            warned: facts.warned_at.is_some_and(|at| at >= facts.last_activity),
        };
        match verdict {
            Verdict::Keep(text) => {
                self.idle.put(w, view(&text, None));
                Ok(EVERY)
            }
            Verdict::Waits { stops_at, text, warn } => {
                self.idle.put(w, view(&text, Some(stops_at)));
                if warn {
                    self.warn(ctx, w, Timestamp(stops_at), &text).await?;
                }
                let warning = i64::try_from(w.definition.idle.warning.0.as_millis()).unwrap_or_default();
                let due = if warn || facts.warned_at.is_some() { stops_at } else { stops_at - warning };
                Ok(Duration::from_millis(u64::try_from(due - now.0).unwrap_or_default()))
            }
            Verdict::Cull(text) => {
                if self.stop_for(ctx, w, &text, "idle").await? {
                    metrics::counter!("castalia_workspaces_culled_total").increment(1);
                    tracing::info!(workspace = w.name, reason = text, "idle workspace is stopped");
                }
                Ok(EVERY)
            }
        }
    }

    async fn warn(&self, ctx: &Ctx, w: &WorkspaceRow, stops_at: Timestamp, text: &str) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        if store::set_warned(&mut tx, &w.id, ctx.now()).await? {
            let data = json!({"stops_at": stops_at, "text": text});
            append(&mut tx, ctx, vec![workspace_event(w, "workspace.idle_warning", data)]).await?;
            tx.commit().await?;
            tracing::info!(workspace = w.name, %stops_at, reason = text, "warned before an idle workspace is stopped");
        }
        Ok(())
    }

    /// What is known about a workspace; what passed the proxy is written down, so that a restart of the server does not
    /// forget it.
    async fn facts(&self, w: &WorkspaceRow) -> Result<Facts, Error> {
        let mut facts = Facts {
            since: w.ready_at.unwrap_or(w.created_at).0,
            last_activity: w.last_activity.unwrap_or(w.created_at).0,
            kept_until: w.kept_until.map(|t| t.0),
            warned_at: w.warned_at.map(|t| t.0),
            ..Facts::default()
        };
        if let Some(route) = self.doors.route(&w.id) {
            let seen = route.activity();
            (facts.sockets, facts.requests) = (seen.sockets, seen.requests.saturating_sub(seen.sockets));
            // A fresh route says the time at which it was made, which is no activity.
            if seen.total > 0 && seen.last.0 > facts.last_activity {
                facts.last_activity = seen.last.0;
                self.note_activity(w, seen.last).await?;
            }
        }
        match w.definition.idle.ask {
            Ask::None => {}
            Ask::Jupyter => match self.ask_jupyter(w).await {
                Ok(busy) => facts.busy = busy,
                Err(why) => {
                    tracing::debug!(workspace = w.name, why, "a workspace does not say what is busy");
                    facts.silent = w.health == crate::Health::Healthy;
                }
            },
            Ask::Heartbeat => {
                if let Some(at) = self.ask_heartbeat(w).await
                    && at > facts.last_activity
                {
                    facts.last_activity = at;
                    self.note_activity(w, Timestamp(at)).await?;
                }
            }
        }
        Ok(facts)
    }

    async fn ask(&self, w: &WorkspaceRow, path: &str) -> Result<Value, String> {
        let port = w.port.ok_or("it has no port")?;
        let prefix = match w.definition.prefix() {
            crate::Prefix::Keep => self.prefix_of(w),
            crate::Prefix::Strip => "/".to_owned(),
        };
        let mut request = self.http.get(format!("http://127.0.0.1:{port}{prefix}{path}")).timeout(ASK_LIMIT);
        if w.definition.mode == Mode::Jupyterhub {
            let secret = self.secret_for_us(w).await.map_err(|e| e.chain())?;
            request = request.header("authorization", format!("token {secret}"));
        }
        let answer = request.send().await.map_err(|e| e.to_string())?;
        let answer = answer.error_for_status().map_err(|e| e.to_string())?;
        answer.json().await.map_err(|e| e.to_string())
    }

    /// A token with which we ask a workspace's program: that of its run. Of one that was adopted only the digest of it
    /// is known, so it gets one of its owner's that reaches the workspace alone, as a visitor's request does.
    async fn secret_for_us(&self, w: &WorkspaceRow) -> Result<String, Error> {
        match &w.sealed_secret {
            Some(_) => self.secret_of(w),
            None => self.stand_in_of(&w.owner_id.parse()?, w, self.clock.now()).await,
        }
    }

    /// Kernels and terminals that work. `no_track_activity` keeps our question from being activity.
    async fn ask_jupyter(&self, w: &WorkspaceRow) -> Result<Vec<Busy>, String> {
        let kernels = self.ask(w, "api/kernels?no_track_activity=1").await?;
        let mut busy = busy_kernels(&kernels);
        // A server may have been started without terminals.
        if let Ok(terminals) = self.ask(w, "api/terminals?no_track_activity=1").await {
            busy.extend(busy_terminals(&terminals, self.clock.now()));
        }
        Ok(busy)
    }

    /// The last heartbeat of an IDE server, which it counts while somebody is there.
    async fn ask_heartbeat(&self, w: &WorkspaceRow) -> Option<i64> {
        self.ask(w, "healthz").await.ok()?["lastHeartbeat"].as_i64()
    }
}

fn time_of(value: &Value) -> Option<i64> {
    value["last_activity"].as_str()?.parse::<Timestamp>().ok().map(|t| t.0)
}

fn busy_kernels(kernels: &Value) -> Vec<Busy> {
    let busy = kernels.as_array().into_iter().flatten().filter(|k| k["execution_state"] == "busy");
    busy.map(|kernel| Busy {
        what: format!("kernel {}", kernel["name"].as_str().unwrap_or_default()).trim().to_owned(),
        since: time_of(kernel),
    })
    .collect()
}

/// A terminal says only when something was last written in it, by its user or by a program: one in which that was a
/// moment ago works.
fn busy_terminals(terminals: &Value, now: Timestamp) -> Vec<Busy> {
    let recent = |t: &&Value| time_of(t).is_some_and(|at| now.0 - at < TERMINAL_MS);
    let busy = terminals.as_array().into_iter().flatten().filter(recent);
    busy.map(|t| Busy { what: format!("terminal {}", t["name"].as_str().unwrap_or_default()), since: None })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_busy_while_something_is_written_in_it() {
        let now: Timestamp = "2026-11-21T14:02:30Z".parse().expect("a time");
        let list = json!([
            {"name": "1", "last_activity": "2026-11-21T14:02:01.000000Z"},
            {"name": "2", "last_activity": "2026-11-21T13:00:00.000000Z"},
            {"name": "3"},
        ]);
        let busy: Vec<String> = busy_terminals(&list, now).into_iter().map(|b| b.what).collect();
        assert_eq!(busy, ["terminal 1"]);
        assert_eq!(busy_terminals(&json!({"message": "no terminals"}), now), []);
    }
}
