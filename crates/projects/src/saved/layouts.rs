//! Layouts of the workbench: named, of one user in one project. Nobody else sees them.

use super::store::{self, Saved};
use super::{changed, check_name, measured};
use crate::Service;
use castalia_base::{Ctx, Error, Timestamp, id};
use castalia_events::{NewEvent, append};
use castalia_http::{Page, PageQuery};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// The most bytes of a layout.
const LARGEST: usize = 256 << 10;
/// The most layouts of a user in a project.
const MOST: i64 = 100;

/// A layout of the workbench.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Layout {
    /// Its name, unique among one's own in the project.
    pub name: String,
    /// Grows with each change, from 1; a change names the one it was based on.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The layout itself, as the web app understands it.
    #[schemars(with = "serde_json::Map<String, Value>")]
    pub layout: Value,
}

fn view(saved: &Saved) -> Result<Layout, Error> {
    Ok(Layout {
        name: saved.name.clone(),
        revision: saved.revision,
        created_at: saved.created_at,
        updated_at: saved.updated_at,
        layout: saved.value()?,
    })
}

/// Only the user's own topic hears of it.
fn event(ctx: &Ctx, kind: &'static str, project: &str, name: &str, revision: i64) -> NewEvent {
    let data = json!({"project": project, "name": name, "revision": revision});
    NewEvent { topic: format!("user.{}", ctx.principal().id), kind, project: None, data }
}

impl Service {
    /// One's own layouts in a project, oldest first.
    ///
    /// # Errors
    /// As [`Service::find`] with `projects.view`.
    pub async fn layouts(&self, ctx: &Ctx, project: &str, page: &PageQuery) -> Result<Page<Layout>, Error> {
        let project = self.find(ctx, project, "projects.view").await?;
        let after = page.after.as_deref().unwrap_or_default();
        let (owner, limit) = (ctx.principal().id.as_str(), page.limit());
        let found = store::layouts(&mut self.db.read(), project.id.as_str(), owner, after, limit + 1).await?;
        let Page { items, next } = Page::of(found, limit, |saved| saved.id.clone());
        Ok(Page { items: items.iter().map(view).collect::<Result<_, _>>()?, next })
    }

    /// One of one's own layouts.
    ///
    /// # Errors
    /// `not_found`; as [`Service::find`] with `projects.view`.
    pub async fn layout(&self, ctx: &Ctx, project: &str, name: &str) -> Result<Layout, Error> {
        let project = self.find(ctx, project, "projects.view").await?;
        let found =
            store::layout(&mut self.db.read(), project.id.as_str(), &ctx.principal().id, name).await?;
        view(&found.ok_or_else(|| Error::not_found("layout", name))?)
    }

    /// Saves a layout: a new one (`based_on` 0) or a change of the one that is at the revision `based_on`.
    ///
    /// # Errors
    /// `layout_changed` with the present revision, `too_many_layouts`, `invalid_name`, `invalid_document`,
    /// `document_too_large`; as [`Service::find`] with `projects.view`.
    pub async fn put_layout(
        &self,
        ctx: &Ctx,
        project: &str,
        name: &str,
        layout: &Value,
        based_on: i64,
    ) -> Result<Layout, Error> {
        check_name("/name", name)?;
        let text = measured("/layout", layout, LARGEST)?;
        let project = self.find(ctx, project, "projects.view").await?;
        let (project, owner) = (project.id, ctx.principal().id.clone());
        let mut tx = self.db.begin().await?;
        // One save at a time: then what is found is what there is, and the count is right.
        crate::store::lock(&mut tx, &project).await?;
        let present = store::layout(&mut tx, project.as_str(), &owner, name).await?;
        let revision = present.as_ref().map_or(0, |saved| saved.revision);
        if revision != based_on {
            return Err(changed("layout_changed", name, based_on, revision));
        }
        let saved = match present {
            Some(present) => store::change(&mut tx, &present.id, based_on, name, &text, ctx.now())
                .await?
                .ok_or_else(|| changed("layout_changed", name, based_on, 0))?,
            None => {
                if store::count(&mut tx, project.as_str(), &owner).await? >= MOST {
                    let detail = format!("you have {MOST} layouts in this project; delete one first");
                    return Err(Error::conflict("too_many_layouts", detail));
                }
                let new = Saved {
                    id: id::fresh("lay"),
                    project: project.to_string(),
                    kind: "layout".into(),
                    owner: owner.clone(),
                    name: name.to_owned(),
                    document: text,
                    revision: 1,
                    created_by: owner,
                    created_at: ctx.now(),
                    updated_at: ctx.now(),
                };
                store::insert(&mut tx, &new).await?;
                new
            }
        };
        let heard = event(ctx, "layout.changed", project.as_str(), name, saved.revision);
        append(&mut tx, ctx, vec![heard]).await?;
        tx.commit().await?;
        view(&saved)
    }

    /// Deletes one of one's own layouts.
    ///
    /// # Errors
    /// `not_found`; as [`Service::find`] with `projects.view`.
    pub async fn delete_layout(&self, ctx: &Ctx, project: &str, name: &str) -> Result<(), Error> {
        let project = self.find(ctx, project, "projects.view").await?;
        let mut tx = self.db.begin().await?;
        let found = store::layout(&mut tx, project.id.as_str(), &ctx.principal().id, name).await?;
        let saved = found.ok_or_else(|| Error::not_found("layout", name))?;
        if store::delete(&mut tx, &saved.id, 0).await? {
            let heard = event(ctx, "layout.deleted", project.id.as_str(), name, saved.revision);
            append(&mut tx, ctx, vec![heard]).await?;
        }
        tx.commit().await
    }
}
