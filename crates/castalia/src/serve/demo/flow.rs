//! The demo's finished flow: a spectrum, and a map in two steps. Made once in the life of the project: who deletes
//! it does not find it again after the next start.

use super::Demo;
use castalia_base::{Ctx, Error};
use castalia_processes::{ListQuery, NewProcess, ProcessView, ResourcesRequest, State};
use serde_json::{Value, json};
use std::time::Duration;

/// How long the first step may take, on whatever machine this is.
const PATIENCE: Duration = Duration::from_secs(600);
const LOOK_EVERY: Duration = Duration::from_millis(200);

const SPECTRUM: &str = "Mauna Loa spectrum";
const CATALOGUE: &str = "Earthquake catalogue";
const MAP: &str = "Earthquake map";

impl Demo {
    /// Makes what is missing of the flow. A start that was cut off is taken up where it ended: each step is known
    /// by its name, and a file says that all of them were made.
    pub(super) async fn make_flow(&self) -> Result<(), Error> {
        let ctx = self.identity.ctx_of("demo", "demo").await?;
        let project = self.projects.find(&ctx, "demo", "projects.view").await?;
        let made = self.data.join(format!("demo-flow-{}", project.id));
        if tokio::fs::try_exists(&made).await.map_err(Error::internal)? {
            return Ok(());
        }
        let there = self.processes.list(&ctx, &ListQuery::of("demo")).await?.items;
        let spectrum =
            json!({"input": "upload:mauna-loa-co2.csv", "value_column": "co2", "max_frequency": 6});
        self.step(&ctx, &there, SPECTRUM, "bootstrap/fft", spectrum).await?;
        let chosen = json!({
            "input": "upload:earthquakes.geojson", "value_column": "mag", "minimum": 1,
            "units": {"mag": "magnitude", "z": "km"},
        });
        let catalogue = self.step(&ctx, &there, CATALOGUE, "bootstrap/points", chosen).await?;
        let catalogue = self.ended(&ctx, catalogue).await?;
        match catalogue.outputs.iter().find(|output| output.name == "points") {
            Some(points) => {
                let map = json!({
                    "input": format!("dataset:{}", points.id), "region": [-125, 32, -113, 42], "bandwidth_km": 30,
                });
                self.step(&ctx, &there, MAP, "bootstrap/density", map).await?;
            }
            None => tracing::warn!(
                reason = catalogue.reason,
                "the demo's earthquakes could not be chosen; there is no map"
            ),
        }
        tokio::fs::write(&made, b"").await.map_err(Error::internal)
    }

    async fn step(
        &self,
        ctx: &Ctx,
        there: &[ProcessView],
        name: &str,
        type_name: &str,
        parameters: Value,
    ) -> Result<ProcessView, Error> {
        if let Some(before) = there.iter().find(|process| process.name == name) {
            return Ok(before.clone());
        }
        let new = NewProcess {
            project: "demo".into(),
            type_name: type_name.into(),
            name: Some(name.into()),
            parameters: parameters.as_object().cloned().unwrap_or_default(),
            // The hold is for the deadline; these take seconds.
            resources: ResourcesRequest { deadline_s: Some(300), ..ResourcesRequest::default() },
            priority: 0,
            reuse: false,
        };
        self.processes.create(ctx, new).await
    }

    async fn ended(&self, ctx: &Ctx, process: ProcessView) -> Result<ProcessView, Error> {
        let (begun, mut process) = (tokio::time::Instant::now(), process);
        while !State::is_terminal(process.state) {
            if begun.elapsed() > PATIENCE {
                return Err(Error::unavailable(format!("`{}` takes too long", process.name)));
            }
            tokio::time::sleep(LOOK_EVERY).await;
            process = self.processes.get(ctx, &process.id).await?;
        }
        Ok(process)
    }
}
