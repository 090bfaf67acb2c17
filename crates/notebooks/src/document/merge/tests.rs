use super::*;
use crate::document::shared;
use proptest::prelude::*;
use serde_json::json;
use std::collections::HashSet;
use yrs::{Doc, OffsetKind, Options, Transact};

fn notebook(cells: &[(&str, &str)]) -> Notebook {
    let cells = cells.iter().map(|(id, source)| Cell::new(id, CellKind::Code, source));
    Notebook { cells: cells.collect(), ..Notebook::new() }
}

fn document(notebook: &Notebook) -> Doc {
    let doc = Doc::with_options(Options { offset_kind: OffsetKind::Utf16, ..Options::default() });
    shared::fill(&mut doc.transact_mut(), notebook);
    doc
}

/// What the edits make of a document that holds `ours`.
fn applied(ours: &Notebook, edits: &[Edit]) -> Notebook {
    let doc = document(ours);
    apply(&mut doc.transact_mut(), edits);
    let txn = doc.transact();
    shared::read(&txn)
}

fn merged(base: &Notebook, ours: &Notebook, theirs: &Notebook) -> (Notebook, Vec<Conflict>) {
    let merged = merge(base, ours, theirs);
    (applied(ours, &merged.edits), merged.conflicts)
}

#[test]
fn row_4_one_cell_changed_outside_while_another_is_typed_in() {
    let base = notebook(&[("a", "1\n2\n3"), ("b", "x"), ("c", "z")]);
    let ours = notebook(&[("a", "1\n2\n3"), ("b", "x = typed"), ("c", "z")]);
    let theirs = notebook(&[("a", "1\ntwo\n3"), ("b", "x"), ("c", "z")]);
    let found = merge(&base, &ours, &theirs);
    assert_eq!(found.edits, [Edit::Source("a".into(), "1\ntwo\n3".into())], "no other cell is touched");
    assert!(found.conflicts.is_empty());
    assert_eq!(applied(&ours, &found.edits), notebook(&[("a", "1\ntwo\n3"), ("b", "x = typed"), ("c", "z")]));
    assert_eq!(merge(&base, &ours, &base), Merged::default(), "a touched file changes nothing");
}

#[test]
fn both_changed_one_cell() {
    let (base, ours) = (notebook(&[("a", "1")]), notebook(&[("a", "ours")]));
    let theirs = notebook(&[("a", "theirs")]);
    let (now, conflicts) = merged(&base, &ours, &theirs);
    assert_eq!(now, ours, "the document stays");
    let [conflict] = &conflicts[..] else {
        panic!("{conflicts:?}");
    };
    assert_eq!((conflict.cell.as_str(), conflict.part), ("a", Part::Source));
    assert_eq!((&conflict.ours, &conflict.theirs), (&json!("ours"), &json!("theirs")));
    let with = |side| applied(&now, &resolve(&now, conflict, side));
    assert_eq!(with(Side::Ours), ours);
    assert_eq!(with(Side::Theirs), theirs);
    let both: Vec<String> = with(Side::Both).cells.into_iter().map(|cell| cell.source).collect();
    assert_eq!(both, ["ours", "theirs"]);
    assert!(merged(&base, &ours, &ours).1.is_empty(), "the same change on both sides is none");
}

#[test]
fn one_deleted_what_the_other_changed() {
    let base = notebook(&[("a", "1"), ("b", "2")]);
    let (changed, deleted) = (notebook(&[("a", "new"), ("b", "2")]), notebook(&[("b", "2")]));
    let (now, conflicts) = merged(&base, &changed, &deleted);
    assert_eq!(now, changed);
    assert_eq!((conflicts[0].part, &conflicts[0].theirs), (Part::Cell, &Value::Null));
    assert_eq!(applied(&now, &resolve(&now, &conflicts[0], Side::Theirs)), deleted);

    let (now, conflicts) = merged(&base, &deleted, &changed);
    assert_eq!(now, deleted);
    assert_eq!(conflicts[0].theirs["source"], "new", "the other version is kept");
    let restored = applied(&now, &resolve(&now, &conflicts[0], Side::Theirs));
    assert_eq!(restored.cell("a").map(|cell| cell.source.as_str()), Some("new"));
    assert_eq!(merged(&base, &base, &deleted), (deleted.clone(), vec![]), "nobody changed it: it goes");
}

