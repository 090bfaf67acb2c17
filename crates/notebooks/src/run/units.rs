//! The unit of a kernel: what the reconciler of `compute` asks and tells.

use super::driver::Command;
use super::store::{self, KernelRow};
use crate::Service;
use async_trait::async_trait;
use castalia_base::Error;
use castalia_compute::{
    Cause, Exit, OWNER_LABEL, Observed, Owner, OwnerError, Progress, Resources, Settled, StopRequest, UnitId,
    UnitSpec, Wanted,
};
use castalia_kernel::KeeperConfig;
use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Time to end in good order.
const GRACE: Duration = Duration::from_secs(6);
const CONFIG: &str = "keeper.json";

/// The service as the owner of its units.
pub(crate) struct Units(pub(crate) Arc<Service>);

fn wanted(k: &KernelRow) -> Result<Wanted, OwnerError> {
    let stop = k.stop_reason.clone().map(|reason| StopRequest { reason, grace: GRACE });
    Ok(Wanted { id: k.unit_name().parse()?, started: k.started_at.is_some(), stop })
}

impl Units {
    async fn row(&self, id: &UnitId) -> Result<Option<KernelRow>, Error> {
        let Some((notebook, run)) = store::of_unit(id.as_str()) else { return Ok(None) };
        let found = store::kernel(&mut self.0.deps.db.read(), &notebook).await?;
        Ok(found.filter(|k| k.run == run && k.node == self.0.config.installation))
    }
}

impl Units {
    /// Whether a notebook went on without this unit while its server was away.
    async fn is_given_up(&self, id: &UnitId) -> bool {
        let Some((notebook, run)) = store::of_unit(id.as_str()) else { return false };
        match store::kernel(&mut self.0.deps.db.read(), &notebook).await {
            Ok(Some(row)) => row.run > run || (row.run == run && !row.active),
            _ => false,
        }
    }
}

#[async_trait]
impl Owner for Units {
    fn name(&self) -> &str {
        "notebooks"
    }

    async fn wanted(&self) -> Result<Vec<Wanted>, OwnerError> {
        let active = store::active(&mut self.0.deps.db.read(), &self.0.config.installation).await?;
        active.iter().map(wanted).collect()
    }

    async fn want(&self, id: &UnitId) -> Result<Option<Wanted>, OwnerError> {
        let row = self.row(id).await?.filter(|k| k.active);
        row.as_ref().map(wanted).transpose()
    }

    async fn spec(&self, id: &UnitId) -> Result<UnitSpec, OwnerError> {
        let row = self.row(id).await?.ok_or("no such kernel")?;
        Ok(self.0.unit_spec(&row, id.clone())?)
    }

    async fn running(&self, id: &UnitId, since: i64) -> Result<(), OwnerError> {
        if let Some(row) = self.row(id).await? {
            let mut tx = self.0.deps.db.begin().await?;
            store::set_started(&mut tx, &row, super::time(since)).await?;
            tx.commit().await?;
            self.0.fault("notebook-starting");
            _ = self.0.driver(&row.notebook);
        }
        Ok(())
    }

    async fn progress(&self, _: &UnitId, _: &Progress) {}

    async fn ended(&self, id: &UnitId, exit: &Exit) -> Result<Settled, OwnerError> {
        let folder = match self.row(id).await? {
            Some(row) => {
                if row.active {
                    self.0.kernel_ended(&row, exit).await?;
                }
                self.0.kernel_folder(&row)
            }
            // The notebook shows another kernel already, and nobody waits for what this one said last.
            None if self.is_given_up(id).await => {
                self.0.shut_out(id.as_str()).await?;
                self.0.folder_of(id.as_str())
            }
            None => return Ok(Settled::Unknown),
        };
        if let Err(error) = tokio::fs::remove_dir_all(&folder).await
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, folder = %folder.display(), "a kernel's folder could not be removed");
        }
        Ok(Settled::Recorded)
    }

    async fn orphan(&self, observed: &Observed) {
        if self.is_given_up(&observed.id).await {
            tracing::info!(unit = %observed.id, "its notebook went on with another kernel; it is ended");
            let stop = StopRequest { reason: "given up".into(), grace: GRACE };
            if let Err(error) = self.0.deps.backend.stop(&observed.id, stop).await {
                tracing::warn!(%error, unit = %observed.id, "a kernel that was given up could not be ended");
            }
            return;
        }
        tracing::warn!(unit = %observed.id, "no notebook knows this kernel; it is left alone");
    }
}

