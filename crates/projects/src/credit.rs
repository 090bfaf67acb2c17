//! The ledger as people see it.

use crate::ledger::{self, Entry, Summary};
use crate::service::event;
use crate::{Service, ledger::HoldId};
use castalia_base::{Credits, Ctx, Error};
use castalia_events::{EventPage, EventQuery, append};
use castalia_http::PageQuery;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// What a project has, and a page of its journal, newest first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LedgerView {
    /// Topped up minus spent, in micro-credits.
    pub balance: Credits,
    /// Of the balance, what is set aside for running and queued work.
    pub held: Credits,
    /// What may still be held or spent.
    pub available: Credits,
    /// What the amounts count; 1,000,000 are one credit.
    pub unit: &'static str,
    /// The journal.
    pub entries: Vec<Entry>,
    /// Pass as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Service {
    /// A project's credit and journal.
    ///
    /// # Errors
    /// As [`Service::find`] with `ledger.view`.
    pub async fn ledger(&self, ctx: &Ctx, project: &str, page: &PageQuery) -> Result<LedgerView, Error> {
        let project = self.find(ctx, project, "ledger.view").await?;
        let Summary { balance, held, available, unit } =
            ledger::summary(&mut self.db.read(), &project.id).await?;
        let entries = ledger::entries(&mut self.db.read(), &project.id, page).await?;
        Ok(LedgerView { balance, held, available, unit, entries: entries.items, next: entries.next })
    }

    /// Adds credit. With a `key` the same request sent twice adds it once.
    ///
    /// # Errors
    /// `forbidden` without `ledger.topup` in the installation; as [`ledger::topup`].
    pub async fn add_credit(
        &self,
        ctx: &Ctx,
        project: &str,
        amount: Credits,
        note: &str,
        key: Option<&str>,
    ) -> Result<Summary, Error> {
        ctx.require_globally("ledger.topup")?;
        crate::model::check_text("/note", note, 500)?;
        crate::model::check_text("/key", key.unwrap_or_default(), 200)?;
        if amount <= Credits::ZERO {
            return Err(Error::field("invalid_amount", "/amount", "is not more than nothing"));
        }
        let mut tx = self.db.begin().await?;
        let project = self.get(&mut tx, project).await?;
        let before = ledger::summary(&mut tx, &project.id).await?;
        let id: HoldId = ledger::topup(&mut tx, ctx, &project.id, amount, note, key).await?;
        let after = ledger::summary(&mut tx, &project.id).await?;
        if after != before {
            let data = json!({"entry": id, "amount": amount, "note": note});
            append(&mut tx, ctx, vec![event(&project.id, "ledger.credited", data)]).await?;
        }
        tx.commit().await?;
        Ok(after)
    }

    /// What happened in a project, newest first.
    ///
    /// # Errors
    /// As [`Service::find`] with `audit.view`.
    pub async fn audit(&self, ctx: &Ctx, project: &str, query: EventQuery) -> Result<EventPage, Error> {
        let project = self.find(ctx, project, "audit.view").await?;
        castalia_events::list(&self.db, &EventQuery { project: Some(project.id.to_string()), ..query }).await
    }
}
