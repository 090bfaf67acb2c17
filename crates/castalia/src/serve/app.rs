//! The wiring: which service is built from which.

use super::args::{SandboxArg, ServeArgs};
use super::bootstrap;
use super::demo::Demo;
use super::folder::DataFolder;
use super::glue::{EnvironmentTopic, OpenWorkspaces, ProcessInputs, ProjectBuckets, WorkspaceVolumes};
use super::platform::{self, Platform};
use super::telemetry;
use anyhow::Context;
use axum::Router;
use castalia_base::actions::Catalogue;
use castalia_base::tasks::Tasks;
use castalia_base::{Clock, Ctx};
use castalia_compute::{ProcessBackend, ProcessConfig, Sandbox};
use castalia_db::{Db, Migrations};
use castalia_events::{Bus, Topics};
use castalia_http::Api;
use castalia_processes::{Capacity, Retention};
use castalia_storage::BlobConfig;
use castalia_web::Source;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// All tables, in the order of dependency.
pub(super) const MIGRATIONS: &[Migrations] = &[
    castalia_events::MIGRATIONS,
    castalia_identity::MIGRATIONS,
    castalia_projects::MIGRATIONS,
    castalia_storage::MIGRATIONS,
    castalia_processes::MIGRATIONS,
    castalia_hub::MIGRATIONS,
    castalia_notebooks::MIGRATIONS,
];

/// The built server.
pub(super) struct App {
    pub(super) db: Db,
    pub(super) tasks: Tasks,
    pub(super) clock: Clock,
    pub(super) identity: Arc<castalia_identity::Service>,
    pub(super) projects: Arc<castalia_projects::Service>,
    pub(super) storage: Arc<castalia_storage::Service>,
    pub(super) processes: Arc<castalia_processes::Service>,
    pub(super) hub: Arc<castalia_hub::Service>,
    pub(super) notebooks: Arc<castalia_notebooks::Service>,
    proxy: Arc<castalia_proxy::Proxy>,
    pub(super) url: String,
    pub(super) s3_url: String,
    platform: Arc<Platform>,
}

