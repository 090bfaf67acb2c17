//! Logs: live from the backend, sealed from the project's storage, the same to everybody who reads.
//!
//! A log is sealed before its version's end is recorded: the file is copied, byte for byte, to
//! `logs/{process}/v{n}/log.jsonl`, with its index beside it. The unit's folder goes only after that.

use crate::Service;
use crate::model::State;
use crate::store::{self, VersionRow};
use async_trait::async_trait;
use bytes::Bytes;
use castalia_base::{Ctx, Error, Timestamp};
use castalia_compute::log::{
    Cursor, INDEX_STEP, Limit, LogBatch, LogLine, LogSource, Reader, Search, Stream,
};
use castalia_compute::{Cause, ErrorKind, Exit, UnitId};
use castalia_storage::Bucket;
use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Which lines to read.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct LogQuery {
    /// The version; the newest unless told.
    pub version: Option<i64>,
    /// Only lines after this sequence number.
    pub after: Option<u64>,
    /// How many lines at most (1 to 10000, 1000 unless told), when the answer is JSON.
    pub limit: Option<usize>,
    /// Only lines that contain this text.
    pub q: Option<String>,
    /// Only this stream: `stdout`, `stderr`, `system` or `progress`.
    pub stream: Option<String>,
    /// With `Accept: application/x-ndjson`: go on until the version has ended.
    #[serde(default)]
    pub follow: bool,
    /// The form of the answer, as the header `Accept` says it: `json`, `ndjson`, or `text` for the bytes that the
    /// program wrote. The latter two are the whole log, not a page.
    pub format: Option<LogFormat>,
    /// As a file to keep, instead of something to look at.
    #[serde(default)]
    pub download: bool,
}

/// The form of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// A page of entries.
    Json,
    /// All entries, one JSON object a line.
    Ndjson,
    /// What the program wrote.
    Text,
}

impl LogFormat {
    /// The one that a header `Accept` asks for.
    pub(crate) fn of_accept(accept: &str) -> Self {
        if accept.contains("application/x-ndjson") {
            LogFormat::Ndjson
        } else if accept.contains("text/plain") {
            LogFormat::Text
        } else {
            LogFormat::Json
        }
    }
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            LogFormat::Json => "application/json",
            LogFormat::Ndjson => "application/x-ndjson",
            LogFormat::Text => "text/plain; charset=utf-8",
        }
    }
    pub(crate) fn ending(self) -> &'static str {
        match self {
            LogFormat::Json => "json",
            LogFormat::Ndjson => "ndjson",
            LogFormat::Text => "log",
        }
    }
}

/// Which lines of a log are wanted.
#[derive(Debug)]
pub(crate) struct LogFilter {
    text: String,
    stream: Option<Stream>,
}

impl LogQuery {
    /// The lines that the query wants.
    ///
    /// # Errors
    /// `invalid_stream`.
    pub(crate) fn filter(&self) -> Result<LogFilter, Error> {
        let stream = self.stream.as_deref().map(parse_stream).transpose()?;
        Ok(LogFilter { text: self.q.clone().unwrap_or_default(), stream })
    }
}

impl LogFilter {
    fn wants_all(&self) -> bool {
        self.text.is_empty() && self.stream.is_none()
    }

    /// The batch with only the lines that are wanted.
    pub(crate) fn apply(&self, mut batch: LogBatch) -> Result<LogBatch, Error> {
        if self.wants_all() {
            return Ok(batch);
        }
        let mut kept = Vec::new();
        for line in batch.lines() {
            let parsed: LogLine = serde_json::from_slice(line)?;
            if parsed.line.contains(&self.text) && self.stream.is_none_or(|s| s == parsed.stream) {
                kept.extend_from_slice(line);
                kept.push(b'\n');
            }
        }
        batch.data = kept.into();
        Ok(batch)
    }
}

/// Lines of a log.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LogPage {
    /// The lines, in order.
    #[schemars(with = "Vec<LogEntry>")]
    pub lines: Vec<Value>,
    /// The last line that was looked at: pass as `after` to go on.
    pub last_seq: u64,
    /// Whether the log has ended and nothing follows.
    pub complete: bool,
}

/// One line of a log, or a part of a very long one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LogEntry {
    /// From 1, without gaps.
    pub seq: u64,
    /// When it was read, in milliseconds UTC since 1970.
    pub time: i64,
    /// Where it came from.
    pub stream: LogStream,
    /// The text without its newline.
    pub line: String,
    /// Base64 of the exact bytes, if these are not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Whether the line goes on in the next entry of its stream.
    #[serde(default)]
    pub more: bool,
    /// Whether the stream ended without a newline.
    #[serde(default)]
    pub open: bool,
    /// On stream `progress`: from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraction: Option<f64>,
}

