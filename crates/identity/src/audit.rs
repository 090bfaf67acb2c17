//! The events of this crate. They are the audit trail: who did what to whom, never a secret.

use castalia_base::id::UserId;
use castalia_base::{Ctx, Error, Principal};
use castalia_db::Tx;
use castalia_events::{NewEvent, append};
use serde_json::Value;

/// Something that happened to a user; the user may listen to it.
pub(crate) fn to_user(user: &UserId, kind: &'static str, data: Value) -> NewEvent {
    NewEvent { topic: format!("user.{user}"), kind, project: None, data }
}

/// Something that happened to the installation.
pub(crate) fn installation(kind: &'static str, data: Value) -> NewEvent {
    NewEvent { topic: "identity".into(), kind, project: None, data }
}

/// Appends one event and commits.
pub(crate) async fn commit(mut tx: Tx, ctx: &Ctx, event: NewEvent) -> Result<(), Error> {
    append(&mut tx, ctx, vec![event]).await?;
    tx.commit().await
}

/// The same request, made by somebody who has just proved who it is.
pub(crate) fn acting_as(ctx: &Ctx, id: &UserId, name: &str) -> Ctx {
    let principal = Principal { id: id.to_string(), name: name.to_owned(), ..Principal::anonymous() };
    Ctx::new(principal, ctx.clock().clone(), ctx.request_id())
}
