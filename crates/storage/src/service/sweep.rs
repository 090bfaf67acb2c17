//! Cleaning up behind an earlier life, and behind clients that never came back.

use super::Service;
use crate::blobs::{Aside, Blobs, Folder};
use crate::error;
use crate::key::Key;
use crate::staging::{Temporary, blocking};
use crate::store::{credentials, multipart, objects, structures, uploads};
use castalia_base::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Nothing younger is taken for garbage: it may be on its way.
const YOUNG: Duration = Duration::from_secs(3600);
/// How long a multipart upload may stay open, in milliseconds.
const MULTIPART_MS: i64 = 7 * 86_400_000;
/// How long dead access keys are remembered, in milliseconds.
const DEAD_KEYS_MS: i64 = 7 * 86_400_000;
/// The folders of a bucket that are ours to clean.
const ROOTS: [&str; 3] = ["uploads", "processes", "logs"];

impl Service {
    /// Settles overwrites that an earlier life left half done. Call it before anything is served; the sweep
    /// calls it too.
    ///
    /// # Errors
    /// Whatever the database or the disk says; calling again goes on.
    pub async fn recover(&self) -> Result<(), Error> {
        let Blobs::Folder(folder) = &self.blobs else {
            return Ok(());
        };
        for note in files_below(self.staging.folder("undo")).await? {
            match Aside::found(folder, note.clone()) {
                Some(aside) => self.settle(aside).await?,
                // A blob whose note was not written: nothing was changed yet.
                None if note.extension().is_some_and(|e| e == "blob")
                    && !note.with_extension("json").exists() =>
                {
                    drop(Temporary::new(note));
                }
                None => remove_old(note),
            }
        }
        Ok(())
    }

    async fn settle(&self, aside: Aside) -> Result<(), Error> {
        let note = aside.note().clone();
        let project = self.bucket_named(&note.bucket).await?.map(|bucket| bucket.project.to_string());
        // A write that is under way holds this lock until nothing lies aside any more.
        let _lock = self.keys.write(project.as_deref().unwrap_or_default(), &note.key).await;
        if !aside.is_there() {
            return Ok(());
        }
        let row = match self.bucket_named(&note.bucket).await? {
            Some(bucket) => objects::find(&mut self.db.read(), bucket.project.as_str(), &note.key).await?,
            None => None,
        };
        match row {
            Some(row) if row.etag != note.new_etag => aside.restore().await,
            _ => {
                aside.forget();
                Ok(())
            }
        }
    }

    async fn bucket_named(&self, name: &str) -> Result<Option<crate::Bucket>, Error> {
        self.buckets.find(name).await
    }

    /// Removes what nobody will ask for again: expired uploads, old multipart uploads, staged files and
    /// blobs without a row that are older than an hour. Call it at the start and every hour or so.
    ///
    /// # Errors
    /// Whatever the database or the disk says; calling again goes on.
    pub async fn sweep(self: &Arc<Self>) -> Result<(), Error> {
        self.recover().await?;
        let now = self.clock.now();
        for id in uploads::expired_sessions(&mut self.db.read(), now).await? {
            self.forget_session(&id).await?;
        }
        for id in multipart::begun_before(&mut self.db.read(), now.plus_ms(-MULTIPART_MS)).await? {
            self.abort_multipart(&id).await?;
        }
        let mut tx = self.db.begin().await?;
        credentials::prune(&mut tx, now.plus_ms(-DEAD_KEYS_MS)).await?;
        structures::sweep(&mut tx).await?;
        tx.commit().await?;
        self.sweep_staging().await?;
        if let Blobs::Folder(folder) = &self.blobs {
            self.sweep_blobs(folder).await?;
        }
        Ok(())
    }

    async fn sweep_staging(&self) -> Result<(), Error> {
        for file in files_below(self.staging.folder("new")).await? {
            remove_old(file);
        }
        for file in files_below(self.staging.folder("parts")).await? {
            if !multipart::has_file(&mut self.db.read(), &name_of(&file)).await? {
                remove_old(file);
            }
        }
        for file in files_below(self.staging.folder("uploads")).await? {
            if uploads::find_session(&mut self.db.read(), &name_of(&file)).await?.is_none() {
                remove_old(file);
            }
        }
        Ok(())
    }

    async fn sweep_blobs(&self, folder: &Folder) -> Result<(), Error> {
        for bucket_folder in folders_in(folder.root().to_owned()).await? {
            let Some(bucket) = self.bucket_named(&name_of(&bucket_folder)).await? else {
                continue;
            };
            for root in ROOTS {
                for file in files_below(bucket_folder.join(root)).await? {
                    let below = file.strip_prefix(&bucket_folder).ok().and_then(Path::to_str);
                    let Some(key) = below.and_then(|text| Key::parse(text).ok()) else {
                        continue;
                    };
                    if !is_old(&file) {
                        continue;
                    }
                    let _lock = self.keys.write(bucket.project.as_str(), key.as_str()).await;
                    let row =
                        objects::find(&mut self.db.read(), bucket.project.as_str(), key.as_str()).await?;
                    if row.is_none() {
                        tracing::info!(bucket = bucket.name, %key, "removed a file that no object claims");
                        self.blobs.delete(&bucket.name, &key).await?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn is_old(path: &Path) -> bool {
    let changed = std::fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
    changed.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > YOUNG))
}

fn remove_old(path: PathBuf) {
    if is_old(&path) {
        drop(Temporary::new(path));
    }
}

async fn folders_in(root: PathBuf) -> Result<Vec<PathBuf>, Error> {
    blocking(move || {
        let entries = std::fs::read_dir(root)?.filter_map(Result::ok);
        Ok(entries.filter(|e| e.file_type().is_ok_and(|t| t.is_dir())).map(|e| e.path()).collect())
    })
    .await
}

/// All files below a folder, without following links.
async fn files_below(root: PathBuf) -> Result<Vec<PathBuf>, Error> {
    let walk = move || {
        let (mut open, mut files) = (vec![root], Vec::new());
        while let Some(folder) = open.pop() {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            for entry in entries.filter_map(Result::ok) {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => open.push(entry.path()),
                    Ok(kind) if kind.is_file() => files.push(entry.path()),
                    _ => {}
                }
            }
        }
        Ok(files)
    };
    tokio::task::spawn_blocking(walk).await.map_err(Error::internal)?.map_err(error::io)
}
