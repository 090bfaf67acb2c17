//! The service: what it needs, how it starts, and the plain look-ups.

use crate::admission::Capacity;
use crate::environments::KnownTypes;
use crate::lifecycle::Units;
use crate::model::{ProcessView, State, VersionView};
use crate::retention::Retention;
use crate::store::{self, Filter, ProcessRow, VersionRow};
use crate::submit::process_view;
use castalia_base::{Clock, Ctx, Error, tasks::Tasks};
use castalia_compute::{Backend, Reconciler, ReconcilerConfig, ReconcilerHandle};
use castalia_db::Db;
use castalia_events::{Bus, append};
use castalia_http::Page;
use castalia_projects::{ledger::HoldKey, pricing::Prices};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, RwLock};
use tokio::sync::Notify;

/// What the service is built from.
pub struct Deps {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Projects and their ledger.
    pub projects: Arc<castalia_projects::Service>,
    /// Data.
    pub storage: Arc<castalia_storage::Service>,
    /// Where programs run.
    pub backend: Arc<dyn Backend>,
    /// Who owns the background tasks.
    pub tasks: Tasks,
}

/// Settings of the service.
#[derive(Clone, Debug)]
pub struct Config {
    /// What all running versions together may use.
    pub capacity: Capacity,
    /// Address at which programs reach this server.
    pub backend_url: String,
    /// Address at which programs reach the S3 gateway.
    pub storage_endpoint: String,
    /// The folder in which the Python SDK lies, for programs of the platform itself.
    pub sdk: Option<PathBuf>,
    /// The label of this installation.
    pub installation: String,
    /// How long things are kept.
    pub retention: Retention,
    /// Tests only: the step at which the server kills itself, to prove that nothing is lost there.
    pub kill_at: Option<String>,
}

/// The service.
pub struct Service {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) projects: Arc<castalia_projects::Service>,
    pub(crate) storage: Arc<castalia_storage::Service>,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) capacity: Capacity,
    pub(crate) config: Config,
    pub(crate) types: RwLock<KnownTypes>,
    pub(crate) admit: Notify,
    tasks: Tasks,
    reconciler: OnceLock<ReconcilerHandle>,
}

/// Which processes to list.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ListQuery {
    /// Project, by name or id.
    pub project: String,
    /// Only those whose newest version is in this state.
    pub state: Option<State>,
    /// Only those of this type.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many at most (1 to 500, 100 unless told).
    pub limit: Option<u32>,
}

impl ListQuery {
    /// The newest processes of a project, as many as fit into one page.
    pub fn of(project: &str) -> Self {
        Self { project: project.into(), state: None, type_name: None, after: None, limit: Some(500) }
    }
}

/// A queued version, with its place in the queue.
fn waiting(v: VersionRow, place: i64) -> VersionView {
    let mut view = v.view(Some(place));
    view.reason = Some(format!("waiting for room, number {place} in the queue"));
    view
}

impl Service {
    /// Builds the service; nothing runs until [`Service::start`].
    pub fn new(deps: Deps, config: Config) -> Arc<Self> {
        Arc::new(Self {
            db: deps.db,
            clock: deps.clock,
            projects: deps.projects,
            storage: deps.storage,
            backend: deps.backend,
            capacity: config.capacity,
            config,
            types: RwLock::default(),
            admit: Notify::new(),
            tasks: deps.tasks,
            reconciler: OnceLock::new(),
        })
    }

    /// Starts admission, the reconciler and retention. What ran before the start is adopted.
    pub fn start(self: &Arc<Self>, bus: &Bus) {
        let owner = Arc::new(Units(self.clone()));
        let reconciler = Reconciler::new(self.backend.clone(), owner, ReconcilerConfig::default());
        let _ = self.reconciler.set(reconciler.handle());
        let stop = self.tasks.stop_token();
        self.tasks.spawn("processes.reconcile", reconciler.run(stop));
        self.tasks.spawn_until_stop("processes.admit", crate::admit::run(self.clone()));
        let watch = self.clone().watch_environments(bus.subscribe());
        self.tasks.spawn_until_stop("processes.environments", watch);
        self.tasks.spawn_until_stop("processes.retention", crate::retention::run(self.clone()));
    }