impl App {
    pub(super) async fn build(
        arguments: &ServeArgs,
        folder: &DataFolder,
        listen: SocketAddr,
        s3_listen: SocketAddr,
    ) -> anyhow::Result<Self> {
        let tasks = Tasks::new();
        let clock = arguments.test_clock.clone().map_or_else(Clock::system, |file| wrong_clock(file, &tasks));
        let metrics = telemetry::start_metrics()?;
        let key = folder.master_key()?;
        let db = match &arguments.database {
            Some(url) => Db::open(url).await,
            None => Db::open_file(&folder.path("castalia.db")).await,
        };
        let db = db.context("the database can't be opened")?;
        db.migrate(MIGRATIONS).await.context("the database can't be brought up to date")?;
        let bus = Bus::start(&db, &tasks).await?;
        let identity = castalia_identity::build(
            db.clone(),
            clock.clone(),
            castalia_identity::Config::new(castalia_identity::MasterKey::new(key)),
        );
        identity.run_background(&bus, &tasks);
        let projects =
            castalia_projects::build(db.clone(), identity.clone(), castalia_projects::Config::default());
        projects.pin_prices(&Ctx::system(clock.clone())).await?;
        let storage = castalia_storage::Service::open(
            storage_config(arguments, folder, key)?,
            castalia_storage::Deps {
                db: db.clone(),
                clock: clock.clone(),
                buckets: Arc::new(ProjectBuckets(projects.clone(), db.clone())),
            },
        )?;
        storage.recover().await.context("unfinished writes of an earlier life can't be settled")?;
        let backend: Arc<dyn castalia_compute::Backend> = Arc::new(backend(arguments, folder).await?);
        let url = arguments.public_url.clone().unwrap_or_else(|| format!("http://{listen}"));
        let prefix = url::Url::parse(&url).context("--public-url is no address")?.path().to_owned();
        let s3_url = format!("http://{s3_listen}");
        let sdk = bootstrap::put_sdk(&folder.path("sdk")).context("the Python SDK can't be written")?;
        let processes = castalia_processes::Service::new(
            castalia_processes::Deps {
                db: db.clone(),
                clock: clock.clone(),
                projects: projects.clone(),
                storage: storage.clone(),
                backend: backend.clone(),
                tasks: tasks.clone(),
            },
            castalia_processes::Config {
                capacity: capacity(arguments),
                backend_url: format!("http://{listen}"),
                storage_endpoint: s3_url.clone(),
                sdk: Some(sdk.clone()),
                installation: folder.installation()?,
                retention: Retention {
                    logs_days: days(arguments.keep_logs_days),
                    events_days: days(arguments.keep_events_days),
                },
                kill_at: arguments.kill_at.clone(),
            },
        );
        let inputs = Arc::new(ProcessInputs::default());
        let _ = inputs.0.set(processes.clone());
        storage.set_in_use(inputs.clone());
        projects.add_guard(inputs);
        let hub = castalia_hub::Service::new(
            castalia_hub::Deps {
                db: db.clone(),
                clock: clock.clone(),
                identity: identity.clone(),
                projects: projects.clone(),
                backend: backend.clone(),
                tasks: tasks.clone(),
            },
            hub_config(arguments, folder, listen, &url, &prefix)?,
        );
        projects.add_guard(Arc::new(OpenWorkspaces(hub.clone())));
        let notebooks = castalia_notebooks::Service::new(
            castalia_notebooks::Deps {
                db: db.clone(),
                clock: clock.clone(),
                identity: identity.clone(),
                projects: projects.clone(),
                processes: processes.clone(),
                storage: storage.clone(),
                backend,
                volumes: Arc::new(WorkspaceVolumes(hub.clone())),
                tasks: tasks.clone(),
            },
            notebooks_config(arguments, folder, listen, &url, sdk)?,
        );
        let proxy = castalia_proxy::Proxy::new(
            castalia_proxy::Config::default(),
            Arc::default(),
            clock.clone(),
            &tasks,
        );
        let mut topics = Topics::default();
        topics.register(Arc::new(castalia_identity::UserTopics));
        topics.register(Arc::new(castalia_projects::ProjectTopics(projects.clone())));
        topics.register(Arc::new(castalia_processes::ProcessTopics(processes.clone())));
        topics.register(Arc::new(castalia_hub::WorkspaceTopics(hub.clone())));
        topics.register(Arc::new(castalia_notebooks::NotebookTopics(notebooks.clone())));
        topics.register(Arc::new(EnvironmentTopic));
        let mut catalogue = Catalogue::default();
        catalogue.register(castalia_identity::actions(&identity));
        catalogue.register(castalia_projects::actions(&projects));
        catalogue.register(castalia_storage::actions(storage.clone()));
        catalogue.register(castalia_processes::actions(&processes));
        catalogue.register(castalia_hub::actions(&hub));
        catalogue.register(castalia_notebooks::actions(&notebooks));
        let platform = Arc::new(Platform {
            db: db.clone(),
            bus,
            topics: Arc::new(topics),
            catalogue: Arc::new(catalogue),
            identity: identity.clone(),
            processes: processes.clone(),
            web: castalia_web::App::new(web_source(arguments), &prefix),
            metrics,
            started: clock.now(),
        });
        Ok(Self {
            db,
            tasks,
            clock,
            identity,
            projects,
            storage,
            processes,
            hub,
            notebooks,
            proxy,
            url,
            s3_url,
            platform,
        })
    }

    /// All operations.
    pub(super) fn api(&self) -> Api {
        platform::api(&self.platform)
            .merge(castalia_identity::api(&self.identity))
            .merge(castalia_projects::api(&self.projects))
            .merge(castalia_storage::api(self.storage.clone()))
            .merge(castalia_processes::api(&self.processes))
            .merge(castalia_hub::api(&self.hub))
            .merge(castalia_hub::hub_api(&self.hub))
            .merge(castalia_notebooks::api(&self.notebooks))
            .with_docs(env!("CARGO_PKG_VERSION"))
    }

    pub(super) fn router(&self) -> anyhow::Result<Router> {
        let gate = Arc::new(castalia_identity::Gate::new(self.identity.clone()));
        let web = self.platform.web.clone();
        let router = castalia_http::finish_with(self.api().into_router(gate), move |request| {
            web.answer(request.method(), request.uri().path(), request.headers())
        });
        // What workspaces answer passes as it is: our headers and our compression are not for them.
        let (hub, proxy) = (self.hub.clone(), self.proxy.clone());
        let workspace = move |request: axum::extract::Request| {
            let (hub, proxy) = (hub.clone(), proxy.clone());
            async move { hub.serve_user(proxy, request).await }
        };
        let router =
            Router::new().route("/user/{*rest}", axum::routing::any(workspace)).fallback_service(router);
        // A proxy may take the prefix off, or leave it.
        Ok(match self.platform.web.prefix().trim_end_matches('/') {
            "" => router,
            prefix => Router::new().nest(prefix, router.clone()).fallback_service(router),
        })
    }

