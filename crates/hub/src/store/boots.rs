//! How long services took to become ready.

use castalia_base::{Error, Timestamp};
use castalia_db::{Sql, Tx, params};

/// How many past starts of a service are remembered.
const REMEMBERED: u64 = 100;

pub(crate) async fn add_boot(tx: &mut Tx, service: &str, at: Timestamp, ms: i64) -> Result<(), Error> {
    tx.execute("INSERT INTO workspace_boots (service, at, ms) VALUES ($1, $2, $3)", params![service, at, ms])
        .await?;
    tx.execute(
        "DELETE FROM workspace_boots WHERE service = $1 AND at < \
         (SELECT MIN(at) FROM (SELECT at FROM workspace_boots WHERE service = $1 ORDER BY at DESC LIMIT $2) AS newest)",
        params![service, REMEMBERED],
    )
    .await?;
    Ok(())
}

/// Service and milliseconds, oldest first.
pub(crate) async fn boots(sql: &mut impl Sql) -> Result<Vec<(String, i64)>, Error> {
    let rows = sql.fetch_all("SELECT service, ms FROM workspace_boots ORDER BY at", params![]).await?;
    rows.iter().map(|row| Ok((row.text("service")?, row.int("ms")?))).collect()
}
