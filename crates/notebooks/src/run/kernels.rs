//! The kernel of a notebook: which it is, its start and its ends.

use super::WHO;
use super::driver::Command;
use super::model::{KernelspecView, RunState};
use super::ops::{self, Op};
use super::store::{self, KernelRow};
use crate::Service;
use crate::document::schema::{cell as key, kernel};
use crate::model::{Notebook, Person};
use castalia_base::{Ctx, Error, Timestamp};
use castalia_kernel::{KernelSpec, Search};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use yrs::{Map, Out, ReadTxn};

/// So long a kernel that is being ended is waited for, by the one who wants another.
const ENDING: Duration = Duration::from_secs(15);

impl Service {
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

    pub(super) async fn start_for(
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

    /// Interrupts what runs.
    ///
    /// # Errors
    /// `no_kernel`; `forbidden` without `notebooks.run`.
    pub async fn interrupt_kernel(self: &Arc<Self>, ctx: &Ctx, id: &str) -> Result<(), Error> {
        self.command(ctx, id, Command::Interrupt).await
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
