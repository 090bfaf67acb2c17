//! Who may do what with a workspace: lookup and permission as one act.

use crate::Service;
use crate::model::Level;
use crate::store::{self, WorkspaceRow};
use castalia_base::{Ctx, Error};

/// What somebody is to a workspace, from little to much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    /// Sees its state and log.
    View,
    /// Opens it.
    Use,
    /// Starts, stops, shares, deletes it.
    Manage,
}

impl Access {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Use => "use",
            Self::Manage => "manage",
        }
    }
}

/// The permission that installation-wide access to everybody's workspaces needs.
pub(crate) const ADMINISTER: &str = "workspaces.administer";

/// Who somebody is to a workspace, whatever a token says. Pure.
fn role(ctx: &Ctx, w: &WorkspaceRow, shared: Option<Level>) -> Option<Access> {
    let principal = ctx.principal();
    // The owner's and the guests' rights end with their membership.
    let member = castalia_base::permission::any_grants(&principal.grants.global, "workspaces.view")
        || principal
            .grants
            .projects
            .get(&w.project_id)
            .is_some_and(|patterns| castalia_base::permission::any_grants(patterns, "workspaces.view"));
    if !w.is_unclaimed() && principal.id == w.owner_id && member {
        return Some(Access::Manage);
    }
    if castalia_base::permission::any_grants(&principal.grants.global, ADMINISTER) {
        return Some(Access::Manage);
    }
    match shared.filter(|_| member) {
        Some(Level::Use) => Some(Access::Use),
        Some(Level::View) => Some(Access::View),
        None => None,
    }
}

/// What the caller may do, or why not: 404 for what one may not know of, 403 for a token that is known but not allowed.
pub(crate) fn decide(
    ctx: &Ctx,
    w: &WorkspaceRow,
    shared: Option<Level>,
    permission: &str,
    needs: Access,
) -> Result<Access, Error> {
    let Some(access) = role(ctx, w, shared) else {
        return Err(match ctx.only_instance() {
            // It knows that workspaces exist: it belongs to one.
            Some(_) => Error::forbidden(permission),
            None => Error::not_found("workspace", &w.name),
        });
    };
    if access < needs || !ctx.token_allows(permission, &w.project_id, &w.id) {
        return Err(Error::forbidden(permission));
    }
    // An owner needs the right in the project too, so that a role can be taken away; a share is its own right.
    let own = ctx.principal().id == w.owner_id;
    if own && needs >= Access::Use && !ctx.can_for(permission, &w.project_id, &w.id) {
        return Err(Error::forbidden(permission));
    }
    Ok(access)
}

