//! Writes a log: formats into one buffer, writes it in one call, and hashes what it wrote.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::{INDEX_STEP, Stream};
use crate::LogSummary;

/// How an entry relates to the newline of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnd {
    Newline,
    More,
    Open,
}

/// The one writer of a log.
pub(crate) struct LogWriter {
    log: File,
    index: File,
    buffer: Vec<u8>,
    index_buffer: Vec<u8>,
    /// Offset in the file at which `buffer` begins.
    offset: u64,
    seq: u64,
    digest: Sha256,
    lost: u64,
}

impl LogWriter {
    pub(crate) fn create(log: &Path, index: &Path) -> io::Result<Self> {
        let create = |path| OpenOptions::new().append(true).create_new(true).mode(0o600).open(path);
        Ok(LogWriter {
            log: create(log)?,
            index: create(index)?,
            buffer: Vec::with_capacity(64 * 1024),
            index_buffer: Vec::new(),
            offset: 0,
            seq: 0,
            digest: Sha256::new(),
            lost: 0,
        })
    }

    /// Bytes of log so far, buffered ones included.
    pub(crate) fn bytes(&self) -> u64 {
        self.offset + self.buffer.len() as u64
    }

    /// True when there is something for [`Self::flush`].
    pub(crate) fn has_unwritten(&self) -> bool {
        !self.buffer.is_empty() || !self.index_buffer.is_empty()
    }

    pub(crate) fn push(&mut self, time: i64, stream: Stream, bytes: &[u8], end: LineEnd) {
        self.entry(time, stream, bytes, end, None);
    }

    /// A line of our own on the stream `system`.
    pub(crate) fn system(&mut self, time: i64, text: &str) {
        self.entry(time, Stream::System, text.as_bytes(), LineEnd::Newline, None);
    }

    pub(crate) fn progress(&mut self, time: i64, fraction: f64, message: &str) {
        self.entry(time, Stream::Progress, message.as_bytes(), LineEnd::Newline, Some(fraction));
    }

    fn entry(&mut self, time: i64, stream: Stream, bytes: &[u8], end: LineEnd, fraction: Option<f64>) {
        if self.seq.is_multiple_of(INDEX_STEP) {
            self.index_buffer.extend_from_slice(&self.bytes().to_le_bytes());
        }
        self.seq += 1;
        let out = &mut self.buffer;
        out.extend_from_slice(b"{\"seq\":");
        push_number(out, self.seq);
        out.extend_from_slice(b",\"time\":");
        push_number(out, u64::try_from(time).unwrap_or(0));
        out.extend_from_slice(b",\"stream\":\"");
        out.extend_from_slice(stream.as_str().as_bytes());
        out.extend_from_slice(b"\",\"line\":\"");
        push_text(out, bytes);
        match end {
            LineEnd::Newline => {}
            LineEnd::More => out.extend_from_slice(b",\"more\":true"),
            LineEnd::Open => out.extend_from_slice(b",\"open\":true"),
        }
        if let Some(fraction) = fraction {
            out.extend_from_slice(format!(",\"fraction\":{fraction}").as_bytes());
        }
        out.extend_from_slice(b"}\n");
    }

    /// Writes what is buffered. After an error, what was not written stays buffered and may be tried again.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut done = 0;
        let result = write_all_counted(&mut self.log, &self.buffer, &mut done);
        self.digest.update(&self.buffer[..done]);
        self.offset += done as u64;
        if done == self.buffer.len() {
            self.buffer.clear();
        } else {
            self.buffer.drain(..done);
        }
        result?;
        let mut indexed = 0;
        let result = write_all_counted(&mut self.index, &self.index_buffer, &mut indexed);
        self.index_buffer.drain(..indexed);
        result
    }

    /// Gives up on what cannot be written, for a disk that stays full.
    pub(crate) fn abandon(&mut self) {
        self.lose(self.buffer.len());
        self.buffer.clear();
    }

    /// Counts bytes that will never be in the log.
    pub(crate) fn lose(&mut self, bytes: usize) {
        self.lost += bytes as u64;
    }

    pub(crate) fn summary(&self) -> LogSummary {
        let digest = self.digest.clone().finalize();
        let hex = digest.iter().map(|b| format!("{b:02x}")).collect();
        LogSummary { lines: self.seq, bytes: self.offset, sha256: Some(hex), lost_bytes: self.lost }
    }
}

fn write_all_counted(file: &mut File, bytes: &[u8], done: &mut usize) -> io::Result<()> {
    while *done < bytes.len() {
        match file.write(&bytes[*done..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => *done += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

fn push_number(out: &mut Vec<u8>, mut n: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// The text, its closing quote, and `raw` when the bytes are not UTF-8.
fn push_text(out: &mut Vec<u8>, bytes: &[u8]) {
    if std::str::from_utf8(bytes).is_ok() {
        push_escaped(out, bytes);
        out.push(b'"');
        return;
    }
    push_escaped(out, String::from_utf8_lossy(bytes).as_bytes());
    out.extend_from_slice(b"\",\"raw\":\"");
    out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
    out.push(b'"');
}

fn push_escaped(out: &mut Vec<u8>, text: &[u8]) {
    let mut plain = 0;
    for (i, &b) in text.iter().enumerate() {
        if b >= 0x20 && b != b'"' && b != b'\\' {
            continue;
        }
        out.extend_from_slice(&text[plain..i]);
        plain = i + 1;
        match b {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.extend_from_slice(format!("\\u{b:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&text[plain..]);
}

/// What a log holds whose writer died: whole lines only.
pub(crate) fn summarise(log: &Path) -> LogSummary {
    let Ok(file) = File::open(log) else {
        return LogSummary::default();
    };
    let mut reader = BufReader::with_capacity(256 * 1024, file);
    let mut summary = LogSummary::default();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        if line.ends_with(b"\n") {
            summary.lines += 1;
            summary.bytes += line.len() as u64;
        }
        line.clear();
    }
    summary
}
