//! The driver of a notebook's kernel: one task, which takes what the keeper's journal says into the document, and hands
//! the kernel one run after the other.
//!
//! Exactly once over a crash: the position in the journal is committed together with what was made of it. A run is sent
//! to the kernel under its own id, which the keeper takes once only: sending it again after a crash does nothing.
//! Whatever goes wrong with the document or the database, the driver begins anew from what is committed.

use super::model::{Run, RunState};
use super::ops::{self, Op};
use super::sheet::Sheets;
use super::store::{self, KernelRow};
use super::stored::{Shelf, Source};
use super::widgets::Widgets;
use crate::Service;
use crate::document::model::sha256;
use crate::document::schema::{cell as key, kernel};
use crate::document::shared::cell;
use crate::room::{Room, Saved};
use castalia_base::{Error, Timestamp};
use castalia_db::Sql;
use castalia_kernel::{Channel, Client, Entries, Entry, Life, Reader, Request, kinds};
use futures::FutureExt;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Entries that become one change of the document.
const BATCH: usize = 256;
/// Changes that may be on their way into the database.
const AHEAD: usize = 32;
/// While text goes to storage, its parts are to be few.
const SHELVE: Duration = Duration::from_millis(250);
/// Between two looks for a keeper that is being started.
const LOOK: Duration = Duration::from_millis(20);

/// What a driver is told.
pub(crate) enum Command {
    /// There may be something new in the queue.
    Wake,
    /// Interrupt what runs.
    Interrupt,
    /// Drop what waits: of one cell, or all.
    Cancel(Option<String>),
    /// End the kernel's process and start another.
    Restart(String),
    /// Something for the kernel whose answer somebody waits for.
    Ask(Request, oneshot::Sender<Value>),
    /// Something for the kernel, with buffers.
    Send(Request, Vec<bytes::Bytes>),
    /// The answer to a question.
    Input { run: String, value: String, by: String, done: oneshot::Sender<Result<(), Error>> },
    /// Who came needs to know what is asked, and how widgets are.
    Joined(Arc<crate::comms::Connection>),
    /// The unit has ended: take the rest of its journal. `None` means that it was wished for.
    Ended { run: i64, reason: Option<String>, done: oneshot::Sender<()> },
}

struct Current {
    run: Run,
    reply: Option<Value>,
    idle: bool,
    asked: u64,
    /// What is asked: prompt and whether it is secret.
    question: Option<(String, bool)>,
    interrupted: bool,
}

/// What one round knows.
pub(super) struct Driver {
    service: Arc<Service>,
    notebook: String,
    project: String,
    row: KernelRow,
    source: Source,
    sheets: Sheets,
    shelf: Shelf,
    widgets: Widgets,
    queue: VecDeque<Run>,
    current: Option<Current>,
    cells: HashMap<String, String>,
    asked: HashMap<String, oneshot::Sender<Value>>,
    life: Life,
    changed_runs: Vec<Run>,
    saved: VecDeque<(u64, Saved)>,
}

