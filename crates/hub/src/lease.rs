//! Who looks after what runs on a node: one server at a time, whichever has the lease in the database.
//!
//! A node is a data folder: what runs there can be reached from there alone. Whoever has its lease admits, reconciles,
//! watches, culls and fills the pool; everybody else only reads and writes down wishes. The lease is renewed every few
//! seconds and is over when nobody renews it, by the database's clock. A server that can't reach the database stops
//! acting before its lease is over by its own monotonic clock. A holder that ended on the same machine is seen to have
//! ended, so a server that is started again need not wait.

use crate::Service;
use crate::model::WorkspaceId;
use crate::store::{self, WorkspaceRow};
use castalia_base::{Error, Kind};
use std::fs;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long a lease lasts.
const LASTS: Duration = Duration::from_secs(15);
/// How often it is renewed, and asked for by whoever has it not.
const EVERY: Duration = Duration::from_secs(3);
/// So long before its end one stops acting when it can't be renewed.
const MARGIN: Duration = Duration::from_secs(3);

/// What this server knows of its lease.
pub(crate) struct Lease {
    /// This process, as others on this machine can tell whether it lives.
    pub(crate) holder: String,
    /// Unknown until the database was asked for the first time.
    held: watch::Sender<Option<bool>>,
}

impl Default for Lease {
    fn default() -> Self {
        // Two services of one process (in tests) are two holders.
        let own = format!("{} {}", this_process(), WorkspaceId::fresh());
        Self { holder: own, held: watch::Sender::new(None) }
    }
}

impl Lease {
    pub(crate) fn held(&self) -> bool {
        *self.held.borrow() == Some(true)
    }
    /// Waits until it is held.
    pub(crate) async fn wait(&self) {
        let _ = self.held.subscribe().wait_for(|held| *held == Some(true)).await;
    }
}

/// Machine, its process namespace, process id and start time: the first four words of a holder.
fn this_process() -> String {
    let (machine, space) = here();
    let pid = std::process::id();
    format!("{machine} {space} {pid} {}", start_of(pid).unwrap_or_default())
}

fn here() -> (String, String) {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = fs::read_link("/proc/self/ns/pid").map(|p| p.display().to_string()).unwrap_or_default();
    (boot.trim().to_owned(), space)
}

/// When a process started, in clock ticks since the boot (proc(5), field 22 of `stat`).
fn start_of(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    // A zombie has ended; only its parent has not looked yet.
    let mut words = after_name.split_whitespace();
    let state = words.next()?;
    words.nth(18)?.parse().ok().filter(|_| state != "Z")
}

/// Whether a holder is known to have ended: it ran on this machine, where we can see, and its process is not there.
fn has_ended(holder: &str) -> bool {
    let words: Vec<&str> = holder.split(' ').collect();
    let [machine, space, pid, start, ..] = words[..] else { return false };
    let (own_machine, own_space) = here();
    if machine.is_empty() || space.is_empty() || machine != own_machine || space != own_space {
        return false;
    }
    let (Ok(pid), Ok(start)) = (pid.parse::<u32>(), start.parse::<u64>()) else { return false };
    start_of(pid) != Some(start)
}

