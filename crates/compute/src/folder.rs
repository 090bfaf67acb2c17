//! The folder of one unit: its files, how they are written, and how one sees whether its shim lives.
//!
//! | file | written by | meaning |
//! |---|---|---|
//! | `unit.json` | server | accepted; the spec and how to run it (holds secrets) |
//! | `files/`, `work/` | server, program | private files; working directory |
//! | `lock` | shim | locked for the shim's life |
//! | `claim` | shim | created exclusively: the one run has been taken |
//! | `started.json` | shim | the program runs |
//! | `status.json` | shim | progress and usage |
//! | `stop.json` | server | wish to end |
//! | `ctl` | shim | socket on which it is told to look for that wish |
//! | `log.jsonl`, `log.idx` | shim | output |
//! | `exit.json` | shim, or the server for a lost unit | the end; the last file written |

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use rustix::process::{Flock, FlockOffsetType, FlockType, Pid, fcntl_getlk};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::limits::CgroupPlan;
use crate::sandbox::SandboxPlan;
use crate::{Error, Exit, Progress, StopRequest, UnitSpec, Usage};

/// The socket in the units folder on which shims tell the server that a unit changed.
pub(crate) const NOTIFY_SOCKET: &str = ".notify.sock";

/// The socket in a unit's folder on which its shim is told to look for a stop request.
pub(crate) const CONTROL_SOCKET: &str = "ctl";

/// Everything that the shim must know, and that a later server must find again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UnitFile {
    /// The spec without the contents of its files.
    pub(crate) spec: UnitSpec,
    pub(crate) installation: String,
    pub(crate) created_at: i64,
    pub(crate) sandbox: Option<SandboxPlan>,
    pub(crate) cgroup: Option<CgroupPlan>,
}

/// Contents of `started.json`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Started {
    pub(crate) pid: u32,
    pub(crate) at: i64,
}

/// Contents of `status.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) progress: Option<Progress>,
    pub(crate) usage: Usage,
}

/// A unit's folder by its absolute path.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn at(root: impl Into<PathBuf>) -> Self {
        Folder { root: root.into() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.path("work")
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.path("files")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.path("log.jsonl")
    }

    pub(crate) fn log_index(&self) -> PathBuf {
        self.path("log.idx")
    }

    /// Creates the folders and writes the accepted unit; `unit.json` comes last, so a folder with it is complete.
    pub(crate) fn create(&self, unit: &UnitFile) -> Result<(), Error> {
        for dir in [self.root.clone(), self.files(), self.work(), self.work().join("tmp")] {
            make_private_dir(&dir)?;
        }
        for (name, contents) in &unit.spec.files {
            let path = self.files().join(name);
            let written = create_private(&path).and_then(|mut f| f.write_all(contents));
            written.map_err(|e| Error::io(format!("write private file {name}"), e))?;
        }
        let mut bare = unit.clone();
        bare.spec.files.clear();
        self.write("unit.json", &bare)
    }

    /// Replaces a JSON file by rename, so that a reader sees the old or the new text and nothing between.
    pub(crate) fn write<T: Serialize>(&self, name: &str, value: &T) -> Result<(), Error> {
        let bytes = serde_json::to_vec(value).map_err(|e| Error::damaged(&self.path(name), e))?;
        let temporary = self.path(&format!("{name}.tmp"));
        let write = || {
            create_private(&temporary)?.write_all(&bytes)?;
            fs::rename(&temporary, self.path(name))
        };
        write().map_err(|e| Error::io(format!("write {}", self.path(name).display()), e))
    }

    /// Reads a JSON file; none when it does not exist.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        let path = self.path(name);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|e| Error::damaged(&path, e)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::io(format!("read {}", path.display()), e)),
        }
    }

    pub(crate) fn unit(&self) -> Result<Option<UnitFile>, Error> {
        self.read("unit.json")
    }

    pub(crate) fn started(&self) -> Result<Option<Started>, Error> {
        self.read("started.json")
    }

    pub(crate) fn status(&self) -> Result<Option<Status>, Error> {
        self.read("status.json")
    }

    pub(crate) fn stop(&self) -> Result<Option<StopRequest>, Error> {
        self.read("stop.json")
    }

    pub(crate) fn exit(&self) -> Result<Option<Exit>, Error> {
        self.read("exit.json")
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Tells the shim to look for a stop request. Not heard is fine: it looks by itself, and at its start.
    pub(crate) fn poke(&self) {
        // By way of the descriptor, because the path of a socket may have only 108 bytes.
        let Ok(dir) = File::open(&self.root) else { return };
        let path = format!("/proc/self/fd/{}/{CONTROL_SOCKET}", dir.as_raw_fd());
        let _ = UnixDatagram::unbound().and_then(|socket| {
            socket.set_nonblocking(true)?;
            socket.send_to(b"stop", path)
        });
    }

    /// The process that holds the lock, which is the living shim.
    ///
    /// The kernel answers, so neither a reused process id nor a stale file can deceive.
    pub(crate) fn holder(&self) -> Option<Pid> {
        let lock = OpenOptions::new().read(true).write(true).open(self.path("lock")).ok()?;
        let whole = Flock {
            start: 0,
            length: 0,
            pid: None,
            typ: FlockType::WriteLock,
            offset_type: FlockOffsetType::Set,
        };
        fcntl_getlk(&lock, &whole).ok().flatten()?.pid
    }
}

/// Creates a file with mode 0600, or empties it.
pub(crate) fn create_private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Creates a folder with mode 0700 if it is not there.
pub(crate) fn make_private_dir(path: &Path) -> Result<(), Error> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => {
            Err(Error::io(format!("create {}", path.display()), e))
        }
        _ => Ok(()),
    }
}
