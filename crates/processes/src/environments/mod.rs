//! Environments: an interpreter (or a manifest of programs) and the process types that it offers.

mod bootstrap;
mod discover;
mod examples;
mod project;
mod service;
mod store;

pub use bootstrap::{BootstrapSource, is_current as is_bootstrap_current, prepare as prepare_bootstrap};
pub use project::{NewProjectType, PROJECT_ENVIRONMENT};
pub(crate) use service::{KnownTypes, ReadyType};
pub(crate) use store::TypeRow;

use crate::model::ResourcesRequest;
use castalia_base::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An environment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Environment {
    /// `env_…`
    pub id: String,
    /// Unique name, for instance `bootstrap`.
    pub name: String,
    /// `python` (a virtualenv) or `native` (a manifest of programs).
    pub kind: String,
    /// `ready`, `preparing` or `broken`.
    pub state: String,
    /// What is wrong, or how far the preparation is.
    pub message: Option<String>,
    /// Path of the interpreter.
    pub python: Option<String>,
    /// Version of the interpreter and of the packages, as found.
    pub packages: Value,
    /// When its types were last read.
    pub refreshed_at: Timestamp,
    /// Names of its process types.
    pub types: Vec<String>,
    /// Entry points that could not be loaded, with the reason.
    pub errors: Vec<EntryPointError>,
}

/// An entry point that could not be loaded.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EntryPointError {
    /// The entry point's name.
    pub entry_point: String,
    /// Traceback or message.
    pub error: String,
}

/// A process type.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProcessType {
    /// Name, unique within its environment.
    pub name: String,
    /// The environment's name.
    pub environment: String,
    /// Id of the only project that it belongs to; nothing for those that all may use.
    pub project: Option<String>,
    /// Title for people.
    pub title: String,
    /// What it does.
    pub description: String,
    /// The type's own version.
    pub version: String,
    /// JSON Schema (2020-12) of its parameters. At its root, `examples` lists what can be tried at once:
    /// `[{title, about, parameters}]`; `x-permission` names what one needs in the project besides `processes.run`.
    pub schema: Value,
    /// Whether equal parameters and inputs give an equal result, so that a result may be taken over.
    pub deterministic: bool,
    /// Default resources.
    pub resources: ResourcesRequest,
    /// What it writes.
    pub outputs: Value,
}

/// What makes an environment.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEnvironment {
    /// Unique name: lower-case letters, digits, `-`, `_`.
    pub name: String,
    /// Absolute path of a virtualenv's interpreter that has the `castalia` package.
    pub python: Option<String>,
    /// Or the programs themselves.
    pub manifest: Option<Manifest>,
}

/// Programs as process types.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The types.
    pub types: Vec<ManifestType>,
}

/// A program as a process type. It gets the same environment variables as the Python runner.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestType {
    /// Name, unique within the environment.
    pub name: String,
    /// Program and arguments.
    pub command: Vec<String>,
    /// JSON Schema of its parameters; without one it takes none. `examples` at its root may list what can be tried
    /// at once: `[{title, about, parameters}]`.
    pub schema: Option<Value>,
    /// Title for people.
    #[serde(default)]
    pub title: String,
    /// What it does.
    #[serde(default)]
    pub description: String,
    /// The type's own version.
    #[serde(default)]
    pub version: String,
    /// Whether equal parameters and inputs give an equal result.
    #[serde(default)]
    pub deterministic: bool,
    /// Default resources.
    #[serde(default)]
    pub resources: ResourcesRequest,
}
