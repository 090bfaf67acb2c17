//! Datasets: files that versions wrote.

use super::Service;
use crate::key::Key;
use crate::model::{Dataset, InputRef, version_prefix};
use crate::preview::crs_name;
use crate::store::datasets;
use crate::store::listing::{Sort, Wanted, token};
use crate::store::objects::{self, Object};
use castalia_base::id::{DatasetId, ProcessId, ProjectId};
use castalia_base::{Ctx, Error};
use castalia_db::Tx;
use castalia_events::{NewEvent, append};
use castalia_http::Page;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Which datasets to list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct DatasetFilter {
    /// The project, by name or id.
    pub project: String,
    /// Only those of this process.
    pub process: Option<String>,
    /// Only those of this version.
    pub version: Option<u32>,
    /// Only those whose media type begins with one of these (`media_type=text/csv&media_type=image/`, at most 8).
    #[serde(default)]
    pub media_type: Vec<String>,
    /// Only those whose name contains this, whatever the case.
    pub name: Option<String>,
    /// The order; oldest first unless told.
    #[serde(default)]
    pub sort: Sort,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many at most (1 to 500, 100 unless told).
    pub limit: Option<u32>,
}

/// A dataset with what it was made from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DatasetDetail {
    /// The dataset.
    #[serde(flatten)]
    pub dataset: Dataset,
    /// The inputs of the version that wrote it.
    pub inputs: Vec<InputRef>,
}

impl Service {
    /// Makes a dataset of every object that a version of a process (its id and its name) wrote. Can be repeated: the
    /// ids stay.
    ///
    /// The events are for the caller to append last in its transaction: see [`Service::dataset_events`].
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn collect_outputs(
        &self,
        tx: &mut Tx,
        project: &ProjectId,
        process: (&ProcessId, &str),
        version: u32,
        inputs: &[InputRef],
        partial: bool,
    ) -> Result<Vec<Dataset>, Error> {
        let prefix = version_prefix(process.0, version);
        let mut collected = Vec::new();
        for object in objects::all_below(tx, project.as_str(), &prefix).await? {
            let name = object.key[prefix.len()..].to_owned();
            let dataset = self.describe(object, name, project, process, version, partial);
            let dataset = datasets::put(tx, &dataset).await?;
            for input in inputs {
                datasets::add_input(tx, dataset.id.as_str(), input).await?;
            }
            collected.push(dataset);
        }
        Ok(collected)
    }

    fn describe(
        &self,
        object: Object,
        name: String,
        project: &ProjectId,
        (process, process_name): (&ProcessId, &str),
        version: u32,
        partial: bool,
    ) -> Dataset {
        let said =
            |field: &str| object.metadata.meta.get(field).map(|text| decoded(text)).filter(|t| !t.is_empty());
        Dataset {
            id: DatasetId::fresh(),
            project: project.clone(),
            process: process.clone(),
            process_name: Some(process_name.to_owned()).filter(|name| !name.is_empty()),
            version,
            name,
            units: said("units"),
            shape: said("shape").and_then(|text| shape(&text)),
            declared: said("columns").map(|text| columns(&text)),
            columns: Vec::new(),
            crs: said("crs").and_then(|text| crs_name(&text)),
            description: said("description"),
            key: object.key,
            media_type: object.content_type,
            size: object.size,
            sha256: object.sha256,
            partial,
            created_at: self.clock.now(),
        }
    }

    /// The events about datasets that were collected.
    pub fn dataset_events(datasets: &[Dataset]) -> Vec<NewEvent> {
        datasets.iter().map(|dataset| event("dataset.created", dataset)).collect()
    }

    /// The dataset, if the caller has the permission.
    pub(crate) async fn dataset_with(&self, ctx: &Ctx, permission: &str, id: &str) -> Result<Dataset, Error> {
        let found = datasets::find(&mut self.db.read(), id).await?;
        let dataset = found.ok_or_else(|| Error::not_found("dataset", id))?;
        ctx.require(permission, dataset.project.as_str(), "dataset", id)?;
        Ok(dataset)
    }

