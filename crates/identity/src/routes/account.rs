//! Oneself: profile, sessions, tokens.

use super::{Items, S, SessionPath, TokenPath, TokenQuery};
use crate::{Account, AccountPatch, IssuedToken, NewToken, Session, Token};
use castalia_base::{Ctx, Error};
use castalia_http::{Page, PageQuery, Req};

pub(super) async fn show(service: S, ctx: Ctx, _: Req) -> Result<Account, Error> {
    service.account(&ctx).await
}

pub(super) async fn update(service: S, ctx: Ctx, req: Req<(), (), AccountPatch>) -> Result<Account, Error> {
    let identity = service.authenticate(&req.headers).await?;
    service.update_account(&ctx, &identity, req.body).await
}

pub(super) async fn sessions(service: S, ctx: Ctx, req: Req) -> Result<Items<Session>, Error> {
    let asker = service.authenticate(&req.headers).await?;
    Ok(Items { items: service.sessions(&ctx, &asker).await? })
}

pub(super) async fn end_session(service: S, ctx: Ctx, req: Req<SessionPath>) -> Result<(), Error> {
    service.end_session(&ctx, &req.path.session.parse()?).await
}

pub(super) async fn tokens(service: S, ctx: Ctx, req: Req<(), TokenQuery>) -> Result<Page<Token>, Error> {
    let page = PageQuery { after: req.query.after, limit: req.query.limit };
    if req.query.all { service.all_tokens(&ctx, &page).await } else { service.tokens(&ctx, &page).await }
}

pub(super) async fn create_token(
    service: S,
    ctx: Ctx,
    req: Req<(), (), NewToken>,
) -> Result<IssuedToken, Error> {
    let asker = service.authenticate(&req.headers).await?;
    service.create_token_as(&ctx, &asker, req.body).await
}

pub(super) async fn revoke_token(service: S, ctx: Ctx, req: Req<TokenPath>) -> Result<(), Error> {
    service.revoke_token(&ctx, &req.path.token.parse()?).await
}
