//! What can go wrong, and which of a few kinds it is.

use std::io;
use std::path::{Path, PathBuf};

use crate::UnitId;

/// An error of the compute crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No unit of that id is known to the backend.
    #[error("unit {0} is not known here")]
    NotFound(UnitId),
    /// The request makes no sense, whoever asks.
    #[error("{0}")]
    Invalid(String),
    /// The unit has not ended, so it cannot be removed.
    #[error("unit {0} has not ended; stop it first")]
    NotEnded(UnitId),
    /// Another server works on the same folder.
    #[error("{} is in use by another server", .0.display())]
    InUse(PathBuf),
    /// Something this machine lacks and the configuration demands.
    #[error("{0}")]
    Unavailable(String),
    /// The file system or the kernel refused.
    #[error("could not {doing}: {source}")]
    Io {
        /// What was attempted, as a verb phrase.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file of ours does not read as what it should be.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Why it could not be read.
        why: String,
    },
}

/// The transport-neutral kind of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// What was named does not exist.
    NotFound,
    /// The caller's request is wrong.
    Invalid,
    /// The state of the thing forbids it now.
    Conflict,
    /// It may work later or on a better equipped machine.
    Unavailable,
    /// Our fault or the machine's.
    Internal,
}

impl Error {
    /// The kind that a transport maps to its own codes.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::NotFound(_) => ErrorKind::NotFound,
            Error::Invalid(_) => ErrorKind::Invalid,
            Error::NotEnded(_) | Error::InUse(_) => ErrorKind::Conflict,
            Error::Unavailable(_) => ErrorKind::Unavailable,
            Error::Io { .. } | Error::Damaged { .. } => ErrorKind::Internal,
        }
    }

    pub(crate) fn io(doing: impl Into<String>, source: impl Into<io::Error>) -> Self {
        Error::Io { doing: doing.into(), source: source.into() }
    }

    pub(crate) fn damaged(path: &Path, why: impl ToString) -> Self {
        Error::Damaged { path: path.to_path_buf(), why: why.to_string() }
    }
}
