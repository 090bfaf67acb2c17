//! From admitted to ended: what the reconciler of `compute` asks and tells.
//!
//! Money moves only with proof: the hold is settled in the transaction that records the end, and the end is
//! recorded only when the backend has seen the program end (or that it never ran).

use crate::Service;
use crate::model::{ExitView, Output, State};
use crate::store::{self, End, VersionRow};
use async_trait::async_trait;
use castalia_base::{Credits, Error, Timestamp};
use castalia_compute::{
    Cause, Exit, Owner, OwnerError, Progress, Settled, StopRequest, UnitId, UnitSpec, Wanted,
};
use castalia_events::{NewEvent, append};
use castalia_projects::{ledger, pricing::Metered};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Time between SIGTERM and SIGKILL.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// What an end means for the version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) state: State,
    pub(crate) code: Option<&'static str>,
    pub(crate) reason: Option<String>,
}

/// Decides state and reason by how the program ended. `last_line` is the last thing it said.
pub(crate) fn judge(exit: &Exit, v: &VersionRow, last_line: Option<&str>) -> Verdict {
    let failed =
        |code, reason: String| Verdict { state: State::Failed, code: Some(code), reason: Some(reason) };
    match &exit.cause {
        Cause::Exited if exit.success() => Verdict { state: State::Completed, code: None, reason: None },
        Cause::Exited => match (exit.code, exit.signal, last_line) {
            (_, Some(signal), _) => failed("signal", format!("ended by signal {signal}")),
            (Some(code), None, Some(line)) => failed("exit_code", format!("exit code {code}: {line}")),
            (code, None, _) => failed("exit_code", format!("exit code {}", code.unwrap_or(-1))),
        },
        Cause::Stopped { reason } => {
            Verdict { state: State::Cancelled, code: Some("cancelled"), reason: Some(reason.clone()) }
        }
        Cause::Deadline => {
            failed("deadline", format!("ran longer than its deadline of {} s", v.resources.deadline_s))
        }
        Cause::Memory => {
            failed("memory", format!("used more than its {} MiB of memory", v.resources.memory_mb))
        }
        Cause::Storage => {
            failed("storage", format!("wrote more than its {} MiB of disk", v.resources.storage_mb))
        }
        Cause::Lost { why } => failed("lost", format!("its end was not seen: {why}")),
        Cause::NotStarted { why } => failed("not_started", format!("it could not be started: {why}")),
    }
}

/// An event about a version.
pub(crate) fn process_event(v: &VersionRow, kind: &'static str, mut data: Value) -> NewEvent {
    data["process"] = v.process.clone().into();
    data["version"] = v.version.into();
    NewEvent { topic: format!("process.{}", v.process), kind, project: Some(v.project_id.clone()), data }
}

/// The service as the owner of its units.
pub(crate) struct Units(pub(crate) Arc<Service>);

fn wanted(process: &str, version: i64, started: bool, stop: Option<String>) -> Result<Wanted, OwnerError> {
    let id: UnitId = store::unit_name(process, version).parse()?;
    Ok(Wanted { id, started, stop: stop.map(|reason| StopRequest { reason, grace: GRACE }) })
}

#[async_trait]
impl Owner for Units {
    fn name(&self) -> &str {
        "processes"
    }

    async fn wanted(&self) -> Result<Vec<Wanted>, OwnerError> {
        let active = store::active(&mut self.0.db.read()).await?;
        active
            .into_iter()
            .map(|(process, version, started, stop)| wanted(&process, version, started, stop))
            .collect()
    }

    async fn want(&self, id: &UnitId) -> Result<Option<Wanted>, OwnerError> {
        let Some((process, version)) = store::of_unit(id.as_str()) else {
            return Ok(None);
        };
        let Some(v) = store::version(&mut self.0.db.read(), &process, version).await? else {
            return Ok(None);
        };
        match v.state {
            State::Starting | State::Running => {
                Ok(Some(wanted(&process, version, v.state == State::Running, v.stop_reason)?))
            }
            _ => Ok(None),
        }
    }

    async fn spec(&self, id: &UnitId) -> Result<UnitSpec, OwnerError> {
        let (process, version) = store::of_unit(id.as_str()).ok_or("not a unit of a process")?;
        let v = store::version(&mut self.0.db.read(), &process, version).await?.ok_or("no such version")?;
        Ok(self.0.whole_unit_spec(&v, id.clone()).await?)
    }

