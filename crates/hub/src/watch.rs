//! Health of what runs: one monitor of `compute` for each run, and what its news mean for the workspace.

use crate::Service;
use crate::access::Access;
use crate::lifecycle::NOT_READY;
use crate::model::{Health, State};
use crate::service::workspace_event;
use crate::store::{self, WorkspaceRow};
use castalia_base::{Ctx, Error};
use castalia_compute::health::{Chronicle, Monitor, Place, Rules, StartPeriods, Status, UnitSubject};
use castalia_compute::{Resources, health};
use castalia_events::append;
use serde_json::json;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The monitors of this server.
#[derive(Default)]
pub(crate) struct Watched(Mutex<Monitors>);

/// By workspace: the run that is watched, and its monitor once there is one.
type Monitors = HashMap<String, (i64, Option<Arc<Monitor>>)>;

impl Watched {
    fn lock(&self) -> std::sync::MutexGuard<'_, Monitors> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Takes a run to watch; false when it is watched already.
    fn take(&self, id: &str, run: i64) -> bool {
        let mut all = self.lock();
        let new = all.get(id).is_none_or(|(watched, _)| *watched != run);
        if new {
            all.insert(id.to_owned(), (run, None));
        }
        new
    }
    fn put(&self, id: &str, run: i64, monitor: &Arc<Monitor>) {
        self.lock().insert(id.to_owned(), (run, Some(monitor.clone())));
    }
    fn get(&self, id: &str) -> Option<Arc<Monitor>> {
        self.lock().get(id)?.1.clone()
    }
    fn drop_run(&self, id: &str, run: i64) {
        let mut all = self.lock();
        if all.get(id).is_some_and(|(watched, _)| *watched == run) {
            all.remove(id);
        }
    }
}

fn health_of(state: health::State) -> Health {
    match state {
        health::State::Starting => Health::Starting,
        health::State::Healthy => Health::Healthy,
        health::State::Degraded => Health::Degraded,
        health::State::Unhealthy => Health::Unhealthy,
        health::State::Stopped => Health::Stopped,
    }
}

fn state_of(health: Health) -> health::State {
    match health {
        Health::Starting => health::State::Starting,
        Health::Healthy => health::State::Healthy,
        Health::Degraded => health::State::Degraded,
        Health::Unhealthy => health::State::Unhealthy,
        Health::Stopped => health::State::Stopped,
    }
}

impl Service {
    /// Watches everything that runs already.
    pub(crate) async fn watch_all(self: &Arc<Self>) -> Result<(), Error> {
        for w in store::active(&mut self.db.read(), &self.config.installation).await? {
            if w.started_at.is_some() {
                if w.ready_at.is_some() {
                    self.open_door(&w);
                }
                self.watch(&w.id, w.run);
            }
        }
        Ok(())
    }

