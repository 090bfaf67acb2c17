//! Who wants units: a capability such as processes or workspaces.

use async_trait::async_trait;

use crate::{Exit, Observed, Progress, StopRequest, UnitId, UnitSpec};

/// What an owner's record says about a unit that has not ended for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The unit.
    pub id: UnitId,
    /// True once [`Owner::running`] was recorded: such a unit is never started again, even if it vanished.
    pub started: bool,
    /// Set when it should end.
    pub stop: Option<StopRequest>,
}

/// What became of the news of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The end is in the record (now or already before), and whatever was needed from the unit's folder was taken:
    /// the unit is removed.
    Recorded,
    /// No record knows this unit: it is left alone and reported.
    Unknown,
}

/// Any error of an owner; it is logged, and the work is tried again.
pub type OwnerError = Box<dyn std::error::Error + Send + Sync>;

/// The side that decides what should run. Every method may be called again with the same news.
#[async_trait]
pub trait Owner: Send + Sync + 'static {
    /// The value of [`crate::OWNER_LABEL`] on this owner's units.
    fn name(&self) -> &str;

    /// Every unit whose record has not ended.
    async fn wanted(&self) -> Result<Vec<Wanted>, OwnerError>;

    /// The record of one unit; none when there is none or it has ended.
    async fn want(&self, id: &UnitId) -> Result<Option<Wanted>, OwnerError>;

    /// What to run; called right before the start.
    async fn spec(&self, id: &UnitId) -> Result<UnitSpec, OwnerError>;

    /// The program runs since `since` (milliseconds UTC). Not called for a unit that was seen only after its end.
    async fn running(&self, id: &UnitId, since: i64) -> Result<(), OwnerError>;

    /// The program told how far it is.
    async fn progress(&self, id: &UnitId, progress: &Progress);

    /// The unit ended. The log and the folder are still there; after `Recorded` they are removed.
    async fn ended(&self, id: &UnitId, exit: &Exit) -> Result<Settled, OwnerError>;

    /// A unit that no record claims was seen for the first time. It is never ended on a doubt.
    async fn orphan(&self, observed: &Observed) {
        tracing::warn!(unit = %observed.id, owner = self.name(), "no record claims this unit; it is left alone");
    }
}
