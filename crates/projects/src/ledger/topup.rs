//! Credit from outside, and corrections.

use super::{HoldId, Transfer, check_amount, external, journal, prepaid, revenue};
use castalia_base::id::ProjectId;
use castalia_base::{Credits, Ctx, Error, Timestamp};
use castalia_db::{Sql, Tx, params};

/// What one step may add; far below what an i64 holds, so that sums of many stay in range.
const LARGEST: Credits = Credits::whole(1_000_000_000);

/// Opens the three accounts of a project. Doing it twice does nothing.
///
/// # Errors
/// Whatever the database says.
pub async fn open_account(tx: &mut Tx, project: &ProjectId, now: Timestamp) -> Result<(), Error> {
    let project = project.as_str();
    for (id, kind) in
        [(prepaid(project), "prepaid"), (revenue(project), "revenue"), (external(project), "external")]
    {
        tx.execute(
            "INSERT INTO ledger_accounts (id, project_id, kind, debits_posted, credits_posted, debits_pending, \
             credits_pending, opened_at) VALUES ($1, $2, $3, 0, 0, 0, 0, $4) ON CONFLICT (id) DO NOTHING",
            params![id, project, kind, now],
        )
        .await?;
    }
    Ok(())
}

/// Adds credit. With a `key` a second call with the same project and amount returns the first row.
///
/// # Errors
/// `invalid_amount` for less than 0 or more than 1,000,000,000 credits, `ledger_conflict` for the same key
/// with another amount, `no_account`.
pub async fn topup(
    tx: &mut Tx,
    ctx: &Ctx,
    project: &ProjectId,
    amount: Credits,
    note: &str,
    key: Option<&str>,
) -> Result<HoldId, Error> {
    let project = project.as_str();
    let accounts = (external(project), prepaid(project));
    post(tx, ctx, project, Posting { kind: "topup", accounts, amount, note, key }).await
}

/// Corrects a balance by a row of its own, up or (`amount` < 0) down; never by changing another row.
///
/// # Errors
/// As [`topup`], and `insufficient_credit` when less than that is free.
pub async fn adjust(
    tx: &mut Tx,
    ctx: &Ctx,
    project: &ProjectId,
    amount: Credits,
    note: &str,
    key: Option<&str>,
) -> Result<HoldId, Error> {
    let project = project.as_str();
    let positive = Credits(amount.0.saturating_abs());
    let accounts = match amount < Credits::ZERO {
        true => (prepaid(project), external(project)),
        false => (external(project), prepaid(project)),
    };
    post(tx, ctx, project, Posting { kind: "adjustment", accounts, amount: positive, note, key }).await
}

struct Posting<'a> {
    kind: &'static str,
    /// Debited, credited.
    accounts: (String, String),
    amount: Credits,
    note: &'a str,
    key: Option<&'a str>,
}

async fn post(tx: &mut Tx, ctx: &Ctx, project: &str, posting: Posting<'_>) -> Result<HoldId, Error> {
    let Posting { kind, accounts: (debit, credit), amount, note, key } = posting;
    check_amount(amount)?;
    if amount > LARGEST {
        return Err(Error::field(
            "invalid_amount",
            "/amount",
            format!("is more than {LARGEST} credits at once"),
        ));
    }
    // Lock first, as every step does; this also says whether there is a ledger.
    let locked = tx
        .execute("UPDATE ledger_accounts SET opened_at = opened_at WHERE id = $1", params![prepaid(project)])
        .await?;
    if locked == 0 {
        return Err(Error::conflict("no_account", "the project has no ledger"));
    }
    let id = HoldId::fresh();
    let full_key = key.map_or_else(|| format!("{kind}:{id}"), |key| format!("{kind}:{project}:{key}"));
    let transfer = Transfer {
        id: id.to_string(),
        key: full_key.clone(),
        project,
        kind,
        hold: None,
        debit: debit.clone(),
        credit: credit.clone(),
        amount,
        run: None,
        name: None,
        note: Some(note),
        meter: None,
    };
    if !journal(tx, ctx, transfer).await? {
        return replayed(tx, &full_key, &debit, amount).await;
    }
    let debited = tx
        .execute(
            "UPDATE ledger_accounts SET debits_posted = debits_posted + $2 WHERE id = $1 \
             AND (kind <> 'prepaid' OR credits_posted - debits_posted - debits_pending >= $2)",
            params![debit, amount],
        )
        .await?;
    if debited == 0 {
        let detail = format!("less than {amount} credits are free");
        return Err(Error::new(castalia_base::Kind::PaymentRequired, "insufficient_credit", detail));
    }
    let sql = "UPDATE ledger_accounts SET credits_posted = credits_posted + $2 WHERE id = $1";
    tx.execute(sql, params![credit, amount]).await?;
    Ok(id)
}

async fn replayed(tx: &mut Tx, key: &str, debit: &str, amount: Credits) -> Result<HoldId, Error> {
    let row = tx
        .fetch_one(
            "SELECT id, debit_account, amount FROM ledger_transfers WHERE idempotency_key = $1",
            params![key],
        )
        .await?;
    if row.credits("amount")? == amount && row.text("debit_account")? == debit {
        return row.parse("id");
    }
    Err(Error::conflict("ledger_conflict", "this key was used for another amount"))
}
