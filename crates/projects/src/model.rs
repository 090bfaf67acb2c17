//! Projects as the world sees them.

use castalia_base::id::ProjectId;
use castalia_base::{Credits, Error, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a project may use at once; an absent limit means the installation's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Versions that run at once.
    pub max_running: Option<u64>,
    /// Versions that wait.
    pub max_queued: Option<u64>,
    /// Processors of what runs, in thousandths.
    pub cpu_millis: Option<u64>,
    /// Memory of what runs, in MiB.
    pub memory_mb: Option<u64>,
    /// What the bucket may hold, in MiB.
    pub storage_mb: Option<u64>,
}

/// A tenant's project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Project {
    /// The id.
    pub id: ProjectId,
    /// The unique name, also of the bucket; it never changes.
    pub name: String,
    /// The name that people read.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Who made it (`user_…` or `system`).
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it may use at once.
    pub limits: Limits,
    /// Whether it is archived: it can be looked at, and nothing in it can be changed or run.
    pub archived: bool,
}

/// A project about to be made.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProject {
    /// 3 to 63 of `a-z 0-9 -`, beginning and ending with a letter or digit.
    pub name: String,
    /// The name that people read; the name unless told.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// What it may use at once (needs `projects.administer`).
    pub limits: Option<Limits>,
    /// Its first credit in micro-credits (needs `ledger.topup`).
    pub credits: Option<Credits>,
}

/// What changes about a project; absent parts stay.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectPatch {
    /// The name that people read.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Archives the project or brings it back.
    pub archived: Option<bool>,
    /// What it may use at once, as a whole (needs `projects.administer`).
    pub limits: Option<Limits>,
}

/// Demands `[a-z0-9][a-z0-9-]{1,61}[a-z0-9]`, which is also a good bucket name.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = (3..=63).contains(&name.len())
        && name.starts_with(plain)
        && name.ends_with(plain)
        && name.chars().all(|c| plain(c) || c == '-');
    if good {
        return Ok(());
    }
    let message =
        "a project's name has 3 to 63 of a-z, 0-9 and -, and begins and ends with a letter or digit";
    Err(Error::field("invalid_name", "/name", message))
}

pub(crate) fn check_text(field: &str, text: &str, most: usize) -> Result<(), Error> {
    if text.chars().count() <= most && !text.contains('\0') {
        return Ok(());
    }
    Err(Error::field("invalid_text", field, format!("has at most {most} characters")))
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn names_are_good_bucket_names() {
        assert!(["abc", "a-1", "0x0", &"a".repeat(63)].iter().all(|n| check_name(n).is_ok()));
        assert!(
            ["ab", "-ab", "ab-", "A-b", "a_b", "a.b", "a/b", &"a".repeat(64)]
                .iter()
                .all(|n| check_name(n).is_err())
        );
    }
}