    /// Watches a run until it ends. Asking again does nothing.
    pub(crate) fn watch(self: &Arc<Self>, id: &str, run: i64) {
        if !self.watched.take(id, run) {
            return;
        }
        let (service, id) = (self.clone(), id.to_owned());
        self.tasks.spawn_until_stop("hub.watch", async move {
            while let Err(error) = service.watching(&id, run).await {
                tracing::warn!(
                    error = error.chain(),
                    workspace = id,
                    "a workspace can't be watched; trying again"
                );
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            service.watched.drop_run(&id, run);
        });
    }

    async fn watching(self: &Arc<Self>, id: &str, run: i64) -> Result<(), Error> {
        let found = store::find(&mut self.db.read(), id).await?;
        let Some(w) = found.filter(|w| w.run == run && w.state.is_active()) else { return Ok(()) };
        let monitor = Arc::new(self.monitor(&w).await?);
        self.watched.put(id, run, &monitor);
        let mut status = monitor.watch();
        loop {
            let now = status.borrow_and_update().clone();
            let over = now.state == health::State::Stopped || !self.news(id, run, &now).await?;
            if over || status.changed().await.is_err() {
                self.keep_chronicle(id, run, &monitor.chronicle()).await;
                return Ok(());
            }
        }
    }

    async fn monitor(&self, w: &WorkspaceRow) -> Result<Monitor, Error> {
        let check = &w.definition.health_check;
        let mut periods = StartPeriods::default();
        for (service, ms) in store::boots(&mut self.db.read()).await? {
            if service == w.service {
                periods.record(Duration::from_millis(u64::try_from(ms).unwrap_or_default()));
            }
        }
        let rules = Rules::new(check, periods.start_period(check.start_period.0), Vec::new());
        let port = w.port.ok_or_else(|| Error::internal("a workspace runs without a port"))?;
        let prefix = self.prefix_of(w).trim_end_matches('/').to_owned();
        let place = Place { host: "127.0.0.1".into(), port, prefix };
        let unit = w.unit_name().parse().map_err(|e: castalia_compute::Error| Error::internal(e))?;
        let r = &w.resources;
        let limits = Resources {
            cpu_millis: r.cpu_millis,
            memory_mb: r.memory_mb,
            storage_mb: r.storage_mb,
            gpu: r.gpu,
        };
        let subject = Arc::new(UnitSubject::new(self.backend.clone(), unit, check, &place, limits));
        Ok(match w.ready_at {
            Some(_) => Monitor::resume(rules, subject, state_of(w.health)),
            None => Monitor::start(rules, subject),
        })
    }

    /// Carries out what a change of health means. Returns whether there is anything left to watch.
    async fn news(self: &Arc<Self>, id: &str, run: i64, status: &Status) -> Result<bool, Error> {
        self.in_charge().await?;
        let found = store::find(&mut self.db.read(), id).await?;
        let Some(w) = found.filter(|w| w.run == run && w.state.is_active()) else { return Ok(false) };
        let health = health_of(status.state);
        if w.state == State::Starting && status.state.serves() {
            // The door first: who is told that it is ready finds it open.
            self.open_door(&w);
            self.set_ready(&w, self.clock.now(), &status.reason).await?;
        }
        if health != Health::Starting {
            self.note_health(&w, health, &status.reason).await?;
        }
        if w.state == State::Starting && health == Health::Unhealthy {
            let reason = format!("it did not become ready: {}", status.reason);
            self.stop_for(&self.system(), &w, &reason, NOT_READY).await?;
        }
        Ok(true)
    }

    async fn note_health(&self, w: &WorkspaceRow, health: Health, reason: &str) -> Result<(), Error> {
        let ctx = self.system();
        let mut tx = self.db.begin().await?;
        if store::set_health(&mut tx, &w.id, w.run, health, Some(reason)).await? {
            let data = json!({"health": health, "reason": reason, "before": w.health});
            append(&mut tx, &ctx, vec![workspace_event(w, "workspace.health", data)]).await?;
            tx.commit().await?;
            tracing::info!(workspace = w.name, health = health.as_str(), reason, "health of a workspace");
        }
        Ok(())
    }

    /// What was tried and what was concluded since this server watches; after the end of a run, what was kept of it.
    pub(crate) async fn chronicle(&self, ctx: &Ctx, workspace: &str) -> Result<Chronicle, Error> {
        let (w, _) = self.find(ctx, workspace, "workspaces.view", Access::View).await?;
        if let Some(monitor) = self.watched.get(&w.id) {
            return Ok(monitor.chronicle());
        }
        let kept = tokio::fs::read(self.chronicle_file(&w.id)).await.unwrap_or_default();
        let kept: Option<(i64, Chronicle)> = serde_json::from_slice(&kept).ok();
        Ok(kept.filter(|(run, _)| *run == w.run).map(|(_, chronicle)| chronicle).unwrap_or_default())
    }

    /// Beside the logs: only of the newest run, since it is there to see why that ended.
    fn chronicle_file(&self, id: &str) -> PathBuf {
        self.config.logs.join(id).join("health.json")
    }

    async fn keep_chronicle(&self, id: &str, run: i64, chronicle: &Chronicle) {
        let file = self.chronicle_file(id);
        let kept = async {
            if let Some(folder) = file.parent() {
                tokio::fs::create_dir_all(folder).await?;
            }
            let beside = file.with_extension("new");
            tokio::fs::write(&beside, serde_json::to_vec(&(run, chronicle))?).await?;
            tokio::fs::rename(&beside, &file).await
        };
        if let Err(error) = kept.await {
            tracing::warn!(%error, workspace = id, "the timeline of a run could not be kept");
        }
    }

    /// What a monitor says at the moment; more exact than the record while a workspace starts.
    pub(crate) fn status_now(&self, id: &str) -> Option<Status> {
        self.watched.get(id).map(|monitor| monitor.status())
    }
}
