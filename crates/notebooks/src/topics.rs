//! `notebook.{id}`: what becomes of a notebook.

use crate::Service;
use async_trait::async_trait;
use castalia_base::{Ctx, Error};
use castalia_events::TopicSource;
use std::sync::Arc;

/// The topics of notebooks.
pub struct NotebookTopics(pub Arc<Service>);

#[async_trait]
impl TopicSource for NotebookTopics {
    fn noun(&self) -> &'static str {
        "notebook"
    }

    async fn authorise(&self, ctx: &Ctx, topic: &str) -> Result<(), Error> {
        let id = topic.strip_prefix("notebook.").unwrap_or_default();
        self.0.find(ctx, id, "notebooks.view").await.map(|_| ())
    }
}
