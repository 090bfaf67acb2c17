//! The service: what it needs, and how it starts.

use crate::access::Access;
use crate::admission::Capacity;
use crate::cull::IdleViews;
use crate::definition::Book;
use crate::door::Doors;
use crate::lease::Lease;
use crate::lifecycle::Units;
use crate::ports::Ports;
use crate::store::{self, WorkspaceRow};
use crate::watch::Watched;
use castalia_base::{Clock, Ctx, Error, tasks::Tasks};
use castalia_compute::{Backend, Reconciler, ReconcilerConfig, ReconcilerHandle};
use castalia_db::Db;
use castalia_events::{Bus, Event, NewEvent};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Notify, broadcast};

/// What the service is built from.
pub struct Deps {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Users and their tokens.
    pub identity: Arc<castalia_identity::Service>,
    /// Projects.
    pub projects: Arc<castalia_projects::Service>,
    /// Where workspaces run.
    pub backend: Arc<dyn Backend>,
    /// Who owns the background tasks.
    pub tasks: Tasks,
}

/// How many workspaces there may be; `None` means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Of one user, running or not.
    pub user_total: Option<u64>,
    /// Of one user, running.
    pub user_running: Option<u64>,
    /// Of one project, running.
    pub project_running: Option<u64>,
    /// Of the whole installation, running or not.
    pub installation_total: Option<u64>,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            user_total: Some(20),
            user_running: Some(6),
            project_running: Some(100),
            installation_total: None,
        }
    }
}

/// Settings of the service.
#[derive(Clone, Debug)]
pub struct Config {
    /// What all workspaces together may use.
    pub capacity: Capacity,
    /// How many there may be.
    pub quotas: Quotas,
    /// Where the server is below its host: `/`, or `/prefix/`.
    pub base: String,
    /// The server's address as people see it, without a slash at its end.
    pub public_url: String,
    /// The server's address as workspaces see it, with the prefix and without a slash at its end.
    pub backend_url: String,
    /// The port on which people reach the server.
    pub port: u16,
    /// Folder of the workspaces' volumes.
    pub volumes: PathBuf,
    /// Folder of the logs of runs that have ended.
    pub logs: PathBuf,
    /// Folder of service definitions.
    pub definitions: Option<PathBuf>,
    /// Folders that are searched for programs before `PATH`.
    pub path: Vec<String>,
    /// The label of this installation.
    pub installation: String,
    /// Tests only: the step at which the server kills itself, to prove that nothing is lost there.
    pub kill_at: Option<String>,
}

/// The service.
pub struct Service {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) identity: Arc<castalia_identity::Service>,
    pub(crate) projects: Arc<castalia_projects::Service>,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) config: Config,
    pub(crate) admit: Notify,
    pub(crate) tasks: Tasks,
    pub(crate) watched: Watched,
    pub(crate) doors: Doors,
    pub(crate) idle: IdleViews,
    pub(crate) lease: Lease,
    pub(crate) ports: Ports,
    pub(crate) http: reqwest::Client,
    changed: Arc<Notify>,
    book: RwLock<Arc<Book>>,
    reconciler: OnceLock<ReconcilerHandle>,
}

impl Service {
    /// Builds the service; nothing runs until [`Service::start`].
    pub fn new(deps: Deps, config: Config) -> Arc<Self> {
        let book = Book::read(config.definitions.as_deref());
        for broken in book.broken() {
            tracing::error!(file = broken.file, "a service definition can't be used: {}", broken.why);
        }
        Arc::new(Self {
            db: deps.db,
            clock: deps.clock,
            identity: deps.identity,
            projects: deps.projects,
            backend: deps.backend,
            config,
            admit: Notify::new(),
            tasks: deps.tasks,
            watched: Watched::default(),
            doors: Doors::default(),
            idle: IdleViews::default(),
            lease: Lease::default(),
            ports: Ports::default(),
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap_or_default(),
            changed: Arc::new(Notify::new()),
            book: RwLock::new(Arc::new(book)),
            reconciler: OnceLock::new(),
        })
    }

    /// Starts admission, the reconciler and the watch over what runs, as soon as this server has the lease of its node.
    /// What ran before the start is adopted.
    pub fn start(self: &Arc<Self>, bus: &Bus) {
        let owner = Arc::new(Units(self.clone()));
        let reconciler = Reconciler::new(self.backend.clone(), owner, ReconcilerConfig::default());
        let _ = self.reconciler.set(reconciler.handle());
        let (stop, service) = (self.tasks.stop_token(), self.clone());
        self.tasks.spawn("hub.reconcile", async move {
            tokio::select! {
                () = service.lease.wait() => reconciler.run(stop).await,
                () = stop.cancelled() => {}
            }
        });
        self.tasks.spawn_until_stop("hub.lease", crate::lease::run(self.clone()));
        self.tasks.spawn_until_stop("hub.admit", crate::admit::run(self.clone()));
        self.tasks.spawn_until_stop("hub.listen", self.clone().listen(bus.subscribe()));
        self.tasks.spawn_until_stop("hub.idle", crate::cull::run(self.clone()));
        self.tasks.spawn_until_stop("hub.pool", crate::pool::run(self.clone()));
    }

