//! The sweep: deletes stored outputs that nothing refers to any more.
//!
//! The rule: an output is in use while the live document shows it (also in a cell that somebody deleted and may bring
//! back, and in a conflict that waits for a decision), while a version keeps it, or while a widget shows it. Two looks
//! are needed to delete one: the first notes since when it is not in use, a later one, after [`super::UNUSED`], deletes it
//! if it still is not. Whoever is about to refer to an output by something that he read before has that time.
//!
//! Each step may be done twice and by several servers at once: objects go before the rows that tell of them, so what
//! a killed server left is found by the next look. Rows are read before the document, which therefore knows at least
//! what they tell of, since both are written together.

use super::{ids_in, rows};
use crate::Service;
use crate::document::{schema, shared};
use crate::files;
use crate::room::epoch;
use crate::store::log;
use castalia_base::{Error, Kind, Timestamp};
use castalia_storage::Bucket;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use yrs::updates::decoder::Decode;
use yrs::{Map, ReadTxn, Transact, Update};

/// A look at everything that was not changed comes this often.
const AGAIN: Duration = Duration::from_secs(24 * 3600);

/// What is in use of the stored outputs of a notebook.
#[derive(Debug, Default)]
struct InUse {
    /// By the cells that show them.
    shown: HashMap<String, String>,
    /// Elsewhere.
    more: HashSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Something about it is not as the row says.
    Note {
        output: String,
        cell: String,
        unused_since: Option<Timestamp>,
    },
    Delete(String),
}

/// What is to be done about what is known. `before`: what was not in use then, and is not now, goes.
fn decide(known: Vec<rows::Known>, in_use: &InUse, now: Timestamp, before: Timestamp) -> Vec<Step> {
    let step = |known: rows::Known| {
        let rows::Known { output, cell, unused_since, kept } = known;
        let shown = in_use.shown.get(&output);
        let used = kept || shown.is_some() || in_use.more.contains(&output);
        let in_cell = shown.cloned().unwrap_or_default();
        let since = if used { None } else { unused_since.or(Some(now)) };
        if !used && unused_since.is_some_and(|since| since <= before) {
            return Some(Step::Delete(output));
        }
        let same = cell == in_cell && since == unused_since;
        (!same).then_some(Step::Note { output, cell: in_cell, unused_since: since })
    };
    known.into_iter().filter_map(step).collect()
}

impl InUse {
    /// Reads what the database has of the document.
    fn read(&mut self, stored: &log::Stored) -> Result<(), Error> {
        let doc = epoch::document(epoch::fresh_client());
        let mut txn = doc.transact_mut();
        for update in &stored.updates {
            let update = Update::decode_v1(update).map_err(Error::internal)?;
            txn.apply_update(update).map_err(Error::internal)?;
        }
        drop(txn);
        let txn = doc.transact();
        let ids: Vec<String> = txn
            .get_map(schema::CELL)
            .map_or_else(Vec::new, |cells| cells.keys(&txn).map(str::to_owned).collect());
        for id in ids {
            let Some(cell) = shared::cell(&txn, &id) else { continue };
            for stored in cell.outputs.iter().flat_map(|output| output.stored.values()) {
                if let Some(output) = stored["id"].as_str() {
                    self.shown.insert(output.to_owned(), id.clone());
                }
            }
        }
        ids_in(&files::status_view(&txn), &mut self.more);
        Ok(())
    }
}

impl Service {
    /// Sweeps again and again.
    pub(crate) async fn sweep_stored(self: Arc<Self>) {
        let unused = self.config.unused.unwrap_or(super::UNUSED);
        let mut seen = Seen::default();
        loop {
            tokio::time::sleep((unused / 4).clamp(Duration::from_millis(200), Duration::from_secs(600)))
                .await;
            if let Err(error) = self.sweep_all(&mut seen, unused).await {
                tracing::warn!(error = error.chain(), "stored outputs could not be swept; trying again");
            }
        }
    }

    async fn sweep_all(&self, seen: &mut Seen, unused: Duration) -> Result<(), Error> {
        let now = self.deps.clock.now();
        let all = rows::notebooks(&mut self.deps.db.read()).await?;
        seen.0.retain(|id, _| all.iter().any(|summary| summary.notebook == *id));
        for summary in all {
            if !seen.is_due(&summary, now) {
                continue;
            }
            if let Err(error) = self.sweep_notebook(&summary, now, unused).await {
                let notebook = &summary.notebook;
                tracing::warn!(notebook, error = error.chain(), "its stored outputs could not be swept");
                continue;
            }
            seen.0.insert(summary.notebook.clone(), (summary, now));
        }
        Ok(())
    }

