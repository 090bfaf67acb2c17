//! A keeper with a real kernel, in this process.

use castalia_kernel::{Client, Entries, Entry, Error, KeeperConfig, Life, Request, Search, State, keep};
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const LONG: Duration = Duration::from_secs(60);

/// The environment with the kernels.
pub(crate) fn prefix() -> PathBuf {
    let made = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/test-kernels");
    let prefix = std::env::var_os("CASTALIA_TEST_KERNELS").map_or_else(|| made.into(), PathBuf::from);
    assert!(prefix.join("bin/python").exists(), "no kernels to test with; run scripts/test-kernels");
    prefix
}

pub(crate) struct Kept {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) client: Client,
    pub(crate) entries: Entries,
    pub(crate) stop: CancellationToken,
    pub(crate) keeper: JoinHandle<Result<(), Error>>,
    pub(crate) seen: u64,
}

/// Starts a kernel by name and waits until it is ready.
pub(crate) async fn start(name: &str) -> Kept {
    let mut kept = begin(Search::of([prefix()]).find(name).unwrap(), |_| {}).await;
    kept.until_life(Life::Ready).await;
    kept
}

pub(crate) async fn begin(spec: castalia_kernel::KernelSpec, change: impl FnOnce(&mut KeeperConfig)) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let mut config = KeeperConfig::new(spec, folder.path().to_owned());
    config.work = Some(folder.path().to_owned());
    change(&mut config);
    let stop = CancellationToken::new();
    let keeper = tokio::spawn(keep(config, stop.clone()));
    let client = Client::await_keeper(folder.path(), LONG).await.unwrap();
    let entries = client.entries(0).await.unwrap();
    Kept { folder, client, entries, stop, keeper, seen: 0 }
}

impl Kept {
    pub(crate) async fn next(&mut self) -> Entry {
        let next = tokio::time::timeout(LONG, self.entries.next()).await.expect("an entry comes in time");
        let entry = next.unwrap().expect("the keeper has not ended");
        assert_eq!(entry.seq, self.seen + 1, "no entry is left out or comes twice");
        self.seen = entry.seq;
        entry
    }

    pub(crate) async fn until(&mut self, what: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let mut all = Vec::new();
        loop {
            let entry = self.next().await;
            let found = what(&entry);
            all.push(entry);
            if found {
                return all;
            }
        }
    }

    pub(crate) async fn until_life(&mut self, life: Life) -> State {
        let all = self.until(|e| e.state().is_some_and(|s| s.life == life)).await;
        all.last().and_then(Entry::state).unwrap()
    }

    /// Sends code and returns what came up to the kernel's idleness.
    pub(crate) async fn run(&mut self, id: &str, code: &str) -> Vec<Entry> {
        self.send(id, code).await;
        self.until_idle(id).await
    }

    pub(crate) async fn send(&mut self, id: &str, code: &str) {
        self.client.request(Request::execute(id, code, true, true), &[]).await.unwrap();
    }

    pub(crate) async fn until_idle(&mut self, id: &str) -> Vec<Entry> {
        let idle = |e: &Entry| {
            e.kind == "status" && e.text("execution_state") == "idle" && e.parent.as_deref() == Some(id)
        };
        self.until(idle).await
    }

    pub(crate) async fn shut_down(mut self) {
        self.client.shutdown("end", "the test is over").await.unwrap();
        self.until_life(Life::Ended).await;
        tokio::time::timeout(LONG, self.keeper).await.unwrap().unwrap().unwrap();
    }
}

pub(crate) fn printed(entries: &[Entry]) -> String {
    entries.iter().filter(|e| e.kind == "stream").map(|e| e.text("text")).collect()
}
