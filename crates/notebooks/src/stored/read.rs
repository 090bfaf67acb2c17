//! Reading stored outputs, in pieces.

use super::media::{self, Measure};
use super::{key_of, rows};
use crate::Service;
use crate::document::shared;
use bytes::Bytes;
use castalia_base::{Ctx, Error};
use castalia_storage::Bucket;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};

/// A stored output to be read.
pub(crate) struct StoredOutput {
    bucket: Bucket,
    notebook: String,
    id: String,
    /// Number and bytes of each.
    parts: Vec<(u64, u64)>,
    /// Its MIME type.
    pub(crate) media: String,
    /// All bytes, as the kernel or the file had them.
    pub(crate) bytes: u64,
}

impl Service {
    pub(crate) async fn bucket(&self, project: &str) -> Result<Bucket, Error> {
        let project = self.deps.projects.get(&mut self.deps.db.read(), project).await?;
        Ok(Bucket { project: project.id, name: project.name, quota_bytes: None })
    }

    /// Finds a stored output of a notebook that the caller may see.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn stored_output(
        &self,
        ctx: &Ctx,
        notebook: &str,
        id: &str,
    ) -> Result<StoredOutput, Error> {
        let found = self.find(ctx, notebook, "notebooks.view").await?;
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if id.is_empty() || !plain {
            return Err(Error::not_found("output", id));
        }
        let (mut parts, mut media) = rows::parts(&mut self.deps.db.read(), &found.id, id).await?;
        let bucket = self.bucket(&found.project).await?;
        if parts.is_empty() {
            // One that came with a file in earlier times has one part, and no row; the document says what it is.
            let size = self.deps.storage.size(&bucket, &key_of(&found.id, id, 0)).await?;
            parts.push((0, size.ok_or_else(|| Error::not_found("output", id))?));
            media = self.media_in_document(&found.id, id).await?;
        }
        let bytes = parts.iter().map(|(_, bytes)| bytes).sum();
        Ok(StoredOutput { bucket, notebook: found.id, id: id.to_owned(), parts, media, bytes })
    }

    async fn media_in_document(&self, notebook: &str, id: &str) -> Result<String, Error> {
        let room = self.room(notebook).await?;
        let cells = room.read(|txn| shared::read(txn).cells);
        let mut stored = cells.iter().flat_map(|cell| &cell.outputs).flat_map(|output| &output.stored);
        let name = stored.find(|(_, note)| note["id"] == id).map(|(name, _)| name.as_str());
        Ok(name.filter(|name| *name != "text").unwrap_or(media::TEXT).to_owned())
    }

    /// The bytes `start..end`.
    pub(crate) fn range(
        &self,
        stored: &StoredOutput,
        start: u64,
        end: u64,
    ) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<> {
        let mut wanted = Vec::new();
        let mut at = 0;
        for (part, bytes) in &stored.parts {
            let (from, to) = (start.max(at), end.min(at + bytes));
            if from < to {
                let key = key_of(&stored.notebook, &stored.id, *part);
                wanted.push((key, from - at, to - at));
            }
            at += bytes;
        }
        let (storage, bucket) = (self.deps.storage.clone(), stored.bucket.clone());
        stream::iter(wanted)
            .then(move |(key, from, to)| {
                let (storage, bucket) = (storage.clone(), bucket.clone());
                async move {
                    match storage.read_range(&bucket, &key, Some((from, to))).await {
                        Ok((_, bytes)) => bytes.map(|b| b.map_err(Error::internal)).boxed(),
                        Err(error) => stream::iter([Err(error)]).boxed(),
                    }
                }
            })
            .flatten()
    }

    /// How an output that is base64 looks decoded; `None` when it can't be.
    pub(crate) async fn measure(&self, stored: &StoredOutput) -> Result<Option<Measure>, Error> {
        if !media::is_base64(&stored.media) {
            return Ok(None);
        }
        let pieces = self.range(stored, 0, stored.bytes);
        let fold = |mut measure: Measure, piece: Bytes| {
            measure.push(&piece);
            futures::future::ready(Ok(measure))
        };
        let measure = pieces.try_fold(Measure::default(), fold).await?;
        Ok(Some(measure).filter(Measure::is_whole))
    }

    /// The bytes `start..end` of what an output of base64 stands for.
    pub(crate) fn decoded(
        &self,
        stored: &StoredOutput,
        measure: &Measure,
        start: u64,
        end: u64,
    ) -> BoxStream<'static, Result<Bytes, Error>> {
        let (from, skip) = measure.place_of(start);
        let pieces = self.range(stored, from, stored.bytes);
        media::decode(pieces.boxed(), skip, end - start).boxed()
    }
}
