//! Users and roles.

use super::{Items, RolePath, S, UserPath};
use crate::{NewRole, NewUser, Role, RolePatch, User, UserPatch};
use castalia_base::{Ctx, Error};
use castalia_http::{Page, PageQuery, Req};

pub(super) async fn list(service: S, ctx: Ctx, req: Req<(), PageQuery>) -> Result<Page<User>, Error> {
    service.users(&ctx, &req.query).await
}

pub(super) async fn create(service: S, ctx: Ctx, req: Req<(), (), NewUser>) -> Result<User, Error> {
    service.create_user(&ctx, req.body).await
}

pub(super) async fn show(service: S, ctx: Ctx, req: Req<UserPath>) -> Result<User, Error> {
    service.user(&ctx, &req.path.user).await
}

pub(super) async fn update(service: S, ctx: Ctx, req: Req<UserPath, (), UserPatch>) -> Result<User, Error> {
    service.update_user(&ctx, &req.path.user, req.body).await
}

pub(super) async fn remove(service: S, ctx: Ctx, req: Req<UserPath>) -> Result<(), Error> {
    service.delete_user(&ctx, &req.path.user).await
}

pub(super) async fn roles(service: S, _: Ctx, _: Req) -> Result<Items<Role>, Error> {
    Ok(Items { items: service.roles().await? })
}

pub(super) async fn create_role(service: S, ctx: Ctx, req: Req<(), (), NewRole>) -> Result<Role, Error> {
    service.create_role(&ctx, req.body).await
}

pub(super) async fn role(service: S, _: Ctx, req: Req<RolePath>) -> Result<Role, Error> {
    service.role(&req.path.role).await
}

pub(super) async fn update_role(
    service: S,
    ctx: Ctx,
    req: Req<RolePath, (), RolePatch>,
) -> Result<Role, Error> {
    service.update_role(&ctx, &req.path.role, req.body).await
}

pub(super) async fn delete_role(service: S, ctx: Ctx, req: Req<RolePath>) -> Result<(), Error> {
    service.delete_role(&ctx, &req.path.role).await
}
