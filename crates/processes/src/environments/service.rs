//! Use cases of environments and process types.

use super::discover::{Discovery, FoundType, discover};
use super::store::{self, EnvironmentRow, TypeRow};
use super::{EntryPointError, Environment, Manifest, NewEnvironment, ProcessType};
use super::{examples, project};
use crate::Service;
use crate::schema::ParameterSchema;
use castalia_base::{Ctx, Error, id::EnvironmentId};
use castalia_events::{Event, NewEvent, append};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;

/// How long a submit waits for an environment that is being prepared.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where changes of environments are told.
const TOPIC: &str = "environments";

/// A type that can be submitted.
#[derive(Clone)]
pub(crate) struct ReadyType {
    pub(crate) row: Arc<TypeRow>,
    pub(crate) schema: Arc<ParameterSchema>,
}

/// Which projects' types are meant.
pub(crate) type Sees<'a> = &'a (dyn Fn(&str) -> bool + Sync);

impl ReadyType {
    fn is_seen(&self, sees: Sees<'_>) -> bool {
        self.row.view.project.as_deref().is_none_or(sees)
    }
}

/// The types of all ready environments, once they were read.
#[derive(Clone, Default)]
pub(crate) struct KnownTypes {
    /// How often they were forgotten.
    forgotten: u64,
    ready: Option<Arc<Vec<ReadyType>>>,
}

type Found = (Vec<(ProcessType, Option<Vec<String>>)>, Vec<EntryPointError>, Value);

impl Service {
    /// Adds an environment, or reads it anew when one of this name exists.
    ///
    /// # Errors
    /// `environment_broken` when the interpreter can't be asked, `invalid_schema` never: types with a wrong
    /// schema are listed in the environment's `errors`.
    pub async fn add_environment(&self, ctx: &Ctx, new: NewEnvironment) -> Result<Environment, Error> {
        ctx.require_globally("environments.manage")?;
        check_name("/name", &new.name)?;
        if new.name == project::PROJECT_ENVIRONMENT {
            let text = "this name stands for the types of projects; choose another";
            return Err(Error::field("invalid_name", "/name", text));
        }
        let (kind, (types, errors, packages)) = match (&new.python, &new.manifest) {
            (Some(python), None) => ("python", from_discovery(&new.name, discover(python).await?)),
            (None, Some(manifest)) => ("native", from_manifest(&new.name, manifest)?),
            _ => {
                return Err(Error::field("invalid_environment", "", "give either `python` or `manifest`"));
            }
        };
        let fingerprint = hex::encode(Sha256::digest(packages.to_string().as_bytes()));
        let mut tx = self.db.begin().await?;
        let fresh = EnvironmentId::fresh();
        let row = EnvironmentRow {
            id: fresh.as_str(),
            name: &new.name,
            kind,
            state: "ready",
            message: None,
            python: new.python.as_deref(),
            packages: &packages,
            fingerprint: &fingerprint,
            errors: &errors,
            now: ctx.now(),
        };
        let id = store::upsert(&mut tx, &row).await?;
        store::replace_types(&mut tx, &id, &types).await?;
        let names: Vec<_> = types.iter().map(|(t, _)| &t.name).collect();
        append(
            &mut tx,
            ctx,
            vec![event(
                &new.name,
                "environment.changed",
                json!({"state": "ready", "types": names, "errors": errors.len()}),
            )],
        )
        .await?;
        tx.commit().await?;
        self.forget_types();
        self.environment(ctx, &new.name).await
    }

    /// Reads the types of a Python environment anew.
    ///
    /// # Errors
    /// `not_found`, or as [`Service::add_environment`].
    pub async fn refresh_environment(&self, ctx: &Ctx, name: &str) -> Result<Environment, Error> {
        let known = self.environment(ctx, name).await?;
        let Some(python) = known.python else {
            return Err(Error::conflict(
                "not_python",
                "a native environment is changed by adding its manifest again",
            ));
        };
        self.add_environment(ctx, NewEnvironment { name: known.name, python: Some(python), manifest: None })
            .await
    }

