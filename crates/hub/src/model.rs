//! Workspaces as the world sees them.

use crate::definition::{Definition, Profile, Resources};
use castalia_base::{Timestamp, define_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

define_id!(/// One service of one user, with its own storage.
    WorkspaceId, "ws");

macro_rules! words {
    ($(#[$doc:meta])* $name:ident as $schema:literal { $($(#[$each:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[schemars(rename = $schema)]
        pub enum $name { $($(#[$each])* $variant),* }
        impl $name {
            /// The word for it.
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $word),* } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl std::str::FromStr for $name {
            type Err = castalia_base::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(castalia_base::Error::invalid("unknown_word", format!("`{text}` is none of the known words"))),
                }
            }
        }
    };
}

words!(
    /// Where a workspace is in its life.
    State as "WorkspaceState" {
        /// Nothing runs; it can be started.
        Stopped = "stopped",
        /// It waits for room.
        Queued = "queued",
        /// It was let in and is not ready yet.
        Starting = "starting",
        /// It was ready, and runs.
        Ready = "ready",
        /// It was asked to stop and may still run.
        Stopping = "stopping",
        /// It ended by itself, or never became ready.
        Failed = "failed",
    }
);

words!(
    /// How a running workspace is.
    Health as "WorkspaceHealth" {
        /// Not ready yet.
        Starting = "starting",
        /// It answers.
        Healthy = "healthy",
        /// It answers, but something presses on it.
        Degraded = "degraded",
        /// It does not answer.
        Unhealthy = "unhealthy",
        /// It does not run.
        Stopped = "stopped",
    }
);

words!(
    /// What somebody with whom a workspace is shared may do.
    Level as "ShareLevel" {
        /// See its state and its log.
        View = "view",
        /// Also open it.
        Use = "use",
    }
);

impl State {
    /// Whether something runs, or may.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Starting | Self::Ready | Self::Stopping)
    }
}

/// How the program ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WorkspaceExit")]
pub struct ExitView {
    /// Exit code, when it returned one.
    pub code: Option<i32>,
    /// Signal that ended it.
    pub signal: Option<i32>,
    /// Milliseconds of processor time.
    pub cpu_ms: u64,
    /// Most memory at once, in KiB.
    pub max_rss_kb: u64,
}

/// One step of a start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WorkspaceStage")]
pub struct Stage {
    /// `queued`, `admitted`, `started`, `ready`, `stopping`, `stopped` or `failed`.
    pub stage: String,
    /// What was said of it.
    pub note: Option<String>,
    /// When it began.
    pub at: Timestamp,
    /// How long it lasted, in milliseconds; absent for the one that lasts.
    pub ms: Option<i64>,
}

/// Somebody with whom a workspace is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "WorkspaceShare")]
pub struct Share {
    /// User id.
    pub user: String,
    /// The user's name.
    pub name: String,
    /// What the user may do.
    pub level: Level,
    /// Since when.
    pub since: Timestamp,
}

/// Why a workspace is kept, or when it is stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "WorkspaceIdle")]
pub struct IdleView {
    /// In words: `kept: 2 open sockets, kernel busy since 14:02 UTC`. Times of other days have their date.
    pub text: String,
    /// When something happened last that counts.
    pub last_activity: Option<Timestamp>,
    /// When it is stopped if nothing happens; absent when it is kept.
    pub stops_at: Option<Timestamp>,
    /// Whether its user was warned.
    pub warned: bool,
}

/// A workspace.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WorkspaceView {
    /// The id.
    pub id: String,
    /// `{user}-{service}-{hash}`, as in its address; it never changes.
    pub name: String,
    /// The name that people read.
    pub title: String,
    /// Project id.
    pub project: String,
    /// The owner's id.
    pub owner: String,
    /// The owner's name.
    pub owner_name: String,
    /// The service that it runs.
    pub service: String,
    /// The chosen profile.
    pub profile: String,
    /// Where it is in its life.
    pub state: State,
    /// Why it is there, in words.
    pub reason: Option<String>,
    /// The same for programs: `exit_code`, `signal`, `not_ready`, `memory`, `idle`, `asked`, ….
    pub reason_code: Option<String>,
    /// How it is.
    pub health: Health,
    /// Why, in words.
    pub health_reason: Option<String>,
    /// Whether the server that looks after it does not answer. It is not ended for that, and may still run.
    pub out_of_reach: bool,
    /// Where it is opened, below the server's address.
    pub path: String,
    /// The same as a whole address.
    pub url: String,
    /// Its place in the queue, from 1, while it waits.
    pub queue_position: Option<i64>,
    /// How many times it was started.
    pub run: i64,
    /// What it may use.
    pub resources: Resources,
    /// The steps of its last start.
    pub stages: Vec<Stage>,
    /// Milliseconds from the wish to its being ready.
    pub ready_ms: Option<i64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its program was started.
    pub started_at: Option<Timestamp>,
    /// When it became ready.
    pub ready_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub exit: Option<ExitView>,
    /// Lines of the log of its last run, once it has ended.
    pub log_lines: Option<i64>,
    /// Why it is kept alive, while it runs.
    pub idle: Option<IdleView>,
    /// With whom it is shared; only for those who may change that.
    pub shares: Vec<Share>,
    /// What the caller may do: `view`, `use` or `manage`.
    pub access: String,
}

