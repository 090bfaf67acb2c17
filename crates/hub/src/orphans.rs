//! Units that carry our label and that no record claims: reported, and then adopted or ended by an administrator.
//!
//! Nothing is ever ended because the database does not know it. A unit is an orphan only if it is older than two
//! minutes, no workspace of anybody claims it, and nothing of its user is starting. When in doubt it is left alone.

use crate::Service;
use crate::access::{ADMINISTER, Access};
use crate::api::Adopt;
use crate::model::{OrphanView, State, WorkspaceView};
use crate::service::workspace_event;
use crate::store::{self, New, WorkspaceRow};
use castalia_base::{Ctx, Error, Timestamp};
use castalia_compute::{
    Cause, Exit, ORPHAN_AGE_MS, OWNER_LABEL, Observed, Phase, Settled, StopRequest, UnitId,
};
use castalia_events::append;
use castalia_identity::NewToken;
use serde_json::json;
use std::time::Duration;

/// Begins the reason of a stop that ended an orphan, so that a later server knows that it may clear it away.
const ENDED: &str = "orphan ended by ";

/// What a unit that carries our label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// A workspace's newest run.
    Claimed,
    /// Too young to tell.
    Young,
    /// Its user is starting something, which may be about to claim it.
    OwnerStarting,
    /// Nobody's.
    Orphan,
}

impl Claim {
    fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Young => "young",
            Self::OwnerStarting => "owner_starting",
            Self::Orphan => "orphan",
        }
    }
}

/// What the records say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Records {
    /// The units of all workspaces that run or may.
    pub(crate) units: Vec<String>,
    /// Names of users of whom something waits or starts.
    pub(crate) starting: Vec<String>,
}

/// Decides whose a unit is. Pure; `now` in milliseconds UTC.
pub(crate) fn judge(unit: &Observed, records: &Records, now: i64) -> Claim {
    if records.units.iter().any(|known| known == unit.id.as_str()) {
        return Claim::Claimed;
    }
    if now - unit.created_at < ORPHAN_AGE_MS {
        return Claim::Young;
    }
    match unit.labels.get("castalia.user") {
        Some(user) if records.starting.contains(user) => Claim::OwnerStarting,
        _ => Claim::Orphan,
    }
}

fn is_ours(unit: &Observed) -> bool {
    unit.labels.get(OWNER_LABEL).is_some_and(|owner| owner == "workspaces")
}

fn label(unit: &Observed, name: &str) -> Option<String> {
    unit.labels.get(&format!("castalia.{name}")).filter(|v| !v.is_empty()).cloned()
}

impl Service {
    pub(crate) async fn note_orphan(&self, unit: &Observed) {
        metrics::counter!("castalia_workspace_orphans_total").increment(1);
        tracing::warn!(
            unit = %unit.id,
            workspace = label(unit, "name"),
            user = label(unit, "user"),
            "a running workspace has no record; it is left alone, look at it with `castalia workspace orphans`"
        );
        let ctx = self.system();
        let data =
            json!({"unit": unit.id.as_str(), "user": label(unit, "user"), "name": label(unit, "name")});
        let event = castalia_events::NewEvent {
            topic: "workspaces".into(),
            kind: "workspace.orphan",
            project: None,
            data,
        };
        let told = async {
            let mut tx = self.db.begin().await?;
            append(&mut tx, &ctx, vec![event]).await?;
            tx.commit().await
        };
        if let Err(error) = told.await {
            tracing::warn!(error = error.chain(), "an orphan could not be told of");
        }
    }

    /// The end of a unit that no record claims: cleared away only when an administrator ended it.
    pub(crate) async fn end_of_unclaimed(&self, unit: &UnitId, exit: &Exit) -> Result<Settled, Error> {
        let ended_by_us = matches!(&exit.cause, Cause::Stopped { reason } if reason.starts_with(ENDED));
        // A workspace that was deleted, or a run before the newest one, left nothing that anybody needs.
        let known = match store::of_unit(unit.as_str()) {
            Some((workspace, run)) => {
                store::find(&mut self.db.read(), &workspace).await?.is_some_and(|w| w.run > run)
            }
            None => false,
        };
        Ok(if ended_by_us || known { Settled::Recorded } else { Settled::Unknown })
    }

    async fn records(&self) -> Result<Records, Error> {
        let mut sql = self.db.read();
        let active = store::active(&mut sql, &self.config.installation).await?;
        let starting = store::starting_owners(&mut sql).await?;
        Ok(Records { units: active.iter().map(WorkspaceRow::unit_name).collect(), starting })
    }