/// Where a line of a log came from.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// The system itself.
    System,
    /// What the program said of its progress.
    Progress,
}

/// The folder of a sealed log.
pub(crate) fn prefix(process: &str, version: i64) -> String {
    format!("logs/{process}/v{version}/")
}

fn log_key(v: &VersionRow) -> String {
    format!("{}log.jsonl", prefix(&v.process, v.version))
}

/// A sealed log or its index in the project's storage.
struct Stored {
    storage: Arc<castalia_storage::Service>,
    bucket: Bucket,
    key: String,
}

#[async_trait]
impl LogSource for Stored {
    async fn size(&self) -> std::io::Result<u64> {
        Ok(self
            .storage
            .size(&self.bucket, &self.key)
            .await
            .map_err(std::io::Error::other)?
            .unwrap_or_default())
    }
    async fn read_at(&self, offset: u64, length: usize) -> std::io::Result<Bytes> {
        let range = Some((offset, offset.saturating_add(length as u64)));
        match self.storage.read_range(&self.bucket, &self.key, range).await {
            Ok((_, bytes)) => {
                let pieces: Vec<Bytes> = bytes.map_err(std::io::Error::other).try_collect().await?;
                Ok(pieces.concat().into())
            }
            Err(error) if error.kind() == castalia_base::Kind::NotFound => Ok(Bytes::new()),
            Err(error) => Err(std::io::Error::other(error)),
        }
    }
}

/// A log that is not worth a file.
struct InMemory(Bytes);

#[async_trait]
impl LogSource for InMemory {
    async fn size(&self) -> std::io::Result<u64> {
        Ok(self.0.len() as u64)
    }
    async fn read_at(&self, offset: u64, length: usize) -> std::io::Result<Bytes> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        Ok(self.0.slice(start..start.saturating_add(length).min(self.0.len())))
    }
}

/// The log of a version that never ran: one line that says why.
fn single_line(at: Timestamp, reason: &str) -> Bytes {
    let line = json!({"seq": 1, "time": at.0, "stream": "system", "line": reason});
    format!("{line}\n").into()
}

/// Where the log of a version is now.
enum Place {
    Nowhere,
    Live(UnitId),
    Sealed(Reader),
}

fn io(error: std::io::Error) -> Error {
    Error::unavailable("the log can't be read now; try again").with_source(error)
}

fn compute(error: castalia_compute::Error) -> Error {
    Error::unavailable("the log can't be read now; try again").with_source(error)
}

fn empty(after: u64, end: bool) -> LogBatch {
    LogBatch { data: Bytes::new(), after, last_seq: after, end, next: Cursor::default() }
}

impl Service {
    fn place(&self, v: &VersionRow) -> Result<Place, Error> {
        match (v.state, v.log_lines) {
            (State::Queued, _) => Ok(Place::Nowhere),
            (State::Starting | State::Running, _) => Ok(Place::Live(v.unit_name().parse().map_err(compute)?)),
            (_, Some(lines)) if lines > 0 => Ok(Place::Sealed(self.sealed(v)?)),
            (_, Some(lines)) if lines < 0 => {
                Err(Error::conflict("log_gone", "the log is older than the time that logs are kept"))
            }
            _ => Ok(Place::Nowhere),
        }
    }

    fn sealed(&self, v: &VersionRow) -> Result<Reader, Error> {
        // Without an exit it was cancelled in the queue: no unit, no file.
        if let (None, Some(ended)) = (&v.exit, v.ended_at) {
            let line = single_line(ended, v.reason.as_deref().unwrap_or_default());
            return Ok(Reader::new(Arc::new(InMemory(line)), None, true));
        }
        let bucket = v.bucket(None)?;
        let stored = |name: &str| -> Arc<dyn LogSource> {
            let key = format!("{}{name}", prefix(&v.process, v.version));
            Arc::new(Stored { storage: self.storage.clone(), bucket: bucket.clone(), key })
        };
        Ok(Reader::new(stored("log.jsonl"), Some(stored("log.idx")), true))
    }

    async fn log_version(&self, ctx: &Ctx, process: &str, version: Option<i64>) -> Result<VersionRow, Error> {
        let (row, number) = self.find(ctx, process, version, "processes.view").await?;
        store::version(&mut self.db.read(), &row.id, number)
            .await?
            .ok_or_else(|| Error::not_found("version", number))
    }

