//! Where the files of notebooks lie.
//!
//! In the project's bucket: `notebooks/{name}.ipynb` is the file, `notebooks/{id}/outputs/…` what is too big for the
//! document, `notebooks/{id}/versions/…` what it was before. The files may lie in a folder of the machine instead,
//! `{folder}/{project}/{name}.ipynb`, where other programs (git, JupyterLab) work with them. And any file may lie in a
//! workspace's volume.

use super::place::{InBucket, InFolder, Pieces, Place, read_object, read_part};
use super::volume::{InVolume, Volumes, gone, identity, is_in_volume};
use crate::store;
use crate::stored::{key_of, rows};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use castalia_base::{Error, Kind};
use castalia_db::{Db, Sql};
use castalia_storage::Bucket;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What files need of the place where they are.
#[async_trait]
pub(crate) trait Ground: Send + Sync {
    /// Where the file of a notebook is, and by what it is known: its name, or in a volume
    /// [`identity`](super::volume::identity).
    async fn place(&self, notebook: &str) -> Result<(Box<dyn Place>, String), Error>;
    /// Stores a big value of an output, of which the digest is known, and says under which id. The same value is
    /// stored once.
    async fn shelve(&self, value: Big<'_>, bytes: Bytes) -> Result<String, Error>;
    /// Keeps bytes for a notebook.
    async fn put(&self, notebook: &str, folder: &str, name: &str, bytes: Bytes) -> Result<(), Error>;
    /// Gets them again; `None` when they are gone.
    async fn get(&self, notebook: &str, folder: &str, name: &str) -> Result<Option<Bytes>, Error>;
    /// Reads the first so many bytes of a stored output, in pieces. What is not there leaves a word.
    async fn read(&self, notebook: &str, output: &str, bytes: u64) -> Result<Pieces, Error>;
    /// Gets the beginning of them.
    async fn head(
        &self,
        notebook: &str,
        folder: &str,
        name: &str,
        bytes: u64,
    ) -> Result<Option<Bytes>, Error>;
    /// Removes the file that the notebook had under an earlier name.
    async fn remove_file(&self, notebook: &str, name: &str) -> Result<(), Error>;
    /// Removes them.
    async fn remove(&self, notebook: &str, folder: &str, name: &str) -> Result<(), Error>;
}

/// A value that is too big for the document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Big<'a> {
    pub(crate) notebook: &'a str,
    /// The cell that shows it.
    pub(crate) cell: &'a str,
    /// Its MIME type.
    pub(crate) media: &'a str,
    /// In hexadecimal.
    pub(crate) sha256: &'a str,
}

impl Big<'_> {
    /// The id under which it is stored, unless that is about to be deleted.
    pub(crate) fn id(&self) -> &str {
        &self.sha256[..32]
    }
}

/// The buckets of projects.
pub(crate) struct Buckets {
    pub(crate) db: Db,
    pub(crate) projects: Arc<castalia_projects::Service>,
    pub(crate) storage: Arc<castalia_storage::Service>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) volumes: Arc<dyn Volumes>,
    /// Notebooks that are being made: their projects and names.
    pub(crate) coming: Mutex<HashMap<String, (String, String)>>,
}

impl Buckets {
    async fn of(&self, notebook: &str) -> Result<(Bucket, String), Error> {
        let coming = self.coming().get(notebook).cloned();
        if let Some((project, name)) = coming {
            return Ok((self.bucket(&project).await?, name));
        }
        let found = store::find(&mut self.db.read(), notebook).await?;
        let found = found.ok_or_else(|| Error::not_found("notebook", notebook))?;
        Ok((self.bucket(&found.project).await?, found.name))
    }

    fn coming(&self) -> MutexGuard<'_, HashMap<String, (String, String)>> {
        self.coming.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A notebook will be there soon; until then its files go to this project.
    pub(crate) fn expect(&self, notebook: &str, project: &str, name: &str) {
        self.coming().insert(notebook.to_owned(), (project.to_owned(), name.to_owned()));
    }

