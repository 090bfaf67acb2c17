//! Lineage: what a dataset was made from, and what was made from it.

use super::Service;
use crate::model::{Dataset, InputKind, InputRef};
use crate::store::{datasets, uploads};
use castalia_base::{Ctx, Error};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many nodes a graph shows at most.
const MAX_NODES: usize = 500;

/// One upload or dataset of a lineage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LineageNode {
    /// `up_…` or `ds_…`.
    pub id: String,
    /// Upload or dataset.
    pub kind: InputKind,
    /// Its name (when it was used, if it is gone).
    pub name: String,
    /// The process that wrote it, for datasets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// The version that wrote it, for datasets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Whether it was deleted or replaced since.
    pub gone: bool,
}

/// “`to` was made from `from`.”
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct LineageEdge {
    /// The input.
    pub from: String,
    /// The dataset that was made.
    pub to: String,
}

/// The graph around a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Lineage {
    /// The dataset that was asked for.
    pub root: String,
    /// Everything upstream and downstream of it, and itself.
    pub nodes: Vec<LineageNode>,
    /// What was made from what.
    pub edges: Vec<LineageEdge>,
    /// Whether the graph is larger than what is shown.
    pub truncated: bool,
}

#[derive(Default)]
struct Graph {
    nodes: BTreeMap<String, LineageNode>,
    edges: BTreeSet<LineageEdge>,
    truncated: bool,
}

impl Graph {
    fn add(&mut self, node: LineageNode) -> bool {
        if self.nodes.len() >= MAX_NODES && !self.nodes.contains_key(&node.id) {
            self.truncated = true;
            return false;
        }
        self.nodes.insert(node.id.clone(), node).is_none()
    }
}

fn node(dataset: &Dataset) -> LineageNode {
    LineageNode {
        id: dataset.id.to_string(),
        kind: InputKind::Dataset,
        name: dataset.name.clone(),
        process: Some(dataset.process.to_string()),
        version: Some(dataset.version),
        gone: false,
    }
}

impl Service {
    /// The graph upstream and downstream of a dataset.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn lineage(&self, ctx: &Ctx, id: &str) -> Result<Lineage, Error> {
        let root = self.dataset_with(ctx, "datasets.view", id).await?;
        let mut graph = Graph::default();
        graph.add(node(&root));
        self.upstream(&mut graph, id).await?;
        self.downstream(&mut graph, id).await?;
        let Graph { nodes, mut edges, truncated } = graph;
        edges.retain(|edge| nodes.contains_key(&edge.from) && nodes.contains_key(&edge.to));
        let (nodes, edges) = (nodes.into_values().collect(), edges.into_iter().collect());
        Ok(Lineage { root: id.to_owned(), nodes, edges, truncated })
    }

    async fn upstream(&self, graph: &mut Graph, root: &str) -> Result<(), Error> {
        let mut open = VecDeque::from([root.to_owned()]);
        while let Some(at) = open.pop_front() {
            for input in datasets::inputs(&mut self.db.read(), &at).await? {
                graph.edges.insert(LineageEdge { from: input.id.clone(), to: at.clone() });
                let is_dataset = input.kind == InputKind::Dataset;
                let id = input.id.clone();
                if graph.add(self.input_node(input).await?) && is_dataset {
                    open.push_back(id);
                }
            }
        }
        Ok(())
    }

    async fn downstream(&self, graph: &mut Graph, root: &str) -> Result<(), Error> {
        let mut open = VecDeque::from([root.to_owned()]);
        while let Some(at) = open.pop_front() {
            for made in datasets::made_from(&mut self.db.read(), &at).await? {
                let id = made.id.to_string();
                graph.edges.insert(LineageEdge { from: at.clone(), to: id.clone() });
                if graph.add(node(&made)) {
                    open.push_back(id);
                }
            }
        }
        Ok(())
    }

    async fn input_node(&self, input: InputRef) -> Result<LineageNode, Error> {
        let mut sql = self.db.read();
        let gone = match input.kind {
            InputKind::Dataset => match datasets::find(&mut sql, &input.id).await? {
                Some(dataset) => return Ok(node(&dataset)),
                None => true,
            },
            InputKind::Upload => uploads::find(&mut sql, &input.id).await?.is_none(),
        };
        Ok(LineageNode {
            id: input.id,
            kind: input.kind,
            name: input.name,
            process: None,
            version: None,
            gone,
        })
    }
}
