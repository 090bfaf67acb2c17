//! The door of the HTTP interface, and the same checks for callers of the action catalogue.

use crate::{Identity, Service, Via, audit, origin};
use async_trait::async_trait;
use castalia_base::{Ctx, Error, Kind};
use castalia_events::append;
use castalia_http::{Caller, Operation};
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;

/// Lets requests in: who is it, does it come from our own page, is it too often, may it.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Service>);

impl Gate {
    /// A door before what needs permissions.
    pub fn new(service: Arc<Service>) -> Self {
        Self(service)
    }
}

#[async_trait]
impl castalia_http::Gate for Gate {
    async fn admit(&self, caller: Caller<'_>, operation: &Operation) -> Result<Ctx, Error> {
        let service = &self.0;
        let address = origin::address(caller.headers, caller.peer, &service.config);
        let who = match service.authenticate(caller.headers).await {
            Ok(identity) => identity,
            Err(error) if error.kind() == Kind::Unauthenticated => {
                service.limit(&Identity::anonymous(), address, operation.id)?;
                if operation.permission.is_some() {
                    return Err(error);
                }
                // A worn-out cookie must not keep anybody from signing in.
                Identity::anonymous()
            }
            Err(error) => return Err(error),
        };
        let ctx = Ctx::new(who.principal.clone(), service.clock.clone(), caller.request_id);
        origin::check(caller.method, caller.headers, who.via, &service.config)?;
        service.limit(&who, address, operation.id)?;
        let Some(permission) = operation.permission else {
            return Ok(ctx);
        };
        match allowed(&ctx, permission) {
            Ok(()) => Ok(ctx),
            Err(error) => {
                if origin::is_unsafe(caller.method, caller.headers) {
                    service.note_denied(&ctx, operation.id, permission).await;
                }
                Err(error)
            }
        }
    }
}

fn allowed(ctx: &Ctx, permission: &str) -> Result<(), Error> {
    if ctx.can_somewhere(permission) {
        Ok(())
    } else if ctx.is_anonymous() {
        Err(Error::unauthenticated("sign in, or send an API token as `Authorization: Bearer`"))
    } else {
        Err(Error::forbidden(permission))
    }
}

impl Service {
    fn limit(&self, who: &Identity, address: Option<IpAddr>, operation: &str) -> Result<(), Error> {
        if who.via == Via::Nothing {
            let caller = address.map_or_else(|| "unknown".to_owned(), |a| a.to_string());
            return self.limiter.check(&caller, operation, &[], true);
        }
        // What we run ourselves must not use up its owner's requests, nor the owner its.
        let run = who.token.as_ref().filter(|_| who.via == Via::RunToken);
        let caller = run.map_or(who.principal.id.as_str(), |token| token.as_str());
        self.limiter.check(caller, operation, &who.principal.roles, false)
    }

    /// The checks before an action of the catalogue is called: signed in, not too often, permitted somewhere.
    /// The action itself then checks for the project at hand.
    ///
    /// # Errors
    /// `unauthenticated`, `rate_limited`, `forbidden`.
    pub async fn check_action(&self, ctx: &Ctx, permission: &str, action: &str) -> Result<(), Error> {
        let principal = ctx.principal();
        self.limiter.check(&principal.id, action, &principal.roles, ctx.is_anonymous())?;
        match allowed(ctx, permission) {
            Err(error) if !ctx.is_anonymous() => {
                self.note_denied(ctx, action, permission).await;
                Err(error)
            }
            result => result,
        }
    }

    /// Writes into the audit trail that somebody known was refused. A failure to write is no reason to let in.
    async fn note_denied(&self, ctx: &Ctx, operation: &str, permission: &str) {
        if ctx.is_anonymous() {
            return;
        }
        let written = async {
            let mut tx = self.db.begin().await?;
            let data = json!({"operation": operation, "permission": permission});
            append(&mut tx, ctx, vec![audit::installation("identity.access_denied", data)]).await?;
            tx.commit().await
        };
        if let Err(error) = written.await {
            tracing::warn!(
                error = error.chain(),
                operation,
                "a refusal could not be written to the audit trail"
            );
        }
    }
}
