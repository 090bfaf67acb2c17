//! Reads a definition and those on which it depends.

use std::path::{Path, PathBuf};

use castalia_compute::service::Service;

use crate::cli::failure::Failure;

/// One service to start.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) name: String,
    pub(super) service: Service,
    /// The folder of its definition, absolute.
    pub(super) here: PathBuf,
}

/// The services to start, each after those on which it depends; the one that was asked for is the last.
pub(super) fn load(file: &Path) -> Result<Vec<Planned>, Failure> {
    let mut plan = Vec::new();
    let name = stem(file)?;
    add(file, name, &mut Vec::new(), &mut plan)?;
    Ok(plan)
}

fn add(file: &Path, name: String, above: &mut Vec<String>, plan: &mut Vec<Planned>) -> Result<(), Failure> {
    if above.contains(&name) {
        above.push(name);
        return Err(Failure::Usage(format!("services depend on each other: {}", above.join(" → "))));
    }
    if plan.iter().any(|planned| planned.name == name) {
        return Ok(());
    }
    let text = std::fs::read_to_string(file).map_err(|e| Failure::file("read", file, &e))?;
    let service = Service::parse(&text, &file.display().to_string())
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let file = std::path::absolute(file).map_err(|e| Failure::file("find", file, &e))?;
    let here = file.parent().unwrap_or(Path::new("/")).to_owned();
    above.push(name.clone());
    for needed in &service.dependencies {
        let path = beside(&here, needed).ok_or_else(|| {
            Failure::Usage(format!("{name} depends on {needed}, but {needed}.yaml is not beside it"))
        })?;
        add(&path, needed.clone(), above, plan)?;
    }
    above.pop();
    plan.push(Planned { name, service, here });
    Ok(())
}

fn beside(here: &Path, name: &str) -> Option<PathBuf> {
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0']);
    let found = ["yaml", "yml"].map(|ending| here.join(format!("{name}.{ending}")));
    found.into_iter().find(|path| plain && path.is_file())
}

fn stem(file: &Path) -> Result<String, Failure> {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    stem.ok_or_else(|| Failure::Usage(format!("{} is no file", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).expect("writes");
        }
        dir
    }

    #[test]
    fn what_is_needed_comes_first_and_once() {
        let dir = files(&[
            ("chat.yaml", "command: [c]\ndependencies: [agent, store]"),
            ("agent.yml", "command: [a]\ndependencies: [store]"),
            ("store.yaml", "command: [s]"),
        ]);
        let plan = load(&dir.path().join("chat.yaml")).expect("loads");
        let names: Vec<&str> = plan.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["store", "agent", "chat"]);
    }

    #[test]
    fn circles_and_gaps_are_told() {
        let dir = files(&[
            ("a.yaml", "command: [a]\ndependencies: [b]"),
            ("b.yaml", "command: [b]\ndependencies: [a]"),
            ("c.yaml", "command: [c]\ndependencies: [../x]"),
            ("d.yaml", "command: [d]\nhealth_check: {retries: 0}"),
        ]);
        for (file, told) in [("a", "a → b → a"), ("c", "../x.yaml is not beside it"), ("d", "d.yaml:2:")]
        {
            let failure = load(&dir.path().join(format!("{file}.yaml"))).expect_err("is wrong");
            assert!(failure.message().is_some_and(|m| m.contains(told)), "{failure:?}");
            assert_eq!(failure.exit_code(), 2);
        }
    }
}
