//! From the start to the end of the program: what is wired to what, in the order in which it must happen.

use crate::access::{Alone, Cookies};
use crate::args::{Listen, LogFormat, ServeArgs};
use crate::chat::{Chat, Endpoint};
use crate::definition::{Book, choose, parse};
use crate::environment::{Hub, OWN_SECRETS, Variables, detect, slashed};
use crate::front::{App, Door, Gatekeeper, Mode};
use crate::hub::{Client, Gate, post_activity};
use crate::privileges::{self, Done, RunAs};
use crate::supervisor::{Supervisor, Surroundings};
use castalia_base::tasks::Tasks;
use castalia_base::{Clock, Timestamp};
use castalia_proxy::Trust;
use castalia_proxy::server::{Bound, Server, ServerConfig, bind};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

/// How long services may take to end altogether; a hub kills after thirty seconds.
const END: Duration = Duration::from_secs(25);
/// How often services are asked whether they are in use.
const ASK: Duration = Duration::from_secs(60);

/// Runs the program until it is told to stop.
pub fn main(arguments: &ServeArgs) -> ExitCode {
    start_logging(arguments.log_format);
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("castalia workspace: {why}");
            ExitCode::from(1)
        }
    }
}

fn start_logging(format: LogFormat) {
    let filter = EnvFilter::try_from_env("CASTALIA_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let base = tracing_subscriber::registry().with(filter);
    let written = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    // A program that has a subscriber already keeps it.
    let _ = match format {
        LogFormat::Human => base.with(written.compact()).try_init(),
        LogFormat::Json => base.with(written.json().flatten_event(true)).try_init(),
    };
}

/// What was found out before any thread was started.
struct Prepared {
    hub: Option<Arc<Hub>>,
    home: PathBuf,
    env: Variables,
    book: Book,
    endpoint: Option<Endpoint>,
}

fn run(arguments: &ServeArgs) -> Result<(), String> {
    let prepared = prepare(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .map_err(|e| format!("the runtime could not be started: {e}"))?
        .block_on(serve(arguments, prepared))
}

fn prepare(arguments: &ServeArgs) -> Result<Prepared, String> {
    let variables: Variables = std::env::vars_os()
        .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
        .collect();
    let hub = detect(&variables)?.map(Arc::new);
    let run_as = match (arguments.user, &hub) {
        (Some(told), _) => told,
        // Its backend has decided who runs, and keeps the home folder where only that user may go.
        (None, Some(hub)) if hub.castalia => RunAs::Keep,
        (None, _) => RunAs::Owner(privileges::Owner::default()),
    };
    let home = home(arguments, run_as, &variables)?;
    if !home.exists() {
        std::fs::create_dir_all(&home)
            .map_err(|e| format!("the home folder {} can't be made: {e}", home.display()))?;
    }
    let done = privileges::settle(run_as, &home)?;
    if let Done::Dropped { changed, owner } = &done {
        tracing::info!(target: "workspace", home = %home.display(), changed, "root is given up: now {}:{}", owner.uid, owner.gid);
    }
    let home =
        home.canonicalize().map_err(|e| format!("the home folder {} can't be used: {e}", home.display()))?;
    let endpoint = Endpoint::of(&variables);
    let mut env = variables;
    OWN_SECRETS.iter().for_each(|name| drop(env.remove(*name)));
    env.insert("HOME".into(), home.display().to_string());
    if let Some(hub) = &hub {
        env.insert("USER".into(), hub.user.clone());
    }
    let search: Vec<PathBuf> =
        env.get("PATH").map(|p| std::env::split_paths(p).collect()).unwrap_or_default();
    let usual = home.join(".castalia/workspace.yaml");
    let file = arguments.config.clone().or_else(|| usual.is_file().then_some(usual));
    let book = match &file {
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .map_err(|e| format!("{} can't be read: {e}", file.display()))?;
            Some(parse(&text, &file.display().to_string())?)
        }
        None => None,
    };
    let only: Vec<String> = arguments.services.iter().filter(|name| !name.is_empty()).cloned().collect();
    let book = choose(book.as_ref(), &only, &search)?;
    // Health commands run where the program stands.
    std::env::set_current_dir(&home).map_err(|e| format!("{} can't be entered: {e}", home.display()))?;
    Ok(Prepared { hub, home, env, book, endpoint })
}

/// The home folder. Who is root and is to become somebody else does not take root's own for it.
fn home(arguments: &ServeArgs, run_as: RunAs, variables: &Variables) -> Result<PathBuf, String> {
    let told = arguments.home.clone();
    let by_hub = || variables.get("JUPYTERHUB_ROOT_DIR").filter(|v| v.starts_with('/')).map(PathBuf::from);
    let by_variable = || variables.get("HOME").filter(|v| v.starts_with('/')).map(PathBuf::from);
    let becomes = match run_as {
        RunAs::Owner(owner) if rustix::process::geteuid().is_root() => Some(owner.uid),
        _ => None,
    };
    let roots = becomes.and_then(|_| privileges::home_of(0));
    let by_variable = || by_variable().filter(|home| roots.as_ref() != Some(home));
    let by_user = || becomes.and_then(privileges::home_of);
    told.or_else(by_hub)
        .or_else(by_variable)
        .or_else(by_user)
        .ok_or_else(|| "there is no home folder; say --home FOLDER".into())
}

/// A file of ours below the home folder that keeps sessions across starts.
fn kept_secret(home: &Path) -> Option<String> {
    use std::io::Write;
    let folder = home.join(".castalia");
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
    let path = folder.join("workspace-secret");
    if let Ok(text) = std::fs::read_to_string(&path)
        && text.trim().len() >= 64
    {
        return Some(text.trim().to_owned());
    }
    let secret = crate::random_hex(32);
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path).ok()?;
    file.write_all(secret.as_bytes()).ok()?;
    Some(secret)
}

