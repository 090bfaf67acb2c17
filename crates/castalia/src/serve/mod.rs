//! `castalia serve`: configuration and wiring. Sockets are bound first; what can't be had is said at once.

mod app;
mod args;
mod bootstrap;
mod demo;
pub(crate) mod doctor;
mod folder;
mod glue;
mod memory;
pub(crate) mod openapi;
mod platform;
mod telemetry;

pub(crate) use args::ServeArgs;

use anyhow::{Context, bail};
use app::App;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use castalia_proxy::server::{Incoming, ServerConfig, serve_guarded};
use folder::DataFolder;
use futures::future::BoxFuture;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Runs the server until it is told to stop.
pub(crate) fn main(arguments: ServeArgs) -> ExitCode {
    telemetry::start_logging(arguments.log_format);
    // Blocking file work has threads of its own; two workers serve the sockets of a small machine best.
    let workers = std::thread::available_parallelism().map_or(2, usize::from).max(2);
    memory::share_heaps(workers);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .max_blocking_threads(64)
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(run(arguments)),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("castalia: {error:#}");
            ExitCode::from(1)
        }
    }
}

async fn run(arguments: ServeArgs) -> anyhow::Result<()> {
    if arguments.demo && !(arguments.listen.ip().is_loopback() && arguments.s3_listen.ip().is_loopback()) {
        bail!(
            "--demo has a known password, so it listens on loopback only (127.0.0.1); leave --demo out or change --listen"
        );
    }
    if arguments.standby {
        folder::until_free(&arguments.data).await?;
    }
    let listener = bind(arguments.listen, "--listen").await?;
    let s3_listener = bind(arguments.s3_listen, "--s3-listen").await?;
    let folder = DataFolder::take(&arguments.data)?;
    let address = listener.local_addr()?;
    let app = App::build(&arguments, &folder, address, s3_listener.local_addr()?).await?;
    // Before anybody can ask: what answers is complete.
    let demo = arguments.demo.then(|| app.demo(&arguments, &folder));
    app.processes.settle_environments(&app.system()).await?;
    if let Some(demo) = &demo {
        demo.make_account().await?;
    }
    let shutdown = CancellationToken::new();
    let web = serve_guarded(listener, clients(&arguments), shutdown.clone(), answers(app.router()?));
    let s3 = castalia_storage::serve_gateway(app.storage.clone(), s3_listener, shutdown.clone());
    let web = tokio::spawn(web);
    let s3 = tokio::spawn(s3);
    app.start_background();
    greet(&app, &arguments).await?;
    match demo {
        Some(demo) => app.tasks.spawn_until_stop("demo", demo.prepare()),
        None => {
            let kept = bootstrap::keep_up(app.processes.clone(), app.system(), folder.path(""));
            app.tasks.spawn_until_stop("bootstrap", kept);
        }
    }
    stopped().await;
    tracing::info!("stopping; what runs goes on, the next start takes it up again");
    shutdown.cancel();
    // Open WebSockets would hold the server for ever.
    let _ = tokio::time::timeout(Duration::from_secs(3), async { tokio::join!(web, s3) }).await;
    if !app.tasks.shutdown(Duration::from_secs(10)).await {
        tracing::warn!("some background work did not end in time");
    }
    app.hub.leave().await;
    app.db.close().await;
    Ok(())
}

/// How long clients may take.
fn clients(arguments: &ServeArgs) -> ServerConfig {
    ServerConfig {
        head_timeout: Duration::from_secs(arguments.head_timeout.max(1)),
        // Who follows a log in a pager reads nothing for a while.
        write_timeout: Duration::from_secs(600),
        ..ServerConfig::default()
    }
}

fn answers(
    router: axum::Router,
) -> impl Fn(axum::http::Request<Incoming>, SocketAddr) -> BoxFuture<'static, Response> + Clone + Send + Sync
{
    move |request, remote| {
        let router = router.clone();
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(remote));
        Box::pin(async move {
            let Ok(response) = router.oneshot(request).await;
            response
        })
    }
}

async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("could not listen on {address}; is another server running? Choose another {flag}")
    })
}

async fn greet(app: &App, arguments: &ServeArgs) -> anyhow::Result<()> {
    println!("Castalia {} is ready: {}", env!("CARGO_PKG_VERSION"), app.url);
    println!("  S3 gateway: {}", app.s3_url);
    println!("  data: {}", arguments.data.display());
    if arguments.demo {
        println!("  demo: user `demo`, password `demo`, project `demo` with 1,000 credits");
        println!("        castalia login --url {} --user demo --password-stdin <<< demo", app.url);
        println!("        castalia process run fft -p input=upload:mauna-loa-co2.csv --wait");
        println!("        castalia workspace open lab");
    } else if let Some(token) = app.identity.setup_token().await? {
        println!("  first start: make the administrator with this link, once:");
        println!("        {}/setup?token={}", app.url, token.expose());
        println!(
            "        curl {0}/api/setup -H 'Content-Type: application/json' -d '{{\"token\":\"{1}\",\"name\":\"admin\",\"password\":\"…\"}}'",
            app.url,
            token.expose()
        );
    }
    Ok(())
}

async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(_) => return std::future::pending().await,
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