    /// What a log is called as a file.
    ///
    /// # Errors
    /// As [`Service::logs`].
    pub async fn log_file_name(
        &self,
        ctx: &Ctx,
        process: &str,
        version: Option<i64>,
        format: LogFormat,
    ) -> Result<String, Error> {
        let (row, number) = self.find(ctx, process, version, "processes.view").await?;
        // A name with a slash would lose what stands before it.
        Ok(format!("{}-v{number}.{}", row.name.replace('/', "_"), format.ending()))
    }

    /// Lines of a version's log, or those of them that match.
    ///
    /// # Errors
    /// `not_found`, `log_gone` when it is older than logs are kept.
    pub async fn logs(&self, ctx: &Ctx, process: &str, query: &LogQuery) -> Result<LogPage, Error> {
        let v = self.log_version(ctx, process, query.version).await?;
        let after = query.after.unwrap_or(0);
        let limit = query.limit.unwrap_or(1000).clamp(1, 10_000);
        let filter = query.filter()?;
        let place = self.place(&v)?;
        if !filter.wants_all() {
            let search = Search { text: filter.text, stream: filter.stream, after, limit };
            let hits = match place {
                Place::Nowhere => None,
                Place::Sealed(reader) => Some(reader.search(&search).await.map_err(io)?),
                Place::Live(unit) => known(self.backend.search(&unit, &search).await)?,
            };
            let Some(hits) = hits else {
                return Ok(LogPage { lines: vec![], last_seq: after, complete: v.state.is_terminal() });
            };
            let lines = hits.lines.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
            return Ok(LogPage {
                lines,
                last_seq: hits.last_seq,
                complete: hits.exhausted && v.state.is_terminal(),
            });
        }
        let limit = Limit { lines: limit, bytes: 4 << 20 };
        let batch = match place {
            Place::Nowhere => empty(after, v.state.is_terminal()),
            Place::Sealed(reader) => reader.read(after, limit).await.map_err(io)?,
            Place::Live(unit) => {
                known(self.backend.logs(&unit, after, limit).await)?.unwrap_or_else(|| empty(after, false))
            }
        };
        let lines = batch.lines().map(serde_json::from_slice).collect::<Result<_, _>>()?;
        Ok(LogPage { lines, last_seq: batch.last_seq, complete: batch.end })
    }

    /// Batches of a version's log after `after`; with `follow` also those to come, until it has ended. The
    /// receiver's pace is the reader's pace: nothing piles up and nothing is left out.
    ///
    /// # Errors
    /// As [`Service::logs`].
    pub async fn log_stream(
        self: &Arc<Self>,
        ctx: &Ctx,
        process: &str,
        version: Option<i64>,
        after: u64,
        follow: bool,
    ) -> Result<mpsc::Receiver<Result<LogBatch, Error>>, Error> {
        let v = self.log_version(ctx, process, version).await?;
        self.place(&v)?;
        let (sender, receiver) = mpsc::channel(2);
        let service = self.clone();
        tokio::spawn(async move {
            if let Err(error) = service.pump(v, after, follow, &sender).await {
                let _ = sender.send(Err(error)).await;
            }
        });
        Ok(receiver)
    }

