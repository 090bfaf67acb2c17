//! What a program is given: command, environment variables, limits.

use crate::Service;
use crate::admit::{Secrets, client_id};
use crate::definition::{Fill, Mode};
use crate::store::WorkspaceRow;
use castalia_base::Error;
use castalia_compute::{Resources, UnitId, UnitSpec};
use serde_json::json;
use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

impl Service {
    pub(crate) fn unit_spec(&self, w: &WorkspaceRow, id: UnitId) -> Result<UnitSpec, Error> {
        self.fault("spec");
        let home = self.volume_of(w);
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&home).map_err(Error::internal)?;
        let fill = self.fill(w)?;
        let d = &w.definition;
        let mut spec = UnitSpec::new(id, d.command.iter().map(|text| fill.text(text)));
        let path = self.search_path(d);
        // A virtual environment lies around its folder of programs.
        let own = d.path.iter().chain(&self.config.path).map(PathBuf::from);
        spec.show = own.map(|bin| bin.parent().map_or(bin.clone(), PathBuf::from)).collect();
        if d.program() == "castalia" {
            // The workspace program is this program, wherever it lies.
            let program = std::env::current_exe().map_err(Error::internal)?;
            spec.command[0] = program.display().to_string();
            spec.show.push(program);
        }
        spec.volumes = vec![home.clone()];
        spec.work = Some(home.clone());
        spec.labels = labels(w, &self.config.installation);
        spec.resources = Resources {
            cpu_millis: w.resources.cpu_millis,
            memory_mb: w.resources.memory_mb,
            storage_mb: w.resources.storage_mb,
            gpu: w.resources.gpu,
        };
        spec.grace = d.grace.0;
        let path = std::env::join_paths(path).map_err(Error::internal)?;
        let mut env = BTreeMap::from([
            ("PATH".to_owned(), path.to_string_lossy().into_owned()),
            ("HOME".to_owned(), fill.home.clone()),
            ("USER".to_owned(), w.owner_name.clone()),
            ("SHELL".to_owned(), "/bin/bash".to_owned()),
            ("CASTALIA_URL".to_owned(), self.config.backend_url.clone()),
            ("CASTALIA_WORKSPACE".to_owned(), w.name.clone()),
            ("PORT".to_owned(), fill.port.to_string()),
        ]);
        if w.resources.cpu_millis > 0 {
            // Numeric libraries otherwise start a thread for each core of the machine, whatever the limit.
            let threads = w.resources.cpu_millis.div_ceil(1000).to_string();
            env.extend([
                ("OMP_NUM_THREADS".to_owned(), threads.clone()),
                ("OPENBLAS_NUM_THREADS".to_owned(), threads),
            ]);
        }
        if let Some(token) = self.secrets_of(w)?.api {
            env.extend([
                ("CASTALIA_TOKEN".to_owned(), token),
                ("CASTALIA_PROJECT".to_owned(), w.project_id.clone()),
            ]);
        }
        if d.mode == Mode::Jupyterhub {
            env.extend(self.jupyterhub(w, &fill)?);
        }
        let profile = d.profile(Some(&w.profile)).map(|p| p.env).unwrap_or_default();
        for (name, value) in d.env.iter().chain(&profile) {
            env.insert(name.clone(), fill.text(value));
        }
        spec.env = env;
        Ok(spec)
    }

    fn fill(&self, w: &WorkspaceRow) -> Result<Fill, Error> {
        Ok(Fill {
            port: w.port.ok_or_else(|| Error::internal("a workspace was let in without a port"))?,
            prefix: self.prefix_of(w),
            user: w.owner_name.clone(),
            workspace: w.name.clone(),
            home: self.volume_of(w).display().to_string(),
            url: self.config.backend_url.clone(),
        })
    }

    /// The environment of a server under JupyterHub 6.
    fn jupyterhub(&self, w: &WorkspaceRow, fill: &Fill) -> Result<Vec<(String, String)>, Error> {
        let secret = self.secret_of(w)?;
        let (user, server, prefix) = (&w.owner_name, &w.name, &fill.prefix);
        let api = format!("{}/hub/api", self.config.backend_url);
        let scopes =
            json!([format!("access:servers!server={user}/{server}"), format!("access:servers!user={user}")]);
        let memory = w.resources.memory_mb << 20;
        let mut variables = vec![
            ("JUPYTERHUB_SERVICE_URL", format!("http://127.0.0.1:{}{prefix}", fill.port)),
            ("JUPYTERHUB_SERVICE_PREFIX", prefix.clone()),
            ("JUPYTERHUB_API_TOKEN", secret.clone()),
            ("JPY_API_TOKEN", secret),
            ("JUPYTERHUB_API_URL", api.clone()),
            ("JUPYTERHUB_ACTIVITY_URL", format!("{api}/users/{user}/activity")),
            ("JUPYTERHUB_CLIENT_ID", client_id(w)),
            ("JUPYTERHUB_OAUTH_CALLBACK_URL", format!("{prefix}oauth_callback")),
            ("JUPYTERHUB_OAUTH_ACCESS_SCOPES", scopes.to_string()),
            ("JUPYTERHUB_OAUTH_SCOPES", scopes.to_string()),
            ("JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES", "[]".to_owned()),
            ("JUPYTERHUB_USER", user.clone()),
            ("JUPYTERHUB_SERVER_NAME", server.clone()),
            ("JUPYTERHUB_BASE_URL", self.config.base.clone()),
            ("JUPYTERHUB_HOST", String::new()),
            ("JUPYTERHUB_ROOT_DIR", fill.home.clone()),
        ];
        if !w.definition.start_page.is_empty() {
            variables.push(("JUPYTERHUB_DEFAULT_URL", format!("/{}", w.definition.start_page)));
        }
        if memory > 0 {
            variables.push(("MEM_LIMIT", memory.to_string()));
        }
        if w.resources.cpu_millis > 0 {
            variables.push(("CPU_LIMIT", format!("{:.1}", f64::from(w.resources.cpu_millis) / 1000.0)));
        }
        Ok(variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The token of a workspace's run.
    pub(crate) fn secret_of(&self, w: &WorkspaceRow) -> Result<String, Error> {
        Ok(self.secrets_of(w)?.own)
    }

    fn secrets_of(&self, w: &WorkspaceRow) -> Result<Secrets, Error> {
        let sealed = w.sealed_secret.as_deref().ok_or_else(|| Error::internal("a run without a token"))?;
        Ok(serde_json::from_slice(&self.identity.vault().open(&w.unit_name(), sealed)?)?)
    }
}

/// What is found on the unit even when the database is lost; no secret, only the digest of one.
fn labels(w: &WorkspaceRow, installation: &str) -> BTreeMap<String, String> {
    let port = w.port.unwrap_or_default().to_string();
    let pairs = [
        ("installation", installation),
        ("workspace", &w.id),
        ("name", &w.name),
        ("run", &w.run.to_string()),
        ("user", &w.owner_name),
        ("project", &w.project_id),
        ("service", &w.service),
        ("profile", &w.profile),
        ("port", &port),
        ("token", w.secret_hash.as_deref().unwrap_or_default()),
    ];
    pairs.into_iter().map(|(name, value)| (format!("castalia.{name}"), value.to_owned())).collect()
}
