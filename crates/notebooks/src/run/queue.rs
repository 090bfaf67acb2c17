//! The queue of a notebook: what is put on it, taken off it, and was.

use super::driver::Command;
use super::model::{Run, RunRequest, RunState};
use super::ops::{self, Op};
use super::{WHO, select, store};
use crate::Service;
use crate::document::schema::cell as key;
use crate::model::Person;
use castalia_base::{Ctx, Error};
use std::sync::Arc;

impl Service {
    /// Puts cells on the queue, and starts the kernel if there is none. The runs, in order.
    ///
    /// # Errors
    /// `not_found` for a cell that is not there; `forbidden` without `notebooks.run`; `no_such_kernel`.
    pub async fn run(self: &Arc<Self>, ctx: &Ctx, id: &str, wish: &RunRequest) -> Result<Vec<Run>, Error> {
        let notebook = self.find(ctx, id, "notebooks.run").await?;
        let by = Person::of(ctx);
        let room = self.room(id).await?;
        let cells = room.read(|txn| select::select(txn, wish.what, wish.cell.as_deref()))?;
        if cells.is_empty() {
            return Ok(Vec::new());
        }
        self.start_for(ctx, &notebook, None).await?;
        let now = ctx.now();
        let open = store::open_runs(&mut self.deps.db.read(), id).await?;
        // A cell that waits already is not run twice.
        let waits = |cell: &str| open.iter().any(|r| r.cell == cell && r.state == RunState::Queued);
        let runs: Vec<Run> = cells
            .into_iter()
            .filter(|cell| !waits(cell))
            .map(|cell| Run {
                id: castalia_base::id::fresh("run"),
                cell,
                by: by.clone(),
                state: RunState::Queued,
                stop_on_error: wish.stop_on_error,
                scopes: ctx.principal().grants.scopes.clone(),
                kernel_run: None,
                incarnation: None,
                source_sha256: None,
                queued_at: now,
                started_at: None,
                ended_at: None,
            })
            .collect();
        let mut tx = self.deps.db.begin().await?;
        for run in &runs {
            store::insert_run(&mut tx, id, run).await?;
        }
        tx.commit().await?;
        self.fault("notebook-queued");
        let busy = open.iter().find(|r| r.state == RunState::Running).map(|r| r.cell.clone());
        let waits: Vec<String> =
            runs.iter().map(|run| run.cell.clone()).filter(|cell| Some(cell) != busy.as_ref()).collect();
        if let Some(node) = self.kernel_abroad(id).await? {
            // One server writes what becomes of a cell: the one with the kernel. If it is away it finds the runs when it
            // comes back, and they are shown as waiting until then.
            if let Err(error) = self.order_queued(node, id, waits.clone()).await {
                tracing::info!(notebook = id, error = error.chain(), "runs wait for another server");
                self.show_waiting(id, waits).await?;
            }
            return Ok(runs);
        }
        self.show_waiting(id, waits).await?;
        // The kernel may have ended meanwhile.
        self.start_for(ctx, &notebook, None).await?;
        self.tell(id, Command::Wake).await?;
        Ok(runs)
    }

    /// Cells that were put on the queue are shown as waiting.
    pub(crate) async fn show_waiting(&self, notebook: &str, cells: Vec<String>) -> Result<(), Error> {
        let shown: Vec<Op> =
            cells.into_iter().map(|cell| Op::Cell(cell, key::STATE, "queued".into())).collect();
        self.room(notebook).await?.write(WHO, |txn| ops::apply(txn, shown))?;
        Ok(())
    }

    /// Drops what waits, of one cell or all.
    ///
    /// # Errors
    /// `no_kernel`; `forbidden` without `notebooks.run`.
    pub async fn cancel_runs(
        self: &Arc<Self>,
        ctx: &Ctx,
        id: &str,
        cell: Option<String>,
    ) -> Result<(), Error> {
        self.command(ctx, id, Command::Cancel(cell)).await
    }

    /// Whether a driver has something to do. What came onto the queue of a kernel that was just ending is taken off it.
    pub(super) async fn needs_driver(self: &Arc<Self>, id: &str) -> Result<bool, Error> {
        if store::kernel(&mut self.deps.db.read(), id).await?.is_some_and(|k| k.active) {
            return Ok(true);
        }
        let mut open = store::open_runs(&mut self.deps.db.read(), id).await?;
        if !open.is_empty() {
            let mut ops = vec![Op::Queue(Vec::new())];
            for run in &mut open {
                (run.state, run.ended_at) = (RunState::Aborted, Some(self.deps.clock.now()));
                ops.push(Op::Cell(run.cell.clone(), key::STATE, "idle".into()));
            }
            let with = open.iter().map(store::changed).collect();
            self.room(id).await?.write_with(WHO, with, |txn| ops::apply(txn, ops))?.saved.await?;
        }
        Ok(false)
    }

    /// Runs, newest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn runs(&self, ctx: &Ctx, id: &str, after: &str, limit: usize) -> Result<Vec<Run>, Error> {
        self.find(ctx, id, "notebooks.view").await?;
        store::runs(&mut self.deps.db.read(), id, after, limit).await
    }
}
