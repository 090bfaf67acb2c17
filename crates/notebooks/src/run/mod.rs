//! Running: the kernel of a notebook as a unit of `compute`, the queue, and what comes of it in the document.
//!
//! Here is the way to the task that drives a kernel, on whichever server it is. Where to find the rest: which kernel, its
//! start and ends in `kernels`, what is put on the queue in `queue`, which cells a wish means in `select`, the way from
//! the kernel's journal into the document in `driver` and `sheet`, big outputs in `stored`, widgets in `widgets` and
//! `captured`, the unit in `units`, rows in `store`.

mod api;
mod captured;
mod commands;
mod credentials;
mod driver;
mod kernels;
mod model;
mod ops;
mod queue;
mod select;
mod sheet;
mod shown;
pub(crate) mod store;
mod stored;
mod units;
mod variables;
mod widgets;

pub(crate) use api::{actions, add_to};
pub(crate) use commands::Commands;
pub use model::*;
pub(crate) use units::Units;

use crate::Service;
use castalia_base::{Ctx, Error, Timestamp};
use castalia_kernel::Request;
pub(crate) use driver::Command;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::KernelRow;
use tokio::sync::{mpsc, oneshot};

/// What comes of runs is written under this name.
pub(crate) const WHO: &str = "run";
/// Commands that wait for a driver.
const COMMANDS: usize = 256;
/// Whoever asks a kernel something is told after this that it does not answer.
const ANSWER: Duration = Duration::from_secs(60);

/// The drivers of this server, by notebook.
#[derive(Default)]
pub(crate) struct Drivers(Mutex<HashMap<String, mpsc::Sender<Command>>>);

impl Drivers {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, mpsc::Sender<Command>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// The way to the driver of a notebook; it is started if there is none.
    pub(crate) fn driver(self: &Arc<Self>, notebook: &str) -> mpsc::Sender<Command> {
        let mut all = self.drivers.lock();
        if let Some(sender) = all.get(notebook).filter(|s| !s.is_closed()) {
            return sender.clone();
        }
        let (sender, commands) = mpsc::channel(COMMANDS);
        all.insert(notebook.to_owned(), sender.clone());
        self.deps
            .tasks
            .spawn_until_stop("notebooks.driver", driver::run(self.clone(), notebook.to_owned(), commands));
        sender
    }

    /// Drivers look at their queues: a word of another server may have been missed.
    pub(crate) fn wake_drivers(&self) {
        for driver in self.drivers.lock().values() {
            _ = driver.try_send(Command::Wake);
        }
    }

    /// Takes up the kernels that ran before this server started.
    pub(crate) async fn take_up_kernels(self: Arc<Self>) {
        loop {
            match store::active(&mut self.deps.db.read(), &self.config.installation).await {
                Ok(rows) => {
                    for row in rows {
                        _ = self.driver(&row.notebook);
                    }
                    return;
                }
                Err(error) => {
                    tracing::warn!(error = error.chain(), "kernels can't be taken up yet; trying again");
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        }
    }

    /// The data folder of another server, when a notebook's kernel runs there.
    async fn kernel_abroad(&self, notebook: &str) -> Result<Option<String>, Error> {
        let row = store::kernel(&mut self.deps.db.read(), notebook).await?;
        Ok(row.filter(|k| k.active && k.node != self.servers.node).map(|k| k.node))
    }

    async fn tell(self: &Arc<Self>, notebook: &str, command: Command) -> Result<(), Error> {
        if let Some(node) = self.kernel_abroad(notebook).await? {
            return self.order(node, notebook, command).await;
        }
        // One that has just come to its end takes nothing any more, and another does.
        let Err(refused) = self.driver(notebook).send(command).await else { return Ok(()) };
        self.driver(notebook).send(refused.0).await.map_err(|_| no_kernel())
    }

    /// Tells the kernel's driver something, if the caller may and there is a kernel.
    async fn command(self: &Arc<Self>, ctx: &Ctx, id: &str, command: Command) -> Result<(), Error> {
        self.find(ctx, id, "notebooks.run").await?;
        self.has_kernel(id).await?;
        self.tell(id, command).await
    }

    async fn has_kernel(&self, id: &str) -> Result<KernelRow, Error> {
        store::kernel(&mut self.deps.db.read(), id).await?.filter(|k| k.active).ok_or_else(no_kernel)
    }

    /// Asks the kernel something that is answered at once.
    async fn ask_kernel(
        self: &Arc<Self>,
        ctx: &Ctx,
        id: &str,
        kind: &str,
        content: Value,
    ) -> Result<Value, Error> {
        let request = Request::shell(castalia_base::id::fresh("ask"), kind, content);
        let (answer, answered) = oneshot::channel();
        self.command(ctx, id, Command::Ask(request, answer)).await?;
        match tokio::time::timeout(ANSWER, answered).await {
            Ok(Ok(content)) => Ok(content),
            Ok(Err(_)) => Err(Error::conflict("kernel_not_ready", "the kernel does not answer now")),
            Err(_) => Err(Error::conflict("kernel_busy", "the kernel is busy and did not answer in time")),
        }
    }
}

fn no_kernel() -> Error {
    Error::conflict("no_kernel", "the notebook has no kernel that runs; start it")
}

/// The time of a compute's clock.
fn time(ms: i64) -> Timestamp {
    Timestamp(ms)
}
