//! The parts of multipart uploads: files in the staging folder, rows that name them.

use super::Service;
use crate::staging::{Allowance, Staged, Temporary};
use crate::store::multipart::{self, Multipart, Part};
use castalia_base::Error;
use s3s::checksum::ChecksumHasher;
use std::path::PathBuf;
use tokio_util::io::ReaderStream;

impl Service {
    fn part_file(&self, name: &str) -> PathBuf {
        self.staging.folder("parts").join(name)
    }

    pub(crate) async fn begin_multipart(&self, upload: &Multipart) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        multipart::insert(&mut tx, upload).await?;
        tx.commit().await
    }

    pub(crate) async fn multipart(&self, id: &str) -> Result<Option<Multipart>, Error> {
        multipart::find(&mut self.db.read(), id).await
    }

    pub(crate) async fn multiparts_of(&self, access_key: &str) -> Result<Vec<Multipart>, Error> {
        multipart::of_owner(&mut self.db.read(), access_key).await
    }

    pub(crate) async fn parts(&self, id: &str) -> Result<Vec<Part>, Error> {
        multipart::parts(&mut self.db.read(), id).await
    }

    /// Bytes in the unfinished uploads of an access key; they count against its quota.
    pub(crate) async fn staged_parts(&self, access_key: &str) -> Result<u64, Error> {
        multipart::staged(&mut self.db.read(), access_key).await
    }

    /// Keeps a part; one of the same number is replaced.
    pub(crate) async fn keep_part(
        &self,
        upload: &Multipart,
        part: &Part,
        file: &mut Temporary,
    ) -> Result<(), Error> {
        let path = self.part_file(&part.file);
        tokio::fs::rename(file.path(), &path).await.map_err(crate::error::io)?;
        file.keep();
        let mut kept = Temporary::new(path);
        let mut tx = self.db.begin().await?;
        let old = multipart::put_part(&mut tx, &upload.id, part).await?;
        tx.commit().await?;
        kept.keep();
        if let Some(old) = old {
            drop(Temporary::new(self.part_file(&old)));
        }
        Ok(())
    }

    /// All parts in one staged file.
    pub(crate) async fn join_parts(&self, parts: &[Part], checks: ChecksumHasher) -> Result<Staged, Error> {
        // Quotas were checked when the parts came and are checked again when the whole is recorded.
        let mut sink = self.staging.sink("new", Allowance::default(), checks)?;
        for part in parts {
            let file = tokio::fs::File::open(self.part_file(&part.file)).await.map_err(crate::error::io)?;
            sink.write_all(ReaderStream::with_capacity(file, 512 << 10)).await?;
        }
        sink.finish().await
    }

    /// Removes the files of parts whose rows are gone.
    pub(crate) fn drop_parts(&self, parts: &[Part]) {
        parts.iter().for_each(|part| drop(Temporary::new(self.part_file(&part.file))));
    }

    /// Ends an upload without a result.
    pub(crate) async fn abort_multipart(&self, id: &str) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let parts = multipart::parts(&mut tx, id).await?;
        multipart::delete(&mut tx, id).await?;
        tx.commit().await?;
        self.drop_parts(&parts);
        Ok(())
    }
}
