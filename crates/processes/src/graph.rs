//! The graph of processes that their inputs make; it has no cycles.

use crate::model::Input;
use crate::store;
use castalia_base::Error;
use castalia_db::Sql;
use std::collections::{BTreeMap, VecDeque};

/// Refuses a version of `process` one of whose inputs was made from `process` itself.
///
/// # Errors
/// `cycle` (422) with the path of the parameter and the way from the process back to itself.
pub(crate) async fn refuse_cycle(sql: &mut impl Sql, process: &str, inputs: &[Input]) -> Result<(), Error> {
    for input in inputs {
        let Some(source) = &input.process else { continue };
        if let Some(way) = way_to(sql, source, process).await? {
            let message = format!("makes a cycle: {}", way.join(" reads "));
            return Err(Error::field("cycle", input.path.clone(), message));
        }
    }
    Ok(())
}

/// The way upstream from one process to another, if there is one.
async fn way_to(sql: &mut impl Sql, from: &str, to: &str) -> Result<Option<Vec<String>>, Error> {
    let mut came_from: BTreeMap<String, Option<String>> = BTreeMap::from([(from.to_owned(), None)]);
    let mut queue = VecDeque::from([from.to_owned()]);
    while let Some(process) = queue.pop_front() {
        if process == to {
            let mut way = vec![process.clone()];
            let mut at = process;
            while let Some(Some(before)) = came_from.get(&at).cloned() {
                way.push(before.clone());
                at = before;
            }
            way.push(to.to_owned());
            way.reverse();
            return Ok(Some(way));
        }
        for source in store::sources(sql, &process).await? {
            if !came_from.contains_key(&source) {
                came_from.insert(source.clone(), Some(process.clone()));
                queue.push_back(source);
            }
        }
    }
    Ok(None)
}
