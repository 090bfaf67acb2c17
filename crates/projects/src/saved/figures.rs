//! Figures: plots and maps that a project keeps for all its members.

use super::store::{self, Saved};
use super::{changed, check_name, measured};
use crate::Service;
use crate::service::event;
use castalia_base::id::ProjectId;
use castalia_base::{Ctx, Error, Timestamp, define_id};
use castalia_events::append;
use castalia_http::{Page, PageQuery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most bytes of a figure's document.
const LARGEST: usize = 1 << 20;
/// The most figures of a project.
const MOST: i64 = 1000;

define_id!(/// A saved plot or map.
    FigureId, "fig");

/// What a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FigureKind {
    /// Axes and what is drawn on them.
    Plot,
    /// Layers on a map of the world.
    Map,
}

impl FigureKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Plot => "plot",
            Self::Map => "map",
        }
    }
}

/// A figure without what is in it, as lists have it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FigureEntry {
    /// `fig_…`.
    pub id: FigureId,
    /// The name that people read; need not be unique.
    pub name: String,
    /// What it is.
    pub kind: FigureKind,
    /// Grows with each change, from 1; a change names the one it was based on.
    pub revision: i64,
    /// Who made it (`user_…`).
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A figure.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Figure {
    /// What lists have of it.
    #[serde(flatten)]
    pub entry: FigureEntry,
    /// What is in it, as the web app understands it.
    #[schemars(with = "serde_json::Map<String, Value>")]
    pub spec: Value,
}

/// A figure about to be made.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFigure {
    /// 1 to 80 characters.
    pub name: String,
    /// What it is.
    pub kind: FigureKind,
    /// What is in it: a JSON object of at most 1 MiB.
    #[schemars(with = "serde_json::Map<String, Value>")]
    pub spec: Value,
}

/// A figure as it shall be from now on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureChange {
    /// 1 to 80 characters.
    pub name: String,
    /// What is in it: a JSON object of at most 1 MiB.
    #[schemars(with = "serde_json::Map<String, Value>")]
    pub spec: Value,
    /// The revision that the change was based on.
    pub revision: i64,
}

fn entry(saved: &Saved) -> Result<FigureEntry, Error> {
    Ok(FigureEntry {
        id: saved.id.parse().map_err(Error::internal)?,
        name: saved.name.clone(),
        kind: if saved.kind == "map" { FigureKind::Map } else { FigureKind::Plot },
        revision: saved.revision,
        created_by: saved.created_by.clone(),
        created_at: saved.created_at,
        updated_at: saved.updated_at,
    })
}

fn view(saved: &Saved) -> Result<Figure, Error> {
    Ok(Figure { entry: entry(saved)?, spec: saved.value()? })
}

/// What the project hears of a figure.
fn facts(saved: &Saved) -> Value {
    json!({"id": saved.id, "name": saved.name, "kind": saved.kind, "revision": saved.revision})
}

impl Service {
    /// The figures of a project, newest first; of one kind or of both.
    ///
    /// # Errors
    /// As [`Service::find`] with `figures.view`.
    pub async fn figures(
        &self,
        ctx: &Ctx,
        project: &str,
        kind: Option<FigureKind>,
        page: &PageQuery,
    ) -> Result<Page<FigureEntry>, Error> {
        let project = self.find(ctx, project, "figures.view").await?;
        let kind = kind.map_or("", FigureKind::as_str);
        // `~` sorts behind every id.
        let (before, limit) = (page.after.as_deref().unwrap_or("~"), page.limit());
        let found = store::figures(&mut self.db.read(), project.id.as_str(), kind, before, limit + 1).await?;
        let Page { items, next } = Page::of(found, limit, |saved| saved.id.clone());
        Ok(Page { items: items.iter().map(entry).collect::<Result<_, _>>()?, next })
    }

    /// One figure.
    ///
    /// # Errors
    /// `not_found`; as [`Service::find`] with `figures.view`.
    pub async fn figure(&self, ctx: &Ctx, project: &str, id: &str) -> Result<Figure, Error> {
        let project = self.find(ctx, project, "figures.view").await?;
        let found = store::figure(&mut self.db.read(), project.id.as_str(), id).await?;
        view(&found.ok_or_else(|| Error::not_found("figure", id))?)
    }

