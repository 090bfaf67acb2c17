//! The reconciler with a real backend and an owner in memory.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use castalia_compute::{
    Backend, Cause, Exit, OWNER_LABEL, Observed, Owner, OwnerError, Progress, Reconciler, ReconcilerConfig,
    ReconcilerHandle, Settled, StopRequest, UnitId, UnitSpec, Wanted,
};
use support::{Bench, id, sh, until};
use tokio_util::sync::CancellationToken;

#[derive(Default)]
struct Book {
    records: Mutex<BTreeMap<UnitId, Record>>,
    fail_ended: AtomicU32,
    orphans: Mutex<Vec<UnitId>>,
}

#[derive(Clone)]
struct Record {
    spec: UnitSpec,
    started: Option<i64>,
    stop: Option<StopRequest>,
    progress: Vec<f64>,
    exits: Vec<Exit>,
}

impl Book {
    fn add(&self, spec: UnitSpec) {
        let record =
            Record { spec: spec.clone(), started: None, stop: None, progress: vec![], exits: vec![] };
        self.records.lock().unwrap().insert(spec.id, record);
    }

    fn change(&self, id: &UnitId, change: impl FnOnce(&mut Record)) {
        change(self.records.lock().unwrap().get_mut(id).unwrap());
    }

    fn get(&self, id: &UnitId) -> Record {
        self.records.lock().unwrap()[id].clone()
    }
}

fn wanted(id: &UnitId, record: &Record) -> Option<Wanted> {
    let open = record.exits.is_empty();
    open.then(|| Wanted { id: id.clone(), started: record.started.is_some(), stop: record.stop.clone() })
}

#[async_trait]
impl Owner for Book {
    fn name(&self) -> &str {
        "book"
    }

    async fn wanted(&self) -> Result<Vec<Wanted>, OwnerError> {
        Ok(self.records.lock().unwrap().iter().filter_map(|(id, r)| wanted(id, r)).collect())
    }

    async fn want(&self, id: &UnitId) -> Result<Option<Wanted>, OwnerError> {
        Ok(self.records.lock().unwrap().get(id).and_then(|r| wanted(id, r)))
    }

    async fn spec(&self, id: &UnitId) -> Result<UnitSpec, OwnerError> {
        Ok(self.get(id).spec)
    }

    async fn running(&self, id: &UnitId, since: i64) -> Result<(), OwnerError> {
        self.change(id, |r| r.started = Some(since));
        Ok(())
    }

    async fn progress(&self, id: &UnitId, progress: &Progress) {
        self.change(id, |r| r.progress.push(progress.fraction));
    }

    async fn ended(&self, id: &UnitId, exit: &Exit) -> Result<Settled, OwnerError> {
        if self.fail_ended.load(Ordering::SeqCst) > 0 {
            self.fail_ended.fetch_sub(1, Ordering::SeqCst);
            return Err("the database is locked".into());
        }
        match self.records.lock().unwrap().get_mut(id) {
            None => Ok(Settled::Unknown),
            Some(record) => {
                record.exits.push(exit.clone());
                Ok(Settled::Recorded)
            }
        }
    }

    async fn orphan(&self, observed: &Observed) {
        self.orphans.lock().unwrap().push(observed.id.clone());
    }
}

struct Running {
    bench: Bench,
    book: Arc<Book>,
    handle: ReconcilerHandle,
    shutdown: CancellationToken,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

async fn reconciler() -> Running {
    let bench = Bench::new().await;
    let book = Arc::new(Book::default());
    let config = ReconcilerConfig { retry: Duration::from_millis(20), ..ReconcilerConfig::default() };
    let reconciler = Reconciler::new(Arc::new(bench.backend.clone()), book.clone(), config);
    let (handle, shutdown) = (reconciler.handle(), CancellationToken::new());
    tokio::spawn(reconciler.run(shutdown.clone()));
    Running { bench, book, handle, shutdown }
}

impl Running {
    fn submit(&self, spec: UnitSpec) {
        let id = spec.id.clone();
        self.book.add(spec);
        self.handle.nudge(&id);
    }

