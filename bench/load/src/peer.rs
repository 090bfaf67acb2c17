//! Prefect with a process work pool beside Castalia: the same no-op body, the same interpreter, two at a time.

use crate::http::Connection;
use crate::machine::memory_of_tree;
use crate::noop::{Events, Kind, submit, throughput};
use crate::server::{Program, Server, end, free_address};
use crate::stats::Samples;
use crate::table::Row;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(50);

/// Where the peer is.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The virtualenv of Prefect.
    pub(crate) prefect: PathBuf,
    /// The virtualenv of Castalia's SDK with the same no-op.
    pub(crate) sdk: PathBuf,
    /// The checkout, for the peer's files.
    pub(crate) checkout: PathBuf,
}

/// What was measured of one of the two.
struct Measured {
    per_second: f64,
    /// Seconds from submit to completed, one at a time.
    alone: Samples,
    memory: f64,
    bytes_per_run: f64,
}

/// The rows: `n` runs at once, then a few one at a time.
pub(crate) async fn rows(program: &Program, places: &Places, folder: &Path, n: usize) -> Result<Vec<Row>> {
    let alone = (n / 4).clamp(3, 15);
    let floor = Samples::new((0..10).map(|_| pass(&places.sdk)).collect::<Result<_>>()?);
    let ours = castalia(program, places, folder, n, alone).await?;
    let prefect = Prefect::start(places, folder).await?;
    let name = prefect.name.clone();
    let theirs = prefect.measure(n, alone).await?;
    drop(prefect);
    let floor_text = format!("floor: `python -c pass` takes {:.0} ms", floor.median() * 1000.0);
    Ok(vec![
        Row::new("Python no-op, burst, two at a time", ours.per_second, "/s").against(&name, theirs.per_second).how(format!(
            "{n} runs submitted at once, first POST to all completed; `print(\"ok\")` as a process type (SDK runner, sandbox auto, one core each, two cores) and as a flow (process work pool, --limit 2, polled every half second instead of ten); same interpreter; {floor_text}"
        )),
        Row::new("Python no-op, submit to completed, p50", ours.alone.median(), "s")
            .spread(ours.alone.spread())
            .against(&name, theirs.alone.median())
            .how(format!(
                "{alone} runs one after the other; Castalia by its events, the peer by asking every 50 ms; peer {:.2}–{:.2} s; {floor_text}",
                theirs.alone.spread().0,
                theirs.alone.spread().1
            )),
        Row::new("memory of server and worker after the runs", ours.memory, "MB")
            .against(&name, theirs.memory)
            .how("resident memory of the process trees (Prefect: server and worker, without PostgreSQL)"),
        Row::new("database bytes a run", ours.bytes_per_run / 1024.0, "KiB")
            .against(&name, theirs.bytes_per_run / 1024.0)
            .how(format!("growth of the database; Castalia over {n} Python and 1000 native runs in SQLite, closed; the peer over its {n} runs")),
    ])
}

/// Seconds of the interpreter for nothing.
fn pass(venv: &Path) -> Result<f64> {
    let begun = Instant::now();
    let status = Command::new(venv.join("bin/python")).args(["-c", "pass"]).status()?;
    ensure!(status.success(), "python -c pass failed");
    Ok(begun.elapsed().as_secs_f64())
}

async fn castalia(
    program: &Program,
    places: &Places,
    folder: &Path,
    n: usize,
    alone: usize,
) -> Result<Measured> {
    let data = folder.join("beside");
    let server = Server::start(program, &data, "auto").await?;
    server.demo_ready().await?;
    let project = server.project("beside", json!({})).await?;
    let python = places.sdk.join("bin/python");
    let body = json!({"name": "bench-python", "python": python}).to_string();
    server.connect().await?.json("POST", "/api/environments", &body).await?;
    server.native_types(&[("noop", &["/bin/true"])], 16).await?;
    // One core each: two at a time on two cores.
    let mut connection = server.connect().await?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let resources = json!({"cpu_millis": cores * 500, "memory_mb": 256, "deadline_s": 60});
    let body = json!({"project": project, "type": "python-noop", "resources": resources}).to_string();
    let mut events = Events::of_project(&server, &project).await?;
    submit(&mut connection, &body).await?;
    while events.next().await?.kind != Kind::Ended {}
    let size_before = database_size(&data)?;
    let begun = Instant::now();
    for _ in 0..n {
        submit(&mut connection, &body).await?;
    }
    let mut ended = 0;
    while ended < n {
        ended += usize::from(events.next().await?.kind == Kind::Ended);
    }
    let per_second = n as f64 / begun.elapsed().as_secs_f64();
    let mut times = vec![];
    for _ in 0..alone {
        let begun = Instant::now();
        submit(&mut connection, &body).await?;
        while events.next().await?.kind != Kind::Ended {}
        times.push(begun.elapsed().as_secs_f64());
    }
    throughput(&server, &project, "noop", 1000, 40).await?;
    let memory = memory_of_tree(server.pid()) as f64 / 1e6;
    server.stop();
    let grown = database_size(&data)?.saturating_sub(size_before) as f64;
    Ok(Measured {
        per_second,
        alone: Samples::new(times),
        memory,
        bytes_per_run: grown / (n + alone + 1000) as f64,
    })
}

