//! From let in to ended: what the reconciler of `compute` asks and tells.

use crate::Service;
use crate::model::{ExitView, State};
use crate::service::workspace_event;
use crate::store::{self, End, WorkspaceRow};
use async_trait::async_trait;
use castalia_base::{Error, Timestamp};
use castalia_compute::{
    Cause, Exit, Observed, Owner, OwnerError, Progress, Settled, StopRequest, UnitId, UnitSpec, Wanted,
};
use castalia_db::Tx;
use castalia_events::append;
use serde_json::json;
use std::sync::Arc;

/// What an end means for the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) state: State,
    pub(crate) code: String,
    pub(crate) reason: String,
}

/// Under this name a row's options count the ports that were lost to other programs.
const PORT_TRIES: &str = "lost_ports";
/// So many are lost before a start fails.
const MOST_PORTS: i64 = 3;

/// Stop codes that mean that the start or the run failed.
pub(crate) const NOT_READY: &str = "not_ready";

/// Decides state and reason by how the program ended. `last_line` is the last thing it said. Pure.
pub(crate) fn judge(exit: &Exit, w: &WorkspaceRow, last_line: Option<&str>) -> Verdict {
    let verdict = |state, code: &str, reason: String| Verdict { state, code: code.into(), reason };
    let said = last_line.map(|line| format!(": {line}")).unwrap_or_default();
    // Whoever asked it to stop knows why it ended, however it went about it.
    if let (Some(reason), Some(code)) = (&w.stop_reason, &w.stop_code)
        && !matches!(exit.cause, Cause::Lost { .. } | Cause::NotStarted { .. })
    {
        let state = if code == NOT_READY { State::Failed } else { State::Stopped };
        let said = if state == State::Failed { said } else { String::new() };
        return verdict(state, code, format!("{reason}{said}"));
    }
    let when = if w.ready_at.is_some() { "" } else { " before it was ready" };
    match &exit.cause {
        Cause::Exited if exit.success() && w.ready_at.is_some() => {
            verdict(State::Stopped, "exited", "its program ended by itself".into())
        }
        Cause::Exited => match (exit.code, exit.signal) {
            (_, Some(signal)) => {
                verdict(State::Failed, "signal", format!("ended by signal {signal}{when}{said}"))
            }
            (code, None) => {
                let code = code.unwrap_or(-1);
                verdict(State::Failed, "exit_code", format!("ended with exit code {code}{when}{said}"))
            }
        },
        Cause::Stopped { reason } => verdict(State::Stopped, "stopped", reason.clone()),
        Cause::Deadline => verdict(State::Stopped, "deadline", "its time was over".into()),
        Cause::Memory => {
            let mb = w.resources.memory_mb;
            verdict(State::Failed, "memory", format!("used more than its {mb} MiB of memory{when}"))
        }
        Cause::Storage => {
            let mb = w.resources.storage_mb;
            verdict(State::Failed, "storage", format!("wrote more than its {mb} MiB of storage{when}"))
        }
        Cause::Lost { why } => verdict(State::Failed, "lost", format!("its end was not seen: {why}")),
        Cause::NotStarted { why } => {
            verdict(State::Failed, "not_started", format!("it could not be started: {why}"))
        }
    }
}

/// The service as the owner of its units.
pub(crate) struct Units(pub(crate) Arc<Service>);

fn wanted(w: &WorkspaceRow) -> Result<Wanted, OwnerError> {
    let stop = w.stop_reason.clone().map(|reason| StopRequest { reason, grace: w.definition.grace.0 });
    Ok(Wanted { id: w.unit_name().parse()?, started: w.started_at.is_some(), stop })
}

impl Units {
    /// The workspace whose newest run the unit is.
    async fn row(&self, id: &UnitId) -> Result<Option<WorkspaceRow>, Error> {
        let Some((workspace, run)) = store::of_unit(id.as_str()) else { return Ok(None) };
        let found = store::find(&mut self.0.db.read(), &workspace).await?;
        Ok(found.filter(|w| w.run == run && w.node == self.0.config.installation))
    }
}

#[async_trait]
impl Owner for Units {
    fn name(&self) -> &str {
        "workspaces"
    }

    async fn wanted(&self) -> Result<Vec<Wanted>, OwnerError> {
        self.0.in_charge().await?;
        let active = store::active(&mut self.0.db.read(), &self.0.config.installation).await?;
        active.iter().map(wanted).collect()
    }

    async fn want(&self, id: &UnitId) -> Result<Option<Wanted>, OwnerError> {
        self.0.in_charge().await?;
        let row = self.row(id).await?.filter(|w| w.state.is_active());
        row.as_ref().map(wanted).transpose()
    }

    async fn spec(&self, id: &UnitId) -> Result<UnitSpec, OwnerError> {
        let w = self.row(id).await?.ok_or("no such workspace")?;
        Ok(self.0.unit_spec(&w, id.clone())?)
    }

