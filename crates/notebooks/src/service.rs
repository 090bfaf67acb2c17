//! The service: what it needs, how it starts, and the plain look-ups.

use crate::comms::Comms;
use crate::files::{Buckets, Files, Timing, Volumes};
use crate::model::{ListQuery, Notebook, NotebookPatch, NotebookView, Person};
use crate::room::{Close, Limits, Room, Rooms};
use crate::run::{Commands, Drivers, Units};
use crate::servers::Servers;
use crate::store;
use crate::stored::{self, Quotas};
use castalia_base::{Clock, Ctx, Error, tasks::Tasks};
use castalia_compute::{Reconciler, ReconcilerConfig, ReconcilerHandle, Resources};
use castalia_db::{Db, Engine, is_unique_violation};
use castalia_events::{Bus, Event, NewEvent, append};
use castalia_http::Page;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use tokio::sync::broadcast;

/// An output that is longer is not whole in checkpoints, unless told otherwise; in bytes.
const IN_FILE: u64 = 8 << 20;

/// What the service is built from.
pub struct Deps {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Who people are.
    pub identity: Arc<castalia_identity::Service>,
    /// Projects.
    pub projects: Arc<castalia_projects::Service>,
    /// Process types that are made of notebooks.
    pub processes: Arc<castalia_processes::Service>,
    /// Data.
    pub storage: Arc<castalia_storage::Service>,
    /// Where kernels run.
    pub backend: Arc<dyn castalia_compute::Backend>,
    /// The volumes of workspaces.
    pub volumes: Arc<dyn Volumes>,
    /// Who owns the background tasks.
    pub tasks: Tasks,
}

/// Settings of the service.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// What rooms take.
    pub limits: Limits,
    /// When files are written.
    pub timing: Timing,
    /// The folder in which the files lie, by project; the projects' buckets unless told.
    pub folder: Option<PathBuf>,
    /// The label of this installation.
    pub installation: String,
    /// Folder of what keepers of kernels keep.
    pub kernels: PathBuf,
    /// Folder of the folders in which notebooks' programs begin.
    pub work: PathBuf,
    /// Virtual environments whose kernels come before those of the machine.
    pub kernel_prefixes: Vec<PathBuf>,
    /// What a kernel may use; the usual unless told.
    pub kernel_resources: Option<Resources>,
    /// The server's address as kernels see it.
    pub backend_url: String,
    /// The server's address as people see it; what cells show links to. As kernels see it when empty.
    pub public_url: String,
    /// The folder in which the Python SDK lies, for the path of Python kernels; not there unless told.
    pub sdk: Option<PathBuf>,
    /// A kernel that nobody has used for so long, and that nobody watches, is ended; never unless told.
    pub kernel_idle: Option<std::time::Duration>,
    /// How much of outputs is stored.
    pub quotas: Quotas,
    /// Tests only: the step of a run at which the server kills itself.
    pub kill_at: Option<String>,
    /// An output longer than this is in checkpoints with its beginning and a word about the rest, in bytes; 8 MiB unless
    /// told, and 0 for all of every output.
    pub in_file: Option<u64>,
    /// How long a stored output stays that nothing refers to any more; an hour unless told.
    pub unused: Option<std::time::Duration>,
}

/// The service.
pub struct Service {
    pub(crate) deps: Deps,
    pub(crate) rooms: Arc<Rooms>,
    pub(crate) comms: Comms,
    pub(crate) servers: Arc<Servers>,
    pub(crate) ground: Arc<Buckets>,
    pub(crate) files: Arc<Files>,
    pub(crate) config: Config,
    pub(crate) drivers: Drivers,
    pub(crate) reconciler: OnceLock<ReconcilerHandle>,
}

impl Service {
    /// Builds the service; nothing runs until [`Service::start`].
    pub fn new(deps: Deps, config: Config) -> Arc<Self> {
        let servers = Servers::new(&config.installation);
        let (db, clock, tasks) = (deps.db.clone(), deps.clock.clone(), deps.tasks.clone());
        let rooms = Rooms::new(db, clock, tasks, config.limits, servers.clone());
        let ground = Arc::new(Buckets {
            db: deps.db.clone(),
            projects: deps.projects.clone(),
            storage: deps.storage.clone(),
            folder: config.folder.clone(),
            volumes: deps.volumes.clone(),
            coming: Default::default(),
        });
        let (db, clock, tasks) = (deps.db.clone(), deps.clock.clone(), deps.tasks.clone());
        let sizes = (config.quotas.notebook / 4, config.in_file.unwrap_or(IN_FILE));
        let files = Files::new(db, clock, tasks, ground.clone(), config.timing, sizes);
        let keep = files.clone();
        rooms.on_open(move |room| keep.attach(room));
        let service = Arc::new(Self {
            deps,
            rooms: Arc::new(rooms),
            comms: Comms::new(servers.clone()),
            servers,
            ground,
            files,
            config,
            drivers: Drivers::default(),
            reconciler: OnceLock::new(),
        });
        for channel in ["notebook", "kernel", "comms"] {
            service.comms.register(channel, Arc::new(Commands(Arc::downgrade(&service))));
        }
        service
    }

