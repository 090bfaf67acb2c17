//! API tokens: made by people for programs, and by the platform for what it runs.

use crate::account::user_of;
use crate::audit;
use crate::crypto::random_text;
use crate::model::{IssuedToken, NewToken, Token};
use crate::roles::check_patterns;
use crate::{Identity, Service, store};
use castalia_base::id::{ProjectId, TokenId, UserId};
use castalia_base::{Ctx, Error, Grants, permission};
use castalia_db::Tx;
use castalia_http::{Page, PageQuery};
use serde_json::json;

/// A token with a fresh secret; nothing is stored yet.
pub(crate) fn make(new: NewToken) -> IssuedToken {
    IssuedToken {
        id: TokenId::fresh(),
        name: new.name,
        secret: random_text("cas_").into(),
        scopes: new.scopes,
        project: new.project,
        expires_at: new.expires_at,
    }
}

/// A token made with a narrowed token is at least as narrow.
fn narrow(grants: &Grants, mut new: NewToken) -> Result<NewToken, Error> {
    if grants.only_instance.is_some() {
        return Err(Error::forbidden("account.tokens"));
    }
    if let Some(scopes) = &grants.scopes {
        let asked = new.scopes.get_or_insert_with(|| scopes.clone());
        if let Some(wide) = asked.iter().find(|pattern| !permission::any_grants(scopes, pattern)) {
            return Err(Error::field(
                "wider_scope",
                "/scopes",
                format!("the token that asks does not reach `{wide}`"),
            ));
        }
    }
    if let Some(only) = &grants.only_project {
        let project: ProjectId = only.parse()?;
        if new.project.get_or_insert(project).as_str() != only {
            return Err(Error::field(
                "wider_scope",
                "/project",
                "the token that asks reaches another project only",
            ));
        }
    }
    Ok(new)
}

impl Service {
    /// Makes a named token for the caller; its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// `wider_scope` when a narrowed token asks for more than it reaches, `invalid_permission`,
    /// `invalid_name`, `expired`.
    pub async fn create_token(&self, ctx: &Ctx, new: NewToken) -> Result<IssuedToken, Error> {
        let user = user_of(ctx)?;
        let length = new.name.trim().chars().count();
        if !(1..=100).contains(&length) || new.name.chars().any(char::is_control) {
            return Err(Error::field(
                "invalid_name",
                "/name",
                "say in 1 to 100 characters what the token is for",
            ));
        }
        check_patterns("scopes", new.scopes.as_deref().unwrap_or_default())?;
        if new.expires_at.is_some_and(|at| at <= ctx.now()) {
            return Err(Error::field("expired", "/expires_at", "lies in the past"));
        }
        let issued = make(narrow(&ctx.principal().grants, new)?);
        let mut tx = self.db.begin().await?;
        store::tokens::insert(&mut tx, &issued, &user, "named", ctx.now()).await?;
        let data = json!({
            "token": issued.id, "name": issued.name, "scopes": issued.scopes,
            "project": issued.project, "expires_at": issued.expires_at
        });
        audit::commit(tx, ctx, audit::to_user(&user, "identity.token_created", data)).await?;
        Ok(issued)
    }

    /// [`Service::create_token`] for a caller who may itself use a token: the new one does not outlive it.
    ///
    /// # Errors
    /// As [`Service::create_token`].
    pub async fn create_token_as(
        &self,
        ctx: &Ctx,
        asker: &Identity,
        mut new: NewToken,
    ) -> Result<IssuedToken, Error> {
        if let Some(id) = &asker.token {
            let found = store::tokens::by_id(&mut self.db.read(), id.as_str(), ctx.now()).await?;
            let found = found.ok_or_else(|| Error::unauthenticated("the API token has ended"))?;
            let end = found.token.expires_at;
            new.expires_at =
                end.map_or(new.expires_at, |end| Some(new.expires_at.map_or(end, |asked| asked.min(end))));
        }
        self.create_token(ctx, new).await
    }

    /// Makes a token for something that the platform runs for `user`, in the caller's transaction. It is not
    /// listed and leaves no event; whoever runs the thing revokes it at the end, and it expires by itself.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn issue_token(&self, tx: &mut Tx, user: &UserId, new: NewToken) -> Result<IssuedToken, Error> {
        let issued = make(new);
        store::tokens::insert(tx, &issued, user, "run", self.clock.now()).await?;
        Ok(issued)
    }

    /// Ends a token in the caller's transaction; call [`Service::forget_token`] after the commit. Ending it
    /// twice does nothing.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn end_token(&self, tx: &mut Tx, token: &TokenId) -> Result<(), Error> {
        store::tokens::delete(tx, token).await.map(|_| ())
    }

    /// The caller's named tokens.
    ///
    /// # Errors
    /// `unauthenticated` when nobody is signed in, `forbidden` for a token that is bound to a project.
    pub async fn tokens(&self, ctx: &Ctx, page: &PageQuery) -> Result<Page<Token>, Error> {
        ctx.require_globally("account.view")?;
        self.list_tokens(Some(&user_of(ctx)?), page).await
    }

    /// Everybody's named tokens.
    ///
    /// # Errors
    /// `forbidden` without `tokens.view`.
    pub async fn all_tokens(&self, ctx: &Ctx, page: &PageQuery) -> Result<Page<Token>, Error> {
        ctx.require_globally("tokens.view")?;
        self.list_tokens(None, page).await
    }

    async fn list_tokens(&self, user: Option<&UserId>, page: &PageQuery) -> Result<Page<Token>, Error> {
        let after = page.after.as_deref().unwrap_or_default();
        let tokens = store::tokens::list(&mut self.db.read(), user, after, page.limit() + 1).await?;
        Ok(Page::of(tokens, page.limit(), |token| token.id.to_string()))
    }

    /// Ends a token: one's own, or with `tokens.manage` anybody's.
    ///
    /// # Errors
    /// `not_found` when there is none or it is not the caller's to end.
    pub async fn revoke_token(&self, ctx: &Ctx, id: &TokenId) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let found = store::tokens::by_id(&mut tx, id.as_str(), ctx.now()).await?;
        let own = |t: &Token| t.user.as_str() == ctx.principal().id && ctx.can_globally("account.tokens");
        let token = found
            .map(|found| found.token)
            .filter(|token| own(token) || ctx.can_globally("tokens.manage"))
            .ok_or_else(|| Error::not_found("token", id))?;
        store::tokens::delete(&mut tx, id).await?;
        let data = json!({"token": token.id, "name": token.name});
        audit::commit(tx, ctx, audit::to_user(&token.user, "identity.token_revoked", data)).await?;
        self.forget();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(patterns: &[&str]) -> Option<Vec<String>> {
        Some(patterns.iter().map(|p| (*p).to_owned()).collect())
    }

    #[test]
    fn a_token_made_with_a_narrow_token_is_as_narrow() {
        let grants = Grants { scopes: scopes(&["processes.*"]), ..Grants::default() };
        let asked = |s| NewToken { scopes: s, ..NewToken::default() };
        assert_eq!(narrow(&grants, asked(None)).expect("inherits").scopes, scopes(&["processes.*"]));
        assert!(narrow(&grants, asked(scopes(&["processes.view"]))).is_ok());
        assert!(narrow(&grants, asked(scopes(&["*"]))).is_err());
        assert!(narrow(&grants, asked(scopes(&["*.view"]))).is_err());
    }
}
