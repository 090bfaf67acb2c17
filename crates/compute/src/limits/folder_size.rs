//! How much a folder occupies.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Bytes on disk of everything below `root`; what vanishes meanwhile counts nothing. Links are not followed.
pub(crate) fn folder_size(root: &Path) -> u64 {
    let mut total = 0;
    let mut open = vec![root.to_path_buf()];
    while let Some(dir) = open.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            total += meta.blocks() * 512;
            if meta.is_dir() {
                open.push(entry.path());
            }
        }
    }
    total
}
