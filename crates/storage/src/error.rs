//! The failures of storage, said in one place.

use castalia_base::{Error, Kind};

/// A file-system failure: a full disk is said plainly, everything else is ours.
pub(crate) fn io(error: std::io::Error) -> Error {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    if matches!(error.kind(), StorageFull | QuotaExceeded) {
        let text = "the disk is full; nothing was stored; free some space and try again";
        return Error::new(Kind::Unavailable, "disk_full", text).with_source(error);
    }
    Error::internal(error)
}

pub(crate) fn errno(error: rustix::io::Errno) -> Error {
    io(error.into())
}

pub(crate) fn upload_too_large(limit: u64, size: Option<u64>) -> Error {
    let given = size.map(|size| format!(", this one has {size}")).unwrap_or_default();
    Error::new(Kind::TooLarge, "upload_too_large", format!("a file may have {limit} bytes{given}"))
}

pub(crate) fn quota_exceeded(used: u64, quota: u64, needed: u64) -> Error {
    Error::new(
        Kind::TooLarge,
        "quota_exceeded",
        format!(
            "{used} of {quota} bytes are used and {needed} more are needed; delete something or ask for a larger quota"
        ),
    )
}

pub(crate) fn checksum_mismatch(algorithm: &str) -> Error {
    Error::unprocessable(
        "checksum_mismatch",
        format!(
            "the {algorithm} of what arrived is not the one that was announced; nothing was stored; send it again"
        ),
        Vec::new(),
    )
}

pub(crate) fn broken_body(detail: &str) -> Error {
    Error::invalid(
        "broken_body",
        format!("the body ended early or broke ({detail}); nothing was stored; send it again"),
    )
}

pub(crate) fn no_such_key(key: &str) -> Error {
    Error::new(Kind::NotFound, "no_such_key", format!("no object `{key}`"))
}

pub(crate) fn key_is_folder(key: &str) -> Error {
    Error::conflict("key_conflict", format!("`{key}` can't be both an object and a folder of other objects"))
}