#[test]
fn cells_come_and_move() {
    let base = notebook(&[("a", "1"), ("b", "2"), ("c", "3")]);
    let ours = notebook(&[("a", "1"), ("o", "ours"), ("b", "2"), ("c", "3")]);
    let theirs = notebook(&[("c", "3"), ("a", "1"), ("t", "theirs"), ("b", "2")]);
    let (now, conflicts) = merged(&base, &ours, &theirs);
    let order: Vec<&str> = now.cells.iter().map(|cell| cell.id.as_str()).collect();
    assert_eq!(order, ["c", "a", "o", "t", "b"]);
    assert!(conflicts.is_empty());
}

#[test]
fn ids_that_a_tool_renewed_are_found_again() {
    let base = notebook(&[("a", "import os"), ("b", "x = 1\ny = 2\nz = 3\nprint(x)"), ("c", "same")]);
    let mut ours = base.clone();
    ours.cells[0].source.push_str("\nimport sys");
    let theirs = notebook(&[
        ("n1", "import os"),
        ("n2", "x = 1\ny = 2\nz = 4\nprint(x)"),
        ("n3", "same"),
        ("n4", "new"),
    ]);
    let found = merge(&base, &ours, &theirs);
    assert!(found.conflicts.is_empty(), "{:?}", found.conflicts);
    let now = applied(&ours, &found.edits);
    let ids: Vec<&str> = now.cells.iter().map(|cell| cell.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c", "n4"]);
    assert_eq!(now.cells[0].source, "import os\nimport sys");
    assert_eq!(now.cells[1].source, "x = 1\ny = 2\nz = 4\nprint(x)");
}

#[test]
fn metadata_outputs_and_edges_merge_too() {
    let mut base = notebook(&[("a", "1"), ("b", "2")]);
    base.cells[0].metadata.insert("tags".into(), json!(["x"]));
    base.metadata.insert("title".into(), json!("old"));
    base.np_graph.insert("a".into(), vec!["b".into()]);
    let (mut ours, mut theirs) = (base.clone(), base.clone());
    ours.cells[0].metadata.insert("ours".into(), json!(1));
    ours.metadata.insert("title".into(), json!("ours"));
    ours.cells[1].layout.top = Some(40.0);
    ours.np_graph.insert("b".into(), vec!["a".into()]);
    theirs.cells[0].metadata.remove("tags");
    theirs.metadata.insert("title".into(), json!("theirs"));
    theirs.np_graph.clear();
    theirs.cells[1].execution_count = Some(3);
    let output = json!({"output_type": "stream", "name": "stdout", "text": "hi"});
    theirs.cells[1].outputs = vec![Output { id: "o".into(), value: output, ..Output::default() }];
    let (now, conflicts) = merged(&base, &ours, &theirs);
    assert_eq!(json!(now.cells[0].metadata), json!({"ours": 1}));
    assert_eq!(now.cells[1].outputs, theirs.cells[1].outputs);
    assert_eq!((now.cells[1].execution_count, now.cells[1].layout.top), (Some(3), Some(40.0)));
    assert_eq!(json!(now.np_graph), json!({"b": ["a"]}));
    assert_eq!(conflicts.len(), 1);
    assert_eq!((conflicts[0].part, conflicts[0].key.as_deref()), (Part::Notebook, Some("title")));
    assert_eq!(now.metadata["title"], "ours");
    assert_eq!(applied(&now, &resolve(&now, &conflicts[0], Side::Theirs)).metadata["title"], "theirs");
}

#[test]
fn without_a_base_nothing_is_thrown_away() {
    let (ours, theirs) =
        (notebook(&[("a", "1"), ("b", "ours")]), notebook(&[("a", "1"), ("b", "theirs"), ("c", "3")]));
    let (now, conflicts) = merged(&Notebook::new(), &ours, &theirs);
    assert_eq!(now, notebook(&[("a", "1"), ("b", "ours"), ("c", "3")]));
    assert_eq!(conflicts[0].theirs["source"], "theirs");
}

fn lines(notebook: &Notebook) -> HashSet<String> {
    notebook.cells.iter().flat_map(|cell| cell.source.lines()).map(str::to_owned).collect()
}

/// What somebody does to a notebook. New lines bear the name of who wrote them.
fn changed(base: &Notebook, who: &str, steps: &[(u8, usize, usize)]) -> Notebook {
    let mut now = base.clone();
    for (nth, (what, at, line)) in steps.iter().enumerate() {
        let new = format!("{who}{nth} ü😀");
        if now.cells.is_empty() || *what == 0 {
            let at = at % (now.cells.len() + 1);
            now.cells.insert(at, Cell::new(&format!("{who}{nth}"), CellKind::Code, &new));
            continue;
        }
        let at = at % now.cells.len();
        let mut lines: Vec<String> = now.cells[at].source.lines().map(str::to_owned).collect();
        let line = line % (lines.len() + 1);
        match what {
            1 => lines.insert(line, new),
            2 if line < lines.len() => lines[line] = new,
            3 if line < lines.len() => drop(lines.remove(line)),
            4 => {
                now.cells.remove(at);
                continue;
            }
            5 => {
                let cell = now.cells.remove(at);
                let to = line % (now.cells.len() + 1);
                now.cells.insert(to, cell);
                continue;
            }
            _ => {}
        }
        now.cells[at].source = lines.join("\n");
    }
    now
}

fn steps() -> impl Strategy<Value = Vec<(u8, usize, usize)>> {
    prop::collection::vec((0..6_u8, 0..8_usize, 0..8_usize), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_is_lost(cells in 0..5_usize, a in steps(), b in steps()) {
        let base: Vec<(String, String)> = (0..cells).map(|nth| (format!("c{nth}"), format!("l{nth}a\nl{nth}b\nl{nth}c"))).collect();
        let base = notebook(&base.iter().map(|(id, source)| (id.as_str(), source.as_str())).collect::<Vec<_>>());
        let (ours, theirs) = (changed(&base, "o", &a), changed(&base, "t", &b));
        let (now, conflicts) = merged(&base, &ours, &theirs);
        let kept: HashSet<String> = conflicts.iter().flat_map(|conflict| {
            let texts = |value: &Value| value.as_str().or(value["source"].as_str()).unwrap_or_default().to_owned();
            [texts(&conflict.ours), texts(&conflict.theirs)].join("\n").lines().map(str::to_owned).collect::<Vec<_>>()
        }).chain(lines(&now)).collect();
        for side in [&ours, &theirs] {
            for line in lines(side).difference(&lines(&base)) {
                prop_assert!(kept.contains(line), "{line} is lost");
            }
        }
        for line in lines(&ours).intersection(&lines(&theirs)) {
            prop_assert!(kept.contains(line), "{line} is lost");
        }
        let ids: Vec<&String> = now.cells.iter().map(|cell| &cell.id).collect();
        prop_assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    }

    #[test]
    fn a_difference_applied_is_the_other(cells in 0..5_usize, a in steps(), b in steps()) {
        let base: Vec<(String, String)> = (0..cells).map(|nth| (format!("c{nth}"), format!("l{nth}a\nl{nth}b"))).collect();
        let base = notebook(&base.iter().map(|(id, source)| (id.as_str(), source.as_str())).collect::<Vec<_>>());
        let (from, to) = (changed(&base, "x", &a), changed(&base, "x", &b));
        let now = applied(&from, &difference(&from, &to));
        let plain = |notebook: &Notebook| -> Vec<String> { notebook.cells.iter().map(|cell| cell.source.clone()).collect() };
        prop_assert_eq!(plain(&now), plain(&to));
    }
}
