//! From what a kernel says to what is stored: big values go into the project's storage, in parts.
//!
//! A part is written before the row that tells of it, under a name that follows from the journal: what is done again
//! after a crash writes the same bytes to the same place.

use crate::Service;
use crate::store::log::Statement;
use crate::stored::{key_of, rows};
use bytes::Bytes;
use castalia_base::Error;
use castalia_kernel::{Client, read_left_behind};
use castalia_storage::Bucket;
use futures::Stream;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So much is read from a keeper at once.
const PIECE: u64 = 1 << 20;

/// Where a big value is read from.
#[derive(Clone)]
pub(crate) enum Source {
    /// A keeper that runs.
    Live(Arc<Client>),
    /// What a keeper left behind.
    Left(PathBuf),
}

impl Source {
    async fn piece(&self, spool: u64, offset: u64, length: u64) -> Result<Bytes, Error> {
        let read = match self {
            Self::Live(client) => client.read(spool, offset, length).await,
            Self::Left(folder) => {
                let folder = folder.clone();
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                tokio::task::spawn_blocking(move || read_left_behind(&folder, spool, offset, length))
                    .await
                    .map_err(Error::internal)?
            }
        };
        read.map_err(Error::internal)
    }

    /// All of a value that is known to be small enough.
    pub(crate) async fn whole(&self, spool: u64, bytes: u64) -> Result<Vec<u8>, Error> {
        let mut all = Vec::new();
        while (all.len() as u64) < bytes {
            let piece = self.piece(spool, all.len() as u64, PIECE.min(bytes - all.len() as u64)).await?;
            if piece.is_empty() {
                break;
            }
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }

    fn stream(self, spool: u64, bytes: u64) -> impl Stream<Item = Result<Bytes, Error>> + Send {
        futures::stream::unfold((self, 0), move |(source, at)| async move {
            if at >= bytes {
                return None;
            }
            match source.piece(spool, at, PIECE.min(bytes - at)).await {
                Ok(piece) if piece.is_empty() => None,
                Ok(piece) => {
                    let next = at + piece.len() as u64;
                    Some((Ok(piece), (source, next)))
                }
                Err(error) => Some((Err(error), (source, u64::MAX))),
            }
        })
    }
}

/// What others store of the same project is asked for again after this.
const FRESH: Duration = Duration::from_millis(500);

/// A value that is to be stored: of which cell, as which output, what it is, and which part of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot<'a> {
    pub(crate) cell: &'a str,
    pub(crate) output: &'a str,
    pub(crate) media: &'a str,
    pub(crate) part: u64,
}

/// The stored outputs of one notebook, while its kernel runs.
pub(crate) struct Shelf {
    service: Arc<Service>,
    notebook: String,
    bucket: Bucket,
    by_cell: HashMap<String, u64>,
    /// Bytes that only versions keep.
    versions: u64,
    /// Bytes of the project's other notebooks.
    beside: u64,
    looked: Instant,
    /// To be carried out with the change of the document.
    pub(crate) statements: Vec<Statement>,
}

impl Shelf {
    pub(crate) async fn open(service: &Arc<Service>, notebook: &str, project: &str) -> Result<Self, Error> {
        let mut shelf = Self {
            service: service.clone(),
            notebook: notebook.to_owned(),
            bucket: service.bucket(project).await?,
            by_cell: HashMap::new(),
            versions: 0,
            beside: 0,
            looked: Instant::now(),
            statements: Vec::new(),
        };
        shelf.by_cell = shelf.look().await?.into_iter().collect();
        Ok(shelf)
    }

    /// Asks what this notebook's versions and the project's other notebooks hold; gives what cells hold.
    async fn look(&mut self) -> Result<Vec<(String, u64)>, Error> {
        let mut sql = self.service.deps.db.read();
        let held = rows::held(&mut sql, &self.notebook).await?;
        self.versions = held.versions;
        self.beside = rows::held_beside(&mut sql, self.bucket.project.as_str(), &self.notebook).await?;
        self.looked = Instant::now();
        Ok(held.cells)
    }

    /// Bytes that a cell may still store, and whose quota says so. What other notebooks of the project store meanwhile
    /// is known within half a second.
    pub(crate) async fn allowance(&mut self, cell: &str) -> Result<(u64, &'static str), Error> {
        if self.looked.elapsed() > FRESH {
            // What cells hold is known better here: not all of it is in the database yet.
            self.look().await?;
        }
        let quotas = self.service.config.quotas;
        let own = self.by_cell.get(cell).copied().unwrap_or_default();
        let all = self.by_cell.values().sum::<u64>().saturating_add(self.versions);
        let rooms = [
            (quotas.cell.saturating_sub(own), "cell"),
            (quotas.notebook.saturating_sub(all), "notebook"),
            (quotas.project.saturating_sub(all.saturating_add(self.beside)), "project"),
        ];
        Ok(rooms.into_iter().min_by_key(|(room, _)| *room).unwrap_or_default())
    }

    /// A cell shows nothing any more. What a version keeps of it stays.
    pub(crate) fn forget(&mut self, cell: &str) {
        self.by_cell.remove(cell);
        // Also what came back with a version, of which nothing is known here.
        self.statements.push(rows::leave_cell(&self.notebook, cell));
    }

    /// Something that a widget showed in a cell is not shown any more.
    pub(crate) fn release(&mut self, cell: &str, output: &str, bytes: u64) {
        if let Some(own) = self.by_cell.get_mut(cell) {
            *own = own.saturating_sub(bytes);
        }
        self.statements.push(rows::leave_output(&self.notebook, output));
    }

    fn count(&mut self, slot: Slot<'_>, bytes: u64) {
        let Slot { cell, output, media, part } = slot;
        *self.by_cell.entry(cell.to_owned()).or_default() += bytes;
        let (notebook, project) = (self.notebook.as_str(), self.bucket.project.as_str());
        self.statements.push(rows::part(&rows::Part { notebook, project, cell, output, media, part, bytes }));
    }

    pub(crate) async fn put(&mut self, slot: Slot<'_>, bytes: Bytes) -> Result<(), Error> {
        let length = bytes.len() as u64;
        let key = key_of(&self.notebook, slot.output, slot.part);
        self.service.deps.storage.put_internal_bytes(&self.bucket, &key, bytes).await?;
        self.count(slot, length);
        Ok(())
    }

    /// Copies a value of the keeper, a piece at a time.
    pub(crate) async fn copy(
        &mut self,
        slot: Slot<'_>,
        source: &Source,
        spool: u64,
        bytes: u64,
    ) -> Result<(), Error> {
        let key = key_of(&self.notebook, slot.output, slot.part);
        let pieces = Box::pin(source.clone().stream(spool, bytes));
        self.service.deps.storage.put_internal(&self.bucket, &key, pieces).await?;
        self.count(slot, bytes);
        Ok(())
    }
}
