//! Members of a project. There is always one with the role `admin`.

use crate::model::Project;
use crate::service::event;
use crate::{Service, store};
use castalia_base::id::UserId;
use castalia_base::{Ctx, Error};
use castalia_db::Tx;
use castalia_events::append;
use castalia_http::{Page, PageQuery};
use castalia_identity::memberships::{self, Member};
use serde_json::json;

fn last_admin(project: &Project) -> Error {
    Error::conflict(
        "last_admin",
        format!("this is the last administrator of `{}`; make another one first", project.name),
    )
}

impl Service {
    /// The members of a project by name.
    ///
    /// # Errors
    /// As [`Service::find`] with `members.view`.
    pub async fn members(&self, ctx: &Ctx, project: &str, page: &PageQuery) -> Result<Page<Member>, Error> {
        let project = self.find(ctx, project, "members.view").await?;
        let after = page.after.as_deref().unwrap_or_default();
        let members = memberships::list(&mut self.db.read(), &project.id, after, page.limit() + 1).await?;
        Ok(Page::of(members, page.limit(), |member| member.name.clone()))
    }

    /// Makes a user (id or name) a member, or gives a member another role.
    ///
    /// # Errors
    /// `last_admin`, `unknown_role`, `not_found` for the user; as [`Service::find`] with `members.manage`.
    pub async fn put_member(
        &self,
        ctx: &Ctx,
        project: &str,
        user: &str,
        role: &str,
    ) -> Result<Member, Error> {
        let project = self.find(ctx, project, "members.manage").await?;
        let mut tx = self.db.begin().await?;
        store::lock(&mut tx, &project.id).await?;
        let user = self.identity.find_user(&mut tx, user).await?;
        self.identity.check_roles(&mut tx, "/role", &[role.to_owned()]).await?;
        let before = memberships::find(&mut tx, &project.id, user.id.as_str()).await?;
        memberships::put(&mut tx, &project.id, &user.id, role, ctx.now()).await?;
        self.keep_an_admin(&mut tx, &project, before.as_ref()).await?;
        let data = json!({"user": user.id, "name": user.name, "role": role});
        append(&mut tx, ctx, vec![event(&project.id, "project.member_changed", data)]).await?;
        let member = memberships::find(&mut tx, &project.id, user.id.as_str()).await?;
        tx.commit().await?;
        self.identity.forget();
        member.ok_or_else(|| Error::internal("a member that was just made can't be read"))
    }

    /// Ends a membership. One's own may be ended without `members.manage`.
    ///
    /// # Errors
    /// `last_admin`, `not_found`; as [`Service::find`].
    pub async fn remove_member(&self, ctx: &Ctx, project: &str, user: &str) -> Result<(), Error> {
        let own = user == ctx.principal().id || user == ctx.principal().name;
        let needed = if own { "projects.view" } else { "members.manage" };
        let project = self.find(ctx, project, needed).await?;
        let mut tx = self.db.begin().await?;
        store::lock(&mut tx, &project.id).await?;
        let member = memberships::find(&mut tx, &project.id, user).await?;
        let member = member.ok_or_else(|| Error::not_found("member", user))?;
        let id: &UserId = &member.user;
        memberships::remove(&mut tx, &project.id, id).await?;
        self.keep_an_admin(&mut tx, &project, Some(&member)).await?;
        let data = json!({"user": id, "name": member.name});
        append(&mut tx, ctx, vec![event(&project.id, "project.member_removed", data)]).await?;
        tx.commit().await?;
        self.identity.forget();
        Ok(())
    }

    /// Refuses a change by which the last administrator stops being one.
    async fn keep_an_admin(
        &self,
        tx: &mut Tx,
        project: &Project,
        before: Option<&Member>,
    ) -> Result<(), Error> {
        let was_admin = before.is_some_and(|member| member.role == "admin");
        if was_admin && memberships::count(tx, &project.id, "admin").await? == 0 {
            return Err(last_admin(project));
        }
        Ok(())
    }
}
