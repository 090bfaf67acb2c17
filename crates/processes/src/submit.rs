//! Submit: from parameters to a queued version with its hold, in one transaction.

use crate::Service;
use crate::check::{Checked, check_name, check_priority, first_resources, metered};
use crate::environments::TypeRow;
use crate::graph;
use crate::lifecycle::process_event;
use crate::model::{Input, ProcessView, Resources, ResourcesRequest, State, VersionView};
use crate::store::{self, ProcessRow, Program, VersionRow};
use castalia_base::{Credits, Ctx, Error, Timestamp, id::ProcessId};
use castalia_events::append;
use castalia_projects::{Project, ledger, pricing::Metered};
use castalia_storage::{Bucket, InputKind, InputRef, RunScope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A process to be made, with its first version.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProcess {
    /// Project, by name or id.
    pub project: String,
    /// Process type, `NAME` or `ENVIRONMENT/NAME`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Name for people; made from the type when absent.
    pub name: Option<String>,
    /// Parameters as the type's schema says; data as `upload:NAME` or `dataset:ID`.
    #[serde(default = "empty")]
    pub parameters: Map<String, Value>,
    /// What it may use, where it differs from the type's defaults.
    #[serde(default)]
    pub resources: ResourcesRequest,
    /// Higher goes first (-100 to 100, 0 unless told).
    #[serde(default)]
    pub priority: i32,
    /// Take over the result of an equal earlier run, if the type is deterministic and there is one.
    #[serde(default)]
    pub reuse: bool,
}

fn empty() -> Map<String, Value> {
    Map::new()
}

/// A further version of a process.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// Parameters; those of `base` when absent.
    pub parameters: Option<Map<String, Value>>,
    /// The version whose parameters and resources are taken where nothing else is said; the newest unless told.
    pub base: Option<i64>,
    /// Changes to the resources.
    #[serde(default)]
    pub resources: ResourcesRequest,
    /// Higher goes first.
    pub priority: Option<i32>,
    /// Take over the result of an equal earlier run, if there is one.
    #[serde(default)]
    pub reuse: bool,
}

/// What a version would cost.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Estimate {
    /// The hold: resources × deadline, in micro-credits.
    pub hold: Credits,
    /// Price of one second, in micro-credits.
    pub per_second: Credits,
    /// What the project can spend now, in micro-credits.
    pub available: Credits,
    /// Whether it is covered.
    pub covered: bool,
    /// The resources, all decided.
    pub resources: Resources,
    /// The parameters with defaults filled in.
    pub parameters: Value,
    /// Name of the price list.
    pub prices: String,
}

impl VersionRow {
    /// The bucket of its project, with the project's quota where that matters.
    pub(crate) fn bucket(&self, quota_mb: Option<u64>) -> Result<Bucket, Error> {
        Ok(Bucket {
            project: self.project_id.parse()?,
            name: self.bucket.clone(),
            quota_bytes: quota_mb.map(|mb| mb << 20),
        })
    }

    /// The version's number as storage counts it.
    pub(crate) fn number(&self) -> Result<u32, Error> {
        u32::try_from(self.version).map_err(Error::internal)
    }

    /// What its run may read and write. The credentials are revoked at its end; should nobody come to do
    /// that, they die an hour after its deadline.
    pub(crate) fn run_scope(&self, now: Timestamp, quota_mb: Option<u64>) -> Result<RunScope, Error> {
        let life_s = i64::try_from(self.resources.deadline_s).unwrap_or(i64::MAX / 2000) + 3600;
        Ok(RunScope {
            bucket: self.bucket(quota_mb)?,
            process: self.process.parse()?,
            version: self.number()?,
            expires: now.plus_ms(life_s * 1000),
            quota_bytes: Some(self.resources.storage_mb << 20),
        })
    }
}

pub(crate) fn input_ref(input: &Input) -> InputRef {
    let kind = if input.reference.starts_with("upload:") { InputKind::Upload } else { InputKind::Dataset };
    InputRef { kind, id: input.id.clone(), name: input.name.clone() }
}

