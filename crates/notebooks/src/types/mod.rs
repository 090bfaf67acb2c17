//! A notebook as a process type: a version of it that stays, with a form made of its `parameters` cell.
//!
//! The type belongs to the notebook's project. A process of it runs that version from its first to its last cell, beside
//! nobody, and writes the notebook with its outputs, a page of it, and the files that its cells wrote.

mod literal;
mod parameters;

use crate::Service;
use axum::http::{Method, StatusCode};
use castalia_base::{Ctx, Error};
use castalia_http::{Api, Operation, Req};
use castalia_kernel::KernelSpec;
use castalia_processes::{NewProjectType, PROJECT_ENVIRONMENT, ProcessType, ResourcesRequest};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// Who may run code of their own as a process may make a type of it.
const PERMISSION: &str = "processes.script";
const TAG: &str = "parameters";

/// How a notebook becomes a process type.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewType {
    /// Name of the type, unique in the project: lower-case letters, digits, `-`, `_`. Made from the notebook's name when
    /// absent. A type of this name that is there already gets a new version.
    pub name: Option<String>,
    /// Title for people; the notebook's unless told.
    pub title: Option<String>,
    /// What it does; the first words of the notebook unless told.
    pub description: Option<String>,
    /// What a process of it may use unless told.
    #[serde(default)]
    pub resources: ResourcesRequest,
}

#[derive(Deserialize, JsonSchema)]
struct Id {
    /// Id of the notebook.
    id: String,
}

#[derive(Deserialize, JsonSchema)]
struct TypePath {
    /// Id of the notebook.
    id: String,
    /// Name of the process type.
    name: String,
}

/// Adds the operations.
pub(crate) fn add_to(api: Api<Service>) -> Api<Service> {
    api.op(
        Operation::new(
            Method::POST,
            "/api/notebooks/{id}/process-types",
            "notebooks.publish",
            "notebooks.edit",
            "Makes a process type of the notebook as it is now; needs `processes.script` too",
        )
        .status(StatusCode::CREATED),
        publish,
    )
    .op(
        Operation::new(
            Method::DELETE,
            "/api/notebooks/{id}/process-types/{name}",
            "notebooks.unpublish",
            "notebooks.edit",
            "Takes a process type of the notebook away; what was made of it stays",
        ),
        unpublish,
    )
}

async fn publish(s: Arc<Service>, ctx: Ctx, r: Req<Id, (), NewType>) -> Result<ProcessType, Error> {
    s.publish(&ctx, &r.path.id, r.body).await
}

async fn unpublish(s: Arc<Service>, ctx: Ctx, r: Req<TypePath>) -> Result<(), Error> {
    s.unpublish(&ctx, &r.path.id, &r.path.name).await
}

impl Service {
    /// Makes a process type of a notebook as it is now.
    ///
    /// # Errors
    /// `no_such_kernel`, `invalid_name`, `not_python`, `name_taken`; `forbidden` without `notebooks.edit` and
    /// `processes.script`.
    pub async fn publish(&self, ctx: &Ctx, id: &str, new: NewType) -> Result<ProcessType, Error> {
        let notebook = self.find(ctx, id, "notebooks.edit").await?;
        ctx.require(PERMISSION, &notebook.project, "notebook", id)?;
        let name = new.name.unwrap_or_else(|| plain(&notebook.name));
        let spec = self.kernel_of(&notebook, None).await?;
        if spec.language != "python" {
            let text = format!("only Python's parameters can be read; its kernel speaks {}", spec.language);
            return Err(Error::conflict("not_python", text));
        }
        let before = self.type_of(ctx, &notebook.project, &name).await?;
        if before.as_ref().is_some_and(|t| t.schema["x-notebook"]["notebook"] != id) {
            let text = format!("the project has a process type {name} already, made of another notebook");
            return Err(Error::conflict("name_taken", text));
        }
        let number = before.and_then(|t| t.version.parse::<u64>().ok()).unwrap_or_default() + 1;
        let version = self.name_version(ctx, id, &format!("Process type {name}, version {number}")).await?;
        let mut content = self.version(ctx, id, &version.version).await?.content;
        let description = new.description.unwrap_or_else(|| first_words(&content));
        strip(&mut content);
        let mut schema = parameters::schema(&parameters::read(&defaults(&content)));
        schema["x-notebook"] = json!({"notebook": id, "version": version.version, "sha256": version.sha256});
        // The SDK of this very server, whatever the kernel's own Python has.
        let begin = "import sys; sys.path.insert(0, sys.argv.pop(1)); from castalia.notebook.execute import main; main()";
        let python = interpreter(&spec);
        let mut command: Vec<String> =
            [python.as_str(), "-u", "-c", begin, "{sdk}", "{castalia}", "{files}/given", &spec.name]
                .map(str::to_owned)
                .into();
        command.extend(spec.prefix.iter().map(|prefix| prefix.display().to_string()));
        let mut show = vec![spec.folder.clone()];
        show.extend(spec.prefix.clone());
        show.extend(Path::new(&python).parent().filter(|p| p.is_absolute()).map(Path::to_owned));
        let new = NewProjectType {
            project: notebook.project.clone(),
            title: new.title.unwrap_or_else(|| notebook.title.clone()),
            description,
            version: number.to_string(),
            schema,
            resources: new.resources,
            outputs: json!([
                {"name": "notebook.ipynb", "media_type": "application/x-ipynb+json", "description": "The notebook with its outputs"},
                {"name": "notebook.html", "media_type": "text/html", "description": "A page of it"},
            ]),
            command,
            show,
            file: content.to_string(),
            name,
        };
        self.deps.processes.put_project_type(ctx, new).await
    }