    /// Starts what works without being asked.
    pub fn start(self: &Arc<Self>, bus: &Bus) {
        self.deps.tasks.spawn_until_stop("notebooks.rooms", self.rooms.clone().run());
        self.deps.tasks.spawn_until_stop("notebooks.unsaved", self.clone().save_left_over());
        if self.deps.db.engine() == Engine::Postgres {
            let (service, stop) = (self.clone(), self.deps.tasks.stop_token());
            self.deps.tasks.spawn("notebooks.replicas", async move {
                let hear = |notice: Option<&str>| match notice {
                    Some(notice) => service.take_word(notice),
                    None => service.wake_drivers(),
                };
                tokio::select! { () = stop.cancelled() => {}, () = service.rooms.clone().follow(hear) => {} }
                service.rooms.resign().await;
                service.servers.leave(&service.deps.db).await;
            });
            let speak = self.servers.clone().speak(self.deps.db.clone());
            self.deps.tasks.spawn_until_stop("notebooks.servers", speak);
        }
        self.deps
            .tasks
            .spawn_until_stop("notebooks.permissions", self.clone().watch_permissions(bus.subscribe()));
        let units = Arc::new(Units(self.clone()));
        let reconciler = Reconciler::new(self.deps.backend.clone(), units, ReconcilerConfig::default());
        // A second start would be a mistake of the wiring; the first reconciler counts.
        _ = self.reconciler.set(reconciler.handle());
        let stop = self.deps.tasks.stop_token();
        self.deps.tasks.spawn("notebooks.reconcile", reconciler.run(stop));
        self.deps.tasks.spawn_until_stop("notebooks.kernels", self.clone().take_up_kernels());
        self.deps.tasks.spawn_until_stop("notebooks.tokens", self.clone().mind_tokens());
        self.deps.tasks.spawn_until_stop("notebooks.cull", self.clone().cull_kernels());
        self.deps.tasks.spawn_until_stop("notebooks.sweep", self.clone().sweep_stored());
    }

    /// Ends the server at a step that a test named, as abruptly as a `kill -9`.
    pub(crate) fn fault(&self, step: &str) {
        if self.config.kill_at.as_deref() == Some(step) {
            // Nothing is flushed, and no destructor runs.
            std::process::abort();
        }
    }

