//! Running: the kernel of a notebook as a unit of `compute`, the queue, and what comes of it in the document.
//!
//! Where to find what: which cells a wish means in `select`, the way from the kernel's journal into the document in
//! `driver` and `sheet`, big outputs in `stored`, widgets in `widgets` and `captured`, the unit in `units`, rows in `store`.

mod api;
mod captured;
mod commands;
mod credentials;
mod driver;
mod model;
mod ops;
mod select;
mod sheet;
pub(crate) mod store;
mod stored;
mod units;
mod variables;
mod widgets;

pub(crate) use api::{actions, add_to};
pub(crate) use commands::Commands;
pub use model::*;
pub(crate) use units::Units;

use crate::Service;
use crate::document::json::as_int;
use crate::document::schema::{cell as key, kernel};
use crate::model::{Notebook, Person};
use castalia_base::{Ctx, Error, Timestamp};
use castalia_kernel::{KernelSpec, Request, Search};
pub(crate) use driver::Command;
use ops::Op;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::KernelRow;
use tokio::sync::{mpsc, oneshot};
use yrs::{Any, Map, Out, ReadTxn};

/// What comes of runs is written under this name.
pub(crate) const WHO: &str = "run";
/// Commands that wait for a driver.
const COMMANDS: usize = 256;
/// Whoever asks a kernel something is told after this that it does not answer.
const ANSWER: Duration = Duration::from_secs(60);
/// So long a kernel that is being ended is waited for, by the one who wants another.
const ENDING: Duration = Duration::from_secs(15);

/// The drivers of this server, by notebook.
#[derive(Default)]
pub(crate) struct Drivers(Mutex<HashMap<String, mpsc::Sender<Command>>>);

impl Drivers {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, mpsc::Sender<Command>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// The way to the driver of a notebook; it is started if there is none.
    pub(crate) fn driver(self: &Arc<Self>, notebook: &str) -> mpsc::Sender<Command> {
        let mut all = self.drivers.lock();
        if let Some(sender) = all.get(notebook).filter(|s| !s.is_closed()) {
            return sender.clone();
        }
        let (sender, commands) = mpsc::channel(COMMANDS);
        all.insert(notebook.to_owned(), sender.clone());
        self.deps
            .tasks
            .spawn_until_stop("notebooks.driver", driver::run(self.clone(), notebook.to_owned(), commands));
        sender
    }

