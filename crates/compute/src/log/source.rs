//! Where the bytes of a log are: a file while it grows, an object store when it is sealed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

/// Random access to the bytes of a log or of its index.
#[async_trait]
pub trait LogSource: Send + Sync {
    /// Bytes there are now.
    async fn size(&self) -> io::Result<u64>;

    /// Up to `length` bytes from `offset`; fewer only at the end.
    async fn read_at(&self, offset: u64, length: usize) -> io::Result<Bytes>;
}

/// A log in a local file.
#[derive(Debug, Clone)]
pub struct FileSource {
    file: Arc<File>,
}

impl FileSource {
    /// Opens a file; it may still grow.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(FileSource { file: Arc::new(File::open(path)?) })
    }
}

#[async_trait]
impl LogSource for FileSource {
    async fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    async fn read_at(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        let file = self.file.clone();
        let read = move || read_up_to(&file, offset, length).map(Bytes::from);
        tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
    }
}

fn read_up_to(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let available = file.metadata()?.len().saturating_sub(offset);
    let mut buffer = vec![0; length.min(usize::try_from(available).unwrap_or(length))];
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(&mut buffer[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    buffer.truncate(done);
    Ok(buffer)
}
