//! What somebody else did to the file.

use super::place::Place;
use super::{Files, Keeper, WHO, outputs, status, store};
use crate::document::merge::{self, Conflict, Side};
use crate::document::{Notebook, ipynb, model::sha256, shared};
use crate::room::Room;
use bytes::Bytes;
use castalia_base::{Error, Kind};
use std::sync::Arc;

impl Files {
    /// Looks at the file and merges what is new in it; whether there was anything. Does nothing when it is as we left
    /// it, whatever its time.
    pub(super) async fn look(&self, keeper: &Keeper, room: &Arc<Room>) -> Result<bool, Error> {
        let id = room.id();
        let baseline = store::baseline(&mut self.db.read(), id).await?;
        let found = self.ground.place(id).await;
        // A volume that is away may come back.
        let shared = found.as_ref().map_or(true, |(file, _)| file.is_shared());
        keeper.shared.store(shared, std::sync::atomic::Ordering::Relaxed);
        let (file, name) = found?;
        if baseline.name.as_ref().is_some_and(|before| *before != name) {
            // It was renamed: the file under the old name is ours, under the new one there is none yet, unless we wrote
            // it and ended before we could note that.
            if let Some((sha256, written)) = &baseline.next
                && file.digest().await?.as_ref() == Some(sha256)
            {
                self.settle(id, &name, sha256, written).await?;
            }
            return Ok(false);
        }
        let Some(there) = file.digest().await? else {
            return Ok(false);
        };
        if baseline.sha256.as_ref() == Some(&there) {
            return Ok(false);
        }
        if let Some((_, written)) = baseline.next.as_ref().filter(|(sha256, _)| *sha256 == there) {
            // We wrote it, and ended before we could note that.
            self.settle(id, &name, &there, written).await?;
            return Ok(false);
        }
        let Some(bytes) = file.read().await? else {
            return Ok(false);
        };
        let (bytes, loaded) = whole_file(file.as_ref(), bytes).await?;
        let sha256 = sha256(&bytes);
        let theirs = match loaded {
            Ok(loaded) => loaded.notebook,
            Err(refused) => {
                let why =
                    format!("the file was changed outside and can't be read, so it is left alone: {refused}");
                return Err(Error::new(Kind::Conflict, "file_broken", why));
            }
        };
        let base = self.take_in(keeper, room, theirs).await?;
        self.settle(id, &name, &sha256, &base).await?;
        Ok(true)
    }

    async fn settle(&self, id: &str, name: &str, sha256: &str, base: &Notebook) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        store::settle(&mut tx, id, name, sha256, base, self.clock.now()).await?;
        tx.commit().await
    }

    /// Merges a notebook that somebody made outside into the live document, as one change. Returns what a later merge
    /// has to know of it.
    async fn take_in(
        &self,
        keeper: &Keeper,
        room: &Arc<Room>,
        mut theirs: Notebook,
    ) -> Result<Notebook, Error> {
        let id = room.id();
        let last = store::baseline(&mut self.db.read(), id).await?.base.unwrap_or_else(Notebook::new);
        outputs::put_away(self.ground.as_ref(), id, &mut theirs).await?;
        let mut seen = theirs.clone();
        outputs::forget(&mut seen);
        let base = keeper.earlier().of(last.clone(), &seen);
        if keeper.is_shared() {
            keeper.earlier().remember(last);
        }
        if let Err(error) = self.keep_now(room, Some("before a change from outside")).await {
            tracing::warn!(notebook = id, error = error.chain(), "no version was kept before a merge");
        }
        let ids = room.write(WHO, |txn| {
            let merged = merge::merge(&base, &shared::read(txn), &theirs);
            merge::apply(txn, &merged.edits);
            add_conflicts(txn, merged.conflicts);
            shared::order(txn)
        })?;
        keeper.witness().look(ids.value);
        Ok(seen)
    }

    /// Takes a file that somebody brings, as a change from outside: what it changed against the last checkpoint is
    /// merged, and the result is written. `sources`: it has nothing but sources.
    ///
    /// # Errors
    /// Those of [`Files::checkpoint`].
    pub(crate) async fn bring(&self, room: &Arc<Room>, theirs: Notebook, sources: bool) -> Result<(), Error> {
        let keeper = self.keeper(room);
        {
            let _one = keeper.saving.lock().await;
            self.look(&keeper, room).await?;
            let theirs = match store::baseline(&mut self.db.read(), room.id()).await?.base {
                Some(base) if sources => {
                    merge::with_rest_of(&base, &room.read(|txn| shared::read(txn)), &theirs)
                }
                _ => theirs,
            };
            self.take_in(&keeper, room, theirs).await?;
        }
        self.checkpoint(room, false).await
    }

    /// Ends a conflict, named by its id or by the cell whose texts it is about, by somebody's choice.
    ///
    /// # Errors
    /// `not_found` when it is over.
    pub(crate) fn resolve(&self, room: &Arc<Room>, conflict: &str, side: Side) -> Result<(), Error> {
        let found = room.write("people", |txn| {
            let mut open = status::conflicts(txn);
            let of_cell = |other: &Conflict| other.cell == conflict && other.part == merge::Part::Source;
            let at = open.iter().position(|other| other.id == conflict || of_cell(other))?;
            let ended = open.remove(at);
            let edits = merge::resolve(&shared::read(txn), &ended, side);
            merge::apply(txn, &edits);
            status::set_conflicts(txn, &open);
            Some(())
        })?;
        found.value.ok_or_else(|| Error::not_found("conflict", conflict))
    }
}

/// Reads a file. Some programs write over it in place (Jupyter's server does): what can't be read is looked at again
/// until it stays as it is.
async fn whole_file(
    file: &dyn Place,
    mut bytes: Bytes,
) -> Result<(Bytes, Result<ipynb::Loaded, ipynb::Refused>), Error> {
    for _ in 0..LOOKS {
        let loaded = ipynb::read(&bytes);
        if loaded.is_ok() || !file.is_shared() {
            return Ok((bytes, loaded));
        }
        tokio::time::sleep(PAUSE).await;
        match file.read().await? {
            Some(now) if now != bytes => bytes = now,
            _ => return Ok((bytes, loaded)),
        }
    }
    let loaded = ipynb::read(&bytes);
    Ok((bytes, loaded))
}

/// How often a file that can't be read is read again, and after which time.
const LOOKS: usize = 20;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(250);

/// A later conflict about the same thing takes the place of the earlier one only if the file's side is the same.
fn add_conflicts(txn: &mut yrs::TransactionMut<'_>, new: Vec<Conflict>) {
    let mut all = status::conflicts(txn);
    all.retain(|old| {
        let same = |new: &Conflict| {
            (&new.cell, new.part, &new.key, &new.theirs) == (&old.cell, old.part, &old.key, &old.theirs)
        };
        !new.iter().any(same)
    });
    all.extend(new);
    status::set_conflicts(txn, &all);
}
