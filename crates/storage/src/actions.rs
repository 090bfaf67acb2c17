//! The actions of storage, for workflows, agents and `castalia do`.

use crate::preview::Preview;
use crate::{
    Dataset, DatasetDetail, DatasetFilter, Grid, GridQuery, Series, SeriesQuery, Service, Upload,
    UploadFilter,
};
use castalia_base::actions::Action;
use castalia_base::{Ctx, Error};
use castalia_http::Page;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// Which dataset.
#[derive(Debug, Deserialize, JsonSchema)]
struct OneDataset {
    /// `ds_…`.
    id: String,
}

/// Which dataset, and how much of it.
#[derive(Debug, Deserialize, JsonSchema)]
struct Look {
    /// `ds_…`.
    id: String,
    /// Rows of a table at most (1 to 1000, 20 unless told).
    rows: Option<u32>,
}

/// Which dataset, and which of its columns.
#[derive(Debug, Deserialize, JsonSchema)]
struct SeriesOf {
    /// `ds_…`.
    id: String,
    /// What is asked of it.
    #[serde(flatten)]
    query: SeriesQuery,
}

/// Which dataset, and what of it is the grid.
#[derive(Debug, Deserialize, JsonSchema)]
struct GridOf {
    /// `ds_…`.
    id: String,
    /// What is asked of it.
    #[serde(flatten)]
    query: GridQuery,
}

/// The actions of storage.
pub fn actions(service: Arc<Service>) -> Vec<Action> {
    let s = || service.clone();
    let (a, b, c, d, e, f) = (s(), s(), s(), s(), s(), s());
    vec![
        Action::new(
            "uploads.list",
            "uploads.view",
            "List the files that people brought to a project",
            move |ctx, input| list_uploads(a.clone(), ctx, input),
        ),
        Action::new(
            "datasets.list",
            "datasets.view",
            "List the datasets of a project, a process or a version",
            move |ctx, input| list_datasets(b.clone(), ctx, input),
        ),
        Action::new(
            "datasets.show",
            "datasets.view",
            "Say everything that is known about a dataset",
            move |ctx, input| show(c.clone(), ctx, input),
        ),
        Action::new(
            "datasets.preview",
            "datasets.view",
            "Take a first look at a dataset's content",
            move |ctx, input| preview(d.clone(), ctx, input),
        ),
        Action::new(
            "datasets.series",
            "datasets.view",
            "Read columns of a dataset against one of them, thinned so that extremes stay",
            move |ctx, input| series(e.clone(), ctx, input),
        ),
        Action::new(
            "datasets.grid",
            "datasets.view",
            "Read a dataset as values on a grid, thinned to means of blocks",
            move |ctx, input| grid(f.clone(), ctx, input),
        ),
    ]
}

async fn list_uploads(service: Arc<Service>, ctx: Ctx, input: UploadFilter) -> Result<Page<Upload>, Error> {
    service.list_uploads(&ctx, &input).await
}

async fn list_datasets(
    service: Arc<Service>,
    ctx: Ctx,
    input: DatasetFilter,
) -> Result<Page<Dataset>, Error> {
    service.list_datasets(&ctx, &input).await
}

async fn show(service: Arc<Service>, ctx: Ctx, input: OneDataset) -> Result<DatasetDetail, Error> {
    service.get_dataset(&ctx, &input.id).await
}

async fn preview(service: Arc<Service>, ctx: Ctx, input: Look) -> Result<Preview, Error> {
    let rows = input.rows.unwrap_or(20).clamp(1, 1000) as usize;
    service.preview_dataset(&ctx, &input.id, rows).await
}

async fn series(service: Arc<Service>, ctx: Ctx, input: SeriesOf) -> Result<Series, Error> {
    service.dataset_series(&ctx, &input.id, &input.query).await
}

async fn grid(service: Arc<Service>, ctx: Ctx, input: GridOf) -> Result<Grid, Error> {
    service.dataset_grid(&ctx, &input.id, &input.query).await
}
