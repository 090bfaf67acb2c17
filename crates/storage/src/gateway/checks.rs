//! Checksums that a client announces, before or after the body, and that we compute ourselves.
//!
//! s3s parses trailing checksums and verifies none of them.

use crate::error;
use crate::staging::Staged;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use castalia_base::Error;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::{self, Checksum};
use s3s::{S3Result, TrailingHeaders, s3_error};

/// A kind of checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

pub(super) const ALL: [Algorithm; 5] =
    [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme, Algorithm::Sha1, Algorithm::Sha256];

impl Algorithm {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }
    pub(super) fn parse(text: &str) -> Option<Self> {
        ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(text))
    }
    fn header(self) -> String {
        format!("x-amz-checksum-{}", self.name().to_ascii_lowercase())
    }
    /// The value of this kind among several.
    pub(super) fn of(self, checksum: &Checksum) -> Option<&String> {
        match self {
            Self::Crc32 => checksum.checksum_crc32.as_ref(),
            Self::Crc32c => checksum.checksum_crc32c.as_ref(),
            Self::Crc64Nvme => checksum.checksum_crc64nvme.as_ref(),
            Self::Sha1 => checksum.checksum_sha1.as_ref(),
            Self::Sha256 => checksum.checksum_sha256.as_ref(),
        }
    }
    /// This kind's hasher switched on.
    pub(super) fn add_to(self, hasher: &mut ChecksumHasher) {
        match self {
            Self::Crc32 => hasher.crc32 = Some(Crc32::new()),
            Self::Crc32c => hasher.crc32c = Some(Crc32c::new()),
            Self::Crc64Nvme => hasher.crc64nvme = Some(Crc64Nvme::new()),
            Self::Sha1 => hasher.sha1 = Some(Sha1::new()),
            Self::Sha256 => hasher.sha256 = Some(Sha256::new()),
        }
    }
}

/// Everything that a client announced about a body.
#[derive(Clone, Debug, Default)]
pub(super) struct Announced {
    pub(super) values: Checksum,
    pub(super) algorithm: Option<String>,
    pub(super) md5: Option<String>,
    pub(super) length: Option<i64>,
    pub(super) trailer: Option<String>,
}

/// The announcement in an input that has all the fields.
macro_rules! announced {
    ($request:expr) => {
        $crate::gateway::checks::Announced {
            values: s3s::dto::Checksum {
                checksum_crc32: $request.input.checksum_crc32.take(),
                checksum_crc32c: $request.input.checksum_crc32c.take(),
                checksum_crc64nvme: $request.input.checksum_crc64nvme.take(),
                checksum_sha1: $request.input.checksum_sha1.take(),
                checksum_sha256: $request.input.checksum_sha256.take(),
                ..Default::default()
            },
            algorithm: $request.input.checksum_algorithm.as_ref().map(|a| a.as_str().to_owned()),
            md5: $request.input.content_md5.take(),
            length: $request.input.content_length,
            trailer: $request.headers.get("x-amz-trailer").and_then(|v| v.to_str().ok()).map(str::to_owned),
        }
    };
}
pub(super) use announced;

impl Announced {
    fn trailing(&self, algorithm: Algorithm) -> bool {
        let names = self.trailer.as_deref().unwrap_or_default().split(',');
        names.map(str::trim).any(|name| name.eq_ignore_ascii_case(&algorithm.header()))
    }
    /// The hashers that are needed to check the body.
    pub(super) fn hasher(&self) -> S3Result<ChecksumHasher> {
        let mut hasher = ChecksumHasher::default();
        for algorithm in ALL {
            if algorithm.of(&self.values).is_some() || self.trailing(algorithm) {
                algorithm.add_to(&mut hasher);
            }
        }
        if let Some(name) = &self.algorithm {
            let known = Algorithm::parse(name);
            known.ok_or_else(|| s3_error!(InvalidRequest, "unknown checksum algorithm"))?.add_to(&mut hasher);
        }
        Ok(hasher)
    }

    /// Compares what was announced with what arrived.
    ///
    /// # Errors
    /// `broken_body` for another length, `checksum_mismatch` for another checksum.
    pub(super) fn verify(&self, staged: &Staged, trailers: Option<&TrailingHeaders>) -> Result<(), Error> {
        if self.length.is_some_and(|length| u64::try_from(length).ok() != Some(staged.size)) {
            return Err(error::broken_body("its length is not the announced one"));
        }
        if self.md5.as_ref().is_some_and(|md5| *md5 != STANDARD.encode(staged.md5)) {
            return Err(error::checksum_mismatch("MD5"));
        }
        let trailing = trailers.and_then(TrailingHeaders::take);
        for algorithm in ALL {
            let mut wanted = algorithm.of(&self.values).cloned();
            if self.trailing(algorithm) {
                let value = trailing.as_ref().and_then(|map| map.get(algorithm.header()));
                let value = value.and_then(|v| v.to_str().ok()).map(|v| v.trim().to_owned());
                wanted = Some(
                    value.ok_or_else(|| error::broken_body("the announced trailing checksum is missing"))?,
                );
            }
            if wanted.is_some_and(|wanted| Some(&wanted) != algorithm.of(&staged.checksum)) {
                return Err(error::checksum_mismatch(algorithm.name()));
            }
        }
        Ok(())
    }
}

/// The checksum of all parts' checksums, as S3 forms it for objects of several parts.
pub(super) fn composite(algorithm: Algorithm, parts: &[String]) -> Option<String> {
    let mut hasher = ChecksumHasher::default();
    algorithm.add_to(&mut hasher);
    for part in parts {
        hasher.update(&STANDARD.decode(part).ok()?);
    }
    algorithm.of(&hasher.finalize()).map(|sum| format!("{sum}-{}", parts.len()))
}

/// The checksum of one kind that a client says of a part.
pub(super) fn of_part(part: &dto::CompletedPart, algorithm: Algorithm) -> Option<&String> {
    match algorithm {
        Algorithm::Crc32 => part.checksum_crc32.as_ref(),
        Algorithm::Crc32c => part.checksum_crc32c.as_ref(),
        Algorithm::Crc64Nvme => part.checksum_crc64nvme.as_ref(),
        Algorithm::Sha1 => part.checksum_sha1.as_ref(),
        Algorithm::Sha256 => part.checksum_sha256.as_ref(),
    }
}
