//! Media types: guessed when nobody said one, and which of them a browser would run.

/// The type of a file by its first bytes and its name, `application/octet-stream` when nothing fits.
pub(crate) fn guess(name: &str, head: &[u8]) -> &'static str {
    by_magic(head).or_else(|| by_name(name)).unwrap_or("application/octet-stream")
}

fn by_magic(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 11] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"%PDF-", "application/pdf"),
        (b"PAR1", "application/vnd.apache.parquet"),
        (b"\x89HDF\r\n\x1a\n", "application/x-hdf5"),
        (b"CDF\x01", "application/x-netcdf"),
        (b"CDF\x02", "application/x-netcdf"),
        (b"\x93NUMPY", "application/x-npy"),
        (b"\x1f\x8b", "application/gzip"),
        (b"SQLite format 3\0", "application/vnd.sqlite3"),
    ];
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, kind)| *kind)
}

/// The type that the name's ending stands for.
pub(crate) fn by_name(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "csv" => "text/csv",
        "tsv" | "tab" => "text/tab-separated-values",
        "txt" | "log" | "dat" | "asc" | "xyz" => "text/plain",
        "md" => "text/markdown",
        "json" => "application/json",
        "geojson" => "application/geo+json",
        "ndjson" | "jsonl" => "application/x-ndjson",
        "yaml" | "yml" => "application/yaml",
        "xml" => "application/xml",
        "html" | "htm" => "text/html",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "tif" | "tiff" => "image/tiff",
        "pdf" => "application/pdf",
        "npy" => "application/x-npy",
        "npz" | "zip" => "application/zip",
        "parquet" => "application/vnd.apache.parquet",
        "nc" => "application/x-netcdf",
        "h5" | "hdf5" => "application/x-hdf5",
        "gz" => "application/gzip",
        _ => return None,
    })
}

/// The type without its parameters, in lower case.
pub(crate) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a browser may show it in our own origin: a short list of types that hold no scripts.
pub(crate) fn is_inert(media_type: &str) -> bool {
    let kind = essence(media_type);
    matches!(
        kind.as_str(),
        "text/csv"
            | "text/plain"
            | "text/tab-separated-values"
            | "text/markdown"
            | "application/json"
            | "application/geo+json"
            | "application/x-ndjson"
            | "application/yaml"
            | "image/png"
            | "image/jpeg"
            | "image/gif"
            | "image/webp"
            | "image/tiff"
    )
}

/// The delimiter of a table type.
pub(crate) fn table_delimiter(media_type: &str) -> Option<u8> {
    match essence(media_type).as_str() {
        "text/csv" => Some(b','),
        "text/tab-separated-values" => Some(b'\t'),
        _ => None,
    }
}

/// Whether text is a media type that can go into a header: `type/subtype` and printable parameters.
pub(crate) fn is_media_type(text: &str) -> bool {
    let word =
        |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    let kind = essence(text);
    text.len() <= 255
        && text.bytes().all(|b| (0x20..0x7f).contains(&b))
        && kind.split_once('/').is_some_and(|(a, b)| word(a) && word(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_guessed_and_the_dangerous_ones_known() {
        assert_eq!(guess("a.csv", b"x,y"), "text/csv");
        assert_eq!(guess("a.csv", b"\x89PNG\r\n\x1a\n"), "image/png");
        assert_eq!(guess("noname", b"\0\x01"), "application/octet-stream");
        assert!(is_inert("text/csv; charset=utf-8") && !is_inert("text/html") && !is_inert("image/svg+xml"));
        assert!(
            is_media_type("text/csv; charset=utf-8")
                && !is_media_type("text")
                && !is_media_type("a/b\r\nX: y")
        );
    }
}
