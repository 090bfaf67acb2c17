//! The `health_check` block of a service definition.

use std::num::{NonZeroU16, NonZeroU32};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{self, Command, Endpoint, Seconds, Statuses};

/// How a service is asked whether it is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProbeKind {
    /// GET of the endpoint.
    Http,
    /// A connection to the port, closed at once.
    Tcp,
    /// A command that exits with 0.
    Command,
}

/// How to judge a service. Everything has a default that suits most services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HealthCheck {
    /// `http`, `tcp` or `command`; unless told, `command` if there is a `custom_health_command`, else `http`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe: Option<ProbeKind>,
    /// Path that is asked over HTTP.
    pub endpoint: Endpoint,
    /// Port that is asked, if it is not the service's own: with several, the one that tells most directly.
    #[serde(deserialize_with = "values::port", skip_serializing_if = "Option::is_none")]
    pub health_check_port: Option<NonZeroU16>,
    /// Time from one try to the next while the service is well.
    #[serde(deserialize_with = "values::positive")]
    pub interval: Seconds,
    /// Hard limit of one try.
    #[serde(deserialize_with = "values::positive")]
    pub timeout: Seconds,
    /// Failed tries in a row, spread over `retries × interval` at least, after which the service is unhealthy.
    #[serde(deserialize_with = "values::retries")]
    pub retries: NonZeroU32,
    /// Time after the start in which failed tries count for nothing.
    pub start_period: Seconds,
    /// True: the endpoint is at the root of the service's own port. False: it is below the service's URL prefix
    /// (`/user/{user}/{workspace}`).
    pub use_container_root: bool,
    /// Command that is run beside the service instead of a request; `{port}` and `{prefix}` are filled in.
    #[serde(deserialize_with = "values::command", skip_serializing_if = "Option::is_none")]
    pub custom_health_command: Option<Command>,
    /// Where the backend judges health itself (containers), its word is taken instead of tries of our own.
    #[serde(alias = "prefer_ecs_health")]
    pub prefer_backend_health: bool,
    /// HTTP statuses that are a good answer.
    pub expect: Statuses,
}

/// The recommendation for most services: moderate interval, many retries, a generous start. The numbers proved
/// themselves for web services behind slow storage.
impl Default for HealthCheck {
    fn default() -> Self {
        HealthCheck {
            probe: None,
            endpoint: default_endpoint(),
            health_check_port: None,
            interval: Seconds::new(15),
            timeout: Seconds::new(10),
            retries: NonZeroU32::MIN.saturating_add(7),
            start_period: Seconds::new(45),
            use_container_root: false,
            custom_health_command: None,
            prefer_backend_health: false,
            expect: Statuses::default(),
        }
    }
}

fn default_endpoint() -> Endpoint {
    Endpoint::new("/health").unwrap_or_else(|why| unreachable!("{why}"))
}

impl HealthCheck {
    /// The kind of try, told or implied.
    pub fn kind(&self) -> ProbeKind {
        let implied = if self.custom_health_command.is_some() { ProbeKind::Command } else { ProbeKind::Http };
        self.probe.unwrap_or(implied)
    }

    /// Refuses keys that contradict each other; each key by itself was checked when it was read.
    pub fn check(&self) -> Result<(), String> {
        match (self.kind(), &self.custom_health_command) {
            (ProbeKind::Command, None) => {
                Err("probe is command, but there is no custom_health_command".into())
            }
            (ProbeKind::Http | ProbeKind::Tcp, Some(_)) => {
                Err("there is a custom_health_command, but probe says otherwise; leave one of them out"
                    .into())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<HealthCheck, String> {
        crate::yaml::parse::<HealthCheck>(yaml, "check.yaml").map_err(|e| e.to_string())
    }

    #[test]
    fn every_key_of_a_known_definition_is_understood() {
        let chat = read(
            "endpoint: \"/health\"\nhealth_check_port: 3000\ntimeout: 10\ninterval: 15\nretries: 8\n\
             use_container_root: true\nstart_period: 45\nprefer_ecs_health: true\n",
        )
        .unwrap();
        assert_eq!(chat.health_check_port.map(NonZeroU16::get), Some(3000));
        assert!(chat.use_container_root && chat.prefer_backend_health);
        assert_eq!(chat.kind(), ProbeKind::Http);
        let ide = read("custom_health_command: curl -f http://127.0.0.1:8071/health || exit 1").unwrap();
        assert_eq!(ide.kind(), ProbeKind::Command);
        let container = read("custom_health_command: [CMD-SHELL, \"curl -f x || exit 1\"]").unwrap();
        assert_eq!(container.custom_health_command, Some(Command::Shell("curl -f x || exit 1".into())));
        assert_eq!(read("{}").unwrap(), HealthCheck::default());
    }

    #[test]
    fn what_is_written_reads_as_the_same() {
        let check = HealthCheck { probe: Some(ProbeKind::Tcp), ..HealthCheck::default() };
        let json = serde_json::to_string(&check).unwrap();
        assert_eq!(serde_json::from_str::<HealthCheck>(&json).unwrap(), check);
    }

    #[test]
    fn a_mistake_names_its_line() {
        for (yaml, line, word) in [
            ("interval: 15\nretries: 0\n", 2, "at least 1"),
            ("endpoint: /health\ninterval: 0\n", 2, "0.01"),
            ("timeout: 5\n\nendpoint: health\n", 3, "begin with /"),
            ("interval: 15\nretires: 8\n", 2, "retires"),
            ("health_check_port: 0\n", 1, "0 is no port"),
            ("health_check_port: 99999\n", 1, "99999 is no port"),
            ("retries: 8\nexpect: fine\n", 2, "statuses"),
            ("retries: 8\nstart_period: 2 moons\n", 2, "unit of time"),
            ("retries: 8\ncustom_health_command: \"\"\n", 2, "empty"),
        ] {
            let told = read(yaml).expect_err(yaml);
            assert!(told.contains(&format!("check.yaml:{line}:")), "{yaml:?}: {told}");
            assert!(told.contains(word), "{yaml:?}: {told}");
        }
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(read("probe: command").unwrap().check().is_err());
        assert!(read("probe: tcp\ncustom_health_command: \"true\"").unwrap().check().is_err());
        assert!(read("probe: tcp").unwrap().check().is_ok());
    }
}
