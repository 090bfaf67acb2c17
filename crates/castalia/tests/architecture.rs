//! ARCHITECTURE.md tells the truth about the crates and about who depends on whom.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The crates in the order of dependency: each line may use only lines above it.
const LINES: &[&[&str]] = &[
    &["base"],
    &["db", "compute", "http", "kernel", "proxy", "web"],
    &["events", "workspace"],
    &["identity"],
    &["projects"],
    &["storage"],
    &["processes", "hub"],
    &["notebooks"],
    &["castalia"],
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Our crates that each of our crates depends on, apart from its tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let folders = std::fs::read_dir(root().join("crates")).expect("crates").flatten();
    folders
        .map(|folder| {
            let name = folder.file_name().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(folder.path().join("Cargo.toml")).expect("a manifest");
            let normal = text.split("[dev-dependencies]").next().unwrap_or_default();
            let ours = normal.lines().filter_map(|line| {
                line.strip_prefix("castalia-")?.split(['.', ' ', '=']).next().map(str::to_owned)
            });
            (name, ours.collect())
        })
        .collect()
}

#[test]
fn crates_depend_only_upwards() {
    let line_of = |name: &str| LINES.iter().position(|line| line.contains(&name));
    for (name, uses) in dependencies() {
        if name == "testkit" {
            assert!(uses.iter().all(|u| u == "base" || u == "db"), "testkit uses {uses:?}");
            continue;
        }
        let own = line_of(&name).unwrap_or_else(|| {
            panic!("the crate {name} stands in no line: add it to ARCHITECTURE.md and here")
        });
        for used in uses {
            let line =
                line_of(&used).unwrap_or_else(|| panic!("{name} uses {used}, which stands in no line"));
            assert!(line < own, "{name} must not depend on {used}");
        }
    }
}

#[test]
fn the_map_lists_every_crate() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    assert!(text.lines().count() < 300, "ARCHITECTURE.md has grown beyond a map");
    for name in dependencies().keys() {
        assert!(text.contains(&format!("| `{name}` |")), "ARCHITECTURE.md does not list the crate {name}");
    }
}

/// The table “Where do I find …?” leads to places that exist.
#[test]
fn every_place_of_the_table_exists() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let rows = text.lines().filter(|l| l.contains(" → `") && l.contains("crate `"));
    let mut found = 0;
    for row in rows {
        let quoted: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        let [name, file, rest @ ..] = quoted.as_slice() else { panic!("{row}") };
        let path = root().join("crates").join(name).join("src").join(file.trim_end_matches('/'));
        assert!(path.exists(), "{row}: no {}", path.display());
        if let (Some(function), true) = (rest.first(), path.is_file()) {
            let source = std::fs::read_to_string(&path).expect("a file");
            assert!(source.contains(&format!("fn {function}")), "{row}: no fn {function}");
        }
        found += 1;
    }
    assert!(found >= 6, "only {found} rows");
}

/// All text below a folder in files of these kinds, without what was installed there.
fn sources(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let kind = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if path.is_dir() && !path.ends_with("node_modules") {
            sources(&path, all);
        } else if matches!(kind, "rs" | "mjs") {
            all.push_str(&std::fs::read_to_string(&path).expect("text"));
        }
    }
}

#[test]
fn tests_that_are_named_in_the_documents_exist() {
    let mut all = String::new();
    sources(&root().join("crates"), &mut all);
    let text = std::fs::read_to_string(root().join("docs/notebook-tests.md")).expect("the list");
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let names: Vec<&str> = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).collect();
    assert!(names.len() > 30, "{names:?}");
    for name in names.into_iter().filter(|name| name.contains('_')) {
        let found = all.contains(&format!("fn {name}(")) || all.contains(&format!("function {name}("));
        assert!(found, "docs/notebook-tests.md names `{name}`, which is nowhere");
    }
}