    async fn unclaimed_units(&self, ctx: &Ctx) -> Result<Vec<(Observed, Claim)>, Error> {
        self.in_charge().await?;
        // The backend first: what it knows and the records do not is then surely none of theirs.
        let seen = self.backend.list().await.map_err(Error::internal)?;
        let records = self.records().await?;
        let mut found: Vec<(Observed, Claim)> = seen
            .into_iter()
            .filter(|unit| is_ours(unit) && !matches!(unit.phase, Phase::Ended(_)))
            .map(|unit| {
                let claim = judge(&unit, &records, ctx.now().0);
                (unit, claim)
            })
            .filter(|(_, claim)| *claim != Claim::Claimed)
            .collect();
        found.sort_by_key(|(unit, _)| unit.created_at);
        Ok(found)
    }

    /// What runs though no record claims it.
    ///
    /// # Errors
    /// `forbidden` without `workspaces.administer`.
    pub async fn orphans(&self, ctx: &Ctx) -> Result<Vec<OrphanView>, Error> {
        ctx.require_globally(ADMINISTER)?;
        let found = self.unclaimed_units(ctx).await?;
        metrics::gauge!("castalia_workspace_orphans").set(found.len() as f64);
        Ok(found.iter().map(|(unit, claim)| view(unit, *claim)).collect())
    }

    async fn orphan_named(&self, ctx: &Ctx, name: &str) -> Result<Observed, Error> {
        ctx.require_globally(ADMINISTER)?;
        let found = self.unclaimed_units(ctx).await?.into_iter().find(|(unit, _)| unit.id.as_str() == name);
        let (unit, claim) = found.ok_or_else(|| Error::not_found("orphan", name))?;
        match claim {
            Claim::Orphan => Ok(unit),
            claim => Err(Error::conflict(
                "not_an_orphan_yet",
                format!("it is not sure that nobody claims it ({}); wait two minutes", claim.as_str()),
            )),
        }
    }

    /// Ends an orphan.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `not_an_orphan_yet`.
    pub async fn end_orphan(&self, ctx: &Ctx, unit: &str) -> Result<(), Error> {
        let orphan = self.orphan_named(ctx, unit).await?;
        let reason = format!("{ENDED}{}", ctx.principal().name);
        let stop = StopRequest { reason, grace: Duration::from_secs(10) };
        self.backend.stop(&orphan.id, stop).await.map_err(Error::internal)?;
        let data = json!({"unit": unit, "user": label(&orphan, "user"), "name": label(&orphan, "name")});
        let kind = "workspace.orphan_ended";
        let event = castalia_events::NewEvent { topic: "workspaces".into(), kind, project: None, data };
        let mut tx = self.db.begin().await?;
        append(&mut tx, ctx, vec![event]).await?;
        tx.commit().await?;
        tracing::warn!(unit, by = ctx.principal().name, "an orphan is ended");
        Ok(())
    }

    /// Takes an orphan up again: it becomes a workspace, as it runs, with its address and its token.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `not_an_orphan_yet`, `not_adoptable`, `unknown_user`.
    pub(crate) async fn adopt_orphan(
        self: &std::sync::Arc<Self>,
        ctx: &Ctx,
        unit: &str,
        adopt: Adopt,
    ) -> Result<WorkspaceView, Error> {
        let orphan = self.orphan_named(ctx, unit).await?;
        let w = self.row_of(ctx, &orphan, adopt).await?;
        let mut tx = self.db.begin().await?;
        store::insert(&mut tx, &w).await.map_err(|error| {
            if castalia_db::is_unique_violation(&error) {
                let text = format!("there is a workspace {} already, which runs something else", w.name);
                return Error::conflict("not_adoptable", text);
            }
            error
        })?;
        store::mark_started(&mut tx, &w).await?;
        // Its row alone may have been lost: what else was known of it is told anew, and no other token lives on.
        store::remove_stages(&mut tx, &w.id, i64::MAX).await?;
        self.identity.end_instance(&mut tx, &w.id).await?;
        store::add_stage(&mut tx, (&w.id, w.run), "adopted", Some("its record had been lost"), ctx.now())
            .await?;
        if let Some(hash) = &w.secret_hash {
            let new = NewToken {
                name: w.name.clone(),
                scopes: Some(vec!["workspaces.view".into(), "workspaces.use".into()]),
                project: Some(w.project_id.parse()?),
                expires_at: None,
            };
            self.identity.adopt_instance_token(&mut tx, &w.owner_id.parse()?, &w.id, hash, new).await?;
            self.register_client(&mut tx, &w, hash).await?;
        }
        append(
            &mut tx,
            ctx,
            vec![workspace_event(&w, "workspace.adopted", json!({"unit": unit, "title": w.title}))],
        )
        .await?;
        tx.commit().await?;
        self.identity.forget();
        tracing::warn!(unit, workspace = w.name, by = ctx.principal().name, "an orphan is adopted");
        self.watch(&w.id, w.run);
        self.nudge(&w);
        self.view(ctx, &w.id, Access::Manage).await
    }