    /// It is there now, or will never be.
    pub(crate) fn arrived(&self, notebook: &str) {
        self.coming().remove(notebook);
    }

    /// Removes everything that a notebook has here; its file if that is named.
    pub(crate) async fn clear(&self, project: &str, notebook: &str, name: Option<&str>) -> Result<(), Error> {
        let bucket = self.bucket(project).await?;
        if let Some(name) = name {
            self.remove_from(&bucket, name).await?;
        }
        self.storage.delete_prefix(&bucket, &format!("notebooks/{notebook}/")).await.map(drop)
    }

    /// Whether there is a file of this name.
    pub(crate) async fn is_there(&self, project: &str, name: &str) -> Result<bool, Error> {
        let bucket = self.bucket(project).await?;
        match &self.folder {
            Some(folder) => {
                let path = folder.join(&bucket.name).join(name);
                tokio::fs::try_exists(&path).await.map_err(|error| super::place::refused(&path, &error))
            }
            None => Ok(self.storage.size(&bucket, &file_key(name)).await?.is_some()),
        }
    }

    async fn remove_from(&self, bucket: &Bucket, name: &str) -> Result<(), Error> {
        match &self.folder {
            Some(folder) => {
                let path = folder.join(&bucket.name).join(name);
                match tokio::fs::remove_file(&path).await {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::internal(error)),
                    _ => Ok(()),
                }
            }
            None => self.storage.delete_internal(bucket, &file_key(name)).await.map(drop),
        }
    }

    /// The bucket of a project.
    pub(crate) async fn bucket(&self, project: &str) -> Result<Bucket, Error> {
        let project = self.projects.get(&mut self.db.read(), project).await?;
        let quota_bytes = project.limits.storage_mb.map(|mb| mb << 20);
        Ok(Bucket { quota_bytes, project: project.id, name: project.name })
    }
}

/// The key of a notebook's file.
pub(crate) fn file_key(name: &str) -> String {
    format!("notebooks/{name}")
}

fn key(notebook: &str, folder: &str, name: &str) -> Result<String, Error> {
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    match plain {
        true if folder == super::outputs::FOLDER => {
            Ok(format!("notebooks/{notebook}/{folder}/{name}/000000"))
        }
        true => Ok(format!("notebooks/{notebook}/{folder}/{name}")),
        false => Err(Error::not_found("output", name)),
    }
}

#[async_trait]
impl Ground for Buckets {
    async fn place(&self, notebook: &str) -> Result<(Box<dyn Place>, String), Error> {
        let found = store::find(&mut self.db.read(), notebook).await?;
        if let Some((workspace, path)) = found.and_then(|notebook| notebook.file) {
            let root = match self.volumes.folder(&workspace).await {
                Err(error) if error.kind() == Kind::NotFound => return Err(gone()),
                root => root?,
            };
            let known_by = identity(&workspace, &path);
            return Ok((Box::new(InVolume { root, path }), known_by));
        }
        let (bucket, name) = self.of(notebook).await?;
        if let Some(folder) = &self.folder {
            let path = folder.join(&bucket.name).join(&name);
            return Ok((Box::new(InFolder { path }), name));
        }
        let key = file_key(&name);
        Ok((Box::new(InBucket { storage: self.storage.clone(), bucket, key }), name))
    }

