//! What a client may change: a copy of the document takes its updates first, and is looked at.
//!
//! An update is judged by what it does, not by what it says: the copy has an observer at each root, which sees every
//! type that an update touched, with its place. A refused update was never in the document; the copy is thrown away.
//! What is new (a cell) is looked at as a whole, because observers are silent about what is within it.
//!
//! The copy costs as much as the document, so it is made with the first edit and let go when nobody writes.

use super::epoch;
use crate::document::schema::{self, CELL, CELLS, META, NP_GRAPH, ROOTS, SERVER_ROOTS, cell, meta};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use yrs::types::array::ArrayEvent;
use yrs::types::map::MapEvent;
use yrs::types::{Change, Delta, EntryChange, Event, Path, PathSegment};
use yrs::updates::decoder::Decode;
use yrs::{
    Any, Array, ArrayRef, ClientID, DeepObservable, Doc, Map, MapRef, Out, ReadTxn, StateVector, Transact,
    TransactionMut, Update,
};

/// What an update would do to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: all of it is known.
    None,
    /// Something.
    Some,
    /// It stands on something that is not there.
    Later,
}

/// What a document has, and what would be in it after updates that were looked at.
pub(super) struct Known(StateVector);

impl Known {
    pub(super) fn of(txn: &impl ReadTxn) -> Self {
        Self(txn.state_vector())
    }

    /// What `update` inserts; from then on it counts as known, unless it has to wait.
    pub(super) fn insertions(&mut self, update: &Update) -> Effect {
        let inserted = update.insertions(true);
        let mut news: Vec<(ClientID, u32)> = Vec::new();
        for (client, ranges) in inserted.iter() {
            let mut clock = self.0.get(client);
            for range in ranges.iter().filter(|range| range.end > self.0.get(client)) {
                if range.start > clock {
                    return Effect::Later;
                }
                clock = range.end;
                news.push((*client, clock));
            }
        }
        let effect = if news.is_empty() { Effect::None } else { Effect::Some };
        news.into_iter().for_each(|(client, clock)| self.0.set_max(client, clock));
        effect
    }
}

/// Whether `update` deletes something that is not deleted yet. The second step of the protocol names everything that was
/// ever deleted. Costs a walk over the document.
pub(super) fn deletes(txn: &impl ReadTxn, update: &Update) -> bool {
    if update.delete_set().is_empty() {
        return false;
    }
    let left = update.delete_set().diff(&txn.snapshot().delete_set);
    left.iter().any(|(_, ranges)| !ranges.is_empty())
}

type Verdict = Arc<Mutex<Option<String>>>;

/// The copy.
pub(super) struct Shadow {
    doc: Doc,
    verdict: Verdict,
    pub(super) used_at: Instant,
}

/// Why updates were not let through.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum No {
    /// They do what a client may not.
    Refused(String),
    /// They stand on something that is not there.
    Later,
    /// They can't be applied at all.
    Broken,
}

impl Shadow {
    /// A copy of a document.
    pub(super) fn of(txn: &impl ReadTxn) -> Option<Self> {
        let state = txn.encode_state_as_update_v1(&StateVector::default());
        let doc = epoch::document(epoch::fresh_client());
        let copied = catch_unwind(AssertUnwindSafe(|| {
            let update = Update::decode_v1(&state).ok()?;
            doc.transact_mut().apply_update(update).ok()
        }));
        copied.ok()??;
        let verdict = Verdict::default();
        for root in ROOTS {
            let said = verdict.clone();
            let observe = move |txn: &TransactionMut<'_>, events: &yrs::types::Events<'_>| {
                for event in events.iter() {
                    if let Err(why) = judge(root, txn, event) {
                        said.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
                    }
                }
            };
            if matches!(*root, CELLS | schema::RUN_QUEUE) {
                doc.get_or_insert_array(*root).observe_deep("gate", observe);
            } else {
                doc.get_or_insert_map(*root).observe_deep("gate", observe);
            }
        }
        Some(Self { doc, verdict, used_at: Instant::now() })
    }

    /// Takes what the server did.
    pub(super) fn follow(&mut self, update: &[u8]) -> Option<()> {
        let update = Update::decode_v1(update).ok()?;
        self.doc.transact_mut().apply_update(update).ok()?;
        *self.verdict.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Some(())
    }

