//! The log of events: append in the transaction of the change, read by sequence number.

use castalia_base::{Ctx, Error, Timestamp, id};
use castalia_db::{Db, Row, Sql, Tx, dialect, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A fact about to be committed.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The address under which it is published, for instance `process.proc_01J…`.
    pub topic: String,
    /// What happened, for instance `process.completed`.
    pub kind: &'static str,
    /// The project it belongs to; its members see it under `project.{id}` too.
    pub project: Option<String>,
    /// The details; never a secret.
    pub data: Value,
}

/// A fact that was committed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Event {
    /// Position in the log, from 1, without gaps.
    pub seq: i64,
    /// Unique id.
    pub id: String,
    /// The address under which it is published.
    pub topic: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// The project it belongs to.
    pub project: Option<String>,
    /// Who did it: `user_…`, `system` or `anonymous`.
    pub actor: String,
    /// The name of who did it.
    pub actor_name: String,
    /// The request in which it happened, as in the logs.
    pub request_id: String,
    /// When it was recorded.
    pub at: Timestamp,
    /// The details.
    pub data: Value,
}

/// Appends events to the log. Call it last in the transaction: from here to the commit other writers wait.
///
/// # Errors
/// Whatever the database says.
pub async fn append(tx: &mut Tx, ctx: &Ctx, events: Vec<NewEvent>) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let row = tx
        .fetch_one(
            "UPDATE event_sequence SET value = value + $1 WHERE name = 'events' RETURNING value",
            params![events.len()],
        )
        .await?;
    let mut seq = row.int("value")? - events.len() as i64;
    for event in events {
        seq += 1;
        tx.execute(
            "INSERT INTO events (seq, id, topic, kind, project_id, actor_id, actor_name, request_id, at, data) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            params![
                seq,
                id::fresh("evt"),
                event.topic,
                event.kind,
                event.project,
                &ctx.principal().id,
                &ctx.principal().name,
                ctx.request_id(),
                ctx.now(),
                &event.data
            ],
        )
        .await?;
    }
    if let Some(notify) = dialect::notify(tx.engine()) {
        tx.execute(notify, params![]).await?;
    }
    Ok(())
}

fn from_row(row: &Row) -> Result<Event, Error> {
    Ok(Event {
        seq: row.int("seq")?,
        id: row.text("id")?,
        topic: row.text("topic")?,
        kind: row.text("kind")?,
        project: row.opt_text("project_id")?,
        actor: row.text("actor_id")?,
        actor_name: row.text("actor_name")?,
        request_id: row.text("request_id")?,
        at: row.time("at")?,
        data: serde_json::from_str(&row.text("data")?)?,
    })
}

/// Events after `after`, oldest first.
pub(crate) async fn after(db: &Db, after: i64, limit: usize) -> Result<Vec<Event>, Error> {
    let rows = db
        .read()
        .fetch_all("SELECT * FROM events WHERE seq > $1 ORDER BY seq LIMIT $2", params![after, limit])
        .await?;
    rows.iter().map(from_row).collect()
}

/// Events of one topic after `after`, oldest first.
pub(crate) async fn after_on_topic(
    db: &Db,
    topic: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<Event>, Error> {
    let rows = match topic.strip_prefix("project.") {
        Some(project) => {
            db.read()
                .fetch_all(
                    "SELECT * FROM events WHERE project_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                    params![project, after, limit],
                )
                .await?
        }
        None => {
            db.read()
                .fetch_all(
                    "SELECT * FROM events WHERE topic = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                    params![topic, after, limit],
                )
                .await?
        }
    };
    rows.iter().map(from_row).collect()
}

/// The newest sequence number and the oldest one that is still kept (0 and 1 when there is none).
pub(crate) async fn bounds(db: &Db) -> Result<(i64, i64), Error> {
    let row = db
        .read()
        .fetch_one(
            "SELECT (SELECT value FROM event_sequence WHERE name = 'events') AS newest, \
             (SELECT MIN(seq) FROM events) AS oldest",
            params![],
        )
        .await?;
    let newest = row.int("newest")?;
    Ok((newest, row.opt_int("oldest")?.unwrap_or(newest + 1)))
}

/// Which events to list; all parts must fit.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct EventQuery {
    /// Only events of this project (id).
    pub project: Option<String>,
    /// Only events by this actor (id).
    pub actor: Option<String>,
    /// Only events of this type, for instance `process.created`, or of a noun (`process`).
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Only events before this sequence number (for the next page).
    pub before: Option<i64>,
    /// How many at most (1 to 500, 100 unless told).
    pub limit: Option<u32>,
}

/// A page of events, newest first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EventPage {
    /// The events.
    pub items: Vec<Event>,
    /// Pass as `before` for the next page; absent on the last.
    pub next: Option<i64>,
}

/// Lists events, newest first. The caller has checked that the asker may see them.
///
/// # Errors
/// Whatever the database says.
pub async fn list(db: &Db, query: &EventQuery) -> Result<EventPage, Error> {
    let limit = query.limit.unwrap_or(100).clamp(1, 500);
    let kind = query.kind.clone();
    let noun = kind.as_ref().map(|k| format!("{k}."));
    let rows = db
        .read()
        .fetch_all(
            "SELECT * FROM events WHERE ($1 IS NULL OR project_id = $1) AND ($2 IS NULL OR actor_id = $2) \
             AND ($3 IS NULL OR kind = $3 OR SUBSTR(kind, 1, LENGTH($4)) = $4) AND ($5 IS NULL OR seq < $5) \
             ORDER BY seq DESC LIMIT $6",
            params![query.project.clone(), query.actor.clone(), kind, noun, query.before, limit],
        )
        .await?;
    let items = rows.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    let next = (items.len() == limit as usize).then(|| items.last().map(|e| e.seq)).flatten();
    Ok(EventPage { items, next })
}

const PRUNED_AT_ONCE: u64 = 2000;

/// Deletes events recorded before `before`, the oldest first, a page in each transaction, so that nobody waits long
/// for the writer. Returns how many.
///
/// # Errors
/// Whatever the database says.
pub async fn prune(db: &Db, before: Timestamp) -> Result<u64, Error> {
    let mut gone = 0;
    loop {
        let mut tx = db.begin().await?;
        let sql =
            "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE at < $1 ORDER BY at LIMIT $2)";
        let page = tx.execute(sql, params![before, PRUNED_AT_ONCE]).await?;
        tx.commit().await?;
        gone += page;
        if page < PRUNED_AT_ONCE {
            return Ok(gone);
        }
    }
}
