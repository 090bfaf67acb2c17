//! `workspace.{id}` (events) and `workspace.{id}.log` (lines).

use crate::access::Access;
use crate::store;
use crate::{LogQuery, Service};
use async_trait::async_trait;
use castalia_base::{Ctx, Error};
use castalia_events::{Frame, TopicSource, data_message};
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;

/// The topics of workspaces.
pub struct WorkspaceTopics(pub Arc<Service>);

fn parse(topic: &str) -> Result<(&str, bool), Error> {
    match topic.split('.').collect::<Vec<_>>().as_slice() {
        [_, id] => Ok((id, false)),
        [_, id, "log"] => Ok((id, true)),
        _ => Err(Error::invalid("unknown_topic", "use workspace.ID or workspace.ID.log")),
    }
}

#[async_trait]
impl TopicSource for WorkspaceTopics {
    fn noun(&self) -> &'static str {
        "workspace"
    }

    async fn authorise(&self, ctx: &Ctx, topic: &str) -> Result<(), Error> {
        let (id, _) = parse(topic)?;
        self.0.find(ctx, id, "workspaces.view", Access::View).await.map(|_| ())
    }

    async fn open(
        &self,
        ctx: &Ctx,
        topic: &str,
        after: Option<u64>,
    ) -> Result<Option<BoxStream<'static, Result<Frame, Error>>>, Error> {
        let (id, log) = parse(topic)?;
        if !log {
            return Ok(None);
        }
        let (w, _) = self.0.find(ctx, id, "workspaces.view", Access::View).await?;
        let state = (self.0.clone(), ctx.clone(), w.id, w.run, after.unwrap_or(0), topic.to_owned(), false);
        let lines = stream::unfold(state, |(service, ctx, id, run, after, topic, over)| async move {
            if over {
                return None;
            }
            let page = match service.next_lines(&ctx, &id, run, after).await {
                Ok(page) => page,
                Err(error) => return Some((Err(error), (service, ctx, id, run, after, topic, true))),
            };
            let body = serde_json::json!({"run": page.run, "lines": page.lines, "complete": page.complete});
            let frame = RawValue::from_string(body.to_string()).map_err(Error::from).map(|data| Frame {
                seq: page.last,
                message: data_message(&topic, page.last, ctx.now(), &data),
            });
            Some((frame, (service, ctx, id, run, page.last, topic, page.complete)))
        });
        Ok(Some(lines.boxed()))
    }
}

impl Service {
    /// The next lines of a run, as soon as there are some or its end is known.
    pub(crate) async fn next_lines(
        &self,
        ctx: &Ctx,
        id: &str,
        run: i64,
        after: u64,
    ) -> Result<crate::LogPage, Error> {
        let query = LogQuery { run: Some(run), after: Some(after), limit: Some(1000), tail: false };
        let mut pause = Duration::from_millis(50);
        loop {
            let page = self.logs(ctx, id, &query).await?;
            if !page.lines.is_empty() || page.complete {
                return Ok(page);
            }
            // Something may have been started meanwhile that this run waits behind no more.
            let still = store::find(&mut self.db.read(), id).await?.is_some_and(|w| w.run == run);
            if !still {
                return Ok(crate::LogPage { complete: true, ..page });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
    }
}
