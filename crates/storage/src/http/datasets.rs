//! Datasets: lists, details, previews, lineage.

use super::ById;
use super::uploads::PreviewQuery;
use crate::preview::Preview;
use crate::{Dataset, DatasetDetail, DatasetFilter, Grid, GridQuery, Lineage, Series, SeriesQuery, Service};
use castalia_base::{Ctx, Error};
use castalia_http::{Page, Req};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// How to delete.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(super) struct DeleteQuery {
    /// Delete it also when other datasets were made from it.
    #[serde(default)]
    force: bool,
}

pub(super) async fn list(
    service: Arc<Service>,
    ctx: Ctx,
    req: Req<(), DatasetFilter>,
) -> Result<Page<Dataset>, Error> {
    service.list_datasets(&ctx, &req.query).await
}

pub(super) async fn show(service: Arc<Service>, ctx: Ctx, req: Req<ById>) -> Result<DatasetDetail, Error> {
    service.get_dataset(&ctx, &req.path.id).await
}

pub(super) async fn delete(
    service: Arc<Service>,
    ctx: Ctx,
    req: Req<ById, DeleteQuery>,
) -> Result<(), Error> {
    service.delete_dataset(&ctx, &req.path.id, req.query.force).await
}

pub(super) async fn preview(
    service: Arc<Service>,
    ctx: Ctx,
    req: Req<ById, PreviewQuery>,
) -> Result<Preview, Error> {
    service.preview_dataset(&ctx, &req.path.id, req.query.rows()).await
}

pub(super) async fn series(
    service: Arc<Service>,
    ctx: Ctx,
    req: Req<ById, SeriesQuery>,
) -> Result<Series, Error> {
    service.dataset_series(&ctx, &req.path.id, &req.query).await
}

pub(super) async fn grid(service: Arc<Service>, ctx: Ctx, req: Req<ById, GridQuery>) -> Result<Grid, Error> {
    service.dataset_grid(&ctx, &req.path.id, &req.query).await
}

pub(super) async fn lineage(service: Arc<Service>, ctx: Ctx, req: Req<ById>) -> Result<Lineage, Error> {
    service.lineage(&ctx, &req.path.id).await
}
