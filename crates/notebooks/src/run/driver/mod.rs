//! The driver of a notebook's kernel: one task, which takes what the keeper's journal says into the document, and hands
//! the kernel one run after the other.
//!
//! Exactly once over a crash: the position in the journal is committed together with what was made of it. A run is sent
//! to the kernel under its own id, which the keeper takes once only: sending it again after a crash does nothing.
//! Whatever goes wrong with the document or the database, the driver begins anew from what is committed.
//!
//! Here is its loop. What an entry of the journal means is in `entry`, what a command does in `command`, how runs begin
//! and end in `turns`.

mod command;
mod entry;
mod memo;
mod turns;

use super::credentials::Lent;
use super::model::{Run, RunState};
use super::ops::{self, Op};
use super::sheet::Sheets;
use super::store::{self, KernelRow};
use super::stored::{Shelf, Source};
use super::widgets::Widgets;
use crate::Service;
use crate::document::schema::cell as key;
use crate::document::shared::cell;
use crate::room::{Room, Saved};
use castalia_base::{Error, Timestamp};
use castalia_kernel::{Client, Entries, Entry, Life, Reader, Request};
use futures::FutureExt;
use memo::{Memo, Stage};
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Entries that become one change of the document.
const BATCH: usize = 256;
/// Changes of the document that may wait to become one.
const TOGETHER: usize = 512;
/// Changes that may be on their way into the database.
const AHEAD: usize = 32;
/// While text goes to storage, its parts are to be few.
const SHELVE: Duration = Duration::from_millis(250);
/// So long after its answer a kernel that has not said that it is idle is asked for a sign.
const PROBE: Duration = Duration::from_secs(1);
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
    stage: Stage,
}

/// What one round knows.
pub(super) struct Driver {
    service: Arc<Service>,
    notebook: String,
    row: KernelRow,
    source: Source,
    sheets: Sheets,
    shelf: Shelf,
    widgets: Widgets,
    queue: VecDeque<Run>,
    current: Option<Current>,
    cells: HashMap<String, String>,
    /// Runs that ended under this driver: their rows may say otherwise for a moment.
    over: HashSet<String>,
    asked: HashMap<String, oneshot::Sender<Value>>,
    life: Life,
    lent: Lent,
    changed_runs: Vec<Run>,
    /// Up to here the journal was written.
    written: u64,
    /// What has come together is written then.
    write_at: Option<Instant>,
    saved: VecDeque<(u64, Saved)>,
}

