//! All definitions: those that come along, and over them those of a folder.

use super::{Definition, builtin::BUILTIN, parse};
use std::collections::BTreeMap;
use std::path::Path;

/// A file that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The file's name.
    pub file: String,
    /// What is wrong, with the line.
    pub why: String,
}

/// All definitions by name.
#[derive(Clone, Debug, Default)]
pub struct Book {
    definitions: BTreeMap<String, Definition>,
    broken: Vec<Broken>,
}

impl Book {
    /// The definitions that come along, and those of `folder` over them. A file that can't be read is kept in
    /// [`Book::broken`]; the others are served.
    pub fn read(folder: Option<&Path>) -> Self {
        let mut book = Self::default();
        for (file, text) in BUILTIN {
            book.add(file, text);
        }
        let mut files: Vec<_> = folder
            .and_then(|folder| std::fs::read_dir(folder).ok())
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|path| path.extension().is_some_and(|e| e == "yaml" || e == "yml"))
            .collect();
        files.sort();
        for path in files {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match std::fs::read_to_string(&path) {
                Ok(text) => book.add(&name, &text),
                Err(error) => book.broken.push(Broken { file: name, why: error.to_string() }),
            }
        }
        book
    }

    fn add(&mut self, file: &str, text: &str) {
        match parse(text, file) {
            Ok(definition) => {
                self.definitions.insert(definition.name.clone(), definition);
            }
            Err(error) => self.broken.push(Broken { file: file.into(), why: error.detail().to_owned() }),
        }
    }

    /// The definition of this name.
    pub fn get(&self, name: &str) -> Option<&Definition> {
        self.definitions.get(name)
    }
    /// All by name.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.definitions.values()
    }
    /// Files that could not be read.
    pub fn broken(&self) -> &[Broken] {
        &self.broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_takes_nothing_else_away() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.yaml"), "name: a\ncommand: [true]\nport: x\n").expect("writes");
        std::fs::write(folder.path().join("lab.yaml"), "name: lab\ntitle: Ours\ncommand: [ours]\n")
            .expect("writes");
        std::fs::write(folder.path().join("notes.txt"), "no yaml").expect("writes");
        let book = Book::read(Some(folder.path()));
        assert_eq!(book.get("lab").expect("is there").title, "Ours");
        assert!(book.get("a").is_none() && book.get("notebook").is_some());
        assert_eq!(book.broken().len(), 1);
        assert!(book.broken()[0].why.starts_with("a.yaml:"), "{:?}", book.broken());
    }
}
