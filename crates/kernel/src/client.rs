//! The other side of a keeper's socket: what the server (or whoever started the keeper) does with a kernel.

use crate::Error;
use crate::entry::Entry;
use crate::journal;
use crate::keeper::short_path;
use crate::protocol::{Answer, Op, Question, Request, Status};
use crate::wire;
use bytes::{Bytes, BytesMut};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::Mutex;

/// An answer takes no longer, unless the keeper hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks a keeper. One question at a time; entries come by [`Entries`], on a connection of their own, so that whoever
/// reads them slowly can still ask.
#[derive(Debug)]
pub struct Client {
    folder: PathBuf,
    connection: Mutex<Option<(UnixStream, u64)>>,
}

async fn connect(folder: &Path) -> Result<UnixStream, Error> {
    let (_dir, path) = short_path(folder)?;
    UnixStream::connect(&path).await.map_err(Error::io("could not reach the kernel's keeper"))
}

async fn ask(stream: &mut UnixStream, tag: u64, op: &Op, binary: &[u8]) -> Result<(Answer, Bytes), Error> {
    let frame = wire::encode(&Question { tag, op: op.clone() }, binary)?;
    stream.write_all(&frame).await.map_err(Error::io("could not ask the kernel's keeper"))?;
    let (answer, binary) = wire::read::<Answer>(stream).await?.ok_or(Error::Gone)?;
    if answer.tag != tag {
        return Err(Error::Protocol("an answer to another question".into()));
    }
    match answer.error {
        Some(error) => Err(Error::Refused(error)),
        None => Ok((answer, binary)),
    }
}

impl Client {
    /// Finds the keeper of a folder; an error when nobody answers there.
    pub async fn connect(folder: &Path) -> Result<Self, Error> {
        let stream = connect(folder).await?;
        Ok(Self { folder: folder.to_owned(), connection: Mutex::new(Some((stream, 0))) })
    }

    /// Waits until a keeper that was just started answers.
    pub async fn await_keeper(folder: &Path, limit: Duration) -> Result<Self, Error> {
        let tried = async {
            loop {
                match Self::connect(folder).await {
                    Ok(client) => return client,
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        };
        tokio::time::timeout(limit, tried).await.map_err(|_| Error::Gone)
    }

    async fn ask(&self, op: Op, binary: &[u8]) -> Result<(Answer, Bytes), Error> {
        let mut slot = self.connection.lock().await;
        // Taken out, so that a question that was given up leaves no connection behind that answers it later.
        let (mut stream, tag) = match slot.take() {
            Some(connection) => connection,
            None => (connect(&self.folder).await?, 0),
        };
        let answered = tokio::time::timeout(PATIENCE, ask(&mut stream, tag + 1, &op, binary));
        let answered = answered.await.map_err(|_| Error::Protocol("the keeper does not answer".into()))?;
        if matches!(answered, Ok(_) | Err(Error::Refused(_))) {
            *slot = Some((stream, tag + 1));
        }
        answered
    }

    /// Sends a request to the kernel, at most once for each id: it may be asked again after an error.
    pub async fn request(&self, mut request: Request, buffers: &[Bytes]) -> Result<(), Error> {
        request.buffers = buffers.iter().map(|b| b.len() as u64).collect();
        self.ask(Op::Request(request), &buffers.concat()).await.map(|_| ())
    }

    /// Entries up to this number were taken and may be forgotten.
    pub async fn ack(&self, seq: u64) -> Result<(), Error> {
        self.ask(Op::Ack { seq }, &[]).await.map(|_| ())
    }

    /// A piece of a value that lies in a file; shorter than asked at its end, and at most 4 MiB.
    pub async fn read(&self, spool: u64, offset: u64, length: u64) -> Result<Bytes, Error> {
        Ok(self.ask(Op::Read { spool, offset, length }, &[]).await?.1)
    }

    /// Interrupts what runs.
    pub async fn interrupt(&self, id: impl Into<String>) -> Result<(), Error> {
        self.ask(Op::Interrupt { id: id.into() }, &[]).await.map(|_| ())
    }

    /// Ends the kernel's process and starts another.
    pub async fn restart(&self, id: impl Into<String>, reason: &str) -> Result<(), Error> {
        self.ask(Op::Restart { id: id.into(), reason: reason.to_owned() }, &[]).await.map(|_| ())
    }

    /// Ends the kernel's process and its keeper.
    pub async fn shutdown(&self, id: impl Into<String>, reason: &str) -> Result<(), Error> {
        self.ask(Op::Shutdown { id: id.into(), reason: reason.to_owned() }, &[]).await.map(|_| ())
    }

    /// How the kernel is.
    pub async fn status(&self) -> Result<Status, Error> {
        self.ask(Op::Status, &[]).await?.0.status.ok_or_else(|| Error::Protocol("no status came".into()))
    }

    /// The entries after `since`, and every later one.
    pub async fn entries(&self, since: u64) -> Result<Entries, Error> {
        let mut stream = connect(&self.folder).await?;
        ask(&mut stream, 1, &Op::Attach { since }, &[]).await?;
        Ok(Entries { stream, buffer: BytesMut::new() })
    }
}

/// The journal as it grows. What is not read stays on the keeper's disk.
#[derive(Debug)]
pub struct Entries {
    stream: UnixStream,
    buffer: BytesMut,
}

impl Entries {
    /// The next entry; none when the keeper has ended. May be dropped while it waits: nothing is lost.
    pub async fn next(&mut self) -> Result<Option<Entry>, Error> {
        loop {
            if let Some(body) = wire::split(&mut self.buffer)? {
                return journal::decode(body).map(Some);
            }
            let read = self.stream.read_buf(&mut self.buffer).await;
            if read.map_err(Error::io("could not read from the kernel's keeper"))? == 0 {
                return Ok(None);
            }
        }
    }
}

/// A value that lies in a file, of a keeper that may have ended.
pub fn read_left_behind(folder: &Path, spool: u64, offset: u64, length: usize) -> Result<Bytes, Error> {
    journal::read_spool(folder, spool, offset, length)
}