    /// Takes updates of a client, as one. After an `Err` the copy is of no use any more.
    pub(super) fn check(&mut self, updates: &[&[u8]]) -> Result<(), No> {
        self.used_at = Instant::now();
        let done = catch_unwind(AssertUnwindSafe(|| {
            let mut txn = self.doc.transact_mut();
            for update in updates {
                let update = Update::decode_v1(update).map_err(|_| No::Broken)?;
                txn.apply_update(update).map_err(|_| No::Broken)?;
            }
            if txn.has_missing_updates() {
                return Err(No::Later);
            }
            let foreign =
                txn.root_refs().map(|(name, _)| name.to_owned()).find(|n| !ROOTS.contains(&n.as_str()));
            foreign.map_or(Ok(()), |name| Err(No::Refused(format!("a notebook has no `{}`", short(&name)))))
        }));
        done.unwrap_or(Err(No::Broken))?;
        let verdict = self.verdict.lock().unwrap_or_else(PoisonError::into_inner).take();
        verdict.map_or(Ok(()), |why| Err(No::Refused(why)))
    }
}

/// A name of a client's for a message.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn judge(root: &'static str, txn: &TransactionMut<'_>, event: &Event) -> Result<(), String> {
    if SERVER_ROOTS.contains(&root) {
        return Err(format!("`{root}` is written by the server"));
    }
    let path = keys(&event.path()).ok_or("there is nothing to write within a list")?;
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match (root, path.as_slice(), event) {
        (CELLS, [], Event::Array(event)) => strings(event, txn),
        (CELL, [], Event::Map(event)) => each(event, txn, |id, value| new_cell(id, value, txn)),
        (CELL, [id], Event::Map(event)) => each_key(event, txn, |key, value| cell_key(id, key, value, txn)),
        (CELL, [_, cell::SOURCE], Event::Text(event)) => {
            let plain = |delta: &Delta| !matches!(delta, Delta::Inserted(value, _) if !matches!(value, Out::Any(Any::String(_))));
            event.delta(txn).iter().all(plain).then_some(()).ok_or_else(|| "a source is text".into())
        }
        (CELL, [_, cell::METADATA], Event::Map(event)) | (META, [meta::METADATA], Event::Map(event)) => {
            each(event, txn, |_, value| json(value))
        }
        (CELL, [_, key, ..], _) if cell::SERVER.contains(key) => {
            Err(format!("`{key}` is written by the server"))
        }
        (NP_GRAPH, [], Event::Map(event)) => each(event, txn, |_, value| edges(value, txn)),
        (NP_GRAPH, [_], Event::Array(event)) => strings(event, txn),
        (META, [], Event::Map(event)) => each_key(event, txn, |key, value| meta_key(key, value, txn)),
        _ => Err(format!("nothing is written at {root}.{}", short(&path.join(".")))),
    }
}

/// The keys of a path; `None` when it leads through a list.
fn keys(path: &Path) -> Option<Vec<String>> {
    path.iter()
        .map(|segment| match segment {
            PathSegment::Key(key) => Some(key.to_string()),
            PathSegment::Index(_) => None,
        })
        .collect()
}

/// Looks at each new value of a map.
fn each(
    event: &MapEvent,
    txn: &TransactionMut<'_>,
    good: impl Fn(&str, &Out) -> Result<(), String>,
) -> Result<(), String> {
    event.keys(txn).iter().try_for_each(|(key, change)| match change {
        EntryChange::Inserted(value) | EntryChange::Updated(_, value) => good(key, value),
        EntryChange::Removed(_) => Ok(()),
    })
}

/// Looks at each key of a map that changed, with its new value if it has one.
fn each_key(
    event: &MapEvent,
    txn: &TransactionMut<'_>,
    good: impl Fn(&str, Option<&Out>) -> Result<(), String>,
) -> Result<(), String> {
    event.keys(txn).iter().try_for_each(|(key, change)| match change {
        EntryChange::Inserted(value) | EntryChange::Updated(_, value) => good(key, Some(value)),
        EntryChange::Removed(_) => good(key, None),
    })
}