/// A workspace about to be opened.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OpenWorkspace")]
pub struct Open {
    /// The service, for instance `lab`.
    #[serde(default)]
    pub service: Option<String>,
    /// An existing workspace (id or name) to start again, instead of a service.
    #[serde(default)]
    pub workspace: Option<String>,
    /// Project, by name or id; one of the caller's unless told.
    #[serde(default)]
    pub project: Option<String>,
    /// The profile; the service's default unless told.
    #[serde(default)]
    pub profile: Option<String>,
    /// The name that people read.
    #[serde(default)]
    pub title: Option<String>,
    /// Makes another workspace even when there is one of this service in the project already.
    #[serde(default)]
    pub new: bool,
}

/// A service to choose from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ServiceView {
    /// The name to choose it by.
    pub name: String,
    /// The name that people read.
    pub title: String,
    /// What it is.
    pub description: String,
    /// Sizes to choose from.
    pub profiles: Vec<Profile>,
    /// Whether it can be started here.
    pub available: bool,
    /// Why not.
    pub why: Option<String>,
    /// How long it usually takes to become ready, in milliseconds (the median of past starts).
    pub usual_ms: Option<i64>,
}

/// What there is to choose from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Services {
    /// The services by name.
    pub items: Vec<ServiceView>,
    /// Definitions that could not be read, for those who look after the installation.
    pub broken: Vec<BrokenView>,
}

/// A definition that could not be read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "BrokenDefinition")]
pub struct BrokenView {
    /// The file.
    pub file: String,
    /// What is wrong, with the line.
    pub why: String,
}

/// A service with its whole definition.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ServiceDetail {
    /// The service.
    #[serde(flatten)]
    pub service: ServiceView,
    /// Its definition.
    pub definition: Definition,
}

/// Something that runs here though no record claims it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WorkspaceOrphan")]
pub struct OrphanView {
    /// The unit.
    pub unit: String,
    /// Whose it was, by its labels.
    pub user: Option<String>,
    /// The workspace that it was, by its labels.
    pub workspace: Option<String>,
    /// Its service.
    pub service: Option<String>,
    /// Since when it runs.
    pub since: Timestamp,
    /// Process id.
    pub pid: Option<u32>,
    /// Milliseconds of processor time.
    pub cpu_ms: u64,
    /// `orphan`; `young` (wait and see) or `owner_starting` (its user is starting something: wait and see).
    pub verdict: String,
    /// Whether it can be taken up again, and if not why.
    pub adoptable: Option<String>,
}
