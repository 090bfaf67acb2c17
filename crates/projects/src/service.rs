//! What may be done with projects.

use crate::guard::ArchiveGuard;
use crate::model::{Limits, NewProject, Project, ProjectPatch, check_name, check_text};
use crate::pricing::Prices;
use crate::{ledger, store};
use castalia_base::id::{ProjectId, UserId};
use castalia_base::{Credits, Ctx, Error};
use castalia_db::{Db, Sql, is_unique_violation, params};
use castalia_events::{NewEvent, append};
use castalia_http::{Page, PageQuery};
use castalia_identity::memberships;
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError, RwLock};

/// What the installation decides about projects.
#[derive(Clone, Debug)]
pub struct Config {
    /// What a new project may use when nobody says otherwise.
    pub limits: Limits,
    /// What a new project has when nobody says otherwise. Whoever may create projects may create many, so
    /// it is nothing unless the installation says so.
    pub credit: Credits,
    /// The price list in force.
    pub prices: Prices,
}

impl Default for Config {
    fn default() -> Self {
        Self { limits: Limits::default(), credit: Credits::ZERO, prices: Prices::default() }
    }
}

/// Projects, members, ledger.
pub struct Service {
    pub(crate) db: Db,
    pub(crate) identity: Arc<castalia_identity::Service>,
    config: Config,
    guards: RwLock<Vec<Arc<dyn ArchiveGuard>>>,
}

/// Makes the service.
pub fn build(db: Db, identity: Arc<castalia_identity::Service>, config: Config) -> Arc<Service> {
    Arc::new(Service { db, identity, config, guards: RwLock::default() })
}

pub(crate) fn event(project: &ProjectId, kind: &'static str, data: Value) -> NewEvent {
    NewEvent { topic: format!("project.{project}"), kind, project: Some(project.to_string()), data }
}

impl Service {
    /// The price list in force.
    pub fn prices(&self) -> &Prices {
        &self.config.prices
    }

    /// Stores the price list in force, or refuses one that was changed under the name of a used one. Called
    /// once, after the migrations.
    ///
    /// # Errors
    /// `prices_changed`.
    pub async fn pin_prices(&self, ctx: &Ctx) -> Result<(), Error> {
        let prices = &self.config.prices;
        let rates = serde_json::to_string(prices)?;
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO price_lists (name, rates, pinned_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
            params![&prices.name, &rates, ctx.now()],
        )
        .await?;
        let row =
            tx.fetch_one("SELECT rates FROM price_lists WHERE name = $1", params![&prices.name]).await?;
        let pinned: Prices = serde_json::from_str(&row.text("rates")?)?;
        if pinned != *prices {
            let detail = format!(
                "the price list `{}` was used with other rates; give the new one a new name",
                prices.name
            );
            return Err(Error::conflict("prices_changed", detail));
        }
        tx.commit().await
    }

    /// Asks `guard` before a project is archived.
    pub fn add_guard(&self, guard: Arc<dyn ArchiveGuard>) {
        self.guards.write().unwrap_or_else(PoisonError::into_inner).push(guard);
    }

    /// Finds a project by id or name and demands `permission` in it. In an archived project only `….view`
    /// and `projects.…` go through.
    ///
    /// # Errors
    /// `not_found` when there is none or the caller may not know of it, `forbidden`, `project_archived`.
    pub async fn find(&self, ctx: &Ctx, id_or_name: &str, permission: &str) -> Result<Project, Error> {
        self.find_in(&mut self.db.read(), ctx, id_or_name, permission).await
    }

    /// [`Service::find`] within a transaction.
    ///
    /// # Errors
    /// As [`Service::find`].
    pub async fn find_in(
        &self,
        sql: &mut impl Sql,
        ctx: &Ctx,
        id_or_name: &str,
        permission: &str,
    ) -> Result<Project, Error> {
        let project = store::find(sql, id_or_name).await?;
        let project = project.ok_or_else(|| Error::not_found("project", id_or_name))?;
        let id = project.id.as_str();
        if !ctx.can(permission, id) {
            // Who may see the project learns what is missing; to others it does not exist.
            return Err(match ctx.can("projects.view", id) {
                true => Error::forbidden(permission),
                false => ctx
                    .require(permission, id, "project", id_or_name)
                    .err()
                    .unwrap_or_else(|| Error::forbidden(permission)),
            });
        }
        if project.archived && !permission.ends_with(".view") && !permission.starts_with("projects.") {
            return Err(Error::conflict(
                "project_archived",
                format!("the project `{}` is archived", project.name),
            ));
        }
        Ok(project)
    }

