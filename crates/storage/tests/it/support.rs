//! A storage service in a folder of its own, with a project `demo` and another one.

use castalia_base::id::{ProcessId, ProjectId};
use castalia_base::{Clock, Error, Timestamp};
use castalia_db::{Db, Migrations};
use castalia_storage::{
    BlobConfig, Bucket, Buckets, Config, Credentials, Deps, MasterKey, RunScope, Service,
};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

pub(crate) const STEPS: &[Migrations] = &[castalia_events::MIGRATIONS, castalia_storage::MIGRATIONS];

pub(crate) struct Projects(pub(crate) Mutex<Vec<Bucket>>);

#[async_trait::async_trait]
impl Buckets for Projects {
    async fn find(&self, name_or_id: &str) -> Result<Option<Bucket>, Error> {
        let all = self.0.lock().expect("not poisoned");
        Ok(all.iter().find(|b| b.name == name_or_id || b.project.as_str() == name_or_id).cloned())
    }
}

/// What a test works with.
pub(crate) struct World {
    pub(crate) service: Arc<Service>,
    pub(crate) projects: Arc<Projects>,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) folder: TempDir,
}

impl World {
    pub(crate) fn new(db: Db, clock: Clock, blobs: BlobConfig) -> Self {
        Self::with(db, clock, |config| config.blobs = blobs)
    }

    pub(crate) fn with(db: Db, clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bucket =
            |name: &str| Bucket { project: ProjectId::fresh(), name: name.into(), quota_bytes: None };
        let projects = Arc::new(Projects(Mutex::new(vec![bucket("demo"), bucket("other")])));
        let service = open(folder.path(), &db, &clock, &projects, change);
        Self { service, projects, db, clock, folder }
    }

    /// The same data, as a new server would see them.
    pub(crate) fn restart(&self) -> Arc<Service> {
        open(self.folder.path(), &self.db, &self.clock, &self.projects, |_| {})
    }

    pub(crate) fn bucket(&self, name: &str) -> Bucket {
        let all = self.projects.0.lock().expect("not poisoned");
        all.iter().find(|b| b.name == name).cloned().expect("a bucket of this name")
    }

    pub(crate) fn set_quota(&self, name: &str, quota: Option<u64>) {
        let mut all = self.projects.0.lock().expect("not poisoned");
        all.iter_mut().filter(|b| b.name == name).for_each(|b| b.quota_bytes = quota);
    }

    /// The key of a running version.
    pub(crate) async fn run(
        &self,
        bucket: &str,
        version: u32,
        expires: Timestamp,
        quota: Option<u64>,
    ) -> (ProcessId, Credentials) {
        let process = ProcessId::fresh();
        let scope = RunScope {
            bucket: self.bucket(bucket),
            process: process.clone(),
            version,
            expires,
            quota_bytes: quota,
        };
        let mut tx = self.db.begin().await.expect("begins");
        let credentials = self.service.credentials(&mut tx, &scope).await.expect("makes a key");
        tx.commit().await.expect("commits");
        (process, credentials)
    }

    pub(crate) async fn revoke(&self, process: &ProcessId, version: u32) {
        let mut tx = self.db.begin().await.expect("begins");
        self.service.revoke(&mut tx, process, version).await.expect("revokes");
        tx.commit().await.expect("commits");
    }
}

fn open(
    folder: &Path,
    db: &Db,
    clock: &Clock,
    projects: &Arc<Projects>,
    change: impl FnOnce(&mut Config),
) -> Arc<Service> {
    let mut config = Config::new(folder, MasterKey::new([7; 32]));
    change(&mut config);
    let deps = Deps { db: db.clone(), clock: clock.clone(), buckets: projects.clone() };
    Service::open(config, deps).expect("opens")
}

/// An hour from now by this clock.
pub(crate) fn soon(clock: &Clock) -> Timestamp {
    clock.now().plus_ms(3_600_000)
}

/// A body in chunks.
pub(crate) fn chunks(
    bytes: &[u8],
) -> impl futures::Stream<Item = Result<bytes::Bytes, std::io::Error>> + Send + use<> {
    let chunks: Vec<_> = bytes.chunks(1000).map(|c| Ok(bytes::Bytes::copy_from_slice(c))).collect();
    futures::stream::iter(chunks)
}

/// All uploads of `demo`.
pub(crate) fn in_demo() -> castalia_storage::UploadFilter {
    castalia_storage::UploadFilter { project: "demo".into(), ..Default::default() }
}

/// Collects a stream of bytes.
pub(crate) async fn collect(bytes: castalia_storage::ByteStream) -> Vec<u8> {
    let chunks: Vec<_> = futures::TryStreamExt::try_collect(bytes).await.expect("reads");
    chunks.concat()
}

/// A body of one piece that breaks after it.
pub(crate) fn broken(
    bytes: &[u8],
) -> impl futures::Stream<Item = Result<bytes::Bytes, std::io::Error>> + Send + use<> {
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    futures::stream::iter([Ok(bytes::Bytes::copy_from_slice(bytes)), Err(reset)])
}

/// A member of a bucket's project with these permissions.
pub(crate) fn member(world: &World, bucket: &str, patterns: &[&str]) -> castalia_base::Ctx {
    let ctx = castalia_testkit::member("ada", world.bucket(bucket).project.as_str(), patterns);
    castalia_base::Ctx::new(ctx.principal().clone(), world.clock.clone(), "req_test")
}

/// All files below a folder, for “nothing was left”.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                _ => found.push(entry.file_name().to_string_lossy().into_owned()),
            }
        }
    }
    found.sort();
    found
}
