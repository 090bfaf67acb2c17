//! What runs and waits over all projects, for those who look after the installation.

use crate::Service;
use crate::model::{Progress, Resources, State};
use crate::store::{self, UnitRow};
use castalia_base::{Ctx, Error, Timestamp};
use castalia_compute::{OWNER_LABEL, Observed, Phase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many units to list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct UnitsQuery {
    /// How many at most (1 to 5000, 500 unless told).
    pub limit: Option<u32>,
}

/// What runs and waits.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Units {
    /// What runs, longest first; what nobody asked for; then what waits, in the order of the queue.
    pub items: Vec<Unit>,
    /// How many versions are queued, starting and running, all of them.
    pub counts: BTreeMap<String, i64>,
    /// What all units together may use.
    pub capacity: Share,
    /// What those that start and run have reserved.
    pub reserved: Share,
}

/// Part of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Share {
    /// Processors, in thousandths.
    pub cpu_millis: u64,
    /// Memory in MiB.
    pub memory_mb: u64,
    /// GPUs.
    pub gpu: u64,
    /// Units.
    pub units: u64,
}

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// A version of a process.
    Process,
    /// Something that runs here though nothing says that it should. It is left alone: it may be somebody's only copy
    /// of hours of work.
    Orphan,
}

/// One unit.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Unit {
    /// `unit_…`, also the name of its folder.
    pub unit: String,
    /// What it is.
    pub kind: UnitKind,
    /// The project's name.
    pub project: Option<String>,
    /// The project's id.
    pub project_id: Option<String>,
    /// The process.
    pub process: Option<String>,
    /// The process's name.
    pub process_name: Option<String>,
    /// The version.
    pub version: Option<i64>,
    /// The process type.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    /// The environment of the type.
    pub environment: Option<String>,
    /// Who made the version.
    pub user: Option<String>,
    /// Where it is in its life.
    pub state: State,
    /// Why it is to stop, when somebody asked for that.
    pub stop_reason: Option<String>,
    /// Higher goes first.
    pub priority: Option<i64>,
    /// Since when it waits, or runs.
    pub since: Timestamp,
    /// What it may use.
    pub resources: Option<Resources>,
    /// How far it says it is.
    pub progress: Option<Progress>,
    /// Its process id on this machine, while it runs.
    pub pid: Option<u32>,
    /// What it has used so far, where that is measured.
    pub usage: Option<Usage>,
}

/// What a unit has used so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Usage {
    /// Processor time in milliseconds.
    pub cpu_ms: u64,
    /// Most memory at once, in KiB.
    pub max_rss_kb: u64,
    /// Bytes in its working folder when last looked at.
    pub storage_bytes: u64,
}

impl Service {
    /// What runs and waits over all projects.
    ///
    /// # Errors
    /// `forbidden` without `units.view` in the whole installation.
    pub async fn units(&self, ctx: &Ctx, query: &UnitsQuery) -> Result<Units, Error> {
        ctx.require_globally("units.view")?;
        let limit = query.limit.unwrap_or(500).clamp(1, 5_000) as usize;
        // The backend first: what it knows and the database does not is then surely none of ours.
        let seen = self.backend.list().await.map_err(|error| {
            Error::unavailable("what runs can't be looked at now; try again").with_source(error)
        })?;
        let rows = store::units(&mut self.db.read(), limit).await?;
        let counts = self.counts().await?;
        let used = store::in_use(&mut self.db.read()).await?;
        let reserved = used.values().fold(Share::default(), |sum, used| Share {
            cpu_millis: sum.cpu_millis + used.cpu_millis,
            memory_mb: sum.memory_mb + used.memory_mb,
            gpu: sum.gpu + used.gpu,
            units: sum.units + used.running,
        });
        let c = &self.capacity;
        let capacity =
            Share { cpu_millis: c.cpu_millis, memory_mb: c.memory_mb, gpu: c.gpu, units: c.running };
        let mut seen: BTreeMap<String, Observed> =
            seen.into_iter().filter(is_ours).map(|one| (one.id.as_str().to_owned(), one)).collect();
        let (mut items, mut waiting) = (Vec::new(), Vec::new());
        for row in rows {
            let unit = store::unit_name(&row.process, row.version);
            let observed = seen.remove(&unit);
            let list = if row.state == State::Queued { &mut waiting } else { &mut items };
            list.push(of_version(unit, row, observed));
        }
        items.extend(self.orphans(seen.into_values()).await?);
        items.append(&mut waiting);
        items.truncate(limit);
        Ok(Units { items, counts: counts.into_iter().collect(), capacity, reserved })
    }

    /// Those that run though no version that is known to the database has to do with them.
    async fn orphans(&self, seen: impl Iterator<Item = Observed>) -> Result<Vec<Unit>, Error> {
        let mut found = Vec::new();
        for observed in seen.filter(|one| matches!(one.phase, Phase::Running { .. })) {
            // A version that has just ended, or lies beyond the limit, is known.
            if let Some((process, version)) = store::of_unit(observed.id.as_str())
                && store::version(&mut self.db.read(), &process, version).await?.is_some()
            {
                continue;
            }
            found.push(of_nobody(&observed));
        }
        Ok(found)
    }
}

/// Units of other capabilities (workspaces) are theirs to tell of.
fn is_ours(observed: &Observed) -> bool {
    observed.labels.get(OWNER_LABEL).is_none_or(|owner| owner == "processes")
}

fn measured(observed: &Observed) -> Option<Usage> {
    let running = matches!(observed.phase, Phase::Running { .. });
    let u = observed.usage;
    running.then_some(Usage { cpu_ms: u.cpu_ms, max_rss_kb: u.max_rss_kb, storage_bytes: u.storage_bytes })
}

fn pid(observed: &Observed) -> Option<u32> {
    match observed.phase {
        Phase::Running { pid, .. } => Some(pid),
        _ => None,
    }
}

fn of_version(unit: String, row: UnitRow, observed: Option<Observed>) -> Unit {
    Unit {
        unit,
        kind: UnitKind::Process,
        project: Some(row.project),
        project_id: Some(row.project_id),
        process: Some(row.process),
        process_name: Some(row.name),
        version: Some(row.version),
        type_name: Some(row.type_name),
        environment: Some(row.environment),
        user: Some(row.user),
        state: row.state,
        stop_reason: row.stop_reason,
        priority: Some(row.priority),
        since: row.started_at.unwrap_or(row.created_at),
        resources: Some(row.resources),
        progress: row.progress,
        pid: observed.as_ref().and_then(pid),
        usage: observed.as_ref().and_then(measured),
    }
}

fn of_nobody(observed: &Observed) -> Unit {
    let label = |name: &str| observed.labels.get(name).cloned();
    let since = match observed.phase {
        Phase::Running { since, .. } => since,
        _ => observed.created_at,
    };
    Unit {
        unit: observed.id.as_str().to_owned(),
        kind: UnitKind::Orphan,
        project: None,
        project_id: label("castalia.project"),
        process: label("castalia.process"),
        process_name: None,
        version: label("castalia.version").and_then(|n| n.parse().ok()),
        type_name: None,
        environment: None,
        user: None,
        state: State::Running,
        stop_reason: observed.stopping.as_ref().map(|stop| stop.reason.clone()),
        priority: None,
        since: Timestamp(since),
        resources: None,
        progress: observed
            .progress
            .as_ref()
            .map(|p| Progress { fraction: p.fraction, message: p.message.clone() }),
        pid: pid(observed),
        usage: measured(observed),
    }
}