    /// Makes a figure.
    ///
    /// # Errors
    /// `too_many_figures`, `invalid_name`, `invalid_document`, `document_too_large`; as [`Service::find`]
    /// with `figures.create`.
    pub async fn create_figure(&self, ctx: &Ctx, project: &str, new: &NewFigure) -> Result<Figure, Error> {
        check_name("/name", &new.name)?;
        let document = measured("/spec", &new.spec, LARGEST)?;
        let project: ProjectId = self.find(ctx, project, "figures.create").await?.id;
        let mut tx = self.db.begin().await?;
        crate::store::lock(&mut tx, &project).await?;
        if store::count(&mut tx, project.as_str(), "").await? >= MOST {
            let detail = format!("the project has {MOST} figures; delete one first");
            return Err(Error::conflict("too_many_figures", detail));
        }
        let saved = Saved {
            id: FigureId::fresh().to_string(),
            project: project.to_string(),
            kind: new.kind.as_str().into(),
            owner: String::new(),
            name: new.name.clone(),
            document,
            revision: 1,
            created_by: ctx.principal().id.clone(),
            created_at: ctx.now(),
            updated_at: ctx.now(),
        };
        store::insert(&mut tx, &saved).await?;
        append(&mut tx, ctx, vec![event(&project, "figure.created", facts(&saved))]).await?;
        tx.commit().await?;
        view(&saved)
    }

    /// Changes a figure that is at the revision which the change was based on. What it is (plot or map) stays.
    ///
    /// # Errors
    /// `figure_changed` with the present revision, `not_found`, `invalid_name`, `invalid_document`,
    /// `document_too_large`; as [`Service::find`] with `figures.update`.
    pub async fn put_figure(
        &self,
        ctx: &Ctx,
        project: &str,
        id: &str,
        change: &FigureChange,
    ) -> Result<Figure, Error> {
        check_name("/name", &change.name)?;
        let document = measured("/spec", &change.spec, LARGEST)?;
        let project = self.find(ctx, project, "figures.update").await?.id;
        let mut tx = self.db.begin().await?;
        let present = store::figure(&mut tx, project.as_str(), id).await?;
        let present = present.ok_or_else(|| Error::not_found("figure", id))?;
        let stored = store::change(&mut tx, id, change.revision, &change.name, &document, ctx.now()).await?;
        let Some(saved) = stored else {
            // On PostgreSQL another change may have come between; then this reads what it left.
            let now = store::figure(&mut tx, project.as_str(), id).await?.map_or(0, |saved| saved.revision);
            return Err(changed("figure_changed", &present.name, change.revision, now));
        };
        append(&mut tx, ctx, vec![event(&project, "figure.changed", facts(&saved))]).await?;
        tx.commit().await?;
        view(&saved)
    }

    /// Deletes a figure; with a revision only while it is at that one.
    ///
    /// # Errors
    /// `figure_changed` with the present revision, `not_found`; as [`Service::find`] with `figures.delete`.
    pub async fn delete_figure(
        &self,
        ctx: &Ctx,
        project: &str,
        id: &str,
        revision: Option<i64>,
    ) -> Result<(), Error> {
        let project = self.find(ctx, project, "figures.delete").await?.id;
        let based_on = revision.unwrap_or(0);
        let mut tx = self.db.begin().await?;
        let found = store::figure(&mut tx, project.as_str(), id).await?;
        let present = found.ok_or_else(|| Error::not_found("figure", id))?;
        if !store::delete(&mut tx, id, based_on).await? {
            let now = store::figure(&mut tx, project.as_str(), id).await?.map_or(0, |saved| saved.revision);
            return Err(changed("figure_changed", &present.name, based_on, now));
        }
        append(&mut tx, ctx, vec![event(&project, "figure.deleted", facts(&present))]).await?;
        tx.commit().await
    }
}
