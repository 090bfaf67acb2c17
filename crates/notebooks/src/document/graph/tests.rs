use super::*;
use std::collections::BTreeMap;

fn notebook(text: &str) -> Vec<Cell> {
    let cell = |line: &str| {
        let (id, source) = line.split_once(' ').expect("an id and a source");
        let source = source.replace('|', "\n");
        let kind = if source.starts_with("x=") { CellKind::Code } else { CellKind::Markdown };
        Cell::new(id, kind, &source)
    };
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(cell).collect()
}

fn edges(list: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    list.iter().map(|(from, to)| ((*from).into(), to.iter().map(|to| (*to).into()).collect())).collect()
}

#[test]
fn headings_are_those_of_commonmark() {
    let cases = [
        ("# One", Some(1)),
        ("###### Six", Some(6)),
        ("####### seven", None),
        ("#tag", None),
        ("#", Some(1)),
        ("# One\n## two", Some(1)),
        ("Title\n=====", Some(1)),
        ("Title\n---", Some(2)),
        ("two\nlines\n---", Some(2)),
        ("---\ntext", None),
        ("```\n# not one\n```", None),
        ("    # code", None),
        ("   ## three spaces", Some(2)),
        ("\n\n# behind empty lines", Some(1)),
        ("text\n\n# later", None),
        ("\\# escaped", None),
        ("> # quoted", None),
        ("- item\n---", None),
        ("", None),
    ];
    for (text, level) in cases {
        assert_eq!(heading_level(text), level, "{text:?}");
    }
}

#[test]
fn tissues_nest() {
    let mut cells = notebook(
        "z x=0
         a # A
         b x=1
         c ## C
         d x=2
         e #### E
         f x=3
         g ## G
         h # H",
    );
    let graph = pc_graph(&cells);
    assert_eq!(
        graph,
        edges(&[("a", &["b", "c", "g"]), ("c", &["d", "e"]), ("e", &["f"]), ("g", &[]), ("h", &[])])
    );
    assert_eq!(of_tissue(&cells, "a"), ["b", "d", "f"]);
    assert_eq!(of_tissue(&cells, "d"), ["d"]);
    assert_eq!(from_here(&cells, "c"), ["d", "f"]);
    assert_eq!(to_here(&cells, "c"), ["z", "b"]);
    assert!(of_tissue(&cells, "nobody").is_empty() && from_here(&cells, "nobody").is_empty());

    cells.insert(1, Cell::new("m", CellKind::Markdown, "words"));
    cells[1].metadata.insert("gm".into(), serde_json::json!({"tissue": true}));
    cells.insert(2, Cell::new("n", CellKind::Code, "x=9"));
    assert_eq!(pc_graph(&cells)["m"], ["n"], "a tissue by a person's word ends at the next heading");
}

#[test]
fn edges_say_the_order() {
    let cells = notebook(
        "a x=1
         b x=2
         t # T
         c x=3
         d x=4
         u # U
         e x=5",
    );
    let graph = edges(&[("t", &["b"]), ("b", &["a", "gone"]), ("e", &["a"])]);
    assert_eq!(along(&cells, &graph, None).expect("no circle"), ["c", "d", "b", "e", "a"]);
    assert_eq!(along(&cells, &graph, Some("b")).expect("no circle"), ["b", "a"]);
    assert_eq!(along(&cells, &graph, Some("c")).expect("no circle"), ["c"], "without edges, only itself");
    let inner = edges(&[("d", &["c"]), ("t", &["e"])]);
    assert_eq!(along(&cells, &inner, None).expect("no circle"), ["d", "c", "e"]);
}

#[test]
fn a_circle_is_named() {
    let cells = notebook("a x=1\nb x=2\nc x=3\nd x=4");
    let graph = edges(&[("d", &["a"]), ("a", &["b"]), ("b", &["c"]), ("c", &["a"])]);
    let cycle = along(&cells, &graph, None).expect_err("a circle");
    assert_eq!(cycle.to_string(), "the edges go round in a circle: b → c → a → b");
    let own = edges(&[("a", &["a"])]);
    assert_eq!(along(&cells, &own, None).expect_err("itself").0, ["a", "a"]);
}
