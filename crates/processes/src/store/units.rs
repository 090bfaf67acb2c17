//! What has not ended, over all projects.

use super::progress;
use crate::model::{Progress, Resources, State};
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, params};
use std::collections::BTreeMap;

/// A version that has not ended, with what people call it.
pub(crate) struct UnitRow {
    pub(crate) process: String,
    pub(crate) version: i64,
    pub(crate) project_id: String,
    pub(crate) project: String,
    pub(crate) name: String,
    pub(crate) type_name: String,
    pub(crate) environment: String,
    pub(crate) state: State,
    pub(crate) stop_reason: Option<String>,
    pub(crate) user: String,
    pub(crate) priority: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) resources: Resources,
    pub(crate) progress: Option<Progress>,
}

/// What runs and starts, longest first, then what waits, in the order of the queue.
pub(crate) async fn units(sql: &mut impl Sql, limit: usize) -> Result<Vec<UnitRow>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT v.process_id, v.version, v.project_id, p.project_name, p.name, p.type_name, p.environment, v.state, \
             v.stop_reason, v.created_by, v.priority, v.created_at, v.started_at, v.resources, v.progress_ppm, v.progress_message \
             FROM versions v JOIN processes p ON p.id = v.process_id WHERE v.state IN ('queued', 'starting', 'running') \
             ORDER BY CASE WHEN v.state = 'queued' THEN 1 ELSE 0 END, CASE WHEN v.state = 'queued' THEN v.priority ELSE 0 END DESC, \
             v.created_at, v.process_id LIMIT $1",
            params![limit],
        )
        .await?;
    rows.iter().map(unit).collect()
}

fn unit(row: &Row) -> Result<UnitRow, Error> {
    Ok(UnitRow {
        process: row.text("process_id")?,
        version: row.int("version")?,
        project_id: row.text("project_id")?,
        project: row.text("project_name")?,
        name: row.text("name")?,
        type_name: row.text("type_name")?,
        environment: row.text("environment")?,
        state: row.text("state")?.parse()?,
        stop_reason: row.opt_text("stop_reason")?,
        user: row.text("created_by")?,
        priority: row.int("priority")?,
        created_at: row.time("created_at")?,
        started_at: row.opt_time("started_at")?,
        resources: serde_json::from_str(&row.text("resources")?)?,
        progress: progress(row)?,
    })
}

/// The places in the queue of a project's queued versions whose process ids lie between `first` and `last`.
pub(crate) async fn queue_positions(
    sql: &mut impl Sql,
    project: &str,
    first: &str,
    last: &str,
) -> Result<BTreeMap<(String, i64), i64>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT process_id, version, place FROM (SELECT process_id, version, project_id, \
             ROW_NUMBER() OVER (ORDER BY priority DESC, created_at, process_id) AS place FROM versions WHERE state = 'queued') q \
             WHERE project_id = $1 AND process_id >= $2 AND process_id <= $3",
            params![project, first, last],
        )
        .await?;
    rows.iter().map(|r| Ok(((r.text("process_id")?, r.int("version")?), r.int("place")?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MIGRATIONS;
    use serde_json::json;

    castalia_testkit::both_engines!(
        what_runs_comes_first_then_the_queue_in_its_order,
        &[MIGRATIONS],
        |db| async move {
            let mut tx = db.begin().await.expect("begins");
            for (n, (state, priority, created)) in [
                ("queued", 0, 10),
                ("queued", 5, 20),
                ("running", 0, 5),
                ("completed", 0, 1),
                ("queued", 0, 3),
            ]
            .into_iter()
            .enumerate()
            {
                let (id, project) = (format!("proc_{n}"), format!("p{}", n % 2));
                let resources =
                    json!({"cpu_millis": 1, "memory_mb": 1, "storage_mb": 1, "gpu": 0, "deadline_s": 1});
                tx.execute(
                    "INSERT INTO processes VALUES ($1, $2, 'name', 'n', 't', 'e', 'ada', 0, 1)",
                    params![&id, &project],
                )
                .await
                .expect("inserts");
                tx.execute(
                    "INSERT INTO versions (process_id, version, project_id, bucket, type_name, type_version, program, state, \
                     priority, parameters, inputs, resources, cpu_millis, memory_mb, gpu, held, cost, created_by, created_at, \
                     outputs) VALUES ($1, 1, $2, 'p', 't', '1', '{}', $3, $4, '{}', '[]', $5, 1, 1, 0, 5, 0, 'ada', $6, '[]')",
                    params![&id, &project, state, priority, &resources, created],
                )
                .await
                .expect("inserts");
            }
            let found = units(&mut tx, 10).await.expect("reads");
            let ids: Vec<_> = found.iter().map(|u| u.process.as_str()).collect();
            assert_eq!(ids, ["proc_2", "proc_1", "proc_4", "proc_0"]);
            assert_eq!(units(&mut tx, 2).await.expect("reads").len(), 2);
            let places = queue_positions(&mut tx, "p0", "proc_0", "proc_4").await.expect("reads");
            let places: Vec<_> = places.into_iter().map(|((id, _), place)| (id, place)).collect();
            assert_eq!(places, [("proc_0".to_owned(), 3), ("proc_4".to_owned(), 2)]);
        }
    );
}
