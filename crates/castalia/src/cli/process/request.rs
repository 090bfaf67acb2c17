//! From the command line to the body of a run: parameters typed by the schema, resources in the server's units.

use crate::cli::app::{App, ProjectOption, read_json};
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::{units, values};
use clap::Args;
use serde_json::{Map, Value, json};

/// Parameters of a run.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ParameterArgs {
    /// A parameter; the type's schema says what the text means. `KEY:=JSON` is taken as it is
    #[arg(short = 'p', long = "param", value_name = "KEY=VALUE", value_parser = values::given)]
    given: Vec<values::Given>,
    /// Parameters as a JSON object, from a file or `-`; each -p goes over it
    #[arg(long, value_name = "FILE|-")]
    params: Option<String>,
}

/// What a run may use.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Resources")]
pub(crate) struct ResourceArgs {
    /// Processors: `1.5`, `500m`
    #[arg(long, value_parser = units::cpu_millis)]
    cpu: Option<u32>,
    /// Memory: `2G`, `512M`
    #[arg(long, value_parser = units::mebibytes)]
    memory: Option<u64>,
    /// Disk, for the working folder and for the outputs each: `1G`
    #[arg(long, value_parser = units::mebibytes)]
    storage: Option<u64>,
    /// GPUs
    #[arg(long)]
    gpu: Option<u32>,
    /// Longest time it may run: `90s`, `10m`, `1h30m`; credit is held for it
    #[arg(long, value_name = "DURATION", value_parser = units::seconds)]
    deadline: Option<u64>,
}

/// What to run.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  castalia process estimate fft -p input=upload:mauna-loa-co2.csv --deadline 10m")]
pub(crate) struct RequestArgs {
    /// Process type, `NAME` or `ENVIRONMENT/NAME`; see `castalia process types`
    #[arg(value_name = "TYPE")]
    pub(super) type_name: String,
    #[command(flatten)]
    parameters: ParameterArgs,
    #[command(flatten)]
    project: ProjectOption,
    /// Name for people
    #[arg(long)]
    name: Option<String>,
    /// Higher goes first (-100 to 100)
    #[arg(long, allow_negative_numbers = true)]
    priority: Option<i32>,
    /// Take over the result of an equal earlier run, if there is one
    #[arg(long)]
    reuse: bool,
    #[command(flatten)]
    resources: ResourceArgs,
}

impl ParameterArgs {
    /// Whether nothing was said about parameters.
    pub(super) fn are_absent(&self) -> bool {
        self.given.is_empty() && self.params.is_none()
    }

    /// `base` with what was given over it. The schema is fetched only when a text has to be understood.
    pub(super) async fn over(
        &self,
        client: &Client,
        type_name: &str,
        base: Map<String, Value>,
    ) -> Result<Map<String, Value>, Failure> {
        let mut parameters = base;
        if let Some(source) = &self.params {
            let Value::Object(file) = read_json(source)? else {
                return Err(Failure::Usage(format!("the parameters in {source} are not a JSON object")));
            };
            parameters.extend(file);
        }
        let schema = if values::need_schema(&self.given) {
            // The server takes `~` for the slash, which would not survive every proxy in a path.
            let name = type_name.replacen('/', "~", 1);
            client.get(&["process-types", &name], &[]).await?["schema"].take()
        } else {
            Value::Null
        };
        values::apply(&self.given, &schema, &mut parameters)?;
        Ok(parameters)
    }
}

impl ResourceArgs {
    /// As the server counts: thousandths of a core, MiB, seconds. What was not said is absent.
    pub(super) fn body(&self) -> Value {
        let mut body = Map::new();
        let mut put = |name: &str, value: Option<u64>| value.map(|v| body.insert(name.to_owned(), v.into()));
        put("cpu_millis", self.cpu.map(u64::from));
        put("memory_mb", self.memory);
        put("storage_mb", self.storage);
        put("gpu", self.gpu.map(u64::from));
        put("deadline_s", self.deadline);
        Value::Object(body)
    }
}

impl RequestArgs {
    /// The body of `POST /api/processes`.
    pub(super) async fn body(&self, app: &App, client: &Client) -> Result<Value, Failure> {
        let project = app.project(client, &self.project).await?;
        let parameters = self.parameters.over(client, &self.type_name, Map::new()).await?;
        let mut body = json!({"project": project, "type": self.type_name, "parameters": parameters, "resources": self.resources.body()});
        if let Some(name) = &self.name {
            body["name"] = name.as_str().into();
        }
        if let Some(priority) = self.priority {
            body["priority"] = priority.into();
        }
        if self.reuse {
            body["reuse"] = true.into();
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_sent_as_the_server_counts_and_only_those_that_were_named() {
        let asked = ResourceArgs { cpu: Some(1500), deadline: Some(600), ..ResourceArgs::default() };
        assert_eq!(asked.body(), json!({"cpu_millis": 1500, "deadline_s": 600}));
        assert_eq!(ResourceArgs::default().body(), json!({}));
    }
}
