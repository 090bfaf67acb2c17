//! Rows of workspaces.

use crate::definition::{Definition, Profile, Resources};
use crate::model::{ExitView, Health, State};
use castalia_base::{Error, Timestamp};
use castalia_db::{Migration, Migrations, Row, Sql, Tx, params};
use serde_json::Value;

mod boots;
mod change;
mod queue;
mod servers;
mod shares;
mod stages;

pub(crate) use boots::{add_boot, boots};
pub(crate) use change::*;
pub(crate) use queue::{Waiting, admit, lock, ports, position, taken, waiting};
pub(crate) use servers::{Server, has_server, leave_server, server, take_server};
pub(crate) use shares::{level_of, put_share, remove_share, remove_shares, shares};
pub(crate) use stages::{add_stage, remove_stages, stages};

/// The tables of this crate.
pub const MIGRATIONS: Migrations = Migrations {
    capability: "hub",
    steps: &[
        Migration { name: "0001_init", sql: include_str!("../../migrations/0001_init.sql") },
        Migration { name: "0002_servers", sql: include_str!("../../migrations/0002_servers.sql") },
    ],
};

/// A workspace as stored.
#[derive(Clone, Debug)]
pub(crate) struct WorkspaceRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) project_id: String,
    /// Empty for one that waits to be claimed.
    pub(crate) owner_id: String,
    pub(crate) owner_name: String,
    pub(crate) service: String,
    pub(crate) profile: String,
    pub(crate) node: String,
    pub(crate) run: i64,
    pub(crate) state: State,
    pub(crate) reason: Option<String>,
    pub(crate) reason_code: Option<String>,
    pub(crate) health: Health,
    pub(crate) health_reason: Option<String>,
    pub(crate) definition: Definition,
    pub(crate) resources: Resources,
    pub(crate) options: Value,
    pub(crate) port: Option<u16>,
    pub(crate) sealed_secret: Option<String>,
    pub(crate) secret_hash: Option<String>,
    pub(crate) stop_reason: Option<String>,
    pub(crate) stop_code: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) queued_at: Option<Timestamp>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) ready_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) exit: Option<ExitView>,
    pub(crate) log_lines: Option<i64>,
    pub(crate) last_activity: Option<Timestamp>,
    pub(crate) warned_at: Option<Timestamp>,
    pub(crate) kept_until: Option<Timestamp>,
}

/// What a fresh row needs to be told; all else follows.
pub(crate) struct New {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) title: String,
    /// Id and name; both empty for one that waits to be claimed.
    pub(crate) owner: (String, String),
    pub(crate) project_id: String,
    pub(crate) node: String,
    pub(crate) definition: Definition,
    pub(crate) profile: Profile,
    pub(crate) created_at: Timestamp,
}

impl WorkspaceRow {
    /// One that waits for its first start.
    pub(crate) fn fresh(new: New) -> Self {
        let (owner_id, owner_name) = new.owner;
        Self {
            id: new.id,
            name: new.name,
            title: new.title,
            project_id: new.project_id,
            owner_id,
            owner_name,
            service: new.definition.name.clone(),
            profile: new.profile.name,
            node: new.node,
            run: 1,
            state: State::Queued,
            reason: None,
            reason_code: None,
            health: Health::Starting,
            health_reason: None,
            definition: new.definition,
            resources: new.profile.resources,
            options: Value::Object(serde_json::Map::new()),
            port: None,
            sealed_secret: None,
            secret_hash: None,
            stop_reason: None,
            stop_code: None,
            created_at: new.created_at,
            queued_at: Some(new.created_at),
            started_at: None,
            ready_at: None,
            ended_at: None,
            exit: None,
            log_lines: None,
            last_activity: Some(new.created_at),
            warned_at: None,
            kept_until: None,
        }
    }
    /// The name of the unit of its newest run.
    pub(crate) fn unit_name(&self) -> String {
        unit_name(&self.id, self.run)
    }
    /// Whether it waits to be claimed.
    pub(crate) fn is_unclaimed(&self) -> bool {
        self.owner_id.is_empty()
    }
}

