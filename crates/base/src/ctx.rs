//! Who asks, by which clock, under which request: the first argument of every service call.

use crate::{Clock, Error, Timestamp, permission};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Permission patterns of one caller: everywhere, and per project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// Patterns that hold in the whole installation.
    pub global: Vec<String>,
    /// Patterns per project id.
    pub projects: BTreeMap<String, Vec<String>>,
    /// Patterns of the token that was used; `None` means that nothing is narrowed.
    pub scopes: Option<Vec<String>>,
    /// The only project that the token reaches, if it is bound to one.
    pub only_project: Option<String>,
    /// The only running thing (a workspace's id) that the token reaches, if it is bound to one. Such a token opens
    /// nothing that does not ask with [`Ctx::can_for`].
    pub only_instance: Option<String>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// `user_…`, or `system`, or `anonymous`.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// Installation-wide roles, for rate limits and JWT claims.
    pub roles: Vec<String>,
    /// What the caller may do.
    pub grants: Grants,
}

impl Principal {
    /// The platform itself: reconcilers, retention, start-up.
    pub fn system() -> Self {
        let grants = Grants { global: vec!["*".into()], ..Grants::default() };
        Self { id: "system".into(), name: "system".into(), roles: vec!["admin".into()], grants }
    }
    /// Nobody.
    pub fn anonymous() -> Self {
        Self {
            id: "anonymous".into(),
            name: "anonymous".into(),
            roles: Vec::new(),
            grants: Grants::default(),
        }
    }
}

/// The context of one request or one background step. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Ctx {
    principal: Arc<Principal>,
    clock: Clock,
    request_id: Arc<str>,
}

impl Ctx {
    /// A context for `principal`.
    pub fn new(principal: impl Into<Arc<Principal>>, clock: Clock, request_id: impl Into<Arc<str>>) -> Self {
        Self { principal: principal.into(), clock, request_id: request_id.into() }
    }
    /// The platform's own context.
    pub fn system(clock: Clock) -> Self {
        Self::new(Principal::system(), clock, "system")
    }
    /// Who asks.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
    /// The request's id, as in the logs and in `X-Request-Id`.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }
    /// Whether somebody is signed in.
    pub fn is_anonymous(&self) -> bool {
        self.principal.id == "anonymous"
    }

    fn in_scope(&self, permission: &str, project: Option<&str>) -> bool {
        self.principal.grants.only_instance.is_none() && self.in_token(permission, project)
    }

    /// Whether the token that was used, if any, lets `permission` through in the project, whatever its owner may do.
    fn in_token(&self, permission: &str, project: Option<&str>) -> bool {
        let grants = &self.principal.grants;
        let project_ok = match (&grants.only_project, project) {
            (Some(only), Some(project)) => only == project,
            (Some(_), None) => false,
            (None, _) => true,
        };
        let scope_ok =
            grants.scopes.as_deref().is_none_or(|scopes| permission::any_grants(scopes, permission));
        project_ok && scope_ok
    }

    /// Whether the token that was used, if any, lets `permission` through for the running thing `instance` of the
    /// project. What its owner may do there is asked apart.
    pub fn token_allows(&self, permission: &str, project: &str, instance: &str) -> bool {
        let only = &self.principal.grants.only_instance;
        only.as_ref().is_none_or(|only| only == instance) && self.in_token(permission, Some(project))
    }
    /// Whether the caller has `permission` in the project, for the running thing `instance` of it: the only question
    /// that a token which is bound to such a thing can pass.
    pub fn can_for(&self, permission: &str, project: &str, instance: &str) -> bool {
        self.token_allows(permission, project, instance) && self.has(permission, project)
    }
    /// The running thing that the token is bound to.
    pub fn only_instance(&self) -> Option<&str> {
        self.principal.grants.only_instance.as_deref()
    }
    /// Whether the caller's roles, whatever the token says, have `permission` in the project.
    fn has(&self, permission: &str, project: &str) -> bool {
        let grants = &self.principal.grants;
        permission::any_grants(&grants.global, permission)
            || grants
                .projects
                .get(project)
                .is_some_and(|patterns| permission::any_grants(patterns, permission))
    }
    /// Whether the caller has `permission` in the project.
    pub fn can(&self, permission: &str, project: &str) -> bool {
        self.in_scope(permission, Some(project)) && self.has(permission, project)
    }
    /// Whether the caller has `permission` in the whole installation.
    pub fn can_globally(&self, permission: &str) -> bool {
        self.in_scope(permission, None) && permission::any_grants(&self.principal.grants.global, permission)
    }
    /// Whether the caller has `permission` anywhere at all. The first, coarse check at the door; the
    /// service then checks for the project at hand.
    pub fn can_somewhere(&self, permission: &str) -> bool {
        let grants = &self.principal.grants;
        grants.scopes.as_deref().is_none_or(|scopes| permission::any_grants(scopes, permission))
            && (permission::any_grants(&grants.global, permission)
                || grants.projects.values().any(|patterns| permission::any_grants(patterns, permission)))
    }
    /// The ids of the projects in which the caller has `permission`; `None` means all.
    pub fn projects_with(&self, permission: &str) -> Option<Vec<String>> {
        let grants = &self.principal.grants;
        if grants.only_project.is_none() && self.can_globally(permission) {
            return None;
        }
        let mut ids: Vec<String> = grants.projects.keys().cloned().collect();
        ids.extend(grants.only_project.clone());
        ids.sort();
        ids.dedup();
        ids.retain(|id| self.can(permission, id));
        Some(ids)
    }

