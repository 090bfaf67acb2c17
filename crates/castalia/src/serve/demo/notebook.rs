//! The demo's notebook. Made once in the life of the project: who deletes it does not find it again.

use super::Demo;
use castalia_base::{Error, Kind};
use castalia_notebooks::NewNotebook;

const WELCOME: &str = include_str!("welcome.ipynb");

impl Demo {
    pub(super) async fn make_notebook(&self) -> Result<(), Error> {
        let ctx = self.identity.ctx_of("demo", "demo").await?;
        let project = self.projects.find(&ctx, "demo", "projects.view").await?;
        let made = self.data.join(format!("demo-notebook-{}", project.id));
        if tokio::fs::try_exists(&made).await.map_err(Error::internal)? {
            return Ok(());
        }
        let new = NewNotebook {
            project: "demo".into(),
            name: "welcome.ipynb".into(),
            title: Some("Welcome to notebooks".into()),
            content: Some(serde_json::from_str(WELCOME)?),
            ..NewNotebook::default()
        };
        match self.notebooks.create(&ctx, new).await {
            Ok(_) => {}
            Err(error) if error.kind() == Kind::Conflict => {}
            Err(error) => return Err(error),
        }
        tokio::fs::write(&made, b"").await.map_err(Error::internal)
    }
}