    async fn running(&self, id: &UnitId, since: i64) -> Result<(), OwnerError> {
        if let Some(w) = self.row(id).await? {
            self.0.set_started(w, Timestamp(since)).await?;
        }
        Ok(())
    }

    async fn progress(&self, id: &UnitId, progress: &Progress) {
        tracing::debug!(unit = %id, fraction = progress.fraction, "a workspace told how far it is");
    }

    async fn ended(&self, id: &UnitId, exit: &Exit) -> Result<Settled, OwnerError> {
        self.0.in_charge().await?;
        match self.row(id).await? {
            Some(w) => Ok(self.0.record_end(w, id, exit).await?),
            None => Ok(self.0.end_of_unclaimed(id, exit).await?),
        }
    }

    async fn orphan(&self, observed: &Observed) {
        self.0.note_orphan(observed).await;
    }
}

impl Service {
    async fn set_started(self: &Arc<Self>, w: WorkspaceRow, since: Timestamp) -> Result<(), Error> {
        let ctx = self.system();
        let mut tx = self.db.begin().await?;
        if store::set_started(&mut tx, &w.id, w.run, since).await? {
            store::add_stage(&mut tx, (&w.id, w.run), "started", None, since).await?;
            let data = json!({"state": "starting", "started_at": since});
            append(&mut tx, &ctx, vec![workspace_event(&w, "workspace.started", data)]).await?;
            tx.commit().await?;
        }
        self.fault("running");
        self.watch(&w.id, w.run);
        Ok(())
    }

    /// Marks a workspace as ready, once.
    pub(crate) async fn set_ready(&self, w: &WorkspaceRow, at: Timestamp, what: &str) -> Result<(), Error> {
        let ctx = self.system();
        let mut tx = self.db.begin().await?;
        if !store::set_ready(&mut tx, &w.id, w.run, at).await? {
            return Ok(());
        }
        store::add_stage(&mut tx, (&w.id, w.run), "ready", Some(what), at).await?;
        // How long the program took; the queue is not its fault.
        let boot = w.started_at.map_or(0, |started| at.ms_since(started)).max(0);
        store::add_boot(&mut tx, &w.service, at, boot).await?;
        let waited = w.queued_at.map_or(boot, |queued| at.ms_since(queued)).max(0);
        let data = json!({"state": "ready", "boot_ms": boot, "ready_ms": waited, "url": self.prefix_of(w)});
        append(&mut tx, &ctx, vec![workspace_event(w, "workspace.ready", data)]).await?;
        tx.commit().await?;
        self.fault("ready");
        let service = w.service.clone();
        metrics::histogram!("castalia_workspace_ready_seconds", "service" => service.clone())
            .record(waited as f64 / 1000.0);
        metrics::counter!("castalia_workspace_starts_total", "service" => service, "result" => "ready")
            .increment(1);
        tracing::info!(workspace = w.name, boot_ms = boot, ready_ms = waited, "workspace is ready");
        self.admit.notify_one();
        Ok(())
    }

    /// Records an end: log kept, credentials dead, door shut. May be called again after a crash at any place in it.
    async fn record_end(&self, w: WorkspaceRow, unit: &UnitId, exit: &Exit) -> Result<Settled, Error> {
        if !w.state.is_active() {
            return Ok(Settled::Recorded);
        }
        self.fault("ended");
        let (log_lines, last_line) = self.keep_log(&w, unit).await?;
        self.fault("kept");
        let verdict = judge(exit, &w, last_line.as_deref());
        let view = ExitView {
            code: exit.code,
            signal: exit.signal,
            cpu_ms: exit.usage.cpu_ms,
            max_rss_kb: exit.usage.max_rss_kb,
        };
        let end = End {
            state: verdict.state,
            reason: &verdict.reason,
            code: &verdict.code,
            started_at: exit.started_at.map(Timestamp),
            ended_at: Timestamp(exit.ended_at),
            exit: Some(&view),
            log_lines,
        };
        let ctx = self.system();
        let mut tx = self.db.begin().await?;
        if !store::finish(&mut tx, &w.id, w.run, &end).await? {
            return Ok(Settled::Recorded);
        }
        self.identity.end_instance(&mut tx, &w.id).await?;
        if let Some(port) = lost_port(exit, &w) {
            return self.try_another_port(tx, w, port).await;
        }
        let stage = verdict.state.as_str();
        store::add_stage(&mut tx, (&w.id, w.run), stage, Some(&verdict.reason), end.ended_at).await?;
        let kind = if verdict.state == State::Failed { "workspace.failed" } else { "workspace.stopped" };
        let data =
            json!({"state": stage, "reason": verdict.reason, "reason_code": verdict.code, "exit": view});
        append(&mut tx, &ctx, vec![workspace_event(&w, kind, data)]).await?;
        tx.commit().await?;
        self.fault("settled");
        self.identity.forget();
        self.shut(&w.id);
        if w.ready_at.is_none() && verdict.state == State::Failed {
            let service = w.service.clone();
            metrics::counter!("castalia_workspace_starts_total", "service" => service, "result" => "failed")
                .increment(1);
        }
        metrics::counter!("castalia_workspace_ends_total", "reason" => verdict.code.clone()).increment(1);
        tracing::info!(
            workspace = w.name,
            state = stage,
            reason = verdict.reason,
            code = verdict.code,
            "workspace has ended"
        );
        self.admit.notify_one();
        Ok(Settled::Recorded)
    }

