//! What one server has another one do, because the kernel runs there or it leads the room.

use super::{Whom, Whose, Word};
use crate::Service;
use crate::comms::Connection;
use crate::model::Person;
use crate::run::Command;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use castalia_base::Error;
use castalia_kernel::Request;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long is waited for what is done at once.
const SOON: Duration = Duration::from_secs(4);
/// A completion that takes longer is of no use.
const ANSWER: Duration = Duration::from_secs(16);
/// A large file takes a while.
const FILE: Duration = Duration::from_secs(60);
/// How long somebody who came is told what a driver has to say.
const JOINING: Duration = Duration::from_secs(10);

/// Something to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// There is something new in the queue.
    Wake,
    /// Runs of these cells are in the queue.
    Queued(Vec<String>),
    /// Interrupt what runs.
    Interrupt,
    /// Drop what waits: of one cell, or all.
    Cancel(Option<String>),
    /// End the kernel's process and start another.
    Restart(String),
    /// Ask the kernel something.
    Ask(Request),
    /// Send the kernel something, with buffers in base64.
    Send(Request, Vec<String>),
    /// The answer to a question: run, value, by whom.
    Input(String, String, String),
    /// Somebody came, over this connection of the server that asks.
    Joined(u64, Person),
    /// A unit is to be ended, or started: look.
    Nudge,
    /// Write the file; `true` says that it is right.
    Checkpoint(bool),
}

impl Service {
    /// Has the server that looks after a kernel do what its driver is told.
    pub(crate) async fn order(&self, node: String, notebook: &str, command: Command) -> Result<(), Error> {
        let ask = async |order, patience| {
            self.servers.ask(Whose::Node(node.clone()), notebook, order, patience).await
        };
        match command {
            Command::Wake => ask(Order::Wake, SOON).await.map(drop),
            Command::Interrupt => ask(Order::Interrupt, SOON).await.map(drop),
            Command::Cancel(cell) => ask(Order::Cancel(cell), SOON).await.map(drop),
            Command::Restart(reason) => ask(Order::Restart(reason), SOON).await.map(drop),
            Command::Ask(request, answer) => {
                let _ = answer.send(ask(Order::Ask(request), ANSWER).await?);
                Ok(())
            }
            Command::Send(request, buffers) => {
                let buffers = buffers.iter().map(|bytes| STANDARD.encode(bytes)).collect();
                ask(Order::Send(request, buffers), SOON).await.map(drop)
            }
            Command::Input { run, value, by, done } => {
                let _ = done.send(ask(Order::Input(run, value, by), SOON).await.map(drop));
                Ok(())
            }
            Command::Joined(connection) => {
                ask(Order::Joined(connection.id, connection.person.clone()), SOON).await.map(drop)
            }
            // It is told by the server that looks after the unit, to itself.
            Command::Ended { .. } => Err(Error::internal("the end of a kernel was told elsewhere")),
        }
    }

    /// Tells the server that looks after a kernel which cells are in its queue now.
    pub(crate) async fn order_queued(
        &self,
        node: String,
        notebook: &str,
        cells: Vec<String>,
    ) -> Result<(), Error> {
        self.servers.ask(Whose::Node(node), notebook, Order::Queued(cells), SOON).await.map(drop)
    }

    /// Lets the server that looks after a kernel see at once what is wished of its unit.
    pub(crate) async fn nudge(&self, node: &str, notebook: &str) -> Result<(), Error> {
        self.servers.ask(Whose::Node(node.to_owned()), notebook, Order::Nudge, SOON).await.map(drop)
    }

    /// Has the server that leads a room write the file.
    pub(crate) async fn checkpoint_by(&self, server: String, id: &str, believe: bool) -> Result<(), Error> {
        self.servers.ask(Whose::Server(server), id, Order::Checkpoint(believe), FILE).await.map(drop)
    }

    /// Takes what another server says.
    pub(crate) fn take_word(self: &Arc<Self>, notice: &str) {
        let order = self.servers.take(notice, &self.rooms, &self.comms);
        if let Some((from, Word::Order { id, notebook, order, .. })) = order {
            let service = self.clone();
            self.deps.tasks.spawn_until_stop("notebooks.order", async move {
                let result = service.carry_out(&from, &notebook, order).await;
                service.servers.answer(id, from, result);
            });
        }
    }

    async fn carry_out(self: &Arc<Self>, from: &str, notebook: &str, order: Order) -> Result<Value, Error> {
        let away = || Error::conflict("no_kernel", "the notebook's kernel does not run any more");
        let tell = async |command| self.driver(notebook).send(command).await.map_err(|_| away());
        match order {
            Order::Wake => tell(Command::Wake).await?,
            Order::Queued(cells) => {
                self.show_waiting(notebook, cells).await?;
                tell(Command::Wake).await?;
            }
            Order::Interrupt => tell(Command::Interrupt).await?,
            Order::Cancel(cell) => tell(Command::Cancel(cell)).await?,
            Order::Restart(reason) => tell(Command::Restart(reason)).await?,
            Order::Ask(request) => {
                let (answer, answered) = oneshot::channel();
                tell(Command::Ask(request, answer)).await?;
                return match tokio::time::timeout(ANSWER, answered).await {
                    Ok(Ok(content)) => Ok(content),
                    Ok(Err(_)) => Err(Error::conflict("kernel_not_ready", "the kernel does not answer now")),
                    Err(_) => {
                        Err(Error::conflict("kernel_busy", "the kernel is busy and did not answer in time"))
                    }
                };
            }
            Order::Send(request, buffers) => {
                let decode = |text: &String| STANDARD.decode(text).map(Bytes::from).map_err(Error::internal);
                let buffers = buffers.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
                tell(Command::Send(request, buffers)).await?;
            }
            Order::Input(run, value, by) => {
                let (done, answered) = oneshot::channel();
                tell(Command::Input { run, value, by, done }).await?;
                answered.await.map_err(|_| away())??;
            }
            Order::Joined(connection, person) => {
                let stand_in = Arc::new(Connection::new(0, person));
                tell(Command::Joined(stand_in.clone())).await?;
                let whom = Whom::Connection(from.to_owned(), connection);
                self.deps.tasks.spawn_until_stop(
                    "notebooks.joined",
                    self.clone().pass(notebook.to_owned(), whom, stand_in),
                );
            }
            Order::Nudge => {
                if let Some(reconciler) = self.reconciler.get() {
                    reconciler.nudge_all();
                }
            }
            Order::Checkpoint(believe) => {
                let room = self.room(notebook).await?;
                room.follow().await?;
                self.files.checkpoint(&room, believe).await?;
                room.flush().await?;
            }
        }
        Ok(json!(null))
    }

    /// Passes on what a driver says to somebody who is connected to another server.
    async fn pass(self: Arc<Self>, notebook: String, whom: Whom, stand_in: Arc<Connection>) {
        let begun = tokio::time::Instant::now();
        loop {
            // Whoever was told of it and is done has let it go.
            let last = Arc::strong_count(&stand_in) == 1 || begun.elapsed() > JOINING;
            for (channel, method, message) in stand_in.said() {
                let (notebook, whom) = (notebook.clone(), whom.clone());
                self.servers.tell(|| Word::Tell { notebook, whom, channel, method, message });
            }
            if last {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
