//! The bus: reads the log in order and hands each event to everybody in this process.
//!
//! One reader serves both engines and any number of replicas: it looks after a commit of this process, when
//! PostgreSQL says that another replica committed, and once a second in case a notice was lost.

use crate::outbox::{self, Event};
use castalia_base::{Error, tasks::Tasks};
use castalia_db::{Db, Engine};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, broadcast};

/// How many events a reader may be behind before it is told that it is too slow.
const RING: usize = 8192;
const PAGE: usize = 1000;

/// The bus. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bus {
    sender: broadcast::Sender<Arc<Event>>,
    last: Arc<AtomicI64>,
    db: Db,
}

impl Bus {
    /// Starts the bus at the log's present end.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn start(db: &Db, tasks: &Tasks) -> Result<Self, Error> {
        let (newest, _) = outbox::bounds(db).await?;
        let bus = Self {
            sender: broadcast::channel(RING).0,
            last: Arc::new(AtomicI64::new(newest)),
            db: db.clone(),
        };
        let nudge = Arc::new(Notify::new());
        tasks.spawn_until_stop("events.bus", bus.clone().run(nudge.clone()));
        if db.engine() == Engine::Postgres {
            tasks.spawn_until_stop("events.listen", listen(db.url().to_owned(), nudge));
        }
        Ok(bus)
    }

    /// All events from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.sender.subscribe()
    }
    /// The database the log is in.
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }
    /// The newest event that was handed out.
    pub fn last_seq(&self) -> i64 {
        self.last.load(Ordering::SeqCst)
    }

    async fn run(self, nudge: Arc<Notify>) {
        let committed = self.db.committed();
        loop {
            tokio::select! {
                () = committed.notified() => {}
                () = nudge.notified() => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
            if let Err(error) = self.drain().await {
                tracing::warn!(error = error.chain(), "the event log could not be read; trying again");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }

    async fn drain(&self) -> Result<(), Error> {
        loop {
            let page = outbox::after(&self.db, self.last_seq(), PAGE).await?;
            let full = page.len() == PAGE;
            for event in page {
                let seq = event.seq;
                metrics::counter!("castalia_events_total", "type" => event.kind.clone()).increment(1);
                // Nobody listening is fine.
                let _ = self.sender.send(Arc::new(event));
                self.last.store(seq, Ordering::SeqCst);
            }
            if !full {
                return Ok(());
            }
        }
    }
}

async fn listen(url: String, nudge: Arc<Notify>) {
    loop {
        let outcome: Result<(), sqlx::Error> = async {
            let mut listener = sqlx::postgres::PgListener::connect(&url).await?;
            listener.listen("castalia_events").await?;
            loop {
                listener.recv().await?;
                nudge.notify_one();
            }
        }
        .await;
        if let Err(error) = outcome {
            tracing::debug!(%error, "listening for events was interrupted; connecting again");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
