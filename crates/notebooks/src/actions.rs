//! What the action catalogue offers of notebooks.

use crate::model::{ListQuery, NewNotebook};
use crate::service::Service;
use castalia_base::action;
use castalia_base::actions::Action;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
struct One {
    /// Id of the notebook.
    notebook: String,
}

/// The actions of this capability.
#[rustfmt::skip]
pub fn actions(service: &Arc<Service>) -> Vec<Action> {
    vec![
        action!(service, "notebooks.list", "notebooks.view", "Lists notebooks of a project, newest first",
            |s, ctx, input: ListQuery| s.list(&ctx, &input).await),
        action!(service, "notebooks.create", "notebooks.create", "Makes a notebook",
            |s, ctx, input: NewNotebook| s.create(&ctx, input).await),
        action!(service, "notebooks.show", "notebooks.view", "Shows a notebook",
            |s, ctx, input: One| s.get(&ctx, &input.notebook).await),
    ]
}