    async fn row_of(&self, ctx: &Ctx, orphan: &Observed, adopt: Adopt) -> Result<WorkspaceRow, Error> {
        let missing =
            |what: &str| Error::conflict("not_adoptable", format!("its labels do not say its {what}"));
        let (id, run) = store::of_unit(orphan.id.as_str()).ok_or_else(|| missing("workspace"))?;
        let service = label(orphan, "service").ok_or_else(|| missing("service"))?;
        let labelled = label(orphan, "user");
        let user = adopt.user.clone().or(labelled.clone()).ok_or_else(|| missing("user"))?;
        let owner = self.identity.ctx_of(&user, ctx.request_id()).await.map_err(|_| {
            Error::field(
                "unknown_user",
                "/user",
                format!("there is no user `{user}` who could own it; name another"),
            )
        })?;
        let definition = self.definition(&service)?;
        let owner_name = owner.principal().name.clone();
        // A program that knows its address serves at no other.
        let moved = labelled.as_deref() != Some(owner_name.as_str());
        if moved && definition.prefix() == crate::Prefix::Keep {
            let text = format!(
                "its program knows that it is {}'s; only a user of that name can own it",
                labelled.unwrap_or_default()
            );
            return Err(Error::conflict("not_adoptable", text));
        }
        let project = match adopt.project.or(label(orphan, "project")) {
            Some(project) => self.projects.find(&owner, &project, "workspaces.view").await,
            None => Err(missing("project")),
        };
        let project = match project {
            Ok(project) => project,
            Err(_) => self.some_project(&owner).await?,
        };
        let since = match orphan.phase {
            Phase::Running { since, .. } => Timestamp(since),
            _ => Timestamp(orphan.created_at),
        };
        let profile = definition.profile(label(orphan, "profile").as_deref()).or(definition.profile(None));
        let profile = profile.ok_or_else(|| missing("profile"))?;
        let fresh = WorkspaceRow::fresh(New {
            id,
            name: label(orphan, "name").ok_or_else(|| missing("name"))?,
            title: definition.title.clone(),
            owner: (owner.principal().id.clone(), owner_name),
            project_id: project.id.to_string(),
            node: self.config.installation.clone(),
            definition,
            profile,
            created_at: Timestamp(orphan.created_at),
        });
        Ok(WorkspaceRow {
            run,
            // The monitor finds out whether it is ready.
            state: State::Starting,
            port: label(orphan, "port").and_then(|p| p.parse().ok()),
            secret_hash: label(orphan, "token"),
            queued_at: None,
            started_at: Some(since),
            last_activity: Some(ctx.now()),
            ..fresh
        })
    }
}

fn view(unit: &Observed, claim: Claim) -> OrphanView {
    let (since, pid) = match unit.phase {
        Phase::Running { pid, since } => (since, Some(pid)),
        _ => (unit.created_at, None),
    };
    let complete = ["name", "service", "port"].iter().all(|l| label(unit, l).is_some());
    OrphanView {
        unit: unit.id.as_str().to_owned(),
        user: label(unit, "user"),
        workspace: label(unit, "name"),
        service: label(unit, "service"),
        since: Timestamp(since),
        pid,
        cpu_ms: unit.usage.cpu_ms,
        verdict: claim.as_str().into(),
        adoptable: (!complete).then(|| "its labels do not say what it is".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use castalia_compute::Usage;
    use std::collections::BTreeMap;

    fn unit(id: &str, user: Option<&str>) -> Observed {
        Observed {
            id: id.parse().expect("an id"),
            labels: user
                .map(|u| ("castalia.user".to_owned(), u.to_owned()))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            created_at: 0,
            phase: Phase::Running { pid: 1, since: 0 },
            stopping: None,
            progress: None,
            usage: Usage::default(),
        }
    }

    #[test]
    fn whoever_may_still_claim_it_is_given_time() {
        let records = Records { units: vec!["unit_a_r1".into()], starting: vec!["ada".into()] };
        let later = ORPHAN_AGE_MS;
        assert_eq!(judge(&unit("unit_a_r1", Some("ada")), &records, later), Claim::Claimed);
        assert_eq!(judge(&unit("unit_b_r1", None), &records, later - 1), Claim::Young);
        assert_eq!(judge(&unit("unit_b_r1", Some("ada")), &records, later), Claim::OwnerStarting);
        assert_eq!(judge(&unit("unit_b_r1", Some("bob")), &records, later), Claim::Orphan);
        assert_eq!(judge(&unit("unit_b_r1", None), &records, later), Claim::Orphan);
        // A clock that was set back makes nothing old.
        assert_eq!(judge(&unit("unit_b_r1", None), &records, -1), Claim::Young);
    }
}