    async fn settled(&self, id: &UnitId) -> Record {
        until(&format!("{id} is settled"), async || !self.book.get(id).exits.is_empty()).await;
        until(&format!("{id} is removed"), async || self.bench.backend.observe(id).await.unwrap().is_none())
            .await;
        self.book.get(id)
    }
}

#[tokio::test]
async fn a_unit_goes_its_way_from_submit_to_removal() {
    let world = reconciler().await;
    let script = "echo '{\"type\":\"progress\",\"fraction\":0.5}' > /dev/fd/$CASTALIA_EVENTS_FD; \
                  while [ ! -e go ]; do sleep 0.01; done";
    let spec = sh("way", script);
    world.submit(spec.clone());
    until("it runs and tells", async || {
        let record = world.book.get(&spec.id);
        record.started.is_some() && record.progress == [0.5]
    })
    .await;
    std::fs::write(world.bench.backend.work_dir(&spec.id).join("go"), "").unwrap();
    let record = world.settled(&spec.id).await;
    assert!(record.exits[0].success());
    assert_eq!((record.exits.len(), record.started), (1, record.exits[0].started_at));
}

#[tokio::test]
async fn a_failing_owner_is_asked_again_and_nothing_is_lost() {
    let world = reconciler().await;
    world.book.fail_ended.store(3, Ordering::SeqCst);
    world.submit(sh("stubborn", "exit 4"));
    let record = world.settled(&id("stubborn")).await;
    assert_eq!((record.exits.len(), record.exits[0].code), (1, Some(4)));
}

#[tokio::test]
async fn stops_are_carried_out_before_and_after_the_start() {
    let world = reconciler().await;
    let stop = StopRequest { reason: "cancelled".into(), grace: Duration::ZERO };
    let (early, late) = (sh("early", "true"), sh("late", "sleep 600"));
    world.book.add(early.clone());
    world.book.change(&early.id, |r| r.stop = Some(stop.clone()));
    world.handle.nudge_all();
    world.submit(late.clone());
    until("it runs", async || world.book.get(&late.id).started.is_some()).await;
    world.book.change(&late.id, |r| r.stop = Some(stop.clone()));
    world.handle.nudge(&late.id);
    for id in [&early.id, &late.id] {
        let record = world.settled(id).await;
        assert_eq!(record.exits[0].cause, Cause::Stopped { reason: "cancelled".into() });
    }
    assert_eq!(world.book.get(&early.id).started, None);
}

#[tokio::test]
async fn the_impossible_ends_instead_of_being_tried_for_ever() {
    let world = reconciler().await;
    let mut nameless = sh("nameless", "true");
    nameless.command.clear();
    world.submit(nameless.clone());
    until("it is refused", async || !world.book.get(&nameless.id).exits.is_empty()).await;
    let vanished = sh("vanished", "true");
    world.book.add(vanished.clone());
    world.book.change(&vanished.id, |r| r.started = Some(1));
    world.handle.nudge(&vanished.id);
    until("it is lost", async || !world.book.get(&vanished.id).exits.is_empty()).await;
    assert!(matches!(world.book.get(&vanished.id).exits[0].cause, Cause::Lost { .. }));
}

#[tokio::test]
async fn what_nobody_claims_is_reported_once_and_left_alone() {
    let world = reconciler().await;
    let mut stranger = sh("stranger", "true");
    stranger.labels.insert(OWNER_LABEL.into(), "book".into());
    let mut other = sh("other", "true");
    other.labels.insert(OWNER_LABEL.into(), "somebody else".into());
    world.bench.run(stranger.clone()).await;
    world.bench.run(other.clone()).await;
    until("it is reported", async || !world.book.orphans.lock().unwrap().is_empty()).await;
    world.handle.nudge_all();
    world.submit(sh("after", "true"));
    world.settled(&id("after")).await;
    assert_eq!(*world.book.orphans.lock().unwrap(), [stranger.id.clone()]);
    assert_eq!(world.bench.backend.list().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_short_units_is_settled_once_each() {
    let world = reconciler().await;
    for n in 0..200 {
        world.submit(UnitSpec::new(id(&format!("c{n}")), ["/bin/true"]));
    }
    let mut counts = HashMap::new();
    for n in 0..200 {
        let record = world.settled(&id(&format!("c{n}"))).await;
        assert!(record.exits[0].success());
        *counts.entry(record.exits.len()).or_insert(0) += 1;
    }
    assert_eq!(counts, HashMap::from([(1, 200)]));
}
