//! Writing the document into its file.

use super::volume::shown;
use super::whole::{self, Form};
use super::{Files, Keeper, WHO, ancestor, outputs, place, status, store, versions};
use crate::document::{Notebook, ipynb, shared};
use crate::model::Person;
use crate::room::Room;
use castalia_base::{Error, Kind};
use std::sync::Arc;

/// How often another writer may come between.
const TRIES: usize = 5;
/// The code of a checkpoint that was held back.
pub(crate) const SHRINKS: &str = "unexplained_shrink";

/// The id of who writes what nobody asked for.
pub(super) const NOBODY: &str = "system";

/// Who writes what nobody asked for.
pub(super) fn nobody() -> Person {
    Person { id: NOBODY.into(), name: "autosave".into() }
}

impl Files {
    /// Writes the document into its file now, after merging what somebody else did to the file. When it fails, the
    /// failure is in the document for all to see. `believe`: the document is right even if it lost cells.
    ///
    /// # Errors
    /// `unexplained_shrink`, `file_broken`, `disk_full`, `not_writable`, `file_failed`, `file_changed`.
    pub(crate) async fn checkpoint(&self, room: &Arc<Room>, believe: bool) -> Result<(), Error> {
        let keeper = self.keeper(room);
        let _one = keeper.saving.lock().await;
        if believe {
            keeper.witness().believe();
        }
        let done = self.try_checkpoint(&keeper, room).await;
        if let Err(error) = &done {
            tracing::warn!(notebook = room.id(), error = error.chain(), "a checkpoint was not written");
            room.write(WHO, |txn| status::set_error(txn, error))?;
        }
        done
    }

    async fn try_checkpoint(&self, keeper: &Keeper, room: &Arc<Room>) -> Result<(), Error> {
        for _ in 0..TRIES {
            self.look(keeper, room).await?;
            match self.write(keeper, room).await {
                Err(error) if error.code() == place::CHANGED => {}
                done => return done,
            }
        }
        Err(Error::new(
            Kind::Unavailable,
            place::CHANGED,
            "the file is being changed by somebody else all the time",
        ))
    }

    async fn write(&self, keeper: &Keeper, room: &Arc<Room>) -> Result<(), Error> {
        let id = room.id();
        let (file, name) = self.ground.place(id).await?;
        let baseline = store::baseline(&mut self.db.read(), id).await?;
        let seen = room.read(|txn| shared::read(txn));
        let base = baseline.base.unwrap_or_default();
        let moved = baseline.name.as_ref() != Some(&name);
        let written = self
            .write_as(keeper, id, (&name, moved), file.as_ref(), &baseline.sha256, &base, seen.clone())
            .await?;
        if let Some(before) = baseline.name.as_ref().filter(|before| **before != name) {
            self.ground.remove_file(id, before).await?;
        }
        let at = self.clock.now();
        // What was changed meanwhile is for the next time.
        let changed = room.write(WHO, |txn| {
            let changed = shared::read(txn) != seen;
            status::set_dirty(txn, changed.then_some(at));
            status::set_saved(txn, shown(&name), written.then_some(at));
            changed
        })?;
        keeper.witness().saved(&seen, changed.value);
        Ok(())
    }

    /// Whether anything had to be written.
    #[expect(clippy::too_many_arguments, reason = "the parts of one step")]
    async fn write_as(
        &self,
        keeper: &Keeper,
        id: &str,
        (name, moved): (&str, bool),
        file: &dyn place::Place,
        over: &Option<String>,
        base: &Notebook,
        now: Notebook,
    ) -> Result<bool, Error> {
        if let Some(why) = keeper.witness().objection(base, &now) {
            return Err(Error::conflict(SHRINKS, why));
        }
        let version = versions::New::of(&now)?;
        let limit = Some(self.in_file).filter(|limit| *limit > 0);
        let mut marked = whole::mark(self.ground.as_ref(), id, now, Form::Ipynb, limit, true).await?;
        let text = ipynb::to_bytes(&marked.notebook, Some(base));
        let all = marked.cut(&String::from_utf8_lossy(&text), Form::Ipynb);
        let (sha256, there) = (all.sha256(&self.ground, id).await?, file.digest().await?);
        outputs::forget(&mut marked.base);
        let untouched = there.is_some() && there == *over;
        // Another program writes the same in other words.
        let says_it = file.is_shared() && ancestor::same(&marked.base, base);
        if untouched && (says_it || there.as_deref() == Some(&sha256)) {
            if let Some(there) = there.filter(|_| moved) {
                // Somebody moved it, and we have followed.
                let mut tx = self.db.begin().await?;
                store::settle(&mut tx, id, name, &there, &marked.base, self.clock.now()).await?;
                tx.commit().await?;
            }
            return Ok(false);
        }
        let now = marked.base;
        let mut tx = self.db.begin().await?;
        store::intend(&mut tx, id, &sha256, &now).await?;
        tx.commit().await?;
        // A file that somebody removed is written anew.
        let over = if there.is_none() { None } else { over.as_deref() };
        file.write(all.read(&self.ground, id), over).await?;
        let mut tx = self.db.begin().await?;
        store::settle(&mut tx, id, name, &sha256, &now, self.clock.now()).await?;
        tx.commit().await?;
        if file.is_shared() {
            keeper.earlier().remember(base.clone());
        }
        if let Err(error) = self.keep_if_due(id, version).await {
            // The file is written; that is what counts.
            tracing::warn!(notebook = id, error = error.chain(), "an automatic version was not kept");
        }
        Ok(true)
    }
}
