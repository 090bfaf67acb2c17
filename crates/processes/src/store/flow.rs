//! All of a project at once.

use super::progress;
use crate::flow::FlowNode;
use crate::model::Input;
use castalia_base::Error;
use castalia_db::{Row, Sql, params};

/// The processes of a project with their newest version and what it reads, newest first. One statement; the large
/// columns (parameters, program) stay where they are.
pub(crate) async fn flow(
    sql: &mut impl Sql,
    project: &str,
    limit: usize,
) -> Result<Vec<(FlowNode, Vec<Input>)>, Error> {
    let rows = sql
        .fetch_all(
            "SELECT p.id, p.name, p.type_name, p.environment, p.created_at, v.version, v.state, v.reason, v.progress_ppm, \
             v.progress_message, v.cost, v.created_by, v.started_at, v.ended_at, v.inputs, v.outputs \
             FROM processes p JOIN versions v ON v.process_id = p.id AND v.version = p.latest \
             WHERE p.project_id = $1 ORDER BY p.id DESC LIMIT $2",
            params![project, limit],
        )
        .await?;
    rows.iter().map(node).collect()
}

fn node(row: &Row) -> Result<(FlowNode, Vec<Input>), Error> {
    let node = FlowNode {
        process: row.text("id")?,
        name: row.text("name")?,
        type_name: row.text("type_name")?,
        environment: row.text("environment")?,
        version: row.int("version")?,
        state: row.text("state")?.parse()?,
        reason: row.opt_text("reason")?,
        progress: progress(row)?,
        cost: row.credits("cost")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        started_at: row.opt_time("started_at")?,
        ended_at: row.opt_time("ended_at")?,
        inputs: Vec::new(),
        outputs: serde_json::from_str(&row.text("outputs")?)?,
    };
    Ok((node, serde_json::from_str(&row.text("inputs")?)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::State;
    use crate::store::MIGRATIONS;
    use castalia_db::Db;
    use serde_json::json;
    use std::time::Instant;

    /// `n` processes of project `p`, each of two versions, each but the first reading what the one before wrote.
    async fn chain(db: &Db, n: usize) {
        let mut tx = db.begin().await.expect("begins");
        for i in 0..n {
            let id = format!("proc_{i:08}");
            tx.execute(
                "INSERT INTO processes VALUES ($1, 'p', 'p', $2, 't', 'e', 'ada', $3, 2)",
                params![&id, format!("n{i}"), i],
            )
            .await
            .expect("inserts");
            let mut input = json!({"path": "/parameters/input", "reference": "upload:a.csv", "name": "a.csv",
                "media_type": "text/csv", "size": 3, "sha256": "", "key": "k", "id": "up_1"});
            if let Some(before) = i.checked_sub(1) {
                input["reference"] = format!("dataset:ds_{before}").into();
                input["id"] = format!("ds_{before}").into();
                input["process"] = format!("proc_{before:08}").into();
                input["version"] = 2.into();
            }
            let output =
                json!([{"id": format!("ds_{i}"), "name": "out", "media_type": "text/csv", "size": 3}]);
            for (version, state) in [(1, "failed"), (2, "completed")] {
                tx.execute(
                    "INSERT INTO versions (process_id, version, project_id, bucket, type_name, type_version, program, state, \
                     priority, parameters, inputs, resources, cpu_millis, memory_mb, gpu, held, cost, created_by, created_at, \
                     outputs, progress_ppm) VALUES ($1, $2, 'p', 'p', 't', '1', '{}', $3, 0, '{}', $4, '{}', 1, 1, 0, 5, 7, \
                     'ada', 0, $5, 500000)",
                    params![&id, version, state, &json!([input]), &output],
                )
                .await
                .expect("inserts");
            }
        }
        tx.commit().await.expect("commits");
    }

    castalia_testkit::both_engines!(
        a_flow_is_every_process_with_its_newest_version,
        &[MIGRATIONS],
        |db| async move {
            chain(&db, 3).await;
            let found = flow(&mut db.read(), "p", 10).await.expect("reads");
            let ids: Vec<_> = found.iter().map(|(n, _)| (n.process.as_str(), n.version, n.state)).collect();
            let done = State::Completed;
            assert_eq!(
                ids,
                [("proc_00000002", 2, done), ("proc_00000001", 2, done), ("proc_00000000", 2, done)]
            );
            assert_eq!(found[0].1[0].process.as_deref(), Some("proc_00000001"));
            assert_eq!(found[0].0.outputs[0].name, "out");
            assert_eq!(found[0].0.progress.as_ref().map(|p| p.fraction), Some(0.5));
            assert_eq!(flow(&mut db.read(), "p", 2).await.expect("reads").len(), 2);
            assert!(flow(&mut db.read(), "other", 2).await.expect("reads").is_empty());
        }
    );

    castalia_testkit::both_engines!(a_large_flow_takes_one_look, &[MIGRATIONS], |db| async move {
        chain(&db, 5000).await;
        for n in [1000, 5000] {
            let begun = Instant::now();
            let found = flow(&mut db.read(), "p", n).await.expect("reads");
            assert_eq!(found.len(), n);
            println!("flow of {n} processes: {} ms", begun.elapsed().as_millis());
        }
    });
}
