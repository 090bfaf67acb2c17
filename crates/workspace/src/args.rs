//! What may be said on the command line, or by variables in an image.

use crate::privileges::RunAs;
use clap::{Args, Parser, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// An address, or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(pub Option<SocketAddr>);

impl std::str::FromStr for Listen {
    type Err = std::net::AddrParseError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" { Ok(Self(None)) } else { text.parse().map(|address| Self(Some(address))) }
    }
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Starts the program inside a workspace.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// File that says which services run (YAML); without one, the ready-made ones whose programs are installed
    #[arg(long, env = "CASTALIA_WORKSPACE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Only these services of the file or of the ready-made ones (lab, ide, openvscode, chat), with what they depend on
    #[arg(long, env = "CASTALIA_WORKSPACE_SERVICES", value_delimiter = ',', value_name = "NAME,…")]
    pub services: Vec<String>,
    /// Home folder of the workspace [default: what the hub says, then HOME]
    #[arg(long, env = "CASTALIA_WORKSPACE_HOME", value_name = "FOLDER")]
    pub home: Option<PathBuf>,
    /// Who the services run as when this is started as root: UID:GID, or `keep` to stay root [default: 1000:100; under
    /// Castalia's hub `keep`, since its backend has decided who runs]
    #[arg(long, env = "CASTALIA_WORKSPACE_USER", value_name = "UID:GID")]
    pub user: Option<RunAs>,
    /// Without a hub: where to listen
    #[arg(long, env = "CASTALIA_WORKSPACE_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Without a hub: the same once more, or `none` [default: port 8070 beside port 8080]
    #[arg(long, env = "CASTALIA_WORKSPACE_LEGACY_LISTEN", value_name = "ADDRESS")]
    pub legacy_listen: Option<Listen>,
    /// Without a hub: the IDE alone, behind the same sign-in, or `none` [default: port 8071 beside port 8080]
    #[arg(long, env = "CASTALIA_WORKSPACE_IDE_LISTEN", value_name = "ADDRESS")]
    pub ide_listen: Option<Listen>,
    /// Without a hub: the path that everything is below
    #[arg(long, env = "CASTALIA_WORKSPACE_BASE_URL", default_value = "/", value_name = "PATH")]
    pub base_url: String,
    /// Without a hub: the token that lets in; a fresh one is printed unless told
    #[arg(long, env = "CASTALIA_WORKSPACE_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Without a hub: a password that lets in as well
    #[arg(long, env = "CASTALIA_WORKSPACE_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
    /// Without a hub: believe X-Forwarded-* of proxies on loopback and in private networks
    #[arg(long, env = "CASTALIA_WORKSPACE_TRUST_PROXY")]
    pub trust_proxy: bool,
    /// How log lines are written
    #[arg(long, env = "CASTALIA_WORKSPACE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Human)]
    pub log_format: LogFormat,
}

impl ServeArgs {
    /// What the variables say when nothing stands on the command line.
    ///
    /// # Errors
    /// When one of them can't be read.
    pub fn from_variables() -> Result<Self, clap::Error> {
        #[derive(Parser)]
        struct Alone {
            #[command(flatten)]
            serve: ServeArgs,
        }
        Alone::try_parse_from(["castalia workspace"]).map(|alone| alone.serve)
    }
}