    /// The open document of a notebook, for the server's own parts. Hold it no longer than it is needed.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn room(&self, notebook: &str) -> Result<Arc<Room>, Error> {
        self.rooms.get(notebook).await
    }

    /// The open document of a notebook if somebody has it open.
    pub fn open_room(&self, notebook: &str) -> Option<Arc<Room>> {
        self.rooms.peek(notebook)
    }

    /// Looks a notebook up and demands a permission for it, as one act.
    pub(crate) async fn find(&self, ctx: &Ctx, id: &str, permission: &str) -> Result<Notebook, Error> {
        let notebook = store::find(&mut self.deps.db.read(), id).await?;
        let notebook = notebook.ok_or_else(|| Error::not_found("notebook", id))?;
        ctx.require(permission, &notebook.project, "notebook", id)?;
        if !permission.ends_with(".view") {
            // In an archived project nothing changes.
            self.deps.projects.find(ctx, &notebook.project, permission).await?;
        }
        Ok(notebook)
    }

    pub(crate) async fn view(&self, ctx: &Ctx, notebook: Notebook) -> NotebookView {
        let (file, volume) = (self.file_view(&notebook), self.volume_view(ctx, &notebook).await);
        notebook.view(ctx, file, volume)
    }

    /// One notebook.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, ctx: &Ctx, id: &str) -> Result<NotebookView, Error> {
        let notebook = self.find(ctx, id, "notebooks.view").await?;
        Ok(self.view(ctx, notebook).await)
    }

    /// Notebooks of a project, newest first.
    ///
    /// # Errors
    /// `not_found` for a project that may not be seen.
    pub async fn list(&self, ctx: &Ctx, query: &ListQuery) -> Result<Page<NotebookView>, Error> {
        let project = self.deps.projects.find(ctx, &query.project, "notebooks.view").await?;
        let limit = query.limit.unwrap_or(100).clamp(1, 500) as usize;
        let rows =
            store::list(&mut self.deps.db.read(), project.id.as_str(), query.after.as_deref(), limit + 1)
                .await?;
        let mut views = Vec::with_capacity(rows.len());
        for notebook in rows {
            views.push(self.view(ctx, notebook).await);
        }
        Ok(Page::of(views, limit, |n: &NotebookView| n.id.clone()))
    }

    /// Gives a notebook another name or title. Its document and whoever is in it stay as they are.
    ///
    /// # Errors
    /// `notebook_exists`, `file_exists`, `invalid_name`; `forbidden` without `notebooks.edit`.
    pub async fn update(&self, ctx: &Ctx, id: &str, patch: NotebookPatch) -> Result<NotebookView, Error> {
        let mut notebook = self.find(ctx, id, "notebooks.edit").await?;
        if let Some(name) = patch.name {
            let name = checked_name(&name)?;
            // A file in a volume keeps its own name.
            if name != notebook.name && notebook.file.is_none() {
                self.is_free(&notebook, &name).await?;
            }
            notebook.name = name;
        }
        notebook.title = patch.title.unwrap_or(notebook.title);
        notebook.updated_at = ctx.now();
        let mut tx = self.deps.db.begin().await?;
        store::rename(&mut tx, id, &notebook.name, &notebook.title, ctx.now()).await.map_err(taken)?;
        let data = json!({"name": notebook.name, "title": notebook.title});
        append(&mut tx, ctx, vec![event(&notebook, "notebook.changed", data)]).await?;
        tx.commit().await?;
        self.save_soon(id);
        Ok(self.view(ctx, notebook).await)
    }

    /// Deletes a notebook with its document. Whoever is in it is told.
    ///
    /// # Errors
    /// `not_found`; `forbidden` without `notebooks.delete`.
    pub async fn delete(&self, ctx: &Ctx, id: &str) -> Result<(), Error> {
        let notebook = self.find(ctx, id, "notebooks.delete").await?;
        let mut tx = self.deps.db.begin().await?;
        self.files.forget(&mut tx, id).await?;
        if store::delete(&mut tx, id).await? {
            append(&mut tx, ctx, vec![event(&notebook, "notebook.deleted", json!({"name": notebook.name}))])
                .await?;
        }
        tx.commit().await?;
        self.rooms.end(id, &Close::DELETED);
        // A file in a volume is its people's.
        let name = notebook.file.is_none().then_some(notebook.name.as_str());
        match self.ground.clear(&notebook.project, id, name).await {
            Ok(()) => {
                let mut tx = self.deps.db.begin().await?;
                stored::rows::forget_notebook(&mut tx, id).await?;
                tx.commit().await?;
            }
            // The sweep finds them.
            Err(error) => tracing::warn!(
                notebook = id,
                error = error.chain(),
                "files of a deleted notebook were left behind"
            ),
        }
        self.forget_kernel(&notebook).await
    }

    /// Lets connections ask again what they may do, soon after something changed about their people.
    async fn watch_permissions(self: Arc<Self>, mut events: broadcast::Receiver<Arc<Event>>) {
        loop {
            let event = match events.recv().await {
                Ok(event) => Some(event),
                Err(broadcast::error::RecvError::Lagged(_)) => None,
                Err(broadcast::error::RecvError::Closed) => return,
            };
            let concerns = event.as_ref().is_none_or(|e| is_about_permissions(&e.kind));
            if concerns {
                // Those who remember who the caller was hear the same news, and forget it by then.
                tokio::time::sleep(LOOK_AGAIN).await;
                self.comms.look_again();
                for room in self.rooms.all() {
                    room.peers().iter().for_each(|peer| peer.look_again.notify_one());
                }
            }
            if let Some(event) = event.filter(|e| e.kind == "notebook.deleted")
                && let Some(id) = event.topic.strip_prefix("notebook.")
            {
                // By another replica, perhaps.
                self.rooms.end(id, &Close::DELETED);
            }
        }
    }
}

/// How long after news about permissions they are asked for.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(250);

fn is_about_permissions(kind: &str) -> bool {
    kind.starts_with("project.member")
        || matches!(
            kind,
            "identity.session_ended"
                | "identity.token_revoked"
                | "identity.password_changed"
                | "identity.user_changed"
                | "identity.user_deleted"
                | "identity.role_changed"
                | "project.archived"
        )
}

/// An event of a notebook.
pub(crate) fn event(notebook: &Notebook, kind: &'static str, data: Value) -> NewEvent {
    let mut data = data;
    data["notebook"] = notebook.id.clone().into();
    NewEvent {
        topic: format!("notebook.{}", notebook.id),
        kind,
        project: Some(notebook.project.clone()),
        data,
    }
}

pub(crate) fn taken(error: Error) -> Error {
    if is_unique_violation(&error) {
        Error::conflict("notebook_exists", "the project has a notebook of this name already")
    } else {
        error
    }
}

/// A name that is a file's name everywhere, with its ending.
pub(crate) fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let stem = name.strip_suffix(".ipynb").unwrap_or(name);
    let plain = !stem.is_empty()
        && stem.len() <= 200
        && !stem.starts_with('.')
        && !stem.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | ':' | '\0'));
    if plain {
        Ok(format!("{stem}.ipynb"))
    } else {
        Err(Error::field(
            "invalid_name",
            "/name",
            "a name has 1 to 200 bytes, begins with no dot and has none of / \\ : in it",
        ))
    }
}

impl Person {
    /// What others are told of who somebody is: a name, and a colour that is always the same.
    pub(crate) fn presence(&self) -> Value {
        let hue = self.id.bytes().fold(0u32, |h, b| h.wrapping_mul(31).wrapping_add(b.into())) % 360;
        json!({
            "id": self.id,
            "name": self.name,
            "color": format!("hsl({hue}, 70%, 45%)"),
            "colorLight": format!("hsla({hue}, 70%, 45%, 0.2)"),
        })
    }
}
