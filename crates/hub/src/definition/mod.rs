//! Service definitions: YAML that says how one kind of workspace is started and judged.
//!
//! A definition that contradicts itself is refused as a whole, with the line; a folder of definitions is read file by
//! file, so that one broken file does not take the others away.

mod book;
mod builtin;
mod check;
mod fill;

pub use book::{Book, Broken};
pub use check::parse;
pub(crate) use fill::Fill;

use castalia_compute::health::{HealthCheck, Seconds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a program learns who it serves and where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ServiceMode")]
pub enum Mode {
    /// By the environment that JupyterHub gives its servers; it signs people in itself, over OAuth.
    Jupyterhub,
    /// It knows nothing of us: who comes through the proxy is let in.
    #[default]
    Plain,
}

/// What the proxy does with the prefix of the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ServicePrefix")]
pub enum Prefix {
    /// The program is told its prefix and expects it.
    Keep,
    /// The program believes that it is at the root.
    #[default]
    Strip,
}

/// What a workspace may use; 0 means no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "WorkspaceResources")]
pub struct Resources {
    /// Processors, in thousandths.
    pub cpu_millis: u32,
    /// Memory in MiB.
    pub memory_mb: u64,
    /// Storage in MiB, its volume and its log together.
    pub storage_mb: u64,
    /// GPUs.
    pub gpu: u32,
}

/// A size to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ServiceProfile")]
pub struct Profile {
    /// The name to choose it by.
    pub name: String,
    /// The name that people read.
    #[serde(default)]
    pub title: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What a workspace of it may use.
    #[serde(default)]
    pub resources: Resources,
    /// Variables of its own.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Whether it is taken when none is chosen; the first unless told.
    #[serde(default)]
    pub default: bool,
}

/// When an idle workspace is stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "IdleRules")]
pub struct Idle {
    /// Time without activity after which it is stopped; 0 means never.
    pub timeout: Seconds,
    /// How long before that its user is warned.
    pub warning: Seconds,
    /// Whether a kernel or terminal that is busy keeps it, also when it says nothing.
    pub keep_busy: bool,
    /// Whether an open WebSocket keeps it, or only what is said over it.
    pub keep_sockets: bool,
    /// Where to ask what is busy: `jupyter` (kernels and terminals), `heartbeat` (`/healthz` of IDE servers) or `none`.
    pub ask: Ask,
    /// Longest life, however busy; 0 means none.
    pub max_age: Seconds,
    /// Paths below the workspace's own that never count as activity (what open tabs ask for by themselves); a `*`
    /// stands for any text.
    pub ignore: Vec<String>,
}

/// Where to ask whether anything is busy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "IdleAsk")]
pub enum Ask {
    /// Nowhere: what passes the proxy is all that is known.
    #[default]
    None,
    /// `api/kernels` and `api/terminals` of a Jupyter server.
    Jupyter,
    /// `healthz` of an IDE server, which knows its last heartbeat.
    Heartbeat,
}

impl Default for Idle {
    fn default() -> Self {
        Self {
            timeout: Seconds::new(3600),
            warning: Seconds::new(300),
            keep_busy: true,
            keep_sockets: false,
            ask: Ask::None,
            max_age: Seconds::new(0),
            ignore: Vec::new(),
        }
    }
}

/// One kind of workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ServiceDefinition")]
pub struct Definition {
    /// The name: 1 to 24 of `a-z 0-9 -`, beginning with a letter.
    pub name: String,
    /// The name that people read; the name unless told.
    #[serde(default)]
    pub title: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// Program and arguments. `{port}`, `{prefix}` (with slashes at both ends), `{base}` (the same without the last),
    /// `{user}`, `{workspace}`, `{home}` and `{url}` are filled in.
    pub command: Vec<String>,
    /// Variables; the same words are filled in.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Folders that are searched for the program before all others.
    #[serde(default)]
    pub path: Vec<String>,
    /// How the program learns who it serves.
    #[serde(default)]
    pub mode: Mode,
    /// What the proxy does with the prefix; kept for `mode: jupyterhub` unless told.
    #[serde(default)]
    pub prefix: Option<Prefix>,
    /// The port it listens on where it has a network of its own; a free one is found where it has not.
    #[serde(default = "usual_port")]
    pub port: u16,
    /// Where below its prefix people begin, for instance `lab`.
    #[serde(default)]
    pub start_page: String,
    /// How it is judged.
    #[serde(default)]
    pub health_check: HealthCheck,
    /// Sizes to choose from.
    #[serde(default)]
    pub profiles: Vec<Profile>,
    /// When it is stopped for being idle.
    #[serde(default)]
    pub idle: Idle,
    /// Time between SIGTERM and SIGKILL.
    #[serde(default = "usual_grace")]
    pub grace: Seconds,
    /// How many are kept started and unclaimed, so that opening one takes no time. Only for programs that need not know
    /// whom they serve (`mode: plain`, `prefix: strip`).
    #[serde(default)]
    pub warm: u32,
    /// What its programs may do with our API, as permissions; nothing unless told. Its token dies with it.
    #[serde(default)]
    pub api: Vec<String>,
}

fn usual_port() -> u16 {
    8888
}
fn usual_grace() -> Seconds {
    Seconds::new(10)
}

/// The profile of a service that names none.
const STANDARD: &str = "standard";

impl Definition {
    /// The profile of this name, or the default one for none.
    pub fn profile(&self, name: Option<&str>) -> Option<Profile> {
        let standard = || Profile {
            name: STANDARD.into(),
            title: "Standard".into(),
            description: String::new(),
            resources: Resources::default(),
            env: BTreeMap::new(),
            default: true,
        };
        match name {
            Some(STANDARD) if self.profiles.is_empty() => Some(standard()),
            Some(name) => self.profiles.iter().find(|p| p.name == name).cloned(),
            None => {
                let marked = self.profiles.iter().find(|p| p.default).or(self.profiles.first()).cloned();
                Some(marked.unwrap_or_else(standard))
            }
        }
    }

    /// What the proxy does with the prefix.
    pub fn prefix(&self) -> Prefix {
        self.prefix.unwrap_or(match self.mode {
            Mode::Jupyterhub => Prefix::Keep,
            Mode::Plain => Prefix::Strip,
        })
    }
    /// The program that is started.
    pub fn program(&self) -> &str {
        self.command.first().map_or("", String::as_str)
    }
}
