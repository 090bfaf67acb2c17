//! The service: what all its parts share, and what it does in the background.

use crate::cache::Cache;
use crate::keys::Keys;
use crate::limits::Limiter;
use crate::password::Passwords;
use crate::store;
use crate::{Config, Vault};
use castalia_base::id::TokenId;
use castalia_base::tasks::Tasks;
use castalia_base::{Clock, Ctx, Error};
use castalia_db::Db;
use castalia_events::Bus;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// Users, sessions, tokens, roles, and who may do what.
pub struct Service {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) config: Config,
    pub(crate) cache: Cache,
    pub(crate) limiter: Limiter,
    pub(crate) keys: Keys,
    pub(crate) passwords: Passwords,
    vault: Vault,
}

impl std::fmt::Debug for Service {
    /// Only its name: the database's URL may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("identity::Service(…)")
    }
}

/// Makes the service. Call [`Service::run_background`] when the bus is there.
pub fn build(db: Db, clock: Clock, config: Config) -> Arc<Service> {
    let vault = Vault::new(&config.master_key);
    Arc::new(Service {
        cache: Cache::new(config.cache_ms),
        limiter: Limiter::new(config.limits.clone()),
        keys: Keys::new(vault.clone()),
        passwords: Passwords::new(),
        vault,
        db,
        clock,
        config,
    })
}

/// Whether an event of this kind may change what somebody may do.
fn changes_rights(kind: &str) -> bool {
    matches!(
        kind,
        "identity.user_changed"
            | "identity.user_deleted"
            | "identity.password_changed"
            | "identity.role_changed"
            | "identity.role_deleted"
            | "identity.token_revoked"
            | "identity.session_ended"
            | "project.created"
            | "project.member_changed"
            | "project.member_removed"
    )
}

impl Service {
    /// What the installation decided.
    pub fn config(&self) -> &Config {
        &self.config
    }
    /// Seals small secrets of other capabilities with the master key.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }
    /// Forgets all kept authentications, so that a change holds from the next request on. Called after the
    /// commit of whatever changes users, roles, tokens or memberships.
    pub fn forget(&self) {
        self.cache.clear();
    }

    /// Forgets what one token lets in; for [`Service::end_token`], after its commit.
    pub fn forget_token(&self, token: &TokenId) {
        self.cache.forget_token(token.as_str());
    }

    /// Forgets authentications when another replica changed something, and deletes what has expired.
    pub fn run_background(self: &Arc<Self>, bus: &Bus, tasks: &Tasks) {
        let (service, mut events) = (self.clone(), bus.subscribe());
        tasks.spawn_until_stop("identity.watch", async move {
            loop {
                match events.recv().await {
                    Ok(event) if changes_rights(&event.kind) => service.forget(),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => service.forget(),
                    Err(RecvError::Closed) => return,
                }
            }
        });
        let service = self.clone();
        tasks.spawn_until_stop("identity.sweep", async move {
            loop {
                tokio::time::sleep(Duration::from_secs(60)).await;
                if let Err(error) = service.sweep().await {
                    tracing::warn!(
                        error = error.chain(),
                        "expired sessions and tokens could not be deleted; trying again"
                    );
                }
            }
        });
    }

    /// Deletes expired sessions and tokens, old brakes and keys whose last JWT has expired. Returns how
    /// many rows went.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn sweep(&self) -> Result<u64, Error> {
        let now = self.clock.now();
        self.limiter.shrink();
        let mut tx = self.db.begin().await?;
        let mut gone = store::sessions::delete_expired(&mut tx, now).await?;
        gone += store::tokens::delete_expired(&mut tx, now).await?;
        // Used codes are remembered for a day, so that one that comes again is known for what it is.
        gone += store::oauth::delete_old_codes(&mut tx, now.plus_ms(-24 * 3600 * 1000)).await?;
        gone += store::brakes::delete_old(&mut tx, now.plus_ms(-crate::brake::MEMORY_MS)).await?;
        gone += self.keys.delete_outlived(&mut tx, now, self.config.jwt_seconds * 1000).await?;
        tx.commit().await?;
        Ok(gone)
    }

    /// Refuses what another site's page sends with our cookie; for paths that have a door of their own.
    ///
    /// # Errors
    /// `cross_site`.
    pub fn check_origin(
        &self,
        method: &axum::http::Method,
        headers: &axum::http::HeaderMap,
        via: crate::Via,
    ) -> Result<(), Error> {
        crate::origin::check(method, headers, via, &self.config)
    }

    pub(crate) fn system(&self) -> Ctx {
        Ctx::system(self.clock.clone())
    }
}
