//! Prefixed ids: `proc_01J…`, a ULID behind the short name of what it identifies.
//!
//! An id parses only with its own prefix, so a dataset's id can't be taken for a process's. ULIDs sort
//! by creation time, which keeps primary-key inserts at the end of the index.

use crate::Error;

/// A fresh ULID-based id with the given prefix. Ids made by one process within a millisecond still sort
/// in the order of their making.
pub fn fresh(prefix: &str) -> String {
    use std::sync::{LazyLock, Mutex};
    static GENERATOR: LazyLock<Mutex<ulid::Generator>> = LazyLock::new(|| Mutex::new(ulid::Generator::new()));
    let mut generator = GENERATOR.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // The generator overflows after 2^80 ids in one millisecond; a random id is right then.
    let ulid = generator.generate().unwrap_or_else(|_| ulid::Ulid::new());
    format!("{prefix}_{ulid}")
}

/// Checks that `text` is `prefix` + `_` + a ULID.
///
/// # Errors
/// `invalid_id` (kind: invalid) that names the expected prefix.
pub fn check(prefix: &str, text: &str) -> Result<(), Error> {
    let rest = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_'));
    match rest.map(ulid::Ulid::from_string) {
        Some(Ok(_)) => Ok(()),
        _ => Err(Error::invalid("invalid_id", format!("`{text}` is not an id of the form {prefix}_…"))),
    }
}

/// Declares a newtype for one kind of id.
#[macro_export]
macro_rules! define_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ::serde::Serialize, ::schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text before the underscore.
            pub const PREFIX: &'static str = $prefix;
            /// A new id, later in sort order than all made before by this process.
            pub fn fresh() -> Self { Self($crate::id::fresh($prefix)) }
            /// The id as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl ::std::str::FromStr for $name {
            type Err = $crate::Error;
            fn from_str(text: &str) -> ::std::result::Result<Self, $crate::Error> {
                $crate::id::check($prefix, text)?;
                Ok(Self(text.to_owned()))
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result { f.write_str(&self.0) }
        }
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(d: D) -> ::std::result::Result<Self, D::Error> {
                let text = <String as ::serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(|e: $crate::Error| ::serde::de::Error::custom(e.detail()))
            }
        }
    };
}

define_id!(/// A person or program that signs in.
    UserId, "user");
define_id!(/// A tenant's project: members, storage, ledger.
    ProjectId, "proj");
define_id!(/// A named piece of work.
    ProcessId, "proc");
define_id!(/// A file that a version wrote.
    DatasetId, "ds");
define_id!(/// A file that a user brought.
    UploadId, "up");
define_id!(/// A set of process types and the interpreter that runs them.
    EnvironmentId, "env");
define_id!(/// Something that runs on a compute backend.
    UnitId, "unit");
define_id!(/// A named API token.
    TokenId, "tok");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_parse_only_with_their_own_prefix() {
        let id = ProcessId::fresh();
        assert!(id.as_str().parse::<ProcessId>().is_ok());
        assert!(id.as_str().parse::<DatasetId>().is_err());
        assert!("proc_../../etc".parse::<ProcessId>().is_err());
    }

    #[test]
    fn ids_sort_by_making() {
        let ids: Vec<_> = (0..1000).map(|_| ProcessId::fresh()).collect();
        assert!(ids.is_sorted());
    }
}