    async fn running(&self, id: &UnitId, since: i64) -> Result<(), OwnerError> {
        let Some((process, version)) = store::of_unit(id.as_str()) else {
            return Ok(());
        };
        Ok(self.0.set_running(&process, version, Timestamp(since)).await?)
    }

    async fn progress(&self, id: &UnitId, progress: &Progress) {
        let Some((process, version)) = store::of_unit(id.as_str()) else {
            return;
        };
        if let Err(error) = self.0.set_progress(&process, version, progress).await {
            tracing::debug!(error = error.chain(), "progress could not be kept");
        }
    }

    async fn ended(&self, id: &UnitId, exit: &Exit) -> Result<Settled, OwnerError> {
        let Some((process, version)) = store::of_unit(id.as_str()) else {
            return Ok(Settled::Unknown);
        };
        Ok(self.0.record_end(&process, version, id, exit).await?)
    }
}

impl Service {
    async fn set_running(&self, process: &str, version: i64, since: Timestamp) -> Result<(), Error> {
        let ctx = self.system();
        let mut tx = self.db.begin().await?;
        if store::set_running(&mut tx, process, version, since).await? {
            let Some(v) = store::version(&mut tx, process, version).await? else {
                return Ok(());
            };
            let waited = since.ms_since(v.created_at);
            metrics::histogram!("castalia_process_start_seconds").record(waited as f64 / 1000.0);
            append(
                &mut tx,
                &ctx,
                vec![process_event(&v, "process.running", json!({"state": "running", "started_at": since}))],
            )
            .await?;
            tx.commit().await?;
        }
        self.fault("running");
        Ok(())
    }

    async fn set_progress(&self, process: &str, version: i64, progress: &Progress) -> Result<(), Error> {
        let ctx = self.system();
        let mut tx = self.db.begin().await?;
        if store::set_progress(&mut tx, process, version, progress.fraction, &progress.message).await?
            && let Some(v) = store::version(&mut tx, process, version).await?
        {
            let data = json!({"fraction": progress.fraction, "message": progress.message});
            append(&mut tx, &ctx, vec![process_event(&v, "process.progress", data)]).await?;
        }
        tx.commit().await
    }

    /// Records an end: log sealed, outputs collected, money settled, credentials dead. May be called again
    /// after a crash at any place in it.
    async fn record_end(
        &self,
        process: &str,
        version: i64,
        unit: &UnitId,
        exit: &Exit,
    ) -> Result<Settled, Error> {
        let Some(v) = store::version(&mut self.db.read(), process, version).await? else {
            return Ok(Settled::Unknown);
        };
        if v.state.is_terminal() {
            return Ok(Settled::Recorded);
        }
        self.fault("ended");
        let (log_lines, last_line) = self.seal(&v, unit, exit).await?;
        self.fault("sealed");
        let verdict = judge(exit, &v, last_line.as_deref());
        let ctx = self.system();
        let mut tx = self.db.begin().await?;
        self.storage.revoke(&mut tx, &v.process.parse()?, v.number()?).await?;
        let (outputs, mut events) =
            self.collect_outputs(&mut tx, &v, verdict.state != State::Completed).await?;
        let (cost, meter) = self.bill(&v, exit)?;
        let view = ExitView {
            code: exit.code,
            signal: exit.signal,
            cpu_ms: exit.usage.cpu_ms,
            max_rss_kb: exit.usage.max_rss_kb,
        };
        let end = End {
            state: verdict.state,
            reason: verdict.reason.as_deref(),
            reason_code: verdict.code,
            started_at: exit.started_at.map(Timestamp),
            ended_at: Timestamp(exit.ended_at),
            exit: Some(&view),
            cost,
            log_lines,
            outputs: &outputs,
        };
        if !store::finish(&mut tx, process, version, &end).await? {
            return Ok(Settled::Recorded);
        }
        let key = Self::hold_key(process, version);
        if exit.started_at.is_some() {
            ledger::settle(&mut tx, &ctx, &key, cost, meter).await?;
        } else {
            ledger::release(&mut tx, &ctx, &key, verdict.reason.as_deref().unwrap_or("it never ran")).await?;
        }
        let kind = match verdict.state {
            State::Completed => "process.completed",
            State::Cancelled => "process.cancelled",
            _ => "process.failed",
        };
        let data =
            json!({"state": verdict.state, "reason": verdict.reason, "cost": cost, "outputs": outputs});
        events.push(process_event(&v, kind, data));
        append(&mut tx, &ctx, events).await?;
        self.fault("settling");
        tx.commit().await?;
        self.fault("settled");
        metrics::counter!("castalia_process_ended_total", "state" => verdict.state.as_str()).increment(1);
        self.admit.notify_one();
        Ok(Settled::Recorded)
    }