    pub(crate) fn prices(&self) -> &Prices {
        self.projects.prices()
    }

    /// Looks at one unit now.
    pub(crate) fn nudge(&self, unit: &str) {
        if let (Some(reconciler), Ok(id)) = (self.reconciler.get(), unit.parse()) {
            reconciler.nudge(&id);
        }
    }

    pub(crate) fn system(&self) -> Ctx {
        Ctx::system(self.clock.clone())
    }

    pub(crate) fn hold_key(process: &str, version: i64) -> HoldKey {
        HoldKey::new(process, version, 1)
    }

    /// Ends the server at a step that a test named, as abruptly as a `kill -9`.
    pub(crate) fn fault(&self, step: &str) {
        if self.config.kill_at.as_deref() == Some(step) {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            // The signal is delivered before the call returns; this line is for the reader.
            std::process::abort();
        }
    }

    /// Looks a process up and demands a permission for it, as one act. Without a version the newest is meant.
    pub(crate) async fn find(
        &self,
        ctx: &Ctx,
        process: &str,
        version: Option<i64>,
        permission: &str,
    ) -> Result<(ProcessRow, i64), Error> {
        let row = store::process(&mut self.db.read(), process)
            .await?
            .ok_or_else(|| Error::not_found("process", process))?;
        ctx.require(permission, &row.project_id, "process", process)?;
        let version = version.unwrap_or(row.latest);
        if version < 1 || version > row.latest {
            return Err(Error::not_found("version", format!("{process}/{version}")));
        }
        Ok((row, version))
    }

