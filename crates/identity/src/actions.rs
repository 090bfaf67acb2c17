//! What workflows, agents and `castalia do` may call.

use crate::model::{NewUser, User, UserPatch};
use crate::{Account, Service};
use castalia_base::actions::Action;
use castalia_http::{Page, PageQuery};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// No input.
#[derive(Deserialize, JsonSchema)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
struct Update {
    /// The user's name or id.
    user: String,
    /// What changes.
    #[serde(flatten)]
    patch: UserPatch,
}

/// The actions of this capability.
pub fn actions(service: &Arc<Service>) -> Vec<Action> {
    let (show, list, create, update) = (service.clone(), service.clone(), service.clone(), service.clone());
    vec![
        Action::new(
            "account.show",
            "account.view",
            "Who is asking, with roles and permissions",
            move |ctx, _: Nothing| {
                let service = show.clone();
                async move { service.account(&ctx).await as Result<Account, _> }
            },
        ),
        Action::new("users.list", "users.view", "Lists users by name", move |ctx, page: PageQuery| {
            let service = list.clone();
            async move { service.users(&ctx, &page).await as Result<Page<User>, _> }
        }),
        Action::new("users.create", "users.manage", "Makes a user", move |ctx, new: NewUser| {
            let service = create.clone();
            async move { service.create_user(&ctx, new).await }
        }),
        Action::new(
            "users.update",
            "users.manage",
            "Changes a user's roles, password or access",
            move |ctx, input: Update| {
                let service = update.clone();
                async move { service.update_user(&ctx, &input.user, input.patch).await }
            },
        ),
    ]
}
