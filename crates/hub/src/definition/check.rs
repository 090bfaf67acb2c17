//! Reading one definition: every mistake is told with its line.

use super::{Definition, Mode, Prefix};
use castalia_base::{Error, permission};
use castalia_compute::yaml;

/// Reads a definition; `file` is how messages call it.
///
/// # Errors
/// `invalid_definition` with file and line.
pub fn parse(text: &str, file: &str) -> Result<Definition, Error> {
    let mut definition: Definition =
        yaml::parse(text, file).map_err(|e| Error::invalid("invalid_definition", e.to_string()))?;
    if let Some((key, why)) = mistake(&definition) {
        let place = line_of(text, &key).map_or_else(String::new, |line| format!("{line}:"));
        return Err(Error::invalid("invalid_definition", format!("{file}:{place} {}: {why}", key.join("."))));
    }
    if definition.title.is_empty() {
        definition.title = definition.name.clone();
    }
    for profile in &mut definition.profiles {
        if profile.title.is_empty() {
            profile.title = profile.name.clone();
        }
    }
    Ok(definition)
}

type Place = Vec<String>;

fn at(keys: &[&str]) -> Place {
    keys.iter().map(|k| (*k).to_owned()).collect()
}

fn plain_name(name: &str, most: usize) -> bool {
    (1..=most).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// What no key shows by itself; each key's own form was checked when it was read.
fn mistake(d: &Definition) -> Option<(Place, String)> {
    if !plain_name(&d.name, 24) {
        return Some((at(&["name"]), "has 1 to 24 of a-z, 0-9 and -, and begins with a letter".into()));
    }
    if d.program().is_empty() {
        return Some((at(&["command"]), "names no program".into()));
    }
    if d.port == 0 {
        return Some((at(&["port"]), "0 is no port".into()));
    }
    if d.start_page.starts_with('/') || d.start_page.contains("..") {
        return Some((at(&["start_page"]), "is a path below the workspace's own, such as `lab`".into()));
    }
    if let Err(why) = d.health_check.check() {
        return Some((at(&["health_check"]), why));
    }
    if let Some(name) = d.env.keys().find(|k| is_ours(k) || k.is_empty() || k.contains('=')) {
        return Some((at(&["env", name]), "is not for a definition to set".into()));
    }
    let mut names = std::collections::BTreeSet::new();
    for profile in &d.profiles {
        if !plain_name(&profile.name, 24) {
            let why = format!("`{}` has not 1 to 24 of a-z, 0-9 and -", profile.name);
            return Some((at(&["profiles", "name"]), why));
        }
        if !names.insert(&profile.name) {
            return Some((at(&["profiles", "name"]), format!("`{}` is there twice", profile.name)));
        }
    }
    if d.profiles.iter().filter(|p| p.default).count() > 1 {
        return Some((at(&["profiles"]), "only one can be the default".into()));
    }
    if d.idle.timeout.0.as_secs() > 0 && d.idle.warning >= d.idle.timeout {
        return Some((at(&["idle", "warning"]), "must be shorter than the timeout".into()));
    }
    if d.mode == Mode::Jupyterhub && d.prefix == Some(Prefix::Strip) {
        return Some((at(&["prefix"]), "a program in mode jupyterhub expects its prefix".into()));
    }
    if d.warm > 0 && (d.mode == Mode::Jupyterhub || d.prefix() == Prefix::Keep) {
        let why =
            "only programs that need not know whom they serve can wait for it (mode plain, prefix strip)";
        return Some((at(&["warm"]), why.into()));
    }
    if d.warm > 0 && mentions_identity(d) {
        let why = "what waits can't know {user}, {workspace} or its {prefix}";
        return Some((at(&["warm"]), why.into()));
    }
    d.api
        .iter()
        .find(|p| !permission::is_pattern(p))
        .map(|p| (at(&["api"]), format!("`{p}` is no permission; write `noun.verb` or `noun.*`")))
}

/// Variables that say who is served and where: a definition that set them would only be overruled.
fn is_ours(name: &str) -> bool {
    let free = ["JUPYTERHUB_SINGLEUSER_", "JUPYTERHUB_ALLOW_", "JUPYTERHUB_ACTIVITY_INTERVAL"];
    name.starts_with("JUPYTERHUB_") && !free.iter().any(|f| name.starts_with(f))
}

fn mentions_identity(d: &Definition) -> bool {
    let words = ["{user}", "{workspace}", "{prefix}", "{base}", "{url}"];
    d.command.iter().chain(d.env.values()).any(|text| words.iter().any(|word| text.contains(word)))
}

/// The line (from 1) on which the innermost of these keys stands, found by its indentation under the outer ones.
fn line_of(text: &str, keys: &[String]) -> Option<usize> {
    let mut line = 0;
    let mut from = 0;
    for key in keys {
        let found = text.lines().enumerate().skip(from).find(|(_, l)| {
            let l = l.trim_start().trim_start_matches("- ").trim_start();
            let l = l.trim_matches(['"', '\'']);
            l.strip_prefix(key.as_str())
                .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).starts_with(':'))
        });
        match found {
            Some((at, _)) => (line, from) = (at + 1, at),
            None => break,
        }
    }
    (line > 0).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        parse(text, "x.yaml").expect_err(text).detail().to_owned()
    }

    #[test]
    fn a_small_definition_is_enough() {
        let d = parse("name: site\ncommand: [python3, -m, http.server, \"{port}\"]\n", "x.yaml")
            .expect("is good");
        assert_eq!((d.title.as_str(), d.prefix(), d.port), ("site", Prefix::Strip, 8888));
        assert_eq!(d.profile(None).expect("one").name, "standard");
        assert!(d.profile(Some("standard")).is_some(), "what is listed can be asked for");
        assert!(d.profile(Some("large")).is_none());
    }

    #[test]
    fn every_mistake_names_its_line() {
        for (text, line, word) in [
            ("name: Lab\ncommand: [x]\n", 1, "a-z"),
            ("name: lab\ncommand: []\n", 2, "program"),
            ("name: lab\ncommand: [x]\nport: 0\n", 3, "port"),
            ("name: lab\ncommand: [x]\nport: 99999\n", 3, ""),
            ("name: lab\ncommand: [x]\ncomand: 1\n", 3, "comand"),
            ("name: lab\ncommand: [x]\nhealth_check:\n  probe: command\n", 3, "custom_health_command"),
            ("name: lab\ncommand: [x]\nhealth_check:\n  interval: 5\n  retries: -1\n", 5, ""),
            ("name: lab\ncommand: [x]\nidle:\n  timeout: 60\n  warning: 60\n", 5, "shorter"),
            ("name: lab\ncommand: [x]\nprofiles:\n  - name: a\n  - name: a\n", 4, "twice"),
            ("name: lab\ncommand: [x]\nenv:\n  JUPYTERHUB_USER: me\n", 4, "not for a definition"),
            ("name: lab\ncommand: [x]\nmode: jupyterhub\nwarm: 1\n", 4, "whom they serve"),
            ("name: lab\ncommand: [x, \"{user}\"]\nwarm: 1\n", 3, "wait"),
            ("name: lab\ncommand: [x]\napi: [everything]\n", 3, "noun.verb"),
            ("name: lab\ncommand: [x]\nstart_page: /lab\n", 3, "below"),
            ("name: lab\n", 1, "command"),
            ("name: lab\ncommand: [x\n", 3, ""),
        ] {
            let told = refusal(text);
            let want = format!("x.yaml:{line}:");
            assert!(told.starts_with(&want) || line == 3 && told.starts_with("x.yaml:"), "{text:?}: {told}");
            assert!(told.contains(word), "{text:?}: {told}");
        }
    }
}
