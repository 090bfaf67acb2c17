//! What runs inside a workspace: a YAML file of services.
//!
//! It is not the hub's kind of definition: that one says how a whole workspace is started for a user (profiles, quotas,
//! idle time); this one says how one program inside of it is started, reached and supervised. Both judge health by the
//! same `health_check` block.

mod book;
mod builtin;
mod fill;
mod order;

pub use book::{Book, choose, parse};
pub(crate) use book::{check_one, installed};
pub(crate) use fill::Fill;
pub(crate) use order::levels;

use castalia_compute::health::{HealthCheck, Seconds};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::num::NonZeroU16;

/// First segments of paths that are this program's own.
pub(crate) const RESERVED: &[&str] =
    &["api", "health", "metrics", "login", "logout", "oauth_callback", "port", "services"];

/// What the path of a request looks like when the service sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prefix {
    /// The service is told its prefix and expects it.
    Keep,
    /// The service believes that it is at the root; redirects, cookies and `<base>` are rewritten.
    #[default]
    Strip,
}

/// When a service whose program has ended is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// Whenever it ended.
    #[default]
    Always,
    /// Unless it ended with exit code 0.
    OnFailure,
    /// Never.
    Never,
}

/// Pauses before a service is started again: each is twice the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Backoff {
    /// The first pause.
    pub first: Seconds,
    /// The longest pause.
    pub most: Seconds,
    /// After a run of at least this length the pauses begin anew.
    pub reset: Seconds,
}

impl Default for Backoff {
    fn default() -> Self {
        let first = Seconds(std::time::Duration::from_millis(500));
        Self { first, most: Seconds::new(60), reset: Seconds::new(60) }
    }
}

/// What this program serves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuiltIn {
    /// A chat with a language model.
    Chat,
}

/// Where to ask whether a service is in use, apart from what passes the proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Nowhere.
    #[default]
    None,
    /// Kernels and terminals of a Jupyter server; a busy kernel is activity, also when it says nothing.
    Jupyter,
    /// `healthz` of an IDE server, which knows its last heartbeat.
    Heartbeat,
}

/// What counts as activity of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ActivityRules {
    /// Where else to ask.
    pub ask: Ask,
    /// Paths below the service's own that never count; a `*` stands for any text.
    pub ignore: Vec<String>,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The name: 1 to 24 of `a-z 0-9 -`, beginning with a letter.
    pub name: String,
    /// The ready-made service that it is made from: `lab`, `code-server`, `openvscode`, `chat`.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The name that people read; the name unless told.
    #[serde(default)]
    pub title: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// Program and arguments; empty when somebody else runs it. `{port}`, `{socket}`, `{prefix}` (with slashes at both
    /// ends), `{base}` (the same without the last), `{home}`, `{user}`, `{name}` and `{secret}` are filled in.
    #[serde(default)]
    pub command: Vec<String>,
    /// Served by this program itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built_in: Option<BuiltIn>,
    /// Variables; the same words are filled in.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Working folder; the home folder unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// The port on 127.0.0.1 that it listens on; a free one is found unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<NonZeroU16>,
    /// Whether it listens on a private Unix socket, which nobody but its user's programs can reach, and not on a port.
    #[serde(default)]
    pub socket: bool,
    /// What the path looks like when it sees it.
    #[serde(default)]
    pub prefix: Prefix,
    /// Its path below the workspace's own (`tools/db`), `/` for the root; the name unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Where below its path people begin.
    #[serde(default)]
    pub start_page: String,
    /// Request headers that are set on the way to it; `{secret}` is filled in.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Request headers that are set as well when a program calls with a token and not a browser with a cookie: for a
    /// service whose own check of XSRF would refuse it. No other site can make such a request.
    #[serde(default)]
    pub token_headers: BTreeMap<String, String>,
    /// How it is judged.
    #[serde(default)]
    pub health_check: HealthCheck,
    /// Services that must be healthy before it is started.
    #[serde(default)]
    pub depends_on: Vec<String>,
    /// When it is started again.
    #[serde(default)]
    pub restart: Restart,
    /// Pauses before it is started again.
    #[serde(default)]
    pub backoff: Backoff,
    /// Whether it is started with the workspace.
    #[serde(default = "yes")]
    pub boot: bool,
    /// Whether the workspace is not well when it is not.
    #[serde(default = "yes")]
    pub essential: bool,
    /// Time between SIGTERM and SIGKILL.
    #[serde(default = "usual_grace")]
    pub grace: Seconds,
    /// What counts as activity.
    #[serde(default)]
    pub activity: ActivityRules,
}

fn yes() -> bool {
    true
}
fn usual_grace() -> Seconds {
    Seconds::new(5)
}

impl Definition {
    /// The path below the workspace's own: empty for the root, without slashes at its ends.
    pub fn path(&self) -> &str {
        self.path.as_deref().unwrap_or(&self.name).trim_matches('/')
    }

    /// The name that people read.
    pub fn title(&self) -> &str {
        if self.title.is_empty() { &self.name } else { &self.title }
    }

    /// Whether this program starts it.
    pub fn is_supervised(&self) -> bool {
        !self.command.is_empty()
    }
}
