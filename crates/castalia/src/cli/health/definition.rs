//! Definitions of workspaces as services that can be tried without a server.

use castalia_compute::service::Service;
use castalia_hub::{Book, Definition, Mode};

use crate::cli::failure::Failure;

/// A definition that was read, and the URL prefix under which it serves here.
pub(super) struct Read {
    pub(super) service: Service,
    /// With slashes at both ends, or empty.
    pub(super) prefix: String,
}

/// Reads a file: the least of a service, or what the server takes as the definition of a workspace.
pub(super) fn parse(text: &str, file: &str) -> Result<Read, Failure> {
    let least = match Service::parse(text, file) {
        Ok(service) => return Ok(Read { service, prefix: String::new() }),
        Err(error) => error.to_string(),
    };
    match castalia_hub::parse(text, file) {
        Ok(definition) => of_workspace(&definition),
        // Only the definition of a workspace must have a name.
        Err(error) if text.lines().any(|line| line.starts_with("name:")) => {
            Err(Failure::Usage(error.detail().to_owned()))
        }
        Err(_) => Err(Failure::Usage(least)),
    }
}

/// A definition that comes along with the program, by its name.
pub(super) fn builtin(name: &str) -> Option<Result<Read, Failure>> {
    Book::read(None).get(name).map(of_workspace)
}

fn of_workspace(definition: &Definition) -> Result<Read, Failure> {
    let name = &definition.name;
    if definition.mode == Mode::Jupyterhub {
        return Err(Failure::Usage(format!(
            "{name} signs people in at a server and does not start without one; try it with `castalia workspace open {name}`"
        )));
    }
    let prefix = format!("/user/test/{name}/");
    let words = [
        ("{base}", prefix.trim_end_matches('/')),
        ("{user}", "test"),
        ("{workspace}", name),
        ("{home}", "{work}"),
        ("{url}", "http://127.0.0.1:{port}"),
    ];
    let fill =
        |text: &String| words.iter().fold(text.clone(), |text, (word, value)| text.replace(word, value));
    let mut env: std::collections::BTreeMap<_, _> =
        definition.env.iter().map(|(name, value)| (name.clone(), fill(value))).collect();
    if !definition.path.is_empty() && !env.contains_key("PATH") {
        let ours = std::env::var("PATH").unwrap_or_default();
        env.insert("PATH".into(), format!("{}:{ours}", definition.path.join(":")));
    }
    let service = Service {
        name: Some(name.clone()),
        description: Some(definition.description.clone()),
        command: definition.command.iter().map(fill).collect(),
        env,
        // A free one, as for every workspace of a server whose workspaces share its network.
        port: None,
        health_check: definition.health_check.clone(),
        dependencies: Vec::new(),
    };
    Ok(Read { service, prefix })
}

#[cfg(test)]
mod tests {
    use castalia_compute::health::Seconds;

    use super::*;

    #[test]
    fn definitions_of_workspaces_can_be_tried() {
        let files = builtin("files").expect("comes along").expect("can be tried");
        assert_eq!(files.prefix, "/user/test/files/");
        assert!(files.service.command.contains(&"{work}".to_owned()), "{:?}", files.service.command);
        assert_eq!(files.service.health_check.timeout, Seconds::new(5));
        let lab = builtin("lab").expect("comes along").err().and_then(|f| f.message()).unwrap_or_default();
        assert!(lab.contains("castalia workspace open lab"), "{lab}");
        assert!(builtin("absent").is_none());
    }

    #[test]
    fn a_mistake_is_told_by_whoever_the_file_is_for() {
        let told = |text| parse(text, "x.yaml").err().and_then(|f| f.message()).unwrap_or_default();
        assert!(told("command: [a]\nprot: 1\n").contains("x.yaml:2:1: unknown field `prot`"));
        let workspace = told("name: a\ncommand: [a]\nidle: {timeout: never}\n");
        assert!(workspace.contains("x.yaml:3:"), "{workspace}");
        let good = "name: a\ncommand: [a, \"{port}\"]\nidle: {timeout: 10m, warning: 1m}\n";
        assert_eq!(told(good), "");
    }
}
