//! Series and grids out of uploads and datasets.

use super::Service;
use crate::key::Key;
use crate::media;
use crate::model::Bucket;
use crate::preview::{Column, ColumnType, Npy, columns_of};
use crate::sample::{
    Feed, Grid, GridAsk, Input, LIMIT, LongPicks, Pick, Pull, Series, SeriesAsk, feed, from_array,
    from_document, from_long, from_wide, index_of, is_wide, series,
};
use crate::store::objects::Object;
use castalia_base::{Ctx, Error};
use castalia_http::ByteRange;
use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Instant;

/// The most columns of a series.
const MAX_SERIES: usize = 20;
/// Enough for the header of an array.
const HEADER: u64 = 64 << 10;

/// Which columns of a table.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct SeriesQuery {
    /// The column of the horizontal axis, by its heading; the rows' numbers when absent.
    pub x: Option<String>,
    /// The columns of the vertical axis, by their headings (`y=a&y=b`, at most 20).
    #[serde(default)]
    pub y: Vec<String>,
    /// The most rows of the answer (10 to 100,000, 2,000 unless told).
    pub points: Option<u32>,
    /// Only rows whose x is not below this: a number, or a time (ISO 8601) where x holds times.
    pub from: Option<String>,
    /// Only rows whose x is not above this.
    pub to: Option<String>,
}

/// What of a file is the grid.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct GridQuery {
    /// The most values of the answer (4 to 1,000,000, 250,000 unless told).
    pub points: Option<u32>,
    /// For tables with one row for each node: the column that says the node's column (x).
    pub column: Option<String>,
    /// For tables with one row for each node: the column that says the node's row (y).
    pub row: Option<String>,
    /// For tables with one row for each node: the column of the values.
    pub value: Option<String>,
}

/// A file that is to be read.
struct Sampled {
    bucket: Bucket,
    key: Key,
    media_type: String,
    columns: Vec<Column>,
    unit: Option<String>,
    crs: Option<String>,
}

/// What form it has.
enum Form {
    Table(u8),
    Features,
    Array(Npy),
    Other,
}

impl Service {
    /// Columns of a dataset against one of them, thinned.
    ///
    /// # Errors
    /// `not_found`, `not_a_table`, `unknown_column`, `invalid_range`, `unsupported_array`, `too_large`.
    pub async fn dataset_series(&self, ctx: &Ctx, id: &str, query: &SeriesQuery) -> Result<Series, Error> {
        self.series(self.sampled_dataset(ctx, id).await?, query).await
    }

    /// Columns of an upload against one of them, thinned.
    ///
    /// # Errors
    /// As [`Service::dataset_series`].
    pub async fn upload_series(&self, ctx: &Ctx, id: &str, query: &SeriesQuery) -> Result<Series, Error> {
        self.series(self.sampled_upload(ctx, id).await?, query).await
    }

    /// A dataset as values on a grid, thinned.
    ///
    /// # Errors
    /// `not_found`, `not_a_grid`, `unknown_column`, `unsupported_array`, `too_large`.
    pub async fn dataset_grid(&self, ctx: &Ctx, id: &str, query: &GridQuery) -> Result<Grid, Error> {
        self.grid(self.sampled_dataset(ctx, id).await?, query).await
    }

    /// An upload as values on a grid, thinned.
    ///
    /// # Errors
    /// As [`Service::dataset_grid`].
    pub async fn upload_grid(&self, ctx: &Ctx, id: &str, query: &GridQuery) -> Result<Grid, Error> {
        self.grid(self.sampled_upload(ctx, id).await?, query).await
    }

    async fn sampled_dataset(&self, ctx: &Ctx, id: &str) -> Result<Sampled, Error> {
        let found = self.get_dataset(ctx, id).await?.dataset;
        // A JSON object says the units of columns; anything else is the unit of all values.
        let unit = found.units.filter(|text| !text.trim_start().starts_with('{'));
        Ok(Sampled {
            bucket: self.bucket_of(found.project.as_str()).await?,
            key: Key::parse(&found.key)?,
            media_type: found.media_type,
            columns: found.columns,
            unit,
            crs: found.crs,
        })
    }

    async fn sampled_upload(&self, ctx: &Ctx, id: &str) -> Result<Sampled, Error> {
        let found = self.get_upload(ctx, id).await?;
        Ok(Sampled {
            bucket: self.bucket_of(found.project.as_str()).await?,
            key: Key::parse(&found.key)?,
            media_type: found.media_type,
            columns: found.columns,
            unit: None,
            crs: found.crs,
        })
    }

    async fn form(&self, file: &Sampled) -> Result<Form, Error> {
        let kind = media::essence(&file.media_type);
        if let Some(delimiter) = media::table_delimiter(&kind) {
            return Ok(Form::Table(delimiter));
        }
        if kind == "application/geo+json" || kind == "application/json" && !file.columns.is_empty() {
            return Ok(Form::Features);
        }
        let part = |object: &Object| Ok(Some(ByteRange { start: 0, end: object.size.min(HEADER) }));
        let (_, _, bytes) = self.read(&file.bucket, &file.key, part).await?;
        let collect = |mut all: Vec<u8>, chunk: bytes::Bytes| async move {
            all.extend_from_slice(&chunk);
            Ok(all)
        };
        let head: Vec<u8> = bytes.try_fold(Vec::new(), collect).await.map_err(crate::error::io)?;
        match head.starts_with(b"\x93NUMPY") {
            true => Npy::parse(&head).map(Form::Array),
            false => Ok(Form::Other),
        }
    }

