//! As the first program of a container, this one inherits what others leave behind, and must wait for it.

use std::collections::BTreeSet;
use std::time::Duration;

use rustix::process::{Pid, WaitOptions, waitpid};

/// Between two looks. What is dead on two of them is waited for by nobody else: our own children are waited for at once.
const EVERY: Duration = Duration::from_secs(10);

/// Buries dead orphans for as long as it is not dropped; does nothing where there can't be any.
pub(crate) async fn orphans() {
    if std::process::id() != 1 {
        return;
    }
    let mut before = BTreeSet::new();
    loop {
        tokio::time::sleep(EVERY).await;
        let dead = dead_children();
        for pid in dead.intersection(&before).filter_map(|pid| Pid::from_raw(*pid)) {
            // Somebody else may have waited meanwhile; then there is nothing to do.
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        }
        before = dead;
    }
}

/// Children that have ended and were not waited for.
fn dead_children() -> BTreeSet<i32> {
    let ours = std::process::id().to_string();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            let mut fields = stat.rsplit_once(") ")?.1.split(' ');
            (fields.next()? == "Z" && fields.next()? == ours).then_some(pid)
        })
        .collect()
}