    /// A dataset and what it was made from.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_dataset(&self, ctx: &Ctx, id: &str) -> Result<DatasetDetail, Error> {
        let mut dataset = self.dataset_with(ctx, "datasets.view", id).await?;
        self.structure_datasets(std::slice::from_mut(&mut dataset)).await?;
        let inputs = datasets::inputs(&mut self.db.read(), id).await?;
        Ok(DatasetDetail { dataset, inputs })
    }

    /// The datasets of a project.
    ///
    /// # Errors
    /// As the permission `datasets.view` says.
    pub async fn list_datasets(&self, ctx: &Ctx, filter: &DatasetFilter) -> Result<Page<Dataset>, Error> {
        let bucket = self.bucket(ctx, "datasets.view", &filter.project).await?;
        let limit = filter.limit.unwrap_or(100).clamp(1, 500) as usize;
        let wanted = Wanted {
            media_types: filter.media_type.clone(),
            name: filter.name.clone().unwrap_or_default(),
            sort: filter.sort,
            after: filter.after.clone().unwrap_or_default(),
            limit: limit + 1,
        };
        let of = (filter.process.as_deref().unwrap_or_default(), filter.version.unwrap_or(0));
        let found = datasets::list(&mut self.db.read(), bucket.project.as_str(), of, &wanted).await?;
        let mut page = Page::of(found, limit, |d| token(filter.sort, d.id.as_str(), &d.name, d.size));
        self.structure_datasets(&mut page.items).await?;
        Ok(page)
    }

    /// Deletes a dataset and its bytes.
    ///
    /// # Errors
    /// `has_descendants` when others were made from it, unless forced; `in_use` when a queued or running
    /// version needs it; and as the permission `datasets.delete` says.
    pub async fn delete_dataset(&self, ctx: &Ctx, id: &str, force: bool) -> Result<(), Error> {
        let dataset = self.dataset_with(ctx, "datasets.delete", id).await?;
        let bucket = self.bucket_of(dataset.project.as_str()).await?;
        let key = Key::parse(&dataset.key)?;
        let _lock = self.keys.write(dataset.project.as_str(), key.as_str()).await;
        self.refuse_in_use(&bucket, id).await?;
        let mut tx = self.db.begin().await?;
        objects::lock(&mut tx, dataset.project.as_str()).await?;
        let made = datasets::made_from(&mut tx, id).await?;
        if let (Some(first), false) = (made.first(), force) {
            let text = format!(
                "{} datasets were made from it, the first is {}; force to delete it all the same",
                made.len(),
                first.id
            );
            return Err(Error::conflict("has_descendants", text));
        }
        datasets::delete(&mut tx, id).await?;
        objects::delete(&mut tx, dataset.project.as_str(), key.as_str()).await?;
        append(&mut tx, ctx, vec![event("dataset.deleted", &dataset)]).await?;
        tx.commit().await?;
        self.blobs.delete(&bucket.name, &key).await
    }
}

fn event(kind: &'static str, dataset: &Dataset) -> NewEvent {
    NewEvent {
        topic: format!("dataset.{}", dataset.id),
        kind,
        project: Some(dataset.project.to_string()),
        data: json!({
            "id": dataset.id, "name": dataset.name, "process": dataset.process,
            "process_name": dataset.process_name, "version": dataset.version,
            "media_type": dataset.media_type, "size": dataset.size, "partial": dataset.partial,
        }),
    }
}

/// Headers are ASCII; what is not comes percent-encoded.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped =
            if first == b'%' { tail.get(..2).and_then(|pair| hex::decode(pair).ok()) } else { None };
        match escaped {
            Some(byte) => {
                bytes.extend(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// `[3,4]`, `3,4`, `3x4` or `(3, 4)`.
fn shape(text: &str) -> Option<Vec<u64>> {
    let inner = text.trim_matches(|c: char| "[]() ".contains(c));
    let lengths = inner.split([',', 'x']).map(str::trim).filter(|part| !part.is_empty());
    lengths.map(|part| part.parse().ok()).collect()
}

/// JSON, or names with commas between.
fn columns(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Array(_) | Value::Object(_))) => value,
        _ => text.split(',').map(|name| Value::from(name.trim())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_writers_say_is_understood() {
        assert_eq!(shape("[3,4]"), Some(vec![3, 4]));
        assert_eq!(shape("(3,)"), Some(vec![3]));
        assert_eq!(shape("3x4"), Some(vec![3, 4]));
        assert_eq!(shape("many"), None);
        assert_eq!(columns("a, b"), json!(["a", "b"]));
        assert_eq!(columns(r#"[{"name":"a"}]"#), json!([{"name": "a"}]));
        assert_eq!(decoded("100 %25 %C2%B5m 50% %zz"), "100 % µm 50% %zz");
    }
}
