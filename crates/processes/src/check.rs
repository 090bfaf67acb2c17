//! Before a submit changes anything: parameters, references, resources, price, and whether an equal run is there.

use crate::Service;
use crate::environments::{ReadyType, TypeRow};
use crate::model::{Input, Resources, ResourcesRequest};
use crate::schema::{Reference, accepts};
use crate::store::{self, VersionRow};
use castalia_base::{Credits, Ctx, Error, FieldError, Kind};
use castalia_projects::{Project, pricing::Metered};
use castalia_storage::ResolvedInput;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A checked submission.
pub(crate) struct Checked {
    pub(crate) parameters: Value,
    pub(crate) inputs: Vec<Input>,
    pub(crate) resources: Resources,
    pub(crate) hold: Credits,
    pub(crate) cache_key: Option<String>,
    /// The equal run whose result is taken over.
    pub(crate) before: Option<VersionRow>,
}

pub(crate) fn metered(r: &Resources) -> Metered {
    Metered {
        cpu_millis: r.cpu_millis.into(),
        memory_mb: r.memory_mb,
        storage_mb: r.storage_mb,
        gpu: r.gpu.into(),
        milliseconds: r.deadline_s.saturating_mul(1000),
    }
}

/// What a first version may use: the type's defaults where nothing is asked for.
pub(crate) fn first_resources(t: &TypeRow, request: &ResourcesRequest) -> Resources {
    Resources::default().with(&t.view.resources).with(request)
}

impl Service {
    pub(crate) async fn check(
        &self,
        ctx: &Ctx,
        project: &Project,
        ready: &ReadyType,
        parameters: Value,
        resources: Resources,
        reuse: bool,
    ) -> Result<Checked, Error> {
        // Some types let one do more than the usual ones: a script runs anything.
        if let Some(permission) = ready.row.view.schema["x-permission"].as_str() {
            ctx.require(permission, project.id.as_str(), "project", &project.name)?;
        }
        let (parameters, references) = ready.schema.check(parameters)?;
        let inputs = self.resolve(ctx, project, references).await?;
        self.check_resources(project, &resources)?;
        let hold = self.prices().estimate(&metered(&resources))?;
        let cache_key = ready.row.view.deterministic.then(|| cache_key(&ready.row, &parameters, &inputs));
        let before = match &cache_key {
            Some(key) if reuse => self.equal_run(project, key).await?,
            _ => None,
        };
        Ok(Checked { parameters, inputs, resources, hold, cache_key, before })
    }

