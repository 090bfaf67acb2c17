//! The loop that lets in: on a nudge and on a timer, whoever waits and fits.

use crate::Service;
use crate::admission::decide;
use crate::service::workspace_event;
use crate::store::{self, Waiting, WorkspaceRow};
use castalia_base::id::UserId;
use castalia_base::{Ctx, Error};
use castalia_db::Tx;
use castalia_events::append;
use castalia_identity::{NewClient, NewToken};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;

/// At most this many are looked at in one turn; the rest waits for the next.
const PAGE: usize = 256;

pub(crate) async fn run(service: Arc<Service>) {
    loop {
        service.lease.wait().await;
        if let Err(error) = service.admit_now().await {
            tracing::warn!(error = error.chain(), "workspaces could not be let in; trying again");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        tokio::select! {
            () = service.admit.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
    }
}

/// What a run is given to prove who it is; sealed in its row until it has ended.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// Reaches the workspace itself and nothing else.
    pub(crate) own: String,
    /// For its programs, with what its definition allows them of our API.
    pub(crate) api: Option<String>,
}

/// The OAuth client of a workspace, also the name of the cookie in which its program keeps a browser's token.
pub(crate) fn client_id(w: &WorkspaceRow) -> String {
    format!("jupyterhub-user-{}-{}", w.owner_name, w.name)
}

impl Service {
    async fn admit_now(&self) -> Result<(), Error> {
        let node = &self.config.installation;
        // A look without the writer's lock first: most wake-ups find nothing to do.
        if store::waiting(&mut self.db.read(), node, 1).await?.is_empty() {
            return Ok(());
        }
        let ctx = self.system();
        let mut tx = self.db.begin().await?;
        store::lock(&mut tx).await?;
        // What this server believes of its lease may be a moment old; what is locked here is not.
        if !store::has_server(&mut tx, node, &self.lease.holder).await? {
            return Ok(());
        }
        let used = store::taken(&mut tx, node).await?;
        let candidates = store::waiting(&mut tx, node, PAGE).await?;
        let n = decide(&self.config.capacity, used, &candidates);
        metrics::gauge!("castalia_workspaces_queued").set((candidates.len() - n) as f64);
        let (mut admitted, mut events) = (Vec::new(), Vec::new());
        for candidate in &candidates[..n] {
            let Some(w) = store::lock_row(&mut tx, &candidate.id).await? else { continue };
            if self.let_in(&mut tx, &ctx, &w).await? {
                events.push(workspace_event(&w, "workspace.starting", json!({"state": "starting"})));
                admitted.push(w);
            }
        }
        append(&mut tx, &ctx, events).await?;
        tx.commit().await?;
        self.fault("admitted");
        for w in &admitted {
            tracing::info!(workspace = w.name, run = w.run, "workspace is let in");
            self.nudge(w);
        }
        Ok(())
    }

    /// Gives a workspace its port, its tokens and its OAuth client.
    async fn let_in(&self, tx: &mut Tx, ctx: &Ctx, w: &WorkspaceRow) -> Result<bool, Error> {
        let secrets = match w.owner_id.parse::<UserId>() {
            Ok(owner) => self.credentials(tx, w, &owner).await?,
            // One that waits to be claimed serves nobody yet.
            Err(_) => Secrets::default(),
        };
        let hash = hex::encode(Sha256::digest(secrets.own.as_bytes()));
        let sealed = self.identity.vault().seal(&w.unit_name(), &serde_json::to_vec(&secrets)?)?;
        let port = self.ports.take(&store::ports(tx, &w.node).await?)?;
        let waiting = Waiting { id: &w.id, port, sealed_secret: &sealed, secret_hash: &hash };
        let admitted = store::admit(tx, &waiting, ctx.now()).await?;
        if admitted {
            store::add_stage(tx, (&w.id, w.run), "admitted", None, ctx.now()).await?;
        }
        Ok(admitted)
    }

    async fn credentials(&self, tx: &mut Tx, w: &WorkspaceRow, owner: &UserId) -> Result<Secrets, Error> {
        // Whatever an earlier run had is dead already; this makes sure of it.
        self.identity.end_instance(tx, &w.id).await?;
        let new = |scopes: Vec<String>| -> Result<NewToken, Error> {
            let project = Some(w.project_id.parse()?);
            Ok(NewToken { name: w.name.clone(), scopes: Some(scopes), project, expires_at: None })
        };
        let own = new(vec!["workspaces.view".into(), "workspaces.use".into()])?;
        let own = self.identity.issue_instance_token(tx, owner, &w.id, own).await?.secret.expose().to_owned();
        self.register_client(tx, w, &hex::encode(Sha256::digest(own.as_bytes()))).await?;
        let api = match w.definition.api.as_slice() {
            [] => None,
            scopes => {
                let token =
                    self.identity.issue_program_token(tx, owner, &w.id, new(scopes.to_vec())?).await?;
                Some(token.secret.expose().to_owned())
            }
        };
        Ok(Secrets { own, api })
    }

    pub(crate) async fn register_client(
        &self,
        tx: &mut Tx,
        w: &WorkspaceRow,
        secret_hash: &str,
    ) -> Result<(), Error> {
        let new = NewClient {
            id: &client_id(w),
            secret_hash,
            redirect_uri: &format!("{}oauth_callback", self.prefix_of(w)),
            instance: &w.id,
            project: &w.project_id.parse()?,
        };
        self.identity.put_client(tx, &new).await
    }
}