/// Drives until the kernel's unit has ended.
pub(super) async fn run(service: Arc<Service>, notebook: String, mut commands: mpsc::Receiver<Command>) {
    loop {
        let more = match round(&service, &notebook, &mut commands).await {
            // One may have been started at the very end of the other.
            Ok(()) => service.needs_driver(&notebook).await,
            Err(error) => Err(error),
        };
        match more {
            Ok(true) if !commands.is_closed() => {}
            Ok(_) => {
                // Whoever comes now begins another; whoever came just before would not be heard.
                commands.close();
                if commands.try_recv().is_ok() && matches!(service.needs_driver(&notebook).await, Ok(true)) {
                    _ = service.driver(&notebook);
                }
                return;
            }
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
    // What an earlier round made of the journal is in the document already; it counts once it is saved.
    service.room(notebook).await?.flush().await?;
    let Some(row) = store::kernel(&mut service.deps.db.read(), notebook).await?.filter(|k| k.active) else {
        return Ok(());
    };
    let folder = service.kernel_folder(&row);
    let mut driver = Driver::load(service, notebook, row, Source::Left(folder.clone())).await?;
    let mut entries = None;
    let mut not_before = Instant::now();
    let mut probe_at: Option<Instant> = None;
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
        probe_at = driver.lacks_idle().then(|| probe_at.unwrap_or_else(|| Instant::now() + PROBE));
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
            () = tokio::time::sleep_until(driver.write_at.unwrap_or(not_before)), if driver.write_at.is_some() => {
                driver.write(Vec::new()).await?;
            }
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
            () = tokio::time::sleep_until(probe_at.unwrap_or(not_before)), if live && probe_at.is_some() => {
                probe_at = None;
                driver.probe().await;
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
        let sheets = Sheets::load(&room, Memo::read(row.memo.as_deref()).clear);
        let mut driver = Self {
            service: service.clone(),
            notebook: notebook.to_owned(),
            written: row.journal,
            write_at: None,
            row,
            source,
            sheets,
            shelf,
            widgets,
            queue: VecDeque::new(),
            current: None,
            cells,
            over: HashSet::new(),
            asked: HashMap::new(),
            life: Life::Starting,
            lent: Lent::default(),
            changed_runs: Vec::new(),
            saved: VecDeque::new(),
        };
        driver.load_queue().await?;
        if !driver.queue.is_empty() {
            // The server may have ended before it could show them.
            for cell in driver.queue.iter().map(|r| r.cell.clone()).collect::<Vec<_>>() {
                driver.op(Op::Cell(cell, key::STATE, "queued".into()));
            }
            driver.show_queue();
        }
        Ok(driver)
    }

    /// Reads what is to be run: what is new goes behind what is known.
    async fn load_queue(&mut self) -> Result<(), Error> {
        let open = store::open_runs(&mut self.service.deps.db.read(), &self.notebook).await?;
        // Of which the rows say so by now need not be remembered.
        self.over.retain(|id| open.iter().any(|run| run.id == *id));
        for run in open {
            let known = self.queue.iter().any(|r| r.id == run.id)
                || self.current.as_ref().is_some_and(|c| c.run.id == run.id)
                // It began or ended, and that is on its way into the database.
                || self.over.contains(&run.id)
                || self.cells.contains_key(&run.id) && run.state == RunState::Queued;
            if known {
                continue;
            }
            if run.state == RunState::Running && self.current.is_none() {
                self.cells.insert(run.id.clone(), run.cell.clone());
                let stage = Memo::read(self.row.memo.as_deref()).stage_of(&run.id);
                self.current = Some(Current { run, stage });
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
            // What it has may have expired while no server was there.
            self.lent.to(&self.service, &self.row, &current.run).await?;
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

    /// Takes entries of the journal into the document. What comes until the next commit may begin becomes one change:
    /// nobody hears of it before, and a change costs as much as what is in it.
    async fn take(&mut self, batch: Vec<Entry>) -> Result<(), Error> {
        let room = self.room().await?;
        for entry in batch {
            let seq = entry.seq;
            self.entry(&room, entry).await?;
            self.row.journal = seq;
        }
        self.sheets.settle(&mut self.shelf).await?;
        for request in self.widgets.tell_captured(&self.service, &self.notebook) {
            self.send(request).await;
        }
        match room.due() {
            Some(due) if self.sheets.ops.len() < TOGETHER => {
                self.write_at.get_or_insert(due);
                Ok(())
            }
            _ => self.write(Vec::new()).await,
        }
    }

    fn op(&mut self, op: Op) {
        self.sheets.ops.push(op);
    }

    /// Writes everything that has come together, with the journal's position that belongs to it.
    async fn write(&mut self, mut with: Vec<crate::store::log::Statement>) -> Result<(), Error> {
        self.write_at = None;
        let ops = ops::settled(std::mem::take(&mut self.sheets.ops));
        let runs = std::mem::take(&mut self.changed_runs);
        let memo = self.memo();
        if memo != self.row.memo {
            self.row.memo = memo;
            with.push(store::memo(&self.row));
        }
        if self.row.journal != self.written {
            with.push(store::position(&self.row));
        }
        if ops.is_empty() && with.is_empty() && runs.is_empty() && self.shelf.statements.is_empty() {
            return Ok(());
        }
        with.append(&mut self.shelf.statements);
        with.append(&mut self.widgets.statements);
        with.extend(runs.iter().map(store::changed));
        let room = self.room().await?;
        let written = room.write_with(crate::run::WHO, with, |txn| ops::apply(txn, ops))?;
        self.written = self.row.journal;
        self.saved.push_back((self.row.journal, written.saved));
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
        self.service.fault("notebook-ending");
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
        self.folder_of(&row.unit_name())
    }

    pub(crate) fn folder_of(&self, unit: &str) -> PathBuf {
        self.config.kernels.join(unit.trim_start_matches("unit_"))
    }
}
