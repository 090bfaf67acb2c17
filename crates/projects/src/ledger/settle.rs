//! DEBIT, RELEASE, EXPIRE: how a hold ends, once.

use super::{HoldId, HoldKey, Transfer, check_amount, journal, prepaid, revenue};
use castalia_base::{Credits, Ctx, Error};
use castalia_db::{Sql, Tx, params};
use serde_json::Value;

/// Debits what a run used and releases the rest of its hold. `meter` is kept with the debit, so that the
/// bill can be made again ([`crate::pricing::Prices::inputs`]). Settling twice alike does nothing.
///
/// # Errors
/// `no_hold` when nothing was held, `exceeds_hold` for more than was held, `ledger_conflict` when the hold
/// ended in another way or with another amount.
pub async fn settle(tx: &mut Tx, ctx: &Ctx, key: &HoldKey, used: Credits, meter: Value) -> Result<(), Error> {
    check_amount(used)?;
    end(tx, ctx, key, End { kind: "debit", used, note: None, meter: Some(&meter) }).await
}

/// Releases a whole hold: cancelled or failed before it started. Releasing twice does nothing.
///
/// # Errors
/// `no_hold`, or `ledger_conflict` when the hold ended in another way.
pub async fn release(tx: &mut Tx, ctx: &Ctx, key: &HoldKey, reason: &str) -> Result<(), Error> {
    end(tx, ctx, key, End { kind: "release", used: Credits::ZERO, note: Some(reason), meter: None }).await
}

/// Ends a hold whose run is known to be gone without a trace; like [`release`], under its own name.
///
/// # Errors
/// As [`release`].
pub async fn expire(tx: &mut Tx, ctx: &Ctx, key: &HoldKey, reason: &str) -> Result<(), Error> {
    end(tx, ctx, key, End { kind: "expire", used: Credits::ZERO, note: Some(reason), meter: None }).await
}

struct End<'a> {
    kind: &'static str,
    used: Credits,
    note: Option<&'a str>,
    meter: Option<&'a Value>,
}

/// A hold as it stands.
struct Held {
    id: String,
    project: String,
    amount: Credits,
    ended: Option<(String, Credits)>,
}

async fn find(tx: &mut Tx, key: &HoldKey) -> Result<Held, Error> {
    let row = tx
        .fetch_optional(
            "SELECT h.id, h.project_id, h.amount, e.kind AS end_kind, e.amount AS end_amount \
             FROM ledger_transfers h LEFT JOIN ledger_transfers e ON e.idempotency_key = $2 \
             WHERE h.idempotency_key = $1",
            params![key.hold(), key.end()],
        )
        .await?
        .ok_or_else(|| Error::conflict("no_hold", format!("nothing is held for {key}")))?;
    let ended = match (row.opt_text("end_kind")?, row.opt_int("end_amount")?) {
        (Some(kind), Some(amount)) => Some((kind, Credits(amount))),
        _ => None,
    };
    Ok(Held { id: row.text("id")?, project: row.text("project_id")?, amount: row.credits("amount")?, ended })
}

/// Whether the hold ended already, in just this way.
fn replayed(held: &Held, end: &End<'_>) -> Result<bool, Error> {
    let Some((kind, amount)) = &held.ended else {
        return Ok(false);
    };
    let same = *kind == end.kind && (end.kind != "debit" || *amount == end.used);
    if same {
        return Ok(true);
    }
    Err(Error::conflict("ledger_conflict", format!("the hold ended already: {kind} of {amount} credits")))
}

async fn end(tx: &mut Tx, ctx: &Ctx, key: &HoldKey, end: End<'_>) -> Result<(), Error> {
    let held = find(tx, key).await?;
    if replayed(&held, &end)? {
        return Ok(());
    }
    if end.used > held.amount {
        let detail = format!("{} credits were used, but only {} were held", end.used, held.amount);
        return Err(Error::conflict("exceeds_hold", detail));
    }
    let hold_id: HoldId = held.id.parse()?;
    if !take(tx, &held, end.used).await? || !write(tx, ctx, key, &held, &hold_id, &end).await? {
        // Somebody else ended it between our look and our lock; the transaction has to go either way.
        return Err(Error::unavailable("the hold was ended by somebody else just now; try again"));
    }
    tx.execute(
        "UPDATE ledger_accounts SET credits_pending = credits_pending - $2, credits_posted = credits_posted + $3 \
         WHERE id = $1",
        params![revenue(&held.project), held.amount, end.used],
    )
    .await?;
    Ok(())
}

/// Locks the project's account and moves what is pending to what is posted.
async fn take(tx: &mut Tx, held: &Held, used: Credits) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE ledger_accounts SET debits_pending = debits_pending - $2, debits_posted = debits_posted + $3 \
             WHERE id = $1 AND debits_pending >= $2",
            params![prepaid(&held.project), held.amount, used],
        )
        .await?;
    Ok(changed == 1)
}

async fn write(
    tx: &mut Tx,
    ctx: &Ctx,
    key: &HoldKey,
    held: &Held,
    hold: &HoldId,
    end: &End<'_>,
) -> Result<bool, Error> {
    let row = |kind, key_text, amount, note, meter| Transfer {
        id: HoldId::fresh().to_string(),
        key: key_text,
        project: &held.project,
        kind,
        hold: Some(hold.as_str()),
        debit: prepaid(&held.project),
        credit: revenue(&held.project),
        amount,
        run: Some(key),
        name: None,
        note,
        meter,
    };
    if end.kind != "debit" {
        return journal(tx, ctx, row(end.kind, key.end(), held.amount, end.note, None)).await;
    }
    if !journal(tx, ctx, row("debit", key.end(), end.used, None, end.meter)).await? {
        return Ok(false);
    }
    let rest = Credits(held.amount.0 - end.used.0);
    if rest == Credits::ZERO {
        return Ok(true);
    }
    journal(tx, ctx, row("release", key.rest(), rest, Some("not used"), None)).await
}
