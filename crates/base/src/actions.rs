//! The action catalogue: named operations with JSON Schemas for input and output and one permission.
//!
//! Workflow nodes, the MCP server, agents and `castalia do` all call actions; a capability that registers
//! its actions here is reachable from all of them. The door that lets a caller in (permission, rate limit,
//! audit) is the caller of [`Catalogue::call`], and the same for every transport.

use crate::{Ctx, Error, FieldError};
use futures::future::BoxFuture;
use schemars::{JsonSchema, Schema};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

type Handler = Arc<dyn Fn(Ctx, Value) -> BoxFuture<'static, Result<Value, Error>> + Send + Sync>;

/// One named operation.
#[derive(Clone)]
pub struct Action {
    /// `noun.verb`, for instance `processes.run`.
    pub name: &'static str,
    /// One line that says what it does.
    pub summary: &'static str,
    /// The permission that a caller needs.
    pub permission: &'static str,
    /// JSON Schema (2020-12) of the input.
    pub input: Schema,
    /// JSON Schema (2020-12) of the output.
    pub output: Schema,
    handler: Handler,
}

impl Action {
    /// An action whose schemas are those of the function's types.
    pub fn new<I, O, F, Fut>(
        name: &'static str,
        permission: &'static str,
        summary: &'static str,
        run: F,
    ) -> Self
    where
        I: DeserializeOwned + JsonSchema + Send + 'static,
        O: Serialize + JsonSchema + 'static,
        F: Fn(Ctx, I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, Error>> + Send + 'static,
    {
        let run = Arc::new(run);
        let handler: Handler = Arc::new(move |ctx, value| {
            let run = run.clone();
            Box::pin(async move {
                let input = parse_input(value)?;
                Ok(serde_json::to_value(run(ctx, input).await?)?)
            })
        });
        let input = schemars::schema_for!(I);
        let output = schemars::schema_for!(O);
        Self { name, summary, permission, input, output, handler }
    }
}

fn parse_input<I: DeserializeOwned>(value: Value) -> Result<I, Error> {
    serde_path_to_error::deserialize(value).map_err(|e| {
        let path = pointer(e.path());
        let message = e.inner().to_string();
        Error::unprocessable(
            "invalid_input",
            format!("the input does not fit: {}: {message}", if path.is_empty() { "/" } else { &path }),
            vec![FieldError { path, message }],
        )
    })
}

/// A parse path as a JSON Pointer (RFC 6901).
pub fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |mut text, segment| {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("/{index}")),
            Segment::Map { key } => text.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { variant } => text.push_str(&format!("/{variant}")),
            Segment::Unknown => {}
        }
        text
    })
}

/// All actions of the platform.
#[derive(Clone, Default)]
pub struct Catalogue(BTreeMap<&'static str, Action>);

impl Catalogue {
    /// Adds one capability's actions. A second action of one name is a programming error and replaces
    /// the first in release builds.
    pub fn register(&mut self, actions: impl IntoIterator<Item = Action>) {
        for action in actions {
            let old = self.0.insert(action.name, action);
            debug_assert!(old.is_none(), "two actions of one name");
        }
    }
    /// The action of this name.
    pub fn get(&self, name: &str) -> Option<&Action> {
        self.0.get(name)
    }
    /// All actions by name.
    pub fn iter(&self) -> impl Iterator<Item = &Action> {
        self.0.values()
    }
    /// Runs an action for a caller who has already been let in.
    ///
    /// # Errors
    /// `not_found` for an unknown name, `invalid_input` with paths for input that does not fit, and
    /// whatever the action itself says.
    pub async fn call(&self, ctx: Ctx, name: &str, input: Value) -> Result<Value, Error> {
        let action = self.get(name).ok_or_else(|| Error::not_found("action", name))?;
        (action.handler)(ctx, input).await
    }
}

/// An action over a service: `action!(service, "noun.verb", "permission", "What it does", |s, ctx, input: Type| body)`.
/// `s` is a clone of the service and `body` an async block's content.
#[macro_export]
macro_rules! action {
    ($service:expr, $name:literal, $permission:literal, $summary:literal, |$s:ident, $ctx:ident, $input:ident: $type:ty| $body:expr) => {{
        let service = $service.clone();
        $crate::actions::Action::new($name, $permission, $summary, move |$ctx: $crate::Ctx, $input: $type| {
            let $s = service.clone();
            async move { $body }
        })
    }};
}