    async fn collect_outputs(
        &self,
        tx: &mut castalia_db::Tx,
        v: &VersionRow,
        partial: bool,
    ) -> Result<(Vec<Output>, Vec<NewEvent>), Error> {
        let inputs: Vec<_> = v.inputs.iter().map(crate::submit::input_ref).collect();
        let (project, process) = (v.project_id.parse()?, v.process.parse()?);
        let name = store::process(tx, &v.process).await?.map(|process| process.name).unwrap_or_default();
        let process = (&process, name.as_str());
        let datasets =
            self.storage.collect_outputs(tx, &project, process, v.number()?, &inputs, partial).await?;
        let events = castalia_storage::Service::dataset_events(&datasets);
        let outputs = datasets
            .into_iter()
            .map(|d| Output { id: d.id.to_string(), name: d.name, media_type: d.media_type, size: d.size })
            .collect();
        Ok((outputs, events))
    }

    /// What a run costs: its resources for the time from start to end, never more than was held.
    fn bill(&self, v: &VersionRow, exit: &Exit) -> Result<(Credits, Value), Error> {
        let Some(started) = exit.started_at else {
            return Ok((Credits::ZERO, json!({})));
        };
        // A clock that was set back in between must not make time negative.
        let ran_ms = u64::try_from(exit.ended_at - started).unwrap_or_default();
        let metered = Metered { milliseconds: ran_ms, ..crate::check::metered(&v.resources) };
        Ok((self.prices().bill(&metered, v.held)?, self.prices().inputs(&metered)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Program;
    use castalia_compute::Usage;

    fn version() -> VersionRow {
        VersionRow {
            process: "proc_1".into(),
            version: 1,
            project_id: "proj_1".into(),
            bucket: "demo".into(),
            type_name: "fft".into(),
            type_version: "1".into(),
            program: Program::Command(vec!["true".into()]),
            state: State::Running,
            reason: None,
            reason_code: None,
            stop_reason: None,
            priority: 0,
            parameters: json!({}),
            inputs: vec![],
            resources: crate::model::Resources::default(),
            held: Credits::ZERO,
            cost: Credits::ZERO,
            created_by: "ada".into(),
            created_at: Timestamp(0),
            started_at: None,
            ended_at: None,
            exit: None,
            progress: None,
            cache_key: None,
            reused_from: None,
            log_lines: None,
            outputs: vec![],
            access_key: None,
        }
    }

    fn exit(cause: Cause, code: Option<i32>, signal: Option<i32>) -> Exit {
        Exit { code, signal, usage: Usage::default(), ..Exit::without_run(cause, 0) }
    }

    #[test]
    fn each_way_to_end_has_its_state_and_its_words() {
        let judge = |e: Exit| judge(&e, &version(), Some("castalia: ValueError: no column"));
        assert_eq!(judge(exit(Cause::Exited, Some(0), None)).state, State::Completed);
        let crash = judge(exit(Cause::Exited, Some(1), None));
        assert_eq!((crash.state, crash.code), (State::Failed, Some("exit_code")));
        assert_eq!(crash.reason.as_deref(), Some("exit code 1: castalia: ValueError: no column"));
        assert_eq!(judge(exit(Cause::Exited, None, Some(11))).code, Some("signal"));
        let stopped = judge(exit(Cause::Stopped { reason: "cancelled by ada".into() }, None, Some(15)));
        assert_eq!((stopped.state, stopped.reason.as_deref()), (State::Cancelled, Some("cancelled by ada")));
        assert_eq!(judge(exit(Cause::Memory, None, Some(9))).code, Some("memory"));
        assert_eq!(judge(exit(Cause::Lost { why: "x".into() }, None, None)).code, Some("lost"));
    }

    #[test]
    fn a_program_that_ended_well_before_the_stop_reached_it_is_completed() {
        let stopping = VersionRow { stop_reason: Some("cancelled by ada".into()), ..version() };
        assert_eq!(judge(&exit(Cause::Exited, Some(0), None), &stopping, None).state, State::Completed);
    }
}
