//! What roles grant: the built-in ones, and how a role's patterns become a caller's.

use crate::model::Role;
use crate::store;
use castalia_base::{Error, permission};
use castalia_db::Sql;

/// What `*` means as a member's role: everything that lives in a project. A new capability adds its noun.
pub const PROJECT_PATTERNS: &[&str] = &[
    "projects.view",
    "projects.manage",
    "ledger.view",
    "audit.view",
    "environments.view",
    "members.*",
    "processes.*",
    "uploads.*",
    "datasets.*",
    "figures.*",
    "storage.*",
    "notebooks.*",
    "workspaces.*",
    "workflows.*",
    "executions.*",
    "credentials.*",
    "webhooks.*",
    "agents.*",
    "tasks.*",
    "mcp.*",
    "alerts.*",
    "metrics.*",
];

const DEVELOPER: &[&str] = &[
    "workflows.*",
    "executions.*",
    "agents.view",
    "tasks.create",
    "tasks.view",
    "projects.view",
    "processes.*",
    "uploads.*",
    "datasets.*",
    "figures.*",
    "environments.view",
    "members.view",
    "ledger.view",
    "notebooks.*",
    "workspaces.*",
];

/// Spelled out, because `*.view` would let a viewer read users, tokens and the audit trail.
const VIEWER: &[&str] = &[
    "workflows.view",
    "executions.view",
    "agents.view",
    "tasks.view",
    "projects.view",
    "processes.view",
    "uploads.view",
    "datasets.view",
    "figures.view",
    "environments.view",
    "members.view",
    "ledger.view",
    "notebooks.view",
    "workspaces.view",
];

fn owned(patterns: &[&str]) -> Vec<String> {
    patterns.iter().map(|p| (*p).to_owned()).collect()
}

fn builtin() -> Vec<Role> {
    let role = |name: &str, description: &str, permissions: &[&str], everywhere: &[&str]| Role {
        name: name.into(),
        description: description.into(),
        permissions: owned(permissions),
        everywhere: owned(everywhere),
        builtin: true,
    };
    vec![
        role("admin", "Full system access", &["*"], &["*"]),
        role(
            "developer",
            "Development and execution access",
            DEVELOPER,
            &["projects.create", "environments.view"],
        ),
        role("viewer", "Read-only access", VIEWER, &["environments.view"]),
    ]
}

/// The built-in roles, then the custom ones by name.
pub(crate) async fn all_roles(sql: &mut impl Sql) -> Result<Vec<Role>, Error> {
    let mut roles = builtin();
    roles.extend(store::roles::list(sql).await?);
    Ok(roles)
}

pub(crate) fn find<'a>(roles: &'a [Role], name: &str) -> Option<&'a Role> {
    roles.iter().find(|role| role.name == name)
}

/// What a user with these roles may do in the whole installation.
pub(crate) fn global_grants(roles: &[Role], names: &[String]) -> Vec<String> {
    let mut patterns = vec!["account.*".to_owned()];
    patterns
        .extend(names.iter().filter_map(|name| find(roles, name)).flat_map(|role| role.everywhere.clone()));
    patterns.dedup();
    patterns
}

/// What a member with this role may do in the project; `*` as a noun means the nouns of a project.
pub(crate) fn project_grants(roles: &[Role], name: &str) -> Vec<String> {
    let patterns = find(roles, name).map(|role| role.permissions.as_slice()).unwrap_or_default();
    let mut granted: Vec<String> = patterns.iter().flat_map(|pattern| in_project(pattern)).collect();
    granted.sort();
    granted.dedup();
    granted
}

fn in_project(pattern: &str) -> Vec<String> {
    let verb = match pattern.split_once('.') {
        _ if pattern == "*" => "*",
        Some(("*", verb)) => verb,
        _ => return vec![pattern.to_owned()],
    };
    let granted = |known: &&str| -> Option<String> {
        let noun = known.split('.').next()?;
        let narrowed = format!("{noun}.{verb}");
        if verb == "*" {
            Some((*known).to_owned())
        } else {
            permission::grants(known, &narrowed).then_some(narrowed)
        }
    };
    PROJECT_PATTERNS.iter().filter_map(granted).collect()
}

/// All that these roles stand for, as a JWT's claim.
pub(crate) fn claimed(roles: &[Role], names: &[String]) -> Vec<String> {
    let mut patterns: Vec<String> = names
        .iter()
        .filter_map(|name| find(roles, name))
        .flat_map(|role| role.everywhere.iter().chain(&role.permissions).cloned())
        .collect();
    patterns.sort();
    patterns.dedup();
    if patterns.iter().any(|p| p == "*") { vec!["*".into()] } else { patterns }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_admin_has_no_power_over_the_installation() {
        let granted = project_grants(&builtin(), "admin");
        for no in [
            "users.view",
            "roles.manage",
            "ledger.topup",
            "projects.administer",
            "projects.create",
            "tokens.view",
        ] {
            assert!(!permission::any_grants(&granted, no), "{no}");
        }
        for yes in ["processes.run", "members.manage", "projects.manage", "ledger.view", "audit.view"] {
            assert!(permission::any_grants(&granted, yes), "{yes}");
        }
    }

    #[test]
    fn a_developer_of_the_installation_opens_nobodys_project() {
        let granted = global_grants(&builtin(), &["developer".into()]);
        assert!(permission::any_grants(&granted, "projects.create"));
        assert!(
            !permission::any_grants(&granted, "projects.view")
                && !permission::any_grants(&granted, "processes.view")
        );
        assert!(claimed(&builtin(), &["developer".into()]).contains(&"workflows.*".to_owned()));
        assert_eq!(claimed(&builtin(), &["admin".into(), "viewer".into()]), ["*"]);
    }

    #[test]
    fn view_of_everything_in_a_project_stays_in_the_project() {
        let reader = Role {
            name: "reader".into(),
            description: String::new(),
            permissions: vec!["*.view".into()],
            everywhere: vec![],
            builtin: false,
        };
        let granted = project_grants(&[reader], "reader");
        assert!(
            permission::any_grants(&granted, "processes.view")
                && permission::any_grants(&granted, "ledger.view")
        );
        assert!(
            !permission::any_grants(&granted, "users.view")
                && !permission::any_grants(&granted, "processes.run")
        );
    }
}
