//! HOLD: set aside the most that a run may cost.

use super::{Transfer, check_amount, journal, prepaid, revenue};
use castalia_base::id::ProjectId;
use castalia_base::{Credits, Ctx, Error, Kind, define_id};
use castalia_db::{Row, Sql, Tx, params};
use std::fmt;

define_id!(/// One row of the journal; a hold is named by its row.
    HoldId, "txn");

/// What a hold is for: one attempt at one version of one process. A second hold of one key is the first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HoldKey {
    /// The process (or whatever else runs and is paid for).
    pub process_id: String,
    /// Its version.
    pub version: i64,
    /// The attempt at it.
    pub attempt: i64,
}

impl HoldKey {
    /// The key of an attempt.
    pub fn new(process_id: impl fmt::Display, version: i64, attempt: i64) -> Self {
        Self { process_id: process_id.to_string(), version, attempt }
    }
    pub(crate) fn hold(&self) -> String {
        format!("hold:{self}")
    }
    pub(crate) fn end(&self) -> String {
        format!("end:{self}")
    }
    pub(crate) fn rest(&self) -> String {
        format!("rest:{self}")
    }
}

impl fmt::Display for HoldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.process_id, self.version, self.attempt)
    }
}

/// Sets `amount` aside for the process of this name. A second call with the same key, project and amount returns the first hold and
/// changes nothing.
///
/// # Errors
/// `insufficient_credit` (402) that says what is there, held and missing; `ledger_conflict` for the same
/// key with another amount or project; `no_account` for a project without a ledger.
pub async fn hold(
    tx: &mut Tx,
    ctx: &Ctx,
    project: &ProjectId,
    key: &HoldKey,
    name: &str,
    amount: Credits,
) -> Result<HoldId, Error> {
    check_amount(amount)?;
    let project = project.as_str();
    if !reserve(tx, project, amount).await? {
        return match find(tx, key).await? {
            Some(row) => replayed(&row, project, amount),
            None => Err(no_cover(tx, project, amount).await?),
        };
    }
    let id = HoldId::fresh();
    let transfer = Transfer {
        id: id.to_string(),
        key: key.hold(),
        project,
        kind: "hold",
        hold: None,
        debit: prepaid(project),
        credit: revenue(project),
        amount,
        run: Some(key),
        name: Some(name),
        note: None,
        meter: None,
    };
    if !journal(tx, ctx, transfer).await? {
        unreserve(tx, project, amount).await?;
        let row = find(tx, key).await?.ok_or_else(|| Error::internal("a hold that exists can't be read"))?;
        return replayed(&row, project, amount);
    }
    tx.execute(
        "UPDATE ledger_accounts SET credits_pending = credits_pending + $2 WHERE id = $1",
        params![revenue(project), amount],
    )
    .await?;
    Ok(id)
}

/// The conditional UPDATE: locks the project's account, and reserves only what is there.
async fn reserve(tx: &mut Tx, project: &str, amount: Credits) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE ledger_accounts SET debits_pending = debits_pending + $2 \
             WHERE id = $1 AND credits_posted - debits_posted - debits_pending >= $2",
            params![prepaid(project), amount],
        )
        .await?;
    Ok(changed == 1)
}

async fn unreserve(tx: &mut Tx, project: &str, amount: Credits) -> Result<(), Error> {
    let sql = "UPDATE ledger_accounts SET debits_pending = debits_pending - $2 WHERE id = $1";
    tx.execute(sql, params![prepaid(project), amount]).await.map(|_| ())
}

async fn find(tx: &mut Tx, key: &HoldKey) -> Result<Option<Row>, Error> {
    tx.fetch_optional(
        "SELECT id, project_id, amount FROM ledger_transfers WHERE idempotency_key = $1",
        params![key.hold()],
    )
    .await
}

fn replayed(row: &Row, project: &str, amount: Credits) -> Result<HoldId, Error> {
    if row.text("project_id")? == project && row.credits("amount")? == amount {
        return row.parse("id");
    }
    let there = row.credits("amount")?;
    Err(Error::conflict("ledger_conflict", format!("this run holds {there} credits already, not {amount}")))
}

async fn no_cover(tx: &mut Tx, project: &str, needed: Credits) -> Result<Error, Error> {
    let Some(s) = super::read::find_summary(tx, project).await? else {
        return Ok(Error::conflict("no_account", "the project has no ledger"));
    };
    let missing = Credits(needed.0.saturating_sub(s.available.0));
    let detail = format!(
        "the project has {} credits, {} of them held for running and queued work; this needs up to {needed}, so {missing} are missing",
        s.balance, s.held
    );
    Ok(Error::new(Kind::PaymentRequired, "insufficient_credit", detail))
}