    /// Takes a process type of a notebook away.
    ///
    /// # Errors
    /// `not_found`; `forbidden` without `notebooks.edit` and `processes.script`.
    pub async fn unpublish(&self, ctx: &Ctx, id: &str, name: &str) -> Result<(), Error> {
        let notebook = self.find(ctx, id, "notebooks.edit").await?;
        ctx.require(PERMISSION, &notebook.project, "notebook", id)?;
        let found = self.type_of(ctx, &notebook.project, name).await?;
        if found.is_none_or(|t| t.schema["x-notebook"]["notebook"] != id) {
            return Err(Error::not_found("process type", name));
        }
        self.deps.processes.remove_project_type(ctx, &notebook.project, name).await.map(|_| ())
    }

    async fn type_of(&self, ctx: &Ctx, project: &str, name: &str) -> Result<Option<ProcessType>, Error> {
        let all = self.deps.processes.process_types(ctx).await?;
        let is = |t: &ProcessType| {
            t.environment == PROJECT_ENVIRONMENT && t.name == name && t.project.as_deref() == Some(project)
        };
        Ok(all.into_iter().find(is))
    }
}

/// The Python of a kernel, which runs the SDK too.
fn interpreter(spec: &KernelSpec) -> String {
    let named = &spec.argv[0];
    let own = spec.prefix.as_ref().map(|prefix| prefix.join("bin").join(named)).filter(|p| p.is_file());
    match own {
        _ if named.starts_with('/') => named.clone(),
        Some(own) => own.display().to_string(),
        None => "python3".to_owned(),
    }
}

/// A type's name from a file's.
fn plain(file: &str) -> String {
    let stem = file.trim_end_matches(".ipynb").to_lowercase();
    let words: Vec<&str> = stem
        .split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit())
        .filter(|w| !w.is_empty())
        .collect();
    words.join("-").chars().take(64).collect()
}

fn cells(content: &Value) -> impl Iterator<Item = &Value> {
    content["cells"].as_array().into_iter().flatten()
}

fn source(cell: &Value) -> String {
    match &cell["source"] {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

/// The source of the cell with the defaults; empty when there is none.
fn defaults(content: &Value) -> String {
    let tagged = |cell: &&Value| {
        cell["cell_type"] == "code"
            && cell["metadata"]["tags"].as_array().is_some_and(|tags| tags.iter().any(|t| t == TAG))
    };
    cells(content).find(tagged).map(source).unwrap_or_default()
}

/// The first paragraph of text below the title.
fn first_words(content: &Value) -> String {
    let text: String = cells(content)
        .filter(|cell| cell["cell_type"] == "markdown")
        .map(|cell| source(cell) + "\n\n")
        .collect();
    let paragraph =
        text.split("\n\n").map(str::trim).find(|p| !p.is_empty() && !p.starts_with('#')).unwrap_or_default();
    paragraph.chars().take(1000).collect()
}

/// What earlier runs left is no part of a type.
fn strip(content: &mut Value) {
    for cell in content["cells"].as_array_mut().into_iter().flatten() {
        if cell["cell_type"] == "code" {
            cell["outputs"] = json!([]);
            cell["execution_count"] = Value::Null;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_a_plain_name() {
        assert_eq!(plain("Quarterly report (2).ipynb"), "quarterly-report-2");
        assert_eq!(plain("été.ipynb"), "t");
    }

    #[test]
    fn what_a_notebook_says_first_describes_its_type() {
        let content = json!({"cells": [
            {"cell_type": "markdown", "source": ["# Title\n", "\n", "Counts *things*.\n", "Well."]},
            {"cell_type": "code", "source": "n = 1", "metadata": {"tags": ["parameters"]}},
        ]});
        assert_eq!(first_words(&content), "Counts *things*.\nWell.");
        assert_eq!(defaults(&content), "n = 1");
    }
}