impl Service {
    /// Makes a process and queues its first version.
    ///
    /// # Errors
    /// `invalid_parameters` with paths, `not_found`, `insufficient_credit` (402), `queue_full` (409), …
    pub async fn create(&self, ctx: &Ctx, new: NewProcess) -> Result<ProcessView, Error> {
        let project = self.projects.find(ctx, &new.project, "processes.run").await?;
        let ready = self.ready_type(&new.type_name, &|p| p == project.id.as_str()).await?;
        let t = &ready.row;
        let resources = first_resources(t, &new.resources);
        let parameters = Value::Object(new.parameters);
        let checked = self.check(ctx, &project, &ready, parameters, resources, new.reuse).await?;
        check_priority(new.priority)?;
        let id = ProcessId::fresh();
        let process = ProcessRow {
            id: id.to_string(),
            project_id: project.id.to_string(),
            project_name: project.name.clone(),
            name: check_name(new.name, &t.view.name)?,
            type_name: t.view.name.clone(),
            environment: t.view.environment.clone(),
            created_by: ctx.principal().name.clone(),
            created_at: ctx.now(),
            latest: 1,
        };
        let mut tx = self.db.begin().await?;
        store::insert_process(&mut tx, &process).await?;
        let version = self.queue(ctx, tx, &project, &process, 1, t, checked, new.priority).await?;
        Ok(process_view(process, vec![version]))
    }

    /// Queues a further version of a process.
    ///
    /// # Errors
    /// As [`Service::create`], and `cycle` (422) when an input was made from this very process.
    pub async fn create_version(
        &self,
        ctx: &Ctx,
        process: &str,
        new: NewVersion,
    ) -> Result<VersionView, Error> {
        let (row, base) = self.find(ctx, process, new.base, "processes.run").await?;
        let base = store::version(&mut self.db.read(), &row.id, base)
            .await?
            .ok_or_else(|| Error::not_found("version", base))?;
        let project = self.projects.find(ctx, &row.project_id, "processes.run").await?;
        let name = format!("{}/{}", row.environment, row.type_name);
        let ready = self.ready_type(&name, &|p| p == project.id.as_str()).await?;
        let parameters = new.parameters.map_or(base.parameters, Value::Object);
        let resources = base.resources.with(&new.resources);
        let checked = self.check(ctx, &project, &ready, parameters, resources, new.reuse).await?;
        let priority = new.priority.unwrap_or(base.priority);
        check_priority(priority)?;
        let mut tx = self.db.begin().await?;
        let number = store::next_version(&mut tx, &row.id).await?;
        graph::refuse_cycle(&mut tx, &row.id, &checked.inputs).await?;
        self.queue(ctx, tx, &project, &row, number, &ready.row, checked, priority).await
    }

