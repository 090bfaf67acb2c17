//! The reading side of the journal; used by the keeper for its clients, and by the server after a keeper's end.

use super::segment;
use crate::Error;
use crate::entry::Entry;
use crate::wire;
use bytes::{Bytes, BytesMut};
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// So much is read at once.
const CHUNK: usize = 128 << 10;

/// Opens a file in a folder of the journal and follows no link on the last two steps.
fn open(folder: &Path, part: &str, name: &str) -> std::io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let dir = openat(CWD, folder.join(part), flags | OFlags::DIRECTORY, Mode::empty())?;
    let file = File::from(openat(&dir, name, flags | OFlags::NONBLOCK, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("not a plain file"));
    }
    Ok(file)
}

/// Reads entries one by one, from a number on.
pub struct Reader {
    folder: PathBuf,
    /// Number of the entry that comes next.
    next: u64,
    file: Option<File>,
    offset: u64,
    buffer: BytesMut,
    /// What is read goes here first; made with the first reading.
    chunk: Vec<u8>,
}

impl Reader {
    /// Reads what comes after entry `since` from a keeper's folder.
    pub fn new(folder: &Path, since: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            next: since + 1,
            file: None,
            offset: 0,
            buffer: BytesMut::new(),
            chunk: Vec::new(),
        }
    }

    /// Number of the entry that comes next.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// The next entry; none when there is none yet.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, Error> {
        match self.next_frame()? {
            Some(body) => decode(body).map(Some),
            None => Ok(None),
        }
    }

    /// The next entry's frame without its length.
    pub(crate) fn next_frame(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if self.file.is_none() && !self.open_segment()? {
                return Ok(None);
            }
            if let Some(body) = wire::split(&mut self.buffer)? {
                let seq = seq_of(&body)?;
                if seq >= self.next {
                    self.next = seq + 1;
                    return Ok(Some(body));
                }
                continue;
            }
            if self.fill()? {
                continue;
            }
            // At the end of this file: is there a next one?
            if !self.buffer.is_empty() || !segment(&self.folder, self.next).exists() {
                return Ok(None);
            }
            // The newest of this file may have been written after it was read and before the next began.
            if self.fill()? {
                continue;
            }
            self.file = None;
        }
    }

    /// Opens the file that holds the next entry, or the first one if that was forgotten.
    fn open_segment(&mut self) -> Result<bool, Error> {
        let entries = match std::fs::read_dir(self.folder.join("journal")) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(e) => return Err(Error::io("could not look at the journal")(e)),
        };
        let first_of = |name: std::ffi::OsString| name.to_str()?.strip_suffix(".log")?.parse::<u64>().ok();
        let mut all: Vec<u64> = entries.flatten().filter_map(|e| first_of(e.file_name())).collect();
        all.sort_unstable();
        let Some(first) = all.iter().rev().find(|first| **first <= self.next).or(all.first()) else {
            return Ok(false);
        };
        match open(&self.folder, "journal", &format!("{first:020}.log")) {
            Ok(file) => self.file = Some(file),
            // It was acknowledged just now; the next look finds a younger one.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(e) => return Err(Error::io("could not open the journal")(e)),
        }
        self.next = self.next.max(*first);
        (self.offset, self.buffer) = (0, BytesMut::new());
        Ok(true)
    }

    /// Reads more of the file; false at its end.
    fn fill(&mut self) -> Result<bool, Error> {
        let Some(file) = &self.file else { return Ok(false) };
        if self.chunk.is_empty() {
            self.chunk = vec![0; CHUNK];
        }
        let read =
            file.read_at(&mut self.chunk, self.offset).map_err(Error::io("could not read the journal"))?;
        self.offset += read as u64;
        self.buffer.extend_from_slice(&self.chunk[..read]);
        Ok(read > 0)
    }
}

/// Only the number, so that entries that are passed over cost nothing more.
fn seq_of(body: &Bytes) -> Result<u64, Error> {
    #[derive(serde::Deserialize)]
    struct Seq {
        seq: u64,
    }
    Ok(wire::decode::<Seq>(body.clone())?.0.seq)
}

pub(crate) fn decode(body: Bytes) -> Result<Entry, Error> {
    let (mut entry, inline): (Entry, Bytes) = wire::decode(body)?;
    entry.inline = inline;
    Ok(entry)
}

/// A piece of a value that lies in a file of a keeper's folder: at most `length` bytes from `offset` on.
pub(crate) fn read_spool(folder: &Path, spool: u64, offset: u64, length: usize) -> Result<Bytes, Error> {
    let file = open(folder, "spool", &spool.to_string()).map_err(Error::io("could not open a big output"))?;
    let there = file.metadata().map_err(Error::io("could not open a big output"))?.len();
    let rest = usize::try_from(there.saturating_sub(offset)).unwrap_or(usize::MAX);
    let mut piece = vec![0; length.min(rest).min(wire::LONGEST / 2)];
    let mut filled = 0;
    while filled < piece.len() {
        let read = file.read_at(&mut piece[filled..], offset + filled as u64);
        match read.map_err(Error::io("could not read a big output"))? {
            0 => break,
            n => filled += n,
        }
    }
    piece.truncate(filled);
    Ok(piece.into())
}
