//! Reading the file of services, and choosing which of them run.

use super::builtin::{READY_MADE, ready_made};
use super::{Definition, RESERVED, order};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file of services.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    services: Vec<Definition>,
}

/// The same file before the ready-made definitions are laid under it.
#[derive(Deserialize)]
struct Plain {
    services: Vec<Map<String, Value>>,
}

/// The services of one workspace, in the order of their file. Names, paths and dependencies are known to be good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book(pub Vec<Definition>);

/// Reads a file of services; `name` is how messages call it.
///
/// # Errors
/// In words, with the line where one can be named.
pub fn parse(text: &str, name: &str) -> Result<Book, String> {
    let strict: File = castalia_compute::yaml::parse(text, name).map_err(|e| e.to_string())?;
    let plain: Plain = castalia_compute::yaml::parse(text, name).map_err(|e| e.to_string())?;
    let mut services = Vec::with_capacity(strict.services.len());
    for (read, keys) in strict.services.into_iter().zip(plain.services) {
        services.push(match &read.base {
            None => read,
            Some(base) => over(base, keys).map_err(|why| format!("{name}: service {}: {why}", read.name))?,
        });
    }
    check(&services).map_err(|why| format!("{name}: {why}"))?;
    Ok(Book(services))
}

/// A ready-made definition with some keys of one's own.
fn over(base: &str, keys: Map<String, Value>) -> Result<Definition, String> {
    let ground = ready_made(base).ok_or_else(|| {
        let known: Vec<&str> = READY_MADE.iter().map(|(name, _)| *name).collect();
        format!("there is no ready-made `{base}`; there are {}", known.join(", "))
    })?;
    let Ok(Value::Object(mut ground)) = serde_json::to_value(ground) else {
        return Err("can't be laid over".into());
    };
    for (key, value) in keys {
        match (ground.get_mut(&key), value) {
            // Variables and headers are added, a health check is changed where it says so.
            (Some(Value::Object(below)), Value::Object(above)) => below.extend(above),
            (_, value) => drop(ground.insert(key, value)),
        }
    }
    serde_json::from_value(Value::Object(ground)).map_err(|e| e.to_string())
}

