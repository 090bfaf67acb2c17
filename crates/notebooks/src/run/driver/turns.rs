//! How runs begin and end, and how that is shown.

use super::entry::INTERRUPTED;
use super::memo::Stage;
use super::{Current, Driver};
use crate::document::model::sha256;
use crate::document::schema::{cell as key, kernel};
use crate::run::model::{Run, RunState};
use crate::run::ops::Op;
use crate::run::stored::Source;
use castalia_base::Error;
use castalia_kernel::{Life, Request};
use serde_json::{Value, json};

/// What the ids of requests for a sign begin with.
pub(super) const PROBE: &str = "probe";

impl Driver {
    pub(super) fn kernel_is(&mut self, state: &str, reason: &str) {
        self.op(Op::Kernel(kernel::STATE, state.into()));
        self.op(Op::Kernel(kernel::BUSY, (state == "busy").into()));
        let reason = if reason.is_empty() { Value::Null } else { reason.into() };
        self.op(Op::Kernel(kernel::REASON, reason));
        let started = match (&self.current, state) {
            (Some(current), "busy") => json!(current.run.started_at),
            _ => Value::Null,
        };
        self.op(Op::Kernel(kernel::EXECUTION_STARTED_AT, started));
    }

    /// Whether the kernel answered and did not say that it is idle.
    pub(super) fn lacks_idle(&self) -> bool {
        self.current.as_ref().is_some_and(|c| c.stage.reply.is_some() && !c.stage.idle)
    }

    /// Asks for a sign. A kernel that publishes faster than anybody can read drops what it published, and that it is idle
    /// may be among it; but what it says after a sign is all it will say.
    pub(super) async fn probe(&self) {
        self.send(Request::shell(castalia_base::id::fresh(PROBE), "kernel_info_request", json!({}))).await;
    }

    /// What runs was answered and is done: its end, and the next.
    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        let done = self.current.as_ref().is_some_and(|c| c.stage.idle && c.stage.reply.is_some());
        if !done {
            return Ok(());
        }
        let Some(current) = &self.current else { return Ok(()) };
        let state = match current.stage.reply.as_deref() {
            Some("ok") => RunState::Ok,
            Some("aborted") => RunState::Aborted,
            Some(INTERRUPTED) => RunState::Interrupted,
            _ if current.stage.interrupted => RunState::Interrupted,
            _ => RunState::Error,
        };
        let drops = state != RunState::Ok && current.run.stop_on_error;
        self.end_current(state);
        if drops {
            self.abort_queue();
        }
        self.kernel_is("idle", "");
        self.service.fault("notebook-between");
        self.start_next().await
    }

    pub(super) fn end_current(&mut self, state: RunState) {
        let now = self.now();
        let Some(current) = &mut self.current else { return };
        current.run.state = state;
        current.run.ended_at = Some(now);
        current.stage.question = None;
        let (run, cell) = (current.run.clone(), current.run.cell.clone());
        self.show_run();
        self.op(Op::Cell(cell, key::STATE, "idle".into()));
        self.over.insert(run.id.clone());
        self.changed_runs.push(run);
        self.current = None;
        self.show_queue();
    }

    /// What runs will not be answered.
    pub(super) fn lose(&mut self, reason: &str) {
        if self.current.is_some() {
            tracing::info!(notebook = self.notebook, reason, "a run was lost");
            self.end_current(RunState::Lost);
        }
    }

    pub(super) fn abort_queue(&mut self) {
        for run in std::mem::take(&mut self.queue) {
            self.abort(run);
        }
        self.show_queue();
    }

    pub(super) fn abort(&mut self, mut run: Run) {
        run.state = RunState::Aborted;
        run.ended_at = Some(self.now());
        self.over.insert(run.id.clone());
        self.cells.insert(run.id.clone(), run.cell.clone());
        self.op(Op::Cell(run.cell.clone(), key::STATE, "idle".into()));
        self.changed_runs.push(run);
    }

    pub(super) fn show_queue(&mut self) {
        let waiting = self.queue.iter().map(|r| r.cell.clone()).collect();
        self.op(Op::Queue(waiting));
    }

    /// The `run` of the current cell.
    pub(super) fn show_run(&mut self) {
        let Some(current) = &self.current else { return };
        let run = &current.run;
        // A clock that was set back meanwhile makes nothing take less than no time.
        let ms = run.ended_at.zip(run.started_at).map(|(end, start)| end.ms_since(start).max(0));
        let mut value = json!({
            "id": run.id, "by": run.by, "source_sha256": run.source_sha256, "kernel": self.row.spec.name,
            "incarnation": run.incarnation, "started_at": run.started_at, "ended_at": run.ended_at,
            "status": run.state.as_str(), "duration_ms": ms,
        });
        if let Some(question) = &current.stage.question {
            value["waiting_for"] = json!(run.by);
            value["prompt"] = question.prompt.clone().into();
            value["password"] = question.password.into();
        }
        let cell = run.cell.clone();
        self.op(Op::Cell(cell, key::RUN, value));
    }

    /// Hands the kernel the next run, when it is ready and has none.
    pub(super) async fn start_next(&mut self) -> Result<(), Error> {
        while self.current.is_none() && self.life == Life::Ready && matches!(self.source, Source::Live(_)) {
            let Some(mut run) = self.queue.pop_front() else { return Ok(()) };
            let Some(code) = self.source_of(&run.cell).await? else {
                // Somebody has deleted it meanwhile.
                self.abort(run);
                self.show_queue();
                continue;
            };
            self.lent.to(&self.service, &self.row, &run).await?;
            run.state = RunState::Running;
            run.kernel_run = Some(self.row.run);
            run.incarnation = Some(self.row.incarnation);
            run.source_sha256 = Some(sha256(code.as_bytes()));
            run.started_at = Some(self.now());
            self.cells.insert(run.id.clone(), run.cell.clone());
            self.sheets.clear(&mut self.shelf, &run.cell);
            self.op(Op::Cell(run.cell.clone(), key::STATE, "running".into()));
            self.changed_runs.push(run.clone());
            let request = Request::execute(&run.id, &code, true, false);
            self.current = Some(Current { run, stage: Stage::default() });
            self.show_run();
            self.kernel_is("busy", "");
            self.show_queue();
            if !self.send(request).await {
                return Err(Error::unavailable("the kernel's keeper does not answer"));
            }
            self.service.fault("notebook-sent");
        }
        Ok(())
    }
}
