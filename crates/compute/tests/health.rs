//! Health of real units with real sockets: what is seen, when, and in which words.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use castalia_compute::health::{
    HealthCheck, Mark, Monitor, News, Outcome, Place, Rules, State, Status, Subject, Trouble, UnitSubject,
};
use castalia_compute::log::{Limit, LogBatch, LogStream, Search, SearchHits};
use castalia_compute::{
    Backend, Error, Observed, ProcessBackend, Resources, Sandbox, StopRequest, UnitId, UnitSpec,
};
use support::{Bench, PATIENCE, id};
use tokio::sync::broadcast;

/// A server of a few lines, steered by its arguments: `port`, seconds until it listens, and what it does.
///
/// `fine`; `mute` (takes connections, never answers); `error` (500 for so many seconds); `hang` (answers so long, then
/// no more, and touches the file `hung`); `waver` (500 from one second to the next); `strained` (says so).
const SERVER: &str = r#"
import http.server, sys, time, threading
port, late, what, amount = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], float(sys.argv[4])
begun = time.monotonic()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        age = time.monotonic() - begun
        if what == "mute" or (what == "hang" and age > amount):
            time.sleep(3600)
        bad = (what == "error" and age < amount) or (what == "waver" and amount < age < 2 * amount)
        body = b'{"status": "degraded", "reason": "no GPU"}' if what == "strained" else b'{"status": "alive"}'
        if what == "hang":
            open("good", "w").write(str(time.time()))
        self.send_response(500 if bad else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
time.sleep(late)
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
open("listens", "w").write(str(time.time()))
server.serve_forever()
"#;

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn server(name: &str, port: u16, late: f64, what: &str, amount: f64) -> UnitSpec {
    let words = [port.to_string(), late.to_string(), what.into(), amount.to_string()];
    let mut command = vec!["python3".to_owned(), "-c".into(), SERVER.into()];
    command.extend(words);
    UnitSpec::new(id(name), command)
}

fn check(yaml: &str) -> HealthCheck {
    castalia_compute::yaml::parse(yaml, "check").unwrap()
}

/// A quick check: unhealthy after two seconds without a good answer.
const QUICK: &str = "{interval: 0.5, timeout: 0.5, retries: 4, start_period: 10, use_container_root: true}";

struct Watched {
    bench: Bench,
    monitor: Monitor,
    unit: UnitId,
}

impl Watched {
    async fn start(spec: UnitSpec, check: &HealthCheck, port: u16) -> Self {
        let bench = Bench::new().await;
        bench.backend.start(&spec).await.unwrap();
        let monitor = watch(&bench, &spec.id, check, port);
        Watched { bench, monitor, unit: spec.id }
    }

    async fn until(&self, state: State) -> Status {
        let waited = tokio::time::timeout(PATIENCE, self.monitor.until(|s| s == state)).await;
        let status = waited.unwrap_or_else(|_| panic!("not {state}: {:?}", self.monitor.chronicle().turns));
        assert_eq!(status.state, state, "{:?}", self.monitor.chronicle().turns);
        status
    }

    /// A moment that the program wrote into a file of its working folder, seconds since the epoch.
    fn moment(&self, file: &str) -> f64 {
        let path = self.bench.backend.work_dir(&self.unit).join(file);
        std::fs::read_to_string(path).unwrap().parse().unwrap()
    }

    /// Every state that it was in, in order.
    fn states(&self) -> Vec<State> {
        let mut states: Vec<State> = self.monitor.chronicle().turns.iter().map(|t| t.state).collect();
        states.dedup();
        states
    }

    async fn end(self) {
        self.monitor.stopping("the test is over");
        let stop = StopRequest { reason: "the test is over".into(), grace: Duration::ZERO };
        self.bench.backend.stop(&self.unit, stop).await.unwrap();
        let status = self.until(State::Stopped).await;
        assert_eq!(status.reason, "was stopped: the test is over");
        self.bench.ended(&self.unit).await;
    }
}

fn watch(bench: &Bench, unit: &UnitId, check: &HealthCheck, port: u16) -> Monitor {
    let backend: Arc<dyn Backend> = Arc::new(bench.backend.clone());
    let subject = UnitSubject::new(backend, unit.clone(), check, &Place::local(port), Resources::default());
    Monitor::start(Rules::new(check, check.start_period.0, vec![]), Arc::new(subject))
}

fn seconds(status: &Status) -> f64 {
    status.since as f64 / 1000.0
}

#[tokio::test]
async fn readiness_is_announced_as_soon_as_it_is_true() {
    let port = free_port();
    let watched = Watched::start(server("late", port, 1.3, "fine", 0.0), &check(QUICK), port).await;
    let status = watched.until(State::Healthy).await;
    let late = seconds(&status) - watched.moment("listens");
    // The promise is 0.3 s; the rest is for a machine that is busy with other tests.
    assert!(late < 1.0, "announced {late} s after it listened");
    assert!(status.reason.starts_with("ready after"), "{}", status.reason);
    assert!(status.ready_after_ms.is_some_and(|ms| ms >= 1_200), "{status:?}");
    let tries = watched.monitor.chronicle().attempts;
    assert!(
        tries.iter().any(|t| t.mark == Mark::Failed && t.reason.contains("nothing listens")),
        "{tries:?}"
    );
    assert_eq!(tries.last().map(|t| t.mark), Some(Mark::Passed));
    watched.end().await;
}

#[tokio::test]
async fn a_wrong_port_is_told_with_the_right_one() {
    let (port, wrong) = (free_port(), free_port());
    let check = check(&format!(
        "{{interval: 0.3, timeout: 0.3, retries: 5, start_period: 3, health_check_port: {wrong}}}"
    ));
    let begun = Instant::now();
    let watched = Watched::start(server("wrong", port, 0.0, "fine", 0.0), &check, port).await;
    let status = watched.until(State::Unhealthy).await;
    let took = begun.elapsed().as_secs_f64();
    assert!((4.5..7.5).contains(&took), "start period and window are 4.5 s, seen after {took}");
    assert!(status.reason.contains(&format!("nothing listens on 127.0.0.1:{wrong}")), "{}", status.reason);
    assert!(status.reason.contains(&format!("the service listens on {port}")), "{}", status.reason);
    watched.end().await;
}

#[tokio::test]
async fn a_service_that_never_listens_is_unhealthy_after_its_window() {
    let port = free_port();
    let check = check("{interval: 0.5, timeout: 0.5, retries: 4, start_period: 1}");
    let begun = Instant::now();
    let watched = Watched::start(UnitSpec::new(id("deaf"), ["sleep", "600"]), &check, port).await;
    let status = watched.until(State::Unhealthy).await;
    let took = begun.elapsed().as_secs_f64();
    assert!((3.0..5.0).contains(&took), "start period and window are 3 s, seen after {took}");
    assert!(status.reason.contains("nothing listens"), "{}", status.reason);
    assert_eq!(watched.states(), [State::Starting, State::Unhealthy]);
    watched.end().await;
}

#[tokio::test]
async fn a_service_that_never_answers_is_unhealthy_after_its_window_and_one_timeout() {
    let port = free_port();
    let check = check("{interval: 0.5, timeout: 1, retries: 4, start_period: 1}");
    let begun = Instant::now();
    let watched = Watched::start(server("mute", port, 0.0, "mute", 0.0), &check, port).await;
    let status = watched.until(State::Unhealthy).await;
    let took = begun.elapsed().as_secs_f64();
    assert!((3.0..6.0).contains(&took), "start period, window and timeout are 4 s, seen after {took}");
    assert!(
        status.reason.contains("took the connection, but did not answer within 1 s"),
        "{}",
        status.reason
    );
    watched.end().await;
}

#[tokio::test]
async fn a_service_that_answers_500_while_it_starts_gets_its_time() {
    let port = free_port();
    let watched = Watched::start(server("error", port, 0.0, "error", 2.5), &check(QUICK), port).await;
    let status = watched.until(State::Healthy).await;
    let after = status.ready_after_ms.unwrap();
    assert!((2_000..5_000).contains(&after), "ready after {after} ms");
    let chronicle = watched.monitor.chronicle();
    let told = chronicle.turns.iter().any(|t| t.reason.contains("answered 500 Internal Server Error"));
    assert!(told, "{:?}", chronicle.turns);
    assert_eq!(watched.states(), [State::Starting, State::Healthy]);
    watched.end().await;
}

#[tokio::test]
async fn an_exit_is_seen_at_once_with_its_code_and_last_line() {
    let port = free_port();
    let script = "echo starting; sleep 0.3; echo 'no module named lab' >&2; exit 3";
    let spec = UnitSpec::new(id("exits"), ["/bin/sh", "-c", script]);
    let watched = Watched::start(spec, &check(QUICK), port).await;
    let status = watched.until(State::Stopped).await;
    let ended = watched.bench.ended(&watched.unit).await.ended_at as f64 / 1000.0;
    assert!(seconds(&status) - ended < 1.0, "seen {} s after the end", seconds(&status) - ended);
    assert_eq!(
        status.reason,
        "ended before it was ready: exited with code 3; last line: no module named lab"
    );
}

#[tokio::test]
async fn a_program_that_is_not_there_is_told_as_such() {
    let spec = UnitSpec::new(id("absent"), ["/no/such/program"]);
    let watched = Watched::start(spec, &check(QUICK), free_port()).await;
    let status = watched.until(State::Stopped).await;
    assert!(status.reason.contains("did not start: could not run /no/such/program"), "{}", status.reason);
}

#[tokio::test]
async fn a_hang_is_seen_at_the_configured_limit() {
    let port = free_port();
    let check = check("{interval: 1, timeout: 1, retries: 3, start_period: 10}");
    let watched = Watched::start(server("hang", port, 0.0, "hang", 3.0), &check, port).await;
    watched.until(State::Healthy).await;
    let status = watched.until(State::Unhealthy).await;
    let silence = seconds(&status) - watched.moment("good");
    // Three seconds of silence, and the try that is under way then may take its second.
    assert!((2.9..5.0).contains(&silence), "seen {silence} s after the last good answer");
    assert!(status.reason.contains("did not answer within 1 s"), "{}", status.reason);
    assert_eq!(watched.states(), [State::Starting, State::Healthy, State::Degraded, State::Unhealthy]);
    watched.end().await;
}

#[tokio::test]
async fn a_kill_is_seen_at_once() {
    let port = free_port();
    let watched = Watched::start(server("killed", port, 0.0, "fine", 0.0), &check(QUICK), port).await;
    watched.until(State::Healthy).await;
    let pid = watched.bench.running(&watched.unit).await;
    let begun = Instant::now();
    std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    let status = watched.until(State::Stopped).await;
    assert!(begun.elapsed() < Duration::from_secs(20), "seen after {:?}", begun.elapsed());
    assert_eq!(status.reason, "was killed by signal 9");
}

#[tokio::test]
async fn a_degraded_service_recovers() {
    let port = free_port();
    // Time enough that slow answers of a busy machine are not what is told of.
    let check = check("{interval: 0.3, timeout: 20, retries: 20, start_period: 10}");
    let watched = Watched::start(server("waver", port, 0.0, "waver", 1.5), &check, port).await;
    watched.until(State::Healthy).await;
    let status = watched.until(State::Degraded).await;
    assert!(status.reason.contains("answered 500"), "{}", status.reason);
    assert_eq!(watched.until(State::Healthy).await.reason, "well again");
    watched.end().await;
}

#[tokio::test]
async fn a_service_that_says_it_is_degraded_is_believed() {
    let port = free_port();
    let watched = Watched::start(server("strained", port, 0.0, "strained", 0.0), &check(QUICK), port).await;
    let status = watched.until(State::Degraded).await;
    assert_eq!(status.reason, "says that it is degraded: no GPU");
    watched.end().await;
}

#[tokio::test]
async fn a_port_can_be_asked_by_tcp() {
    let port = free_port();
    let check = check("{probe: tcp, interval: 0.5, timeout: 0.5, retries: 4, start_period: 10}");
    let watched = Watched::start(server("tcp", port, 0.5, "mute", 0.0), &check, port).await;
    watched.until(State::Healthy).await;
    watched.end().await;
}

#[tokio::test]
async fn a_command_is_run_where_the_unit_runs() {
    let check = check(
        "{custom_health_command: 'test \"$SECRET\" = word && test -e ready || { echo not yet; exit 1; }', \
         interval: 0.5, timeout: 5, retries: 4, start_period: 30}",
    );
    let mut spec = UnitSpec::new(id("command"), ["/bin/sh", "-c", "sleep 0.5; touch ready; sleep 600"]);
    spec.env.insert("SECRET".into(), "word".into());
    let watched = Watched::start(spec, &check, 1).await;
    watched.until(State::Healthy).await;
    let tries = watched.monitor.chronicle().attempts;
    let told = tries.iter().any(|t| t.reason == "the health command exited with code 1: not yet");
    assert!(told, "{tries:?}");
    watched.end().await;
}

#[tokio::test]
async fn nobody_is_asked_before_what_it_depends_on_is_healthy() {
    let (first_port, port) = (free_port(), free_port());
    let quick = check(QUICK);
    let first = Watched::start(server("first", first_port, 1.0, "fine", 0.0), &quick, first_port).await;
    let spec = server("second", port, 0.0, "fine", 0.0);
    first.bench.backend.start(&spec).await.unwrap();
    let backend: Arc<dyn Backend> = Arc::new(first.bench.backend.clone());
    let subject =
        UnitSubject::new(backend, spec.id.clone(), &quick, &Place::local(port), Resources::default());
    let rules = Rules::new(&quick, quick.start_period.0, vec!["first".into()]);
    let second = Monitor::start(rules, Arc::new(subject));
    second.depend_on("first", &first.monitor);
    let ready = tokio::time::timeout(PATIENCE, second.until(|s| s == State::Healthy)).await.unwrap();
    assert!(ready.since + 5 >= first.monitor.status().since, "{ready:?}");
    let turns = second.chronicle().turns;
    assert!(turns.iter().any(|t| t.reason == "waits for first (starting)"), "{turns:?}");
    let tried = second.chronicle().attempts[0].time;
    // Each monitor's stamps are cut to milliseconds on a clock of its own.
    assert!(tried + 5 >= first.monitor.status().since, "asked at {tried}");
    let pid = first.bench.running(&first.unit).await;
    std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    let waited = tokio::time::timeout(PATIENCE, second.until(|s| s == State::Degraded)).await.unwrap();
    assert_eq!(waited.reason, "first, on which it depends, is stopped");
}

#[tokio::test]
async fn memory_that_runs_short_degrades() {
    let port = free_port();
    let script = format!("hold = bytearray(110 << 20)\n{SERVER}");
    let mut spec = server("memory", port, 0.0, "fine", 0.0);
    spec.command[2] = script;
    spec.resources.memory_mb = 132;
    let bench = Bench::new().await;
    bench.backend.start(&spec).await.unwrap();
    let backend: Arc<dyn Backend> = Arc::new(bench.backend.clone());
    let quick = check(QUICK);
    let subject = UnitSubject::new(backend, spec.id.clone(), &quick, &Place::local(port), spec.resources);
    let monitor = Monitor::start(Rules::new(&quick, quick.start_period.0, vec![]), Arc::new(subject));
    let status = tokio::time::timeout(PATIENCE, monitor.until(|s| s == State::Degraded)).await.unwrap();
    assert!(status.reason.contains("of 132 MB used"), "{:?}", monitor.chronicle().turns);
}

#[tokio::test]
async fn in_a_sandbox_commands_see_what_the_unit_sees_and_ports_are_found() {
    let bench = Bench::with(|config| config.sandbox = Sandbox::Auto).await;
    if !bench.backend.sandboxed() {
        println!("skipped: no sandbox here");
        return;
    }
    let (port, wrong) = (free_port(), free_port());
    let mut spec = server("sandboxed", port, 0.0, "fine", 0.0);
    spec.command[2] = format!("open('/tmp/of-the-unit', 'w').write('')\n{SERVER}");
    bench.backend.start(&spec).await.unwrap();
    // The command has a /tmp of its own, as the unit has, and shares its working folder.
    let command = check(
        "{custom_health_command: 'test -e listens && test ! -e /etc/castalia-none && touch /tmp/x', \
         interval: 0.5, timeout: 5, retries: 9, start_period: 30}",
    );
    let monitor = watch(&bench, &spec.id, &command, port);
    let status = tokio::time::timeout(PATIENCE, monitor.until(|s| s == State::Healthy)).await.unwrap();
    assert_eq!(status.state, State::Healthy, "{:?}", monitor.chronicle());
    assert!(!std::path::Path::new("/tmp/of-the-unit").exists());
    let wrong = check(&format!("{{interval: 0.5, health_check_port: {wrong}, start_period: 30}}"));
    let monitor = watch(&bench, &spec.id, &wrong, port);
    let mut news = monitor.news();
    let told = async {
        while let Ok(news) = news.recv().await {
            if let News::Turned(turn) = news
                && turn.reason.contains(&format!("the service listens on {port}"))
            {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, told).await.unwrap();
}

/// A backend that judges health itself, as one of containers does.
struct Judging(ProcessBackend);

#[async_trait]
impl Backend for Judging {
    async fn start(&self, spec: &UnitSpec) -> Result<(), Error> {
        self.0.start(spec).await
    }
    async fn list(&self) -> Result<Vec<Observed>, Error> {
        self.0.list().await
    }
    async fn observe(&self, id: &UnitId) -> Result<Option<Observed>, Error> {
        self.0.observe(id).await
    }
    fn watch(&self) -> broadcast::Receiver<UnitId> {
        self.0.watch()
    }
    async fn logs(&self, id: &UnitId, after: u64, limit: Limit) -> Result<LogBatch, Error> {
        self.0.logs(id, after, limit).await
    }
    async fn follow(&self, id: &UnitId, after: u64) -> Result<LogStream, Error> {
        self.0.follow(id, after).await
    }
    async fn search(&self, id: &UnitId, search: &Search) -> Result<SearchHits, Error> {
        self.0.search(id, search).await
    }
    async fn stop(&self, id: &UnitId, stop: StopRequest) -> Result<(), Error> {
        self.0.stop(id, stop).await
    }
    async fn remove(&self, id: &UnitId) -> Result<(), Error> {
        self.0.remove(id).await
    }
    async fn health(&self, _: &UnitId) -> Result<Option<Outcome>, Error> {
        Ok(Some(Outcome::Passed { what: "the container is healthy".into() }))
    }
}

#[tokio::test]
async fn the_word_of_the_backend_is_taken_where_it_is_preferred() {
    let bench = Bench::new().await;
    let spec = UnitSpec::new(id("container"), ["sleep", "600"]);
    bench.backend.start(&spec).await.unwrap();
    let start = |yaml: &str| {
        let backend: Arc<dyn Backend> = Arc::new(Judging(bench.backend.clone()));
        let check = check(yaml);
        let at = Place::local(free_port());
        let subject = UnitSubject::new(backend, spec.id.clone(), &check, &at, Resources::default());
        Monitor::start(Rules::new(&check, check.start_period.0, vec![]), Arc::new(subject))
    };
    let preferred = start("{prefer_ecs_health: true}");
    tokio::time::timeout(PATIENCE, preferred.until(|s| s == State::Healthy)).await.unwrap();
    assert_eq!(preferred.chronicle().attempts[0].reason, "the container is healthy");
    let own = start("{interval: 0.1, timeout: 0.1, retries: 2, start_period: 0.1}");
    let status = tokio::time::timeout(PATIENCE, own.until(|s| s == State::Unhealthy)).await.unwrap();
    assert_eq!(status.state, State::Unhealthy);
}

/// Something that misbehaves while it is asked.
struct Odd {
    asked: std::sync::atomic::AtomicU32,
}

#[async_trait]
impl Subject for Odd {
    async fn started(&self) {}

    async fn ended(&self) -> String {
        std::future::pending().await
    }

    async fn attempt(&self, _: Duration) -> Outcome {
        match self.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => panic!("on purpose: a try that panics"),
            1 => std::future::pending().await,
            2 => Outcome::failed(Trouble::Answered, "500"),
            _ => Outcome::Passed { what: "fine".into() },
        }
    }
}

#[tokio::test]
async fn a_try_that_panics_or_overstays_does_not_end_the_watching() {
    let check = check("{interval: 0.2, timeout: 0.2, retries: 50, start_period: 30}");
    let subject = Arc::new(Odd { asked: 0.into() });
    let monitor = Monitor::start(Rules::new(&check, check.start_period.0, vec![]), subject);
    let status = tokio::time::timeout(PATIENCE, monitor.until(|s| s == State::Healthy)).await.unwrap();
    assert_eq!(status.state, State::Healthy);
    let marks: Vec<Mark> = monitor.chronicle().attempts.iter().map(|a| a.mark).collect();
    assert!(marks.contains(&Mark::Void) && marks.contains(&Mark::Failed), "{marks:?}");
}

#[tokio::test]
async fn after_a_restart_of_the_server_what_served_is_not_starting_again() {
    let port = free_port();
    let quick = check(QUICK);
    let first = Watched::start(server("resumed", port, 0.0, "fine", 0.0), &quick, port).await;
    first.until(State::Healthy).await;
    let Watched { bench, monitor, unit } = first;
    let was = monitor.status().state;
    drop(monitor);
    let support::Bench { backend, config, scratch } = bench;
    drop(backend);
    // The folder's lock goes with the last task that holds the old backend.
    let begun = Instant::now();
    let backend = loop {
        match ProcessBackend::open(config.clone()).await {
            Ok(backend) => break backend,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "{error}"),
        }
        support::pause().await;
    };
    let bench = Bench { backend, config, scratch };
    let shared: Arc<dyn Backend> = Arc::new(bench.backend.clone());
    let subject = UnitSubject::new(shared, unit.clone(), &quick, &Place::local(port), Resources::default());
    let rules = Rules::new(&quick, quick.start_period.0, vec![]);
    let watched = Watched { bench, monitor: Monitor::resume(rules, Arc::new(subject), was), unit };
    assert_eq!(watched.monitor.status().state, State::Healthy);
    let pid = watched.bench.running(&watched.unit).await;
    std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert_eq!(watched.until(State::Stopped).await.reason, "was killed by signal 9");
    assert_eq!(watched.states(), [State::Healthy, State::Stopped]);
}
