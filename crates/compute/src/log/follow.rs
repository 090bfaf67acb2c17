//! Follows a log while it grows: one reader per log, any number of followers.
//!
//! The hub's pump reads each piece of the file once and hands it out as a shared batch. A follower that joins late or
//! falls behind reads from the file until it has caught up. The end of the file is never taken for the end of the
//! log: that is only said by the unit's exit.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, broadcast};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::{Cursor, Limit, LogBatch, Reader};
use crate::folder::Folder;

/// Batches that a follower may fall behind before it reads from the file again.
const BEHIND: usize = 32;

/// Pieces that arrive within this time are handed out together.
const COALESCE: Duration = Duration::from_millis(5);

/// How long to sleep at most, in case a change was not told.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// The shared reading of one log.
pub(crate) struct FollowHub {
    folder: Folder,
    sender: Arc<Mutex<Option<broadcast::Sender<LogBatch>>>>,
    pump: AbortHandle,
}

impl FollowHub {
    pub(crate) fn new(folder: Folder, wake: Arc<Notify>) -> Arc<Self> {
        let sender = Arc::new(Mutex::new(Some(broadcast::channel(BEHIND).0)));
        let pump = tokio::spawn(pump(folder.clone(), wake, sender.clone())).abort_handle();
        Arc::new(FollowHub { folder, sender, pump })
    }

    /// The lines after `after`.
    pub(crate) fn subscribe(self: Arc<Self>, after: u64) -> io::Result<LogStream> {
        // Subscribe first and read the file then, so that nothing falls between.
        let receiver = lock(&self.sender).as_ref().map(broadcast::Sender::subscribe);
        let reader = Reader::of_folder(&self.folder)?;
        Ok(LogStream { hub: self, receiver, reader, place: None, seq: after, behind: true, over: false })
    }
}

impl Drop for FollowHub {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

type Shared = Arc<Mutex<Option<broadcast::Sender<LogBatch>>>>;

fn lock(sender: &Shared) -> std::sync::MutexGuard<'_, Option<broadcast::Sender<LogBatch>>> {
    sender.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn pump(folder: Folder, wake: Arc<Notify>, sender: Shared) {
    if let Err(error) = pump_to_end(&folder, &wake, &sender).await {
        tracing::warn!(log = %folder.log().display(), %error, "following a log broke off");
    }
    // Followers see the closed channel, read what is left from the file, and are done.
    lock(&sender).take();
}

async fn pump_to_end(folder: &Folder, wake: &Notify, sender: &Shared) -> io::Result<()> {
    let mut reader = Reader::of_folder(folder)?;
    let mut place: Cursor = reader.seek(u64::MAX).await?;
    loop {
        let ended = ended(folder);
        if place.offset == 0 && !ended {
            reader = Reader::of_folder(folder)?; // the log may not have existed yet
        }
        loop {
            let batch = reader.read_from(place, Limit::default()).await?;
            if batch.is_empty() {
                break;
            }
            place = batch.next;
            lock(sender).as_ref().map(|s| s.send(batch));
        }
        if ended {
            return Ok(());
        }
        let _ = timeout(LONGEST_SLEEP, wake.notified()).await;
        sleep(COALESCE).await;
    }
}

/// A unit that was removed has ended, too.
fn ended(folder: &Folder) -> bool {
    folder.has("exit.json") || !folder.root().exists()
}

/// The lines of a log as they come.
pub struct LogStream {
    hub: Arc<FollowHub>,
    receiver: Option<broadcast::Receiver<LogBatch>>,
    reader: Reader,
    /// Where to read the file, if that is known.
    place: Option<Cursor>,
    seq: u64,
    behind: bool,
    over: bool,
}

impl LogStream {
    /// The next lines; none when the unit has ended and all has been given. May be dropped and called again.
    pub async fn next(&mut self) -> Option<io::Result<LogBatch>> {
        loop {
            if self.behind {
                match self.read_file().await {
                    Ok(batch) if !batch.is_empty() => return Some(Ok(batch)),
                    Ok(_) if self.over || self.receiver.is_none() => return None,
                    Ok(_) => self.behind = false,
                    Err(error) => return Some(Err(error)),
                }
            }
            if let Some(batch) = self.hear_hub().await {
                return Some(Ok(batch));
            }
        }
    }

    /// The last sequence number that was given.
    pub fn last_seq(&self) -> u64 {
        self.seq
    }

    async fn read_file(&mut self) -> io::Result<LogBatch> {
        let place = match self.place {
            Some(place) => place,
            None => {
                if self.seq == 0 && self.hub.folder.root().exists() {
                    self.reader = Reader::of_folder(&self.hub.folder)?;
                }
                self.reader.seek(self.seq).await?
            }
        };
        let batch = self.reader.read_from(place, Limit::default()).await?.skip_to(self.seq);
        self.place = Some(batch.next).filter(|next| next.offset > 0);
        self.seq = self.seq.max(batch.last_seq);
        Ok(batch)
    }

    async fn hear_hub(&mut self) -> Option<LogBatch> {
        let receiver = self.receiver.as_mut()?;
        match receiver.recv().await {
            Ok(batch) if batch.last_seq <= self.seq => None,
            Ok(batch) if batch.after <= self.seq => {
                let batch = batch.skip_to(self.seq);
                self.seq = batch.last_seq;
                self.place = Some(batch.next);
                Some(batch)
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {
                self.behind = true;
                None
            }
            Err(RecvError::Closed) => {
                self.behind = true;
                self.over = true;
                None
            }
        }
    }
}