    /// This server looks after its node from now on.
    pub(crate) fn taken_over(self: &Arc<Self>) {
        self.tasks.spawn_until_stop("hub.adopt", self.clone().take_up());
        if let Some(reconciler) = self.reconciler.get() {
            reconciler.nudge_all();
        }
        self.admit.notify_one();
    }

    /// Takes up the watch over what ran before this server looked after it.
    async fn take_up(self: Arc<Self>) {
        while let Err(error) = self.watch_all().await {
            tracing::warn!(error = error.chain(), "what runs can't be taken up yet; trying again");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Follows the log of events, also of other replicas: who waits for a change looks again, and what the door
    /// believes is read anew.
    async fn listen(self: Arc<Self>, mut events: broadcast::Receiver<Arc<Event>>) {
        loop {
            match events.recv().await {
                Ok(event) => self.heard(&event).await,
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    self.doors.forget();
                    self.changed.notify_waiters();
                }
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    async fn heard(&self, event: &Event) {
        if event.kind.starts_with("workspace.") {
            self.doors.forget();
            self.changed.notify_waiters();
        }
        if matches!(
            event.kind.as_str(),
            "identity.user_deleted" | "identity.user_changed" | "project.member_removed"
        ) && let Err(error) = self.rights_of_people_changed(event).await
        {
            tracing::warn!(
                error = error.chain(),
                "what a change of rights means for workspaces could not be done"
            );
        }
    }

    /// Fires when any workspace has changed.
    pub(crate) fn changes(&self) -> Arc<Notify> {
        self.changed.clone()
    }

    /// The definitions in force.
    pub(crate) fn book(&self) -> Arc<Book> {
        self.book.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the definitions anew.
    pub(crate) fn reread(&self) -> Arc<Book> {
        let book = Arc::new(Book::read(self.config.definitions.as_deref()));
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = book.clone();
        book
    }

    /// Looks at the unit of a workspace now.
    pub(crate) fn nudge(&self, w: &WorkspaceRow) {
        if let (Some(reconciler), Ok(id)) = (self.reconciler.get(), w.unit_name().parse()) {
            reconciler.nudge(&id);
        }
    }

    pub(crate) fn system(&self) -> Ctx {
        Ctx::system(self.clock.clone())
    }

    /// Where a workspace is opened, with slashes at both ends.
    pub(crate) fn prefix_of(&self, w: &WorkspaceRow) -> String {
        format!("{}user/{}/{}/", self.config.base, w.owner_name, w.name)
    }

    /// The volume of a workspace (by id or name) in which the caller may work: the workspace's id, its project's id, and
    /// the folder.
    ///
    /// # Errors
    /// `not_found`, `forbidden`; `elsewhere` when it is at another server.
    pub async fn volume(&self, ctx: &Ctx, workspace: &str) -> Result<(String, String, PathBuf), Error> {
        let (w, _) = self.find(ctx, workspace, "workspaces.use", Access::Use).await?;
        let folder = self.volume_here(&w)?;
        Ok((w.id, w.project_id, folder))
    }

    /// The folder of a workspace's volume, for the server itself.
    ///
    /// # Errors
    /// `not_found`; `elsewhere` when it is at another server.
    pub async fn volume_folder(&self, workspace: &str) -> Result<PathBuf, Error> {
        let found = store::find(&mut self.db.read(), workspace).await?;
        self.volume_here(&found.ok_or_else(|| Error::not_found("workspace", workspace))?)
    }

    fn volume_here(&self, w: &WorkspaceRow) -> Result<PathBuf, Error> {
        if w.node == self.config.installation {
            return Ok(self.volume_of(w));
        }
        Err(Error::conflict("elsewhere", "the workspace's files are at another server"))
    }

    /// The folder of a workspace's volume.
    pub(crate) fn volume_of(&self, w: &WorkspaceRow) -> PathBuf {
        self.config.volumes.join(&w.id)
    }

    /// Ends the server at a step that a test named, as abruptly as a `kill -9`.
    pub(crate) fn fault(&self, step: &str) {
        if self.config.kill_at.as_deref() == Some(step) {
            // The memory of the process is of no use to anybody; nothing is flushed.
            std::process::abort();
        }
    }

    /// What of a project runs or waits, in words; `None` when nothing does.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn busy(&self, project: &str) -> Result<Option<String>, Error> {
        let n = store::count_wanted(&mut self.db.read(), project).await?;
        Ok((n > 0).then(|| format!("{n} workspaces that run or wait")))
    }

    /// How many workspaces are in each state.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn counts(&self) -> Result<Vec<(String, i64)>, Error> {
        store::counts(&mut self.db.read()).await
    }
}

/// An event about a workspace. It says whose it is, because a project's topic tells it to nobody else.
pub(crate) fn workspace_event(w: &WorkspaceRow, kind: &'static str, mut data: Value) -> NewEvent {
    data["workspace"] = w.id.clone().into();
    data["name"] = w.name.clone().into();
    data["owner"] = w.owner_id.clone().into();
    data["run"] = w.run.into();
    NewEvent { topic: format!("workspace.{}", w.id), kind, project: Some(w.project_id.clone()), data }
}