    /// Removes an environment and its types; processes made from them stay.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_environment(&self, ctx: &Ctx, name: &str) -> Result<(), Error> {
        ctx.require_globally("environments.manage")?;
        let mut tx = self.db.begin().await?;
        if !store::delete(&mut tx, name).await? {
            return Err(Error::not_found("environment", name));
        }
        append(&mut tx, ctx, vec![event(name, "environment.removed", json!({}))]).await?;
        tx.commit().await?;
        self.forget_types();
        Ok(())
    }

    /// Says that an environment is being prepared, or why that failed. For the platform itself.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn announce_environment(
        &self,
        ctx: &Ctx,
        name: &str,
        state: &str,
        message: &str,
    ) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let fresh = EnvironmentId::fresh();
        let row = EnvironmentRow {
            id: fresh.as_str(),
            name,
            kind: "python",
            state,
            message: Some(message),
            python: None,
            packages: &json!({}),
            fingerprint: "",
            errors: &[],
            now: ctx.now(),
        };
        let exists = store::list(&mut tx).await?.iter().any(|e| e.name == name);
        if exists {
            store::set_state(&mut tx, name, state, Some(message)).await?;
        } else {
            store::upsert(&mut tx, &row).await?;
        }
        append(
            &mut tx,
            ctx,
            vec![event(name, "environment.changed", json!({"state": state, "message": message}))],
        )
        .await?;
        tx.commit().await?;
        self.forget_types();
        Ok(())
    }

    /// Says of the environments whose preparation was cut off by the end of an earlier life that it was. For the
    /// platform itself, before it prepares any: nobody then waits for what will not come.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn settle_environments(&self, ctx: &Ctx) -> Result<(), Error> {
        for environment in store::list(&mut self.db.read()).await? {
            if environment.state == "preparing" {
                let message = "its preparation was interrupted; add it again, or restart with --demo";
                self.announce_environment(ctx, &environment.name, "broken", message).await?;
            }
        }
        Ok(())
    }

    /// All environments.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn environments(&self, ctx: &Ctx) -> Result<Vec<Environment>, Error> {
        require_view(ctx)?;
        store::list(&mut self.db.read()).await
    }

    /// One environment by name.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn environment(&self, ctx: &Ctx, name: &str) -> Result<Environment, Error> {
        let found = self.environments(ctx).await?.into_iter().find(|e| e.name == name || e.id == name);
        found.ok_or_else(|| Error::not_found("environment", name))
    }

    /// All process types, those of projects as far as the caller may see them.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn process_types(&self, ctx: &Ctx) -> Result<Vec<ProcessType>, Error> {
        require_view(ctx)?;
        let sees = |t: &&ReadyType| t.is_seen(&|p| ctx.can("processes.view", p));
        Ok(self.all_types().await?.iter().filter(sees).map(|t| t.row.view.clone()).collect())
    }

    /// One process type, `NAME` or `ENVIRONMENT/NAME`.
    ///
    /// # Errors
    /// `not_found` with the names there are, `ambiguous_type` when several environments have it.
    pub async fn process_type(&self, ctx: &Ctx, name: &str) -> Result<ProcessType, Error> {
        require_view(ctx)?;
        Ok(self.ready_type(name, &|p| ctx.can("processes.view", p)).await?.row.view.clone())
    }

    /// The type of this name, among those of all projects and of the ones for which `sees` holds. While an environment is being prepared, an unknown name is waited for a while.
    pub(crate) async fn ready_type(&self, name: &str, sees: Sees<'_>) -> Result<ReadyType, Error> {
        let begun = tokio::time::Instant::now();
        loop {
            let found = self.find_type(name, sees).await;
            let unknown = found.as_ref().is_err_and(|e| e.code() == "unknown_type");
            if !unknown || begun.elapsed() > PATIENCE || !self.is_preparing().await? {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn is_preparing(&self) -> Result<bool, Error> {
        Ok(store::list(&mut self.db.read()).await?.iter().any(|e| e.state == "preparing"))
    }

    async fn find_type(&self, name: &str, sees: Sees<'_>) -> Result<ReadyType, Error> {
        let all = self.all_types().await?;
        let all: Vec<&ReadyType> = all.iter().filter(|t| t.is_seen(sees)).collect();
        let (environment, bare) = match name.rsplit_once('/') {
            Some((environment, bare)) => (Some(environment), bare),
            None => (None, name),
        };
        let fits = |t: &&&ReadyType| {
            t.row.view.name == bare && environment.is_none_or(|e| t.row.view.environment == e)
        };
        let mut found = all.iter().filter(fits);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok((*one).clone()),
            (Some(_), Some(_)) => {
                let places: Vec<_> =
                    all.iter().filter(fits).map(|t| format!("{}/{bare}", t.row.view.environment)).collect();
                Err(Error::field(
                    "ambiguous_type",
                    "/type",
                    format!("several environments have it; say one of {}", places.join(", ")),
                ))
            }
            (None, _) => {
                let names: Vec<_> = all.iter().map(|t| t.row.view.name.as_str()).collect();
                let known = if names.is_empty() {
                    "no environment is ready yet".to_owned()
                } else {
                    format!("there are: {}", names.join(", "))
                };
                Err(Error::field("unknown_type", "/type", format!("no process type `{name}`; {known}")))
            }
        }
    }

    /// Types are read from the database once and kept until an environment changes, here or elsewhere.
    async fn all_types(&self) -> Result<Arc<Vec<ReadyType>>, Error> {
        let seen = self.types.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(types) = seen.ready {
            return Ok(types);
        }
        let mut rows = store::types(&mut self.db.read()).await?;
        rows.extend(project::all(&mut self.db.read()).await?);
        let ready = rows.into_iter().filter_map(|row| {
            let schema = ParameterSchema::compile(row.view.schema.clone()).ok()?;
            Some(ReadyType { row: Arc::new(row), schema: Arc::new(schema) })
        });
        let types = Arc::new(ready.collect::<Vec<_>>());
        let mut known = self.types.write().unwrap_or_else(PoisonError::into_inner);
        // What was read before an environment changed must not be kept after it.
        if known.forgotten == seen.forgotten {
            known.ready = Some(types.clone());
        }
        Ok(types)
    }

    pub(crate) fn forget_types(&self) {
        let mut known = self.types.write().unwrap_or_else(PoisonError::into_inner);
        *known = KnownTypes { forgotten: known.forgotten + 1, ready: None };
    }

    /// Forgets the types whenever an environment changes, also when another replica changed it.
    pub(crate) async fn watch_environments(self: Arc<Self>, mut events: broadcast::Receiver<Arc<Event>>) {
        loop {
            match events.recv().await {
                Ok(event) if event.topic != TOPIC => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => self.forget_types(),
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }
}

fn require_view(ctx: &Ctx) -> Result<(), Error> {
    if ctx.can_somewhere("environments.view") { Ok(()) } else { Err(Error::forbidden("environments.view")) }
}

pub(super) fn event(name: &str, kind: &'static str, mut data: Value) -> NewEvent {
    data["environment"] = name.into();
    NewEvent { topic: TOPIC.into(), kind, project: None, data }
}

pub(super) fn check_name(place: &str, name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        return Err(Error::field(
            "invalid_name",
            place,
            "use 1 to 64 lower-case letters, digits, `-` and `_`",
        ));
    }
    Ok(())
}

fn from_discovery(environment: &str, found: Discovery) -> Found {
    let mut errors = found.errors;
    let mut types = Vec::new();
    for mut t in found.types {
        match examples::checked(&t.name, t.schema.take()) {
            Ok(schema) => {
                t.schema = schema;
                types.push((view(environment, t), None));
            }
            Err(error) => {
                errors.push(EntryPointError { entry_point: t.name, error: error.detail().to_owned() })
            }
        }
    }
    let packages = json!({"python": found.python, "packages": found.packages, "paths": found.paths});
    (types, errors, packages)
}

fn view(environment: &str, t: FoundType) -> ProcessType {
    ProcessType {
        title: t.title.unwrap_or_else(|| t.name.clone()),
        name: t.name,
        environment: environment.to_owned(),
        project: None,
        description: t.description.unwrap_or_default(),
        version: t.version.unwrap_or_else(|| "0".into()),
        schema: t.schema,
        deterministic: t.deterministic,
        resources: t.resources.unwrap_or_default(),
        outputs: t.outputs,
    }
}

fn from_manifest(environment: &str, manifest: &Manifest) -> Result<Found, Error> {
    let mut types = Vec::new();
    for (n, t) in manifest.types.iter().enumerate() {
        let place = |field: &str| format!("/manifest/types/{n}/{field}");
        check_name(&place("name"), &t.name)?;
        if manifest.types[..n].iter().any(|before| before.name == t.name) {
            let text = format!("a second type `{}`; names are unique", t.name);
            return Err(Error::field("invalid_environment", place("name"), text));
        }
        if t.command.first().is_none_or(String::is_empty) {
            return Err(Error::field("invalid_environment", place("command"), "must name a program"));
        }
        let none = json!({"type": "object", "additionalProperties": false, "properties": {}});
        let schema = examples::checked(&t.name, t.schema.clone().unwrap_or(none))
            .map_err(|e| Error::field("invalid_schema", place("schema"), e.detail().to_owned()))?;
        let view = ProcessType {
            name: t.name.clone(),
            environment: environment.to_owned(),
            project: None,
            title: if t.title.is_empty() { t.name.clone() } else { t.title.clone() },
            description: t.description.clone(),
            version: if t.version.is_empty() { "0".into() } else { t.version.clone() },
            schema,
            deterministic: t.deterministic,
            resources: t.resources,
            outputs: Value::Null,
        };
        types.push((view, Some(t.command.clone())));
    }
    Ok((types, Vec::new(), json!({})))
}