    /// Takes up the kernels that ran before this server started.
    pub(crate) async fn take_up_kernels(self: Arc<Self>) {
        loop {
            match store::active(&mut self.deps.db.read(), &self.config.installation).await {
                Ok(rows) => {
                    for row in rows {
                        _ = self.driver(&row.notebook);
                    }
                    return;
                }
                Err(error) => {
                    tracing::warn!(error = error.chain(), "kernels can't be taken up yet; trying again");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        }
    }

    fn search(&self) -> Search {
        Search::usual(self.config.kernel_prefixes.iter().cloned())
    }

    /// Kernels that could be started.
    ///
    /// # Errors
    /// `not_found` for a project that may not be seen.
    pub async fn kernelspecs(&self, ctx: &Ctx, project: &str) -> Result<Vec<KernelspecView>, Error> {
        self.deps.projects.find(ctx, project, "notebooks.view").await?;
        let search = self.search();
        let list = tokio::task::spawn_blocking(move || search.list()).await.map_err(Error::internal)?;
        let view = |s: KernelSpec| KernelspecView {
            name: s.name,
            display_name: s.display_name,
            language: s.language,
        };
        Ok(list.into_iter().map(view).collect())
    }

    fn choose(
        &self,
        notebook: &Notebook,
        named: Option<&str>,
        in_document: Option<&str>,
    ) -> Result<KernelSpec, Error> {
        let search = self.search();
        let absent = |e: castalia_kernel::Error| Error::field("no_such_kernel", "/name", e.to_string());
        match (named, in_document.or(notebook.kernel.as_deref())) {
            (Some(name), _) => search.find(name).map_err(absent),
            (None, Some(name)) => search.find_or_language(name, notebook.language.as_deref()).map_err(absent),
            (None, None) => search.find_or_language("python3", Some("python")).map_err(absent),
        }
    }

    /// The kernel with which a notebook is run, if somebody names no other.
    pub(crate) async fn kernel_of(
        &self,
        notebook: &Notebook,
        name: Option<&str>,
    ) -> Result<KernelSpec, Error> {
        let room = self.room(&notebook.id).await?;
        let wanted = room.read(|txn| {
            let metadata = txn.get_map(crate::document::schema::META)?.get(txn, "metadata")?;
            let Out::YMap(metadata) = metadata else { return None };
            let Some(Out::Any(spec)) = metadata.get(txn, "kernelspec") else { return None };
            crate::document::json::from_any(&spec).get("name")?.as_str().map(str::to_owned)
        });
        self.choose(notebook, name, wanted.as_deref())
    }

    /// Starts a notebook's kernel, unless it has one. Whether one was started.
    ///
    /// # Errors
    /// `no_such_kernel`; `forbidden` without `notebooks.run`.
    pub async fn start_kernel(
        self: &Arc<Self>,
        ctx: &Ctx,
        id: &str,
        name: Option<&str>,
    ) -> Result<bool, Error> {
        let notebook = self.find(ctx, id, "notebooks.run").await?;
        self.start_for(ctx, &notebook, name).await
    }

    async fn start_for(
        self: &Arc<Self>,
        ctx: &Ctx,
        notebook: &Notebook,
        name: Option<&str>,
    ) -> Result<bool, Error> {
        let asked = tokio::time::Instant::now();
        while let Some(there) =
            store::kernel(&mut self.deps.db.read(), &notebook.id).await?.filter(|k| k.active)
        {
            if there.stop_reason.is_none() || asked.elapsed() > ENDING {
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let room = self.room(&notebook.id).await?;
        let spec = self.kernel_of(notebook, name).await?;
        let mut row = KernelRow {
            notebook: notebook.id.clone(),
            project: notebook.project.clone(),
            run: 0,
            spec,
            active: true,
            started_at: None,
            stop_reason: None,
            base: 0,
            incarnation: 0,
            journal: 0,
            node: self.config.installation.clone(),
            memo: None,
        };
        let mut tx = self.deps.db.begin().await?;
        let started = store::start(&mut tx, &row, &Person::of(ctx), self.deps.clock.now()).await?;
        let Some(run) = started else { return Ok(false) };
        row.run = run;
        tx.commit().await?;
        self.fault("notebook-wanted");
        let ops = vec![
            Op::Kernel(kernel::NAME, row.spec.name.clone().into()),
            Op::Kernel(kernel::DISPLAY_NAME, row.spec.display_name.clone().into()),
            Op::Kernel(kernel::LANGUAGE, row.spec.language.clone().into()),
            Op::Kernel(kernel::STATE, "starting".into()),
            Op::Kernel(kernel::BUSY, false.into()),
            Op::Kernel(kernel::REASON, Value::Null),
        ];
        room.write(WHO, |txn| ops::apply(txn, ops))?;
        if let Some(reconciler) = self.reconciler.get() {
            reconciler.nudge_all();
        }
        _ = self.driver(&notebook.id);
        Ok(true)
    }

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

    /// The data folder of another server, when a notebook's kernel runs there.
    async fn kernel_abroad(&self, notebook: &str) -> Result<Option<String>, Error> {
        let row = store::kernel(&mut self.deps.db.read(), notebook).await?;
        Ok(row.filter(|k| k.active && k.node != self.servers.node).map(|k| k.node))
    }

    /// Cells that were put on the queue are shown as waiting.
    pub(crate) async fn show_waiting(&self, notebook: &str, cells: Vec<String>) -> Result<(), Error> {
        let shown: Vec<Op> =
            cells.into_iter().map(|cell| Op::Cell(cell, key::STATE, "queued".into())).collect();
        self.room(notebook).await?.write(WHO, |txn| ops::apply(txn, shown))?;
        Ok(())
    }

    /// Drivers look at their queues: a word of another server may have been missed.
    pub(crate) fn wake_drivers(&self) {
        for driver in self.drivers.lock().values() {
            _ = driver.try_send(Command::Wake);
        }
    }

    async fn tell(self: &Arc<Self>, notebook: &str, command: Command) -> Result<(), Error> {
        if let Some(node) = self.kernel_abroad(notebook).await? {
            return self.order(node, notebook, command).await;
        }
        // One that has just come to its end takes nothing any more, and another does.
        let Err(refused) = self.driver(notebook).send(command).await else { return Ok(()) };
        self.driver(notebook).send(refused.0).await.map_err(|_| no_kernel())
    }

    /// Tells the kernel's driver something, if the caller may and there is a kernel.
    async fn command(self: &Arc<Self>, ctx: &Ctx, id: &str, command: Command) -> Result<(), Error> {
        self.find(ctx, id, "notebooks.run").await?;
        self.has_kernel(id).await?;
        self.tell(id, command).await
    }

    /// Whether a driver has something to do. What came onto the queue of a kernel that was just ending is taken off it.
    async fn needs_driver(self: &Arc<Self>, id: &str) -> Result<bool, Error> {
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

    async fn has_kernel(&self, id: &str) -> Result<KernelRow, Error> {
        store::kernel(&mut self.deps.db.read(), id).await?.filter(|k| k.active).ok_or_else(no_kernel)
    }

    /// Interrupts what runs.
    ///
    /// # Errors
    /// `no_kernel`; `forbidden` without `notebooks.run`.
    pub async fn interrupt_kernel(self: &Arc<Self>, ctx: &Ctx, id: &str) -> Result<(), Error> {
        self.command(ctx, id, Command::Interrupt).await
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

    /// Ends the kernel's process and starts another; one that was not there is started.
    ///
    /// # Errors
    /// `forbidden` without `notebooks.run`.
    pub async fn restart_kernel(self: &Arc<Self>, ctx: &Ctx, id: &str) -> Result<(), Error> {
        if self.start_kernel(ctx, id, None).await? {
            return Ok(());
        }
        let reason = format!("restarted by {}", Person::of(ctx).name);
        self.command(ctx, id, Command::Restart(reason)).await
    }

    /// Ends the kernel.
    ///
    /// # Errors
    /// `no_kernel`; `forbidden` without `notebooks.run`.
    pub async fn shutdown_kernel(self: &Arc<Self>, ctx: &Ctx, id: &str) -> Result<(), Error> {
        self.find(ctx, id, "notebooks.run").await?;
        let row = self.has_kernel(id).await?;
        self.stop_kernel(id, &format!("shut down by {}", Person::of(ctx).name)).await?;
        if row.node != self.servers.node
            && self.nudge(&row.node, id).await.is_err()
            && row.stop_reason.is_some()
        {
            // It was wished before, and who could do it has been away since.
            return self.give_up(&row).await;
        }
        Ok(())
    }

    /// Goes on without a kernel whose server does not answer. What still runs there is left alone.
    async fn give_up(self: &Arc<Self>, row: &KernelRow) -> Result<(), Error> {
        tracing::warn!(notebook = row.notebook, node = row.node, "a kernel on another server is given up");
        let open = store::open_runs(&mut self.deps.db.read(), &row.notebook).await?;
        let mut with = vec![store::forget_comms(&row.notebook), store::finished(&row.notebook, row.run)];
        let mut shown = vec![
            Op::Kernel(kernel::STATE, "dead".into()),
            Op::Kernel(kernel::BUSY, false.into()),
            Op::Kernel(kernel::REASON, "given up: the server on which it ran does not answer".into()),
            Op::Queue(Vec::new()),
        ];
        for mut run in open {
            let lost = run.state == RunState::Running;
            run.state = if lost { RunState::Lost } else { RunState::Aborted };
            run.ended_at = Some(self.deps.clock.now());
            shown.push(Op::Cell(run.cell.clone(), key::STATE, "idle".into()));
            with.push(store::changed(&run));
        }
        let room = self.room(&row.notebook).await?;
        room.write_with(WHO, with, |txn| ops::apply(txn, shown))?.saved.await?;
        self.shut_out(&row.unit_name()).await
    }

    pub(crate) async fn stop_kernel(&self, id: &str, reason: &str) -> Result<(), Error> {
        let mut tx = self.deps.db.begin().await?;
        store::set_stop(&mut tx, id, reason).await?;
        tx.commit().await?;
        if let Some(reconciler) = self.reconciler.get() {
            reconciler.nudge_all();
        }
        Ok(())
    }

    /// Asks the kernel something that is answered at once.
    async fn ask_kernel(
        self: &Arc<Self>,
        ctx: &Ctx,
        id: &str,
        kind: &str,
        content: Value,
    ) -> Result<Value, Error> {
        let request = Request::shell(castalia_base::id::fresh("ask"), kind, content);
        let (answer, answered) = oneshot::channel();
        self.command(ctx, id, Command::Ask(request, answer)).await?;
        match tokio::time::timeout(ANSWER, answered).await {
            Ok(Ok(content)) => Ok(content),
            Ok(Err(_)) => Err(Error::conflict("kernel_not_ready", "the kernel does not answer now")),
            Err(_) => Err(Error::conflict("kernel_busy", "the kernel is busy and did not answer in time")),
        }
    }

    /// The kernel of a notebook and what waits for it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn kernel(self: &Arc<Self>, ctx: &Ctx, id: &str) -> Result<KernelView, Error> {
        self.find(ctx, id, "notebooks.view").await?;
        let queue = store::open_runs(&mut self.deps.db.read(), id).await?;
        let room = self.room(id).await?;
        Ok(room.read(|txn| {
            let map = txn.get_map(crate::document::schema::KERNEL);
            let field = |key: &str| map.as_ref().and_then(|m| m.get(txn, key));
            let text = |key: &str| match field(key) {
                Some(Out::Any(Any::String(text))) => Some(text.to_string()),
                _ => None,
            };
            let incarnation = match field(kernel::INCARNATION) {
                Some(Out::Any(any)) => as_int(&any).unwrap_or_default(),
                _ => 0,
            };
            KernelView {
                state: text(kernel::STATE).unwrap_or_else(|| "none".into()),
                name: text(kernel::NAME),
                incarnation,
                reason: text(kernel::REASON),
                queue,
                info: json!({"language": text(kernel::LANGUAGE), "display_name": text(kernel::DISPLAY_NAME)}),
            }
        }))
    }

    /// The cells as the document has them now, in order, with outputs and runs: those behind `after`.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn cells_now(
        self: &Arc<Self>,
        ctx: &Ctx,
        id: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<CellNow>, Error> {
        self.find(ctx, id, "notebooks.view").await?;
        let room = self.room(id).await?;
        Ok(room.read(|txn| {
            let order = crate::document::shared::order(txn);
            let behind = after.and_then(|after| order.iter().position(|id| id == after));
            let first = behind.map_or(0, |at| at + 1);
            order.iter().skip(first).filter_map(|id| view_of(txn, id)).take(limit).collect()
        }))
    }

    /// Runs, newest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn runs(&self, ctx: &Ctx, id: &str, after: &str, limit: usize) -> Result<Vec<Run>, Error> {
        self.find(ctx, id, "notebooks.view").await?;
        store::runs(&mut self.deps.db.read(), id, after, limit).await
    }

    /// The notebook was deleted: its kernel ends.
    pub(crate) async fn forget_kernel(&self, notebook: &Notebook) -> Result<(), Error> {
        self.stop_kernel(&notebook.id, "the notebook was deleted").await?;
        Ok(())
    }

    /// Ends kernels that nobody uses.
    pub(crate) async fn cull_kernels(self: Arc<Self>) {
        let Some(idle) = self.config.kernel_idle else { return };
        loop {
            tokio::time::sleep((idle / 4).clamp(Duration::from_secs(1), Duration::from_secs(10))).await;
            if let Err(error) = self.cull(idle).await {
                tracing::warn!(error = error.chain(), "idle kernels could not be ended; trying again");
            }
        }
    }

    async fn cull(&self, idle: Duration) -> Result<(), Error> {
        let ms = i64::try_from(idle.as_millis()).unwrap_or(i64::MAX);
        let before = Timestamp(self.deps.clock.now().0.saturating_sub(ms));
        for id in store::unused(&mut self.deps.db.read(), &self.config.installation, before).await? {
            let watched = self.open_room(&id).is_some_and(|room| room.is_watched());
            if !watched && self.comms.connections(&id).is_empty() {
                tracing::info!(notebook = id, "an idle kernel is ended");
                self.stop_kernel(&id, &format!("idle for {} min", idle.as_secs() / 60)).await?;
            }
        }
        Ok(())
    }
}

fn view_of<T: ReadTxn>(txn: &T, id: &str) -> Option<CellNow> {
    let map = crate::document::shared::cell_map(txn, id)?;
    let cell = crate::document::shared::cell(txn, id)?;
    let field = |key: &str| match map.get(txn, key) {
        Some(Out::Any(any)) => crate::document::json::from_any(&any),
        _ => Value::Null,
    };
    let output = |output: crate::document::Output| {
        let mut value = output.value;
        value["id"] = output.id.into();
        if !output.stored.is_empty() {
            value["stored"] = Value::Object(output.stored);
        }
        value
    };
    Some(CellNow {
        id: cell.id,
        kind: cell.kind.as_str().to_owned(),
        source: cell.source,
        execution_count: cell.execution_count,
        state: field(key::STATE).as_str().unwrap_or("idle").to_owned(),
        run: field(key::RUN),
        outputs: cell.outputs.into_iter().filter(|o| o.value.is_object()).map(output).collect(),
    })
}

fn no_kernel() -> Error {
    Error::conflict("no_kernel", "the notebook has no kernel that runs; start it")
}

/// The time of a compute's clock.
fn time(ms: i64) -> Timestamp {
    Timestamp(ms)
}
