//! Blobs as files: `{root}/{bucket}/{key}`.
//!
//! Every path is walked directory by directory with `O_NOFOLLOW`, so a symbolic link inside a bucket is an
//! error and never a way out of it. A blob appears by one rename of a complete, synced file.

use super::ByteStream;
use crate::error;
use crate::key::Key;
use crate::staging::{Staging, Temporary};
use castalia_base::{Error, id};
use castalia_http::ByteRange;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, fsync, linkat, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

const READ_BUFFER: usize = 256 << 10;

#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

/// The blob before a change, kept until the change of its row is sure.
pub(crate) struct Aside {
    folder: Folder,
    note: Note,
    note_file: PathBuf,
    blob_file: PathBuf,
}

/// What a later start needs to know to settle a change that was cut off.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) new_etag: String,
}

type Result<T, E = Error> = std::result::Result<T, E>;

impl Folder {
    pub(crate) fn open(root: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&root).map_err(error::io)?;
        Ok(Self { root })
    }
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    async fn run<T: Send + 'static>(
        &self,
        bucket: &str,
        key: &Key,
        work: impl FnOnce(&Walk<'_>) -> rustix::io::Result<T> + Send + 'static,
    ) -> Result<rustix::io::Result<T>> {
        let (root, bucket, key) = (self.root.clone(), Key::parse(bucket)?, key.clone());
        let task = move || work(&Walk { root: &root, bucket: bucket.as_str(), key: key.as_str() });
        tokio::task::spawn_blocking(task).await.map_err(Error::internal)
    }

    pub(super) async fn publish(&self, bucket: &str, key: &Key, file: &mut Temporary) -> Result<()> {
        let path = file.path().to_owned();
        let done = self.run(bucket, key, move |walk| walk.publish(&path)).await?;
        match done {
            Ok(()) => {
                file.keep();
                Ok(())
            }
            Err(Errno::NOTDIR | Errno::ISDIR | Errno::NOTEMPTY | Errno::EXIST | Errno::LOOP) => {
                Err(error::key_is_folder(key.as_str()))
            }
            Err(errno) => Err(error::errno(errno)),
        }
    }

    pub(super) async fn read(
        &self,
        bucket: &str,
        key: &Key,
        range: ByteRange,
        size: u64,
    ) -> Result<ByteStream> {
        let opened = self
            .run(bucket, key, move |walk| {
                let mut file = walk.open()?;
                if file.metadata().map_err(|_| Errno::IO)?.len() != size {
                    return Err(Errno::STALE);
                }
                if range.start > 0 {
                    file.seek(SeekFrom::Start(range.start)).map_err(|_| Errno::IO)?;
                }
                Ok(file)
            })
            .await?;
        let file = match opened {
            Ok(file) => tokio::fs::File::from_std(file),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Err(error::no_such_key(key.as_str())),
            Err(Errno::STALE) => {
                return Err(Error::internal(format!("the file of `{key}` was changed from outside")));
            }
            Err(errno) => return Err(error::errno(errno)),
        };
        let length = range.end - range.start;
        let capacity = usize::try_from(length).unwrap_or(READ_BUFFER).clamp(1, READ_BUFFER);
        Ok(Box::pin(ReaderStream::with_capacity(file.take(length), capacity)))
    }

    pub(super) async fn delete(&self, bucket: &str, key: &Key) -> Result<()> {
        match self.run(bucket, key, |walk| walk.delete()).await? {
            Ok(()) | Err(Errno::NOENT | Errno::NOTDIR) => Ok(()),
            Err(errno) => Err(error::errno(errno)),
        }
    }

    pub(super) async fn set_aside(
        &self,
        staging: &Staging,
        bucket: &str,
        key: &Key,
        new_etag: &str,
    ) -> Result<Option<Aside>> {
        let name = id::fresh("undo");
        let (note_file, blob_file) = (
            staging.folder("undo").join(format!("{name}.json")),
            staging.folder("undo").join(format!("{name}.blob")),
        );
        let note = Note { bucket: bucket.into(), key: key.as_str().into(), new_etag: new_etag.into() };
        std::fs::write(&note_file, serde_json::to_vec(&note)?).map_err(error::io)?;
        let target = blob_file.clone();
        match self.run(bucket, key, move |walk| walk.link_to(&target)).await? {
            Ok(()) => Ok(Some(Aside { folder: self.clone(), note, note_file, blob_file })),
            Err(errno) => {
                std::fs::remove_file(&note_file).ok();
                // Across file systems or without hard links there is nothing to set aside.
                if matches!(
                    errno,
                    Errno::NOENT | Errno::NOTDIR | Errno::XDEV | Errno::PERM | Errno::OPNOTSUPP
                ) {
                    Ok(None)
                } else {
                    Err(error::errno(errno))
                }
            }
        }
    }
}

