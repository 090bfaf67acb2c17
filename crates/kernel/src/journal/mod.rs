//! The journal: what the kernel said, numbered, in files that are only appended to.
//!
//! `FOLDER/journal/N.log` holds the entries from number N on, one frame each (`crate::wire`); `FOLDER/spool/N` a value
//! that was too big. A frame that is cut off at the end of the newest file was never written: readers wait before it.
//! Files are deleted once all of their entries are acknowledged. The kernel's own programs can reach the folder, so a
//! reader believes nothing: it follows no links and its memory is bounded.

mod read;
mod shrink;

use crate::Error;
use crate::entry::{Buffer, Channel, Entry, Large};
use crate::wire;
use bytes::Bytes;
use serde_json::Value;
use std::collections::VecDeque;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

pub use read::Reader;
pub(crate) use read::{decode, read_spool};

/// A file of the journal is closed when it is longer.
const SEGMENT: u64 = 1 << 20;
/// Buffers of a message that are together longer lie in files.
const INLINE_BUFFERS: usize = 64 << 10;

fn segment(folder: &Path, first: u64) -> PathBuf {
    folder.join("journal").join(format!("{first:020}.log"))
}

fn spool(folder: &Path, number: u64) -> PathBuf {
    folder.join("spool").join(number.to_string())
}

/// What is to be written; the journal gives it number and time.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) incarnation: u32,
    pub(crate) channel: Channel,
    pub(crate) kind: String,
    pub(crate) parent: Option<String>,
    pub(crate) content: Value,
    pub(crate) metadata: Value,
    pub(crate) buffers: Vec<Bytes>,
}

/// A closed or open file of the journal.
struct Segment {
    first: u64,
    bytes: u64,
}

/// The writing side.
pub(crate) struct Journal {
    folder: PathBuf,
    file: Option<File>,
    segments: VecDeque<Segment>,
    /// By entry: a file with a part of it, and its length.
    spooled: VecDeque<(u64, u64, u64)>,
    last: u64,
    next_spool: u64,
    /// Bytes that are not acknowledged.
    held: u64,
    /// No value goes to a file while more than this is held.
    limit: u64,
}

impl Journal {
    /// Begins a journal in a folder of its own.
    pub(crate) fn create(folder: &Path, limit: u64) -> Result<Self, Error> {
        for dir in [folder.to_owned(), folder.join("journal"), folder.join("spool")] {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&dir);
            made.map_err(Error::io(format!("could not make {}", dir.display())))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            file: None,
            segments: VecDeque::new(),
            spooled: VecDeque::new(),
            last: 0,
            next_spool: 1,
            held: 0,
            limit,
        })
    }

    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(crate) fn first(&self) -> u64 {
        self.segments.front().map_or(self.last + 1, |s| s.first)
    }

    /// Writes an entry and returns its number. After an error nothing of it is there, and it may be tried again.
    pub(crate) fn append(&mut self, news: &News, now: i64) -> Result<u64, Error> {
        let seq = self.last + 1;
        let before = self.next_spool;
        let written = self.entry(news, seq, now).and_then(|(entry, inline)| {
            let frame = wire::encode(&entry, &inline)?;
            self.put(seq, &frame)
        });
        if let Err(error) = written {
            for number in before..self.next_spool {
                self.unspool(number);
            }
            return Err(error);
        }
        self.last = seq;
        Ok(seq)
    }

    fn entry(&mut self, news: &News, seq: u64, at: i64) -> Result<(Entry, Vec<u8>), Error> {
        let mut content = news.content.clone();
        let mut large = Vec::new();
        for found in shrink::take(&mut content) {
            large.push(self.set_aside(seq, found)?);
        }
        let total: usize = news.buffers.iter().map(Bytes::len).sum();
        let (mut buffers, mut inline) = (Vec::new(), Vec::new());
        for buffer in &news.buffers {
            let spool = if total > INLINE_BUFFERS { self.spool(seq, buffer)? } else { None };
            if total <= INLINE_BUFFERS {
                inline.extend_from_slice(buffer);
            }
            buffers.push(Buffer { bytes: buffer.len() as u64, spool });
        }
        let entry = Entry {
            seq,
            at,
            incarnation: news.incarnation,
            channel: news.channel,
            kind: news.kind.clone(),
            parent: news.parent.clone(),
            content,
            metadata: news.metadata.clone(),
            large,
            buffers,
            inline: Bytes::new(),
        };
        Ok((entry, inline))
    }

    fn set_aside(&mut self, seq: u64, found: shrink::Found) -> Result<Large, Error> {
        let (head, tail) = found.ends();
        let number = self.spool(seq, found.bytes.as_bytes())?;
        Ok(Large {
            path: found.path,
            spool: number.unwrap_or_default(),
            bytes: found.bytes.len() as u64,
            lines: found.bytes.bytes().filter(|b| *b == b'\n').count() as u64,
            head,
            tail,
            json: found.json,
            cut: number.is_none(),
        })
    }

    /// Puts bytes into a file of their own; none when there is no room for them.
    fn spool(&mut self, seq: u64, bytes: &[u8]) -> Result<Option<u64>, Error> {
        let length = bytes.len() as u64;
        if self.held + length > self.limit {
            return Ok(None);
        }
        let number = self.next_spool;
        let path = spool(&self.folder, number);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let put = file.and_then(|mut file| file.write_all(bytes));
        if let Err(error) = put {
            _ = std::fs::remove_file(&path);
            return Err(Error::io("could not set a big output aside")(error));
        }
        self.next_spool += 1;
        self.spooled.push_back((seq, number, length));
        self.held += length;
        Ok(Some(number))
    }

    fn unspool(&mut self, number: u64) {
        if let Some(at) = self.spooled.iter().position(|(_, n, _)| *n == number)
            && let Some((_, _, length)) = self.spooled.remove(at)
        {
            self.held -= length;
        }
        _ = std::fs::remove_file(spool(&self.folder, number));
    }

    fn put(&mut self, seq: u64, frame: &[u8]) -> Result<(), Error> {
        let full = self.segments.back().is_none_or(|s| s.bytes >= SEGMENT);
        if full || self.file.is_none() {
            let path = segment(&self.folder, seq);
            let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
            self.file = Some(file.map_err(Error::io("could not begin a file of the journal"))?);
            if self.segments.back().is_none_or(|s| s.first != seq) {
                self.segments.push_back(Segment { first: seq, bytes: 0 });
            }
        }
        let (Some(file), Some(open)) = (&mut self.file, self.segments.back_mut()) else {
            return Err(Error::Protocol("the journal has no file".into()));
        };
        if let Err(error) = file.write_all(frame) {
            // What was written of it would be read as the beginning of the next.
            _ = file.set_len(open.bytes);
            return Err(Error::io("could not write the journal")(error));
        }
        open.bytes += frame.len() as u64;
        self.held += frame.len() as u64;
        Ok(())
    }

    /// Forgets what somebody has taken: entries up to and including `seq`.
    pub(crate) fn trim(&mut self, seq: u64) {
        while self.spooled.front().is_some_and(|(entry, ..)| *entry <= seq) {
            if let Some((_, number, _)) = self.spooled.front().copied() {
                self.unspool(number);
            }
        }
        // A file is over when the next one begins with what is still wanted.
        while self.segments.len() > 1 && self.segments[1].first <= seq + 1 {
            if let Some(old) = self.segments.pop_front() {
                _ = std::fs::remove_file(segment(&self.folder, old.first));
                self.held -= old.bytes.min(self.held);
            }
        }
    }
}

#[cfg(test)]
mod tests;
