//! From rows to what the world sees, and the plain look-ups.

use crate::Service;
use crate::access::{ADMINISTER, Access};
use crate::definition::Definition;
use crate::model::{BrokenView, Health, ServiceDetail, ServiceView, Services, Stage, State, WorkspaceView};
use crate::store::{self, WorkspaceRow};
use castalia_base::{Ctx, Error, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which workspaces to list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct ListQuery {
    /// Only those of this project, by name or id.
    pub project: Option<String>,
    /// Only those in this state.
    pub state: Option<State>,
    /// Everybody's, for those who look after the installation.
    #[serde(default)]
    pub all: bool,
}

/// Workspaces, newest first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Workspaces {
    /// One's own, then those that are shared with one.
    pub items: Vec<WorkspaceView>,
}

impl Service {
    /// One workspace.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn get(&self, ctx: &Ctx, workspace: &str) -> Result<WorkspaceView, Error> {
        let (w, access) = self.find(ctx, workspace, "workspaces.view", Access::View).await?;
        self.view_of(w, access).await
    }

    pub(crate) async fn view(&self, ctx: &Ctx, id: &str, access: Access) -> Result<WorkspaceView, Error> {
        let w = store::find(&mut self.db.read(), id).await?;
        let w = w.ok_or_else(|| Error::not_found("workspace", id))?;
        tracing::trace!(user = ctx.principal().name, workspace = w.name, "looked at");
        self.view_of(w, access).await
    }

    /// One's own workspaces and those shared with one; with `all` everybody's.
    ///
    /// # Errors
    /// `forbidden` for `all` without `workspaces.administer`.
    pub async fn list(&self, ctx: &Ctx, query: &ListQuery) -> Result<Workspaces, Error> {
        let project = match query.project.as_deref() {
            Some(project) => Some(self.projects.find(ctx, project, "workspaces.view").await?.id.to_string()),
            None => None,
        };
        let me = &ctx.principal().id;
        let rows = if query.all {
            ctx.require_globally(ADMINISTER)?;
            store::all(&mut self.db.read(), 5_000).await?
        } else {
            let mut rows = store::of_owner(&mut self.db.read(), me).await?;
            rows.extend(store::shared_with(&mut self.db.read(), me).await?);
            rows
        };
        let mut items = Vec::new();
        for w in rows {
            let fits = project.as_ref().is_none_or(|p| *p == w.project_id)
                && query.state.is_none_or(|state| state == w.state);
            if !fits {
                continue;
            }
            let shared = store::level_of(&mut self.db.read(), &w.id, me).await?;
            if let Ok(access) = crate::access::decide(ctx, &w, shared, "workspaces.view", Access::View) {
                items.push(self.view_of(w, access).await?);
            }
        }
        Ok(Workspaces { items })
    }

    pub(crate) async fn view_of(&self, w: WorkspaceRow, access: Access) -> Result<WorkspaceView, Error> {
        let path = self.prefix_of(&w);
        let host = self.config.public_url.trim_end_matches('/');
        let host = host.strip_suffix(self.config.base.trim_end_matches('/')).unwrap_or(host);
        let queue_position = match (w.state, w.queued_at) {
            (State::Queued, Some(at)) => {
                Some(store::position(&mut self.db.read(), &w.node, at, &w.id).await?)
            }
            _ => None,
        };
        let reason = match queue_position {
            Some(place) => Some(format!("waiting for room, number {place} in the queue")),
            None => w.reason.clone().or(w.stop_reason.clone()),
        };
        let elsewhere = self.out_of_reach(&w).await?.filter(|e| e.lost);
        let (health, health_reason) = match (&elsewhere, self.status_now(&w.id)) {
            (Some(elsewhere), _) => (Health::Unhealthy, Some(elsewhere.text.clone())),
            (None, Some(now)) if w.state == State::Starting => (w.health, Some(now.reason)),
            _ => (w.health, w.health_reason.clone()),
        };
        let shares = if access == Access::Manage { self.shares_of(&w).await? } else { Vec::new() };
        let stages = store::stages(&mut self.db.read(), &w.id, w.run).await?;
        Ok(WorkspaceView {
            url: format!("{host}{path}{}", w.definition.start_page),
            idle: self.idle_view(&w),
            ready_ms: w.ready_at.zip(w.queued_at).map(|(ready, queued)| ready.ms_since(queued)),
            stages: timed(stages),
            access: access.as_str().into(),
            project: w.project_id,
            owner: w.owner_id,
            run: w.run,
            id: w.id,
            name: w.name,
            title: w.title,
            owner_name: w.owner_name,
            service: w.service,
            profile: w.profile,
            state: w.state,
            reason,
            reason_code: w.reason_code.or(w.stop_code),
            health,
            health_reason,
            out_of_reach: elsewhere.is_some(),
            path,
            queue_position,
            resources: w.resources,
            created_at: w.created_at,
            started_at: w.started_at,
            ready_at: w.ready_at,
            ended_at: w.ended_at,
            exit: w.exit,
            log_lines: w.log_lines,
            shares,
        })
    }

    /// What there is to choose from.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn services(&self, ctx: &Ctx) -> Result<Services, Error> {
        let mut boots: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for (service, ms) in store::boots(&mut self.db.read()).await? {
            boots.entry(service).or_default().push(ms);
        }
        let book = self.reread();
        let items = book.iter().map(|d| self.service_view(d, boots.get(&d.name))).collect();
        let broken = match ctx.can_globally(ADMINISTER) {
            true => book
                .broken()
                .iter()
                .map(|b| BrokenView { file: b.file.clone(), why: b.why.clone() })
                .collect(),
            false => Vec::new(),
        };
        Ok(Services { items, broken })
    }

    /// One service with its definition.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn service(&self, ctx: &Ctx, name: &str) -> Result<ServiceDetail, Error> {
        let services = self.services(ctx).await?;
        let service = services.items.into_iter().find(|s| s.name == name);
        let service = service.ok_or_else(|| Error::not_found("service", name))?;
        Ok(ServiceDetail { service, definition: self.definition(name)? })
    }

    fn service_view(&self, d: &Definition, boots: Option<&Vec<i64>>) -> ServiceView {
        let mut boots = boots.cloned().unwrap_or_default();
        boots.sort_unstable();
        let why = self.why_unavailable(d);
        ServiceView {
            name: d.name.clone(),
            title: d.title.clone(),
            description: d.description.clone(),
            profiles: if d.profiles.is_empty() {
                d.profile(None).into_iter().collect()
            } else {
                d.profiles.clone()
            },
            available: why.is_none(),
            why,
            usual_ms: boots.get(boots.len() / 2).copied(),
        }
    }

    /// Why a service can't be started here.
    pub(crate) fn why_unavailable(&self, d: &Definition) -> Option<String> {
        let program = d.program();
        if program == "castalia" || self.program_file(d).is_some() {
            return None;
        }
        Some(format!("the program `{program}` is not installed where the server looks for programs"))
    }

    /// Folders that are searched for a definition's program, in order.
    pub(crate) fn search_path(&self, d: &Definition) -> Vec<PathBuf> {
        let own = d.path.iter().chain(&self.config.path).map(PathBuf::from);
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let usual = ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from);
        let mut all: Vec<PathBuf> = Vec::new();
        for folder in own.chain(std::env::split_paths(&inherited)).chain(usual) {
            if folder.is_absolute() && !all.contains(&folder) {
                all.push(folder);
            }
        }
        all
    }

    fn program_file(&self, d: &Definition) -> Option<PathBuf> {
        let program = Path::new(d.program());
        if program.is_absolute() {
            return program.is_file().then(|| program.to_owned());
        }
        self.search_path(d).into_iter().map(|folder| folder.join(program)).find(|file| file.is_file())
    }
}

/// Steps with how long each lasted.
fn timed(stages: Vec<(String, Option<String>, Timestamp)>) -> Vec<Stage> {
    let next: Vec<Option<Timestamp>> = stages.iter().skip(1).map(|s| Some(s.2)).chain([None]).collect();
    stages
        .into_iter()
        .zip(next)
        .map(|((stage, note, at), next)| Stage { stage, note, at, ms: next.map(|next| next.ms_since(at)) })
        .collect()
}
