//! Forward-only migrations, one list per capability, kept beside the capability's store.

use crate::pool::{Db, Sql};
use crate::{dialect, params};
use castalia_base::Error;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Unique within the capability, for instance `0001_init`.
    pub name: &'static str,
    /// Portable statements, separated by semicolons.
    pub sql: &'static str,
}

/// The steps of one capability, in order.
#[derive(Clone, Copy, Debug)]
pub struct Migrations {
    /// The crate's short name.
    pub capability: &'static str,
    /// Its steps; a published one never changes.
    pub steps: &'static [Migration],
}

impl Db {
    /// Brings the schema up to date; does nothing when it is. Returns how many steps it ran.
    ///
    /// # Errors
    /// `schema_changed` when a step that ran earlier now reads differently, `schema_newer` when the
    /// database has steps that this program does not know (it was used by a newer one).
    pub async fn migrate(&self, all: &[Migrations]) -> Result<usize, Error> {
        let mut tx = self.begin().await?;
        if let Some(lock) = dialect::lock_migrations(self.engine()) {
            tx.fetch_optional(lock, params![]).await?;
        }
        tx.execute_script(
            "CREATE TABLE IF NOT EXISTS schema_steps (capability TEXT NOT NULL, name TEXT NOT NULL, \
             checksum TEXT NOT NULL, PRIMARY KEY (capability, name))",
        )
        .await?;
        let mut done = BTreeMap::new();
        for row in tx.fetch_all("SELECT capability, name, checksum FROM schema_steps", params![]).await? {
            done.insert((row.text("capability")?, row.text("name")?), row.text("checksum")?);
        }
        let mut ran = 0;
        for set in all {
            for step in set.steps {
                let checksum = hex::encode(Sha256::digest(step.sql.as_bytes()));
                match done.remove(&(set.capability.to_owned(), step.name.to_owned())) {
                    Some(old) if old == checksum => continue,
                    Some(_) => return Err(changed(set.capability, step.name)),
                    None => {}
                }
                tx.execute_script(step.sql).await?;
                tx.execute(
                    "INSERT INTO schema_steps (capability, name, checksum) VALUES ($1, $2, $3)",
                    params![set.capability, step.name, checksum],
                )
                .await?;
                ran += 1;
            }
        }
        let known: Vec<&str> = all.iter().map(|set| set.capability).collect();
        if let Some(((capability, name), _)) =
            done.into_iter().find(|((c, _), _)| known.contains(&c.as_str()))
        {
            return Err(Error::conflict(
                "schema_newer",
                format!(
                    "the database has the step {capability}/{name} that this program does not know; use the newer program"
                ),
            ));
        }
        tx.commit().await?;
        Ok(ran)
    }
}

fn changed(capability: &str, name: &str) -> Error {
    Error::conflict(
        "schema_changed",
        format!("the schema step {capability}/{name} was changed after it had run"),
    )
}
