//! The ledger: double entry in integer micro-credits.
//!
//! Each project has three accounts: `prepaid` (what it has), `external` (where top-ups come from) and
//! `revenue` (what it has spent). A run *holds* the most that it may cost (prepaid → revenue, pending); at
//! its end what it used is *debited* (posted) and the rest *released*; a run that never starts is released
//! as a whole. Every row of the journal has two legs, an amount ≥ 0 and a key that lets it happen once.
//!
//! Invariants, held at every commit and checked by [`verify`]: debits equal credits, posted and pending;
//! `credits_posted - debits_posted - debits_pending ≥ 0` on prepaid accounts; cached sums equal the journal;
//! every hold ends at most once and then exactly (debit + release = hold).
//!
//! How it is made to hold: every step first changes the prepaid row by a conditional UPDATE, which is also
//! the lock that orders all steps of one project; then come the journal and the other account. A hold is 3
//! statements, its settling 5.
//!
//! All functions run in the caller's transaction. **After an error the caller drops the transaction.** They
//! append no events: the caller's own event says what happened, last in the transaction. A transaction that
//! touches several projects does so in the order of their ids, so that two can't wait for each other.

mod hold;
mod read;
mod settle;
mod topup;
mod verify;

pub use hold::{HoldId, HoldKey, hold};
pub use read::{Entry, EntryKind, OpenHold, Summary, entries, open_holds, summary};
pub use settle::{expire, release, settle};
pub use topup::{adjust, open_account, topup};
pub use verify::verify;

use castalia_base::{Credits, Ctx, Error};
use castalia_db::{Sql, Tx, params};
use serde_json::Value;

pub(crate) fn prepaid(project: &str) -> String {
    format!("prepaid:{project}")
}
pub(crate) fn revenue(project: &str) -> String {
    format!("revenue:{project}")
}
pub(crate) fn external(project: &str) -> String {
    format!("external:{project}")
}

/// A row about to be added to the journal.
pub(crate) struct Transfer<'a> {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) project: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) hold: Option<&'a str>,
    pub(crate) debit: String,
    pub(crate) credit: String,
    pub(crate) amount: Credits,
    pub(crate) run: Option<&'a HoldKey>,
    /// The process's name, for holds: what ends a hold finds it there.
    pub(crate) name: Option<&'a str>,
    pub(crate) note: Option<&'a str>,
    pub(crate) meter: Option<&'a Value>,
}

/// Adds a row, unless there is one of its key. Returns whether it was added.
pub(crate) async fn journal(tx: &mut Tx, ctx: &Ctx, t: Transfer<'_>) -> Result<bool, Error> {
    let now = ctx.now();
    let added = tx
        .execute(
            "INSERT INTO ledger_transfers (id, idempotency_key, project_id, kind, hold_id, debit_account, \
             credit_account, amount, process_id, version, attempt, note, meter, actor_id, effective_at, recorded_at, process_name) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16) \
             ON CONFLICT (idempotency_key) DO NOTHING",
            params![
                t.id,
                t.key,
                t.project,
                t.kind,
                t.hold,
                t.debit,
                t.credit,
                t.amount,
                t.run.map(|r| r.process_id.as_str()),
                t.run.map(|r| r.version),
                t.run.map(|r| r.attempt),
                t.note,
                t.meter.map(ToString::to_string),
                &ctx.principal().id,
                now,
                t.name
            ],
        )
        .await?;
    Ok(added == 1)
}

/// Refuses a negative amount: direction is in the accounts, never in the sign.
pub(crate) fn check_amount(amount: Credits) -> Result<(), Error> {
    if amount < Credits::ZERO {
        Err(Error::field("invalid_amount", "/amount", "an amount is not negative"))
    } else {
        Ok(())
    }
}
