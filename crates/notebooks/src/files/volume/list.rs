//! What of a volume can be opened as a notebook.

use super::way::{root, step};
use castalia_base::Error;
use rustix::fs::{AtFlags, Dir, FileType};
use std::os::fd::OwnedFd;
use std::path::Path;

/// How many files are told at most.
const FILES: usize = 1000;
/// How many entries of folders are looked at: a volume may hold whole source trees.
const ENTRIES: usize = 50_000;
/// How deep folders are looked into.
const DEPTH: usize = 12;
/// Folders of what programs have put there for themselves.
const FOREIGN: [&str; 3] = ["node_modules", "site-packages", "__pycache__"];

/// The notebooks' files of a volume with their lengths, by path, and whether there may be more. Nothing hidden, and no
/// links.
pub(super) fn notebooks(folder: &Path) -> Result<(Vec<(String, u64)>, bool), Error> {
    let mut walk = Walk { found: Vec::new(), left: ENTRIES };
    walk.folder(root(folder)?, "", DEPTH);
    let truncated = walk.left == 0 || walk.found.len() > FILES;
    walk.found.sort();
    walk.found.truncate(FILES);
    Ok((walk.found, truncated))
}

struct Walk {
    found: Vec<(String, u64)>,
    left: usize,
}

impl Walk {
    /// What can't be read is passed over.
    fn folder(&mut self, folder: OwnedFd, path: &str, depth: usize) {
        let Ok(entries) = Dir::read_from(&folder) else {
            return;
        };
        let mut deeper = Vec::new();
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().to_str() else {
                continue;
            };
            if name == "." || name == ".." {
                continue;
            }
            if self.left == 0 || self.found.len() > FILES {
                return;
            }
            self.left -= 1;
            if name.starts_with('.') || FOREIGN.contains(&name) || name.chars().any(char::is_control) {
                continue;
            }
            let notebook = name.ends_with(".ipynb");
            let known = entry.file_type();
            if !notebook && known != FileType::Directory && known != FileType::Unknown {
                continue;
            }
            let Ok(about) = rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) else {
                continue;
            };
            match FileType::from_raw_mode(about.st_mode) {
                FileType::RegularFile if notebook => {
                    self.found
                        .push((format!("{path}{name}"), u64::try_from(about.st_size).unwrap_or_default()));
                }
                FileType::Directory if depth > 0 => deeper.push(name.to_owned()),
                _ => {}
            }
        }
        for name in deeper {
            if let Ok(Some(next)) = step(&folder, &name) {
                self.folder(next, &format!("{path}{name}/"), depth - 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_is_a_notebook_of_the_volume_is_told() {
        let volume = tempfile::tempdir().expect("a folder");
        let at = |path: &str| volume.path().join(path);
        for folder in ["b/c", ".hidden", "b/.ipynb_checkpoints", "node_modules", "d.ipynb"] {
            std::fs::create_dir_all(at(folder)).expect("a folder");
        }
        for file in ["b/c/2.ipynb", "1.ipynb", "x.py", ".h.ipynb", ".hidden/3.ipynb", "node_modules/4.ipynb"]
        {
            std::fs::write(at(file), "{}").expect("writes");
        }
        symlink("1.ipynb", at("link.ipynb")).expect("links");
        symlink(".", at("loop")).expect("links");
        let (found, truncated) = notebooks(volume.path()).expect("is read");
        assert_eq!(found, [("1.ipynb".to_owned(), 2), ("b/c/2.ipynb".to_owned(), 2)]);
        assert!(!truncated);
        assert!(notebooks(&at("nowhere")).is_err());
    }
}
