//! Opening a workspace: a new one, or one that was stopped.

use crate::access::Access;
use crate::definition::Definition;
use crate::model::{Open, State, WorkspaceId, WorkspaceView};
use crate::service::workspace_event;
use crate::store::{self, New, WorkspaceRow};
use crate::{Quotas, Service};
use castalia_base::{Ctx, Error};
use castalia_db::{Sql, Tx};
use castalia_events::append;
use rand::Rng;
use serde_json::json;

/// Six characters that are hard to mistake for each other.
fn hash() -> String {
    const LETTERS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
    let mut rng = rand::rng();
    (0..6).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
}

/// `{user}-{service}-{hash}`.
pub(crate) fn fresh_name(user: &str, service: &str) -> String {
    format!("{user}-{service}-{}", hash())
}

/// What is counted for the quotas.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) user_total: u64,
    pub(crate) user_running: u64,
    pub(crate) project_running: u64,
    pub(crate) installation_total: u64,
}

/// Refuses what would go beyond a quota, and says what to do about it.
pub(crate) fn check_quotas(quotas: &Quotas, c: &Counted, new: bool) -> Result<(), Error> {
    let over = |limit: Option<u64>, n: u64| limit.is_some_and(|limit| n >= limit);
    let refuse = |text: String| Err(Error::conflict("quota_reached", text));
    if new && over(quotas.user_total, c.user_total) {
        return refuse(format!(
            "you have {} workspaces, which is as many as you may; delete one first",
            c.user_total
        ));
    }
    if new && over(quotas.installation_total, c.installation_total) {
        return refuse(format!(
            "the installation has {} workspaces, which is as many as it may",
            c.installation_total
        ));
    }
    if over(quotas.user_running, c.user_running) {
        let n = c.user_running;
        return refuse(format!("{n} of your workspaces run, which is as many as may; stop one first"));
    }
    if over(quotas.project_running, c.project_running) {
        let n = c.project_running;
        return refuse(format!("{n} workspaces of the project run, which is as many as may; stop one first"));
    }
    Ok(())
}

impl Service {
    /// Opens a workspace: starts the one that is named, or the caller's stopped one of this service in the project, or a
    /// new one. One that runs already is returned as it is.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `unknown_profile`, `service_unavailable`, `quota_reached`.
    pub async fn open(&self, ctx: &Ctx, open: Open) -> Result<WorkspaceView, Error> {
        if let Some(workspace) = open.workspace.as_deref() {
            let (w, access) = self.find(ctx, workspace, "workspaces.open", Access::Manage).await?;
            return self.start_again(ctx, w, open.profile.as_deref(), access).await;
        }
        let Some(service) = open.service.as_deref() else {
            return Err(Error::field(
                "missing_field",
                "/service",
                "name a service, or a workspace to start again",
            ));
        };
        let project = match open.project.as_deref() {
            Some(project) => self.projects.find(ctx, project, "workspaces.open").await?,
            None => self.some_project(ctx).await?,
        };
        let definition = self.definition(service)?;
        if !open.new
            && let Some(w) = self.latest(ctx, project.id.as_str(), service).await?
        {
            return self.start_again(ctx, w, open.profile.as_deref(), Access::Manage).await;
        }
        let profile = profile_of(&definition, open.profile.as_deref())?;
        self.startable(&definition)?;
        let now = ctx.now();
        let principal = ctx.principal();
        let w = WorkspaceRow::fresh(New {
            id: WorkspaceId::fresh().to_string(),
            name: fresh_name(&principal.name, service),
            title: title(open.title.as_deref().unwrap_or(&definition.title))?,
            owner: (principal.id.clone(), principal.name.clone()),
            project_id: project.id.to_string(),
            node: self.config.installation.clone(),
            definition,
            profile,
            created_at: now,
        });
        let mut tx = self.db.begin().await?;
        store::lock(&mut tx).await?;
        let counted = self.count(&mut tx, &w).await?;
        check_quotas(&self.config.quotas, &counted, true)?;
        if let Some(claimed) = self.claim(&mut tx, ctx, &w).await? {
            tx.commit().await?;
            // It served nobody; from now on it has an address.
            self.open_door(&claimed);
            return self.view(ctx, &claimed.id, Access::Manage).await;
        }
        store::insert(&mut tx, &w).await?;
        self.queued(tx, ctx, &w, true).await?;
        self.view(ctx, &w.id, Access::Manage).await
    }

    /// Puts a workspace that does not run into the queue again.
    pub(crate) async fn start_again(
        &self,
        ctx: &Ctx,
        w: WorkspaceRow,
        profile: Option<&str>,
        access: Access,
    ) -> Result<WorkspaceView, Error> {
        if w.state == State::Stopping {
            return Err(Error::conflict(
                "stopping",
                "the workspace is stopping; start it once it has stopped",
            )
            .with_retry_after_ms(1000));
        }
        if matches!(w.state, State::Stopped | State::Failed) {
            // The project may be archived by now.
            self.projects.find(ctx, &w.project_id, "workspaces.open").await?;
            let definition = self.newest_definition(&w);
            let profile = match profile {
                Some(name) => profile_of(&definition, Some(name))?,
                None => definition
                    .profile(Some(&w.profile))
                    .or(definition.profile(None))
                    .ok_or_else(no_profile)?,
            };
            self.startable(&definition)?;
            let next = WorkspaceRow {
                profile: profile.name.clone(),
                resources: profile.resources,
                definition,
                node: self.config.installation.clone(),
                ..w.clone()
            };
            let mut tx = self.db.begin().await?;
            store::lock(&mut tx).await?;
            let counted = self.count(&mut tx, &next).await?;
            check_quotas(&self.config.quotas, &counted, false)?;
            // Another request may have been faster; then there is nothing to do.
            if store::enqueue(&mut tx, &next, ctx.now()).await? {
                let next = WorkspaceRow { run: w.run + 1, ..next };
                store::remove_stages(&mut tx, &w.id, next.run - 4).await?;
                self.queued(tx, ctx, &next, false).await?;
            }
        }
        self.view(ctx, &w.id, access).await
    }