/// `unit_{ulid}_r{run}` for `ws_{ulid}`.
pub(crate) fn unit_name(workspace: &str, run: i64) -> String {
    format!("unit_{}_r{run}", workspace.trim_start_matches("ws_"))
}

/// The workspace and run of a unit's name.
pub(crate) fn of_unit(unit: &str) -> Option<(String, i64)> {
    let (ulid, run) = unit.strip_prefix("unit_")?.rsplit_once("_r")?;
    Some((format!("ws_{ulid}"), run.parse().ok()?))
}

fn from_row(row: &Row) -> Result<WorkspaceRow, Error> {
    let json = |column: &str| -> Result<Value, Error> { Ok(serde_json::from_str(&row.text(column)?)?) };
    Ok(WorkspaceRow {
        id: row.text("id")?,
        name: row.text("name")?,
        title: row.text("title")?,
        project_id: row.text("project_id")?,
        owner_id: row.text("owner_id")?,
        owner_name: row.text("owner_name")?,
        service: row.text("service")?,
        profile: row.text("profile")?,
        node: row.text("node")?,
        run: row.int("run")?,
        state: row.parse("state")?,
        reason: row.opt_text("reason")?,
        reason_code: row.opt_text("reason_code")?,
        health: row.parse("health")?,
        health_reason: row.opt_text("health_reason")?,
        definition: serde_json::from_value(json("definition")?)?,
        resources: serde_json::from_value(json("resources")?)?,
        options: json("options")?,
        port: row.opt_int("port")?.and_then(|p| u16::try_from(p).ok()),
        sealed_secret: row.opt_text("sealed_secret")?,
        secret_hash: row.opt_text("secret_hash")?,
        stop_reason: row.opt_text("stop_reason")?,
        stop_code: row.opt_text("stop_code")?,
        created_at: row.time("created_at")?,
        queued_at: row.opt_time("queued_at")?,
        started_at: row.opt_time("started_at")?,
        ready_at: row.opt_time("ready_at")?,
        ended_at: row.opt_time("ended_at")?,
        exit: row.opt_text("exit_json")?.map(|t| serde_json::from_str(&t)).transpose()?,
        log_lines: row.opt_int("log_lines")?,
        last_activity: row.opt_time("last_activity")?,
        warned_at: row.opt_time("warned_at")?,
        kept_until: row.opt_time("kept_until")?,
    })
}

pub(crate) async fn insert(tx: &mut Tx, w: &WorkspaceRow) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO workspaces (id, name, title, project_id, owner_id, owner_name, service, profile, node, run, state, \
         reason, reason_code, health, health_reason, definition, resources, cpu_millis, memory_mb, options, port, sealed_secret, \
         secret_hash, created_at, queued_at, started_at, ready_at, last_activity) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)",
        params![
            &w.id, &w.name, &w.title, &w.project_id, &w.owner_id, &w.owner_name, &w.service, &w.profile, &w.node, w.run,
            w.state.as_str(), w.reason.clone(), w.reason_code.clone(), w.health.as_str(), w.health_reason.clone(),
            serde_json::to_string(&w.definition)?, serde_json::to_string(&w.resources)?, w.resources.cpu_millis,
            w.resources.memory_mb, &w.options, w.port.map(i64::from), w.sealed_secret.clone(), w.secret_hash.clone(),
            w.created_at, w.queued_at, w.started_at, w.ready_at, w.last_activity
        ],
    )
    .await?;
    Ok(())
}

