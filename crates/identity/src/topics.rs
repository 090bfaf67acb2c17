//! `user.{id}`: what happens to a user, for that user and for administrators.

use async_trait::async_trait;
use castalia_base::{Ctx, Error};
use castalia_events::{Event, TopicSource};

/// Who may listen to `user.{id}`.
#[derive(Clone, Copy, Debug, Default)]
pub struct UserTopics;

#[async_trait]
impl TopicSource for UserTopics {
    fn noun(&self) -> &'static str {
        "user"
    }
    async fn authorise(&self, ctx: &Ctx, topic: &str) -> Result<(), Error> {
        let id = topic.strip_prefix("user.").unwrap_or_default();
        let own = !ctx.is_anonymous() && id == ctx.principal().id && ctx.can_somewhere("account.view");
        if own || ctx.can_globally("users.view") { Ok(()) } else { Err(Error::not_found("topic", topic)) }
    }
    /// What is a user's alone (layouts of the workbench) is not for administrators either.
    fn may_hear(&self, ctx: &Ctx, event: &Event) -> bool {
        let own = event.topic.strip_prefix("user.") == Some(ctx.principal().id.as_str());
        own || !event.kind.starts_with("layout.")
    }
}
