//! The least that a service definition says: what to run, where it serves, how it is judged, what it needs.
//!
//! ```yaml
//! command: [python3, -m, http.server, "{port}"]
//! health_check: {endpoint: /, interval: 15, timeout: 10, retries: 8, start_period: 45}
//! dependencies: [data-agent]
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::health::{HealthCheck, Rules};
use crate::{Error, UnitId, UnitSpec, yaml};

/// A service that stays up.
///
/// In `command` and in the values of `env`, `{port}` becomes the port on which it is to serve, `{prefix}` the URL
/// prefix, `{here}` the folder of the definition, and `{NAME.port}` the port of the dependency of that name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// What it is called; the name of its file unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The port on which it serves; a free one unless told.
    #[serde(
        default,
        deserialize_with = "crate::health::optional_port",
        skip_serializing_if = "Option::is_none"
    )]
    pub port: Option<NonZeroU16>,
    /// How it is judged.
    #[serde(default)]
    pub health_check: HealthCheck,
    /// Names of the services that must be healthy first.
    #[serde(default)]
    pub dependencies: Vec<String>,
}

/// What the placeholders of a definition become.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filling {
    /// The service's own port.
    pub port: u16,
    /// The URL prefix under which it serves; empty for none.
    pub prefix: String,
    /// The folder in which the definition is.
    pub here: String,
    /// The ports of its dependencies, by name.
    pub dependencies: BTreeMap<String, u16>,
}

impl Service {
    /// Reads a definition; `file` is how errors call it.
    pub fn parse(text: &str, file: &str) -> Result<Self, Error> {
        let service: Service = yaml::parse(text, file)?;
        service.check().map_err(|why| Error::Invalid(format!("{file}: {why}")))?;
        Ok(service)
    }

    /// Refuses what could never work.
    pub fn check(&self) -> Result<(), String> {
        if self.command.first().is_none_or(String::is_empty) {
            return Err("command is empty".into());
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = self.dependencies.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(format!("dependency {twice:?} is named twice"));
        }
        self.health_check.check().map_err(|why| format!("health_check: {why}"))
    }

    /// What a judge must know of it.
    pub fn rules(&self) -> Rules {
        let check = &self.health_check;
        Rules::new(check, check.start_period.0, self.dependencies.clone())
    }

    /// The unit that runs it, with the placeholders filled in.
    pub fn unit(&self, id: UnitId, filling: &Filling) -> UnitSpec {
        let mut spec = UnitSpec::new(id, self.command.iter().map(|text| filling.fill(text)));
        spec.env = self.env.iter().map(|(name, value)| (name.clone(), filling.fill(value))).collect();
        spec
    }
}

impl Filling {
    /// Fills in a text.
    pub fn fill(&self, text: &str) -> String {
        fill(text, |word| match word {
            "port" => Some(self.port.to_string()),
            "prefix" => Some(self.prefix.clone()),
            "here" => Some(self.here.clone()),
            _ => self.dependencies.get(word.strip_suffix(".port")?).map(u16::to_string),
        })
    }
}

/// The text with every `{word}` that `known` knows in its place. Other braces stay, and what was filled in is not read
/// again.
pub fn fill(text: &str, known: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        match rest.find('}').and_then(|end| Some((end, known(&rest[1..end])?))) {
            Some((end, value)) => {
                out.push_str(&value);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_becomes_a_unit() {
        let text = "command: [chat, --port, \"{port}\", --agent, \"http://127.0.0.1:{data-agent.port}\", --workers, 4]\n\
                    env: {PREFIX: \"{prefix}\", CONFIG: \"{here}/chat.toml\", RETRIES: 3}\nport: 8888\ndependencies: [data-agent]\n\
                    health_check:\n  health_check_port: 3000\n";
        let service = Service::parse(text, "chat.yaml").unwrap();
        let dependencies = BTreeMap::from([("data-agent".to_owned(), 5000)]);
        let filling =
            Filling { port: 8888, prefix: "/user/ada".into(), here: "/etc/services".into(), dependencies };
        let unit = service.unit("unit_a".parse().unwrap(), &filling);
        assert_eq!(
            unit.command,
            ["chat", "--port", "8888", "--agent", "http://127.0.0.1:5000", "--workers", "4"]
        );
        assert_eq!(unit.env["PREFIX"], "/user/ada");
        assert_eq!(unit.env["CONFIG"], "/etc/services/chat.toml");
        assert_eq!(unit.env["RETRIES"], "3");
        assert_eq!(service.rules().dependencies, ["data-agent"]);
    }

    #[test]
    fn the_schema_names_every_key() {
        let schema = serde_json::to_value(schemars::schema_for!(Service)).unwrap();
        let check = &schema["$defs"]["HealthCheck"]["properties"];
        for key in [
            "endpoint",
            "health_check_port",
            "interval",
            "timeout",
            "retries",
            "start_period",
            "use_container_root",
            "custom_health_command",
            "prefer_backend_health",
            "probe",
            "expect",
        ] {
            assert!(check[key].is_object(), "{key}: {schema:#}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, told) in [
            ("command: []", "chat.yaml: command is empty"),
            ("env: {}", "chat.yaml:1:1: missing field `command`"),
            ("command: [a]\nprot: 1\n", "chat.yaml:2:1: unknown field `prot`"),
            (
                "command: [a]\nhealth_check:\n  interval: -3\n",
                "chat.yaml:3:13: -3 s is no time between 0 and a day",
            ),
            ("command: [a]\nport: 70000\n", "chat.yaml:2:7: 70000 is no port (1 to 65535)"),
            ("command: [a\n", "chat.yaml:1:10: unclosed bracket"),
            ("command: [a]\ndependencies: [b, b]\n", "dependency \"b\" is named twice"),
            ("command: [a]\nhealth_check: {probe: command}\n", "chat.yaml: health_check: probe is command"),
            ("command: [a]\nhealth_check: {probe: ping}\n", "chat.yaml:2:23: unknown variant `ping`"),
        ] {
            let error = Service::parse(text, "chat.yaml").unwrap_err().to_string();
            assert!(error.contains(told), "{text:?}\n  got  {error}\n  want {told}");
        }
    }
}
