//! Outputs that are too big for the document: objects of the project's storage, in parts, below `notebooks/ID/outputs/`.
//!
//! A part is written before the row that tells of it, under a name that follows from the journal: what is done again
//! after a crash writes the same bytes to the same place.

use super::store;
use crate::Service;
use crate::store::log::Statement;
use base64::Engine;
use bytes::Bytes;
use castalia_base::{Ctx, Error};
use castalia_kernel::{Client, read_left_behind};
use castalia_storage::Bucket;
use futures::{Stream, StreamExt};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

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

/// The stored outputs of one notebook, while its kernel runs.
pub(crate) struct Shelf {
    service: Arc<Service>,
    notebook: String,
    bucket: Bucket,
    by_cell: HashMap<String, u64>,
    /// To be carried out with the change of the document.
    pub(crate) statements: Vec<Statement>,
    /// Cells whose objects may go once that is done.
    pub(crate) gone: Vec<String>,
}

impl Shelf {
    pub(crate) async fn open(service: &Arc<Service>, notebook: &str, project: &str) -> Result<Self, Error> {
        let bucket = service.bucket(project).await?;
        let by_cell = store::stored_bytes(&mut service.deps.db.read(), notebook).await?.into_iter().collect();
        let notebook = notebook.to_owned();
        Ok(Self {
            service: service.clone(),
            notebook,
            bucket,
            by_cell,
            statements: Vec::new(),
            gone: Vec::new(),
        })
    }

    /// Bytes that a cell may still store.
    pub(crate) fn room_for(&self, cell: &str) -> u64 {
        let quotas = self.service.config.quotas;
        let all: u64 = self.by_cell.values().sum();
        let own = self.by_cell.get(cell).copied().unwrap_or_default();
        quotas.cell.saturating_sub(own).min(quotas.notebook.saturating_sub(all))
    }

    /// A cell shows nothing any more.
    pub(crate) fn forget(&mut self, cell: &str) {
        if self.by_cell.remove(cell).is_some() {
            self.statements.push(store::forget_cell(&self.notebook, cell));
            self.gone.push(cell.to_owned());
        }
    }

    fn count(&mut self, cell: &str, output: &str, media: &str, part: u64, bytes: u64) {
        *self.by_cell.entry(cell.to_owned()).or_default() += bytes;
        self.statements.push(store::part(&self.notebook, cell, output, media, part, bytes));
    }

    pub(crate) async fn put(
        &mut self,
        cell: &str,
        output: &str,
        media: &str,
        part: u64,
        bytes: Bytes,
    ) -> Result<(), Error> {
        let length = bytes.len() as u64;
        let key = key_of(&self.notebook, output, part);
        self.service.deps.storage.put_internal_bytes(&self.bucket, &key, bytes).await?;
        self.count(cell, output, media, part, length);
        Ok(())
    }

    /// Copies a value of the keeper, a piece at a time.
    #[expect(clippy::too_many_arguments, reason = "from where, to where, and what it is")]
    pub(crate) async fn copy(
        &mut self,
        cell: &str,
        output: &str,
        media: &str,
        part: u64,
        source: &Source,
        spool: u64,
        bytes: u64,
    ) -> Result<(), Error> {
        let key = key_of(&self.notebook, output, part);
        let pieces = Box::pin(source.clone().stream(spool, bytes));
        self.service.deps.storage.put_internal(&self.bucket, &key, pieces).await?;
        self.count(cell, output, media, part, bytes);
        Ok(())
    }
}