    /// A project by id or name without asking who wants to know: for the platform's own work.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, sql: &mut impl Sql, id_or_name: &str) -> Result<Project, Error> {
        store::find(sql, id_or_name).await?.ok_or_else(|| Error::not_found("project", id_or_name))
    }

    /// The projects that the caller may see, by name.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn list(&self, ctx: &Ctx, page: &PageQuery, archived: bool) -> Result<Page<Project>, Error> {
        let ids = ctx.projects_with("projects.view");
        let after = page.after.as_deref().unwrap_or_default();
        let projects =
            store::list(&mut self.db.read(), ids.as_deref(), archived, after, page.limit() + 1).await?;
        Ok(Page::of(projects, page.limit(), |project| project.name.clone()))
    }

    /// Makes a project with its ledger; whoever asks becomes its administrator.
    ///
    /// # Errors
    /// `project_exists`, `invalid_name`; `forbidden` without `projects.create` (and `projects.administer` for
    /// limits, `ledger.topup` for credits).
    pub async fn create(&self, ctx: &Ctx, new: NewProject) -> Result<Project, Error> {
        ctx.require_globally("projects.create")?;
        if new.limits.is_some() {
            ctx.require_globally("projects.administer")?;
        }
        if new.credits.is_some() {
            ctx.require_globally("ledger.topup")?;
        }
        check_name(&new.name)?;
        let project = Project {
            id: ProjectId::fresh(),
            title: new.title.filter(|t| !t.is_empty()).unwrap_or_else(|| new.name.clone()),
            name: new.name,
            description: new.description.unwrap_or_default(),
            created_by: ctx.principal().id.clone(),
            created_at: ctx.now(),
            limits: new.limits.unwrap_or(self.config.limits),
            archived: false,
        };
        check_text("/title", &project.title, 200)?;
        check_text("/description", &project.description, 10_000)?;
        self.insert(ctx, &project, new.credits.unwrap_or(self.config.credit)).await?;
        Ok(project)
    }

    async fn insert(&self, ctx: &Ctx, project: &Project, credit: Credits) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        match store::insert(&mut tx, project).await {
            Err(error) if is_unique_violation(&error) => {
                return Err(Error::conflict(
                    "project_exists",
                    format!("there is a project `{}` already", project.name),
                ));
            }
            result => result?,
        }
        if let Ok(user) = ctx.principal().id.parse::<UserId>() {
            memberships::put(&mut tx, &project.id, &user, "admin", ctx.now()).await?;
        }
        ledger::open_account(&mut tx, &project.id, ctx.now()).await?;
        if credit > Credits::ZERO {
            ledger::topup(&mut tx, ctx, &project.id, credit, "first credit", None).await?;
        }
        let data =
            json!({"name": project.name, "title": project.title, "limits": project.limits, "credit": credit});
        append(&mut tx, ctx, vec![event(&project.id, "project.created", data)]).await?;
        tx.commit().await?;
        self.identity.forget();
        Ok(())
    }

    /// Changes a project.
    ///
    /// # Errors
    /// `project_busy` when something still runs in what is to be archived; `forbidden` without
    /// `projects.manage` (and, for limits, `projects.administer`).
    pub async fn update(&self, ctx: &Ctx, id_or_name: &str, patch: ProjectPatch) -> Result<Project, Error> {
        let only_limits = patch.title.is_none() && patch.description.is_none() && patch.archived.is_none();
        let needed = if only_limits { "projects.view" } else { "projects.manage" };
        let mut project = self.find(ctx, id_or_name, needed).await?;
        if patch.limits.is_some() {
            ctx.require_globally("projects.administer")?;
        }
        if patch.archived == Some(true) && !project.archived {
            self.check_idle(&project).await?;
        }
        let mut tx = self.db.begin().await?;
        store::lock(&mut tx, &project.id).await?;
        project = self.get(&mut tx, project.id.as_str()).await?;
        project.title = patch.title.filter(|t| !t.is_empty()).unwrap_or(project.title);
        project.description = patch.description.unwrap_or(project.description);
        project.archived = patch.archived.unwrap_or(project.archived);
        project.limits = patch.limits.unwrap_or(project.limits);
        check_text("/title", &project.title, 200)?;
        check_text("/description", &project.description, 10_000)?;
        store::update(&mut tx, &project, ctx.now()).await?;
        let data = json!({"name": project.name, "title": project.title, "limits": project.limits, "archived": project.archived});
        append(&mut tx, ctx, vec![event(&project.id, "project.changed", data)]).await?;
        tx.commit().await?;
        Ok(project)
    }

    async fn check_idle(&self, project: &Project) -> Result<(), Error> {
        let guards = self.guards.read().unwrap_or_else(PoisonError::into_inner).clone();
        for guard in guards {
            if let Some(what) = guard.busy(&project.id).await? {
                return Err(Error::conflict(
                    "project_busy",
                    format!("{what} in `{}`; stop that first", project.name),
                ));
            }
        }
        Ok(())
    }
}