    pub(super) fn system(&self) -> Ctx {
        Ctx::system(self.clock.clone())
    }

    /// Starts what works without being asked.
    pub(super) fn start_background(&self) {
        self.processes.start(&self.platform.bus);
        self.hub.start(&self.platform.bus);
        self.notebooks.start(&self.platform.bus);
        let storage = self.storage.clone();
        self.tasks.spawn_until_stop("storage.sweep", async move {
            loop {
                if let Err(error) = storage.sweep().await {
                    tracing::warn!(
                        error = error.chain(),
                        "storage could not be swept; trying again in an hour"
                    );
                }
                tokio::time::sleep(Duration::from_secs(3600)).await;
            }
        });
        self.tasks.spawn_until_stop("memory", super::memory::give_back());
        let platform = self.platform.clone();
        self.tasks.spawn_until_stop("metrics", async move {
            // The recorder keeps every measured time until somebody adds them up.
            loop {
                platform.metrics.run_upkeep();
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        });
    }

    /// What `--demo` makes.
    pub(super) fn demo(&self, arguments: &ServeArgs, folder: &DataFolder) -> Demo {
        Demo {
            identity: self.identity.clone(),
            projects: self.projects.clone(),
            storage: self.storage.clone(),
            processes: self.processes.clone(),
            notebooks: self.notebooks.clone(),
            ctx: self.system(),
            python: arguments.bootstrap_python.clone(),
            data: folder.path(""),
            flow: !arguments.no_demo_flow,
        }
    }
}

fn web_source(arguments: &ServeArgs) -> Source {
    arguments.web.clone().map_or(Source::Embedded, Source::Folder)
}

fn days(n: u32) -> Option<u32> {
    (n > 0).then_some(n)
}

async fn backend(arguments: &ServeArgs, folder: &DataFolder) -> anyhow::Result<ProcessBackend> {
    let program = std::env::current_exe().context("could not find this program's own file")?;
    let mut config = ProcessConfig::new(folder.path("units"), program, folder.installation()?);
    config.shim.1 = vec!["shim".into()];
    config.sandbox = match arguments.sandbox {
        SandboxArg::Auto => Sandbox::Auto,
        SandboxArg::Off => Sandbox::Off,
        SandboxArg::Required => Sandbox::Required,
    };
    config.hide = vec![folder.path("")];
    config.show = vec![folder.path("environments")];
    ProcessBackend::open(config).await.context("the process backend can't start")
}

fn capacity(arguments: &ServeArgs) -> Capacity {
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    let machine_mb = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|l| l.starts_with("MemTotal:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    Capacity {
        cpu_millis: (arguments.cpus.unwrap_or(cores).max(0.1) * 1000.0) as u64,
        memory_mb: arguments.memory_mb.unwrap_or_else(|| machine_mb.map_or(1024, |kb| kb / 1024)),
        gpu: arguments.gpus.into(),
        running: 1000,
    }
}

fn notebooks_config(
    arguments: &ServeArgs,
    folder: &DataFolder,
    listen: SocketAddr,
    url: &str,
    sdk: std::path::PathBuf,
) -> anyhow::Result<castalia_notebooks::Config> {
    let split =
        |text: &str| text.split(':').filter(|p| !p.is_empty()).map(std::path::PathBuf::from).collect();
    Ok(castalia_notebooks::Config {
        installation: folder.installation()?,
        kernels: folder.path("kernels"),
        work: folder.path("notebooks"),
        kernel_prefixes: arguments.kernel_path.as_deref().map(split).unwrap_or_default(),
        backend_url: format!("http://{listen}"),
        public_url: url.to_owned(),
        sdk: Some(sdk),
        folder: arguments.notebooks.clone(),
        limits: castalia_notebooks::room::Limits {
            idle: Duration::from_secs(arguments.notebook_idle_s.into()),
            ..Default::default()
        },
        kernel_idle: Some(std::time::Duration::from_secs(u64::from(arguments.kernel_idle_hours) * 3600))
            .filter(|idle| !idle.is_zero()),
        kill_at: arguments.kill_at.clone(),
        quotas: castalia_notebooks::Quotas {
            cell: arguments.outputs_cell_mb << 20,
            notebook: arguments.outputs_notebook_mb << 20,
            project: arguments.outputs_project_mb << 20,
        },
        in_file: Some(arguments.outputs_file_mb << 20),
        unused: Some(Duration::from_secs(arguments.outputs_unused_s)),
        ..castalia_notebooks::Config::default()
    })
}

/// Interactive work waits most of its time, so workspaces may together be promised more than there is.
const OVERCOMMIT: u64 = 4;

fn hub_config(
    arguments: &ServeArgs,
    folder: &DataFolder,
    listen: SocketAddr,
    url: &str,
    prefix: &str,
) -> anyhow::Result<castalia_hub::Config> {
    let base = format!("/{}/", prefix.trim_matches('/')).replace("//", "/");
    let machine = capacity(arguments);
    // Whoever listens everywhere is reached on loopback.
    let host = if listen.ip().is_unspecified() { "127.0.0.1".to_owned() } else { listen.ip().to_string() };
    let split = |text: &str| text.split(':').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    Ok(castalia_hub::Config {
        capacity: castalia_hub::Capacity {
            running: arguments.workspaces.into(),
            starting: arguments.workspace_starts.into(),
            cpu_millis: machine.cpu_millis.saturating_mul(OVERCOMMIT * 4),
            memory_mb: machine.memory_mb.saturating_mul(OVERCOMMIT),
        },
        quotas: castalia_hub::Quotas {
            user_running: limit(arguments.user_workspaces),
            // Stopped ones take space only.
            user_total: limit(arguments.user_workspaces.saturating_mul(4)),
            ..castalia_hub::Quotas::default()
        },
        backend_url: format!("http://{host}:{}{}", listen.port(), base.trim_end_matches('/')),
        base,
        public_url: url.trim_end_matches('/').to_owned(),
        port: listen.port(),
        volumes: folder.path("workspaces"),
        logs: folder.path("workspace-logs"),
        definitions: Some(arguments.services.clone().unwrap_or_else(|| folder.path("services"))),
        path: arguments.workspace_path.as_deref().map(split).unwrap_or_default(),
        installation: folder.installation()?,
        kill_at: arguments.kill_at.clone(),
    })
}

/// A clock that is set by what a file says.
fn wrong_clock(file: std::path::PathBuf, tasks: &Tasks) -> Clock {
    let first = std::fs::read_to_string(&file).unwrap_or_default();
    let by = Arc::new(AtomicI64::new(first.trim().parse().unwrap_or_default()));
    let clock = Clock::shifted(by.clone());
    tasks.spawn_until_stop("test.clock", async move {
        loop {
            let text = tokio::fs::read_to_string(&file).await.unwrap_or_default();
            if let Ok(ms) = text.trim().parse() {
                by.store(ms, Ordering::SeqCst);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    clock
}

fn limit(n: u32) -> Option<u64> {
    (n > 0).then_some(n.into())
}

fn storage_config(
    arguments: &ServeArgs,
    folder: &DataFolder,
    key: [u8; 32],
) -> anyhow::Result<castalia_storage::Config> {
    let mut config = castalia_storage::Config::new(folder.path(""), castalia_storage::MasterKey::new(key));
    config.max_upload_bytes = arguments.max_upload_mb << 20;
    if let Some(url) = &arguments.storage {
        let rest = url.strip_prefix("s3://").context("--storage must be s3://BUCKET[/PREFIX]")?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let variable =
            |name: &str| std::env::var(name).with_context(|| format!("--storage needs the variable {name}"));
        config.blobs = BlobConfig::S3(castalia_storage::S3Config {
            bucket: bucket.into(),
            prefix: prefix.trim_matches('/').into(),
            endpoint: std::env::var("AWS_ENDPOINT_URL").ok(),
            region: std::env::var("AWS_REGION").unwrap_or_else(|_| "us-east-1".into()),
            access_key: variable("AWS_ACCESS_KEY_ID")?,
            secret_key: variable("AWS_SECRET_ACCESS_KEY")?,
        });
    }
    Ok(config)
}
