//! Watches what the unit uses, and writes its status.

use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use rustix::process::getpid;

use super::output::Output;
use super::tree;
use crate::folder::{Folder, Status, UnitFile};
use crate::limits::{Cgroup, MB, folder_size};
use crate::{Cause, Usage};

/// How often progress is written at most.
const STATUS_EVERY: Duration = Duration::from_millis(250);

/// How often usage is measured.
const USAGE_EVERY: Duration = Duration::from_secs(2);

/// How often the memory is summed where no control group does it.
const MEMORY_EVERY: Duration = Duration::from_millis(100);

pub(super) struct Watch<'a> {
    folder: &'a Folder,
    unit: &'a UnitFile,
    cgroup: Option<&'a Cgroup>,
    status: Status,
    written: Status,
    status_at: Instant,
    usage_at: Instant,
    memory_at: Option<Instant>,
    storage_at: Option<Instant>,
    progress_waits: bool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(folder: &'a Folder, unit: &'a UnitFile, cgroup: Option<&'a Cgroup>) -> Self {
        let now = Instant::now();
        let limits = &unit.spec.resources;
        Watch {
            folder,
            unit,
            cgroup,
            status: Status::default(),
            written: Status::default(),
            status_at: now,
            usage_at: now + USAGE_EVERY,
            memory_at: (limits.memory_mb > 0 && cgroup.is_none()).then_some(now),
            storage_at: (limits.storage_mb > 0).then_some(now + Duration::from_millis(200)),
            progress_waits: false,
        }
    }

    /// When to look again.
    pub(super) fn due(&self) -> Option<Instant> {
        let status = self.progress_waits.then_some(self.status_at);
        [Some(self.usage_at), self.memory_at, self.storage_at, status].into_iter().flatten().min()
    }

    /// Measures what is due; says so when a limit is exceeded.
    pub(super) fn look(&mut self, log_bytes: u64) -> Option<(Cause, String)> {
        let now = Instant::now();
        if now >= self.usage_at {
            self.measure();
            self.usage_at = now + USAGE_EVERY;
        }
        if self.memory_at.is_some_and(|at| now >= at) {
            self.memory_at = Some(now + MEMORY_EVERY);
            if self.too_much_memory() {
                self.memory_at = None;
                let why = format!("memory limit of {} MB exceeded", self.unit.spec.resources.memory_mb);
                return Some((Cause::Memory, why));
            }
        }
        if self.storage_at.is_some_and(|at| now >= at) {
            self.measure_storage();
            // A large tree takes long to measure; it must not take all of our time.
            self.storage_at = Some(now + Duration::from_secs(1).max(now.elapsed() * 20));
            if self.over_storage(log_bytes) {
                self.storage_at = None;
                let why = format!("storage limit of {} MB exceeded", self.unit.spec.resources.storage_mb);
                return Some((Cause::Storage, why));
            }
        }
        None
    }

    fn too_much_memory(&mut self) -> bool {
        let resident = tree::resident_kb(&tree::descendants(getpid()));
        self.status.usage.max_rss_kb = self.status.usage.max_rss_kb.max(resident);
        resident > self.unit.spec.resources.memory_mb * MB / 1024
    }

    fn measure_storage(&mut self) {
        self.status.usage.storage_bytes = folder_size(&self.folder.work())
            + self.unit.spec.volumes.iter().map(|volume| folder_size(volume)).sum::<u64>();
    }

    fn over_storage(&self, log_bytes: u64) -> bool {
        self.status.usage.storage_bytes + log_bytes > self.unit.spec.resources.storage_mb * MB
    }

    /// True when the limit was reached, which a single file can do exactly and never exceed.
    pub(super) fn storage_full(&self, log_bytes: u64) -> bool {
        let limit = self.unit.spec.resources.storage_mb * MB;
        limit > 0 && self.status.usage.storage_bytes + log_bytes >= limit
    }

    fn measure(&mut self) {
        let pids = tree::descendants(getpid());
        let usage = &mut self.status.usage;
        usage.cpu_ms = usage.cpu_ms.max(tree::cpu_ms(&pids));
        let resident = tree::resident_kb(&pids);
        usage.max_rss_kb = usage.max_rss_kb.max(self.cgroup.and_then(Cgroup::peak_kb).unwrap_or(resident));
    }

    /// Everything is reaped now, so the kernel knows the sums.
    fn measure_end(&mut self) {
        if let Ok(all) = getrusage(UsageWho::RUSAGE_CHILDREN) {
            let ms = |t: nix::sys::time::TimeVal| t.tv_sec() * 1000 + t.tv_usec() / 1000;
            let cpu = ms(all.user_time()) + ms(all.system_time());
            let usage = &mut self.status.usage;
            usage.cpu_ms = usage.cpu_ms.max(u64::try_from(cpu).unwrap_or(0));
            let largest = u64::try_from(all.max_rss()).unwrap_or(0);
            usage.max_rss_kb = usage.max_rss_kb.max(self.cgroup.and_then(Cgroup::peak_kb).unwrap_or(largest));
        }
        self.measure_storage();
    }

    /// Writes progress and usage if they changed and it is time; true when there is something to tell.
    pub(super) fn write_status(&mut self, output: &mut Output) -> bool {
        self.progress_waits = output.has_progress();
        let now = Instant::now();
        let changed = self.progress_waits || self.status != self.written;
        if !changed || now < self.status_at {
            return false;
        }
        self.status_at = now + STATUS_EVERY;
        self.write(output);
        true
    }

    /// The last look; the usage goes into the exit, so only progress is worth a write.
    pub(super) fn finish(&mut self, output: &mut Output) {
        self.measure_end();
        if output.has_progress() {
            self.write(output);
        }
    }

    fn write(&mut self, output: &mut Output) {
        if let Some(progress) = output.take_progress() {
            output.progress(&progress);
            self.status.progress = Some(progress);
        }
        self.progress_waits = false;
        if self.status != self.written && self.folder.write("status.json", &self.status).is_ok() {
            self.written = self.status.clone();
        }
    }

    pub(super) fn usage(&self) -> Usage {
        self.status.usage
    }
}