    /// One version.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn version(&self, ctx: &Ctx, process: &str, version: i64) -> Result<VersionView, Error> {
        let (row, number) = self.find(ctx, process, Some(version), "processes.view").await?;
        let v = store::version(&mut self.db.read(), &row.id, number)
            .await?
            .ok_or_else(|| Error::not_found("version", number))?;
        self.view(v).await
    }

    pub(crate) async fn view(&self, v: VersionRow) -> Result<VersionView, Error> {
        if v.state != State::Queued {
            return Ok(v.view(None));
        }
        let position = store::queue_position(&mut self.db.read(), &v).await?;
        Ok(waiting(v, position))
    }

    /// One process with all its versions.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, ctx: &Ctx, process: &str) -> Result<ProcessView, Error> {
        let (row, _) = self.find(ctx, process, None, "processes.view").await?;
        let mut views = Vec::new();
        for v in store::versions(&mut self.db.read(), &row.id).await? {
            views.push(self.view(v).await?);
        }
        Ok(process_view(row, views))
    }

    /// Processes of a project, newest first, each with its newest version.
    ///
    /// # Errors
    /// `not_found` for a project that may not be seen.
    pub async fn list(&self, ctx: &Ctx, query: &ListQuery) -> Result<Page<ProcessView>, Error> {
        let project = self.projects.find(ctx, &query.project, "processes.view").await?;
        let limit = query.limit.unwrap_or(100).clamp(1, 500) as usize;
        let filter = Filter {
            project: project.id.to_string(),
            state: query.state.map(|s| s.as_str().to_owned()),
            type_name: query.type_name.clone(),
            before: query.after.clone(),
            limit: limit + 1,
        };
        let rows = store::list(&mut self.db.read(), &filter).await?;
        let mut queued = rows.iter().filter(|(_, v)| v.state == State::Queued).map(|(p, _)| p.id.as_str());
        let places = match queued.next() {
            None => BTreeMap::new(),
            // Newest first, so the first is the last by id.
            Some(last) => {
                let first = queued.next_back().unwrap_or(last);
                store::queue_positions(&mut self.db.read(), project.id.as_str(), first, last).await?
            }
        };
        let view = |v: VersionRow| match places.get(&(v.process.clone(), v.version)) {
            Some(place) if v.state == State::Queued => waiting(v, *place),
            _ => v.view(None),
        };
        let views = rows.into_iter().map(|(p, v)| process_view(p, vec![view(v)])).collect();
        Ok(Page::of(views, limit, |p: &ProcessView| p.id.clone()))
    }

    /// Deletes a process with its versions, outputs and logs. The ledger keeps its entries.
    ///
    /// # Errors
    /// `still_running` while a version has not ended, `in_use` when versions of other processes have its data.
    pub async fn delete(&self, ctx: &Ctx, process: &str) -> Result<(), Error> {
        let (row, _) = self.find(ctx, process, None, "processes.delete").await?;
        let versions = store::versions(&mut self.db.read(), &row.id).await?;
        if let Some(active) = versions.iter().find(|v| !v.state.is_terminal()) {
            return Err(Error::conflict(
                "still_running",
                format!("version {} is {}; cancel it first", active.version, active.state),
            ));
        }
        for v in &versions {
            self.refuse_if_needed_elsewhere(v).await?;
        }
        for v in &versions {
            self.delete_data(ctx, v).await?;
        }
        let mut tx = self.db.begin().await?;
        // What was made meanwhile is not what was looked at above.
        if store::lock_latest(&mut tx, &row.id).await?.is_some_and(|latest| latest != row.latest) {
            return Err(Error::conflict(
                "still_running",
                "a further version was made meanwhile; cancel it first",
            ));
        }
        store::delete_process(&mut tx, &row.id).await?;
        if let Some(first) = versions.first() {
            let event = crate::lifecycle::process_event(first, "process.deleted", json!({"name": row.name}));
            append(&mut tx, ctx, vec![event]).await?;
        }
        tx.commit().await
    }

    async fn refuse_if_needed_elsewhere(&self, v: &VersionRow) -> Result<(), Error> {
        let elsewhere = |found: Vec<(String, i64)>| found.into_iter().find(|(other, _)| *other != v.process);
        let this = format!("{}/{}", v.process, v.version);
        if let Some((other, n)) = elsewhere(store::taken_over_by(&mut self.db.read(), &this).await?) {
            return Err(Error::conflict(
                "in_use",
                format!("{other} version {n} took over the result of {this}"),
            ));
        }
        for output in &v.outputs {
            if let Some((other, n)) = elsewhere(store::readers(&mut self.db.read(), &output.id, false).await?)
            {
                let text = format!("{other} version {n} was made from its dataset {}", output.id);
                return Err(Error::conflict("in_use", text));
            }
        }
        Ok(())
    }

    /// Deletes what a version wrote, and its log. May be called again.
    async fn delete_data(&self, ctx: &Ctx, v: &VersionRow) -> Result<(), Error> {
        for output in v.outputs.iter().filter(|_| v.reused_from.is_none()) {
            match self.storage.delete_dataset(ctx, &output.id, true).await {
                Err(error) if error.kind() != castalia_base::Kind::NotFound => return Err(error),
                _ => {}
            }
        }
        let bucket = v.bucket(None)?;
        let written = format!("processes/{}/v{}/", v.process, v.version);
        self.storage.delete_prefix(&bucket, &written).await?;
        self.storage.delete_prefix(&bucket, &crate::logs::prefix(&v.process, v.version)).await?;
        Ok(())
    }

    /// Versions that are queued, starting and running now.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn counts(&self) -> Result<Vec<(String, i64)>, Error> {
        store::counts(&mut self.db.read()).await
    }

    /// Whether a version that has not ended reads this upload or dataset.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn is_in_use(&self, input: &str) -> Result<Option<String>, Error> {
        let readers = store::readers(&mut self.db.read(), input, true).await?;
        Ok(readers.first().map(|(process, version)| format!("{process} version {version}")))
    }
}

impl Service {
    /// What has not ended in a project, in words; `None` when nothing has.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn busy(&self, project: &str) -> Result<Option<String>, Error> {
        let n = store::count_active(&mut self.db.read(), project).await?;
        Ok((n > 0).then(|| format!("{n} versions of processes that have not ended")))
    }
}