/// Why a kernel's unit ended, in words; none when somebody wished it.
fn reason_of(exit: &Exit) -> Option<String> {
    match &exit.cause {
        Cause::Stopped { .. } => None,
        Cause::Exited if exit.success() => None,
        Cause::Exited => Some(match (exit.code, exit.signal) {
            (_, Some(signal)) => format!("its keeper ended by signal {signal}"),
            (code, None) => format!("its keeper ended with exit code {}", code.unwrap_or(-1)),
        }),
        Cause::Deadline => Some("its time was over".into()),
        Cause::Memory => Some("it used more memory than it may".into()),
        Cause::Storage => Some("it wrote more than it may".into()),
        Cause::Lost { why } => Some(format!("its end was not seen: {why}")),
        Cause::NotStarted { why } => Some(format!("it could not be started: {why}")),
    }
}

impl Service {
    async fn kernel_ended(self: &Arc<Self>, row: &KernelRow, exit: &Exit) -> Result<(), Error> {
        let exists = crate::store::find(&mut self.deps.db.read(), &row.notebook).await?.is_some();
        if exists {
            let (done, recorded) = oneshot::channel();
            let ended = Command::Ended { run: row.run, reason: reason_of(exit), done };
            self.driver(&row.notebook).send(ended).await.map_err(Error::internal)?;
            recorded
                .await
                .map_err(|_| Error::unavailable("the end of a kernel could not be recorded yet"))?;
        }
        self.fault("notebook-ended");
        let mut tx = self.deps.db.begin().await?;
        self.deps.identity.end_instance(&mut tx, &row.unit_name()).await?;
        store::finish(&mut tx, &row.notebook, row.run).await?;
        if !exists {
            store::forget(&mut tx, &row.notebook).await?;
        }
        tx.commit().await?;
        self.deps.identity.forget();
        Ok(())
    }

    /// The folder in which a notebook's programs begin; it stays.
    pub(crate) fn work_folder(&self, notebook: &str) -> PathBuf {
        self.config.work.join(notebook)
    }

    fn unit_spec(&self, row: &KernelRow, id: UnitId) -> Result<UnitSpec, Error> {
        let (folder, work) = (self.kernel_folder(row), self.work_folder(&row.notebook));
        for dir in [&folder, &work] {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(Error::internal)?;
        }
        let program = std::env::current_exe().map_err(Error::internal)?;
        let command = [&program.display().to_string(), "kernel", "keep", &format!("{{files}}/{CONFIG}")]
            .map(str::to_owned);
        let mut spec = UnitSpec::new(id, command);
        let mut keeper = KeeperConfig::new(row.spec.clone(), folder.clone());
        keeper.work = Some(work.clone());
        keeper.limit = self.config.quotas.notebook * 2;
        spec.files.insert(CONFIG.to_owned(), serde_json::to_vec(&keeper)?);
        spec.show = vec![program, row.spec.folder.clone()];
        spec.show.extend(row.spec.prefix.clone());
        spec.show
            .extend(Path::new(&row.spec.argv[0]).parent().filter(|p| p.is_absolute()).map(Path::to_owned));
        spec.volumes = vec![folder, work.clone()];
        spec.work = Some(work.clone());
        spec.resources = self.config.kernel_resources.unwrap_or(Resources {
            memory_mb: 4096,
            storage_mb: 16 << 10,
            ..Resources::default()
        });
        spec.grace = GRACE;
        spec.labels = BTreeMap::from([
            (OWNER_LABEL.to_owned(), "notebooks".to_owned()),
            ("castalia.installation".to_owned(), self.config.installation.clone()),
            ("castalia.notebook".to_owned(), row.notebook.clone()),
            ("castalia.project".to_owned(), row.project.clone()),
        ]);
        let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".into());
        spec.show.extend(self.config.sdk.clone());
        spec.env = self.surroundings(row);
        spec.env.insert("PATH".to_owned(), path);
        spec.env.insert("HOME".to_owned(), work.display().to_string());
        spec.env.insert("JUPYTER_WIDGETS_ECHO".to_owned(), "1".to_owned());
        Ok(spec)
    }
}
