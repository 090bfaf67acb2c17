//! What workflows, agents and `castalia do` may call.

use crate::ledger::Summary;
use crate::{NewProject, Service};
use castalia_base::Credits;
use castalia_base::actions::Action;
use castalia_http::PageQuery;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
struct List {
    /// Archived projects too.
    #[serde(default)]
    archived: bool,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many entries at most (1 to 500, 100 unless told).
    limit: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
struct InProject {
    /// The project's id or name.
    project: String,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many entries at most (1 to 500, 100 unless told).
    limit: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
struct PutMember {
    /// The project's id or name.
    project: String,
    /// The user's id or name.
    user: String,
    /// The role in the project.
    role: String,
}

#[derive(Deserialize, JsonSchema)]
struct TopUp {
    /// The project's id or name.
    project: String,
    /// How much, in micro-credits.
    amount: Credits,
    /// A word about it.
    #[serde(default)]
    note: String,
    /// Makes sending it twice the same as sending it once.
    key: Option<String>,
}

/// The actions of this capability.
pub fn actions(service: &Arc<Service>) -> Vec<Action> {
    let s = || service.clone();
    let (list, create, members, put, show, topup) = (s(), s(), s(), s(), s(), s());
    let mut actions = crate::saved::actions::actions(service);
    actions.extend([
        Action::new(
            "projects.list",
            "account.view",
            "Lists the projects that you may see",
            move |ctx, input: List| {
                let service = list.clone();
                let page = PageQuery { after: input.after, limit: input.limit };
                async move { service.list(&ctx, &page, input.archived).await }
            },
        ),
        Action::new("projects.create", "projects.create", "Makes a project", move |ctx, new: NewProject| {
            let service = create.clone();
            async move { service.create(&ctx, new).await }
        }),
        Action::new(
            "members.list",
            "members.view",
            "Lists a project's members",
            move |ctx, input: InProject| {
                let service = members.clone();
                let page = PageQuery { after: input.after, limit: input.limit };
                async move { service.members(&ctx, &input.project, &page).await }
            },
        ),
        Action::new(
            "members.put",
            "members.manage",
            "Makes a user a member, or changes the role",
            move |ctx, input: PutMember| {
                let service = put.clone();
                async move { service.put_member(&ctx, &input.project, &input.user, &input.role).await }
            },
        ),
        Action::new(
            "ledger.show",
            "ledger.view",
            "A project's credit and journal",
            move |ctx, input: InProject| {
                let service = show.clone();
                let page = PageQuery { after: input.after, limit: input.limit };
                async move { service.ledger(&ctx, &input.project, &page).await }
            },
        ),
        Action::new("ledger.topup", "ledger.topup", "Adds credit to a project", move |ctx, input: TopUp| {
            let service = topup.clone();
            async move {
                let TopUp { project, amount, note, key } = input;
                service.add_credit(&ctx, &project, amount, &note, key.as_deref()).await as Result<Summary, _>
            }
        }),
    ]);
    actions
}
