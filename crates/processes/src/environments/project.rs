//! Process types that belong to one project: a program of the platform with a file that the project gave, for instance a
//! notebook. Who may not see the project does not see them.

use super::service::{check_name, event};
use super::store::TypeRow;
use super::{ProcessType, examples};
use crate::Service;
use crate::model::ResourcesRequest;
use crate::store::Program;
use castalia_base::{Ctx, Error, Timestamp};
use castalia_db::{Row, Sql, Tx, params};
use castalia_events::append;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// The environment that such types name as theirs.
pub const PROJECT_ENVIRONMENT: &str = "notebooks";
/// The largest file, in bytes.
const FILE_LIMIT: usize = 8 << 20;

/// A process type of a project, about to be made or replaced. The caller has checked who asks.
#[derive(Clone, Debug)]
pub struct NewProjectType {
    /// Id of the project.
    pub project: String,
    /// Name, unique in the project: lower-case letters, digits, `-`, `_`.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// What it does.
    pub description: String,
    /// The type's own version.
    pub version: String,
    /// JSON Schema of its parameters.
    pub schema: Value,
    /// Default resources.
    pub resources: ResourcesRequest,
    /// What it writes.
    pub outputs: Value,
    /// Program and arguments. `{castalia}` stands for this program, `{sdk}` for the folder of the Python SDK, and
    /// `{files}/given` for the file.
    pub command: Vec<String>,
    /// What else the program reads.
    pub show: Vec<PathBuf>,
    /// The file, kept by its content: versions that were made stay what they were.
    pub file: String,
}

impl Service {
    /// Makes a process type of a project, or replaces the one of this name.
    ///
    /// # Errors
    /// `invalid_name`, `invalid_schema`, `too_large`.
    pub async fn put_project_type(&self, ctx: &Ctx, new: NewProjectType) -> Result<ProcessType, Error> {
        check_name("/name", &new.name)?;
        if new.file.len() > FILE_LIMIT {
            let text = format!("has {} bytes; at most {FILE_LIMIT} are kept with a type", new.file.len());
            return Err(Error::field("too_large", "/file", text));
        }
        let schema = examples::checked(&new.name, new.schema)?;
        let sha256 = hex::encode(Sha256::digest(new.file.as_bytes()));
        let program = Program::Given { command: new.command, show: new.show, file: sha256.clone() };
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO program_files (sha256, content) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING",
            params![&sha256, &new.file],
        )
        .await?;
        tx.execute(
            "INSERT INTO project_types (project_id, name, title, description, version, schema_json, resources, outputs, program, \
             changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (project_id, name) DO UPDATE SET \
             title = excluded.title, description = excluded.description, version = excluded.version, \
             schema_json = excluded.schema_json, resources = excluded.resources, outputs = excluded.outputs, \
             program = excluded.program, changed_at = excluded.changed_at",
            params![
                &new.project, &new.name, &new.title, &new.description, &new.version, &schema,
                serde_json::to_string(&new.resources)?, &new.outputs, serde_json::to_string(&program)?, ctx.now()
            ],
        )
        .await?;
        tell(&mut tx, ctx).await?;
        tx.commit().await?;
        self.forget_types();
        let found =
            self.ready_type(&format!("{PROJECT_ENVIRONMENT}/{}", new.name), &|p| p == new.project).await?;
        Ok(found.row.view.clone())
    }

    /// Takes a process type away from a project; false when there was none. What was made of it stays.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn remove_project_type(&self, ctx: &Ctx, project: &str, name: &str) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let gone = tx
            .execute("DELETE FROM project_types WHERE project_id = $1 AND name = $2", params![project, name])
            .await?;
        tell(&mut tx, ctx).await?;
        tx.commit().await?;
        self.forget_types();
        Ok(gone > 0)
    }

    /// A file that a program is given.
    pub(crate) async fn program_file(&self, sha256: &str) -> Result<Vec<u8>, Error> {
        let row = self
            .db
            .read()
            .fetch_optional("SELECT content FROM program_files WHERE sha256 = $1", params![sha256])
            .await?;
        let row = row.ok_or_else(|| Error::not_found("file of a program", sha256))?;
        Ok(row.text("content")?.into_bytes())
    }
}

/// Everybody hears of environments: the name of the type is the project's own matter.
async fn tell(tx: &mut Tx, ctx: &Ctx) -> Result<(), Error> {
    let changed = event(PROJECT_ENVIRONMENT, "environment.changed", json!({"state": "ready"}));
    append(tx, ctx, vec![changed]).await
}

/// Whether a project has such a type, and since when; for numbering the next one.
pub(super) async fn all(sql: &mut impl Sql) -> Result<Vec<TypeRow>, Error> {
    let rows = sql.fetch_all("SELECT * FROM project_types ORDER BY project_id, name", params![]).await?;
    rows.iter().map(row_of).collect()
}

fn row_of(row: &Row) -> Result<TypeRow, Error> {
    let project = row.text("project_id")?;
    Ok(TypeRow {
        view: ProcessType {
            name: row.text("name")?,
            environment: PROJECT_ENVIRONMENT.to_owned(),
            project: Some(project),
            title: row.text("title")?,
            description: row.text("description")?,
            version: row.text("version")?,
            schema: serde_json::from_str(&row.text("schema_json")?)?,
            deterministic: false,
            resources: serde_json::from_str(&row.text("resources")?)?,
            outputs: serde_json::from_str(&row.text("outputs")?)?,
        },
        python: None,
        paths: Vec::new(),
        command: None,
        given: Some(serde_json::from_str(&row.text("program")?)?),
        fingerprint: row.time("changed_at").map(|Timestamp(at)| at.to_string())?,
    })
}
