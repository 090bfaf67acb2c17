//! What a ledger shows.

use super::{HoldKey, prepaid};
use castalia_base::id::ProjectId;
use castalia_base::{Credits, Error, Timestamp};
use castalia_db::{Row, Sql, params};
use castalia_http::{Page, PageQuery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a project has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Topped up minus spent.
    pub balance: Credits,
    /// Of the balance, what is set aside for running and queued work.
    pub held: Credits,
    /// What may still be held or spent.
    pub available: Credits,
    /// What the amounts count; 1,000,000 are one credit.
    pub unit: &'static str,
}

/// What a row of the journal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Credit that was added.
    Topup,
    /// Credit set aside for a run.
    Hold,
    /// What a run used.
    Debit,
    /// What a run did not use.
    Release,
    /// A hold given up because nobody knows its run any more.
    Expire,
    /// A correction, up or down.
    Adjustment,
}

/// One row of the journal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Entry {
    /// The row's id.
    pub id: String,
    /// When it was recorded.
    pub time: Timestamp,
    /// What it is.
    pub kind: EntryKind,
    /// The amount in micro-credits; negative only for a downward adjustment.
    pub amount: Credits,
    /// The hold that this row ends.
    pub hold: Option<String>,
    /// The process that it is for.
    pub process: Option<String>,
    /// The process's name when its run was paid for.
    pub process_name: Option<String>,
    /// The process's version.
    pub version: Option<i64>,
    /// A word about it.
    pub note: Option<String>,
    /// What the bill was made from.
    pub meter: Option<Value>,
}

/// A hold that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenHold {
    /// What it is for.
    pub key: HoldKey,
    /// The project's id.
    pub project: String,
    /// How much is held.
    pub amount: Credits,
    /// Since when.
    pub since: Timestamp,
}

pub(crate) async fn find_summary(sql: &mut impl Sql, project: &str) -> Result<Option<Summary>, Error> {
    let row = sql
        .fetch_optional(
            "SELECT credits_posted - debits_posted AS balance, debits_pending AS held FROM ledger_accounts WHERE id = $1",
            params![prepaid(project)],
        )
        .await?;
    row.map(|row| {
        let (balance, held) = (row.credits("balance")?, row.credits("held")?);
        Ok(Summary { balance, held, available: Credits(balance.0 - held.0), unit: "micro-credits" })
    })
    .transpose()
}

/// What a project has; nothing when it has no ledger.
///
/// # Errors
/// Whatever the database says.
pub async fn summary(sql: &mut impl Sql, project: &ProjectId) -> Result<Summary, Error> {
    let nothing = Summary {
        balance: Credits::ZERO,
        held: Credits::ZERO,
        available: Credits::ZERO,
        unit: "micro-credits",
    };
    Ok(find_summary(sql, project.as_str()).await?.unwrap_or(nothing))
}

fn entry(row: &Row) -> Result<Entry, Error> {
    let kind: EntryKind = serde_json::from_value(Value::from(row.text("kind")?))?;
    let down = kind == EntryKind::Adjustment && row.text("debit_account")?.starts_with("prepaid:");
    let amount = row.credits("amount")?;
    Ok(Entry {
        id: row.text("id")?,
        time: row.time("recorded_at")?,
        amount: if down { Credits(-amount.0) } else { amount },
        kind,
        hold: row.opt_text("hold_id")?,
        process: row.opt_text("process_id")?,
        process_name: row.opt_text("known_name")?,
        version: row.opt_int("version")?,
        note: row.opt_text("note")?,
        meter: row.opt_text("meter")?.map(|text| serde_json::from_str(&text)).transpose()?,
    })
}

/// A project's journal, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn entries(
    sql: &mut impl Sql,
    project: &ProjectId,
    page: &PageQuery,
) -> Result<Page<Entry>, Error> {
    // `~` sorts behind every id.
    let before = page.after.as_deref().unwrap_or("~");
    let rows = sql
        .fetch_all(
            "SELECT t.*, COALESCE(t.process_name, h.process_name) AS known_name FROM ledger_transfers t \
             LEFT JOIN ledger_transfers h ON h.id = t.hold_id \
             WHERE t.project_id = $1 AND t.id < $2 ORDER BY t.id DESC LIMIT $3",
            params![project.as_str(), before, page.limit() + 1],
        )
        .await?;
    let entries = rows.iter().map(entry).collect::<Result<Vec<_>, Error>>()?;
    Ok(Page::of(entries, page.limit(), |entry| entry.id.clone()))
}

/// Holds that have not ended, of one project or of all. Whoever runs things compares them with what runs.
///
/// # Errors
/// Whatever the database says.
pub async fn open_holds(sql: &mut impl Sql, project: Option<&ProjectId>) -> Result<Vec<OpenHold>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT h.* FROM ledger_transfers h WHERE h.kind = 'hold' AND ($1 = '' OR h.project_id = $1) \
             AND NOT EXISTS (SELECT 1 FROM ledger_transfers e WHERE e.hold_id = h.id) ORDER BY h.id",
            params![project.map_or("", |p| p.as_str())],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(OpenHold {
                key: HoldKey {
                    process_id: row.text("process_id")?,
                    version: row.int("version")?,
                    attempt: row.int("attempt")?,
                },
                project: row.text("project_id")?,
                amount: row.credits("amount")?,
                since: row.time("recorded_at")?,
            })
        })
        .collect()
}
