//! Making a notebook.

use crate::Service;
use crate::document::model::sha256;
use crate::document::{self, shared};
use crate::files::{self, identity};
use crate::model::{NewNotebook, Notebook, NotebookView};
use crate::room::epoch;
use crate::service::{checked_name, event, taken};
use crate::store;
use castalia_base::{Ctx, Error};
use castalia_events::append;
use serde_json::json;
use yrs::{ReadTxn, StateVector, Transact};

/// What a new notebook is, besides its content.
pub(crate) struct Draft {
    /// Id of the project.
    pub(crate) project: String,
    /// A name that was checked.
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) kernel: Option<String>,
    /// Where its file lies, if in a workspace's volume: the workspace's id, and the path.
    pub(crate) file: Option<(String, String)>,
}

impl Service {
    /// Makes a notebook.
    ///
    /// # Errors
    /// `notebook_exists`, `invalid_name`, `invalid_notebook`; `forbidden` without `notebooks.create`.
    pub async fn create(&self, ctx: &Ctx, new: NewNotebook) -> Result<NotebookView, Error> {
        let project = self.deps.projects.find(ctx, &new.project, "notebooks.create").await?;
        let name = checked_name(&new.name)?;
        let content = self.first_content(ctx, &new).await?;
        let draft =
            Draft { project: project.id.to_string(), name, title: new.title, kernel: new.kernel, file: None };
        let notebook = self.make(ctx, draft, content, None).await.map_err(taken)?;
        self.save_soon(&notebook.id);
        Ok(self.view(ctx, notebook).await)
    }

    /// Makes the row and the document. `bytes`: what its file holds already, of which `content` was read; then there is
    /// nothing to be merged, and nothing to be written.
    pub(crate) async fn make(
        &self,
        ctx: &Ctx,
        draft: Draft,
        mut content: document::Notebook,
        bytes: Option<&[u8]>,
    ) -> Result<Notebook, Error> {
        let (now, epoch, id) = (ctx.now(), epoch::fresh(), castalia_base::id::fresh("nb"));
        self.ground.expect(&id, &draft.project, &draft.name);
        let put_away = self.put_away(&id, &mut content).await;
        self.ground.arrived(&id);
        put_away?;
        let cells = content.cells.len() as i64;
        let doc = epoch::first(&epoch);
        shared::fill(&mut doc.transact_mut(), &content);
        let update = doc.transact().encode_state_as_update_v1(&StateVector::default());
        let notebook = Notebook {
            id,
            project: draft.project,
            title: draft.title.unwrap_or_else(|| draft.name.trim_end_matches(".ipynb").to_owned()),
            name: draft.name,
            kernel: draft.kernel.or_else(|| content.kernel().map(str::to_owned)),
            language: content.metadata.contains_key("kernelspec").then(|| content.language().to_owned()),
            epoch,
            cells,
            created_at: now,
            updated_at: now,
            created_by: ctx.principal().id.clone(),
            created_by_name: ctx.principal().name.clone(),
            file: draft.file,
        };
        let mut tx = self.deps.db.begin().await?;
        store::insert(&mut tx, &notebook).await?;
        store::log::append(&mut tx, &notebook.id, &[update], cells, &[], now).await?;
        if let (Some(bytes), Some((workspace, path))) = (bytes, &notebook.file) {
            files::settle_first(
                &mut tx,
                &notebook.id,
                &identity(workspace, path),
                &sha256(bytes),
                content,
                now,
            )
            .await?;
        }
        let data = json!({"in_workspace": notebook.file.is_some()});
        append(&mut tx, ctx, vec![event(&notebook, "notebook.created", data)]).await?;
        tx.commit().await?;
        Ok(notebook)
    }
}