/// Has the lease, or asks for it, until the server stops; then gives it back.
pub(crate) async fn run(service: Arc<Service>) {
    let mut until = Instant::now();
    loop {
        let asked = Instant::now();
        match service.take_lease().await {
            Ok(None) => {
                until = asked + LASTS - MARGIN;
                if service.lease.held.send_replace(Some(true)) != Some(true) {
                    tracing::info!(
                        node = service.config.installation,
                        "this server looks after its workspaces"
                    );
                    service.taken_over();
                }
            }
            Ok(Some(other)) => {
                if service.lease.held.send_replace(Some(false)) == Some(true) {
                    tracing::error!(other = other.url, "another server took over the workspaces of this one");
                } else {
                    tracing::debug!(
                        other = other.url,
                        "another server looks after the workspaces of this data folder"
                    );
                }
            }
            Err(error) => {
                tracing::warn!(
                    error = error.chain(),
                    "the lease of workspaces could not be renewed; trying again"
                );
                if Instant::now() >= until && service.lease.held.send_replace(Some(false)) == Some(true) {
                    tracing::error!("workspaces are left alone until the database answers");
                }
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

impl Service {
    async fn take_lease(&self) -> Result<Option<store::Server>, Error> {
        let own =
            (self.config.installation.as_str(), self.lease.holder.as_str(), self.config.public_url.as_str());
        let limit = i64::try_from(LASTS.as_millis()).unwrap_or_default();
        let taking = async {
            let mut tx = self.db.begin().await?;
            let other = store::take_server(&mut tx, own, limit, has_ended).await?;
            tx.commit().await?;
            Ok(other)
        };
        // One that takes longer than the lease lasts would say yes too late.
        tokio::time::timeout(LASTS - MARGIN - EVERY, taking)
            .await
            .unwrap_or_else(|_| Err(Error::unavailable("the database does not answer in time")))
    }

    /// Gives the lease back, for whoever comes next.
    pub async fn leave(&self) {
        if self.lease.held.send_replace(Some(false)) != Some(true) {
            return;
        }
        let left = async {
            let mut tx = self.db.begin().await?;
            store::leave_server(&mut tx, &self.config.installation, &self.lease.holder).await?;
            tx.commit().await
        };
        if let Err(error) = left.await {
            tracing::debug!(error = error.chain(), "the lease of workspaces could not be given back");
        }
    }

    /// Says no to whoever wants something done that only the server with the lease may do. A server that has just been
    /// started does not know yet, and finds out first.
    pub(crate) async fn in_charge(&self) -> Result<(), Error> {
        let _ = self.lease.held.subscribe().wait_for(Option::is_some).await;
        if self.lease.held() {
            return Ok(());
        }
        let text = "another server looks after these workspaces; ask there, or again in a moment";
        Err(Error::new(Kind::Unavailable, "not_in_charge", text))
    }

    /// Why a workspace that runs, or may, can't be reached from here, in words; `None` when it can.
    pub(crate) async fn out_of_reach(&self, w: &WorkspaceRow) -> Result<Option<Elsewhere>, Error> {
        if !w.state.is_active() || (w.node == self.config.installation && self.lease.held()) {
            return Ok(None);
        }
        let server = store::server(&mut self.db.read(), &w.node).await?;
        Ok(Some(match server {
            Some(server) if server.live => {
                Elsewhere { lost: false, text: format!("{} looks after it; open it there", server.url) }
            }
            Some(server) => {
                let seen = crate::idle::clock(server.seen_at.0, self.clock.now().0);
                let text = format!(
                    "the server that looks after it ({}) was last heard of at {seen}; it may still run there",
                    server.url
                );
                Elsewhere { lost: true, text }
            }
            None => {
                Elsewhere { lost: true, text: "the server that looked after it is not known any more".into() }
            }
        }))
    }
}

/// Where a workspace is that can't be reached from here.
pub(crate) struct Elsewhere {
    /// Its server does not answer either.
    pub(crate) lost: bool,
    /// In words.
    pub(crate) text: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use castalia_testkit::both_engines;

    const STEPS: &[castalia_db::Migrations] = &[crate::MIGRATIONS];

    #[test]
    fn the_end_of_a_process_is_known_on_its_own_machine_alone() {
        let me = this_process();
        assert!(!has_ended(&me), "{me}");
        let (machine, space) = here();
        assert!(has_ended(&format!("{machine} {space} {} 1 x", std::process::id())), "another had this pid");
        assert!(has_ended(&format!("{machine} {space} 4194305 1")), "no such process");
        assert!(!has_ended(&format!("elsewhere {space} 4194305 1")));
        assert!(!has_ended("") && !has_ended("a b") && !has_ended(&format!("{machine} {space} x 1")));
    }

    both_engines!(of_two_servers_one_has_the_lease_until_it_is_over, STEPS, |db| async move {
        let take = async |who: &'static str, ms: i64, gone: bool| {
            let mut tx = db.begin().await.expect("begins");
            let other = store::take_server(&mut tx, ("n", who, "u"), ms, |_| gone).await.expect("asks");
            tx.commit().await.expect("commits");
            other.map(|o| o.holder)
        };
        assert_eq!(take("a", 60_000, false).await, None);
        assert_eq!(take("a", 60_000, false).await, None, "it goes on having it");
        assert_eq!(take("b", 60_000, false).await.as_deref(), Some("a"));
        let seen = store::server(&mut db.read(), "n").await.expect("reads").expect("is there");
        assert!(seen.live && seen.seen_at.0 > 1_700_000_000_000, "{seen:?}");
        // Its time is over, or it is known to have ended, or it gave it back.
        assert_eq!(take("b", 60_000, true).await, None);
        assert_eq!(take("a", -1, true).await, None);
        assert_eq!(take("b", 60_000, false).await, None);
        let mut tx = db.begin().await.expect("begins");
        assert!(store::has_server(&mut tx, "n", "b").await.expect("asks"));
        assert!(!store::has_server(&mut tx, "n", "a").await.expect("asks"));
        store::leave_server(&mut tx, "n", "a").await.expect("does nothing");
        store::leave_server(&mut tx, "n", "b").await.expect("leaves");
        tx.commit().await.expect("commits");
        assert_eq!(take("a", 60_000, false).await, None);
    });
}
