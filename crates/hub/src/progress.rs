//! A start as it happens: stages, place in the queue, log lines, until it is ready or has failed.

use crate::access::Access;
use crate::model::{State, WorkspaceView};
use crate::{LogQuery, Service};
use axum::response::sse::{Event, KeepAlive, Sse};
use castalia_base::{Ctx, Error};
use futures::stream::{self, Stream, StreamExt};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// How a stream is wanted.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Query {
    /// Whether the log lines come along; they do unless told.
    #[serde(default)]
    pub(crate) no_log: bool,
    /// Goes on after the workspace is ready, until it has ended.
    #[serde(default)]
    pub(crate) follow: bool,
}

/// The longest time between two looks when nothing was said to have changed.
const LOOK: Duration = Duration::from_secs(2);

/// What was told already.
struct Told {
    service: Arc<Service>,
    ctx: Ctx,
    id: String,
    query: Query,
    stages: usize,
    position: Option<i64>,
    health: String,
    log: u64,
    over: bool,
    first: bool,
    queue: VecDeque<Value>,
}

impl Service {
    /// The progress of a workspace's newest run as server-sent events. Each event's `data` is JSON with a `type`:
    /// `stage`, `queue`, `health`, `log`, and at last `end` with the whole workspace.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub(crate) async fn progress(
        self: &Arc<Self>,
        ctx: &Ctx,
        workspace: &str,
        query: Query,
    ) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, Error> {
        let items = self.progress_items(ctx, workspace, query).await?;
        let events = items.map(|item| {
            let kind = item["type"].as_str().unwrap_or_default().to_owned();
            Ok(Event::default().event(kind).data(item.to_string()))
        });
        Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
    }

    /// The same as plain values.
    pub(crate) async fn progress_items(
        self: &Arc<Self>,
        ctx: &Ctx,
        workspace: &str,
        query: Query,
    ) -> Result<impl Stream<Item = Value> + Send + use<>, Error> {
        let (w, _) = self.find(ctx, workspace, "workspaces.view", Access::View).await?;
        let told = Told {
            service: self.clone(),
            ctx: ctx.clone(),
            id: w.id,
            query,
            stages: 0,
            position: None,
            health: String::new(),
            log: 0,
            over: false,
            first: true,
            queue: VecDeque::new(),
        };
        Ok(stream::unfold(told, |mut told| async move {
            let item = told.next().await?;
            Some((item, told))
        }))
    }
}

impl Told {
    async fn next(&mut self) -> Option<Value> {
        let changed = self.service.changes();
        loop {
            if let Some(item) = self.queue.pop_front() {
                return Some(item);
            }
            if self.over {
                return None;
            }
            // Registered before the look, so that nothing that changes in between is missed.
            let notified = changed.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            match self.look().await {
                Ok(()) => {}
                Err(error) => {
                    self.over = true;
                    return Some(json!({"type": "error", "code": error.code(), "detail": error.detail()}));
                }
            }
            if self.queue.is_empty() && !self.over {
                // While it starts, its log is looked at often.
                let pause = if self.query.no_log { LOOK } else { Duration::from_millis(100) };
                let _ = tokio::time::timeout(pause, notified).await;
            }
        }
    }

    async fn look(&mut self) -> Result<(), Error> {
        let view = self.service.get(&self.ctx, &self.id).await?;
        if self.first {
            self.first = false;
            self.queue.push_back(json!({"type": "workspace", "workspace": view}));
        }
        for stage in view.stages.iter().skip(self.stages) {
            self.queue.push_back(json!({"type": "stage", "stage": stage}));
        }
        self.stages = view.stages.len();
        if view.queue_position != self.position {
            self.position = view.queue_position;
            if let Some(position) = view.queue_position {
                self.queue.push_back(json!({"type": "queue", "position": position}));
            }
        }
        let health = format!("{} {}", view.health, view.health_reason.as_deref().unwrap_or_default());
        if health != self.health {
            self.queue
                .push_back(json!({"type": "health", "health": view.health, "reason": view.health_reason}));
            self.health = health;
        }
        if !self.query.no_log {
            self.lines(&view).await?;
        }
        self.over = match view.state {
            State::Stopped | State::Failed => true,
            State::Ready => !self.query.follow,
            _ => false,
        };
        if self.over {
            self.queue.push_back(json!({"type": "end", "workspace": view}));
        }
        Ok(())
    }

    async fn lines(&mut self, view: &WorkspaceView) -> Result<(), Error> {
        let query = LogQuery { run: Some(view.run), after: Some(self.log), limit: Some(500), tail: false };
        let page = self.service.logs(&self.ctx, &self.id, &query).await?;
        self.log = page.last;
        self.queue.extend(page.lines.into_iter().map(|line| json!({"type": "log", "line": line})));
        Ok(())
    }
}
