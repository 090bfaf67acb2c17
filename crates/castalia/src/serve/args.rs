//! What `castalia serve` can be told, by flags or by `CASTALIA_…` variables.

use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Starts the server.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServeArgs {
    /// Folder for everything that is kept (database, buckets, running units).
    #[arg(long, env = "CASTALIA_DATA", default_value = "castalia-data")]
    pub(crate) data: PathBuf,
    /// Address for people and programs.
    #[arg(long, env = "CASTALIA_LISTEN", default_value = "127.0.0.1:8000")]
    pub(crate) listen: SocketAddr,
    /// Address of the S3 gateway.
    #[arg(long, env = "CASTALIA_S3_LISTEN", default_value = "127.0.0.1:9000")]
    pub(crate) s3_listen: SocketAddr,
    /// `postgres://…`; a SQLite file in the data folder unless told.
    #[arg(long, env = "CASTALIA_DATABASE", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// Makes user `demo` (password `demo`), project `demo` with 1,000 credits, demo uploads, the bootstrap
    /// environment, a finished flow and a notebook. Refused on anything but loopback.
    #[arg(long)]
    pub(crate) demo: bool,
    /// Leaves out the demo's finished flow and notebook; for tests that count what there is.
    #[arg(long, env = "CASTALIA_NO_DEMO_FLOW", hide = true)]
    pub(crate) no_demo_flow: bool,
    /// Address under which people and running processes reach this server, when it differs from --listen. Its path,
    /// if any, is the prefix under which the web app lives; a proxy may take it off or leave it.
    #[arg(long, env = "CASTALIA_PUBLIC_URL")]
    pub(crate) public_url: Option<String>,
    /// Serves the web app from this folder instead of the embedded one; for work on the app itself.
    #[arg(long, env = "CASTALIA_WEB", hide = true)]
    pub(crate) web: Option<PathBuf>,
    /// Where buckets lie: `s3://BUCKET[/PREFIX]` (with AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and
    /// AWS_SECRET_ACCESS_KEY); a folder in the data folder unless told.
    #[arg(long, env = "CASTALIA_STORAGE")]
    pub(crate) storage: Option<String>,
    /// Whether processes run in a sandbox (bubblewrap).
    #[arg(long, env = "CASTALIA_SANDBOX", value_enum, default_value_t = SandboxArg::Auto)]
    pub(crate) sandbox: SandboxArg,
    /// Interpreter of the bootstrap environment; made in the data folder when there is none.
    #[arg(long, env = "CASTALIA_BOOTSTRAP_PYTHON")]
    pub(crate) bootstrap_python: Option<PathBuf>,
    /// Virtual environments whose kernels notebooks can have, before those of this machine; separated by colons.
    #[arg(long, env = "CASTALIA_KERNEL_PATH")]
    pub(crate) kernel_path: Option<String>,
    /// Hours after which a kernel that nobody uses or watches is ended; 0 for never.
    #[arg(long, env = "CASTALIA_KERNEL_IDLE_HOURS", default_value_t = 24)]
    pub(crate) kernel_idle_hours: u32,
    /// MiB of outputs that one cell of a notebook may store beside the document; more is left out, and said to be.
    #[arg(long, env = "CASTALIA_OUTPUTS_CELL_MB", default_value_t = 256)]
    pub(crate) outputs_cell_mb: u64,
    /// MiB of outputs that a notebook may store, with what its versions keep.
    #[arg(long, env = "CASTALIA_OUTPUTS_NOTEBOOK_MB", default_value_t = 1024)]
    pub(crate) outputs_notebook_mb: u64,
    /// MiB of outputs that all notebooks of a project may store.
    #[arg(long, env = "CASTALIA_OUTPUTS_PROJECT_MB", default_value_t = 10_240)]
    pub(crate) outputs_project_mb: u64,
    /// MiB beyond which an output is in the notebook's file with its beginning and a word about the rest; 0 for all of
    /// every output. Downloads have all of it.
    #[arg(long, env = "CASTALIA_OUTPUTS_FILE_MB", default_value_t = 8)]
    pub(crate) outputs_file_mb: u64,
    /// Seconds that a stored output stays when nothing refers to it any more; for tests.
    #[arg(long, env = "CASTALIA_OUTPUTS_UNUSED_S", default_value_t = 3600, hide = true)]
    pub(crate) outputs_unused_s: u64,
    /// Processors that all running versions together may use; those of the machine unless told.
    #[arg(long, env = "CASTALIA_CPUS")]
    pub(crate) cpus: Option<f64>,
    /// Memory in MiB that all running versions together may use; that of the machine unless told.
    #[arg(long, env = "CASTALIA_MEMORY_MB")]
    pub(crate) memory_mb: Option<u64>,
    /// GPUs that all running versions together may use.
    #[arg(long, env = "CASTALIA_GPUS", default_value_t = 0)]
    pub(crate) gpus: u32,
    /// Largest upload in MiB.
    #[arg(long, env = "CASTALIA_MAX_UPLOAD_MB", default_value_t = 5120)]
    pub(crate) max_upload_mb: u64,
    /// Days that logs of processes are kept; 0 means for ever.
    #[arg(long, env = "CASTALIA_KEEP_LOGS_DAYS", default_value_t = 180)]
    pub(crate) keep_logs_days: u32,
    /// Days that the log of events (the audit trail) is kept; 0 means for ever.
    #[arg(long, env = "CASTALIA_KEEP_EVENTS_DAYS", default_value_t = 365)]
    pub(crate) keep_events_days: u32,
    /// Folder in which the files of notebooks lie, `{project}/{name}.ipynb`, for other programs to work with; the
    /// projects' buckets unless told.
    #[arg(long, env = "CASTALIA_NOTEBOOKS")]
    pub(crate) notebooks: Option<PathBuf>,
    /// Folder of service definitions (YAML); `services` in the data folder unless told.
    #[arg(long, env = "CASTALIA_SERVICES")]
    pub(crate) services: Option<PathBuf>,
    /// Folders, with colons between them, that are searched for the programs of workspaces before PATH; for instance
    /// the `bin` of a virtual environment with jupyterhub and jupyterlab.
    #[arg(long, env = "CASTALIA_WORKSPACE_PATH")]
    pub(crate) workspace_path: Option<String>,
    /// Workspaces that run at the same time; more wait in a queue.
    #[arg(long, env = "CASTALIA_WORKSPACES", default_value_t = 200)]
    pub(crate) workspaces: u32,
    /// Workspaces that start at the same time; more wait in a queue.
    #[arg(long, env = "CASTALIA_WORKSPACE_STARTS", default_value_t = 20)]
    pub(crate) workspace_starts: u32,
    /// Workspaces of one user that run at the same time; 0 means no limit.
    #[arg(long, env = "CASTALIA_USER_WORKSPACES", default_value_t = 6)]
    pub(crate) user_workspaces: u32,
    /// Seconds that a client may take to send the head of a request before it is cut off.
    #[arg(long, env = "CASTALIA_HEAD_TIMEOUT", default_value_t = 20)]
    pub(crate) head_timeout: u64,
    /// While another server works on the data folder, wait until it has ended, and then take over what runs.
    #[arg(long, env = "CASTALIA_STANDBY")]
    pub(crate) standby: bool,
    /// Seconds after which a notebook that nobody has open any more leaves the memory.
    #[arg(long, env = "CASTALIA_NOTEBOOK_IDLE_S", default_value_t = 60)]
    pub(crate) notebook_idle_s: u32,
    /// How log lines are written.
    #[arg(long, env = "CASTALIA_LOG_FORMAT", value_enum, default_value_t = LogFormat::Human)]
    pub(crate) log_format: LogFormat,
    /// Tests only: a file with the milliseconds by which the server's clock is wrong, read ten times a second.
    #[arg(long, env = "CASTALIA_TEST_CLOCK", hide = true)]
    pub(crate) test_clock: Option<PathBuf>,
    /// Tests only: the step at which the server kills itself.
    #[arg(long, env = "CASTALIA_TEST_KILL_AT", hide = true)]
    pub(crate) kill_at: Option<String>,
}

/// Whether processes run in a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SandboxArg {
    /// When the machine has bubblewrap.
    Auto,
    /// Never.
    Off,
    /// Always; the server does not start without bubblewrap.
    Required,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}
