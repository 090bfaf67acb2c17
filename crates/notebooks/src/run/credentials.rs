//! What lets a cell use the rest of Castalia: a token of the kernel's unit, and the Python SDK on its path.
//!
//! The token is made when a person starts the kernel, acts as that person in the notebook's project alone, and is
//! narrowed to [`SCOPES`] and to what the person's own token allows. It holds as long as the unit does, also over the
//! server's end, and is revoked in the transaction that records the unit's end. It is in the unit's environment and,
//! sealed, in the unit's row; nowhere else.

use super::store::{self, KernelRow};
use crate::Service;
use castalia_base::id::UserId;
use castalia_base::{Ctx, Error, permission};
use castalia_db::Tx;
use castalia_identity::NewToken;
use std::collections::BTreeMap;

/// What a cell may do in its project, as far as the person who started the kernel may.
const SCOPES: &[&str] = &[
    "account.view",
    "projects.view",
    "environments.view",
    "processes.view",
    "processes.run",
    "processes.script",
    "processes.cancel",
    "uploads.view",
    "uploads.create",
    "datasets.view",
    "figures.view",
];

impl Service {
    /// Makes the token of a unit that was just asked for.
    pub(super) async fn let_out(&self, tx: &mut Tx, ctx: &Ctx, row: &KernelRow) -> Result<(), Error> {
        // The platform itself has no token to give away.
        let Ok(user) = ctx.principal().id.parse::<UserId>() else { return Ok(()) };
        let unit = row.unit_name();
        let new = NewToken {
            name: unit.clone(),
            scopes: Some(narrowed(ctx.principal().grants.scopes.as_deref())),
            project: Some(row.project.parse()?),
            expires_at: None,
        };
        let issued = self.deps.identity.issue_program_token(tx, &user, &unit, new).await?;
        let sealed = self.deps.identity.vault().seal(&unit, issued.secret.expose().as_bytes())?;
        store::set_token(tx, row, &sealed).await
    }

    /// The token of a unit, if it has one.
    pub(super) async fn token_of(&self, row: &KernelRow) -> Result<Option<String>, Error> {
        let Some(sealed) = store::token(&mut self.deps.db.read(), row).await? else { return Ok(None) };
        let secret = self.deps.identity.vault().open(&row.unit_name(), &sealed)?;
        String::from_utf8(secret).map(Some).map_err(Error::internal)
    }

    /// The unit has ended: so does its token. Call `forget` of the identity after the commit.
    pub(super) async fn shut_out(&self, tx: &mut Tx, row: &KernelRow) -> Result<(), Error> {
        self.deps.identity.end_instance(tx, &row.unit_name()).await
    }

    /// The variables from which the SDK knows where it is.
    pub(super) fn surroundings(&self, row: &KernelRow, token: Option<String>) -> BTreeMap<String, String> {
        let mut env = BTreeMap::from([
            ("CASTALIA_NOTEBOOK".to_owned(), row.notebook.clone()),
            ("CASTALIA_PROJECT".to_owned(), row.project.clone()),
            ("CASTALIA_URL".to_owned(), self.config.backend_url.clone()),
        ]);
        if !self.config.public_url.is_empty() {
            env.insert("CASTALIA_PUBLIC_URL".to_owned(), self.config.public_url.clone());
        }
        if let Some(token) = token {
            env.insert("CASTALIA_TOKEN".to_owned(), token);
        }
        // IPython runs this file at its start. It puts the SDK behind everything else on the path, so that it stands in
        // front of nothing that the kernel's own environment has, and programs that a cell starts are not touched.
        if let Some(sdk) = self.config.sdk.as_ref().filter(|_| row.spec.language == "python") {
            let file = sdk.join("castalia/notebook/start.py");
            env.insert("PYTHONSTARTUP".to_owned(), file.display().to_string());
        }
        env
    }
}

fn narrowed(asker: Option<&[String]>) -> Vec<String> {
    let may = |scope: &&&str| asker.is_none_or(|patterns| permission::any_grants(patterns, scope));
    SCOPES.iter().filter(may).map(|scope| (*scope).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_started_with_a_narrow_token_is_as_narrow() {
        let narrow = ["notebooks.*".to_owned(), "*.view".to_owned()];
        let scopes = narrowed(Some(&narrow));
        assert!(scopes.iter().all(|s| s.ends_with(".view")), "{scopes:?}");
        assert_eq!(narrowed(None).len(), SCOPES.len());
        assert_eq!(narrowed(Some(&[])), Vec::<String>::new());
    }
}
