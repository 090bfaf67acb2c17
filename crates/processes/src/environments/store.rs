//! Rows of environments and process types.

use super::{EntryPointError, Environment, ProcessType};
use crate::model::ResourcesRequest;
use crate::store::Program;
use castalia_base::{Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};
use serde_json::Value;

/// A process type with what running it needs.
#[derive(Clone, Debug)]
pub(crate) struct TypeRow {
    pub(crate) view: ProcessType,
    /// The interpreter of a Python environment.
    pub(crate) python: Option<String>,
    /// What that interpreter reads when it runs.
    pub(crate) paths: Vec<String>,
    /// The command of a native one.
    pub(crate) command: Option<Vec<String>>,
    /// The program of a type that belongs to a project.
    pub(crate) given: Option<Program>,
    /// Digest of the environment's packages, part of the key under which results are taken over.
    pub(crate) fingerprint: String,
}

pub(super) struct EnvironmentRow<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) kind: &'a str,
    pub(super) state: &'a str,
    pub(super) message: Option<&'a str>,
    pub(super) python: Option<&'a str>,
    pub(super) packages: &'a Value,
    pub(super) fingerprint: &'a str,
    pub(super) errors: &'a [EntryPointError],
    pub(super) now: Timestamp,
}

pub(super) async fn upsert(tx: &mut Tx, e: &EnvironmentRow<'_>) -> Result<String, Error> {
    let row = tx
        .fetch_one(
            "INSERT INTO environments (id, name, kind, state, message, python, packages, fingerprint, errors, created_at, refreshed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) \
             ON CONFLICT (name) DO UPDATE SET kind = $3, state = $4, message = $5, python = $6, packages = $7, \
             fingerprint = $8, errors = $9, refreshed_at = $10 RETURNING id",
            params![
                e.id, e.name, e.kind, e.state, e.message, e.python, e.packages, e.fingerprint,
                serde_json::to_string(e.errors)?, e.now
            ],
        )
        .await?;
    row.text("id")
}

pub(super) async fn replace_types(
    tx: &mut Tx,
    environment: &str,
    types: &[(ProcessType, Option<Vec<String>>)],
) -> Result<(), Error> {
    tx.execute("DELETE FROM process_types WHERE environment_id = $1", params![environment]).await?;
    for (t, command) in types {
        tx.execute(
            "INSERT INTO process_types (environment_id, name, title, description, version, schema_json, deterministic, resources, outputs, command) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            params![
                environment, &t.name, &t.title, &t.description, &t.version, &t.schema, t.deterministic,
                serde_json::to_string(&t.resources)?, &t.outputs,
                command.as_ref().map(serde_json::to_string).transpose()?
            ],
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn set_state(
    tx: &mut Tx,
    name: &str,
    state: &str,
    message: Option<&str>,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE environments SET state = $2, message = $3 WHERE name = $1",
        params![name, state, message],
    )
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, name: &str) -> Result<bool, Error> {
    tx.execute(
        "DELETE FROM process_types WHERE environment_id IN (SELECT id FROM environments WHERE name = $1)",
        params![name],
    )
    .await?;
    Ok(tx.execute("DELETE FROM environments WHERE name = $1", params![name]).await? > 0)
}

pub(super) async fn list(sql: &mut impl Sql) -> Result<Vec<Environment>, Error> {
    let rows = sql.fetch_all("SELECT * FROM environments ORDER BY name", params![]).await?;
    let types = sql
        .fetch_all(
            "SELECT e.name AS environment, t.name AS name FROM process_types t JOIN environments e ON e.id = t.environment_id ORDER BY t.name",
            params![],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let name = row.text("name")?;
            let own = |t: &&Row| t.text("environment").is_ok_and(|e| e == name);
            let names = types.iter().filter(own).map(|t| t.text("name")).collect::<Result<_, _>>()?;
            environment(row, names)
        })
        .collect()
}

fn environment(row: &Row, types: Vec<String>) -> Result<Environment, Error> {
    Ok(Environment {
        id: row.text("id")?,
        name: row.text("name")?,
        kind: row.text("kind")?,
        state: row.text("state")?,
        message: row.opt_text("message")?,
        python: row.opt_text("python")?,
        packages: serde_json::from_str(&row.text("packages")?)?,
        refreshed_at: row.time("refreshed_at")?,
        types,
        errors: serde_json::from_str(&row.text("errors")?)?,
    })
}

const TYPE_COLUMNS: &str = "SELECT t.*, e.name AS environment, e.python AS python, e.packages AS packages, e.fingerprint AS fingerprint \
     FROM process_types t JOIN environments e ON e.id = t.environment_id WHERE e.state = 'ready' ORDER BY e.name, t.name";

/// All types of all ready environments.
pub(crate) async fn types(sql: &mut impl Sql) -> Result<Vec<TypeRow>, Error> {
    sql.fetch_all(TYPE_COLUMNS, params![]).await?.iter().map(type_row).collect()
}

fn type_row(row: &Row) -> Result<TypeRow, Error> {
    let resources: ResourcesRequest = serde_json::from_str(&row.text("resources")?)?;
    let mut packages: Value = serde_json::from_str(&row.text("packages")?)?;
    let command = row.opt_text("command")?.map(|c| serde_json::from_str(&c)).transpose()?;
    Ok(TypeRow {
        view: ProcessType {
            name: row.text("name")?,
            environment: row.text("environment")?,
            project: None,
            title: row.text("title")?,
            description: row.text("description")?,
            version: row.text("version")?,
            schema: serde_json::from_str(&row.text("schema_json")?)?,
            deterministic: row.flag("deterministic")?,
            resources,
            outputs: serde_json::from_str(&row.text("outputs")?)?,
        },
        python: row.opt_text("python")?,
        paths: serde_json::from_value(packages["paths"].take()).unwrap_or_default(),
        command,
        given: None,
        fingerprint: row.text("fingerprint")?,
    })
}
