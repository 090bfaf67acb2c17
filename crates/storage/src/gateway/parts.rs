//! Which parts make the whole, and what is announced about it: decisions without side effects.

use super::checks::{Algorithm, composite, of_part};
use crate::store::multipart::Part;
use md5::{Digest, Md5};
use s3s::dto::{CompleteMultipartUploadInput, CompletedPart};
use s3s::{S3Result, s3_error};

/// The smallest part that is not the last, in bytes (as in S3).
const MIN_PART: u64 = 5 << 20;

/// The kept parts that a client names, in its order.
pub(super) fn choose_parts(
    named: &[CompletedPart],
    kept: &[Part],
    algorithm: Option<Algorithm>,
) -> S3Result<Vec<Part>> {
    if named.is_empty() {
        return Err(s3_error!(MalformedXML, "name at least one part"));
    }
    if !named.is_sorted_by(|a, b| a.part_number < b.part_number) {
        return Err(s3_error!(InvalidPartOrder, "name the parts in ascending order"));
    }
    let mut parts = Vec::with_capacity(named.len());
    for named in named {
        let found = kept.iter().find(|part| i32::try_from(part.number).ok() == named.part_number);
        let etag_fits = |part: &&Part| named.e_tag.as_ref().is_none_or(|etag| etag.value() == part.md5);
        let sum_fits = |part: &&Part| {
            let given = algorithm.and_then(|algorithm| of_part(named, algorithm));
            given.is_none_or(|sum| part.checksum.as_ref() == Some(sum))
        };
        let part = found.filter(etag_fits).filter(sum_fits);
        parts.push(
            part.cloned().ok_or_else(|| s3_error!(InvalidPart, "a part is missing or is another one"))?,
        );
    }
    let (_, all_but_last) = parts.split_last().unwrap_or((&parts[0], &[]));
    if all_but_last.iter().any(|part| part.size < MIN_PART) {
        return Err(s3_error!(EntityTooSmall, "every part but the last must have 5 MiB"));
    }
    Ok(parts)
}

/// The checksum that a client announces for the whole.
pub(super) fn whole_checksum(input: &CompleteMultipartUploadInput) -> Option<(Algorithm, String)> {
    let values = [
        (Algorithm::Crc32, &input.checksum_crc32),
        (Algorithm::Crc32c, &input.checksum_crc32c),
        (Algorithm::Crc64Nvme, &input.checksum_crc64nvme),
        (Algorithm::Sha1, &input.checksum_sha1),
        (Algorithm::Sha256, &input.checksum_sha256),
    ];
    values.into_iter().find_map(|(algorithm, value)| value.clone().map(|value| (algorithm, value)))
}

pub(super) fn verify_composite(wanted: Option<&(Algorithm, String)>, parts: &[Part]) -> S3Result<()> {
    let Some((algorithm, sum)) = wanted.filter(|(_, sum)| sum.contains('-')) else {
        return Ok(());
    };
    let sums: Option<Vec<String>> = parts.iter().map(|part| part.checksum.clone()).collect();
    match sums.and_then(|sums| composite(*algorithm, &sums)) {
        Some(ours) if ours == *sum => Ok(()),
        _ => Err(s3_error!(BadDigest, "the checksum of the parts' checksums is not the announced one")),
    }
}

/// The ETag of an object of several parts: MD5 over the parts' MD5s, and their number.
pub(super) fn joint_etag(parts: &[Part]) -> String {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(hex::decode(&part.md5).unwrap_or_default());
    }
    format!("{}-{}", hex::encode(md5.finalize()), parts.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn composite_checksums_are_formed_as_s3_does() {
        // CRC32 of the two parts' CRC32s, big-endian.
        let sums = [STANDARD.encode(1u32.to_be_bytes()), STANDARD.encode(2u32.to_be_bytes())];
        let sum = composite(Algorithm::Crc32, &sums).expect("decodes");
        assert!(sum.ends_with("-2"));
    }
}
