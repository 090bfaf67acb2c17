//! A stream of bytes for a thread that blocks: a few chunks in between, an end when the caller goes away, and a limit
//! of time.

use crate::blobs::ByteStream;
use bytes::{Buf, Bytes};
use castalia_base::Error;
use futures::StreamExt;
use std::io::{self, Read};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How long one file may be read.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// Chunks on their way.
const CHUNKS: usize = 8;
/// Where one item of a list is larger than this, it is no list of items.
const LARGEST_ITEM: usize = 32 << 20;

/// Keeps streams flowing; dropping it ends them.
pub(crate) type Feed = JoinSet<()>;

/// Lets a stream flow into a [`Pull`].
pub(crate) fn feed(feed: &mut Feed, mut bytes: ByteStream, deadline: Instant) -> Pull {
    let (out, chunks) = mpsc::channel(CHUNKS);
    feed.spawn(async move {
        while let Some(chunk) = bytes.next().await {
            if out.send(Some(chunk)).await.is_err() {
                return;
            }
        }
        // Said aloud, since a channel also ends when the caller goes away.
        let _ = out.send(None).await;
    });
    Pull { chunks, rest: Bytes::new(), done: false, deadline, since: 0 }
}

/// The blocking end of a stream.
pub(crate) struct Pull {
    chunks: mpsc::Receiver<Option<io::Result<Bytes>>>,
    rest: Bytes,
    done: bool,
    deadline: Instant,
    /// Bytes since the last item was whole.
    since: usize,
}

impl Pull {
    /// The next bytes; none at the end. Not for async code.
    pub(crate) fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        if self.rest.has_remaining() {
            return Ok(Some(std::mem::take(&mut self.rest)));
        }
        while !self.done {
            if Instant::now() > self.deadline {
                return Err(io::ErrorKind::TimedOut.into());
            }
            match self.chunks.blocking_recv() {
                None => return Err(io::ErrorKind::ConnectionAborted.into()),
                Some(None) => self.done = true,
                Some(Some(chunk)) => {
                    let chunk = chunk?;
                    if !chunk.is_empty() {
                        return Ok(Some(chunk));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Says that an item was whole.
    pub(crate) fn item_ended(&mut self) {
        self.since = 0;
    }
}

impl Read for Pull {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(mut chunk) = self.chunk()? else {
            return Ok(0);
        };
        let n = chunk.len().min(into.len());
        chunk.copy_to_slice(&mut into[..n]);
        self.rest = chunk;
        self.since += n;
        if self.since > LARGEST_ITEM {
            return Err(io::Error::other("one item of it is larger than 32 MiB"));
        }
        Ok(n)
    }
}

/// A failed read as what the caller can do about it.
pub(crate) fn failed(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut => {
            let text = format!(
                "reading it takes more than {} seconds; make a smaller dataset from it first",
                LIMIT.as_secs()
            );
            Error::unprocessable("too_large", text, Vec::new())
        }
        io::ErrorKind::UnexpectedEof => {
            Error::unprocessable("unsupported_array", "the file is shorter than its header says", Vec::new())
        }
        _ => crate::error::io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> ByteStream {
        let chunks = futures::stream::iter((0..u8::MAX).cycle()).map(|n| Ok(Bytes::from(vec![n; 1000])));
        Box::pin(chunks)
    }

    #[tokio::test]
    async fn the_work_ends_when_the_caller_goes_away() {
        let mut flow = Feed::new();
        let mut pull = feed(&mut flow, numbers(), Instant::now() + LIMIT);
        let work = tokio::task::spawn_blocking(move || std::io::copy(&mut pull, &mut std::io::sink()));
        drop(flow);
        let error = work.await.expect("ends").expect_err("was not read to its end, which there is none");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    }

    #[tokio::test]
    async fn the_work_ends_when_it_takes_too_long() {
        let mut flow = Feed::new();
        let mut pull = feed(&mut flow, numbers(), Instant::now());
        pull.since = 0;
        let work = tokio::task::spawn_blocking(move || pull.read(&mut [0; 10]));
        let error = work.await.expect("ends").expect_err("is late");
        assert_eq!(failed(error).code(), "too_large");
    }
}
