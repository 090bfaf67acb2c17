//! How the file stands, in the document for all to see.

use crate::document::json::{from_any, to_any};
use crate::document::merge::Conflict;
use crate::document::schema::{FILE, file};
use castalia_base::{Error, Timestamp};
use serde_json::{Value, json};
use yrs::{Any, Map, Out, ReadTxn, TransactionMut, WriteTxn};

/// Since when there are changes that the file has not.
pub(crate) fn dirty_since<T: ReadTxn>(txn: &T) -> Option<Any> {
    match txn.get_map(FILE)?.get(txn, file::DIRTY_SINCE)? {
        Out::Any(Any::Null | Any::Undefined) => None,
        Out::Any(any) => Some(any),
        _ => None,
    }
}

/// The whole map as JSON.
pub(crate) fn view<T: ReadTxn>(txn: &T) -> Value {
    let Some(map) = txn.get_map(FILE) else {
        return Value::Null;
    };
    let value = |out| match out {
        Out::Any(any) => from_any(&any),
        _ => Value::Null,
    };
    Value::Object(map.iter(txn).map(|(key, out)| (key.to_owned(), value(out))).collect())
}

/// What somebody has to decide.
pub(crate) fn conflicts<T: ReadTxn>(txn: &T) -> Vec<Conflict> {
    let found = txn.get_map(FILE).and_then(|map| map.get(txn, file::CONFLICTS));
    match found {
        Some(Out::Any(any)) => serde_json::from_value(from_any(&any)).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn set(txn: &mut TransactionMut<'_>, key: &str, value: Any) {
    let map = txn.get_or_insert_map(FILE);
    if map.get(txn, key) != Some(Out::Any(value.clone())) {
        map.insert(txn, key, value);
    }
}

fn time(at: Option<Timestamp>) -> Any {
    at.map_or(Any::Null, |at| to_any(&json!(at)))
}

pub(crate) fn set_conflicts(txn: &mut TransactionMut<'_>, conflicts: &[Conflict]) {
    set(txn, file::CONFLICTS, to_any(&json!(conflicts)));
}

pub(crate) fn set_dirty(txn: &mut TransactionMut<'_>, since: Option<Timestamp>) {
    set(txn, file::DIRTY_SINCE, time(since));
}

/// The file has what the document has.
pub(crate) fn set_saved(txn: &mut TransactionMut<'_>, name: &str, at: Option<Timestamp>) {
    set(txn, file::NAME, name.into());
    if at.is_some() {
        set(txn, file::SAVED_AT, time(at));
    }
    set(txn, file::ERROR, Any::Null);
    set(txn, file::ERROR_CODE, Any::Null);
}

/// It has not, and this is why.
pub(crate) fn set_error(txn: &mut TransactionMut<'_>, error: &Error) {
    set(txn, file::ERROR, error.detail().into());
    set(txn, file::ERROR_CODE, error.code().into());
}

/// Whether it says just this.
pub(crate) fn says<T: ReadTxn>(txn: &T, error: &Error) -> bool {
    let found = |key| txn.get_map(FILE).and_then(|map| map.get(txn, key));
    found(file::ERROR) == Some(Out::Any(error.detail().into()))
        && found(file::ERROR_CODE) == Some(Out::Any(error.code().into()))
}

/// What was wrong is not any more.
pub(crate) fn clear_error(txn: &mut TransactionMut<'_>) {
    set(txn, file::ERROR, Any::Null);
    set(txn, file::ERROR_CODE, Any::Null);
}