    /// What a version would cost, without making it. Also checks the parameters.
    ///
    /// # Errors
    /// As [`Service::create`], except for the missing credit, which is told in the answer.
    pub async fn estimate(&self, ctx: &Ctx, new: NewProcess) -> Result<Estimate, Error> {
        let project = self.projects.find(ctx, &new.project, "processes.run").await?;
        let ready = self.ready_type(&new.type_name, &|p| p == project.id.as_str()).await?;
        let resources = first_resources(&ready.row, &new.resources);
        let parameters = Value::Object(new.parameters);
        let checked = self.check(ctx, &project, &ready, parameters, resources, false).await?;
        let available = ledger::summary(&mut self.db.read(), &project.id).await?.available;
        let second = Metered { milliseconds: 1000, ..metered(&checked.resources) };
        Ok(Estimate {
            covered: available >= checked.hold,
            hold: checked.hold,
            per_second: self.prices().estimate(&second)?,
            available,
            resources: checked.resources,
            parameters: checked.parameters,
            prices: self.prices().name.clone(),
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one private step of two use cases, with everything decided by its callers"
    )]
    async fn queue(
        &self,
        ctx: &Ctx,
        mut tx: castalia_db::Tx,
        project: &Project,
        process: &ProcessRow,
        number: i64,
        t: &TypeRow,
        mut checked: Checked,
        priority: i32,
    ) -> Result<VersionView, Error> {
        let before = checked.before.take();
        let v = new_version(ctx, project, process, number, t, checked, priority);
        if let Some(before) = before {
            return self.take_over(ctx, tx, v, before).await;
        }
        if let Some(limit) = project.limits.max_queued
            && store::count_queued(&mut tx, &v.project_id).await? >= i64::try_from(limit).unwrap_or(i64::MAX)
        {
            return Err(Error::conflict(
                "queue_full",
                format!("the project has {limit} versions queued, which is its limit; wait or cancel some"),
            ));
        }
        store::insert_version(&mut tx, &v).await?;
        let key = Self::hold_key(&v.process, v.version);
        ledger::hold(&mut tx, ctx, &project.id, &key, &process.name, v.held).await?;
        let data = json!({"state": "queued", "name": process.name, "type": v.type_name, "held": v.held});
        append(&mut tx, ctx, vec![process_event(&v, "process.queued", data)]).await?;
        tx.commit().await?;
        self.fault("queued");
        metrics::counter!("castalia_process_submitted_total").increment(1);
        self.admit.notify_one();
        Ok(v.view(None))
    }

    /// The result of an equal run instead of another run: same outputs, no cost.
    async fn take_over(
        &self,
        ctx: &Ctx,
        mut tx: castalia_db::Tx,
        mut v: VersionRow,
        before: VersionRow,
    ) -> Result<VersionView, Error> {
        let source = format!("{}/{}", before.process, before.version);
        v.state = State::Completed;
        v.reused_from = Some(source.clone());
        v.cache_key = None;
        v.held = Credits::ZERO;
        v.outputs = before.outputs;
        v.started_at = Some(ctx.now());
        v.ended_at = Some(ctx.now());
        v.log_lines = Some(0);
        store::insert_version(&mut tx, &v).await?;
        let data = json!({"state": "completed", "reused_from": source, "cost": 0, "outputs": v.outputs});
        append(&mut tx, ctx, vec![process_event(&v, "process.completed", data)]).await?;
        tx.commit().await?;
        Ok(v.view(None))
    }
}

fn new_version(
    ctx: &Ctx,
    project: &Project,
    process: &ProcessRow,
    number: i64,
    t: &TypeRow,
    checked: Checked,
    priority: i32,
) -> VersionRow {
    let program = match (&t.given, &t.command, &t.python) {
        (Some(given), ..) => given.clone(),
        (None, Some(command), _) => Program::Command(command.clone()),
        (None, None, python) => {
            Program::Python { interpreter: python.clone().unwrap_or_default(), paths: t.paths.clone() }
        }
    };
    VersionRow {
        process: process.id.clone(),
        version: number,
        project_id: project.id.to_string(),
        bucket: project.name.clone(),
        type_name: t.view.name.clone(),
        type_version: t.view.version.clone(),
        program,
        state: State::Queued,
        reason: None,
        reason_code: None,
        stop_reason: None,
        priority,
        parameters: checked.parameters,
        inputs: checked.inputs,
        resources: checked.resources,
        held: checked.hold,
        cost: Credits::ZERO,
        created_by: ctx.principal().name.clone(),
        created_at: ctx.now(),
        started_at: None,
        ended_at: None,
        exit: None,
        progress: None,
        cache_key: checked.cache_key,
        reused_from: None,
        log_lines: None,
        outputs: Vec::new(),
        access_key: None,
    }
}

pub(crate) fn process_view(p: ProcessRow, versions: Vec<VersionView>) -> ProcessView {
    let newest = versions.last();
    ProcessView {
        version: newest.map_or(p.latest, |v| v.version),
        state: newest.map_or(State::Queued, |v| v.state),
        reason: newest.and_then(|v| v.reason.clone()),
        cost: newest.map_or(Credits::ZERO, |v| v.cost),
        outputs: newest.map(|v| v.outputs.clone()).unwrap_or_default(),
        id: p.id,
        name: p.name,
        project: p.project_name,
        project_id: p.project_id,
        type_name: p.type_name,
        environment: p.environment,
        created_by: p.created_by,
        created_at: p.created_at,
        versions,
    }
}
