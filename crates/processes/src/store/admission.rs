//! The queue and what is admitted.

use crate::admission::{Candidate, Use};
use castalia_base::Error;
use castalia_db::{Sql, Tx, params};
use std::collections::BTreeMap;

/// Lets one replica admit at a time.
pub(crate) async fn lock(tx: &mut Tx) -> Result<(), Error> {
    tx.execute("UPDATE admission_turn SET value = value + 1 WHERE name = 'admission'", params![]).await?;
    Ok(())
}

/// What admitted versions use, by project.
pub(crate) async fn in_use(sql: &mut impl Sql) -> Result<BTreeMap<String, Use>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT project_id, COUNT(*) AS n, CAST(SUM(cpu_millis) AS BIGINT) AS cpu, CAST(SUM(memory_mb) AS BIGINT) AS memory, \
             CAST(SUM(gpu) AS BIGINT) AS gpu FROM versions WHERE state IN ('starting', 'running') GROUP BY project_id",
            params![],
        )
        .await?;
    rows.iter()
        .map(|r| {
            let amount = |column: &str| Ok::<_, Error>(u64::try_from(r.int(column)?).unwrap_or_default());
            let used = Use {
                running: amount("n")?,
                cpu_millis: amount("cpu")?,
                memory_mb: amount("memory")?,
                gpu: amount("gpu")?,
            };
            Ok((r.text("project_id")?, used))
        })
        .collect()
}

/// A page of queued versions in order of priority and age.
pub(crate) async fn candidates(
    sql: &mut impl Sql,
    limit: usize,
    offset: usize,
) -> Result<Vec<Candidate>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT process_id, version, project_id, resources FROM versions WHERE state = 'queued' \
             ORDER BY priority DESC, created_at, process_id LIMIT $1 OFFSET $2",
            params![limit, offset],
        )
        .await?;
    rows.iter()
        .map(|r| {
            Ok(Candidate {
                project: r.text("project_id")?,
                process: r.text("process_id")?,
                version: r.int("version")?,
                resources: serde_json::from_str(&r.text("resources")?)?,
            })
        })
        .collect()
}

/// Admits one queued version. Returns false when it is no longer queued.
pub(crate) async fn admit(tx: &mut Tx, c: &Candidate, access_key: &str) -> Result<bool, Error> {
    let n = tx
        .execute(
            "UPDATE versions SET state = 'starting', access_key = $3 WHERE process_id = $1 AND version = $2 AND state = 'queued'",
            params![&c.process, c.version, access_key],
        )
        .await?;
    Ok(n > 0)
}
