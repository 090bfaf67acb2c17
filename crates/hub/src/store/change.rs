//! From state to state. Each statement says which states it changes, so that it never undoes another.

use super::WorkspaceRow;
use crate::model::{ExitView, Health, State};
use castalia_base::{Error, Timestamp};
use castalia_db::{Sql, Tx, params};

/// Puts a stopped or failed workspace into the queue for its next run, with what is to be run.
pub(crate) async fn enqueue(tx: &mut Tx, w: &WorkspaceRow, now: Timestamp) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE workspaces SET state = 'queued', run = run + 1, queued_at = $2, profile = $3, definition = $4, resources = $5, \
             cpu_millis = $6, memory_mb = $7, node = $8, reason = NULL, reason_code = NULL, health = 'starting', health_reason = NULL, \
             port = NULL, sealed_secret = NULL, secret_hash = NULL, stop_reason = NULL, stop_code = NULL, admitted_at = NULL, \
             started_at = NULL, ready_at = NULL, ended_at = NULL, exit_json = NULL, log_lines = NULL, warned_at = NULL, kept_until = NULL, \
             last_activity = $2 WHERE id = $1 AND state IN ('stopped', 'failed')",
            params![
                &w.id, now, &w.profile, serde_json::to_string(&w.definition)?, serde_json::to_string(&w.resources)?,
                w.resources.cpu_millis, w.resources.memory_mb, &w.node
            ],
        )
        .await?;
    Ok(n > 0)
}

/// Takes a workspace out of the queue. Returns false when it is not in it.
pub(crate) async fn cancel_queued(
    tx: &mut Tx,
    id: &str,
    reason: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE workspaces SET state = 'stopped', reason = $2, reason_code = 'asked', health = 'stopped', health_reason = NULL, \
             ended_at = $3 WHERE id = $1 AND state = 'queued'",
            params![id, reason, now],
        )
        .await?;
    Ok(n > 0)
}

/// Asks a running workspace to stop. Returns false when it had been asked before.
pub(crate) async fn ask_to_stop(
    tx: &mut Tx,
    id: &str,
    run: i64,
    reason: &str,
    code: &str,
) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE workspaces SET state = 'stopping', stop_reason = $3, stop_code = $4 \
             WHERE id = $1 AND run = $2 AND state IN ('starting', 'ready')",
            params![id, run, reason, code],
        )
        .await?;
    Ok(n > 0)
}

/// Marks that its program runs. Returns false when that is known or it has ended.
pub(crate) async fn set_started(tx: &mut Tx, id: &str, run: i64, since: Timestamp) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE workspaces SET started_at = $3 WHERE id = $1 AND run = $2 AND state IN ('starting', 'stopping') AND started_at IS NULL",
            params![id, run, since],
        )
        .await?;
    Ok(n > 0)
}

/// Marks that it is ready. Returns false when it is not starting.
pub(crate) async fn set_ready(tx: &mut Tx, id: &str, run: i64, at: Timestamp) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE workspaces SET state = 'ready', ready_at = $3, last_activity = $3 WHERE id = $1 AND run = $2 AND state = 'starting'",
            params![id, run, at],
        )
        .await?;
    Ok(n > 0)
}

/// Keeps how it is. Returns false when it is that already or does not run.
pub(crate) async fn set_health(
    tx: &mut Tx,
    id: &str,
    run: i64,
    health: Health,
    reason: Option<&str>,
) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE workspaces SET health = $3, health_reason = $4 WHERE id = $1 AND run = $2 AND state IN ('starting', 'ready', 'stopping') \
             AND (health <> $3 OR COALESCE(health_reason, '') <> COALESCE($4, ''))",
            params![id, run, health.as_str(), reason],
        )
        .await?;
    Ok(n > 0)
}

/// The end of a run.
#[derive(Debug)]
pub(crate) struct End<'a> {
    pub(crate) state: State,
    pub(crate) reason: &'a str,
    pub(crate) code: &'a str,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) ended_at: Timestamp,
    pub(crate) exit: Option<&'a ExitView>,
    pub(crate) log_lines: i64,
}

/// Ends a run that has not ended. Returns false when it had ended before.
pub(crate) async fn finish(tx: &mut Tx, id: &str, run: i64, end: &End<'_>) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE workspaces SET state = $3, reason = $4, reason_code = $5, health = 'stopped', health_reason = $4, started_at = $6, \
             ended_at = $7, exit_json = $8, log_lines = $9, port = NULL, sealed_secret = NULL, secret_hash = NULL \
             WHERE id = $1 AND run = $2 AND state IN ('starting', 'ready', 'stopping')",
            params![
                id, run, end.state.as_str(), end.reason, end.code, end.started_at, end.ended_at,
                end.exit.map(serde_json::to_string).transpose()?, end.log_lines
            ],
        )
        .await?;
    Ok(n > 0)
}

/// Moves the last activity forward, never back.
pub(crate) async fn set_activity(tx: &mut Tx, id: &str, at: Timestamp) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE workspaces SET last_activity = $2, warned_at = NULL WHERE id = $1 AND COALESCE(last_activity, 0) < $2",
            params![id, at],
        )
        .await?;
    Ok(n > 0)
}

/// Marks that its user was warned.
pub(crate) async fn set_warned(tx: &mut Tx, id: &str, at: Timestamp) -> Result<bool, Error> {
    let sql = "UPDATE workspaces SET warned_at = $2 WHERE id = $1 AND state = 'ready' AND warned_at IS NULL";
    Ok(tx.execute(sql, params![id, at]).await? > 0)
}

/// Keeps it until a time, whatever it does.
pub(crate) async fn set_kept(tx: &mut Tx, id: &str, until: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE workspaces SET kept_until = $2, warned_at = NULL WHERE id = $1";
    tx.execute(sql, params![id, until]).await?;
    Ok(())
}

/// Replaces what is noted about it.
pub(crate) async fn set_options(tx: &mut Tx, id: &str, options: &serde_json::Value) -> Result<(), Error> {
    tx.execute("UPDATE workspaces SET options = $2 WHERE id = $1", params![id, options]).await?;
    Ok(())
}

pub(crate) async fn set_title(tx: &mut Tx, id: &str, title: &str) -> Result<(), Error> {
    tx.execute("UPDATE workspaces SET title = $2 WHERE id = $1", params![id, title]).await?;
    Ok(())
}

/// Gives one that waited to its first owner. Returns false when another was faster or it is not ready.
pub(crate) async fn claim(tx: &mut Tx, id: &str, w: &WorkspaceRow, now: Timestamp) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE workspaces SET owner_id = $2, owner_name = $3, name = $4, title = $5, project_id = $6, created_at = $7, \
             queued_at = $7, last_activity = $7 WHERE id = $1 AND owner_id = '' AND state = 'ready' AND health IN ('healthy', 'degraded')",
            params![id, &w.owner_id, &w.owner_name, &w.name, &w.title, &w.project_id, now],
        )
        .await?;
    Ok(n > 0)
}

/// Deletes a workspace of which nothing runs. Returns false when something may.
pub(crate) async fn delete(tx: &mut Tx, id: &str) -> Result<bool, Error> {
    let sql = "DELETE FROM workspaces WHERE id = $1 AND state IN ('stopped', 'failed')";
    Ok(tx.execute(sql, params![id]).await? > 0)
}

/// Completes the row of a workspace that was adopted while it runs.
pub(crate) async fn mark_started(tx: &mut Tx, w: &WorkspaceRow) -> Result<(), Error> {
    tx.execute("UPDATE workspaces SET started_at = $2 WHERE id = $1", params![&w.id, w.started_at]).await?;
    Ok(())
}