    /// Demands `permission` in the project of a thing that was looked up; what the caller may not see
    /// does not exist.
    ///
    /// # Errors
    /// `not_found` for `what` when the caller may not even view it, `forbidden` otherwise.
    pub fn require(&self, permission: &str, project: &str, what: &str, name: &str) -> Result<(), Error> {
        if self.can(permission, project) {
            return Ok(());
        }
        let noun = permission.split('.').next().unwrap_or(permission);
        if self.can(&format!("{noun}.view"), project) {
            Err(Error::forbidden(permission))
        } else {
            Err(Error::not_found(what, name))
        }
    }
    /// Demands `permission` in the whole installation.
    ///
    /// # Errors
    /// `forbidden`, or `unauthenticated` when nobody is signed in.
    pub fn require_globally(&self, permission: &str) -> Result<(), Error> {
        if self.can_globally(permission) {
            Ok(())
        } else if self.is_anonymous() {
            Err(Error::unauthenticated("sign in first"))
        } else {
            Err(Error::forbidden(permission))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn ctx(grants: Grants) -> Ctx {
        let principal = Principal { id: "user_1".into(), name: "ada".into(), roles: vec![], grants };
        Ctx::new(principal, Clock::fixed(Timestamp(0)), "r1")
    }

    #[test]
    fn what_one_may_not_see_does_not_exist() {
        let projects = BTreeMap::from([("p1".to_owned(), vec!["processes.view".to_owned()])]);
        let ctx = ctx(Grants { projects, ..Grants::default() });
        assert_eq!(
            ctx.require("processes.run", "p1", "process", "x").map_err(|e| e.kind()),
            Err(Kind::Forbidden)
        );
        assert_eq!(
            ctx.require("processes.run", "p2", "process", "x").map_err(|e| e.kind()),
            Err(Kind::NotFound)
        );
    }

    #[test]
    fn a_token_only_ever_narrows() {
        let wide =
            Grants { global: vec!["*".into()], scopes: Some(vec!["*.view".into()]), ..Grants::default() };
        let narrowed = ctx(wide);
        assert!(narrowed.can("processes.view", "p") && !narrowed.can("processes.run", "p"));
        let bound = Grants { global: vec!["*".into()], only_project: Some("p1".into()), ..Grants::default() };
        let bound = ctx(bound);
        assert!(bound.can("processes.run", "p1") && !bound.can("processes.run", "p2"));
        assert!(!bound.can_globally("users.manage"));
        assert_eq!(bound.projects_with("processes.view"), Some(vec!["p1".to_owned()]));
    }

    #[test]
    fn a_token_of_an_instance_reaches_that_instance_alone() {
        let bound = ctx(Grants {
            global: vec!["*".into()],
            scopes: Some(vec!["workspaces.use".into()]),
            only_project: Some("p1".into()),
            only_instance: Some("ws_1".into()),
            ..Grants::default()
        });
        assert!(bound.can_for("workspaces.use", "p1", "ws_1"));
        assert!(
            !bound.can_for("workspaces.use", "p1", "ws_2") && !bound.can_for("workspaces.use", "p2", "ws_1")
        );
        assert!(!bound.can_for("workspaces.manage", "p1", "ws_1"));
        assert!(!bound.can("workspaces.use", "p1") && !bound.can_globally("workspaces.use"));
        assert_eq!(bound.projects_with("workspaces.use"), Some(vec![]));
    }
}
