//! What a reconciler does about one unit.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

use super::{Action, Owner, OwnerError, Settled, decide};
use crate::{Backend, Cause, Exit, OWNER_LABEL, Observed, Phase, Progress, UnitId, clock};

/// What every task of the reconciler shares.
pub(super) struct Work {
    backend: Arc<dyn Backend>,
    owner: Arc<dyn Owner>,
    memory: Mutex<Memory>,
}

/// What was told already, to tell it once; losing it costs a repetition.
#[derive(Default)]
struct Memory {
    running: HashSet<UnitId>,
    progress: HashMap<UnitId, Progress>,
    orphans: HashSet<UnitId>,
}

impl Work {
    pub(super) fn new(backend: Arc<dyn Backend>, owner: Arc<dyn Owner>) -> Self {
        Work { backend, owner, memory: Mutex::default() }
    }

    pub(super) fn watch(&self) -> broadcast::Receiver<UnitId> {
        self.backend.watch()
    }

    /// The units for which a full comparison finds something to do; none when one side could not be read.
    pub(super) async fn needing_attention(&self) -> Option<Vec<UnitId>> {
        // The record first: a unit that is started in between is then observed and not wanted, which does no harm.
        let wanted = self.owner.wanted().await;
        let wanted = wanted.inspect_err(|error| {
            tracing::error!(owner = self.owner.name(), %error, "could not read what is wanted");
        });
        let observed = self.backend.list().await;
        let observed = observed.inspect_err(|error| tracing::error!(%error, "could not list what runs"));
        let (wanted, mut observed) = (wanted.ok()?, observed.ok()?);
        observed.retain(|unit| self.is_ours(unit));
        let actions = decide(&wanted, &observed, clock::now_ms());
        Some(actions.iter().map(|action| action.unit().clone()).collect())
    }

    fn is_ours(&self, unit: &Observed) -> bool {
        unit.labels.get(OWNER_LABEL).is_some_and(|owner| owner == self.owner.name())
    }

    /// Looks at one unit afresh and does what is to be done; returns whether that went well.
    pub(super) async fn attend(&self, id: &UnitId) -> bool {
        let result = self.try_attend(id).await;
        if let Err(error) = &result {
            tracing::error!(unit = %id, owner = self.owner.name(), %error, "could not reconcile a unit; trying again");
        }
        result.is_ok()
    }

    async fn try_attend(&self, id: &UnitId) -> Result<(), OwnerError> {
        let observed = self.backend.observe(id).await?;
        match &observed {
            Some(unit) if !self.is_ours(unit) => return Ok(()),
            Some(unit) => self.tell_progress(unit).await,
            None => {}
        }
        // An end needs no record to be collected, and a hundred short units a second should not cost a query each.
        let ended = observed.as_ref().is_some_and(|unit| matches!(unit.phase, Phase::Ended(_)));
        let wanted = if ended { None } else { self.owner.want(id).await? };
        let now = clock::now_ms();
        for action in decide(wanted.as_slice(), observed.as_slice(), now) {
            self.act(&action, observed.as_ref()).await?;
        }
        Ok(())
    }

    async fn act(&self, action: &Action, observed: Option<&Observed>) -> Result<(), OwnerError> {
        match action {
            Action::Start(id) => {
                let mut spec = self.owner.spec(id).await?;
                spec.labels.insert(OWNER_LABEL.into(), self.owner.name().into());
                self.start(id, spec).await
            }
            Action::Running(id, since) => {
                if !self.remembered().running.contains(id) {
                    self.owner.running(id, *since).await?;
                    self.remembered().running.insert(id.clone());
                }
                Ok(())
            }
            Action::Stop(id, stop) => Ok(self.backend.stop(id, stop.clone()).await?),
            Action::Collect(id) => match observed {
                Some(Observed { phase: Phase::Ended(exit), .. }) => self.collect(id, exit, observed).await,
                _ => Ok(()),
            },
            Action::Refuse(id, stop) => {
                let cause = Cause::Stopped { reason: stop.reason.clone() };
                self.owner.ended(id, &Exit::without_run(cause, clock::now_ms())).await.map(|_| ())
            }
            Action::Vanished(id) => {
                let why = "the backend does not know it any more".into();
                self.owner
                    .ended(id, &Exit::without_run(Cause::Lost { why }, clock::now_ms()))
                    .await
                    .map(|_| ())
            }
            Action::ReportOrphan(_) => {
                self.report(observed).await;
                Ok(())
            }
        }
    }

    /// A spec that can never start is the end of the unit, not a reason to try for ever.
    async fn start(&self, id: &UnitId, spec: crate::UnitSpec) -> Result<(), OwnerError> {
        match self.backend.start(&spec).await {
            Err(error) if error.kind() == crate::ErrorKind::Invalid => {
                let cause = Cause::NotStarted { why: error.to_string() };
                self.owner.ended(id, &Exit::without_run(cause, clock::now_ms())).await.map(|_| ())
            }
            other => Ok(other?),
        }
    }

    async fn collect(&self, id: &UnitId, exit: &Exit, observed: Option<&Observed>) -> Result<(), OwnerError> {
        match self.owner.ended(id, exit).await? {
            Settled::Recorded => self.backend.remove(id).await?,
            Settled::Unknown => self.report(observed).await,
        }
        let mut memory = self.remembered();
        memory.running.remove(id);
        memory.progress.remove(id);
        Ok(())
    }

    async fn report(&self, observed: Option<&Observed>) {
        let Some(observed) = observed else { return };
        let first = self.remembered().orphans.insert(observed.id.clone());
        if first {
            self.owner.orphan(observed).await;
        }
    }

    async fn tell_progress(&self, unit: &Observed) {
        let Some(progress) = &unit.progress else { return };
        let before = self.remembered().progress.insert(unit.id.clone(), progress.clone());
        if before.as_ref() != Some(progress) {
            self.owner.progress(&unit.id, progress).await;
        }
    }

    fn remembered(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