impl Service {
    /// Looks a workspace up (by id or name) and demands what is needed, as one act.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub(crate) async fn find(
        &self,
        ctx: &Ctx,
        workspace: &str,
        permission: &str,
        needs: Access,
    ) -> Result<(WorkspaceRow, Access), Error> {
        let mut sql = self.db.read();
        let found = store::find(&mut sql, workspace).await?;
        let w = found.ok_or_else(|| Error::not_found("workspace", workspace))?;
        let shared = match ctx.principal().id == w.owner_id {
            true => None,
            false => store::level_of(&mut sql, &w.id, &ctx.principal().id).await?,
        };
        let access = decide(ctx, &w, shared, permission, needs)?;
        Ok((w, access))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::definition::{Resources, parse};
    use crate::model::{Health, State};
    use crate::store::New;
    use castalia_base::{Clock, Grants, Kind, Principal, Timestamp};
    use std::collections::BTreeMap;

    pub(crate) fn row() -> WorkspaceRow {
        let definition = parse("name: lab\ncommand: [lab]\n", "lab.yaml").expect("good");
        let fresh = WorkspaceRow::fresh(New {
            id: "ws_1".into(),
            name: "ada-lab-abc".into(),
            title: "Lab".into(),
            owner: ("user_ada".into(), "ada".into()),
            project_id: "p1".into(),
            node: "here".into(),
            profile: definition.profile(None).expect("there is one"),
            definition,
            created_at: Timestamp(0),
        });
        WorkspaceRow {
            profile: "small".into(),
            state: State::Ready,
            health: Health::Healthy,
            resources: Resources::default(),
            port: Some(1),
            queued_at: None,
            last_activity: None,
            ..fresh
        }
    }

    fn somebody(id: &str, global: &[&str], project: &[&str], change: impl FnOnce(&mut Grants)) -> Ctx {
        let words = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let mut grants = Grants {
            global: words(global),
            projects: BTreeMap::from([("p1".to_owned(), words(project))]),
            ..Grants::default()
        };
        change(&mut grants);
        let principal = Principal { id: id.into(), name: id.into(), roles: vec![], grants };
        Ctx::new(principal, Clock::fixed(Timestamp(0)), "r")
    }

    fn asked(ctx: &Ctx, shared: Option<Level>, needs: Access) -> Result<Access, Kind> {
        let permission = match needs {
            Access::View => "workspaces.view",
            Access::Use => "workspaces.use",
            Access::Manage => "workspaces.manage",
        };
        decide(ctx, &row(), shared, permission, needs).map_err(|e| e.kind())
    }

    #[test]
    fn to_others_it_does_not_exist() {
        let ada = somebody("user_ada", &[], &["workspaces.*"], |_| {});
        let bob = somebody("user_bob", &[], &["workspaces.*"], |_| {});
        let root = somebody("user_root", &["*"], &[], |_| {});
        assert_eq!(asked(&ada, None, Access::Manage), Ok(Access::Manage));
        assert_eq!(asked(&root, None, Access::Manage), Ok(Access::Manage));
        for needs in [Access::View, Access::Use, Access::Manage] {
            assert_eq!(asked(&bob, None, needs), Err(Kind::NotFound));
        }
        assert_eq!(asked(&bob, Some(Level::View), Access::View), Ok(Access::View));
        assert_eq!(asked(&bob, Some(Level::View), Access::Use), Err(Kind::Forbidden));
        assert_eq!(asked(&bob, Some(Level::Use), Access::Use), Ok(Access::Use));
        assert_eq!(asked(&bob, Some(Level::Use), Access::Manage), Err(Kind::Forbidden));
    }

    #[test]
    fn a_guest_needs_no_right_but_the_share_and_an_owner_needs_membership() {
        let viewer = somebody("user_bob", &[], &["workspaces.view"], |_| {});
        assert_eq!(asked(&viewer, Some(Level::Use), Access::Use), Ok(Access::Use));
        let gone = somebody("user_ada", &[], &[], |_| {});
        assert_eq!(asked(&gone, None, Access::View), Err(Kind::NotFound));
        let outside = somebody("user_bob", &[], &[], |_| {});
        assert_eq!(asked(&outside, Some(Level::Use), Access::Use), Err(Kind::NotFound));
    }

    #[test]
    fn a_token_that_is_known_but_not_allowed_is_told_so() {
        let narrow = |scopes: &[&str], instance: Option<&str>| {
            let scopes = scopes.iter().map(|s| (*s).to_owned()).collect();
            somebody("user_ada", &[], &["workspaces.*"], |g| {
                g.scopes = Some(scopes);
                g.only_instance = instance.map(str::to_owned);
            })
        };
        assert_eq!(asked(&narrow(&["processes.*"], None), None, Access::Use), Err(Kind::Forbidden));
        assert_eq!(asked(&narrow(&["workspaces.use"], Some("ws_1")), None, Access::Use), Ok(Access::Manage));
        assert_eq!(
            asked(&narrow(&["workspaces.use"], Some("ws_1")), None, Access::Manage),
            Err(Kind::Forbidden)
        );
        assert_eq!(
            asked(&narrow(&["workspaces.use"], Some("ws_2")), None, Access::Use),
            Err(Kind::Forbidden)
        );
    }
}
