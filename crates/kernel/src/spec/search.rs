//! Where kernelspecs are looked for.

use super::KernelSpec;
use crate::Error;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Places to look in, in order.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Folder of kernelspecs, and the prefix it belongs to.
    places: Vec<(PathBuf, Option<PathBuf>)>,
}

impl Search {
    /// The given prefixes alone.
    pub fn of(prefixes: impl IntoIterator<Item = PathBuf>) -> Self {
        // A kernel begins in another folder than we.
        let whole = |p: PathBuf| std::path::absolute(&p).unwrap_or(p);
        let places = prefixes.into_iter().map(whole).map(|p| (p.join("share/jupyter/kernels"), Some(p)));
        Self { places: places.collect() }
    }

    /// The given prefixes, the active virtual environment, and where Jupyter looks on this machine.
    pub fn usual(prefixes: impl IntoIterator<Item = PathBuf>) -> Self {
        let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let mut search = Self::of(prefixes.into_iter().chain(folder("VIRTUAL_ENV")));
        let data = std::env::var_os("JUPYTER_PATH");
        for dir in data.iter().flat_map(std::env::split_paths) {
            search.places.push((dir.join("kernels"), None));
        }
        let own = folder("JUPYTER_DATA_DIR").or_else(|| Some(folder("XDG_DATA_HOME")?.join("jupyter")));
        let own = own.or_else(|| Some(folder("HOME")?.join(".local/share/jupyter")));
        search.places.extend(own.map(|dir| (dir.join("kernels"), None)));
        for prefix in ["/usr/local", "/usr"] {
            let prefix = PathBuf::from(prefix);
            search.places.push((prefix.join("share/jupyter/kernels"), Some(prefix)));
        }
        search
    }

    /// Every kernel, by name. What can't be read is left out and logged.
    pub fn list(&self) -> Vec<KernelSpec> {
        let mut found = BTreeMap::new();
        for (dir, prefix) in &self.places {
            let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
            for folder in entries.map(|e| e.path()).filter(|p| p.join("kernel.json").is_file()) {
                match KernelSpec::read(&folder, prefix.as_deref()) {
                    Ok(spec) => _ = found.entry(spec.name.clone()).or_insert(spec),
                    Err(error) => {
                        tracing::warn!(%error, folder = %folder.display(), "a kernelspec is left out")
                    }
                }
            }
        }
        found.into_values().collect()
    }

    /// The kernel of a name, as a notebook asks for it.
    pub fn find(&self, name: &str) -> Result<KernelSpec, Error> {
        let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0']);
        for (dir, prefix) in self.places.iter().filter(|_| plain) {
            let folder = dir.join(name);
            if folder.join("kernel.json").is_file() {
                return KernelSpec::read(&folder, prefix.as_deref());
            }
        }
        let names: Vec<_> = self.list().into_iter().map(|spec| spec.name).collect();
        let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Err(Error::NoSuchKernel { name: name.to_owned(), there })
    }

    /// The kernel of a name, else the first one of the language.
    pub fn find_or_language(&self, name: &str, language: Option<&str>) -> Result<KernelSpec, Error> {
        let absent = match self.find(name) {
            Err(error @ Error::NoSuchKernel { .. }) => error,
            other => return other,
        };
        let speaks = |spec: &KernelSpec| language.is_some_and(|l| spec.language.eq_ignore_ascii_case(l));
        self.list().into_iter().find(speaks).ok_or(absent)
    }

    /// The prefixes and folders that a kernel may need to read.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.places.iter().map(|(dir, prefix)| prefix.as_deref().unwrap_or(dir))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(prefix: &Path, name: &str, json: &str) {
        let folder = prefix.join("share/jupyter/kernels").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("kernel.json"), json).unwrap();
    }

    #[test]
    fn the_first_of_a_name_wins_and_broken_ones_are_left_out() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        put(a.path(), "python3", r#"{"argv":["a"],"language":"python"}"#);
        put(b.path(), "python3", r#"{"argv":["b"],"language":"python"}"#);
        put(b.path(), "broken", "{");
        put(b.path(), "bash", r#"{"argv":["c"],"language":"bash"}"#);
        let search = Search::of([a.path().to_owned(), b.path().to_owned()]);
        let names: Vec<_> = search.list().into_iter().map(|s| s.name).collect();
        assert_eq!(names, ["bash", "python3"]);
        assert_eq!(search.find("python3").unwrap().argv, ["a"]);
        assert_eq!(search.find_or_language("venv", Some("Bash")).unwrap().name, "bash");
        let error = search.find_or_language("venv", Some("r")).unwrap_err().to_string();
        assert_eq!(error, "no kernel is called \"venv\"; there are bash, python3");
        assert!(search.find("../kernels/python3").is_err());
    }
}
