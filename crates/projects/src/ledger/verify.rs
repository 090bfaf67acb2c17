//! Checks every invariant of the ledger, for tests, `castalia doctor` and a nightly look.

use crate::pricing;
use castalia_base::{Credits, Error};
use castalia_db::{Db, Row, Sql, params};
use serde_json::Value;

/// One statement that finds what is wrong (each is one statement, so that it sees one moment), and what its
/// rows mean. Column `what` names the thing.
struct Check {
    says: &'static str,
    sql: &'static str,
}

/// The fold of the journal per account: each kind's effect on the four sums, from both legs.
const DRIFT: &str = "
    SELECT a.id AS what FROM ledger_accounts a LEFT JOIN (
      SELECT account, CAST(SUM(dp) AS BIGINT) AS dp, CAST(SUM(cp) AS BIGINT) AS cp,
        CAST(SUM(dq) AS BIGINT) AS dq, CAST(SUM(cq) AS BIGINT) AS cq FROM (
        SELECT debit_account AS account,
          CASE WHEN kind IN ('topup', 'adjustment', 'debit') THEN amount ELSE 0 END AS dp, 0 AS cp,
          CASE WHEN kind = 'hold' THEN amount WHEN kind IN ('debit', 'release', 'expire') THEN -amount ELSE 0 END AS dq,
          0 AS cq FROM ledger_transfers
        UNION ALL
        SELECT credit_account AS account, 0 AS dp,
          CASE WHEN kind IN ('topup', 'adjustment', 'debit') THEN amount ELSE 0 END AS cp, 0 AS dq,
          CASE WHEN kind = 'hold' THEN amount WHEN kind IN ('debit', 'release', 'expire') THEN -amount ELSE 0 END AS cq
          FROM ledger_transfers) legs GROUP BY account) f ON f.account = a.id
    WHERE a.debits_posted <> COALESCE(f.dp, 0) OR a.credits_posted <> COALESCE(f.cp, 0)
      OR a.debits_pending <> COALESCE(f.dq, 0) OR a.credits_pending <> COALESCE(f.cq, 0)";

const CHECKS: &[Check] = &[
    Check {
        says: "debits and credits of the project differ",
        sql: "SELECT project_id AS what FROM ledger_accounts GROUP BY project_id
              HAVING SUM(debits_posted) <> SUM(credits_posted) OR SUM(debits_pending) <> SUM(credits_pending)",
    },
    Check { says: "the cached sums of the account differ from its journal", sql: DRIFT },
    Check {
        says: "the account is overdrawn",
        sql: "SELECT id AS what FROM ledger_accounts WHERE kind = 'prepaid' AND credits_posted - debits_posted - debits_pending < 0",
    },
    Check {
        says: "the account has a negative sum",
        sql: "SELECT id AS what FROM ledger_accounts
              WHERE debits_posted < 0 OR credits_posted < 0 OR debits_pending < 0 OR credits_pending < 0",
    },
    Check {
        says: "the row names an account that is not the project's",
        sql: "SELECT t.id AS what FROM ledger_transfers t
              LEFT JOIN ledger_accounts d ON d.id = t.debit_account AND d.project_id = t.project_id
              LEFT JOIN ledger_accounts c ON c.id = t.credit_account AND c.project_id = t.project_id
              WHERE d.id IS NULL OR c.id IS NULL OR t.debit_account = t.credit_account",
    },
    Check {
        says: "the hold did not end exactly once and exactly",
        sql: "SELECT h.id AS what FROM ledger_transfers h JOIN ledger_transfers e ON e.hold_id = h.id WHERE h.kind = 'hold'
              GROUP BY h.id, h.amount HAVING SUM(e.amount) <> h.amount
              OR SUM(CASE WHEN e.idempotency_key LIKE 'end:%' THEN 1 ELSE 0 END) <> 1
              OR SUM(CASE WHEN e.kind = 'debit' THEN 1 ELSE 0 END) > 1 OR COUNT(*) > 2",
    },
    Check {
        says: "the row ends a hold that there is not, or of another project or run",
        sql: "SELECT e.id AS what FROM ledger_transfers e LEFT JOIN ledger_transfers h ON h.id = e.hold_id AND h.kind = 'hold'
              AND h.project_id = e.project_id AND h.process_id = e.process_id AND h.version = e.version AND h.attempt = e.attempt
              WHERE e.kind IN ('debit', 'release', 'expire') AND h.id IS NULL",
    },
    Check {
        says: "the row has a kind or an amount that there is not, or time runs backwards in it",
        sql: "SELECT t.id AS what FROM ledger_transfers t LEFT JOIN ledger_transfers h ON h.id = t.hold_id
              WHERE t.kind NOT IN ('topup', 'adjustment', 'hold', 'debit', 'release', 'expire') OR t.amount < 0
              OR t.effective_at > t.recorded_at OR t.recorded_at < h.recorded_at",
    },
    Check {
        says: "the project has no ledger, or the ledger no project",
        sql: "SELECT COALESCE(p.id, a.project_id) AS what FROM projects p
              FULL OUTER JOIN ledger_accounts a ON a.project_id = p.id AND a.kind = 'prepaid'
              WHERE p.id IS NULL AND a.kind = 'prepaid' OR a.id IS NULL",
    },
];

/// Debits that say how they were priced, a page at a time.
const DEBITS: &str = "SELECT t.id, t.amount, t.meter, h.amount AS held FROM ledger_transfers t
    JOIN ledger_transfers h ON h.id = t.hold_id
    WHERE t.kind = 'debit' AND t.meter IS NOT NULL AND t.id > $1 ORDER BY t.id LIMIT 1000";

/// What is wrong with the ledger, in words; nothing when all is well.
///
/// # Errors
/// Whatever the database says.
pub async fn verify(db: &Db) -> Result<Vec<String>, Error> {
    let mut wrong = Vec::new();
    for check in CHECKS {
        for row in db.read().fetch_all(check.sql, params![]).await? {
            wrong.push(format!("{}: {}", row.text("what")?, check.says));
        }
    }
    let mut after = String::new();
    loop {
        let rows = db.read().fetch_all(DEBITS, params![&after]).await?;
        for row in &rows {
            wrong.extend(wrong_bill(row)?);
        }
        match rows.last() {
            Some(row) => after = row.text("id")?,
            None => return Ok(wrong),
        }
    }
}

/// A bill that can be made again must come out the same, or as the whole hold when it was capped.
fn wrong_bill(row: &Row) -> Result<Option<String>, Error> {
    let meter: Value = serde_json::from_str(&row.text("meter")?)?;
    let Some(again) = pricing::recompute(&meter) else {
        return Ok(None);
    };
    let (amount, held): (Credits, Credits) = (row.credits("amount")?, row.credits("held")?);
    if amount == again.min(held) {
        return Ok(None);
    }
    Ok(Some(format!("{}: {amount} credits were debited, but its meter says {again}", row.text("id")?)))
}
