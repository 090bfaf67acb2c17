//! What `castalia proxy` can be told: the flags of configurable-http-proxy that JupyterHub and its admins use, and our own.

use castalia_proxy::Trust;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
JupyterHub uses it in place of configurable-http-proxy with
  c.ConfigurableHTTPProxy.command = ['castalia', 'proxy']

Environment:
  CONFIGPROXY_AUTH_TOKEN   the token of the REST API; without it everybody who reaches the API may change routes
  CASTALIA_LOG             filters the log, before --log-level";

/// Runs the reverse proxy alone: routes are changed over its REST API on an address of its own.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ProxyArgs {
    /// Address for clients; all addresses when empty
    #[arg(long, default_value = "", value_name = "IP")]
    pub(super) ip: String,
    /// Port for clients
    #[arg(long, default_value_t = 8000)]
    pub(super) port: u16,
    /// Unix socket for clients, instead of address and port
    #[arg(long, conflicts_with_all = ["ip", "port"], value_name = "PATH")]
    pub(super) socket: Option<PathBuf>,
    /// Address of the REST API
    #[arg(long, default_value = "localhost", value_name = "IP")]
    pub(super) api_ip: String,
    /// Port of the REST API; one above --port unless told
    #[arg(long, value_name = "PORT")]
    pub(super) api_port: Option<u16>,
    /// Unix socket of the REST API, instead of address and port
    #[arg(long, conflicts_with_all = ["api_ip", "api_port"], value_name = "PATH")]
    pub(super) api_socket: Option<PathBuf>,
    /// Key of the certificate for clients (PEM)
    #[arg(long, requires = "ssl_cert", value_name = "FILE")]
    pub(super) ssl_key: Option<PathBuf>,
    /// Certificate for clients (PEM); speaks HTTPS
    #[arg(long, requires = "ssl_key", value_name = "FILE")]
    pub(super) ssl_cert: Option<PathBuf>,
    /// Port on which HTTP is sent on to HTTPS
    #[arg(long, requires = "ssl_cert", value_name = "PORT")]
    pub(super) redirect_port: Option<u16>,
    /// Port that it is sent on to; --port unless told
    #[arg(long, requires = "redirect_port", value_name = "PORT")]
    pub(super) redirect_to: Option<u16>,
    /// Back end of the route `/`
    #[arg(long, value_name = "URL")]
    pub(super) default_target: Option<String>,
    /// Server that is asked for the pages of failures: URL/CODE?url=PATH
    #[arg(long, conflicts_with = "error_path", value_name = "URL")]
    pub(super) error_target: Option<String>,
    /// Folder with the pages of failures: CODE.html, else error.html
    #[arg(long, value_name = "FOLDER")]
    pub(super) error_path: Option<PathBuf>,
    /// File that holds our process id while we run
    #[arg(long, value_name = "FILE")]
    pub(super) pid_file: Option<PathBuf>,
    /// Do not tell back ends where requests come from
    #[arg(long)]
    pub(super) no_x_forward: bool,
    /// Do not put the paths of targets before those of requests
    #[arg(long)]
    pub(super) no_prepend_path: bool,
    /// Do not show back ends the prefix of their route
    #[arg(long)]
    pub(super) no_include_prefix: bool,
    /// Put what back ends say about addresses (Location, cookie paths, <base>) below the prefix of their route
    #[arg(long)]
    pub(super) auto_rewrite: bool,
    /// Show back ends their own name as Host
    #[arg(long)]
    pub(super) change_origin: bool,
    /// Header that every back end gets, as NAME:VALUE; may be given again
    #[arg(long, value_name = "NAME:VALUE")]
    pub(super) custom_header: Vec<String>,
    /// The first segment of a route is a host
    #[arg(long)]
    pub(super) host_routing: bool,
    /// Address of the metrics; all addresses when empty
    #[arg(long, default_value = "", value_name = "IP")]
    pub(super) metrics_ip: String,
    /// Port of the metrics (Prometheus); none unless told
    #[arg(long, value_name = "PORT")]
    pub(super) metrics_port: Option<u16>,
    /// What is logged: debug, info, warn or error
    #[arg(long, default_value = "info", value_name = "LEVEL", ignore_case = true, value_enum)]
    pub(super) log_level: Level,
    /// Milliseconds that a client may take for its head, and for each next piece of its body
    #[arg(long, value_name = "MS")]
    pub(super) timeout: Option<u64>,
    /// Milliseconds that a back end may take to begin its answer; for ever unless told
    #[arg(long, value_name = "MS")]
    pub(super) proxy_timeout: Option<u64>,
    /// Milliseconds that a client's connection may wait for its next request
    #[arg(long, value_name = "MS")]
    pub(super) keep_alive_timeout: Option<u64>,
    /// Whose X-Forwarded-* is believed
    #[arg(long, value_enum, default_value_t = TrustArg::Private)]
    pub(super) trust: TrustArg,
    /// Threads; as many as the machine has processors unless told
    #[arg(long)]
    pub(super) workers: Option<usize>,
    /// Connections of clients at the same time
    #[arg(long, default_value_t = 20_000)]
    pub(super) max_connections: usize,
    /// Largest request body in MiB; none unless told
    #[arg(long)]
    pub(super) max_body_mb: Option<u64>,
}

/// Whose `X-Forwarded-*` is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TrustArg {
    /// Nobody's: clients come here directly.
    Nobody,
    /// That of peers on loopback and in private networks.
    Private,
    /// Everybody's.
    Everybody,
}

impl From<TrustArg> for Trust {
    fn from(arg: TrustArg) -> Self {
        match arg {
            TrustArg::Nobody => Self::Nobody,
            TrustArg::Private => Self::Private,
            TrustArg::Everybody => Self::Everybody,
        }
    }
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Level {
    /// Everything.
    Debug,
    /// What happens.
    Info,
    /// What went wrong.
    #[value(alias = "warning")]
    Warn,
    /// What we could not do.
    #[value(alias = "critical")]
    Error,
}

impl Level {
    pub(super) fn filter(self) -> &'static str {
        match self {
            Self::Debug => "debug,hyper=info,h2=info",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}