    async fn shelve(&self, value: Big<'_>, bytes: Bytes) -> Result<String, Error> {
        let Big { notebook, cell, media, .. } = value;
        let (bucket, _) = self.of(notebook).await?;
        let output = match rows::known(&mut self.db.read(), notebook, value.id()).await? {
            // The sweep may delete it at any moment.
            Some(false) => castalia_base::id::fresh("out"),
            _ => value.id().to_owned(),
        };
        let key = key_of(notebook, &output, 0);
        let part = rows::Part {
            notebook,
            project: bucket.project.as_str(),
            cell,
            output: &output,
            media,
            part: 0,
            bytes: bytes.len() as u64,
        };
        let row = rows::part(&part);
        // The row first: what it tells of is swept when we come to an end before anything refers to it.
        let mut tx = self.db.begin().await?;
        tx.execute(row.sql, row.params).await?;
        tx.commit().await?;
        if self.storage.size(&bucket, &key).await? != Some(bytes.len() as u64) {
            self.storage.put_internal_bytes(&bucket, &key, bytes).await?;
        }
        Ok(output)
    }

    async fn put(&self, notebook: &str, folder: &str, name: &str, bytes: Bytes) -> Result<(), Error> {
        let (bucket, _) = self.of(notebook).await?;
        let key = key(notebook, folder, name)?;
        self.storage.put_internal_bytes(&bucket, &key, bytes).await.map(drop)
    }

    async fn get(&self, notebook: &str, folder: &str, name: &str) -> Result<Option<Bytes>, Error> {
        let (bucket, _) = self.of(notebook).await?;
        let first = key(notebook, folder, name)?;
        let Some(bytes) = read_object(&self.storage, &bucket, &first).await? else {
            return Ok(None);
        };
        let Some(stem) = first.strip_suffix("/000000") else {
            return Ok(Some(bytes));
        };
        // What a kernel printed comes in parts.
        let mut all = BytesMut::from(&bytes[..]);
        for part in 1.. {
            match read_object(&self.storage, &bucket, &format!("{stem}/{part:06}")).await? {
                Some(bytes) => all.extend_from_slice(&bytes),
                None => break,
            }
        }
        Ok(Some(all.freeze()))
    }

    async fn read(&self, notebook: &str, output: &str, bytes: u64) -> Result<Pieces, Error> {
        let (bucket, _) = self.of(notebook).await?;
        let first = key(notebook, super::outputs::FOLDER, output)?;
        let stem = first.trim_end_matches('0').to_owned();
        let storage = self.storage.clone();
        // What a kernel printed comes in parts.
        let parts = stream::try_unfold((0u64, bytes), move |(part, left)| {
            let (storage, bucket, key) = (storage.clone(), bucket.clone(), format!("{stem}{part:06}"));
            async move {
                if left == 0 {
                    return Ok(None);
                }
                match storage.read_range(&bucket, &key, Some((0, left))).await {
                    Ok((object, pieces)) => {
                        let left = left.saturating_sub(object.size.max(1));
                        Ok(Some((pieces.map_err(Error::internal).boxed(), (part + 1, left))))
                    }
                    Err(error) if error.kind() == Kind::NotFound => {
                        let word = Bytes::from(super::outputs::gone(left));
                        Ok(Some((stream::iter([Ok(word)]).boxed(), (part, 0))))
                    }
                    Err(error) => Err(error),
                }
            }
        });
        Ok(parts.try_flatten().boxed())
    }

    async fn head(
        &self,
        notebook: &str,
        folder: &str,
        name: &str,
        bytes: u64,
    ) -> Result<Option<Bytes>, Error> {
        let (bucket, _) = self.of(notebook).await?;
        read_part(&self.storage, &bucket, &key(notebook, folder, name)?, Some((0, bytes))).await
    }

    async fn remove_file(&self, notebook: &str, name: &str) -> Result<(), Error> {
        if is_in_volume(name) {
            // It stays, as its people's.
            return Ok(());
        }
        let (bucket, _) = self.of(notebook).await?;
        self.remove_from(&bucket, name).await
    }

    async fn remove(&self, notebook: &str, folder: &str, name: &str) -> Result<(), Error> {
        let (bucket, _) = self.of(notebook).await?;
        match self.storage.delete_internal(&bucket, &key(notebook, folder, name)?).await {
            Err(error) if error.kind() != Kind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
