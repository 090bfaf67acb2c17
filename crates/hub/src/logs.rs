//! A workspace's own log lines: live from the backend while it runs, kept as files after its end.

use crate::Service;
use crate::access::Access;
use crate::store::WorkspaceRow;
use castalia_base::{Ctx, Error};
use castalia_compute::log::{Limit, LogLine, Stream};
use castalia_compute::{ErrorKind, UnitId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::VecDeque;
use std::path::PathBuf;

/// Bytes of a run's log that are kept after its end; the last ones, since they say why it ended.
const KEPT_BYTES: usize = 4 << 20;
/// Runs whose logs are kept.
const KEPT_RUNS: i64 = 5;

/// Which lines to read.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct LogQuery {
    /// Which start of the workspace; the newest unless told.
    pub run: Option<i64>,
    /// Only lines after this number.
    pub after: Option<u64>,
    /// How many at most (1 to 5000, 500 unless told).
    pub limit: Option<u32>,
    /// The last lines instead of the first.
    #[serde(default)]
    pub tail: bool,
}

/// Lines of a log, each `{"seq":1,"time":1764000000123,"stream":"stdout","line":"text"}`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WorkspaceLogPage")]
pub struct LogPage {
    /// The run they are of.
    pub run: i64,
    /// The lines.
    pub lines: Vec<Value>,
    /// Pass as `after` for the next page.
    pub last: u64,
    /// Whether the run has ended and nothing follows.
    pub complete: bool,
}

impl Service {
    /// Lines of a workspace's log.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn logs(&self, ctx: &Ctx, workspace: &str, query: &LogQuery) -> Result<LogPage, Error> {
        let (w, _) = self.find(ctx, workspace, "workspaces.view", Access::View).await?;
        let run = query.run.unwrap_or(w.run);
        if !(1..=w.run).contains(&run) {
            return Err(Error::not_found("run", run));
        }
        let limit = query.limit.unwrap_or(500).clamp(1, 5000) as usize;
        let after = query.after.unwrap_or(0);
        let over = run < w.run || !w.state.is_active();
        if !over && let Some(page) = self.live_lines(&w, after, limit, query.tail).await? {
            return Ok(page);
        }
        let text = match tokio::fs::read_to_string(self.log_file(&w.id, run)).await {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::internal(error)),
        };
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let wanted: Vec<Value> = lines.filter(|l| l["seq"].as_u64().is_some_and(|seq| seq > after)).collect();
        let (lines, more) = cut(wanted, limit, query.tail);
        Ok(page(run, lines, after, over && !more))
    }

    async fn live_lines(
        &self,
        w: &WorkspaceRow,
        after: u64,
        limit: usize,
        tail: bool,
    ) -> Result<Option<LogPage>, Error> {
        let unit: UnitId = w.unit_name().parse().map_err(|e: castalia_compute::Error| Error::internal(e))?;
        let mut kept: VecDeque<Value> = VecDeque::new();
        let (mut at, mut end) = (after, false);
        loop {
            let batch = match self.backend.logs(&unit, at, Limit { lines: limit, ..Limit::default() }).await {
                Ok(batch) => batch,
                // Not started yet, or just ended and kept as a file.
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(Error::internal(error)),
            };
            if batch.is_empty() {
                break;
            }
            (at, end) = (batch.last_seq, batch.end);
            kept.extend(batch.lines().filter_map(|line| serde_json::from_slice(line).ok()));
            if !tail {
                break;
            }
            while kept.len() > limit {
                kept.pop_front();
            }
        }
        Ok(Some(page(w.run, kept.into(), after, end)))
    }

    fn log_file(&self, workspace: &str, run: i64) -> PathBuf {
        self.config.logs.join(workspace).join(format!("{run}.jsonl"))
    }

    /// Copies the log of a run that has ended, so that it is there after its unit is gone. Returns how many lines it
    /// had and the last that says something.
    pub(crate) async fn keep_log(
        &self,
        w: &WorkspaceRow,
        unit: &UnitId,
    ) -> Result<(i64, Option<String>), Error> {
        let (mut after, mut lines, mut bytes) = (0, VecDeque::<Vec<u8>>::new(), 0);
        loop {
            let batch =
                match self.backend.logs(unit, after, Limit { lines: usize::MAX, bytes: 1 << 20 }).await {
                    Ok(batch) => batch,
                    Err(error) if error.kind() == ErrorKind::NotFound => break,
                    Err(error) => return Err(Error::internal(error)),
                };
            if batch.is_empty() {
                break;
            }
            after = batch.last_seq;
            for line in batch.lines() {
                bytes += line.len() + 1;
                lines.push_back(line.to_vec());
            }
            while bytes > KEPT_BYTES
                && let Some(gone) = lines.pop_front()
            {
                bytes -= gone.len() + 1;
            }
        }
        if after == 0 {
            return Ok((0, None));
        }
        let last = last_words(&lines);
        let mut text = Vec::with_capacity(bytes);
        for line in lines {
            text.extend_from_slice(&line);
            text.push(b'\n');
        }
        let file = self.log_file(&w.id, w.run);
        if let Some(folder) = file.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(Error::internal)?;
        }
        // Written beside and renamed: a crash leaves no half of it.
        let beside = file.with_extension("new");
        tokio::fs::write(&beside, text).await.map_err(Error::internal)?;
        tokio::fs::rename(&beside, &file).await.map_err(Error::internal)?;
        if w.run > KEPT_RUNS {
            let _ = tokio::fs::remove_file(self.log_file(&w.id, w.run - KEPT_RUNS)).await;
        }
        Ok((i64::try_from(after).unwrap_or(i64::MAX), last))
    }
}

