//! Two versions side by side: what differs in parameters, inputs, resources and results.

use crate::Service;
use crate::model::{Output, VersionView};
use castalia_base::{Ctx, Error, Kind};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One value that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// JSON Pointer.
    pub path: String,
    /// The value in the first version; absent when it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub a: Option<Value>,
    /// The value in the second version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b: Option<Value>,
}

/// Two versions side by side.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Comparison {
    /// The first version.
    pub a: VersionView,
    /// The second version.
    pub b: VersionView,
    /// What differs in parameters, resources, content of the inputs, state, cost and duration.
    pub differences: Vec<Difference>,
    /// Outputs by name: bytes in each.
    pub outputs: Vec<OutputPair>,
}

/// An output in two versions.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OutputPair {
    /// Its name.
    pub name: String,
    /// In the first version.
    pub a: Option<Output>,
    /// In the second version.
    pub b: Option<Output>,
    /// Whether both have the same content.
    pub equal: bool,
}

impl Service {
    /// Compares two versions of one process.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn compare(&self, ctx: &Ctx, process: &str, a: i64, b: i64) -> Result<Comparison, Error> {
        let a = self.version(ctx, process, a).await?;
        let b = self.version(ctx, process, b).await?;
        let mut differences = Vec::new();
        diff("/parameters", Some(&a.parameters), Some(&b.parameters), &mut differences);
        diff(
            "/resources",
            Some(&serde_json::to_value(a.resources)?),
            Some(&serde_json::to_value(b.resources)?),
            &mut differences,
        );
        diff("/inputs", Some(&contents(&a)), Some(&contents(&b)), &mut differences);
        let summary = |v: &VersionView| {
            let seconds = v.started_at.zip(v.ended_at).map(|(s, e)| e.ms_since(s) as f64 / 1000.0);
            json!({"state": v.state, "reason": v.reason, "cost": v.cost, "seconds": seconds, "type_version": v.type_version})
        };
        diff("", Some(&summary(&a)), Some(&summary(&b)), &mut differences);
        let outputs = self.pair_outputs(ctx, &a, &b).await?;
        Ok(Comparison { a, b, differences, outputs })
    }

    async fn pair_outputs(
        &self,
        ctx: &Ctx,
        a: &VersionView,
        b: &VersionView,
    ) -> Result<Vec<OutputPair>, Error> {
        let names: BTreeSet<&String> = a.outputs.iter().chain(&b.outputs).map(|o| &o.name).collect();
        let mut pairs = Vec::new();
        for name in names {
            let of = |v: &VersionView| v.outputs.iter().find(|o| o.name == *name).cloned();
            let (in_a, in_b) = (of(a), of(b));
            let equal = match (&in_a, &in_b) {
                (Some(x), Some(y)) if x.id == y.id => true,
                (Some(x), Some(y)) if x.size == y.size => {
                    let (x, y) = (self.digest(ctx, &x.id).await?, self.digest(ctx, &y.id).await?);
                    x.is_some() && x == y
                }
                _ => false,
            };
            pairs.push(OutputPair { name: name.clone(), a: in_a, b: in_b, equal });
        }
        Ok(pairs)
    }

    /// The digest of a dataset that is still there and that the caller may see.
    async fn digest(&self, ctx: &Ctx, id: &str) -> Result<Option<String>, Error> {
        match self.storage.get_dataset(ctx, id).await {
            Ok(found) => Ok(Some(found.dataset.sha256)),
            Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Forbidden) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The content of each input by the path of its parameter: the same name may have meant something else.
fn contents(v: &VersionView) -> Value {
    let named = |path: &str| path.trim_start_matches("/parameters/").to_owned();
    v.inputs.iter().map(|i| (named(&i.path), json!({"reference": i.reference, "sha256": i.sha256}))).collect()
}

fn diff(path: &str, a: Option<&Value>, b: Option<&Value>, found: &mut Vec<Difference>) {
    if a == b {
        return;
    }
    if let (Some(Value::Object(x)), Some(Value::Object(y))) = (a, b) {
        let keys: BTreeSet<&String> = x.keys().chain(y.keys()).collect();
        for key in keys {
            let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
            diff(&path, x.get(key), y.get(key), found);
        }
        return;
    }
    found.push(Difference { path: path.to_owned(), a: a.cloned(), b: b.cloned() });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_named_by_their_path() {
        let mut found = Vec::new();
        let (a, b) = (json!({"x": 1, "deep": {"y": [1]}, "only": true}), json!({"x": 1, "deep": {"y": [2]}}));
        diff("/p", Some(&a), Some(&b), &mut found);
        let paths: Vec<_> = found.iter().map(|d| d.path.as_str()).collect();
        assert_eq!(paths, ["/p/deep/y", "/p/only"]);
        assert!(found[1].b.is_none());
    }
}
