//! `castalia proxy`: the reverse proxy as a program of its own, started by JupyterHub or by hand.

mod args;

pub(crate) use args::ProxyArgs;

use anyhow::{Context, bail};
use axum::http::{HeaderName, HeaderValue};
use castalia_base::Clock;
use castalia_proxy::chp::{Api, ErrorPages, Metrics, Public, Redirect};
use castalia_proxy::server::{Bound, Handler, Server, ServerConfig, bind, bind_unix, tls};
use castalia_proxy::{Config, HostHeader, Prefix, RouteOptions, SocketActivity, Table, Target};
use serde_json::json;
use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Runs the proxy until it is told to stop.
pub(crate) fn main(arguments: &ProxyArgs) -> ExitCode {
    let level = arguments.log_level.filter();
    let filter = EnvFilter::try_from_env("CASTALIA_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let log = log.with_ansi(std::io::stderr().is_terminal());
    let _ = log.compact().try_init();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("castalia: {error:#}");
            ExitCode::from(1)
        }
    }
}

fn run(arguments: &ProxyArgs) -> anyhow::Result<()> {
    more_files();
    let public = match &arguments.socket {
        Some(path) => bind_unix(path).with_context(|| format!("could not listen on {}", path.display()))?,
        None => listen(&arguments.ip, arguments.port, "--port")?,
    };
    let api_port = arguments.api_port.unwrap_or(arguments.port.saturating_add(1));
    let private = match &arguments.api_socket {
        Some(path) => bind_unix(path).with_context(|| format!("could not listen on {}", path.display()))?,
        None => listen(&arguments.api_ip, api_port, "--api-port")?,
    };
    let table = Arc::new(Table::default());
    let api = api(arguments, &table)?;
    if let Some(target) = &arguments.default_target {
        let note = serde_json::Map::from_iter([("target".to_owned(), json!(target))]);
        api.add("/", note).map_err(|why| anyhow::anyhow!("--default-target: {why}"))?;
    }
    let config = server_config(arguments)?;
    let handler = Arc::new(Public { pages: pages(arguments)? });
    let mut servers = vec![
        start(config.clone(), &public, &table, handler)?,
        start(small(), &private, &table, Arc::new(api))?,
    ];
    if let Some(port) = arguments.metrics_port {
        let bound = listen(&arguments.metrics_ip, port, "--metrics-port")?;
        servers.push(start(small(), &bound, &table, Arc::new(Metrics(table.clone())))?);
    }
    if let Some(port) = arguments.redirect_port {
        let bound = listen(&arguments.ip, port, "--redirect-port")?;
        let port = arguments.redirect_to.unwrap_or(arguments.port);
        servers.push(start(small(), &bound, &table, Arc::new(Redirect { port }))?);
    }
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    tracing::info!("proxying {scheme}://{}", place(&public));
    tracing::info!("routes are changed at http://{}/api/routes", place(&private));
    // The workers have their own hold on the sockets: when they stop, the ports are free.
    drop((public, private));
    let pid_file = arguments.pid_file.as_ref();
    if let Some(path) = pid_file {
        std::fs::write(path, std::process::id().to_string())
            .with_context(|| format!("{}", path.display()))?;
    }
    wait()?;
    servers.into_iter().for_each(Server::stop);
    if let Some(path) = pid_file {
        let _ = std::fs::remove_file(path);
    }
    Ok(())
}

fn start<H: Handler>(
    config: ServerConfig,
    bound: &Bound,
    table: &Arc<Table>,
    handler: Arc<H>,
) -> anyhow::Result<Server> {
    Server::start(config, bound, table.clone(), Clock::system(), handler).context("a server can't start")
}

fn api(arguments: &ProxyArgs, table: &Arc<Table>) -> anyhow::Result<Api> {
    let token = std::env::var("CONFIGPROXY_AUTH_TOKEN").ok().filter(|token| !token.is_empty());
    if token.is_none() {
        tracing::warn!("CONFIGPROXY_AUTH_TOKEN is not set: whoever reaches the REST API may change routes");
    }
    let mut options = RouteOptions {
        prefix: if arguments.no_include_prefix { Prefix::Strip } else { Prefix::Keep },
        rewrite: arguments.auto_rewrite,
        host_header: if arguments.change_origin { HostHeader::Target } else { HostHeader::Client },
        max_body: arguments.max_body_mb.map(|mb| mb << 20),
        response_timeout: arguments.proxy_timeout.map(Duration::from_millis),
        forwarded: !arguments.no_x_forward,
        set_headers: arguments
            .custom_header
            .iter()
            .map(|text| header(text))
            .collect::<anyhow::Result<_>>()?,
        ..RouteOptions::default()
    };
    // As configurable-http-proxy counts, so that cullers see what they are used to.
    options.activity.sockets = SocketActivity::Bytes;
    Ok(Api::new(table.clone(), Clock::system(), token, options)
        .with_hosts(arguments.host_routing)
        .with_prepended_paths(!arguments.no_prepend_path))
}

fn header(text: &str) -> anyhow::Result<(HeaderName, HeaderValue)> {
    let (name, value) = text.split_once(':').context("--custom-header must be NAME:VALUE")?;
    Ok((name.trim().parse().context("--custom-header")?, value.trim().parse().context("--custom-header")?))
}

fn pages(arguments: &ProxyArgs) -> anyhow::Result<ErrorPages> {
    Ok(match (&arguments.error_target, &arguments.error_path) {
        (Some(target), _) => ErrorPages::Server(Target::parse(target).context("--error-target")?),
        (None, Some(folder)) => ErrorPages::Folder(folder.clone()),
        (None, None) => ErrorPages::Own,
    })
}

fn server_config(arguments: &ProxyArgs) -> anyhow::Result<ServerConfig> {
    let mut config = ServerConfig {
        max_connections: arguments.max_connections,
        trust: arguments.trust.into(),
        proxy: Config::default(),
        ..ServerConfig::default()
    };
    if let Some(workers) = arguments.workers {
        config.workers = workers;
    }
    if let Some(limit) = arguments.timeout.map(Duration::from_millis) {
        (config.head_timeout, config.proxy.body_patience) = (limit, limit);
    }
    if let Some(limit) = arguments.keep_alive_timeout.map(Duration::from_millis) {
        config.keep_alive = limit;
    }
    if let (Some(certificate), Some(key)) = (&arguments.ssl_cert, &arguments.ssl_key) {
        config.tls = Some(tls(certificate, key).context("the certificate can't be used")?);
    }
    Ok(config)
}

/// For the servers beside the public one.
fn small() -> ServerConfig {
    ServerConfig { workers: 1, max_connections: 1000, ..ServerConfig::default() }
}

fn listen(ip: &str, port: u16, flag: &str) -> anyhow::Result<Bound> {
    let addresses: Vec<SocketAddr> = match ip {
        "" | "*" => vec![(IpAddr::from([0; 16]), port).into(), (IpAddr::from([0; 4]), port).into()],
        name => (name, port).to_socket_addrs().with_context(|| format!("`{name}` is no address"))?.collect(),
    };
    if addresses.is_empty() {
        bail!("`{ip}` has no address");
    }
    bind(&addresses).with_context(|| {
        format!("could not listen on {ip}:{port}; is another server running? Choose another {flag}")
    })
}

fn place(bound: &Bound) -> String {
    bound.address().map_or_else(|| "a Unix socket".to_owned(), |address| address.to_string())
}

/// A proxy holds two files for each connection: as many as the system lets us have.
fn more_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// Blocks until the program is told to stop.
fn wait() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        anyhow::Ok(())
    })
}