fn cut(mut lines: Vec<Value>, limit: usize, tail: bool) -> (Vec<Value>, bool) {
    let more = lines.len() > limit;
    if tail {
        return (lines.split_off(lines.len().saturating_sub(limit)), false);
    }
    lines.truncate(limit);
    (lines, more)
}

fn page(run: i64, lines: Vec<Value>, after: u64, complete: bool) -> LogPage {
    let last = lines.last().and_then(|l| l["seq"].as_u64()).unwrap_or(after);
    LogPage { run, lines, last, complete }
}

/// The line that says most about an end: the last that looks like an error among the last ones, else the last that says
/// something. At most 300 characters of it.
fn last_words(lines: &VecDeque<Vec<u8>>) -> Option<String> {
    let parsed = lines.iter().rev().take(200).filter_map(|line| serde_json::from_slice::<LogLine>(line).ok());
    let said: Vec<String> = parsed
        .filter(|l| matches!(l.stream, Stream::Stderr | Stream::Stdout) && !l.line.trim().is_empty())
        .map(|l| l.line.trim().chars().take(300).collect())
        .take(20)
        .collect();
    said.iter().find(|line| is_error(line)).or(said.first()).cloned()
}

fn is_error(line: &str) -> bool {
    // `[C` and `[E` are how Jupyter marks critical lines and errors.
    let lower = line.to_lowercase();
    line.starts_with("[C ")
        || line.starts_with("[E ")
        || ["error", "fatal", "panic"].iter().any(|w| lower.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_says_most_is_told() {
        let lines = |texts: &[&str]| -> VecDeque<Vec<u8>> {
            let line = |(n, text): (usize, &&str)| {
                format!(r#"{{"seq":{},"time":0,"stream":"stderr","line":"{text}"}}"#, n + 1).into_bytes()
            };
            texts.iter().enumerate().map(line).collect()
        };
        let told = last_words(&lines(&["[I 1] hello", "[C 2] Running as root", "[I 3] skipped", ""]));
        assert_eq!(told.as_deref(), Some("[C 2] Running as root"));
        assert_eq!(last_words(&lines(&["loading", "waiting"])).as_deref(), Some("waiting"));
        assert_eq!(last_words(&lines(&[])), None);
    }
}
