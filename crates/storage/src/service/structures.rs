//! The structure of uploads and datasets: found in their first bytes when it is first asked for, then remembered.

use super::Service;
use crate::key::Key;
use crate::model::{Dataset, Upload};
use crate::preview::{STRUCTURE_HEAD, Said, Structure, structure};
use crate::store::objects::Object;
use crate::store::structures;
use castalia_base::Error;
use castalia_http::ByteRange;
use futures::{StreamExt, TryStreamExt};

/// How many files are looked into at once.
const AT_ONCE: usize = 8;

/// A file whose structure is wanted.
struct Wanted {
    project: String,
    key: String,
    sha256: String,
    media_type: String,
    size: u64,
}

impl Service {
    /// Fills in what contents and writers say of the structure.
    pub(super) async fn structure_datasets(&self, datasets: &mut [Dataset]) -> Result<(), Error> {
        let wanted = datasets.iter().map(|d| Wanted {
            project: d.project.to_string(),
            key: d.key.clone(),
            sha256: d.sha256.clone(),
            media_type: d.media_type.clone(),
            size: d.size,
        });
        let found = self.structures(wanted.collect()).await?;
        for (dataset, found) in datasets.iter_mut().zip(found) {
            let mut columns = found.columns;
            dataset.said().add_to(&mut columns);
            dataset.columns = columns;
            dataset.crs = dataset.crs.take().or(found.crs);
        }
        Ok(())
    }

    /// Fills in what contents say of the structure.
    pub(super) async fn structure_uploads(&self, uploads: &mut [Upload]) -> Result<(), Error> {
        let wanted = uploads.iter().map(|u| Wanted {
            project: u.project.to_string(),
            key: u.key.clone(),
            sha256: u.sha256.clone(),
            media_type: u.media_type.clone(),
            size: u.size,
        });
        let found = self.structures(wanted.collect()).await?;
        for (upload, found) in uploads.iter_mut().zip(found) {
            (upload.columns, upload.crs) = (found.columns, found.crs);
        }
        Ok(())
    }

    async fn structures(&self, wanted: Vec<Wanted>) -> Result<Vec<Structure>, Error> {
        let each = wanted.into_iter().map(|wanted| async move { self.structure(&wanted).await });
        futures::stream::iter(each).buffered(AT_ONCE).try_collect().await
    }

    async fn structure(&self, wanted: &Wanted) -> Result<Structure, Error> {
        let known = structures::find(&mut self.db.read(), &wanted.sha256, &wanted.media_type).await?;
        if let Some(known) = known {
            return Ok(known);
        }
        let found = match self.head_of(wanted).await {
            Ok(Some(head)) => {
                let (media_type, size) = (wanted.media_type.clone(), wanted.size);
                let look = move || structure(&media_type, size, &head);
                tokio::task::spawn_blocking(look).await.map_err(Error::internal)?
            }
            // Replaced or deleted meanwhile, or the bytes can't be read now: what is known is still shown.
            Ok(None) => return Ok(Structure::default()),
            Err(error) => {
                tracing::warn!(key = wanted.key, error = error.chain(), "can't look into a file");
                return Ok(Structure::default());
            }
        };
        let mut tx = self.db.begin().await?;
        structures::put(&mut tx, &wanted.sha256, &wanted.media_type, &found).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// The first bytes, if they are still those that are wanted.
    async fn head_of(&self, wanted: &Wanted) -> Result<Option<Vec<u8>>, Error> {
        let bucket = self.bucket_of(&wanted.project).await?;
        let part = |object: &Object| Ok(Some(ByteRange { start: 0, end: object.size.min(STRUCTURE_HEAD) }));
        let (object, _, bytes) = match self.read(&bucket, &Key::parse(&wanted.key)?, part).await {
            Err(error) if error.kind() == castalia_base::Kind::NotFound => return Ok(None),
            read => read?,
        };
        if object.sha256 != wanted.sha256 {
            return Ok(None);
        }
        let collect = |mut all: Vec<u8>, chunk: bytes::Bytes| async move {
            all.extend_from_slice(&chunk);
            Ok(all)
        };
        bytes.try_fold(Vec::new(), collect).await.map(Some).map_err(crate::error::io)
    }
}

impl Dataset {
    /// What its writer said of its columns.
    pub(crate) fn said(&self) -> Said<'_> {
        Said { units: self.units.as_deref(), columns: self.declared.as_ref() }
    }
}
