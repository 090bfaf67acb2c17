//! Resumable uploads: bytes gather in a file of the staging folder, whose length is the offset.
//!
//! The file survives the server; the row says what it will become. An upload is complete when the file has
//! its announced size: it is then hashed, verified and published like any other object.

use super::Service;
use super::chunk_sum::ChunkSum;
use super::uploads::{Place, UploadOptions};
use crate::error;
use crate::key::Key;
use crate::model::Upload;
use crate::staging::{Allowance, Temporary, blocking, hash_file};
use crate::store::uploads::{self, Session};
use bytes::Bytes;
use castalia_base::id::UploadId;
use castalia_base::{Ctx, Error, id};
use futures::{Stream, StreamExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// How long a request waits for an earlier one of the same upload.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a resumable upload stands.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    pub(crate) id: String,
    pub(crate) offset: u64,
    pub(crate) size: u64,
    /// The session's expiry; `None` when the upload is complete.
    pub(crate) expires: Option<castalia_base::Timestamp>,
}

impl Service {
    /// Begins a resumable upload; one without bytes is complete at once.
    pub(crate) async fn begin_upload(
        self: &Arc<Self>,
        ctx: &Ctx,
        options: &UploadOptions,
    ) -> Result<Progress, Error> {
        let Place { bucket, key } = self.may_upload(ctx, options).await?;
        let size = options.size.unwrap_or_default();
        let mut sql = self.db.read();
        let announced = uploads::announced(&mut sql, bucket.project.as_str()).await?;
        self.allowance(&bucket, None, None, announced, key.as_str()).await?.check(size)?;
        let session = Session {
            id: UploadId::fresh().to_string(),
            project: bucket.project.to_string(),
            bucket: bucket.name.clone(),
            name: options.name.clone(),
            size,
            media_type: options.media_type.clone(),
            sha256: options.sha256.clone(),
            replace: options.replace,
            created_by: ctx.principal().id.clone(),
            created_at: ctx.now(),
            expires_at: self.upload_expiry(),
        };
        let path = self.staging.session(&session.id);
        tokio::fs::File::create_new(&path).await.map_err(error::io)?;
        let mut file = Temporary::new(path);
        let mut tx = self.db.begin().await?;
        uploads::begin_session(&mut tx, &session).await?;
        tx.commit().await?;
        file.keep();
        if size == 0 {
            self.complete_session(ctx, &session).await?;
        }
        Ok(Progress { id: session.id, offset: 0, size, expires: Some(session.expires_at) })
    }

    /// The session, if the caller may go on with it.
    async fn session(&self, ctx: &Ctx, id: &str) -> Result<Option<Session>, Error> {
        id::check(UploadId::PREFIX, id)?;
        let found = uploads::find_session(&mut self.db.read(), id).await?;
        if let Some(session) = &found {
            ctx.require("uploads.create", &session.project, "upload", id)?;
            if session.expires_at < ctx.now() {
                return Err(Error::not_found("upload", id));
            }
        }
        Ok(found)
    }

    /// Where a resumable upload stands. One whose last bytes came just before a crash is completed here.
    pub(crate) async fn upload_progress(self: &Arc<Self>, ctx: &Ctx, id: &str) -> Result<Progress, Error> {
        let Some(session) = self.session(ctx, id).await? else {
            let upload = self.upload_with(ctx, "uploads.create", id).await?;
            return Ok(Progress { id: id.to_owned(), offset: upload.size, size: upload.size, expires: None });
        };
        let _lock = self.lock_session(&session).await?;
        let offset = self.session_offset(&session).await?;
        if offset == session.size {
            self.complete_session(ctx, &session).await?;
        }
        Ok(Progress { id: session.id, offset, size: session.size, expires: Some(session.expires_at) })
    }

