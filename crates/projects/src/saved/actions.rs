//! What workflows, agents and `castalia do` may do with figures. Layouts belong to the web app alone.

use super::{FigureChange, FigureKind, NewFigure};
use crate::Service;
use castalia_base::action;
use castalia_base::actions::Action;
use castalia_http::PageQuery;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
struct ListFigures {
    /// The project's id or name.
    project: String,
    /// Only plots, or only maps.
    kind: Option<FigureKind>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many entries at most (1 to 500, 100 unless told).
    limit: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
struct OneFigure {
    /// The project's id or name.
    project: String,
    /// `fig_…`.
    id: String,
}

#[derive(Deserialize, JsonSchema)]
struct SaveFigure {
    /// The project's id or name.
    project: String,
    /// 1 to 80 characters.
    name: String,
    /// What it is.
    kind: FigureKind,
    /// What is in it: a JSON object of at most 1 MiB.
    #[schemars(with = "serde_json::Map<String, Value>")]
    spec: Value,
}

#[derive(Deserialize, JsonSchema)]
struct ChangeFigure {
    /// The project's id or name.
    project: String,
    /// `fig_…`.
    id: String,
    /// 1 to 80 characters.
    name: String,
    /// What is in it: a JSON object of at most 1 MiB.
    #[schemars(with = "serde_json::Map<String, Value>")]
    spec: Value,
    /// The revision that the change is based on.
    revision: i64,
}

pub(crate) fn actions(service: &Arc<Service>) -> Vec<Action> {
    vec![
        action!(
            service,
            "figures.list",
            "figures.view",
            "Lists a project's saved plots and maps",
            |s, ctx, input: ListFigures| {
                let page = PageQuery { after: input.after, limit: input.limit };
                s.figures(&ctx, &input.project, input.kind, &page).await
            }
        ),
        action!(
            service,
            "figures.show",
            "figures.view",
            "A saved plot or map",
            |s, ctx, input: OneFigure| s.figure(&ctx, &input.project, &input.id).await
        ),
        action!(
            service,
            "figures.save",
            "figures.create",
            "Saves a new plot or map",
            |s, ctx, input: SaveFigure| {
                let SaveFigure { project, name, kind, spec } = input;
                s.create_figure(&ctx, &project, &NewFigure { name, kind, spec }).await
            }
        ),
        action!(
            service,
            "figures.change",
            "figures.update",
            "Changes a saved plot or map",
            |s, ctx, input: ChangeFigure| {
                let ChangeFigure { project, id, name, spec, revision } = input;
                s.put_figure(&ctx, &project, &id, &FigureChange { name, spec, revision }).await
            }
        ),
        action!(
            service,
            "figures.delete",
            "figures.delete",
            "Deletes a saved plot or map",
            |s, ctx, input: OneFigure| s.delete_figure(&ctx, &input.project, &input.id, None).await
        ),
    ]
}
