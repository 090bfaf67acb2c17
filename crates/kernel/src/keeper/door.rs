//! The keeper's socket: who attaches is sent the journal at its own pace, straight from the files; whoever asks is
//! answered.

use super::Event;
use crate::Error;
use crate::journal::{Reader, read_spool};
use crate::protocol::{Answer, Op, Question};
use crate::wire;
use bytes::{Buf, Bytes};
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

/// Name of the socket in the keeper's folder.
const SOCKET: &str = "keeper.sock";

/// The folder's descriptor and a path of the socket that has room however deep the folder lies (unix(7): 107 bytes).
pub(crate) fn short_path(folder: &Path) -> Result<(OwnedFd, PathBuf), Error> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let dir = openat(CWD, folder, flags, Mode::empty());
    let dir = dir.map_err(|e| Error::io(format!("could not open {}", folder.display()))(e.into()))?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", dir.as_raw_fd()));
    Ok((dir, path))
}

/// The open door.
pub(super) struct Door {
    _connections: JoinSet<()>,
    /// How far the slowest attached client has come is not known; this is how many have not come to the end.
    behind: Arc<AtomicU64>,
}

impl Door {
    /// Binds the socket and serves it until dropped. `last` tells of new entries.
    pub(super) fn open(
        folder: &Path,
        events: mpsc::Sender<Event>,
        last: watch::Receiver<u64>,
    ) -> Result<Self, Error> {
        let (dir, path) = short_path(folder)?;
        _ = std::fs::remove_file(folder.join(SOCKET));
        let listener = UnixListener::bind(&path).map_err(Error::io("could not bind the keeper's socket"))?;
        drop(dir);
        let behind = Arc::new(AtomicU64::new(0));
        let place = Place { folder: folder.to_owned(), events, last, behind: behind.clone() };
        let mut connections = JoinSet::new();
        connections.spawn(accept(listener, place));
        Ok(Self { _connections: connections, behind })
    }

    /// Whether every attached client was sent everything.
    pub(super) fn is_done(&self) -> bool {
        self.behind.load(Ordering::Acquire) == 0
    }
}

#[derive(Clone)]
struct Place {
    folder: PathBuf,
    events: mpsc::Sender<Event>,
    last: watch::Receiver<u64>,
    behind: Arc<AtomicU64>,
}

async fn accept(listener: UnixListener, place: Place) {
    let mut serving = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let place = place.clone();
                    serving.spawn(async move {
                        if let Err(error) = serve(stream, place).await {
                            tracing::debug!(%error, "a client of the keeper went away");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the keeper's socket takes nobody");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            },
            Some(_) = serving.join_next() => {}
        }
    }
}

async fn serve(stream: UnixStream, place: Place) -> Result<(), Error> {
    let (mut from, mut to) = stream.into_split();
    while let Some((Question { tag, op }, binary)) = wire::read::<Question>(&mut from).await? {
        let (answer, binary) = match op {
            Op::Attach { since } => {
                put(&mut to, &Answer { tag, ..Answer::default() }, &[]).await?;
                return stream_entries(&mut from, &mut to, place, since).await;
            }
            Op::Read { spool, offset, length } => {
                let length = usize::try_from(length).unwrap_or(usize::MAX).min(4 << 20);
                match read_spool(&place.folder, spool, offset, length) {
                    Ok(piece) => (Answer::default(), piece),
                    Err(error) => {
                        (Answer { error: Some(error.to_string()), ..Answer::default() }, Bytes::new())
                    }
                }
            }
            op => {
                let (answer, answered) = oneshot::channel();
                let asked = Event::Asked { op, binary, answer };
                place.events.send(asked).await.map_err(|_| Error::Gone)?;
                (answered.await.map_err(|_| Error::Gone)?, Bytes::new())
            }
        };
        put(&mut to, &Answer { tag, ..answer }, &binary).await?;
    }
    Ok(())
}

async fn put(to: &mut (impl AsyncWriteExt + Unpin), answer: &Answer, binary: &[u8]) -> Result<(), Error> {
    let frame = wire::encode(answer, binary)?;
    to.write_all(&frame).await.map_err(Error::io("could not answer"))
}

/// Counts a client as behind until it is dropped or has caught up.
struct Behind(Arc<AtomicU64>, bool);

impl Behind {
    fn set(&mut self, behind: bool) {
        match (self.1, behind) {
            (false, true) => _ = self.0.fetch_add(1, Ordering::AcqRel),
            (true, false) => _ = self.0.fetch_sub(1, Ordering::AcqRel),
            _ => {}
        }
        self.1 = behind;
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        self.set(false);
    }
}

async fn stream_entries(
    from: &mut (impl tokio::io::AsyncRead + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    mut place: Place,
    since: u64,
) -> Result<(), Error> {
    let mut reader = Reader::new(&place.folder, since);
    let mut behind = Behind(place.behind.clone(), false);
    loop {
        let newest = *place.last.borrow_and_update();
        behind.set(reader.position() <= newest);
        // What is not written yet need not be looked for.
        while reader.position() <= newest
            && let Some(body) = reader.next_frame()?
        {
            let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes();
            let mut frame = length.as_slice().chain(body);
            to.write_all_buf(&mut frame).await.map_err(Error::io("could not send an entry"))?;
        }
        behind.set(reader.position() <= newest);
        tokio::select! {
            changed = place.last.changed() => changed.map_err(|_| Error::Gone)?,
            // Nothing is asked here any more: whatever comes is the end.
            _ = wire::read::<serde_json::Value>(from) => return Ok(()),
        }
    }
}
