//! What an entry of the kernel's journal means for the document and for what runs.

use super::Driver;
use super::memo::Question;
use super::turns::PROBE;
use crate::document::model::sha256;
use crate::document::schema::{cell as key, kernel};
use crate::room::Room;
use crate::run::ops::Op;
use castalia_base::Error;
use castalia_kernel::{Channel, Entry, Life, kinds};
use serde_json::{Value, json};

/// What a reply is to somebody's interrupt, whoever remembers that it was asked for.
pub(super) const INTERRUPTED: &str = "interrupted";

impl Driver {
    pub(super) async fn entry(&mut self, room: &Room, entry: Entry) -> Result<(), Error> {
        self.row.incarnation = self.row.base + i64::from(entry.incarnation);
        if entry.channel == Channel::Keeper {
            return self.keeper(entry).await;
        }
        if matches!(entry.channel, Channel::Shell | Channel::Control)
            && let Some(asked) = entry.parent.as_ref().and_then(|p| self.asked.remove(p))
        {
            let mut content = entry.content;
            for large in &entry.large {
                let bytes = self.source.whole(large.spool, large.bytes.min(4 << 20)).await?;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let value =
                    if large.json { serde_json::from_str(&text).unwrap_or_default() } else { text.into() };
                if let Some(place) = large.path.iter().try_fold(&mut content, |at, key| at.get_mut(key)) {
                    *place = value;
                }
            }
            _ = asked.send(content);
            return Ok(());
        }
        if entry.kind.starts_with("comm_") && entry.channel == Channel::Iopub {
            return self.widgets.take(&self.service, &self.notebook, &self.source, &entry).await;
        }
        if entry.channel == Channel::Iopub
            && let Some(widget) = self.widgets.taker(&entry)
        {
            let cell = entry.parent.as_ref().and_then(|parent| self.cells.get(parent));
            return self.widgets.capture(&widget, cell, &mut self.shelf, &self.source, &entry).await;
        }
        let Some(id) = entry.parent.clone() else { return Ok(()) };
        if id.starts_with(PROBE) {
            let idle = entry.channel == Channel::Iopub && entry.text("execution_state") == "idle";
            if idle && self.lacks_idle() {
                self.stage().into_iter().for_each(|s| s.idle = true);
                self.settle().await?;
            }
            return Ok(());
        }
        let Some(cell) = self.cells.get(&id).cloned() else { return Ok(()) };
        let is_current = self.current.as_ref().is_some_and(|c| c.run.id == id);
        match (entry.channel, entry.kind.as_str()) {
            (Channel::Iopub, "execute_input") if is_current => {
                let count = entry.content.get("execution_count").cloned().unwrap_or_default();
                self.op(Op::Cell(cell, key::EXECUTION_COUNT, count));
                let ran = entry.content.get("code").and_then(Value::as_str).map(|c| sha256(c.as_bytes()));
                let incarnation = self.row.incarnation;
                if let (Some(current), Some(ran)) = (&mut self.current, ran) {
                    let same = current.run.source_sha256.as_deref() == Some(&ran)
                        && current.run.incarnation == Some(incarnation);
                    if !same {
                        current.run.source_sha256 = Some(ran);
                        current.run.incarnation = Some(incarnation);
                        self.changed_runs.extend(self.current.as_ref().map(|c| c.run.clone()));
                        self.show_run();
                    }
                }
            }
            (Channel::Iopub, "status") if is_current && entry.text("execution_state") == "idle" => {
                self.stage().into_iter().for_each(|s| s.idle = true);
                self.settle().await?;
            }
            (Channel::Shell, "execute_reply") if is_current => {
                let mut reply = entry.text("status").to_owned();
                if reply == "error" && entry.text("ename") == "KeyboardInterrupt" {
                    reply = INTERRUPTED.to_owned();
                }
                self.stage().into_iter().for_each(|s| s.reply = Some(reply.clone()));
                self.settle().await?;
            }
            (Channel::Stdin, "input_request") if is_current => self.question(&entry),
            (Channel::Iopub, _) => {
                self.sheets.take(room, &mut self.shelf, &self.source, &cell, &id, &entry).await?;
                self.service.fault("notebook-output");
            }
            _ => {}
        }
        Ok(())
    }

    /// News of the keeper's own.
    async fn keeper(&mut self, entry: Entry) -> Result<(), Error> {
        if entry.kind == kinds::REFUSED {
            if let Some(parent) = &entry.parent {
                self.asked.remove(parent);
                if self.current.as_ref().is_some_and(|c| c.run.id == *parent) {
                    self.lose(entry.text("reason"));
                }
            }
            return Ok(());
        }
        if entry.kind == kinds::HEART {
            let beating = entry.content.get("beating").and_then(Value::as_bool).unwrap_or(true);
            let reason = if beating { Value::Null } else { "its heartbeat has stopped".into() };
            self.op(Op::Kernel(kernel::REASON, reason));
            return Ok(());
        }
        if entry.kind == kinds::UNPARSABLE {
            tracing::warn!(
                notebook = self.notebook,
                error = entry.text("error"),
                "a kernel's message is left out"
            );
            return Ok(());
        }
        let Some(state) = entry.state() else { return Ok(()) };
        self.life = state.life;
        self.op(Op::Kernel(kernel::INCARNATION, self.row.incarnation.into()));
        match state.life {
            Life::Starting => self.kernel_is("starting", &state.reason),
            Life::Ready => {
                let name = state.info.pointer("/language_info/name").and_then(Value::as_str);
                if let Some(name) = name {
                    self.op(Op::Kernel(kernel::LANGUAGE, name.into()));
                }
                self.kernel_is("idle", "");
                self.start_next().await?;
            }
            Life::Restarting | Life::Dead | Life::Ended => {
                let word = if state.life == Life::Restarting { "restarting" } else { "dead" };
                self.kernel_is(word, &state.reason);
                self.lose(&state.reason);
                if state.life == Life::Dead {
                    self.abort_queue();
                }
                self.asked.clear();
                let statement = self.widgets.forget(&self.service, &self.notebook);
                self.shelf.statements.push(statement);
            }
        }
        Ok(())
    }

    fn question(&mut self, entry: &Entry) {
        let prompt = entry.text("prompt").to_owned();
        let password = entry.content.get("password").and_then(Value::as_bool).unwrap_or_default();
        let Some(current) = &mut self.current else { return };
        let answer = format!("{}-input-{}", current.run.id, entry.seq);
        current.stage.question = Some(Question { answer, prompt: prompt.clone(), password });
        let (cell, by) = (current.run.cell.clone(), current.run.by.id.clone());
        let message = json!({"run": current.run.id, "cell": cell, "prompt": prompt, "password": password});
        self.op(Op::Cell(cell, key::STATE, "waiting".into()));
        self.show_run();
        self.service.comms.tell(&self.notebook, &by, "kernel", "input_request", &message);
        self.service.fault("notebook-asked");
    }
}