    async fn sweep_notebook(
        &self,
        of: &rows::Summary,
        now: Timestamp,
        unused: Duration,
    ) -> Result<(), Error> {
        let id = &of.notebook;
        let known = rows::outputs(&mut self.deps.db.read(), id).await?;
        let mut in_use = InUse::default();
        if of.seq.is_some() {
            for (_, state) in crate::run::store::comms(&mut self.deps.db.read(), id).await? {
                ids_in(&serde_json::from_str(&state)?, &mut in_use.more);
            }
            let stored = log::load(&mut self.deps.db.read(), id).await?;
            in_use = tokio::task::spawn_blocking(move || in_use.read(&stored).map(|()| in_use))
                .await
                .map_err(Error::internal)??;
        }
        let ms = i64::try_from(unused.as_millis()).unwrap_or(i64::MAX);
        let steps = decide(known, &in_use, now, Timestamp(now.0.saturating_sub(ms)));
        for step in steps {
            self.sweep_one(of, step).await?;
        }
        Ok(())
    }

    async fn sweep_one(&self, of: &rows::Summary, step: Step) -> Result<(), Error> {
        let id = &of.notebook;
        match step {
            Step::Note { output, cell, unused_since } => {
                let mut tx = self.deps.db.begin().await?;
                rows::seen(&mut tx, id, &output, &cell, unused_since).await?;
                tx.commit().await
            }
            Step::Delete(output) => {
                let mut tx = self.deps.db.begin().await?;
                rows::going(&mut tx, id, &output).await?;
                tx.commit().await?;
                let prefix = match of.seq {
                    Some(_) => format!("notebooks/{id}/outputs/{output}/"),
                    // The notebook was deleted, and whoever did that came to an end too early.
                    None => format!("notebooks/{id}/"),
                };
                match self.bucket(&of.project).await {
                    Ok(bucket) => self.delete_below(&bucket, &prefix).await?,
                    // Its project took everything along.
                    Err(error) if error.kind() == Kind::NotFound => {}
                    Err(error) => return Err(error),
                }
                let mut tx = self.deps.db.begin().await?;
                rows::gone(&mut tx, id, &output).await?;
                tx.commit().await?;
                metrics::counter!("castalia_notebook_outputs_swept_total").increment(1);
                tracing::debug!(notebook = id, output, "a stored output was not in use any more");
                Ok(())
            }
        }
    }

    async fn delete_below(&self, bucket: &Bucket, prefix: &str) -> Result<(), Error> {
        self.deps.storage.delete_prefix(bucket, prefix).await.map(drop)
    }
}

/// How notebooks were when they were looked at.
#[derive(Default)]
struct Seen(HashMap<String, (rows::Summary, Timestamp)>);

impl Seen {
    /// Whether something may have changed, or time alone may have.
    fn is_due(&self, now: &rows::Summary, at: Timestamp) -> bool {
        let Some((before, when)) = self.0.get(&now.notebook) else { return true };
        let again = i64::try_from(AGAIN.as_millis()).unwrap_or(i64::MAX);
        now.unused > 0 || before != now || at.0.saturating_sub(when.0) > again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(output: &str, cell: &str, unused_since: Option<i64>, kept: bool) -> rows::Known {
        let unused_since = unused_since.map(Timestamp);
        rows::Known { output: output.into(), cell: cell.into(), unused_since, kept }
    }

    fn note(output: &str, cell: &str, unused_since: Option<i64>) -> Step {
        Step::Note { output: output.into(), cell: cell.into(), unused_since: unused_since.map(Timestamp) }
    }

    #[test]
    fn only_what_was_not_in_use_for_long_and_still_is_not_goes() {
        let in_use = InUse {
            shown: HashMap::from([("shown".into(), "c".into()), ("back".into(), "d".into())]),
            more: HashSet::from(["widget".into()]),
        };
        let all = vec![
            known("shown", "c", None, false),
            known("kept", "", None, true),
            known("widget", "", None, false),
            known("left", "c", None, false),
            known("soon", "", Some(60), false),
            known("late", "", Some(50), false),
            // It was brought back by an older version just in time.
            known("back", "", Some(10), false),
            known("kept late", "", Some(10), true),
        ];
        let steps = decide(all, &in_use, Timestamp(100), Timestamp(50));
        let expected = [
            note("left", "", Some(100)),
            Step::Delete("late".into()),
            note("back", "d", None),
            note("kept late", "", None),
        ];
        assert_eq!(steps, expected);
    }

    #[test]
    fn what_did_not_change_is_not_read_each_time() {
        let one = rows::Summary {
            notebook: "n".into(),
            project: "p".into(),
            seq: Some(3),
            parts: 2,
            unused: 0,
            kept: 0,
        };
        let mut seen = Seen::default();
        assert!(seen.is_due(&one, Timestamp(0)));
        seen.0.insert("n".into(), (one.clone(), Timestamp(0)));
        assert!(!seen.is_due(&one, Timestamp(1000)));
        assert!(seen.is_due(&one, Timestamp(25 * 3600 * 1000)));
        assert!(seen.is_due(&rows::Summary { seq: Some(4), ..one.clone() }, Timestamp(1000)));
        assert!(seen.is_due(&rows::Summary { kept: 1, ..one.clone() }, Timestamp(1000)));
        assert!(seen.is_due(&rows::Summary { unused: 1, ..one }, Timestamp(1000)));
    }
}
