//! What lets a cell use the rest of Castalia: a token of whoever runs it, and the Python SDK on its path.
//!
//! A kernel is shared, so its programs have no token of their own: before a cell of somebody else begins, the file
//! [`FILE`] in the kernel's private folder is written anew. Its token acts as that person in the notebook's project
//! alone, narrowed to [`SCOPES`] and to what the token allows with which the run was asked for. The SDK and `castalia`
//! read the file for each request, so an object that one person made acts as the next one in the next one's cells. What it
//! does not do: a kernel is one process, and code that somebody left running in it can read what is lent to the others.
//!
//! Tokens hold for [`LIFE`] and are renewed while their kernel lives. They end with its unit: in the transaction that
//! records that, or, if the server died over it, as soon as a server is there. They are in that file and, as digests, in
//! the database; nowhere else.

use super::model::Run;
use super::store::{self, KernelRow};
use crate::Service;
use castalia_base::id::UserId;
use castalia_base::{Error, permission};
use castalia_identity::NewToken;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The name of the file with the token.
const FILE: &str = "token";
/// How long a token holds that nobody renews, in milliseconds.
const LIFE: i64 = 2 * 60 * 60 * 1000;
/// How often tokens are renewed.
const RENEW: Duration = Duration::from_secs(10 * 60);

/// What a cell may do in its project, as far as the person who runs it may.
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

/// A person, and how narrow the token is with which they asked.
type Runner = (String, Option<Vec<String>>);

/// Who may what in a unit: the tokens that its driver has made, and whose is in the file.
#[derive(Default)]
pub(super) struct Lent {
    to: Option<Runner>,
    tokens: HashMap<Runner, String>,
}

impl Lent {
    /// From here on the unit's programs act as whoever asked for this run.
    pub(super) async fn to(&mut self, service: &Service, row: &KernelRow, run: &Run) -> Result<(), Error> {
        let runner = (run.by.id.clone(), run.scopes.clone());
        if self.to.as_ref() == Some(&runner) {
            return Ok(());
        }
        // Nobody's until it is written.
        self.to = None;
        let file = service.token_file(row);
        // The platform itself has no token to give away.
        let Ok(user) = runner.0.parse::<UserId>() else {
            return match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::internal(error)),
                _ => Ok(()),
            };
        };
        if !self.tokens.contains_key(&runner) {
            let token = service.issue(row, &user, runner.1.as_deref()).await?;
            self.tokens.insert(runner.clone(), token);
        }
        replace(&file, &self.tokens[&runner]).map_err(Error::internal)?;
        self.to = Some(runner);
        Ok(())
    }
}

/// Replaces a file that its owner alone may read. What lies in its place, if a cell put something there, is not followed.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let new = file.with_file_name(castalia_base::id::fresh("token"));
    let mut written = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    written.write_all(text.as_bytes())?;
    std::fs::rename(&new, file)
}

impl Service {
    fn token_file(&self, row: &KernelRow) -> PathBuf {
        self.kernel_folder(row).join(FILE)
    }

    async fn issue(&self, row: &KernelRow, user: &UserId, asker: Option<&[String]>) -> Result<String, Error> {
        let unit = row.unit_name();
        let new = NewToken {
            name: unit.clone(),
            scopes: Some(narrowed(asker)),
            project: Some(row.project.parse()?),
            expires_at: Some(self.deps.clock.now().plus_ms(LIFE)),
        };
        let mut tx = self.deps.db.begin().await?;
        let issued = self.deps.identity.issue_program_token(&mut tx, user, &unit, new).await?;
        tx.commit().await?;
        Ok(issued.secret.expose().to_owned())
    }

    /// A unit is not ours any more: its tokens end.
    pub(super) async fn shut_out(&self, unit: &str) -> Result<(), Error> {
        let mut tx = self.deps.db.begin().await?;
        self.deps.identity.end_instance(&mut tx, unit).await?;
        tx.commit().await?;
        self.deps.identity.forget();
        Ok(())
    }

    /// Renews the tokens of kernels that live, and ends those of kernels that do not.
    pub(crate) async fn mind_tokens(self: Arc<Self>) {
        loop {
            if let Err(error) = self.renew_tokens().await {
                tracing::warn!(error = error.chain(), "tokens of kernels were not renewed; trying again");
            }
            tokio::time::sleep(RENEW).await;
        }
    }

    async fn renew_tokens(&self) -> Result<(), Error> {
        let identity = &self.deps.identity;
        for unit in identity.program_instances(&mut self.deps.db.read(), store::UNIT).await? {
            let Some((notebook, run)) = store::of_unit(&unit) else { continue };
            let row = store::kernel(&mut self.deps.db.read(), &notebook).await?;
            match row.filter(|row| row.active && row.run == run) {
                None => self.shut_out(&unit).await?,
                Some(row) if row.node == self.config.installation => {
                    let mut tx = self.deps.db.begin().await?;
                    identity
                        .renew_program_tokens(&mut tx, &unit, self.deps.clock.now().plus_ms(LIFE))
                        .await?;
                    tx.commit().await?;
                }
                // Another server renews them, as long as it is there.
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// The variables from which the SDK knows where it is.
    pub(super) fn surroundings(&self, row: &KernelRow) -> BTreeMap<String, String> {
        let mut env = BTreeMap::from([
            ("CASTALIA_NOTEBOOK".to_owned(), row.notebook.clone()),
            ("CASTALIA_PROJECT".to_owned(), row.project.clone()),
            ("CASTALIA_TOKEN_FILE".to_owned(), self.token_file(row).display().to_string()),
            ("CASTALIA_URL".to_owned(), self.config.backend_url.clone()),
        ]);
        if !self.config.public_url.is_empty() {
            env.insert("CASTALIA_PUBLIC_URL".to_owned(), self.config.public_url.clone());
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
    fn a_cell_run_with_a_narrow_token_is_as_narrow() {
        let narrow = ["notebooks.*".to_owned(), "*.view".to_owned()];
        let scopes = narrowed(Some(&narrow));
        assert!(scopes.iter().all(|s| s.ends_with(".view")), "{scopes:?}");
        assert_eq!(narrowed(None).len(), SCOPES.len());
        assert_eq!(narrowed(Some(&[])), Vec::<String>::new());
    }
}
