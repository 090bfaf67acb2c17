//! JSON cut to a size that a person can look at.

use serde_json::Value;

const ITEMS: usize = 50;
const FIELDS: usize = 100;
const CHARACTERS: usize = 500;
const DEPTH: usize = 8;
/// The most values that are shown in all.
const VALUES: usize = 5000;

/// The value with long parts cut, and whether nothing was.
pub(super) fn prune(value: Value) -> (Value, bool) {
    let mut pruning = Pruning { left: VALUES, complete: true };
    let value = pruning.value(value, 0);
    (value, pruning.complete)
}

struct Pruning {
    left: usize,
    complete: bool,
}

impl Pruning {
    fn cut(&mut self) -> Value {
        self.complete = false;
        Value::from("…")
    }
    fn value(&mut self, value: Value, depth: usize) -> Value {
        if self.left == 0 {
            return self.cut();
        }
        self.left -= 1;
        match value {
            Value::Array(_) | Value::Object(_) if depth >= DEPTH => self.cut(),
            Value::Array(items) => {
                self.complete &= items.len() <= ITEMS;
                items.into_iter().take(ITEMS).map(|item| self.value(item, depth + 1)).collect()
            }
            Value::Object(fields) => {
                self.complete &= fields.len() <= FIELDS;
                let kept = fields.into_iter().take(FIELDS);
                Value::Object(kept.map(|(name, value)| (name, self.value(value, depth + 1))).collect())
            }
            Value::String(text) if text.chars().count() > CHARACTERS => {
                self.complete = false;
                Value::from(text.chars().take(CHARACTERS).chain(['…']).collect::<String>())
            }
            other => other,
        }
    }
}
