//! The flow of a project: its processes and the data between them, in one piece for whoever draws it.
//!
//! Every process stands for its newest version. The edges are in the inputs: each names the data and the process
//! that made it.

use crate::Service;
use crate::model::{Input, Output, Progress, State};
use crate::store;
use castalia_base::{Credits, Ctx, Error, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most processes in one flow.
const MOST: u32 = 5_000;

/// How much of the flow to give.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct FlowQuery {
    /// How many processes at most, newest first (1 to 5000, 5000 unless told).
    pub limit: Option<u32>,
}

/// Processes and the data between them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Flow {
    /// The processes, newest first.
    pub nodes: Vec<FlowNode>,
    /// The uploads that they read.
    pub data: Vec<FlowData>,
    /// Whether there are older processes than these.
    pub truncated: bool,
}

/// Whether data was uploaded or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataKind {
    /// Somebody uploaded it.
    Upload,
    /// A process made it.
    Dataset,
}

/// An upload that a process reads.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FlowData {
    /// The upload's id.
    pub id: String,
    /// Always `upload`.
    pub kind: DataKind,
    /// Its name when it was read.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// Data that a process reads.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FlowInput {
    /// The id of the upload or dataset.
    pub id: String,
    /// Which of the two it is.
    pub kind: DataKind,
    /// Its name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// JSON Pointer of the parameter.
    pub path: String,
    /// The process that made it.
    pub process: Option<String>,
    /// The version of that process.
    pub version: Option<i64>,
}

/// A process, with its newest version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FlowNode {
    /// `proc_…`
    pub process: String,
    /// Name for people.
    pub name: String,
    /// The process type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The environment that the type belongs to.
    pub environment: String,
    /// Number of the newest version.
    pub version: i64,
    /// State of the newest version.
    pub state: State,
    /// Why it failed or was cancelled, in words.
    pub reason: Option<String>,
    /// How far it says it is.
    pub progress: Option<Progress>,
    /// What it cost, in micro-credits; 0 until it ended.
    pub cost: Credits,
    /// Who made the newest version.
    pub created_by: String,
    /// When the process was made.
    pub created_at: Timestamp,
    /// When the newest version's program started.
    pub started_at: Option<Timestamp>,
    /// When the newest version ended.
    pub ended_at: Option<Timestamp>,
    /// What it reads.
    pub inputs: Vec<FlowInput>,
    /// What it wrote.
    pub outputs: Vec<Output>,
}

fn kind(input: &Input) -> DataKind {
    if input.reference.starts_with("upload:") { DataKind::Upload } else { DataKind::Dataset }
}

impl From<Input> for FlowInput {
    fn from(i: Input) -> Self {
        Self {
            kind: kind(&i),
            id: i.id,
            name: i.name,
            media_type: i.media_type,
            path: i.path,
            process: i.process,
            version: i.version,
        }
    }
}

/// The uploads among what all of them read, each once, by name.
fn uploads<'a>(inputs: impl Iterator<Item = &'a Input>) -> Vec<FlowData> {
    let mut found: BTreeMap<(&str, &str), &Input> = BTreeMap::new();
    for input in inputs.filter(|input| kind(input) == DataKind::Upload) {
        found.entry((&input.name, &input.id)).or_insert(input);
    }
    found
        .into_values()
        .map(|i| FlowData {
            id: i.id.clone(),
            kind: DataKind::Upload,
            name: i.name.clone(),
            media_type: i.media_type.clone(),
            size: i.size,
        })
        .collect()
}

impl Service {
    /// The flow of a project, read with one statement however large it is.
    ///
    /// # Errors
    /// `not_found` for a project that may not be seen.
    pub async fn flow(&self, ctx: &Ctx, project: &str, query: &FlowQuery) -> Result<Flow, Error> {
        let project = self.projects.find(ctx, project, "processes.view").await?;
        let limit = query.limit.unwrap_or(MOST).clamp(1, MOST) as usize;
        let mut found = store::flow(&mut self.db.read(), project.id.as_str(), limit + 1).await?;
        let truncated = found.len() > limit;
        found.truncate(limit);
        let data = uploads(found.iter().flat_map(|(_, inputs)| inputs));
        let nodes = found
            .into_iter()
            .map(|(node, inputs)| FlowNode {
                inputs: inputs.into_iter().map(FlowInput::from).collect(),
                ..node
            })
            .collect();
        Ok(Flow { nodes, data, truncated })
    }
}