    async fn pump(
        &self,
        mut v: VersionRow,
        mut after: u64,
        follow: bool,
        sender: &mpsc::Sender<Result<LogBatch, Error>>,
    ) -> Result<(), Error> {
        loop {
            let mut failed = None;
            match self.place(&v)? {
                Place::Sealed(reader) => return send_all(&reader, after, sender).await,
                Place::Nowhere if v.state.is_terminal() || !follow => return Ok(()),
                Place::Nowhere => {}
                Place::Live(unit) if !follow => {
                    while let Some(batch) = known(self.backend.logs(&unit, after, Limit::default()).await)? {
                        after = batch.last_seq;
                        if batch.is_empty() || sender.send(Ok(batch)).await.is_err() {
                            return Ok(());
                        }
                    }
                    return Ok(());
                }
                Place::Live(unit) => {
                    if let Some(mut live) = known(self.backend.follow(&unit, after).await)? {
                        failed = loop {
                            let next = tokio::select! {
                                next = live.next() => next,
                                () = sender.closed() => return Ok(()),
                            };
                            let batch = match next {
                                None => break None,
                                Some(Err(error)) => break Some(error),
                                Some(Ok(batch)) => batch,
                            };
                            after = batch.last_seq;
                            if sender.send(Ok(batch)).await.is_err() {
                                return Ok(());
                            }
                        };
                    }
                }
            }
            // Queued, not yet started, or ended and about to be recorded: look again soon.
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
                () = sender.closed() => return Ok(()),
            }
            match (store::version(&mut self.db.read(), &v.process, v.version).await?, failed) {
                (None, _) => return Ok(()),
                // The unit's folder may go while it is read; the sealed log is there then.
                (Some(now), Some(error)) if !now.state.is_terminal() => return Err(io(error)),
                (Some(now), _) => v = now,
            }
        }
    }

    /// Copies a unit's log to the project's storage. Returns its lines and the last line on stderr.
    pub(crate) async fn seal(
        &self,
        v: &VersionRow,
        unit: &UnitId,
        exit: &Exit,
    ) -> Result<(i64, Option<String>), Error> {
        if exit.log.lines == 0 && !matches!(exit.cause, Cause::Exited) {
            if let Cause::Stopped { reason } | Cause::Lost { why: reason } | Cause::NotStarted { why: reason } =
                &exit.cause
                && known(self.backend.logs(unit, 0, Limit::default()).await)?
                    .is_none_or(|batch| batch.is_empty())
            {
                let line = single_line(Timestamp(exit.ended_at), reason);
                self.storage.put_internal_bytes(&v.bucket(None)?, &log_key(v), line).await?;
                return Ok((1, None));
            }
        } else if exit.log.lines == 0 {
            return Ok((0, None));
        }
        let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(4);
        let body =
            futures::stream::unfold(receiver, |mut r| async move { r.recv().await.map(|item| (item, r)) });
        let copy = self.copy_log(unit, sender);
        let (bucket, key) = (v.bucket(None)?, log_key(v));
        let (copied, put) = tokio::join!(copy, self.storage.put_internal(&bucket, &key, Box::pin(body)));
        let (lines, index, last_line) = copied?;
        put?;
        if index.len() > 8 {
            let key = format!("{}log.idx", prefix(&v.process, v.version));
            self.storage.put_internal_bytes(&bucket, &key, index.into()).await?;
        }
        Ok((i64::try_from(lines).unwrap_or(i64::MAX), last_line))
    }

    async fn copy_log(
        &self,
        unit: &UnitId,
        sender: mpsc::Sender<Result<Bytes, std::io::Error>>,
    ) -> Result<(u64, Vec<u8>, Option<String>), Error> {
        let (mut after, mut offset, mut index, mut last_line) = (0u64, 0u64, Vec::new(), None);
        loop {
            let limit = Limit { lines: usize::MAX, bytes: 1 << 20 };
            let Some(batch) = known(self.backend.logs(unit, after, limit).await)? else {
                break;
            };
            if batch.is_empty() {
                break;
            }
            for (seq, line) in (batch.after..).zip(batch.lines()) {
                if seq % INDEX_STEP == 0 {
                    index.extend_from_slice(&offset.to_le_bytes());
                }
                offset += line.len() as u64 + 1;
            }
            last_line = last_stderr(&batch).or(last_line);
            after = batch.last_seq;
            if sender.send(Ok(batch.data)).await.is_err() {
                break;
            }
        }
        Ok((after, index, last_line))
    }
}

async fn send_all(
    reader: &Reader,
    after: u64,
    sender: &mpsc::Sender<Result<LogBatch, Error>>,
) -> Result<(), Error> {
    let mut cursor = reader.seek(after).await.map_err(io)?;
    loop {
        let batch = reader.read_from(cursor, Limit::default()).await.map_err(io)?;
        cursor = batch.next;
        if batch.is_empty() || sender.send(Ok(batch)).await.is_err() {
            return Ok(());
        }
    }
}

/// A unit that is not there (not yet, or no longer) is no error to a reader.
fn known<T>(result: Result<T, castalia_compute::Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(compute(error)),
    }
}

fn last_stderr(batch: &LogBatch) -> Option<String> {
    let tail: Vec<&[u8]> = batch.lines().collect();
    let parsed = tail.iter().rev().take(50).filter_map(|line| serde_json::from_slice::<LogLine>(line).ok());
    let mut said = parsed.filter(|l| l.stream == Stream::Stderr && !l.line.trim().is_empty());
    said.next().map(|l| l.line.trim().chars().take(500).collect())
}

fn parse_stream(text: &str) -> Result<Stream, Error> {
    serde_json::from_value(Value::String(text.to_owned()))
        .map_err(|_| Error::invalid("invalid_stream", "use stdout, stderr, system or progress"))
}