    /// The newest run of the project with this key, if all that it wrote is still there.
    async fn equal_run(&self, project: &Project, key: &str) -> Result<Option<VersionRow>, Error> {
        let found = store::by_cache_key(&mut self.db.read(), project.id.as_str(), key).await?;
        for output in found.iter().flat_map(|v| &v.outputs) {
            match self.storage.get_dataset(&self.system(), &output.id).await {
                Ok(_) => {}
                Err(error) if error.kind() == Kind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    async fn resolve(
        &self,
        ctx: &Ctx,
        project: &Project,
        references: Vec<Reference>,
    ) -> Result<Vec<Input>, Error> {
        let (mut inputs, mut errors) = (Vec::new(), Vec::new());
        for reference in references {
            let found = self.storage.resolve(ctx, &project.id, &reference.text).await;
            match found {
                Ok(found) if accepts(&reference.accepts, &found.media_type) => {
                    inputs.push(input(reference, found))
                }
                Ok(found) => {
                    let message = format!(
                        "is {}, but one of {} is needed",
                        found.media_type,
                        reference.accepts.join(", ")
                    );
                    errors.push(FieldError { path: reference.path, message });
                }
                Err(error) if matches!(error.kind(), Kind::Unavailable | Kind::Internal) => {
                    return Err(error);
                }
                Err(error) => {
                    errors.push(FieldError { path: reference.path, message: error.detail().to_owned() })
                }
            }
        }
        match errors.first() {
            None => Ok(inputs),
            Some(first) => {
                let detail = format!("{}: {}", first.path, first.message);
                Err(Error::unprocessable("invalid_parameters", detail, errors))
            }
        }
    }

    fn check_resources(&self, project: &Project, r: &Resources) -> Result<(), Error> {
        let field = |name: &str, message: String| {
            Error::field("invalid_resources", format!("/resources/{name}"), message)
        };
        if !(1..=1_000_000).contains(&r.cpu_millis) {
            return Err(field("cpu_millis", "must be from 1 to 1000000".into()));
        }
        if !(16..=16_000_000).contains(&r.memory_mb) {
            return Err(field("memory_mb", "must be from 16 to 16000000 MiB".into()));
        }
        if !(1..=64_000_000).contains(&r.storage_mb) {
            return Err(field("storage_mb", "must be from 1 to 64000000 MiB".into()));
        }
        if !(1..=30 * 86_400).contains(&r.deadline_s) {
            return Err(field("deadline_s", "must be from 1 second to 30 days".into()));
        }
        if !self.capacity.could_hold(r) {
            let c = &self.capacity;
            let has = format!(
                "this installation has {} thousandths of a core, {} MiB and {} GPUs in all",
                c.cpu_millis, c.memory_mb, c.gpu
            );
            return Err(Error::field(
                "invalid_resources",
                "/resources",
                format!("more than there ever is: {has}"),
            ));
        }
        let limits = &project.limits;
        let over = |limit: Option<u64>, asked: u64| limit.is_some_and(|limit| asked > limit);
        if over(limits.cpu_millis, r.cpu_millis.into()) || over(limits.memory_mb, r.memory_mb) {
            return Err(Error::field(
                "invalid_resources",
                "/resources",
                "more than the project may use at once; ask for a higher limit",
            ));
        }
        Ok(())
    }
}

fn input(reference: Reference, found: ResolvedInput) -> Input {
    let (process, version) = found.producer.unzip();
    Input {
        path: reference.path,
        reference: reference.text,
        name: found.name,
        media_type: found.media_type,
        size: found.size,
        sha256: found.sha256,
        process: process.map(|p| p.to_string()),
        version: version.map(i64::from),
        key: found.key,
        id: found.id,
        units: found.units.map(Value::from),
        shape: found.shape.map(Value::from),
    }
}

pub(crate) fn check_priority(priority: i32) -> Result<(), Error> {
    if (-100..=100).contains(&priority) {
        Ok(())
    } else {
        Err(Error::field("invalid_priority", "/priority", "must be from -100 to 100"))
    }
}

pub(crate) fn check_name(name: Option<String>, type_name: &str) -> Result<String, Error> {
    let name = name.map_or_else(|| type_name.to_owned(), |n| n.trim().to_owned());
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Error::field("invalid_name", "/name", "use 1 to 200 printable characters"));
    }
    Ok(name)
}

/// Equal for runs that must give an equal result: type, its version, the program, the environment's packages,
/// parameters with each reference replaced by the digest of its content and by what is said about it.
fn cache_key(t: &TypeRow, parameters: &Value, inputs: &[Input]) -> String {
    // serde_json keeps object keys sorted, so equal parameters read equal.
    let contents: Vec<_> =
        inputs.iter().map(|i| (&i.path, &i.sha256, &i.media_type, &i.units, &i.shape)).collect();
    let mut parameters = parameters.clone();
    for input in inputs {
        let place = input.path.strip_prefix("/parameters").unwrap_or(&input.path);
        if let Some(value) = parameters.pointer_mut(place) {
            *value = Value::Null;
        }
    }
    let v = &t.view;
    let program = json!([v.environment, v.name, v.version, t.command, t.fingerprint]);
    hex::encode(Sha256::digest(json!([program, parameters, contents]).to_string()))
}