fn strings(event: &ArrayEvent, txn: &TransactionMut<'_>) -> Result<(), String> {
    let good = |change: &Change| match change {
        Change::Added(values) => values.iter().all(is_id),
        Change::Removed(_) | Change::Retain(_) => true,
    };
    event.delta(txn).iter().all(good).then_some(()).ok_or_else(|| "a list holds ids of cells".into())
}

fn is_id(value: &Out) -> bool {
    matches!(value, Out::Any(Any::String(text)) if is_plain(text))
}

/// nbformat's pattern of a cell's id.
fn is_plain(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn json(value: &Out) -> Result<(), String> {
    matches!(value, Out::Any(_)).then_some(()).ok_or_else(|| "this place holds plain JSON".into())
}

fn edges(value: &Out, txn: &TransactionMut<'_>) -> Result<(), String> {
    let list: Option<ArrayRef> = if let Out::YArray(list) = value { Some(list.clone()) } else { None };
    let good = list.is_some_and(|list| list.iter(txn).all(|v| is_id(&v)));
    good.then_some(()).ok_or_else(|| "a list holds ids of cells".into())
}

/// A cell that a client has made.
fn new_cell(id: &str, value: &Out, txn: &TransactionMut<'_>) -> Result<(), String> {
    let Out::YMap(map) = value else { return Err("a cell is a map".into()) };
    if !is_plain(id) {
        return Err("an id has 1 to 64 letters, digits, - and _".into());
    }
    for (key, value) in map.iter(txn) {
        if cell::SERVER.contains(&key) && is_nothing(&value, txn) {
            continue;
        }
        cell_key(id, key, Some(&value), txn)?;
    }
    let whole =
        [cell::ID, cell::TYPE, cell::SOURCE, cell::METADATA].iter().all(|key| map.contains_key(txn, key));
    whole.then_some(()).ok_or_else(|| "a cell has `id`, `type`, `source` and `metadata`".into())
}

/// What stands for “not run yet”.
fn is_nothing(value: &Out, txn: &TransactionMut<'_>) -> bool {
    match value {
        Out::Any(Any::Null | Any::Undefined) => true,
        Out::Any(Any::String(text)) => &**text == "idle",
        Out::YArray(list) => list.len(txn) == 0,
        _ => false,
    }
}

fn cell_key(id: &str, key: &str, value: Option<&Out>, txn: &TransactionMut<'_>) -> Result<(), String> {
    if cell::SERVER.contains(&key) {
        return Err(format!("`{key}` is written by the server"));
    }
    let good = match (key, value) {
        (cell::ID, Some(Out::Any(Any::String(text)))) => &**text == id,
        (cell::TYPE, Some(Out::Any(Any::String(text)))) => matches!(&**text, "code" | "markdown" | "raw"),
        (cell::SOURCE, Some(Out::YText(_))) => true,
        (cell::METADATA, Some(Out::YMap(map))) => all_json(map, txn),
        (cell::ID | cell::TYPE | cell::SOURCE | cell::METADATA, _) => false,
        (cell::TOP | cell::LEFT | cell::WIDTH | cell::HEIGHT, Some(Out::Any(value))) => {
            matches!(value, Any::Null | Any::Undefined | Any::Number(_))
        }
        (cell::COLLAPSED, Some(Out::Any(Any::String(text)))) => matches!(&**text, "i" | "o" | "b"),
        (cell::COLLAPSED, Some(Out::Any(value))) => matches!(value, Any::Null | Any::Undefined),
        (key, Some(Out::Any(_)) | None) => cell::PEOPLE.contains(&key),
        _ => false,
    };
    good.then_some(()).ok_or_else(|| format!("`{}` of a cell can't be that", short(key)))
}

fn meta_key(key: &str, value: Option<&Out>, txn: &TransactionMut<'_>) -> Result<(), String> {
    let good = match (key, value) {
        (meta::METADATA, Some(Out::YMap(map))) => all_json(map, txn),
        (meta::METADATA, _) => false,
        (key, Some(Out::Any(_)) | None) => meta::PEOPLE.contains(&key),
        _ => false,
    };
    good.then_some(()).ok_or_else(|| format!("`{}` of the notebook is not yours to write", short(key)))
}

fn all_json(map: &MapRef, txn: &TransactionMut<'_>) -> bool {
    map.iter(txn).all(|(_, value)| matches!(value, Out::Any(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use yrs::{MapPrelim, Text, TextPrelim};

    /// A notebook with a cell that has run, and a client that has it.
    fn shared() -> (Doc, Doc) {
        let server = epoch::first("ep_test");
        {
            let mut txn = server.transact_mut();
            let mut map = new("c1");
            map.insert(cell::STATE.into(), "idle".into());
            let cells = txn.get_map(CELL).expect("a root");
            let one = cells.insert(&mut txn, "c1", map);
            let outputs = one.insert(&mut txn, cell::OUTPUTS, yrs::ArrayPrelim::default());
            outputs.push_back(&mut txn, MapPrelim::from([("name", "stdout")]));
            txn.get_array(CELLS).expect("a root").push_back(&mut txn, "c1");
            let meta = txn.get_map(META).expect("a root");
            meta.insert(&mut txn, meta::METADATA, MapPrelim::default());
        }
        let client = epoch::document(ClientID::new(7));
        let state = server.transact().encode_state_as_update_v1(&StateVector::default());
        client.transact_mut().apply_update(Update::decode_v1(&state).expect("decodes")).expect("applies");
        (server, client)
    }

    fn new(id: &str) -> MapPrelim {
        MapPrelim::from([
            (cell::ID, yrs::In::from(id)),
            (cell::TYPE, "code".into()),
            (cell::SOURCE, TextPrelim::new("x = 1").into()),
            (cell::METADATA, MapPrelim::default().into()),
        ])
    }

    /// What the gate says to what a client does.
    fn said<R>(change: impl FnOnce(&mut TransactionMut<'_>) -> R) -> Result<(), No> {
        let (server, client) = shared();
        let mut txn = client.transact_mut();
        change(&mut txn);
        txn.commit();
        let update = txn.encode_update_v1();
        let mut shadow = Shadow::of(&server.transact()).expect("a copy");
        shadow.check(&[&update])
    }

    fn one(txn: &TransactionMut<'_>) -> MapRef {
        txn.get_map(CELL).expect("a root").get(txn, "c1").expect("a cell").cast().expect("a map")
    }

    #[test]
    fn people_write_what_is_theirs() {
        let text = |txn: &TransactionMut<'_>| -> yrs::TextRef {
            one(txn).get(txn, cell::SOURCE).expect("a source").cast().expect("a text")
        };
        assert_eq!(said(|txn| text(txn).insert(txn, 0, "🙂")), Ok(()));
        assert_eq!(said(|txn| text(txn).remove_range(txn, 0, 3)), Ok(()));
        assert_eq!(said(|txn| one(txn).insert(txn, cell::TOP, 20)), Ok(()));
        assert_eq!(said(|txn| one(txn).insert(txn, cell::COLLAPSED, Any::Null)), Ok(()));
        assert_eq!(said(|txn| txn.get_map(CELL).expect("a root").insert(txn, "c2", new("c2"))), Ok(()));
        assert_eq!(said(|txn| txn.get_array(CELLS).expect("a root").push_back(txn, "c2")), Ok(()));
        // A cell that is deleted takes along what the server wrote of it.
        assert_eq!(said(|txn| txn.get_map(CELL).expect("a root").remove(txn, "c1")), Ok(()));
        assert_eq!(
            said(|txn| {
                let list = yrs::ArrayPrelim::from(["c1"]);
                txn.get_map(NP_GRAPH).expect("a root").insert(txn, "c2", list);
            }),
            Ok(())
        );
    }

    #[test]
    fn what_is_the_servers_is_refused() {
        let refused = |name: &str, said: Result<(), No>| {
            assert!(matches!(said, Err(No::Refused(_))), "{name}: {said:?}");
        };
        refused("state", said(|txn| one(txn).insert(txn, cell::STATE, "running")));
        refused("count", said(|txn| one(txn).insert(txn, cell::EXECUTION_COUNT, 7)));
        refused("no state", said(|txn| one(txn).remove(txn, cell::STATE)));
        refused(
            "an output",
            said(|txn| {
                let outputs: ArrayRef =
                    one(txn).get(txn, cell::OUTPUTS).expect("some").cast().expect("a list");
                outputs.push_back(txn, MapPrelim::from([("name", "stdout")]));
            }),
        );
        refused(
            "within an output",
            said(|txn| {
                let outputs: ArrayRef =
                    one(txn).get(txn, cell::OUTPUTS).expect("some").cast().expect("a list");
                let first: MapRef = outputs.get(txn, 0).expect("one").cast().expect("a map");
                first.insert(txn, "name", "stderr");
            }),
        );
        refused("the kernel", said(|txn| txn.get_map("kernel").expect("a root").insert(txn, "busy", true)));
        refused("the queue", said(|txn| txn.get_array("run_queue").expect("a root").push_back(txn, "c1")));
        refused("the epoch", said(|txn| txn.get_map(META).expect("a root").insert(txn, "epoch", "mine")));
        refused(
            "a cell with outputs",
            said(|txn| {
                let mut map = new("c2");
                map.insert(cell::OUTPUTS.into(), yrs::ArrayPrelim::from(["x"]).into());
                txn.get_map(CELL).expect("a root").insert(txn, "c2", map);
            }),
        );
        refused(
            "half a cell",
            said(|txn| txn.get_map(CELL).expect("a root").insert(txn, "c2", MapPrelim::default())),
        );
        refused("another id", said(|txn| txn.get_map(CELL).expect("a root").insert(txn, "c2", new("c3"))));
        refused("a number as an id", said(|txn| txn.get_array(CELLS).expect("a root").push_back(txn, 7)));
        refused("no source", said(|txn| one(txn).insert(txn, cell::SOURCE, "plain")));
    }

    #[test]
    fn a_root_of_its_own_is_refused() {
        let (server, client) = shared();
        let own = client.get_or_insert_map("mine");
        own.insert(&mut client.transact_mut(), "a", 1);
        let diff = client.transact().encode_diff_v1(&server.transact().state_vector());
        let mut shadow = Shadow::of(&server.transact()).expect("a copy");
        assert!(matches!(shadow.check(&[&diff]), Err(No::Refused(_))));
    }

    #[test]
    fn what_stands_on_something_unknown_waits() {
        let (server, client) = shared();
        let change = |text: &str| {
            let mut txn = client.transact_mut();
            let map = txn.get_map(META).expect("a root");
            let metadata: MapRef = map.get(&txn, meta::METADATA).expect("some").cast().expect("a map");
            metadata.insert(&mut txn, text, 1);
            txn.commit();
            txn.encode_update_v1()
        };
        let (first, second) = (change("a"), change("b"));
        let decoded = |bytes: &[u8]| Update::decode_v1(bytes).expect("decodes");
        let mut known = Known::of(&server.transact());
        assert_eq!(known.insertions(&decoded(&second)), Effect::Later);
        assert_eq!(known.insertions(&decoded(&first)), Effect::Some);
        assert_eq!(known.insertions(&decoded(&second)), Effect::Some);
        assert_eq!(known.insertions(&decoded(&first)), Effect::None);
    }

    #[test]
    fn what_stands_on_something_of_another_client_waits() {
        let (server, first) = shared();
        let second = epoch::document(ClientID::new(8));
        let push = |doc: &Doc| {
            let mut txn = doc.transact_mut();
            txn.get_array(CELLS).expect("a root").push_back(&mut txn, "c9");
            txn.commit();
            txn.encode_update_v1()
        };
        push(&first);
        let all = first.transact().encode_state_as_update_v1(&StateVector::default());
        second.transact_mut().apply_update(Update::decode_v1(&all).expect("decodes")).expect("applies");
        let behind = push(&second);
        let mut shadow = Shadow::of(&server.transact()).expect("a copy");
        assert_eq!(shadow.check(&[&behind]), Err(No::Later));
    }

    #[test]
    fn what_was_deleted_long_ago_is_nothing_new() {
        let (server, client) = shared();
        let cells = server.get_or_insert_array(CELLS);
        cells.remove(&mut server.transact_mut(), 0);
        let state = server.transact().encode_state_as_update_v1(&StateVector::default());
        client.transact_mut().apply_update(Update::decode_v1(&state).expect("decodes")).expect("applies");
        let step2 = client.transact().encode_diff_v1(&server.transact().state_vector());
        let step2 = Update::decode_v1(&step2).expect("decodes");
        assert!(!step2.delete_set().is_empty());
        assert!(!deletes(&server.transact(), &step2));
        assert_eq!(Known::of(&server.transact()).insertions(&step2), Effect::None);
    }
}
