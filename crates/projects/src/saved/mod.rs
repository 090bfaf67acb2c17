//! JSON documents that people keep in a project: layouts (each user's own) and figures (everybody's).
//!
//! Both are one thing to the store: a name, a document, a revision. A change names the revision it was based
//! on and is refused when that is no longer the present one, so two windows can't overwrite each other unseen.
//! The documents belong to the web app; here they are only measured and kept.

pub(crate) mod actions;
mod figures;
mod layouts;
pub(crate) mod routes;
mod store;

pub use figures::{Figure, FigureChange, FigureEntry, FigureId, FigureKind, NewFigure};
pub use layouts::Layout;

use castalia_base::Error;

/// Refuses a name that people could not read, or that could not stand in a path.
fn check_name(path: &str, name: &str) -> Result<(), Error> {
    let good = (1..=80).contains(&name.chars().count())
        && name.trim() == name
        && !name.contains(|c: char| c.is_control() || c == '/' || c == '\\')
        && name != "."
        && name != "..";
    if good {
        return Ok(());
    }
    let message = "has 1 to 80 characters, no slash, and no space at its ends";
    Err(Error::field("invalid_name", path, message))
}

/// The document as text, if it is not longer than `most` bytes.
fn measured(path: &str, document: &serde_json::Value, most: usize) -> Result<String, Error> {
    if !document.is_object() {
        return Err(Error::field("invalid_document", path, "is a JSON object"));
    }
    let text = document.to_string();
    if text.len() <= most {
        return Ok(text);
    }
    let message = format!("has {} kB; it may have {}", text.len().div_ceil(1024), most / 1024);
    Err(Error::field("document_too_large", path, message))
}

/// What a change hears that was based on a revision that is no longer there; 0 stands for “there is none”.
fn changed(code: &'static str, name: &str, based_on: i64, present: i64) -> Error {
    let detail = match (based_on, present) {
        (0, _) => {
            format!("there is a `{name}` already, at revision {present}; load it, or choose another name")
        }
        (_, 0) => format!("`{name}` was deleted meanwhile; save it as a new one with revision 0"),
        _ => format!(
            "`{name}` was changed meanwhile: it is at revision {present}, yours was based on {based_on}"
        ),
    };
    Error::conflict(code, detail).with_revision(present)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_can_be_read_and_stand_in_a_path() {
        for good in ["a", "Übersicht 2", "plot: x/".trim_end_matches('/'), &"ä".repeat(80)] {
            assert!(check_name("/name", good).is_ok(), "{good}");
        }
        for wrong in ["", " a", "a ", "a/b", "a\\b", ".", "..", "a\nb", &"a".repeat(81)] {
            assert!(check_name("/name", wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn documents_are_objects_of_bounded_size() {
        assert!(measured("/x", &json!([]), 100).is_err());
        assert_eq!(measured("/x", &json!({"a": 1}), 7).ok().as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(
            measured("/x", &json!({"a": 1}), 6).map_err(|e| e.code()).err(),
            Some("document_too_large")
        );
    }
}
