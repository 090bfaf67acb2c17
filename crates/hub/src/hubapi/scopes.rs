//! What a caller may do, in the words of JupyterHub's scopes.

use super::S;
use crate::access::{ADMINISTER, Access, decide};
use crate::store;
use castalia_base::{Ctx, Error};

/// The scopes of an administrator, as JupyterHub expands them.
const ADMIN: &[&str] = &[
    "access:servers",
    "admin:servers",
    "admin:users",
    "delete:servers",
    "delete:users",
    "list:users",
    "read:hub",
    "read:servers",
    "read:tokens",
    "read:users",
    "read:users:activity",
    "read:users:groups",
    "read:users:name",
    "servers",
    "start:servers",
    "tokens",
    "users",
    "users:activity",
];

/// Whether the caller looks after the installation.
pub(crate) fn is_admin(ctx: &Ctx) -> bool {
    ctx.can_globally(ADMINISTER)
}

/// The caller's scopes, with what they are narrowed to.
pub(crate) async fn of(s: &S, ctx: &Ctx) -> Result<Vec<String>, Error> {
    let name = &ctx.principal().name;
    let mut scopes: Vec<String> =
        ["read:users:name", "read:users:groups", "read:users:activity", "users:activity"]
            .iter()
            .map(|scope| format!("{scope}!user={name}"))
            .collect();
    let mut sql = s.db.read();
    if let Some(instance) = ctx.only_instance() {
        // A token of one workspace: that workspace, and only while its owner of the token may use it.
        if let Some(w) = store::find(&mut sql, instance).await? {
            let shared = store::level_of(&mut sql, &w.id, &ctx.principal().id).await?;
            if decide(ctx, &w, shared, "workspaces.use", Access::Use).is_ok() {
                scopes.push(format!("access:servers!server={}/{}", w.owner_name, w.name));
            }
        }
        scopes.sort();
        return Ok(scopes);
    }
    if is_admin(ctx) {
        scopes.extend(ADMIN.iter().map(|scope| (*scope).to_owned()));
    }
    let me = &ctx.principal().id;
    let mut rows = store::of_owner(&mut sql, me).await?;
    rows.extend(store::shared_with(&mut sql, me).await?);
    for w in rows {
        let shared = store::level_of(&mut sql, &w.id, me).await?;
        if decide(ctx, &w, shared, "workspaces.use", Access::Use).is_ok() {
            scopes.push(format!("access:servers!server={}/{}", w.owner_name, w.name));
        }
    }
    if ctx.can_somewhere("workspaces.open") {
        let own = [
            "servers",
            "start:servers",
            "delete:servers",
            "read:servers",
            "read:users",
            "tokens",
            "read:tokens",
        ];
        scopes.extend(own.iter().map(|scope| format!("{scope}!user={name}")));
    }
    scopes.sort();
    scopes.dedup();
    Ok(scopes)
}