struct Listeners {
    main: Bound,
    legacy: Option<Bound>,
    ide: Option<Bound>,
}

fn listen(arguments: &ServeArgs, hub: Option<&Hub>, has_ide: bool) -> Result<Listeners, String> {
    if let Some(hub) = hub {
        let main = bind(&hub.bind)
            .map_err(|e| format!("could not listen on {:?}, as the hub wants: {e}", hub.bind))?;
        return Ok(Listeners { main, legacy: None, ide: None });
    }
    let main = bind(&[arguments.listen])
        .map_err(|e| format!("could not listen on {}: {e}; choose another --listen", arguments.listen))?;
    let beside = |told: Option<Listen>, port: u16| match told {
        Some(Listen(address)) => address,
        None if arguments.listen.port() == 8080 => Some(SocketAddr::new(arguments.listen.ip(), port)),
        None => None,
    };
    let try_bind = |address: Option<SocketAddr>, what: &str| {
        let address = address?;
        let bound = bind(&[address]);
        if let Err(error) = &bound {
            tracing::warn!(target: "workspace", %error, "{what} can't be offered on {address}");
        }
        bound.ok()
    };
    let legacy = try_bind(beside(arguments.legacy_listen, 8070), "the workspace");
    let ide = has_ide.then(|| try_bind(beside(arguments.ide_listen, 8071), "the IDE alone")).flatten();
    Ok(Listeners { main, legacy, ide })
}

/// The path of a socket has at most 107 bytes (unix(7)): below a deeper folder there is no room for the services' names.
const DEEPEST: usize = 40;

fn folder_of_sockets(temporary: &Path) -> std::io::Result<tempfile::TempDir> {
    let only_ours = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    let place = if temporary.as_os_str().len() > DEEPEST { Path::new("/tmp") } else { temporary };
    tempfile::Builder::new().prefix("castalia-workspace-").permissions(only_ours).tempdir_in(place)
}