    /// The bytes from `start` on (`length` of them, or all), for a thread that blocks.
    async fn pull(
        &self,
        file: &Sampled,
        flow: &mut Feed,
        deadline: Instant,
        start: u64,
        length: Option<u64>,
    ) -> Result<Pull, Error> {
        let part = |object: &Object| {
            let end = length.map_or(object.size, |length| start.saturating_add(length).min(object.size));
            Ok(Some(ByteRange { start: start.min(end), end }))
        };
        let (_, _, bytes) = self.read(&file.bucket, &file.key, part).await?;
        Ok(feed(flow, bytes, deadline))
    }

    /// Does the work on a thread of its own. `flow` is dropped when the caller goes away, and with it the work ends.
    async fn work<T, F>(&self, flow: Feed, run: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, Error> + Send + 'static,
    {
        let permit = self.samples.clone().acquire_owned().await.map_err(Error::internal)?;
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            run()
        });
        let done = work.await.map_err(Error::internal)?;
        drop(flow);
        done
    }

    async fn series(&self, mut file: Sampled, query: &SeriesQuery) -> Result<Series, Error> {
        let form = self.form(&file).await?;
        if let Form::Array(npy) = &form {
            file.columns = columns_of(npy);
            file.columns.iter_mut().for_each(|column| column.unit.clone_from(&file.unit));
        }
        if matches!(form, Form::Other) || file.columns.is_empty() {
            let text = format!("this is {} and has no columns that could be read", file.media_type);
            return Err(Error::unprocessable("not_a_table", text, Vec::new()));
        }
        let ask = ask(&file.columns, query)?;
        let (mut flow, deadline) = (Feed::new(), Instant::now() + LIMIT);
        let input = match form {
            Form::Table(delimiter) => {
                Input::Table(self.pull(&file, &mut flow, deadline, 0, None).await?, delimiter)
            }
            Form::Array(npy) if npy.fortran && npy.shape.len() == 2 => {
                let mut pulls = Vec::new();
                let length = npy.shape[0].saturating_mul(npy.width() as u64);
                for pick in ask.x.iter().chain(&ask.y) {
                    let start = npy.offset.saturating_add((pick.index as u64).saturating_mul(length));
                    pulls.push(self.pull(&file, &mut flow, deadline, start, Some(length)).await?);
                }
                Input::ArrayColumns(pulls, npy)
            }
            Form::Array(npy) => {
                Input::ArrayRows(self.pull(&file, &mut flow, deadline, npy.offset, None).await?, npy)
            }
            Form::Features | Form::Other => {
                Input::Features(self.pull(&file, &mut flow, deadline, 0, None).await?)
            }
        };
        self.work(flow, move || series(input, ask)).await
    }

    async fn grid(&self, file: Sampled, query: &GridQuery) -> Result<Grid, Error> {
        let points = query.points.unwrap_or(250_000).clamp(4, 1_000_000).into();
        let ask = GridAsk { points, unit: file.unit.clone(), crs: file.crs.clone() };
        let (mut flow, deadline) = (Feed::new(), Instant::now() + LIMIT);
        let GridQuery { column, row, value, .. } = query;
        let said = column.is_some() || row.is_some() || value.is_some();
        let form = self.form(&file).await?;
        let start = if let Form::Array(npy) = &form { npy.offset } else { 0 };
        let pull = self.pull(&file, &mut flow, deadline, start, None).await?;
        let choose = || LongPicks::choose(&file.columns, column.as_deref(), row.as_deref(), value.as_deref());
        match form {
            Form::Array(npy) => self.work(flow, move || from_array(pull, &npy, ask)).await,
            Form::Table(delimiter) if !said && is_wide(&file.columns) => {
                let columns = file.columns;
                self.work(flow, move || from_wide(pull, delimiter, &columns, ask)).await
            }
            Form::Table(delimiter) => {
                let picks = choose()?;
                self.work(flow, move || from_long(Input::Table(pull, delimiter), picks, ask)).await
            }
            Form::Features => {
                let picks = choose()?;
                self.work(flow, move || from_long(Input::Features(pull), picks, ask)).await
            }
            Form::Other if media::essence(&file.media_type) == "application/json" => {
                self.work(flow, move || from_document(pull, ask)).await
            }
            Form::Other => {
                let text = format!("this is {} and holds no values on a grid", file.media_type);
                Err(Error::unprocessable("not_a_grid", text, Vec::new()))
            }
        }
    }
}

fn ask(columns: &[Column], query: &SeriesQuery) -> Result<SeriesAsk, Error> {
    if query.y.is_empty() || query.y.len() > MAX_SERIES {
        return Err(Error::field("invalid_columns", "/y", format!("names 1 to {MAX_SERIES} columns")));
    }
    let pick = |at: usize| Pick { index: at, name: columns[at].name.clone(), kind: columns[at].kind };
    let x = query.x.as_deref().map(|name| index_of(columns, name, "x")).transpose()?;
    let y = query.y.iter().map(|name| index_of(columns, name, "y")).collect::<Result<Vec<_>, _>>()?;
    let of_rows = Column { name: "row".into(), kind: ColumnType::Integer, unit: None, role: None };
    let mut answer = vec![x.map_or(of_rows, |at| columns[at].clone())];
    answer.extend(y.iter().map(|at| columns[*at].clone()));
    let kind = answer[0].kind;
    Ok(SeriesAsk {
        x: x.map(pick),
        y: y.into_iter().map(pick).collect(),
        columns: answer,
        points: query.points.unwrap_or(2000).clamp(10, 100_000) as usize,
        from: SeriesAsk::bound(kind, query.from.as_deref(), "from")?,
        to: SeriesAsk::bound(kind, query.to.as_deref(), "to")?,
    })
}