/// Drives until the kernel's unit has ended.
pub(super) async fn run(service: Arc<Service>, notebook: String, mut commands: mpsc::Receiver<Command>) {
    loop {
        match round(&service, &notebook, &mut commands).await {
            // One may have been started at the very end of the other.
            Ok(()) => match store::kernel(&mut service.deps.db.read(), &notebook).await {
                Ok(Some(row)) if row.active && !commands.is_closed() => {}
                _ => return,
            },
            Err(error) if error.kind() == castalia_base::Kind::NotFound => return,
            Err(error) => {
                tracing::warn!(notebook, error = error.chain(), "a notebook's kernel is taken up anew");
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        }
    }
}

async fn round(
    service: &Arc<Service>,
    notebook: &str,
    commands: &mut mpsc::Receiver<Command>,
) -> Result<(), Error> {
    let Some(row) = store::kernel(&mut service.deps.db.read(), notebook).await?.filter(|k| k.active) else {
        return Ok(());
    };
    let folder = service.kernel_folder(&row);
    let mut driver = Driver::load(service, notebook, row, Source::Left(folder.clone())).await?;
    let mut entries = None;
    let mut not_before = Instant::now();
    // A keeper that left already is heard through what it left.
    loop {
        if entries.is_none()
            && matches!(driver.source, Source::Left(_))
            && let Ok(client) = Client::connect(&folder).await
            && let Ok(stream) = client.entries(driver.row.journal).await
        {
            driver.source = Source::Live(Arc::new(client));
            entries = Some(stream);
            driver.resend().await?;
        }
        let live = entries.is_some();
        tokio::select! {
            biased;
            command = commands.recv() => match command {
                None => return Ok(()),
                Some(Command::Ended { run, reason, done }) => {
                    if run == driver.row.run {
                        driver.source = Source::Left(folder);
                        driver.ended(reason).await?;
                    }
                    _ = done.send(());
                    return Ok(());
                }
                Some(command) => driver.command(command).await?,
            },
            entry = next(&mut entries), if live && Instant::now() >= not_before && driver.saved.len() < AHEAD => {
                let Some(entry) = entry else {
                    // Its end is told by whoever watches the unit.
                    entries = None;
                    continue;
                };
                let mut batch = vec![entry];
                while batch.len() < BATCH
                    && let Some(stream) = &mut entries
                    && let Some(Ok(Some(more))) = stream.next().now_or_never()
                {
                    batch.push(more);
                }
                driver.take(batch).await?;
                if std::mem::take(&mut driver.sheets.busy_shelf) {
                    not_before = Instant::now() + SHELVE;
                }
            }
            () = tokio::time::sleep_until(not_before), if live && Instant::now() < not_before => {}
            done = first(&mut driver.saved), if !driver.saved.is_empty() => {
                let seq = done?;
                if let Source::Live(client) = &driver.source
                    && let Err(error) = client.ack(seq).await
                {
                    tracing::debug!(%error, notebook, "the keeper could not be told how far we are");
                }
            }
            () = tokio::time::sleep(LOOK), if !live && matches!(driver.source, Source::Left(_)) => {}
        }
    }
}

async fn next(entries: &mut Option<Entries>) -> Option<Entry> {
    match entries {
        Some(entries) => entries.next().await.ok().flatten(),
        None => std::future::pending().await,
    }
}

/// The oldest change that is in the database: how far the journal was then.
async fn first(saved: &mut VecDeque<(u64, Saved)>) -> Result<u64, Error> {
    let Some((seq, oldest)) = saved.front_mut() else { return std::future::pending().await };
    let (seq, done) = (*seq, oldest.await);
    saved.pop_front();
    done.map(|()| seq)
}

impl Driver {
    async fn load(
        service: &Arc<Service>,
        notebook: &str,
        row: KernelRow,
        source: Source,
    ) -> Result<Self, Error> {
        let room = service.room(notebook).await?;
        let shelf = Shelf::open(service, notebook, &row.project).await?;
        let widgets = Widgets::load(service, notebook).await?;
        let cells = store::cells_of(&mut service.deps.db.read(), &row).await?.into_iter().collect();
        let mut driver = Self {
            service: service.clone(),
            notebook: notebook.to_owned(),
            project: row.project.clone(),
            row,
            source,
            sheets: Sheets::load(&room),
            shelf,
            widgets,
            queue: VecDeque::new(),
            current: None,
            cells,
            asked: HashMap::new(),
            life: Life::Starting,
            changed_runs: Vec::new(),
            saved: VecDeque::new(),
        };
        driver.load_queue().await?;
        Ok(driver)
    }

    /// Reads what is to be run: what is new goes behind what is known.
    async fn load_queue(&mut self) -> Result<(), Error> {
        let open = store::open_runs(&mut self.service.deps.db.read(), &self.notebook).await?;
        for run in open {
            let known = self.queue.iter().any(|r| r.id == run.id)
                || self.current.as_ref().is_some_and(|c| c.run.id == run.id)
                // It ended, and that is on its way into the database.
                || self.cells.contains_key(&run.id) && run.state == RunState::Queued;
            if known {
                continue;
            }
            if run.state == RunState::Running && self.current.is_none() {
                self.cells.insert(run.id.clone(), run.cell.clone());
                let current =
                    Current { run, reply: None, idle: false, asked: 0, question: None, interrupted: false };
                self.current = Some(current);
            } else if run.state == RunState::Queued {
                self.queue.push_back(run);
            }
        }
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.service.deps.clock.now()
    }

    /// After an attachment: what should run is sent again, which does nothing if the keeper has it.
    async fn resend(&mut self) -> Result<(), Error> {
        let Source::Live(client) = &self.source else { return Ok(()) };
        let status = client.status().await.map_err(Error::internal)?;
        self.life = status.life;
        if let Some(current) = &self.current {
            let code = self.source_of(&current.run.cell).await?.unwrap_or_default();
            self.send(Request::execute(&current.run.id, &code, true, false)).await;
        } else {
            self.start_next().await?;
            self.write(Vec::new()).await?;
        }
        Ok(())
    }

    async fn room(&self) -> Result<Arc<Room>, Error> {
        self.service.room(&self.notebook).await
    }

    async fn source_of(&self, id: &str) -> Result<Option<String>, Error> {
        Ok(self.room().await?.read(|txn| cell(txn, id).map(|c| c.source)))
    }

    async fn send(&self, request: Request) -> bool {
        self.send_with(request, &[]).await
    }

    async fn send_with(&self, request: Request, buffers: &[bytes::Bytes]) -> bool {
        let Source::Live(client) = &self.source else { return false };
        match client.request(request, buffers).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, notebook = self.notebook, "the kernel could not be asked");
                false
            }
        }
    }

    /// Takes entries of the journal into the document, as one change.
    async fn take(&mut self, batch: Vec<Entry>) -> Result<(), Error> {
        let room = self.room().await?;
        for entry in batch {
            let seq = entry.seq;
            self.entry(&room, entry).await?;
            self.row.journal = seq;
        }
        self.write(vec![store::position(&self.row)]).await
    }

    async fn entry(&mut self, room: &Room, entry: Entry) -> Result<(), Error> {
        self.row.incarnation = self.row.base + i64::from(entry.incarnation);
        if entry.channel == Channel::Keeper {
            return self.keeper(entry).await;
        }
        if matches!(entry.channel, Channel::Shell | Channel::Control)
            && let Some(asked) = entry.parent.as_ref().and_then(|p| self.asked.remove(p))
        {
            let mut content = entry.content;
            for large in &entry.large {
                let bytes = self.source.whole(large.spool, large.bytes.min(4 << 20)).await?;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let value =
                    if large.json { serde_json::from_str(&text).unwrap_or_default() } else { text.into() };
                if let Some(place) = large.path.iter().try_fold(&mut content, |at, key| at.get_mut(key)) {
                    *place = value;
                }
            }
            _ = asked.send(content);
            return Ok(());
        }
        if entry.kind.starts_with("comm_") && entry.channel == Channel::Iopub {
            return self.widgets.take(&self.service, &self.notebook, &self.source, &entry).await;
        }
        let Some(id) = entry.parent.clone() else { return Ok(()) };
        let Some(cell) = self.cells.get(&id).cloned() else { return Ok(()) };
        let is_current = self.current.as_ref().is_some_and(|c| c.run.id == id);
        match (entry.channel, entry.kind.as_str()) {
            (Channel::Iopub, "execute_input") if is_current => {
                let count = entry.content.get("execution_count").cloned().unwrap_or_default();
                self.op(Op::Cell(cell, key::EXECUTION_COUNT, count));
                let ran = entry.content.get("code").and_then(Value::as_str).map(|c| sha256(c.as_bytes()));
                let incarnation = self.row.incarnation;
                if let (Some(current), Some(ran)) = (&mut self.current, ran) {
                    let same = current.run.source_sha256.as_deref() == Some(&ran)
                        && current.run.incarnation == Some(incarnation);
                    if !same {
                        current.run.source_sha256 = Some(ran);
                        current.run.incarnation = Some(incarnation);
                        self.changed_runs.extend(self.current.as_ref().map(|c| c.run.clone()));
                        self.show_run(None);
                    }
                }
            }
            (Channel::Iopub, "status") if is_current && entry.text("execution_state") == "idle" => {
                self.current.iter_mut().for_each(|c| c.idle = true);
                self.settle().await?;
            }
            (Channel::Shell, "execute_reply") if is_current => {
                self.current.iter_mut().for_each(|c| c.reply = Some(entry.content.clone()));
                self.settle().await?;
            }
            (Channel::Stdin, "input_request") if is_current => self.question(&entry),
            (Channel::Iopub, _) => {
                self.sheets.take(room, &mut self.shelf, &self.source, &cell, &id, &entry).await?;
            }
            _ => {}
        }
        Ok(())
    }

    fn op(&mut self, op: Op) {
        self.sheets.ops.push(op);
    }

    /// News of the keeper's own.
    async fn keeper(&mut self, entry: Entry) -> Result<(), Error> {
        if entry.kind == kinds::REFUSED {
            if let Some(parent) = &entry.parent {
                self.asked.remove(parent);
                if self.current.as_ref().is_some_and(|c| c.run.id == *parent) {
                    self.lose(entry.text("reason"));
                }
            }
            return Ok(());
        }
        if entry.kind == kinds::HEART {
            let beating = entry.content.get("beating").and_then(Value::as_bool).unwrap_or(true);
            let reason = if beating { Value::Null } else { "its heartbeat has stopped".into() };
            self.op(Op::Kernel(kernel::REASON, reason));
            return Ok(());
        }
        if entry.kind == kinds::UNPARSABLE {
            tracing::warn!(
                notebook = self.notebook,
                error = entry.text("error"),
                "a kernel's message is left out"
            );
            return Ok(());
        }
        let Some(state) = entry.state() else { return Ok(()) };
        self.life = state.life;
        self.op(Op::Kernel(kernel::INCARNATION, self.row.incarnation.into()));
        match state.life {
            Life::Starting => self.kernel_is("starting", &state.reason),
            Life::Ready => {
                let name = state.info.pointer("/language_info/name").and_then(Value::as_str);
                if let Some(name) = name {
                    self.op(Op::Kernel(kernel::LANGUAGE, name.into()));
                }
                self.kernel_is("idle", "");
                self.start_next().await?;
            }
            Life::Restarting | Life::Dead | Life::Ended => {
                let word = if state.life == Life::Restarting { "restarting" } else { "dead" };
                self.kernel_is(word, &state.reason);
                self.lose(&state.reason);
                if state.life == Life::Dead {
                    self.abort_queue();
                }
                self.asked.clear();
                let statement = self.widgets.forget(&self.service, &self.notebook);
                self.shelf.statements.push(statement);
            }
        }
        Ok(())
    }

    fn kernel_is(&mut self, state: &str, reason: &str) {
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

    /// What runs was answered and is done: its end, and the next.
    async fn settle(&mut self) -> Result<(), Error> {
        let done = self.current.as_ref().is_some_and(|c| c.idle && c.reply.is_some());
        if !done {
            return Ok(());
        }
        let Some(current) = &self.current else { return Ok(()) };
        let reply = current.reply.clone().unwrap_or_default();
        let state = match reply.get("status").and_then(Value::as_str) {
            Some("ok") => RunState::Ok,
            Some("aborted") => RunState::Aborted,
            _ if current.interrupted => RunState::Interrupted,
            _ => RunState::Error,
        };
        let drops = state != RunState::Ok && current.run.stop_on_error;
        self.end_current(state);
        if drops {
            self.abort_queue();
        }
        self.kernel_is("idle", "");
        self.start_next().await
    }

    fn end_current(&mut self, state: RunState) {
        let now = self.now();
        let Some(current) = &mut self.current else { return };
        current.run.state = state;
        current.run.ended_at = Some(now);
        current.question = None;
        let (run, cell) = (current.run.clone(), current.run.cell.clone());
        self.show_run(None);
        self.op(Op::Cell(cell, key::STATE, "idle".into()));
        self.changed_runs.push(run);
        self.current = None;
        self.show_queue();
    }

    /// What runs will not be answered.
    fn lose(&mut self, reason: &str) {
        if self.current.is_some() {
            tracing::info!(notebook = self.notebook, reason, "a run was lost");
            self.end_current(RunState::Lost);
        }
    }

    fn abort_queue(&mut self) {
        for run in std::mem::take(&mut self.queue) {
            self.abort(run);
        }
        self.show_queue();
    }

    fn abort(&mut self, mut run: Run) {
        run.state = RunState::Aborted;
        run.ended_at = Some(self.now());
        // Its row may say for a moment that it waits.
        self.cells.insert(run.id.clone(), run.cell.clone());
        self.op(Op::Cell(run.cell.clone(), key::STATE, "idle".into()));
        self.changed_runs.push(run);
    }

    fn show_queue(&mut self) {
        let waiting = self.queue.iter().map(|r| r.cell.clone()).collect();
        self.op(Op::Queue(waiting));
    }

    /// The `run` of the current cell.
    fn show_run(&mut self, waits: Option<(&str, bool)>) {
        let Some(current) = &self.current else { return };
        let run = &current.run;
        let ms = run.ended_at.zip(run.started_at).map(|(end, start)| end.ms_since(start));
        let mut value = json!({
            "id": run.id, "by": run.by, "source_sha256": run.source_sha256, "kernel": self.row.spec.name,
            "incarnation": run.incarnation, "started_at": run.started_at, "ended_at": run.ended_at,
            "status": run.state.as_str(), "duration_ms": ms,
        });
        if let Some((prompt, password)) = waits {
            value["waiting_for"] = json!(run.by);
            value["prompt"] = prompt.into();
            value["password"] = password.into();
        }
        let cell = run.cell.clone();
        self.op(Op::Cell(cell, key::RUN, value));
    }

    fn question(&mut self, entry: &Entry) {
        let prompt = entry.text("prompt").to_owned();
        let password = entry.content.get("password").and_then(Value::as_bool).unwrap_or_default();
        let Some(current) = &mut self.current else { return };
        current.question = Some((prompt.clone(), password));
        current.asked += 1;
        let (cell, by) = (current.run.cell.clone(), current.run.by.id.clone());
        let message = json!({"run": current.run.id, "cell": cell, "prompt": prompt, "password": password});
        self.op(Op::Cell(cell, key::STATE, "waiting".into()));
        self.show_run(Some((&prompt, password)));
        self.service.comms.tell(&self.notebook, &by, "kernel", "input_request", &message);
    }

    /// Hands the kernel the next run, when it is ready and has none.
    async fn start_next(&mut self) -> Result<(), Error> {
        while self.current.is_none() && self.life == Life::Ready && matches!(self.source, Source::Live(_)) {
            let Some(mut run) = self.queue.pop_front() else { return Ok(()) };
            let Some(code) = self.source_of(&run.cell).await? else {
                // Somebody has deleted it meanwhile.
                self.abort(run);
                self.show_queue();
                continue;
            };
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
            let current =
                Current { run, reply: None, idle: false, asked: 0, question: None, interrupted: false };
            self.current = Some(current);
            self.show_run(None);
            self.kernel_is("busy", "");
            self.show_queue();
            if !self.send(request).await {
                return Err(Error::unavailable("the kernel's keeper does not answer"));
            }
        }
        Ok(())
    }

    /// Writes everything that has come together.
    async fn write(&mut self, mut with: Vec<crate::store::log::Statement>) -> Result<(), Error> {
        let ops = std::mem::take(&mut self.sheets.ops);
        let runs = std::mem::take(&mut self.changed_runs);
        if ops.is_empty() && with.is_empty() && runs.is_empty() && self.shelf.statements.is_empty() {
            return Ok(());
        }
        let mut old = Vec::new();
        for cell in std::mem::take(&mut self.shelf.gone) {
            let rows = self
                .service
                .deps
                .db
                .read()
                .fetch_all(
                    "SELECT DISTINCT output_id FROM notebook_outputs WHERE notebook_id = $1 AND cell_id = $2",
                    castalia_db::params![&self.notebook, &cell],
                )
                .await?;
            for row in rows {
                old.push(row.text("output_id")?);
            }
        }
        with.append(&mut self.shelf.statements);
        with.append(&mut self.widgets.statements);
        with.extend(runs.iter().map(store::changed));
        let room = self.room().await?;
        let written = room.write_with("run", with, |txn| ops::apply(txn, ops))?;
        self.saved.push_back((self.row.journal, written.saved));
        if !old.is_empty() {
            let sweep = self.service.clone().sweep_outputs(self.project.clone(), self.notebook.clone(), old);
            self.service.deps.tasks.spawn("notebooks.outputs", sweep);
        }
        Ok(())
    }

    async fn command(&mut self, command: Command) -> Result<(), Error> {
        match command {
            Command::Wake => {
                self.load_queue().await?;
                self.show_queue();
                self.start_next().await?;
            }
            Command::Interrupt => {
                self.current.iter_mut().for_each(|c| c.interrupted = true);
                if let Source::Live(client) = &self.source
                    && let Err(error) = client.interrupt(castalia_base::id::fresh("int")).await
                {
                    tracing::info!(%error, notebook = self.notebook, "the kernel was not interrupted");
                }
            }
            Command::Cancel(None) => self.abort_queue(),
            Command::Cancel(Some(cell)) => {
                let (gone, rest) = std::mem::take(&mut self.queue).into_iter().partition(|r| r.cell == cell);
                self.queue = rest;
                let gone: VecDeque<Run> = gone;
                gone.into_iter().for_each(|run| self.abort(run));
                self.show_queue();
            }
            Command::Restart(reason) => {
                self.abort_queue();
                self.kernel_is("restarting", &reason);
                if let Source::Live(client) = &self.source {
                    let id = castalia_base::id::fresh("re");
                    client.restart(id, &reason).await.map_err(Error::internal)?;
                }
            }
            Command::Ask(request, answer) => {
                let id = request.id.clone();
                if matches!(self.life, Life::Ready) && self.send(request).await {
                    self.asked.insert(id, answer);
                    self.asked.retain(|_, waits| !waits.is_closed());
                }
            }
            Command::Send(request, buffers) => _ = self.send_with(request, &buffers).await,
            Command::Input { run, value, by, done } => _ = done.send(self.input(&run, &value, &by).await),
            Command::Joined(connection) => {
                connection.send("comms", "state", &self.widgets.snapshot());
                if let Some(current) = &self.current
                    && current.run.by.id == connection.person.id
                    && let Some((prompt, password)) = &current.question
                {
                    let run = &current.run;
                    let message =
                        json!({"run": run.id, "cell": run.cell, "prompt": prompt, "password": password});
                    connection.send("kernel", "input_request", &message);
                }
            }
            Command::Ended { .. } => {}
        }
        self.write(Vec::new()).await
    }

    async fn input(&mut self, run: &str, value: &str, by: &str) -> Result<(), Error> {
        let nothing = || Error::conflict("no_question", "nothing is asked there any more");
        let current = self.current.as_mut().filter(|c| c.run.id == run && c.question.is_some());
        let current = current.ok_or_else(nothing)?;
        if current.run.by.id != by {
            return Err(Error::conflict("not_asked", format!("it is asked of {}", current.run.by.name)));
        }
        current.question = None;
        let id = format!("{run}-input-{}", current.asked);
        let cell = current.run.cell.clone();
        if !self.send(Request::input(id, value)).await {
            return Err(Error::unavailable("the kernel does not answer"));
        }
        self.op(Op::Cell(cell, key::STATE, "running".into()));
        self.show_run(None);
        Ok(())
    }

    /// The unit has ended: the rest of what it said, and then its end.
    async fn ended(&mut self, reason: Option<String>) -> Result<(), Error> {
        let Source::Left(folder) = &self.source else { return Ok(()) };
        let mut reader = Reader::new(folder, self.row.journal);
        loop {
            let mut batch = Vec::new();
            while batch.len() < BATCH {
                match reader.next_entry() {
                    Ok(Some(entry)) => batch.push(entry),
                    Ok(None) => break,
                    Err(error) => {
                        tracing::warn!(%error, notebook = self.notebook, "the rest of a kernel's journal is broken");
                        break;
                    }
                }
            }
            if batch.is_empty() {
                break;
            }
            self.take(batch).await?;
        }
        self.load_queue().await?;
        let text = reason.clone().unwrap_or_default();
        self.lose(&text);
        self.abort_queue();
        match &reason {
            Some(reason) => self.kernel_is("dead", reason),
            None => self.kernel_is("none", ""),
        }
        let forget = self.widgets.forget(&self.service, &self.notebook);
        let end = crate::store::log::Statement {
            sql: "UPDATE notebook_kernels SET active = 0, incarnation = $3 WHERE notebook_id = $1 AND run = $2",
            params: castalia_db::params![&self.notebook, self.row.run, self.row.incarnation].to_vec(),
        };
        self.write(vec![forget, end]).await?;
        for (_, saved) in std::mem::take(&mut self.saved) {
            saved.await?;
        }
        Ok(())
    }
}

impl Service {
    pub(crate) fn kernel_folder(&self, row: &KernelRow) -> PathBuf {
        self.config.kernels.join(row.unit_name().trim_start_matches("unit_"))
    }
}
