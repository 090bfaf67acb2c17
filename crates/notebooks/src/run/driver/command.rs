//! What a command does.

use super::{Command, Driver};
use crate::document::schema::cell as key;
use crate::run::model::Run;
use crate::run::ops::Op;
use crate::run::stored::Source;
use castalia_base::Error;
use castalia_kernel::{Life, Request};
use serde_json::json;
use std::collections::VecDeque;

impl Driver {
    pub(super) async fn command(&mut self, command: Command) -> Result<(), Error> {
        match command {
            Command::Wake => {
                self.load_queue().await?;
                self.show_queue();
                self.start_next().await?;
            }
            Command::Interrupt => {
                self.stage().into_iter().for_each(|s| s.interrupted = true);
                if let Source::Live(client) = &self.source
                    && let Err(error) = client.interrupt(castalia_base::id::fresh("int")).await
                {
                    tracing::info!(%error, notebook = self.notebook, "the kernel was not interrupted");
                }
                self.service.fault("notebook-interrupting");
            }
            Command::Cancel(None) => self.abort_queue(),
            Command::Cancel(Some(cell)) => {
                let (gone, rest) = std::mem::take(&mut self.queue).into_iter().partition(|r| r.cell == cell);
                self.queue = rest;
                let gone: VecDeque<Run> = gone;
                gone.into_iter().for_each(|run| self.abort(run));
                self.show_queue();
            }
            Command::Restart(reason) => {
                self.abort_queue();
                self.kernel_is("restarting", &reason);
                // The new life is not to run what this one had before it, whatever happens to the server now.
                self.write(Vec::new()).await?;
                self.room().await?.flush().await?;
                if let Source::Live(client) = &self.source {
                    let id = castalia_base::id::fresh("re");
                    client.restart(id, &reason).await.map_err(Error::internal)?;
                    self.service.fault("notebook-restarting");
                }
            }
            Command::Ask(request, answer) => {
                let id = request.id.clone();
                if matches!(self.life, Life::Ready) && self.send(request).await {
                    self.asked.insert(id, answer);
                    self.asked.retain(|_, waits| !waits.is_closed());
                }
            }
            Command::Send(request, buffers) => _ = self.send_with(request, &buffers).await,
            Command::Input { run, value, by, done } => _ = done.send(self.input(&run, &value, &by).await),
            Command::Joined(connection) => {
                connection.send("comms", "state", &self.widgets.snapshot());
                if let Some(current) = &self.current
                    && current.run.by.id == connection.person.id
                    && let Some(question) = &current.stage.question
                {
                    let (run, prompt) = (&current.run, &question.prompt);
                    let message = json!({"run": run.id, "cell": run.cell, "prompt": prompt, "password": question.password});
                    connection.send("kernel", "input_request", &message);
                }
            }
            Command::Ended { .. } => {}
        }
        self.write(Vec::new()).await
    }

    async fn input(&mut self, run: &str, value: &str, by: &str) -> Result<(), Error> {
        let nothing = || Error::conflict("no_question", "nothing is asked there any more");
        let current = self.current.as_ref().filter(|c| c.run.id == run).ok_or_else(nothing)?;
        let question = current.stage.question.clone().ok_or_else(nothing)?;
        if current.run.by.id != by {
            return Err(Error::conflict("not_asked", format!("it is asked of {}", current.run.by.name)));
        }
        let cell = current.run.cell.clone();
        if !self.send(Request::input(question.answer, value)).await {
            return Err(Error::unavailable("the kernel does not answer"));
        }
        self.service.fault("notebook-answered");
        self.stage().into_iter().for_each(|s| s.question = None);
        self.op(Op::Cell(cell, key::STATE, "running".into()));
        self.show_run();
        Ok(())
    }
}