    async fn lock_session(&self, session: &Session) -> Result<tokio::sync::RwLockWriteGuard<'_, ()>, Error> {
        let lock = tokio::time::timeout(PATIENCE, self.sessions.write(&session.project, &session.id)).await;
        lock.map_err(|_| {
            Error::conflict("upload_busy", "another request is writing to this upload; try again")
        })
    }

    async fn session_offset(&self, session: &Session) -> Result<u64, Error> {
        let path = self.staging.session(&session.id);
        let synced = move || {
            let file = std::fs::File::open(path)?;
            file.sync_data()?;
            Ok(file.metadata()?.len())
        };
        blocking(synced).await
    }

    /// Adds bytes at `offset`, which must be where the upload stands. What came before a break stays, unless
    /// the chunk has a checksum, which is then demanded of the whole chunk.
    ///
    /// # Errors
    /// `offset_mismatch`, `upload_too_large` for bytes past the announced size, `checksum_mismatch`.
    pub(crate) async fn append_upload<S, E>(
        self: &Arc<Self>,
        ctx: &Ctx,
        id: &str,
        offset: u64,
        sum: Option<ChunkSum>,
        body: S,
    ) -> Result<Progress, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: std::fmt::Display,
    {
        let session =
            self.session(ctx, id).await?.ok_or_else(|| Error::not_found("unfinished upload", id))?;
        let _lock = self.lock_session(&session).await?;
        let stands = self.session_offset(&session).await?;
        if stands != offset {
            let text = format!("the upload stands at {stands}, not at {offset}; go on from there");
            return Err(Error::conflict("offset_mismatch", text));
        }
        let offset = self.append_chunk(&session, stands, sum, body).await?;
        let expires = self.upload_expiry();
        let mut tx = self.db.begin().await?;
        uploads::prolong_session(&mut tx, id, expires).await?;
        tx.commit().await?;
        if offset == session.size {
            self.complete_session(ctx, &session).await?;
        }
        Ok(Progress { id: session.id, offset, size: session.size, expires: Some(expires) })
    }

    async fn append_chunk<S, E>(
        &self,
        session: &Session,
        stands: u64,
        sum: Option<ChunkSum>,
        body: S,
    ) -> Result<u64, Error>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: std::fmt::Display,
    {
        let path = self.staging.session(&session.id);
        let allowance = Allowance { file: Some(session.size - stands), ..Allowance::default() };
        if let Some(sum) = sum {
            // Checked beside the file first, so that no unchecked byte ever counts.
            let mut sink = self.staging.sink("new", allowance, sum.algorithm.hasher())?;
            sink.write_all(body).await?;
            let chunk = sink.finish().await?;
            if sum.algorithm.digest(&chunk) != Some(sum.digest) {
                return Err(error::checksum_mismatch(sum.algorithm.name()));
            }
            let from = chunk.file.path().to_owned();
            blocking(move || join(&path, stands, from)).await?;
            return Ok(stands + chunk.size);
        }
        let mut file = tokio::fs::OpenOptions::new().append(true).open(&path).await.map_err(error::io)?;
        let (mut body, mut offset) = (std::pin::pin!(body), stands);
        let broken = loop {
            match tokio::time::timeout(Duration::from_secs(60), body.next()).await {
                Err(_) => break Some(error::broken_body("no bytes for a minute")),
                Ok(None) => break None,
                Ok(Some(Err(e))) => break Some(error::broken_body(&e.to_string())),
                Ok(Some(Ok(bytes))) => {
                    offset += bytes.len() as u64;
                    allowance.check(offset - stands)?;
                    file.write_all(&bytes).await.map_err(error::io)?;
                }
            }
        };
        file.flush().await.map_err(error::io)?;
        file.sync_data().await.map_err(error::io)?;
        broken.map_or(Ok(offset), Err)
    }

    /// Makes the gathered bytes an upload. Can be repeated after any failure but a wrong checksum.
    async fn complete_session(self: &Arc<Self>, ctx: &Ctx, session: &Session) -> Result<Upload, Error> {
        let options = UploadOptions {
            project: session.project.clone(),
            name: session.name.clone(),
            replace: session.replace,
            media_type: session.media_type.clone(),
            sha256: session.sha256.clone(),
            size: Some(session.size),
        };
        let bucket = self.bucket_of(&session.project).await?;
        let key = Key::parse(&format!("uploads/{}", session.name))?;
        let gathered = self.staging.session(&session.id);
        // Published by another name, so that a failure leaves the gathered bytes for the next try.
        let copy = self.staging.folder("new").join(id::fresh("tmp"));
        tokio::fs::hard_link(&gathered, &copy).await.map_err(error::io)?;
        let staged = hash_file(copy).await?;
        let ended = Some(session.id.clone());
        let place = Place { bucket, key };
        let done = self.finish_upload(ctx, place, session.id.parse()?, &options, staged, ended).await;
        match &done {
            Ok(_) => drop(Temporary::new(gathered)),
            Err(error) if error.code() == "checksum_mismatch" => self.forget_session(&session.id).await?,
            Err(_) => {}
        }
        done
    }

    /// Gives up a resumable upload, or deletes a complete one.
    pub(crate) async fn end_upload(self: &Arc<Self>, ctx: &Ctx, id: &str) -> Result<(), Error> {
        let Some(session) = self.session(ctx, id).await? else {
            return self.delete_upload(ctx, id).await;
        };
        let _lock = self.lock_session(&session).await?;
        self.forget_session(id).await
    }

    pub(super) async fn forget_session(&self, id: &str) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        uploads::end_session(&mut tx, id).await?;
        tx.commit().await?;
        drop(Temporary::new(self.staging.session(id)));
        Ok(())
    }
}

/// Puts a checked chunk at the end of the gathered bytes; cuts off what a failure left half done.
fn join(path: &PathBuf, stands: u64, chunk: PathBuf) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().append(true).open(path)?;
    let copied = std::fs::File::open(chunk).and_then(|mut from| std::io::copy(&mut from, &mut file));
    if let Err(error) = copied {
        file.set_len(stands)?;
        return Err(error);
    }
    file.sync_data()
}

impl Progress {
    /// Whether all bytes have come.
    pub(crate) fn is_complete(&self) -> bool {
        self.offset == self.size
    }
}
