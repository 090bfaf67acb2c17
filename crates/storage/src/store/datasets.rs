//! Datasets and where they come from.

use super::listing::{Wanted, page_sql};
use super::size;
use crate::model::{Dataset, InputKind, InputRef};
use castalia_base::Error;
use castalia_db::{Row, Sql, params};

fn from_row(row: &Row) -> Result<Dataset, Error> {
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    Ok(Dataset {
        id: row.parse("id")?,
        project: row.parse("project_id")?,
        process: row.parse("process_id")?,
        process_name: row.opt_text("process_name")?,
        version: u32::try_from(row.int("version")?).map_err(Error::internal)?,
        name: row.text("name")?,
        key: row.text("key")?,
        media_type: row.text("media_type")?,
        size: size(row, "size")?,
        sha256: row.text("sha256")?,
        units: row.opt_text("units")?,
        shape: row.opt_text("shape")?.and_then(|text| serde_json::from_str(&text).ok()),
        declared: json(row.opt_text("columns_text")?),
        columns: Vec::new(),
        crs: row.opt_text("crs")?,
        description: row.opt_text("description")?,
        partial: row.flag("partial_flag")?,
        created_at: row.time("created_at")?,
    })
}

/// Records a dataset; one of the same key keeps its id and takes the new facts.
pub(crate) async fn put(sql: &mut impl Sql, dataset: &Dataset) -> Result<Dataset, Error> {
    let row = sql
        .fetch_one(
            "INSERT INTO datasets (id, project_id, process_id, version, name, key, media_type, size, sha256, units, \
             shape, columns_text, description, partial_flag, created_at, crs, process_name) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
             ON CONFLICT (project_id, key) DO UPDATE SET media_type = excluded.media_type, size = excluded.size, \
             sha256 = excluded.sha256, units = excluded.units, shape = excluded.shape, \
             columns_text = excluded.columns_text, description = excluded.description, \
             partial_flag = excluded.partial_flag, crs = excluded.crs, process_name = excluded.process_name \
             RETURNING *",
            params![
                dataset.id.as_str(),
                dataset.project.as_str(),
                dataset.process.as_str(),
                dataset.version,
                &dataset.name,
                &dataset.key,
                &dataset.media_type,
                dataset.size,
                &dataset.sha256,
                dataset.units.clone(),
                dataset.shape.as_ref().map(serde_json::to_string).transpose()?,
                dataset.declared.as_ref().map(|c| c.to_string()),
                dataset.description.clone(),
                dataset.partial,
                dataset.created_at,
                dataset.crs.clone(),
                dataset.process_name.clone()
            ],
        )
        .await?;
    from_row(&row)
}

pub(crate) async fn add_input(sql: &mut impl Sql, dataset: &str, input: &InputRef) -> Result<(), Error> {
    sql.execute(
        "INSERT INTO dataset_inputs (dataset_id, input_id, kind, name) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (dataset_id, input_id) DO NOTHING",
        params![dataset, &input.id, input.kind.as_str(), &input.name],
    )
    .await?;
    Ok(())
}

pub(crate) async fn find(sql: &mut impl Sql, id: &str) -> Result<Option<Dataset>, Error> {
    sql.fetch_optional("SELECT * FROM datasets WHERE id = $1", params![id])
        .await?
        .as_ref()
        .map(from_row)
        .transpose()
}

/// A page of a project's datasets, of one process (`""` for all) and version (0 for all).
pub(crate) async fn list(
    sql: &mut impl Sql,
    project: &str,
    (process, version): (&str, u32),
    wanted: &Wanted,
) -> Result<Vec<Dataset>, Error> {
    let params = wanted.params(project, params![process, version])?;
    let text = page_sql!(
        wanted.sort,
        "datasets",
        "AND ($13 = '' OR process_id = $13) AND ($14 = 0 OR version = $14)",
        "$15"
    );
    sql.fetch_all(text, params).await?.iter().map(from_row).collect()
}

/// What a dataset was made from.
pub(crate) async fn inputs(sql: &mut impl Sql, dataset: &str) -> Result<Vec<InputRef>, Error> {
    sql.fetch_all("SELECT * FROM dataset_inputs WHERE dataset_id = $1 ORDER BY input_id", params![dataset])
        .await?
        .iter()
        .map(|row| {
            let kind = if row.text("kind")? == "upload" { InputKind::Upload } else { InputKind::Dataset };
            Ok(InputRef { kind, id: row.text("input_id")?, name: row.text("name")? })
        })
        .collect()
}

/// The datasets that were made from an upload or a dataset.
pub(crate) async fn made_from(sql: &mut impl Sql, input: &str) -> Result<Vec<Dataset>, Error> {
    sql.fetch_all(
        "SELECT d.* FROM datasets d JOIN dataset_inputs i ON i.dataset_id = d.id WHERE i.input_id = $1 ORDER BY d.id",
        params![input],
    )
    .await?
    .iter()
    .map(from_row)
    .collect()
}

pub(crate) async fn delete(sql: &mut impl Sql, id: &str) -> Result<(), Error> {
    sql.execute("DELETE FROM dataset_inputs WHERE dataset_id = $1", params![id]).await?;
    sql.execute("DELETE FROM datasets WHERE id = $1", params![id]).await?;
    Ok(())
}
