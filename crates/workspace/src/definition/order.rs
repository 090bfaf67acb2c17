//! The order in which services may be started: each after what it depends on.

use super::Definition;
use std::collections::BTreeSet;

/// Names in levels: those of a level depend on earlier levels only. Dependencies that are not in the list are ignored.
///
/// # Errors
/// When services depend on each other in a ring.
pub(crate) fn levels(all: &[Definition]) -> Result<Vec<Vec<String>>, String> {
    let known: BTreeSet<&str> = all.iter().map(|d| d.name.as_str()).collect();
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    let mut levels = Vec::new();
    while placed.len() < known.len() {
        let next: Vec<&Definition> = all
            .iter()
            .filter(|d| !placed.contains(d.name.as_str()))
            .filter(|d| {
                d.depends_on.iter().all(|n| placed.contains(n.as_str()) || !known.contains(n.as_str()))
            })
            .collect();
        if next.is_empty() {
            let rest: Vec<&str> = known.difference(&placed).copied().collect();
            return Err(format!("the services {} depend on each other", rest.join(", ")));
        }
        placed.extend(next.iter().map(|d| d.name.as_str()));
        levels.push(next.iter().map(|d| d.name.clone()).collect());
    }
    Ok(levels)
}
