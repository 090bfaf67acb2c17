//! Which cells a wish means, in which order. Pure over the document.

use super::model::What;
use crate::document::schema::{NP_GRAPH, PC_GRAPH, cell as key, kernel};
use crate::document::shared::{cell, cell_map, order, read_graph};
use crate::document::{CellKind, json::as_int, model::sha256};
use castalia_base::Error;
use std::collections::{BTreeMap, HashSet};
use yrs::{Any, Map, Out, ReadTxn};

/// The code cells to run.
pub(crate) fn select<T: ReadTxn>(txn: &T, what: What, about: Option<&str>) -> Result<Vec<String>, Error> {
    let order = order(txn);
    let place = |id: &str| order.iter().position(|c| c == id);
    let needed = || about.ok_or_else(|| Error::field("cell_missing", "/cell", "say which cell"));
    let at = |id: &str| place(id).ok_or_else(|| Error::not_found("cell", id));
    let chosen: Vec<String> = match what {
        What::All => order,
        What::Cell => {
            let id = needed()?;
            at(id)?;
            vec![id.to_owned()]
        }
        What::From => order[at(needed()?)?..].to_vec(),
        What::To => order[..=at(needed()?)?].to_vec(),
        What::Tissue => {
            let id = needed()?;
            at(id)?;
            below(&read_graph(txn, PC_GRAPH), id)
        }
        What::Graph => {
            let id = needed()?;
            at(id)?;
            let children = read_graph(txn, PC_GRAPH);
            along(&read_graph(txn, NP_GRAPH), id).iter().flat_map(|id| below(&children, id)).collect()
        }
        What::Stale => order.into_iter().filter(|id| is_stale(txn, id)).collect(),
    };
    let mut seen = HashSet::new();
    let runnable =
        |id: &String| cell(txn, id).is_some_and(|c| c.kind == CellKind::Code && !c.source.trim().is_empty());
    Ok(chosen.into_iter().filter(|id| seen.insert(id.clone()) && runnable(id)).collect())
}

/// A cell and everything below it, in order.
fn below(children: &BTreeMap<String, Vec<String>>, id: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut next = vec![id];
    while let Some(id) = next.pop() {
        if seen.insert(id) {
            found.push(id.to_owned());
            next.extend(children.get(id).into_iter().flatten().rev().map(String::as_str));
        }
    }
    found
}

/// A cell and what the edges lead to: each after all of those that lead to it, as far as there is no circle.
fn along(edges: &BTreeMap<String, Vec<String>>, id: &str) -> Vec<String> {
    fn visit<'a>(
        edges: &'a BTreeMap<String, Vec<String>>,
        id: &'a str,
        seen: &mut HashSet<&'a str>,
        done: &mut Vec<String>,
    ) {
        // Deep graphs are drawn by hand; a chain of ten thousand is not.
        if seen.len() > 10_000 || !seen.insert(id) {
            return;
        }
        for to in edges.get(id).into_iter().flatten().rev() {
            visit(edges, to, seen, done);
        }
        done.push(id.to_owned());
    }
    let (mut seen, mut done) = (HashSet::new(), Vec::new());
    visit(edges, id, &mut seen, &mut done);
    done.reverse();
    done
}

/// Whether what a cell shows is not what it would show now.
fn is_stale<T: ReadTxn>(txn: &T, id: &str) -> bool {
    let Some(Out::Any(Any::Map(run))) = cell_map(txn, id).and_then(|map| map.get(txn, key::RUN)) else {
        return false;
    };
    let text = |name: &str| match run.get(name) {
        Some(Any::String(text)) => text.to_string(),
        _ => String::new(),
    };
    let life = txn.get_map(crate::document::schema::KERNEL).and_then(|k| k.get(txn, kernel::INCARNATION));
    let now = match life {
        Some(Out::Any(any)) => as_int(&any),
        _ => None,
    };
    let source = cell(txn, id).map(|c| sha256(c.source.as_bytes())).unwrap_or_default();
    text("source_sha256") != source
        || run.get("incarnation").and_then(as_int) != now
        || matches!(text("status").as_str(), "error" | "aborted" | "interrupted" | "lost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        let list = |to: &&[&str]| to.iter().map(|s| (*s).to_owned()).collect();
        edges.iter().map(|(from, to)| ((*from).to_owned(), list(to))).collect()
    }

    #[test]
    fn tissues_are_taken_whole_and_in_order() {
        let children = graph(&[("h", &["a", "g", "b"]), ("g", &["c", "d"])]);
        assert_eq!(below(&children, "h"), ["h", "a", "g", "c", "d", "b"]);
        assert_eq!(below(&graph(&[("h", &["h"])]), "h"), ["h"]);
    }

    #[test]
    fn edges_are_followed_so_that_each_comes_after_its_sources() {
        let edges = graph(&[("a", &["b", "c"]), ("b", &["d"]), ("c", &["d"])]);
        assert_eq!(along(&edges, "a"), ["a", "b", "c", "d"]);
        assert_eq!(along(&graph(&[("a", &["b"]), ("b", &["a"])]), "a"), ["a", "b"]);
    }
}
