//! One file in a volume.

use super::way::{failed, outside, root, step};
use crate::document::model::sha256;
use crate::files::place::{Pieces, Place, Stamp, blocking, changed, fill, refused};
use crate::files::service::FILE_LIMIT;
use async_trait::async_trait;
use bytes::Bytes;
use castalia_base::{Error, Kind};
use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Stat, Uid};
use rustix::io::Errno;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file in a volume.
#[derive(Clone, Debug)]
pub(crate) struct InVolume {
    /// The volume's folder.
    pub(crate) root: PathBuf,
    /// A path that was checked.
    pub(crate) path: String,
}

#[async_trait]
impl Place for InVolume {
    async fn digest(&self) -> Result<Option<String>, Error> {
        Ok(self.read().await?.map(|bytes| sha256(&bytes)))
    }

    async fn read(&self) -> Result<Option<Bytes>, Error> {
        let file = self.clone();
        blocking(move || read(&file)).await
    }

    /// Writes beside and renames into place. The folder is opened once: who moves it meanwhile moves the file with it.
    async fn write(&self, bytes: Pieces, over: Option<&str>) -> Result<(), Error> {
        let (this, over) = (self.clone(), over.map(str::to_owned));
        let (folder, beside, file) = blocking(move || make_beside(&this)).await?;
        let folder = Arc::new(folder);
        let done = match fill(Path::new(self.name()), file, bytes).await {
            Ok(()) => {
                let (this, folder, beside) = (self.clone(), folder.clone(), beside.clone());
                blocking(move || replace(&this, &folder, &beside, over.as_deref())).await
            }
            Err(error) => Err(error),
        };
        if done.is_err() {
            // What failed is told, not what is left of it.
            let clean = move || Ok(rustix::fs::unlinkat(&*folder, &beside, AtFlags::empty()).is_ok());
            blocking(clean).await?;
        }
        done
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn stamp(&self) -> Result<Option<Stamp>, Error> {
        let file = self.clone();
        let look = move || match file.folder()? {
            Some(folder) => Ok(stat(&folder, file.name())?.map(|stat| stamp_of(&stat))),
            None => Ok(None),
        };
        blocking(look).await
    }
}

impl InVolume {
    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The folder of the file; `None` when it is not there.
    fn folder(&self) -> Result<Option<OwnedFd>, Error> {
        let mut folder = root(&self.root)?;
        let Some((folders, _)) = self.path.rsplit_once('/') else {
            return Ok(Some(folder));
        };
        for part in folders.split('/') {
            match step(&folder, part)? {
                Some(next) => folder = next,
                None => return Ok(None),
            }
        }
        Ok(Some(folder))
    }
}

fn stamp_of(stat: &Stat) -> Stamp {
    Stamp {
        file: stat.st_ino,
        bytes: stat.st_size,
        seconds: stat.st_mtime,
        // Its type depends on the machine.
        nanoseconds: i64::try_from(stat.st_mtime_nsec).unwrap_or_default(),
    }
}

fn stat(folder: &OwnedFd, name: &str) -> Result<Option<Stat>, Error> {
    match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(failed(name, error)),
    }
}

/// The file itself, never what a link leads to, and never something that is waited for.
fn open(folder: &OwnedFd, name: &str) -> Result<Option<File>, Error> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::openat(folder, name, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(error) => return Err(failed(name, error)),
    };
    let about = rustix::fs::fstat(&file).map_err(|error| failed(name, error))?;
    if FileType::from_raw_mode(about.st_mode) != FileType::RegularFile {
        return Err(outside(name));
    }
    Ok(Some(File::from(file)))
}

fn read(file: &InVolume) -> Result<Option<Bytes>, Error> {
    match file.folder()? {
        Some(folder) => read_in(&folder, file.name()),
        None => Ok(None),
    }
}

fn read_in(folder: &OwnedFd, name: &str) -> Result<Option<Bytes>, Error> {
    let Some(file) = open(folder, name)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    // It may grow while it is read.
    let read = file.take(FILE_LIMIT as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| refused(Path::new(name), &error))?;
    if bytes.len() > FILE_LIMIT {
        let why = format!("`{name}` has more than {} MiB", FILE_LIMIT >> 20);
        return Err(Error::new(Kind::TooLarge, "file_too_large", why));
    }
    Ok(Some(bytes.into()))
}

fn make_beside(file: &InVolume) -> Result<(OwnedFd, String, File), Error> {
    let folder = file.folder()?.ok_or_else(|| {
        let why = format!("`{}` could not be written: its folder is not there", file.path);
        Error::new(Kind::Unavailable, "file_failed", why)
    })?;
    let beside = format!(".{}.{:016x}.tmp", file.name(), rand::random::<u64>());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    // Until it is complete it is nobody else's.
    let made = rustix::fs::openat(&folder, beside.as_str(), flags, Mode::from_raw_mode(0o600));
    let made = made.map_err(|error| failed(file.name(), error))?;
    Ok((folder, beside, File::from(made)))
}

