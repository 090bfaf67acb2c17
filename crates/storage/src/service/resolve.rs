//! References: `upload:NAME` and `dataset:ID` within one project.

use super::Service;
use crate::model::{InputKind, ResolvedInput};
use crate::store::{datasets, uploads};
use castalia_base::id::ProjectId;
use castalia_base::{Ctx, Error};

impl Service {
    /// What a reference stands for, if the caller may see it.
    ///
    /// # Errors
    /// As [`Service::resolve_in`], and as the permissions `uploads.view` and `datasets.view` say.
    pub async fn resolve(
        &self,
        ctx: &Ctx,
        project: &ProjectId,
        reference: &str,
    ) -> Result<ResolvedInput, Error> {
        let permission = if reference.starts_with("upload:") { "uploads.view" } else { "datasets.view" };
        ctx.require(permission, project.as_str(), "input", reference)?;
        self.resolve_in(project, reference).await
    }

    /// What a reference stands for within a project. Another project's data do not exist here.
    ///
    /// # Errors
    /// `invalid_reference`, `not_found`, `partial_dataset`.
    pub async fn resolve_in(&self, project: &ProjectId, reference: &str) -> Result<ResolvedInput, Error> {
        match reference.split_once(':') {
            Some(("upload", name)) => self.resolve_upload(project, reference, name).await,
            Some(("dataset", id)) => self.resolve_dataset(project, reference, id).await,
            _ => Err(Error::invalid(
                "invalid_reference",
                format!("`{}` is no reference; write upload:NAME or dataset:ID", reference.escape_default()),
            )),
        }
    }

    async fn resolve_upload(
        &self,
        project: &ProjectId,
        reference: &str,
        name: &str,
    ) -> Result<ResolvedInput, Error> {
        let found = uploads::find_by_name(&mut self.db.read(), project.as_str(), name).await?;
        let upload = found.ok_or_else(|| Error::not_found("upload", name))?;
        Ok(ResolvedInput {
            reference: reference.to_owned(),
            kind: InputKind::Upload,
            id: upload.id.to_string(),
            key: upload.key,
            name: upload.name,
            media_type: upload.media_type,
            size: upload.size,
            sha256: upload.sha256,
            units: None,
            shape: None,
            producer: None,
        })
    }

    async fn resolve_dataset(
        &self,
        project: &ProjectId,
        reference: &str,
        id: &str,
    ) -> Result<ResolvedInput, Error> {
        let found = datasets::find(&mut self.db.read(), id).await?;
        let own = found.filter(|dataset| dataset.project == *project);
        let dataset = own.ok_or_else(|| Error::not_found("dataset", id))?;
        if dataset.partial {
            let text = format!(
                "the dataset {id} is partial: version {} of {} ended before it was done; run it again and use what that writes",
                dataset.version, dataset.process
            );
            return Err(Error::conflict("partial_dataset", text));
        }
        Ok(ResolvedInput {
            reference: reference.to_owned(),
            kind: InputKind::Dataset,
            id: dataset.id.to_string(),
            key: dataset.key,
            name: dataset.name,
            media_type: dataset.media_type,
            size: dataset.size,
            sha256: dataset.sha256,
            units: dataset.units,
            shape: dataset.shape,
            producer: Some((dataset.process, dataset.version)),
        })
    }
}