impl Aside {
    /// What a start found in the folder of things set aside.
    pub(crate) fn found(folder: &Folder, note_file: PathBuf) -> Option<Self> {
        let note: Note = serde_json::from_slice(&std::fs::read(&note_file).ok()?).ok()?;
        let blob_file = note_file.with_extension("blob");
        blob_file.exists().then(|| Self { folder: folder.clone(), note, note_file, blob_file })
    }
    pub(crate) fn note(&self) -> &Note {
        &self.note
    }
    /// Whether it still lies aside.
    pub(crate) fn is_there(&self) -> bool {
        self.note_file.exists() && self.blob_file.exists()
    }
    /// The change is sure: the old blob may go.
    pub(crate) fn forget(self) {
        std::fs::remove_file(&self.blob_file).ok();
        std::fs::remove_file(&self.note_file).ok();
    }
    /// The change did not happen: the old blob comes back.
    pub(crate) async fn restore(self) -> Result<()> {
        let key = Key::parse(&self.note.key)?;
        let mut blob = Temporary::new(self.blob_file.clone());
        let restored = self.folder.publish(&self.note.bucket, &key, &mut blob).await;
        if restored.is_err() {
            blob.keep();
        } else {
            std::fs::remove_file(&self.note_file).ok();
        }
        restored
    }
}

struct Walk<'a> {
    root: &'a Path,
    bucket: &'a str,
    key: &'a str,
}

const DIRECTORY: OFlags =
    OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::RDONLY);

impl<'a> Walk<'a> {
    fn name(&self) -> &'a str {
        self.key.rsplit('/').next().unwrap_or(self.key)
    }

    /// The directory that holds the blob.
    fn parent(&self, create: bool) -> rustix::io::Result<OwnedFd> {
        let root = openat(CWD, self.root, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let folders = self.key.rsplit_once('/').map_or("", |(folders, _)| folders);
        let mut here = root;
        for segment in std::iter::once(self.bucket).chain(folders.split('/').filter(|s| !s.is_empty())) {
            let next = match openat(&here, segment, DIRECTORY, Mode::empty()) {
                Err(Errno::NOENT) if create => {
                    match mkdirat(&here, segment, Mode::from_raw_mode(0o755)) {
                        Ok(()) | Err(Errno::EXIST) => {}
                        Err(errno) => return Err(errno),
                    }
                    openat(&here, segment, DIRECTORY, Mode::empty())
                }
                other => other,
            };
            here = next?;
        }
        Ok(here)
    }

    fn open(&self) -> rustix::io::Result<File> {
        let parent = self.parent(false)?;
        // NONBLOCK: a pipe that somebody put there must not hang us; it has no effect on files.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = File::from(openat(&parent, self.name(), flags, Mode::empty())?);
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => Ok(file),
            Ok(_) => Err(Errno::NOENT),
            Err(_) => Err(Errno::IO),
        }
    }

    fn publish(&self, staged: &Path) -> rustix::io::Result<()> {
        // A concurrent delete may remove the directory as empty between our two steps.
        for attempt in 0.. {
            let done = self.parent(true).and_then(|parent| self.place(staged, &parent));
            match done {
                Err(Errno::NOENT) if attempt < 5 && staged.exists() => {}
                done => return done,
            }
        }
        Err(Errno::NOENT)
    }

    fn place(&self, staged: &Path, parent: &OwnedFd) -> rustix::io::Result<()> {
        match renameat(CWD, staged, parent, self.name()) {
            Err(Errno::XDEV) => self.place_across(staged, parent)?,
            done => done?,
        }
        fsync(parent)
    }

    /// The bucket is on another file system than the staging folder: copy beside the target, then rename.
    fn place_across(&self, staged: &Path, parent: &OwnedFd) -> rustix::io::Result<()> {
        let io = |error: std::io::Error| Errno::from_io_error(&error).unwrap_or(Errno::IO);
        let beside = format!(".{}", id::fresh("tmp"));
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut target = File::from(openat(parent, &beside, flags, Mode::from_raw_mode(0o644))?);
        let copied = File::open(staged)
            .and_then(|mut source| std::io::copy(&mut source, &mut target))
            .and_then(|_| target.sync_data())
            .map_err(io)
            .and_then(|()| renameat(parent, &beside, parent, self.name()));
        if copied.is_err() {
            unlinkat(parent, &beside, AtFlags::empty()).ok();
        } else {
            std::fs::remove_file(staged).ok();
        }
        copied
    }

    fn link_to(&self, target: &Path) -> rustix::io::Result<()> {
        linkat(&self.parent(false)?, self.name(), CWD, target, AtFlags::empty())
    }

    fn delete(&self) -> rustix::io::Result<()> {
        unlinkat(&self.parent(false)?, self.name(), AtFlags::empty())?;
        self.prune();
        Ok(())
    }

    /// Removes the folders that became empty, up to the bucket's.
    fn prune(&self) {
        let mut key = self.key;
        while let Some((folders, _)) = key.rsplit_once('/') {
            let walk = Walk { root: self.root, bucket: self.bucket, key: folders };
            let Ok(parent) = walk.parent(false) else { return };
            if unlinkat(&parent, walk.name(), AtFlags::REMOVEDIR).is_err() {
                return;
            }
            key = folders;
        }
    }
}
