//! One cell after the other.

use super::file::{Notebook, joined};
use super::fold::Outputs;
use super::kernel::Kernel;
use super::widgets::Widgets;
use bytes::Bytes;
use castalia_kernel::{Channel, Client, Entry, Error, Life, Request};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;

/// Entries after which the keeper may forget.
const FORGET: u64 = 64;
/// So much of a big value is read at once.
const PIECE: u64 = 1 << 20;
/// Time for what was interrupted to say so.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// How a cell ended.
pub(super) enum CellEnd {
    Ok,
    Error { ename: String, evalue: String, traceback: Vec<String> },
}

/// Why a cell did not end.
pub(super) enum Stop {
    Interrupted,
    Timeout,
    Dead(String),
    Keeper(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Keeper(error)
    }
}

/// Runs cells of a notebook in a kernel.
pub(super) struct Executor<'a> {
    kernel: &'a mut Kernel,
    pub(super) notebook: &'a mut Notebook,
    outputs: Outputs,
    widgets: Widgets,
    /// Which cell a request belongs to: threads of earlier cells may still print.
    cells: HashMap<String, usize>,
}

impl<'a> Executor<'a> {
    pub(super) fn new(kernel: &'a mut Kernel, notebook: &'a mut Notebook) -> Self {
        if kernel.language_info.is_object() {
            notebook.set_metadata("language_info", kernel.language_info.clone());
        }
        let (outputs, widgets) = (Outputs::default(), Widgets::default());
        Self { kernel, notebook, outputs, widgets, cells: HashMap::new() }
    }

    /// Runs a cell to its end.
    pub(super) async fn run(
        &mut self,
        index: usize,
        stop_on_error: bool,
        timeout: Option<Duration>,
    ) -> Result<CellEnd, Stop> {
        let id = format!("cell-{index}-{:016x}", rand::random::<u64>());
        self.cells.insert(id.clone(), index);
        let source = self.notebook.source(index);
        self.kernel.ways()?.0.request(Request::execute(&id, &source, false, stop_on_error), &[]).await?;
        match timeout {
            Some(limit) => match tokio::time::timeout(limit, self.follow(&id)).await {
                Ok(ended) => ended,
                Err(_) => Err(Stop::Timeout),
            },
            None => self.follow(&id).await,
        }
    }

    async fn follow(&mut self, id: &str) -> Result<CellEnd, Stop> {
        let (mut reply, mut idle) = (None, false);
        loop {
            let (client, entries) = self.kernel.ways()?;
            let mut entry = entries.next().await?.ok_or(Error::Gone)?;
            if entry.seq % FORGET == 0 {
                client.ack(entry.seq - 1).await?;
            }
            let buffers = complete(client, &mut entry).await?;
            if let Some(state) = entry.state()
                && state.life == Life::Dead
            {
                return Err(Stop::Dead(state.reason));
            }
            let ours = entry.parent.as_deref() == Some(id);
            if ours && entry.channel == Channel::Shell && entry.kind == "execute_reply" {
                reply = Some(entry.content.clone());
            }
            idle |= ours && entry.kind == "status" && entry.text("execution_state") == "idle";
            if let Some(cell) = entry.parent.as_ref().and_then(|p| self.cells.get(p)).copied() {
                self.take(cell, entry, &buffers);
            }
            if idle && let Some(reply) = reply.take() {
                return Ok(end_of(&reply));
            }
        }
    }

