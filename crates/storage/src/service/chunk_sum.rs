//! Checksums of single chunks of a resumable upload.

use crate::staging::Staged;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::checksum::ChecksumHasher;

/// A checksum of one chunk: the hasher that computes it and the digest in hexadecimal.
pub(crate) struct ChunkSum {
    pub(crate) algorithm: ChunkAlgorithm,
    pub(crate) digest: Vec<u8>,
}

/// The checksums that chunks may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChunkAlgorithm {
    Md5,
    Sha1,
    Sha256,
}

impl ChunkAlgorithm {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "md5" => Some(Self::Md5),
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            _ => None,
        }
    }
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
        }
    }
    pub(super) fn hasher(self) -> ChecksumHasher {
        let mut hasher = ChecksumHasher::default();
        if self == Self::Sha1 {
            hasher.sha1 = Some(s3s::crypto::Checksum::new());
        }
        hasher
    }
    pub(super) fn digest(self, chunk: &Staged) -> Option<Vec<u8>> {
        match self {
            Self::Md5 => Some(chunk.md5.to_vec()),
            Self::Sha256 => hex::decode(&chunk.sha256).ok(),
            Self::Sha1 => {
                let text = chunk.checksum.checksum_sha1.as_ref()?;
                STANDARD.decode(text).ok()
            }
        }
    }
}
