//! `project.{id}`: everything that happens in a project, for those who may see it.

use crate::Service;
use async_trait::async_trait;
use castalia_base::{Ctx, Error};
use castalia_events::{Event, TopicSource};
use std::sync::Arc;

/// Who may listen to `project.{id}`.
#[derive(Clone)]
pub struct ProjectTopics(pub Arc<Service>);

#[async_trait]
impl TopicSource for ProjectTopics {
    fn noun(&self) -> &'static str {
        "project"
    }
    async fn authorise(&self, ctx: &Ctx, topic: &str) -> Result<(), Error> {
        // The topic is the id: a subscription under the name would hear nothing.
        let id = topic.strip_prefix("project.").unwrap_or_default();
        ctx.require("projects.view", id, "project", id)
    }
    fn may_hear(&self, ctx: &Ctx, event: &Event) -> bool {
        event.project.as_ref().is_some_and(|project| ctx.can(&permission_of(&event.kind), project))
            && (!event.kind.starts_with("workspace.") || is_told(ctx, event))
    }
}

/// A workspace is its owner's: the other members of the project do not hear of it here. Those with whom it is shared
/// listen to its own topic.
fn is_told(ctx: &Ctx, event: &Event) -> bool {
    event.data["owner"] == ctx.principal().id.as_str() || ctx.can_globally("workspaces.administer")
}

/// What one must be allowed to see to hear of it: a project's topic is no way around the permissions of its parts.
fn permission_of(kind: &str) -> String {
    match kind.split('.').next().unwrap_or_default() {
        "ledger" => "ledger.view".into(),
        _ if kind.starts_with("project.member") => "members.view".into(),
        noun if noun.ends_with('s') => format!("{noun}es.view"),
        noun => format!("{noun}s.view"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use castalia_base::{Clock, Grants, Principal, Timestamp};
    use std::collections::BTreeMap;

    #[test]
    fn a_projects_topic_tells_only_what_one_may_see() {
        let patterns = vec!["projects.view".to_owned(), "datasets.*".to_owned()];
        let grants =
            Grants { projects: BTreeMap::from([("proj_1".to_owned(), patterns)]), ..Grants::default() };
        let principal = Principal { grants, ..Principal::anonymous() };
        let ctx = Ctx::new(principal, Clock::fixed(Timestamp(0)), "r");
        for (kind, heard) in [
            ("project.changed", true),
            ("dataset.created", true),
            ("process.completed", false),
            ("upload.created", false),
            ("ledger.credited", false),
            ("figure.created", false),
            ("project.member_removed", false),
        ] {
            assert_eq!(ctx.can(&permission_of(kind), "proj_1"), heard, "{kind}");
        }
        assert_eq!(permission_of("process.queued"), "processes.view");
        assert_eq!(permission_of("ledger.credited"), "ledger.view");
        assert_eq!(permission_of("figure.deleted"), "figures.view");
    }
}
