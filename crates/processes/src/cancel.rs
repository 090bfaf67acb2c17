//! Cancel: what it means is decided by [`decide`]; [`Service::cancel`] carries it out.

use crate::Service;
use crate::lifecycle::process_event;
use crate::model::{State, VersionView};
use crate::store::{self, VersionRow};
use castalia_base::{Ctx, Error};
use castalia_events::append;
use castalia_projects::ledger;
use serde_json::json;

/// What a cancel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancel {
    /// Nothing runs: it is over at once and the hold is released.
    AtOnce,
    /// Something may run: it is asked to stop; state and money change only when it is proven to have ended.
    AskToStop,
}

/// Decides a cancel by the state of the version.
///
/// # Errors
/// `already_ended` (409) for a version that has ended.
pub(crate) fn decide(state: State) -> Result<Cancel, Error> {
    match state {
        State::Queued => Ok(Cancel::AtOnce),
        State::Starting | State::Running => Ok(Cancel::AskToStop),
        State::Completed | State::Failed | State::Cancelled => Err(Error::conflict(
            "already_ended",
            format!("the version is {state}; only queued, starting and running ones can be cancelled"),
        )),
    }
}

impl Service {
    /// Cancels a version; the newest one unless told. Asking again while it stops changes nothing.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `already_ended`.
    pub async fn cancel(&self, ctx: &Ctx, process: &str, version: Option<i64>) -> Result<VersionView, Error> {
        let (row, number) = self.find(ctx, process, version, "processes.cancel").await?;
        let reason = format!("cancelled by {}", ctx.principal().name);
        // On PostgreSQL it may be admitted between the look at it and the statement that ends it; then again.
        while !self.try_cancel(ctx, &row.id, number, &reason).await? {}
        self.version(ctx, process, number).await
    }

    /// Returns false when the version was admitted in this very moment, so that the decision no longer holds.
    async fn try_cancel(&self, ctx: &Ctx, process: &str, number: i64, reason: &str) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let current = store::version(&mut tx, process, number).await?;
        let v = current.ok_or_else(|| Error::not_found("version", number))?;
        match decide(v.state)? {
            Cancel::AtOnce => Self::end_queued(ctx, tx, v, reason).await,
            Cancel::AskToStop => {
                if store::ask_to_stop(&mut tx, process, number, reason).await? {
                    let event = process_event(&v, "process.stopping", json!({"reason": reason}));
                    append(&mut tx, ctx, vec![event]).await?;
                    tx.commit().await?;
                }
                self.nudge(&v.unit_name());
                Ok(true)
            }
        }
    }

    async fn end_queued(
        ctx: &Ctx,
        mut tx: castalia_db::Tx,
        v: VersionRow,
        reason: &str,
    ) -> Result<bool, Error> {
        if !store::cancel_queued(&mut tx, &v.process, v.version, reason, ctx.now()).await? {
            return Ok(false);
        }
        ledger::release(&mut tx, ctx, &Self::hold_key(&v.process, v.version), reason).await?;
        let event = process_event(&v, "process.cancelled", json!({"state": "cancelled", "reason": reason}));
        append(&mut tx, ctx, vec![event]).await?;
        tx.commit().await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_not_ended_can_be_cancelled() {
        assert_eq!(decide(State::Queued).ok(), Some(Cancel::AtOnce));
        assert_eq!(decide(State::Starting).ok(), Some(Cancel::AskToStop));
        assert_eq!(decide(State::Running).ok(), Some(Cancel::AskToStop));
        for state in [State::Completed, State::Failed, State::Cancelled] {
            assert_eq!(decide(state).expect_err("has ended").code(), "already_ended");
        }
    }
}