    fn take(&mut self, index: usize, entry: Entry, buffers: &[Bytes]) {
        let at = || jiff::Timestamp::from_millisecond(entry.at).map(|t| t.to_string()).unwrap_or_default();
        let cell = self.notebook.cell_mut(index);
        let what = match (entry.channel, entry.kind.as_str()) {
            (Channel::Iopub, "execute_input") => {
                cell["execution_count"] = entry.content.get("execution_count").cloned().unwrap_or_default();
                Some("iopub.execute_input")
            }
            (Channel::Shell, "execute_reply") => {
                if let Some(count) = entry.content.get("execution_count") {
                    cell["execution_count"] = count.clone();
                }
                Some("shell.execute_reply")
            }
            (Channel::Iopub, "status") if entry.text("execution_state") == "busy" => {
                Some("iopub.status.busy")
            }
            (Channel::Iopub, "status") if entry.text("execution_state") == "idle" => {
                Some("iopub.status.idle")
            }
            _ => None,
        };
        if let Some(what) = what {
            if !cell.get("metadata").is_some_and(Value::is_object) {
                cell["metadata"] = json!({});
            }
            if !cell["metadata"].get("execution").is_some_and(Value::is_object) {
                cell["metadata"]["execution"] = json!({});
            }
            cell["metadata"]["execution"][what] = Value::String(at());
            return;
        }
        if entry.channel != Channel::Iopub {
            return;
        }
        if entry.kind.starts_with("comm_") {
            return self.widgets.take(&entry.kind, &entry.content, buffers);
        }
        let others = self.outputs.take(index, &entry.kind, entry.content);
        for changed in others.into_iter().chain([index]) {
            self.notebook.cell_mut(changed)["outputs"] = Value::Array(self.outputs.of(changed));
        }
    }

    /// Interrupts what runs and takes its last words.
    pub(super) async fn give_up(&mut self) {
        let Ok((client, _)) = self.kernel.ways() else { return };
        if client.interrupt("give-up").await.is_err() {
            return;
        }
        let newest = self.cells.keys().max_by_key(|id| self.cells[*id]).cloned().unwrap_or_default();
        // Whether it has something to say or not, this is the end.
        _ = tokio::time::timeout(LAST_WORDS, self.follow(&newest)).await;
    }

    /// Puts into the notebook what belongs to all of it.
    pub(super) fn finish(self) {
        if let Some(widgets) = self.widgets.metadata() {
            self.notebook.set_metadata("widgets", widgets);
        }
    }
}

fn end_of(reply: &Value) -> CellEnd {
    let text = |key: &str| joined(reply.get(key));
    match reply.get("status").and_then(Value::as_str) {
        Some("ok") | None => CellEnd::Ok,
        Some("aborted") => CellEnd::Error {
            ename: "Aborted".into(),
            evalue: "the kernel did not run it".into(),
            traceback: Vec::new(),
        },
        Some(_) => {
            let lines = reply.get("traceback").and_then(Value::as_array).into_iter().flatten();
            let traceback = lines.filter_map(Value::as_str).map(str::to_owned).collect();
            CellEnd::Error { ename: text("ename"), evalue: text("evalue"), traceback }
        }
    }
}

async fn read(client: &Client, spool: u64, bytes: u64) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    while (all.len() as u64) < bytes {
        let piece = client.read(spool, all.len() as u64, PIECE).await?;
        if piece.is_empty() {
            break;
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

/// Puts back what the journal set aside, and returns the buffers.
async fn complete(client: &Client, entry: &mut Entry) -> Result<Vec<Bytes>, Error> {
    for large in std::mem::take(&mut entry.large) {
        let value = if large.cut {
            Value::String(format!("{}\n[… {} bytes in all, cut …]\n{}", large.head, large.bytes, large.tail))
        } else {
            let bytes = read(client, large.spool, large.bytes).await?;
            match large.json {
                true => serde_json::from_slice(&bytes).unwrap_or_default(),
                false => Value::String(String::from_utf8_lossy(&bytes).into_owned()),
            }
        };
        let place = large.path.iter().try_fold(&mut entry.content, |at, key| at.get_mut(key));
        if let Some(place) = place {
            *place = value;
        }
    }
    let (mut buffers, mut inline) = (Vec::new(), entry.inline.clone());
    for buffer in &entry.buffers {
        buffers.push(match buffer.spool {
            Some(spool) => read(client, spool, buffer.bytes).await?.into(),
            None => {
                let length = usize::try_from(buffer.bytes).unwrap_or(usize::MAX).min(inline.len());
                inline.split_to(length)
            }
        });
    }
    Ok(buffers)
}