async fn serve(arguments: &ServeArgs, prepared: Prepared) -> Result<(), String> {
    let Prepared { hub, home, mut env, book, endpoint } = prepared;
    let has_ide = book.0.iter().any(|d| d.path().is_empty());
    let listeners = listen(arguments, hub.as_deref(), has_ide)?;
    let (clock, tasks) = (Clock::system(), Tasks::new());
    let prefix = hub.as_ref().map_or_else(|| slashed(&arguments.base_url), |hub| hub.prefix.clone());
    let runtime = folder_of_sockets(&std::env::temp_dir());
    let runtime = runtime.map_err(|e| format!("no folder for sockets could be made: {e}"))?;
    let token = arguments.token.clone().filter(|t| !t.is_empty()).unwrap_or_else(|| crate::random_hex(24));
    let (gatekeeper, hidden_cookies) = match &hub {
        Some(hub) => {
            let client = Arc::new(Client::new(hub.clone())?);
            (Gatekeeper::Hub(Gate::new(hub.clone(), client, &clock)), Gate::cookie_names(hub))
        }
        None => {
            let password = arguments.password.clone().filter(|p| !p.is_empty());
            let secret = kept_secret(&home).unwrap_or_else(|| crate::random_hex(32));
            let cookies = Cookies { path: prefix.clone(), host: false };
            let alone = Alone::new(token.clone(), password, &secret, cookies, clock.clone());
            let names = alone.cookie_names();
            (Gatekeeper::Alone(alone), names)
        }
    };
    let address = listeners.main.address().ok_or("the socket has no address")?;
    let (inside, local) = (crate::random_hex(24), reachable(address));
    env.insert("CASTALIA_SERVICES_URL".into(), format!("http://{local}{prefix}api/services"));
    env.insert("CASTALIA_SERVICES_TOKEN".into(), inside.clone());
    let user = hub
        .as_ref()
        .map(|h| h.user.clone())
        .or_else(|| env.get("USER").cloned())
        .unwrap_or_else(|| "owner".into());
    let surroundings = Surroundings {
        prefix: prefix.clone(),
        home,
        user: user.clone(),
        runtime: runtime.path().to_owned(),
        env,
        hidden_cookies: hidden_cookies.clone(),
    };
    let table = Arc::default();
    let supervisor =
        Supervisor::start(book.0, surroundings, Arc::clone(&table), clock.clone(), tasks.clone());
    let bound: Vec<&Bound> = [Some(&listeners.main), listeners.legacy.as_ref(), listeners.ide.as_ref()]
        .into_iter()
        .flatten()
        .collect();
    let mode = match &hub {
        Some(hub) if hub.castalia => Mode::Castalia,
        Some(_) => Mode::Jupyterhub,
        None => Mode::StandAlone,
    };
    // A hub's proxy stands in front of us, and it says how people reach it.
    let trust = if hub.is_some() || arguments.trust_proxy { Trust::Private } else { Trust::Nobody };
    let app = Arc::new(App {
        mode,
        prefix: prefix.clone(),
        user,
        server_name: hub.as_ref().map(|h| h.server_name.clone()).unwrap_or_default(),
        default_url: hub.as_ref().and_then(|h| h.default_url.clone()),
        gatekeeper,
        supervisor: supervisor.clone(),
        chat: Chat::new(endpoint)?,
        clock: clock.clone(),
        started: clock.now(),
        inside,
        ports: bound.iter().filter_map(|b| Some(b.address()?.port())).collect(),
        trust,
        hidden_cookies,
        used: AtomicI64::new(0),
        told: AtomicI64::new(0),
        requests: AtomicU64::new(0),
        refused: AtomicU64::new(0),
    });
    let config = ServerConfig { workers: 2, max_connections: 4096, trust, ..ServerConfig::default() };
    let door = |ide_alone: bool| Arc::new(Door { app: app.clone(), ide_alone });
    let start = |bound: &Bound, ide_alone: bool, workers: usize| {
        let config = ServerConfig { workers, ..config.clone() };
        Server::start(config, bound, Arc::clone(&table), clock.clone(), door(ide_alone))
            .map_err(|e| format!("the server could not be started: {e}"))
    };
    let mut servers = vec![start(&listeners.main, false, 2)?];
    if let Some(legacy) = &listeners.legacy {
        servers.push(start(legacy, false, 1)?);
    }
    if let Some(ide) = &listeners.ide {
        servers.push(start(ide, true, 1)?);
    }
    greet(&app, address, hub.is_none().then_some(token.as_str()));
    background(&app, hub, &tasks);
    stopped().await;
    tracing::info!(target: "workspace", "stopping");
    // A second signal does not wait for anybody.
    tokio::select! {
        () = supervisor.end(END) => {}
        () = stopped() => {}
    }
    let stopping = tokio::task::spawn_blocking(move || servers.into_iter().for_each(Server::stop));
    let _ = tokio::time::timeout(Duration::from_secs(5), stopping).await;
    tasks.shutdown(Duration::from_secs(1)).await;
    Ok(())
}