fn replace(file: &InVolume, folder: &OwnedFd, beside: &str, over: Option<&str>) -> Result<(), Error> {
    let name = file.name();
    let io = |error| failed(name, error);
    if read_in(folder, name)?.map(|there| sha256(&there)).as_deref() != over {
        return Err(changed());
    }
    let fresh = stat(folder, beside)?.ok_or_else(changed)?;
    // A new file is its folder's owner's, as a program of the workspace would have made it.
    let (like, mode) = match stat(folder, name)? {
        Some(before) => (before, Mode::from_raw_mode(before.st_mode & 0o777)),
        None => (rustix::fs::fstat(folder).map_err(io)?, Mode::from_raw_mode(0o644)),
    };
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let made = rustix::fs::openat(folder, beside, flags, Mode::empty()).map_err(io)?;
    if (like.st_uid, like.st_gid) != (fresh.st_uid, fresh.st_gid) {
        // Only an administrator may give files away; whoever is none runs workspaces as himself.
        let (uid, gid) = (Uid::from_raw(like.st_uid), Gid::from_raw(like.st_gid));
        if let Err(error) = rustix::fs::fchown(&made, Some(uid), Some(gid)) {
            tracing::debug!(file = name, %error, "the owner of a file could not be kept");
        }
    }
    rustix::fs::fchmod(&made, mode).map_err(io)?;
    rustix::fs::renameat(folder, beside, folder, name).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::place::CHANGED;
    use futures::{StreamExt, stream};
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn at(volume: &Path, path: &str) -> InVolume {
        InVolume { root: volume.to_owned(), path: path.to_owned() }
    }

    fn pieces(text: &'static str) -> Pieces {
        stream::iter([Ok(Bytes::from(text))]).boxed()
    }

    #[tokio::test]
    async fn links_lead_nowhere_else() {
        let (volume, outside) =
            (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let (volume, outside) = (volume.path(), outside.path());
        let secret = outside.join("secret.ipynb");
        std::fs::write(&secret, "secret").expect("writes");
        symlink(outside, volume.join("out")).expect("links");
        symlink(&secret, volume.join("link.ipynb")).expect("links");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            volume.join("pipe.ipynb"),
            FileType::Fifo,
            Mode::from_raw_mode(0o644),
            0,
        )
        .expect("a pipe");
        for path in ["out/secret.ipynb", "link.ipynb", "pipe.ipynb"] {
            let code = |error: Error| error.code().to_owned();
            assert_eq!(
                at(volume, path).read().await.map_err(code),
                Err("outside_volume".to_owned()),
                "{path}"
            );
            assert!(at(volume, path).write(pieces("x"), None).await.is_err(), "{path}");
        }
        // A folder that is swapped for a link later.
        std::fs::create_dir(volume.join("x")).expect("a folder");
        at(volume, "x/secret.ipynb").write(pieces("mine"), None).await.expect("writes");
        std::fs::rename(volume.join("x"), volume.join("y")).expect("moves");
        symlink(outside, volume.join("x")).expect("links");
        let over = sha256(b"secret");
        assert!(at(volume, "x/secret.ipynb").write(pieces("x"), Some(&over)).await.is_err());
        assert_eq!(std::fs::read(&secret).expect("reads"), b"secret");
        assert_eq!(std::fs::read_dir(outside).expect("reads").count(), 1);
    }

    #[tokio::test]
    async fn a_file_is_replaced_by_whoever_has_seen_it_and_keeps_its_mode() {
        let volume = tempfile::tempdir().expect("a folder");
        let volume = volume.path();
        std::fs::create_dir(volume.join("x")).expect("a folder");
        let file = at(volume, "x/a.ipynb");
        assert_eq!(file.stamp().await.expect("asked"), None);
        file.write(pieces("one"), None).await.expect("writes");
        std::fs::set_permissions(volume.join("x/a.ipynb"), PermissionsExt::from_mode(0o640))
            .expect("changes");
        let (one, stamp) = (file.digest().await.expect("asked"), file.stamp().await.expect("asked"));
        assert!(file.write(pieces("two"), None).await.is_err_and(|error| error.code() == CHANGED));
        file.write(pieces("two"), one.as_deref()).await.expect("writes");
        assert_ne!(file.stamp().await.expect("asked"), stamp);
        assert_eq!(file.read().await.expect("asked").as_deref(), Some(&b"two"[..]));
        let mode = std::fs::metadata(volume.join("x/a.ipynb")).expect("asked").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        let left: Vec<_> = std::fs::read_dir(volume.join("x")).expect("reads").flatten().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        let nowhere = at(volume, "y/a.ipynb");
        assert!(nowhere.read().await.expect("asked").is_none());
        assert!(nowhere.write(pieces("x"), None).await.is_err());
        let gone = at(&volume.join("none"), "a.ipynb");
        assert!(gone.read().await.is_err_and(|error| error.code() == super::super::GONE));
    }
}