/// By id or by name: a name never has the form of an id.
pub(crate) async fn find(sql: &mut impl Sql, id_or_name: &str) -> Result<Option<WorkspaceRow>, Error> {
    let row = sql
        .fetch_optional("SELECT * FROM workspaces WHERE id = $1 OR name = $1", params![id_or_name])
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// A workspace, locked until the end of the transaction.
pub(crate) async fn lock_row(tx: &mut Tx, id: &str) -> Result<Option<WorkspaceRow>, Error> {
    let row =
        tx.fetch_optional("UPDATE workspaces SET id = id WHERE id = $1 RETURNING *", params![id]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Those of one owner, newest first.
pub(crate) async fn of_owner(sql: &mut impl Sql, owner: &str) -> Result<Vec<WorkspaceRow>, Error> {
    let sql_text = "SELECT * FROM workspaces WHERE owner_id = $1 ORDER BY created_at DESC, id DESC";
    sql.fetch_all(sql_text, params![owner]).await?.iter().map(from_row).collect()
}

/// Those that are shared with a user.
pub(crate) async fn shared_with(sql: &mut impl Sql, user: &str) -> Result<Vec<WorkspaceRow>, Error> {
    let sql_text = "SELECT w.* FROM workspaces w JOIN workspace_shares s ON s.workspace_id = w.id \
                    WHERE s.user_id = $1 ORDER BY w.created_at DESC, w.id DESC";
    sql.fetch_all(sql_text, params![user]).await?.iter().map(from_row).collect()
}

/// All that are claimed, newest first.
pub(crate) async fn all(sql: &mut impl Sql, limit: usize) -> Result<Vec<WorkspaceRow>, Error> {
    let sql_text = "SELECT * FROM workspaces WHERE owner_id <> '' ORDER BY created_at DESC, id DESC LIMIT $1";
    sql.fetch_all(sql_text, params![limit]).await?.iter().map(from_row).collect()
}

/// Those of which something runs on this node, or may.
pub(crate) async fn active(sql: &mut impl Sql, node: &str) -> Result<Vec<WorkspaceRow>, Error> {
    let sql_text =
        "SELECT * FROM workspaces WHERE state IN ('starting', 'ready', 'stopping') AND node = $1 ORDER BY id";
    sql.fetch_all(sql_text, params![node]).await?.iter().map(from_row).collect()
}

/// Those that wait to be claimed, of one service, that are not about to end; the ready ones first.
pub(crate) async fn unclaimed(
    sql: &mut impl Sql,
    service: Option<&str>,
    node: &str,
) -> Result<Vec<WorkspaceRow>, Error> {
    let sql_text = "SELECT * FROM workspaces WHERE owner_id = '' AND ($1 IS NULL OR service = $1) AND node = $2 \
                    ORDER BY CASE state WHEN 'ready' THEN 0 ELSE 1 END, created_at";
    sql.fetch_all(sql_text, params![service, node]).await?.iter().map(from_row).collect()
}

/// How many there are in each state.
pub(crate) async fn counts(sql: &mut impl Sql) -> Result<Vec<(String, i64)>, Error> {
    let sql_text = "SELECT state, COUNT(*) AS n FROM workspaces WHERE owner_id <> '' GROUP BY state";
    let rows = sql.fetch_all(sql_text, params![]).await?;
    rows.iter().map(|row| Ok((row.text("state")?, row.int("n")?))).collect()
}

/// How many of a project run or wait.
pub(crate) async fn count_wanted(sql: &mut impl Sql, project: &str) -> Result<u64, Error> {
    let sql_text = "SELECT COUNT(*) AS n FROM workspaces WHERE project_id = $1 AND state IN ('queued', 'starting', 'ready', 'stopping')";
    Ok(u64::try_from(sql.fetch_one(sql_text, params![project]).await?.int("n")?).unwrap_or_default())
}

/// Names of the users of whom something waits or starts.
pub(crate) async fn starting_owners(sql: &mut impl Sql) -> Result<Vec<String>, Error> {
    let sql_text = "SELECT DISTINCT owner_name FROM workspaces WHERE state IN ('queued', 'starting')";
    sql.fetch_all(sql_text, params![]).await?.iter().map(|row| row.text("owner_name")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::tests::row;
    use crate::model::Level;
    use castalia_testkit::both_engines;

    const STEPS: &[Migrations] = &[MIGRATIONS];

    fn named(n: u32, state: State) -> WorkspaceRow {
        WorkspaceRow {
            id: format!("ws_{n}"),
            name: format!("ada-lab-{n}"),
            state,
            queued_at: Some(Timestamp(i64::from(n))),
            ..row()
        }
    }

    both_engines!(a_queue_keeps_its_order_and_lets_in_once, STEPS, |db| async move {
        let mut tx = db.begin().await.expect("begins");
        for n in [3, 1, 2] {
            insert(&mut tx, &named(n, State::Queued)).await.expect("is new");
        }
        let pooled = WorkspaceRow { owner_id: String::new(), ..named(9, State::Queued) };
        insert(&mut tx, &WorkspaceRow { queued_at: Some(Timestamp(0)), ..pooled }).await.expect("is new");
        let order: Vec<String> =
            waiting(&mut tx, "here", 9).await.expect("reads").into_iter().map(|c| c.id).collect();
        assert_eq!(order, ["ws_1", "ws_2", "ws_3", "ws_9"], "people before what waits for them");
        assert_eq!(position(&mut tx, "here", Timestamp(3), "ws_3").await.expect("reads"), 3);
        let one = Waiting { id: "ws_1", port: 1, sealed_secret: "s", secret_hash: "h" };
        assert!(admit(&mut tx, &one, Timestamp(5)).await.expect("lets in"));
        assert!(!admit(&mut tx, &one, Timestamp(5)).await.expect("does not"));
        let used = taken(&mut tx, "here").await.expect("reads");
        assert_eq!((used.running, used.starting), (1, 1));
        assert_eq!(taken(&mut tx, "elsewhere").await.expect("reads"), crate::admission::Use::default());
        tx.commit().await.expect("commits");
        let read = find(&mut db.read(), "ada-lab-1").await.expect("reads").expect("is there");
        assert_eq!((read.state, read.port, read.definition), (State::Starting, Some(1), row().definition));
    });

    both_engines!(an_end_is_recorded_once_and_never_undone, STEPS, |db| async move {
        let mut tx = db.begin().await.expect("begins");
        insert(&mut tx, &named(1, State::Starting)).await.expect("is new");
        let end = End {
            state: State::Failed,
            reason: "r",
            code: "exit_code",
            started_at: None,
            ended_at: Timestamp(9),
            exit: None,
            log_lines: 0,
        };
        assert!(set_started(&mut tx, "ws_1", 1, Timestamp(6)).await.expect("runs"));
        assert!(set_ready(&mut tx, "ws_1", 1, Timestamp(7)).await.expect("is ready"));
        assert!(!set_ready(&mut tx, "ws_1", 1, Timestamp(8)).await.expect("was ready"));
        assert!(set_health(&mut tx, "ws_1", 1, Health::Degraded, Some("slow")).await.expect("changes"));
        assert!(!set_health(&mut tx, "ws_1", 1, Health::Degraded, Some("slow")).await.expect("is the same"));
        assert!(ask_to_stop(&mut tx, "ws_1", 1, "why", "asked").await.expect("asks"));
        assert!(!ask_to_stop(&mut tx, "ws_1", 1, "again", "idle").await.expect("was asked"));
        assert!(!finish(&mut tx, "ws_1", 2, &end).await.expect("another run"));
        assert!(finish(&mut tx, "ws_1", 1, &end).await.expect("ends"));
        assert!(!finish(&mut tx, "ws_1", 1, &end).await.expect("has ended"));
        assert!(!set_started(&mut tx, "ws_1", 1, Timestamp(6)).await.expect("has ended"));
        let w = find(&mut tx, "ws_1").await.expect("reads").expect("is there");
        assert_eq!((w.state, w.health, w.reason.as_deref()), (State::Failed, Health::Stopped, Some("r")));
        assert!(enqueue(&mut tx, &w, Timestamp(10)).await.expect("again"));
        let w = find(&mut tx, "ws_1").await.expect("reads").expect("is there");
        assert_eq!(
            (w.run, w.state, w.reason, w.stop_reason, w.ready_at),
            (2, State::Queued, None, None, None)
        );
        assert!(!delete(&mut tx, "ws_1").await.expect("waits"));
        assert!(cancel_queued(&mut tx, "ws_1", "r", Timestamp(11)).await.expect("leaves"));
        assert!(delete(&mut tx, "ws_1").await.expect("is gone"));
    });

    both_engines!(one_that_waits_is_claimed_once, STEPS, |db| async move {
        let mut tx = db.begin().await.expect("begins");
        let pooled = WorkspaceRow { owner_id: String::new(), ..named(1, State::Ready) };
        insert(&mut tx, &pooled).await.expect("is new");
        assert_eq!(unclaimed(&mut tx, Some("lab"), "here").await.expect("reads").len(), 1);
        assert_eq!(all(&mut tx, 9).await.expect("reads").len(), 0);
        let (ada, bob) =
            (named(2, State::Queued), WorkspaceRow { name: "bob".into(), ..named(3, State::Queued) });
        assert!(claim(&mut tx, "ws_1", &ada, Timestamp(5)).await.expect("claims"));
        assert!(!claim(&mut tx, "ws_1", &bob, Timestamp(5)).await.expect("is taken"));
        assert_eq!(of_owner(&mut tx, "user_ada").await.expect("reads")[0].id, "ws_1");
    });

    both_engines!(activity_moves_forward_only, STEPS, |db| async move {
        let mut tx = db.begin().await.expect("begins");
        insert(&mut tx, &named(1, State::Ready)).await.expect("is new");
        assert!(set_activity(&mut tx, "ws_1", Timestamp(5)).await.expect("moves"));
        assert!(set_warned(&mut tx, "ws_1", Timestamp(6)).await.expect("warns"));
        assert!(!set_warned(&mut tx, "ws_1", Timestamp(7)).await.expect("was warned"));
        assert!(!set_activity(&mut tx, "ws_1", Timestamp(4)).await.expect("stays"));
        assert!(set_activity(&mut tx, "ws_1", Timestamp(8)).await.expect("moves"));
        let w = find(&mut tx, "ws_1").await.expect("reads").expect("is there");
        assert_eq!((w.last_activity, w.warned_at), (Some(Timestamp(8)), None), "a warning is taken back");
    });

    both_engines!(stages_shares_and_boots, STEPS, |db| async move {
        let mut tx = db.begin().await.expect("begins");
        for (n, stage) in ["queued", "admitted"].iter().enumerate() {
            add_stage(&mut tx, ("ws_1", 1), stage, None, Timestamp(n as i64)).await.expect("adds");
        }
        let names: Vec<String> =
            stages(&mut tx, "ws_1", 1).await.expect("reads").into_iter().map(|s| s.0).collect();
        assert_eq!(names, ["queued", "admitted"]);
        remove_stages(&mut tx, "ws_1", 2).await.expect("forgets");
        assert!(stages(&mut tx, "ws_1", 1).await.expect("reads").is_empty());
        put_share(&mut tx, "ws_1", "u", Level::View, Timestamp(0)).await.expect("shares");
        put_share(&mut tx, "ws_1", "u", Level::Use, Timestamp(1)).await.expect("changes");
        assert_eq!(level_of(&mut tx, "ws_1", "u").await.expect("reads"), Some(Level::Use));
        assert!(remove_share(&mut tx, "ws_1", "u").await.expect("removes"));
        for n in 0..130 {
            add_boot(&mut tx, "lab", Timestamp(n), n).await.expect("adds");
        }
        let kept = boots(&mut tx).await.expect("reads");
        assert_eq!((kept.len(), kept[0].1), (100, 30));
    });
}