/// How a program on this machine reaches a listener.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => SocketAddr::from(([127, 0, 0, 1], v4.port())),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => SocketAddr::from(([127, 0, 0, 1], v6.port())),
        other => other,
    }
}

fn greet(app: &App, address: SocketAddr, token: Option<&str>) {
    let names: Vec<String> = app.supervisor.list().iter().map(|s| s.definition.name.clone()).collect();
    let services = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    tracing::info!(target: "workspace", mode = ?app.mode, services, "listening on {address}, below {}", app.prefix);
    if let Some(token) = token {
        // The only way in, unless a password was set; whoever reads this log started the workspace.
        println!("Workspace: http://{}{}?token={token}", reachable(address), app.prefix);
    }
}

fn background(app: &Arc<App>, hub: Option<Arc<Hub>>, tasks: &Tasks) {
    tasks.spawn_until_stop("workspace.reap", crate::reap::orphans());
    let asking = app.clone();
    tasks.spawn_until_stop("workspace.usage", async move {
        loop {
            tokio::time::sleep(ASK).await;
            asking.look_at_usage().await;
        }
    });
    let (Some(hub), Gatekeeper::Hub(gate)) = (hub, &app.gatekeeper) else { return };
    let every = std::env::var("JUPYTERHUB_ACTIVITY_INTERVAL").ok().and_then(|text| text.parse().ok());
    let every = every.filter(|seconds: &u64| *seconds > 0).map(Duration::from_secs);
    let (app, client) = (app.clone(), gate.client.clone());
    let greeting = client.clone();
    tasks.spawn_until_stop("workspace.hub", async move { greeting.greet().await });
    tasks.spawn_until_stop("workspace.activity", async move {
        let last = || async {
            app.look_at_usage().await;
            app.last_activity()
        };
        post_activity(&hub, &client, every, last).await;
    });
}

impl App {
    /// Asks the services, so that what passes no proxy counts as well.
    async fn look_at_usage(&self) {
        let found: Option<Timestamp> = crate::usage::ask_all(&self.supervisor, self.clock.now()).await;
        if let Some(at) = found {
            self.told.fetch_max(at.0, Relaxed);
        }
    }
}

/// Resolves when somebody asks the program to end. A hub asks with SIGINT first.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let one = |kind| async move {
        match signal(kind) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = one(SignalKind::terminate()) => {}
        () = one(SignalKind::interrupt()) => {}
        () = one(SignalKind::hangup()) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_have_room_however_deep_the_temporary_folder_is() {
        let outer = tempfile::tempdir().expect("a folder");
        let deep = outer.path().join("units/unit_01M7ZNE3C5XEXQ3D5K33A00A50_r1").join("work").join("tmp");
        std::fs::create_dir_all(&deep).expect("is made");
        let made = folder_of_sockets(&deep).expect("is made");
        let socket = made.path().join("a-service-with-rather-a-long-name.sock");
        std::os::unix::net::UnixListener::bind(&socket).expect("has room");
    }
}