/// Without the write-ahead log, which is empty after a stop and small before the runs.
fn database_size(data: &Path) -> Result<u64> {
    Ok(std::fs::metadata(data.join("castalia.db"))?.len())
}

/// A running Prefect; dropping it ends it.
struct Prefect {
    name: String,
    server: Child,
    worker: Option<Child>,
    api: SocketAddr,
    deployment: String,
    database: Option<Postgres>,
    home: PathBuf,
}

impl Drop for Prefect {
    fn drop(&mut self) {
        if let Some(worker) = &mut self.worker {
            end(worker, Duration::from_secs(10));
        }
        end(&mut self.server, Duration::from_secs(10));
    }
}

impl Prefect {
    async fn start(places: &Places, folder: &Path) -> Result<Self> {
        let home = folder.join("prefect");
        std::fs::create_dir_all(&home)?;
        let database = Postgres::start(places)?;
        let api = free_address()?;
        let tool = Tool {
            places: places.clone(),
            home: home.clone(),
            api,
            database: database.as_ref().map(|d| d.url.clone()),
        };
        let version = tool.output(&["-c", "import prefect; print(prefect.__version__)"])?;
        let store = if database.is_some() { "PostgreSQL" } else { "SQLite" };
        let port = api.port().to_string();
        let server = tool
            .command(&["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", &port])?
            .spawn()?;
        let name = format!("Prefect {} ({store})", version.trim());
        let mut prefect = Self { name, server, worker: None, api, deployment: String::new(), database, home };
        prefect.wait_for_server().await?;
        tool.output(&["-m", "prefect", "work-pool", "create", "bench", "--type", "process"])?;
        let flow = places.checkout.join("bench/peer/prefect_noop.py");
        let answer = tool.output(&[flow.to_str().context("a path that is no text")?])?;
        let deployment = answer
            .lines()
            .find_map(|l| l.trim().strip_prefix("bench-deployment="))
            .context("no deployment")?;
        prefect.deployment = deployment.to_owned();
        prefect.worker = Some(
            tool.command(&["-m", "prefect", "worker", "start", "--pool", "bench", "--limit", "2"])?
                .spawn()?,
        );
        Ok(prefect)
    }