    /// Puts a workspace whose port was taken before its program could into the queue again, in the transaction that
    /// has recorded its end.
    async fn try_another_port(&self, mut tx: Tx, w: WorkspaceRow, port: u16) -> Result<Settled, Error> {
        let ctx = self.system();
        store::enqueue(&mut tx, &w, ctx.now()).await?;
        let tries = w.options[PORT_TRIES].as_i64().unwrap_or_default() + 1;
        let mut options = w.options.clone();
        options[PORT_TRIES] = json!(tries);
        store::set_options(&mut tx, &w.id, &options).await?;
        let note = format!("another program had taken its port {port}; tried again with another");
        let next = WorkspaceRow { run: w.run + 1, ..w };
        store::remove_stages(&mut tx, &next.id, next.run - 4).await?;
        store::add_stage(&mut tx, (&next.id, next.run), "queued", Some(&note), ctx.now()).await?;
        let data = json!({"state": "queued", "service": next.service, "reason": note});
        append(&mut tx, &ctx, vec![workspace_event(&next, "workspace.queued", data)]).await?;
        tx.commit().await?;
        self.identity.forget();
        self.shut(&next.id);
        tracing::warn!(workspace = next.name, port, "a port was taken by another program; tried again");
        self.admit.notify_one();
        Ok(Settled::Recorded)
    }
}

/// The port that another program took before this workspace's could, if that may be why it ended and another try is
/// worth it.
fn lost_port(exit: &Exit, w: &WorkspaceRow) -> Option<u16> {
    let failed = exit.cause == Cause::Exited && !exit.success();
    let tried = w.options[PORT_TRIES].as_i64().unwrap_or_default();
    let may = failed && w.ready_at.is_none() && w.stop_reason.is_none() && tried < MOST_PORTS;
    w.port.filter(|port| may && crate::ports::taken_by_another(*port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::tests::row;
    use castalia_compute::Usage;

    fn exit(cause: Cause, code: Option<i32>, signal: Option<i32>) -> Exit {
        Exit { code, signal, usage: Usage::default(), ..Exit::without_run(cause, 0) }
    }

    #[test]
    fn each_way_to_end_has_its_state_and_its_words() {
        let starting = WorkspaceRow { state: State::Starting, ready_at: None, ..row() };
        let v = judge(&exit(Cause::Exited, Some(3), None), &starting, Some("no module named x"));
        assert_eq!((v.state, v.code.as_str()), (State::Failed, "exit_code"));
        assert_eq!(v.reason, "ended with exit code 3 before it was ready: no module named x");
        // Even a good exit is none before it was ready.
        assert_eq!(judge(&exit(Cause::Exited, Some(0), None), &starting, None).state, State::Failed);
        let ready = WorkspaceRow { ready_at: Some(Timestamp(1)), ..row() };
        assert_eq!(judge(&exit(Cause::Exited, Some(0), None), &ready, None).state, State::Stopped);
        let killed = judge(&exit(Cause::Exited, None, Some(9)), &ready, None);
        assert_eq!((killed.state, killed.reason.as_str()), (State::Failed, "ended by signal 9"));
        assert_eq!(judge(&exit(Cause::Memory, None, Some(9)), &ready, None).code, "memory");
    }

    #[test]
    fn who_asked_knows_why() {
        let asked = |code: &str| WorkspaceRow {
            stop_reason: Some("idle for 1 h".into()),
            stop_code: Some(code.into()),
            ..row()
        };
        let idle = judge(&exit(Cause::Exited, None, Some(15)), &asked("idle"), Some("bye"));
        assert_eq!((idle.state, idle.reason.as_str()), (State::Stopped, "idle for 1 h"));
        let never = judge(&exit(Cause::Exited, None, Some(15)), &asked(NOT_READY), Some("loading"));
        assert_eq!((never.state, never.reason.as_str()), (State::Failed, "idle for 1 h: loading"));
        let lost = judge(&exit(Cause::Lost { why: "x".into() }, None, None), &asked("idle"), None);
        assert_eq!(lost.code, "lost");
    }
}