    async fn queued(&self, mut tx: Tx, ctx: &Ctx, w: &WorkspaceRow, new: bool) -> Result<(), Error> {
        store::add_stage(&mut tx, (&w.id, w.run), "queued", None, ctx.now()).await?;
        let data = json!({"state": "queued", "service": w.service, "profile": w.profile, "title": w.title});
        let mut events = vec![workspace_event(w, "workspace.queued", data)];
        if new {
            events.insert(
                0,
                workspace_event(w, "workspace.created", json!({"service": w.service, "title": w.title})),
            );
        }
        append(&mut tx, ctx, events).await?;
        tx.commit().await?;
        self.fault("queued");
        self.admit.notify_one();
        Ok(())
    }

    /// The definition of a service.
    pub(crate) fn definition(&self, service: &str) -> Result<Definition, Error> {
        // Read anew, so that a changed file counts for the next start.
        self.reread().get(service).cloned().ok_or_else(|| Error::not_found("service", service))
    }

    /// The definition of a workspace's service as it is now. It may have gone; what it was is still known.
    pub(crate) fn newest_definition(&self, w: &WorkspaceRow) -> Definition {
        self.reread().get(&w.service).cloned().unwrap_or_else(|| w.definition.clone())
    }

    fn startable(&self, definition: &Definition) -> Result<(), Error> {
        match self.why_unavailable(definition) {
            None => Ok(()),
            Some(why) => Err(Error::conflict("service_unavailable", why)),
        }
    }

    /// The caller's project when none is named: the first by name in which workspaces may be opened.
    pub(crate) async fn some_project(&self, ctx: &Ctx) -> Result<castalia_projects::Project, Error> {
        let page = castalia_http::PageQuery { after: None, limit: Some(500) };
        let projects = self.projects.list(ctx, &page, false).await?;
        let mut open = projects.items.into_iter().filter(|p| ctx.can("workspaces.open", p.id.as_str()));
        open.next().ok_or_else(|| {
            Error::new(
                castalia_base::Kind::Forbidden,
                "no_project",
                "there is no project in which you may open workspaces",
            )
        })
    }

    /// The caller's newest workspace of a service in a project.
    async fn latest(&self, ctx: &Ctx, project: &str, service: &str) -> Result<Option<WorkspaceRow>, Error> {
        let own = store::of_owner(&mut self.db.read(), &ctx.principal().id).await?;
        Ok(own
            .into_iter()
            .find(|w| w.project_id == project && w.service == service && w.state != State::Stopping))
    }

    async fn count(&self, sql: &mut impl Sql, w: &WorkspaceRow) -> Result<Counted, Error> {
        let own = store::of_owner(sql, &w.owner_id).await?;
        let wanted = |one: &&WorkspaceRow| one.state.is_active() || one.state == State::Queued;
        let counts = store::counts(sql).await?;
        Ok(Counted {
            user_total: own.len() as u64,
            user_running: own.iter().filter(wanted).count() as u64,
            project_running: store::count_wanted(sql, &w.project_id).await?,
            installation_total: counts.iter().map(|(_, n)| u64::try_from(*n).unwrap_or_default()).sum(),
        })
    }
}

fn no_profile() -> Error {
    Error::field("unknown_profile", "/profile", "the service has no profile")
}

pub(crate) fn profile_of(definition: &Definition, name: Option<&str>) -> Result<crate::Profile, Error> {
    definition.profile(name).ok_or_else(|| {
        let known: Vec<&str> = definition.profiles.iter().map(|p| p.name.as_str()).collect();
        let given = name.unwrap_or_default();
        Error::field("unknown_profile", "/profile", format!("`{given}` is none of: {}", known.join(", ")))
    })
}

/// A title that people can read.
pub(crate) fn title(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Error::field("invalid_title", "/title", "has 1 to 100 characters on one line"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_says_what_to_do() {
        let quotas = Quotas {
            user_total: Some(2),
            user_running: Some(1),
            project_running: None,
            installation_total: None,
        };
        let told = |c: Counted, new| check_quotas(&quotas, &c, new).err().map(|e| e.detail().to_owned());
        assert_eq!(told(Counted { user_total: 1, ..Counted::default() }, true), None);
        assert!(
            told(Counted { user_total: 2, ..Counted::default() }, true)
                .expect("refused")
                .contains("delete one")
        );
        assert_eq!(told(Counted { user_total: 2, ..Counted::default() }, false), None);
        assert!(
            told(Counted { user_running: 1, ..Counted::default() }, false)
                .expect("refused")
                .contains("stop one")
        );
    }

    #[test]
    fn names_differ() {
        let name = fresh_name("ada", "lab");
        assert!(name.starts_with("ada-lab-") && name.len() == 14, "{name}");
        assert_ne!(name, fresh_name("ada", "lab"));
    }
}
