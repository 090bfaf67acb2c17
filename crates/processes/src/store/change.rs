//! From state to state. Each statement says which states it changes, so that it never undoes another.

use crate::model::{ExitView, Output, State};
use castalia_base::{Credits, Error, Timestamp};
use castalia_db::{Sql, Tx, params};

/// Asks an admitted version to stop. Returns false when it had been asked before.
pub(crate) async fn ask_to_stop(
    tx: &mut Tx,
    process: &str,
    version: i64,
    reason: &str,
) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE versions SET stop_reason = $3 WHERE process_id = $1 AND version = $2 AND state IN ('starting', 'running') AND stop_reason IS NULL",
            params![process, version, reason],
        )
        .await?;
    Ok(n > 0)
}

/// Marks an admitted version as running. Returns false when it is so already or has ended.
pub(crate) async fn set_running(
    tx: &mut Tx,
    process: &str,
    version: i64,
    since: Timestamp,
) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE versions SET state = 'running', started_at = $3 WHERE process_id = $1 AND version = $2 AND state = 'starting'",
            params![process, version, since],
        )
        .await?;
    Ok(n > 0)
}

/// Keeps what a running version last said of its progress.
pub(crate) async fn set_progress(
    tx: &mut Tx,
    process: &str,
    version: i64,
    fraction: f64,
    message: &str,
) -> Result<bool, Error> {
    let ppm = (fraction.clamp(0.0, 1.0) * 1e6).round() as i64;
    let n = tx
        .execute(
            "UPDATE versions SET progress_ppm = $3, progress_message = $4 WHERE process_id = $1 AND version = $2 AND state IN ('starting', 'running')",
            params![process, version, ppm, message],
        )
        .await?;
    Ok(n > 0)
}

/// The end of a version.
#[derive(Debug)]
pub(crate) struct End<'a> {
    pub(crate) state: State,
    pub(crate) reason: Option<&'a str>,
    pub(crate) reason_code: Option<&'a str>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) ended_at: Timestamp,
    pub(crate) exit: Option<&'a ExitView>,
    pub(crate) cost: Credits,
    pub(crate) log_lines: i64,
    pub(crate) outputs: &'a [Output],
}

/// Ends a version that has not ended. Returns false when it had ended before.
pub(crate) async fn finish(tx: &mut Tx, process: &str, version: i64, end: &End<'_>) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE versions SET state = $3, reason = $4, reason_code = $5, started_at = $6, ended_at = $7, exit_json = $8, cost = $9, \
             log_lines = $10, outputs = $11 WHERE process_id = $1 AND version = $2 AND state IN ('queued', 'starting', 'running')",
            params![
                process, version, end.state.as_str(), end.reason, end.reason_code, end.started_at, end.ended_at,
                end.exit.map(serde_json::to_string).transpose()?, end.cost, end.log_lines, serde_json::to_string(end.outputs)?
            ],
        )
        .await?;
    Ok(n > 0)
}

/// Cancels a version that is still queued; its log is one line, made of the reason. Returns false when it is not queued.
pub(crate) async fn cancel_queued(
    tx: &mut Tx,
    process: &str,
    version: i64,
    reason: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE versions SET state = 'cancelled', reason = $3, reason_code = 'cancelled', ended_at = $4, log_lines = 1 \
             WHERE process_id = $1 AND version = $2 AND state = 'queued'",
            params![process, version, reason, now],
        )
        .await?;
    Ok(n > 0)
}