    async fn wait_for_server(&mut self) -> Result<()> {
        let begun = Instant::now();
        loop {
            if let Ok(mut connection) = Connection::open(self.api, "").await
                && connection.call("GET", "/api/health", "").await.is_ok_and(|a| a.status == 200)
            {
                return Ok(());
            }
            if let Some(status) = self.server.try_wait()? {
                bail!("Prefect's server ended with {status}: {}", self.log());
            }
            ensure!(begun.elapsed() < Duration::from_secs(120), "Prefect does not answer: {}", self.log());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn log(&self) -> String {
        let text = std::fs::read_to_string(self.home.join("log")).unwrap_or_default();
        text.get(text.len().saturating_sub(2000)..).unwrap_or_default().to_owned()
    }

    async fn submit(&self, connection: &mut Connection) -> Result<()> {
        let path = format!("/api/deployments/{}/create_flow_run", self.deployment);
        connection.json("POST", &path, r#"{"parameters": {}}"#).await.map(|_| ())
    }

    /// Waits until `n` runs have completed in all.
    async fn completed(&self, connection: &mut Connection, n: usize) -> Result<()> {
        let begun = Instant::now();
        let count = |kinds: Value| json!({"flow_runs": {"state": {"type": {"any_": kinds}}}}).to_string();
        loop {
            let done = connection.json("POST", "/api/flow_runs/count", &count(json!(["COMPLETED"]))).await?;
            if done.as_u64().unwrap_or_default() >= n as u64 {
                return Ok(());
            }
            let broken =
                connection.json("POST", "/api/flow_runs/count", &count(json!(["FAILED", "CRASHED"]))).await?;
            ensure!(broken == 0, "{broken} runs of the peer failed: {}", self.log());
            ensure!(
                begun.elapsed() < Duration::from_secs(600),
                "{done} of {n} runs of the peer completed: {}",
                self.log()
            );
            tokio::time::sleep(POLL).await;
        }
    }

    async fn measure(&self, n: usize, alone: usize) -> Result<Measured> {
        let mut connection = Connection::open(self.api, "").await?;
        self.submit(&mut connection).await?;
        self.submit(&mut connection).await?;
        self.completed(&mut connection, 2).await?;
        let size_before = self.database_size()?;
        let begun = Instant::now();
        for _ in 0..n {
            self.submit(&mut connection).await?;
        }
        self.completed(&mut connection, 2 + n).await?;
        let per_second = n as f64 / begun.elapsed().as_secs_f64();
        let bytes_per_run = self.database_size()?.saturating_sub(size_before) as f64 / n as f64;
        let mut times = vec![];
        for run in 0..alone {
            let begun = Instant::now();
            self.submit(&mut connection).await?;
            self.completed(&mut connection, 3 + n + run).await?;
            times.push(begun.elapsed().as_secs_f64());
        }
        let worker = self.worker.as_ref().map_or(0, |w| memory_of_tree(w.id()));
        let memory = (memory_of_tree(self.server.id()) + worker) as f64 / 1e6;
        Ok(Measured { per_second, alone: Samples::new(times), memory, bytes_per_run })
    }

    fn database_size(&self) -> Result<u64> {
        match &self.database {
            Some(postgres) => postgres.size(),
            None => Ok(std::fs::metadata(self.home.join("prefect.db"))?.len()),
        }
    }
}

/// Prefect's command line with its settings.
struct Tool {
    places: Places,
    home: PathBuf,
    api: SocketAddr,
    database: Option<String>,
}

impl Tool {
    fn command(&self, words: &[&str]) -> Result<Command> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.home.join("log"))?;
        let mut command = Command::new(self.places.prefect.join("bin/python"));
        command.args(words).current_dir(&self.home).env("PREFECT_HOME", &self.home);
        command.env("PREFECT_API_URL", format!("http://{}/api", self.api));
        for (name, value) in [
            ("PREFECT_SERVER_ANALYTICS_ENABLED", "false"),
            ("DO_NOT_TRACK", "1"),
            ("PREFECT_SERVER_UI_ENABLED", "false"),
            ("PREFECT_WORKER_QUERY_SECONDS", "0.5"),
        ] {
            command.env(name, value);
        }
        if let Some(url) = &self.database {
            command.env(
                "PREFECT_API_DATABASE_CONNECTION_URL",
                url.replace("postgres://", "postgresql+asyncpg://"),
            );
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(command)
    }

    fn output(&self, words: &[&str]) -> Result<String> {
        let output = self.command(words)?.stdout(Stdio::piped()).stderr(Stdio::piped()).output()?;
        ensure!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// A private PostgreSQL; dropping it ends it.
struct Postgres {
    url: String,
    script: PathBuf,
    folder: tempfile::TempDir,
}

impl Postgres {
    /// None when the machine has no PostgreSQL.
    fn start(places: &Places) -> Result<Option<Self>> {
        let script = places.checkout.join("scripts/test-postgres");
        let folder = tempfile::Builder::new().prefix("castalia-bench-pg.").tempdir()?;
        // It runs as another user.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let output = Command::new(&script).arg("start").arg(folder.path().join("pg")).output()?;
        if !output.status.success() {
            return Ok(None);
        }
        let url = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(Some(Self { url, script, folder }))
    }

    fn size(&self) -> Result<u64> {
        let question = "SELECT pg_database_size('postgres')";
        let output = Command::new("psql").args([&self.url, "-Atc", question]).output()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().context("psql gave no size")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = Command::new(&self.script)
            .arg("stop")
            .arg(self.folder.path().join("pg"))
            .stderr(Stdio::null())
            .status();
    }
}