fn plain_name(name: &str) -> bool {
    (1..=24).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn plain_path(path: &str) -> bool {
    let good = |s: &str| {
        !s.is_empty()
            && s != "."
            && s != ".."
            && s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~'))
    };
    path.is_empty() || path.split('/').all(good)
}

/// What one definition must keep, whoever gave it.
pub(crate) fn check_one(d: &Definition) -> Result<(), String> {
    let bad = |why: &str| Err(format!("service {}: {why}", d.name));
    if !plain_name(&d.name) {
        return Err(format!("`{}` is no name: 1 to 24 of a-z, 0-9 and -, a letter first", d.name));
    }
    if !plain_path(d.path()) {
        return bad("its path may have letters, digits, -, _, ., ~ and single slashes");
    }
    let first = d.path().split('/').next().unwrap_or_default();
    if RESERVED.contains(&first) {
        return bad(&format!("the path `{first}` is the workspace's own; choose another `path`"));
    }
    if d.built_in.is_some() && !d.command.is_empty() {
        return bad("it has a command and is built in; leave one of them out");
    }
    if d.built_in.is_none() && d.command.is_empty() && d.port.is_none() {
        return bad("it has neither a command nor a port");
    }
    if d.socket && d.port.is_some() {
        return bad("it has a socket and a port; leave one of them out");
    }
    if d.start_page.starts_with('/') || d.start_page.contains("..") {
        return bad("start_page is a path below its own, such as `lab`");
    }
    if d.command.iter().any(|word| word.contains("{socket}")) && !d.socket {
        return bad("its command names {socket}; say `socket: true`");
    }
    for (name, value) in d.headers.iter().chain(&d.token_headers) {
        let good = hyper::header::HeaderName::try_from(name.as_str()).is_ok()
            && hyper::header::HeaderValue::try_from(value.as_str()).is_ok();
        if !good {
            return bad(&format!("`{name}` is no header"));
        }
    }
    if let Some(name) = d.env.keys().find(|k| k.is_empty() || k.contains('=') || k.contains('\0')) {
        return bad(&format!("`{name}` is no variable"));
    }
    d.health_check.check().or_else(|why| bad(&why))
}

fn check(all: &[Definition]) -> Result<(), String> {
    let (mut names, mut paths) = (BTreeSet::new(), BTreeMap::new());
    for d in all {
        check_one(d)?;
        if !names.insert(d.name.as_str()) {
            return Err(format!("the service {} is there twice", d.name));
        }
        if let Some(other) = paths.insert(d.path(), d.name.as_str()) {
            return Err(format!("the services {other} and {} have the same path", d.name));
        }
    }
    for d in all {
        if let Some(unknown) = d.depends_on.iter().find(|n| !names.contains(n.as_str())) {
            return Err(format!("service {}: there is no service {unknown} to depend on", d.name));
        }
    }
    order::levels(all).map(drop)
}

/// The services of a workspace: those of its file, or the ready-made ones whose program is installed. `only` chooses
/// among the file's and the ready-made ones by name, with what they depend on.
///
/// # Errors
/// In words.
pub fn choose(file: Option<&Book>, only: &[String], search: &[std::path::PathBuf]) -> Result<Book, String> {
    if !only.is_empty() {
        return picked(file, only);
    }
    if let Some(book) = file {
        return Ok(book.clone());
    }
    let mut found: Vec<Definition> = Vec::new();
    for (name, _) in READY_MADE {
        let Some(d) = ready_made(name) else { continue };
        let there = d.command.first().is_none_or(|program| installed(program, search));
        // Of the IDE servers, the first that is there has the root.
        if there && !found.iter().any(|f| f.path() == d.path() || f.name == d.name) {
            found.push(d);
        }
    }
    check(&found)?;
    Ok(Book(found))
}

fn picked(file: Option<&Book>, only: &[String]) -> Result<Book, String> {
    let of_file = |name: &str| file.and_then(|book| book.0.iter().find(|d| d.name == name)).cloned();
    let mut chosen: Vec<Definition> = Vec::new();
    let mut wanted: Vec<String> = only.to_vec();
    while let Some(name) = wanted.pop() {
        if chosen.iter().any(|d| d.name == name) {
            continue;
        }
        let d = of_file(&name)
            .or_else(|| ready_made(&name))
            .ok_or_else(|| format!("there is no service {name}"))?;
        if chosen.iter().any(|other| other.name == d.name) {
            continue;
        }
        wanted.extend(d.depends_on.iter().cloned());
        chosen.push(d);
    }
    chosen.reverse();
    check(&chosen)?;
    Ok(Book(chosen))
}

/// Whether a program is there: by its path, or in one of the folders.
pub(crate) fn installed(program: &str, search: &[std::path::PathBuf]) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let runs =
        |path: &Path| path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0);
    if program.contains('/') {
        return runs(Path::new(program));
    }
    search.iter().any(|folder| runs(&folder.join(program)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_made_service_is_changed_by_its_keys() {
        let text = "services:\n- name: lab\n  use: lab\n  path: notebooks\n  env: {A: b}\n  health_check: {retries: 3}\n- name: db\n  port: 5000\n";
        let book = parse(text, "w.yaml").unwrap();
        let lab = &book.0[0];
        assert_eq!((lab.path(), lab.env["A"].as_str()), ("notebooks", "b"));
        assert!(lab.command[0].contains("jupyter") && lab.socket);
        assert_eq!(lab.health_check.endpoint.as_str(), "/api");
        assert_eq!(lab.health_check.retries.get(), 3);
        assert!(!book.0[1].is_supervised());
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in [
            ("services:\n- name: A\n  port: 1\n", "no name"),
            ("services:\n- name: a\n  port: 0\n", "w.yaml:3"),
            ("services:\n- name: a\n  prot: 1\n", "w.yaml:3"),
            ("services:\n- name: a\n", "neither a command nor a port"),
            ("services:\n- name: a\n  port: 1\n- name: a\n  port: 2\n", "twice"),
            ("services:\n- name: a\n  port: 1\n- name: b\n  path: a\n  port: 2\n", "same path"),
            ("services:\n- name: api\n  port: 1\n", "own"),
            ("services:\n- name: a\n  path: ../x\n  port: 1\n", "path may have"),
            ("services:\n- name: a\n  port: 1\n  depends_on: [b]\n", "no service b"),
            (
                "services:\n- {name: a, port: 1, depends_on: [b]}\n- {name: b, port: 2, depends_on: [a]}\n",
                "each other",
            ),
            ("services:\n- name: a\n  use: nothing\n", "no ready-made `nothing`"),
            ("services:\n- name: a\n  command: [x, '{socket}']\n", "socket: true"),
            ("services:\n- name: a\n  port: 1\n  headers: {'a b': c}\n", "no header"),
        ] {
            let told = parse(text, "w.yaml").expect_err(text);
            assert!(told.contains(word), "{text}: {told}");
        }
    }

    #[test]
    fn what_is_installed_is_chosen_and_one_ide_has_the_root() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(choose(None, &[], &[]).unwrap().0.len(), 1, "the chat needs no program");
        for program in ["code-server", "openvscode-server"] {
            use std::os::unix::fs::PermissionsExt;
            let path = folder.path().join(program);
            std::fs::write(&path, "").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let book = choose(None, &[], &[folder.path().to_owned()]).unwrap();
        let names: Vec<&str> = book.0.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, ["ide", "chat"]);
        assert_eq!(book.0[0].path(), "");
        assert_eq!(book.0[0].command[0], "code-server");
    }

    #[test]
    fn services_are_picked_with_what_they_need() {
        let text =
            "services:\n- {name: a, port: 1, depends_on: [b]}\n- {name: b, port: 2}\n- {name: c, port: 3}\n";
        let book = parse(text, "w.yaml").unwrap();
        let picked = choose(Some(&book), &["a".into(), "chat".into()], &[]).unwrap();
        let names: BTreeSet<&str> = picked.0.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, BTreeSet::from(["a", "b", "chat"]));
        assert!(choose(Some(&book), &["x".into()], &[]).is_err_and(|e| e.contains("no service x")));
    }
}
