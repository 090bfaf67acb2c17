use super::*;
use crate::document::peer::{python, run_python};
use crate::document::{CellKind, Notebook, shared};
use serde_json::{Value, json};
use yrs::{Doc, OffsetKind, Options, ReadTxn, StateVector, Transact, Update, updates::decoder::Decode};

fn doc() -> Doc {
    Doc::with_options(Options { offset_kind: OffsetKind::Utf16, ..Options::default() })
}

/// What comes back when a notebook went through a document, its encoding and another document.
fn through_documents(notebook: &Notebook) -> Notebook {
    let (doc, copy) = (doc(), doc());
    shared::fill(&mut doc.transact_mut(), notebook);
    let update = doc.transact().encode_state_as_update_v1(&StateVector::default());
    copy.transact_mut().apply_update(Update::decode_v1(&update).expect("an update")).expect("applied");
    shared::read(&copy.transact())
}

fn file(cells: Value) -> Value {
    json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
}

const WRITE: &str = r##"
import sys, pathlib
from nbformat.v4 import new_notebook, new_code_cell, new_markdown_cell, new_raw_cell, new_output
import nbformat
folder = pathlib.Path(sys.argv[1])
def nb(**more):
    code = new_code_cell("import os\nprint('hä 😀')\r\nx = 1\x0cy\n", id="aaaa", execution_count=7, metadata={"tags": ["a"], "float": 1.0, "small": 1e-7, "big": 1e22, "n": 3, "b": True, "trusted": True})
    code.outputs = [
        new_output("stream", text="a\nb\rc\n"), new_output("stream", name="stderr", text="e"),
        new_output("display_data", {"text/plain": ["x"], "text/html": "<b>\n</b>", "image/png": "iVBORw0=\n", "image/svg+xml": "<svg>\n</svg>",
            "application/json": {"deep": [1, 2.0, None, {"x": []}], "list": ["a", "b"]}, "application/vnd.x+json": ["a\n", "b"]}, metadata={"image/png": {"width": 3}}),
        new_output("execute_result", {"text/plain": "1\u2028 2"}, execution_count=7),
        new_output("error", ename="E", evalue="no\nway", traceback=["\x1b[31mE\x1b[0m: no", "b\nc"]),
    ]
    md = new_markdown_cell("# Title\n\ntext ![a](attachment:a.png)", id="m_-1", attachments={"a.png": {"image/png": "iVBO\n", "text/plain": "a\nb"}})
    raw = new_raw_cell("", id="raw1", metadata={"format": "text/latex"})
    raw["attachments"] = {}
    return new_notebook(cells=[md, code, raw, new_code_cell("", id="empty")], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python", "codemirror_mode": {"version": 3}}, "custom": {"z": [], "a": {}, "pi": 3.14}, **more})
nbformat.write(nb(), folder / "full.ipynb")
n = nb(gm={"np_graph": {"aaaa": ["empty"]}, "pc_graph": {"m_-1": ["aaaa", "raw1", "empty"]}, "zoom": 1})
n.cells[1].metadata["gm"] = {"top": 20, "left": -40, "width": 480, "height": 200.5, "collapsed": "i", "other": None}
n.cells[0].metadata["gm"] = {}
n["unknown"] = {"kept": [1, 2.0]}
n.cells[0]["cell_unknown"] = "kept"
n.cells[1].outputs[0]["output_unknown"] = {"k": 1}
n.cells[1].outputs[3]["execution_count"] = None
del n.cells[1].outputs[2]["metadata"]
(folder / "odd.ipynb").write_text(nbformat.v4.writes(n) + "\n")
nbformat.write(new_notebook(), folder / "none.ipynb")
"##;

#[test]
fn files_of_nbformat_are_written_byte_for_byte() {
    let Some(python) = python("nbformat") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    run_python(&python, WRITE, folder.path());
    for name in ["full.ipynb", "odd.ipynb", "none.ipynb"] {
        let bytes = std::fs::read(folder.path().join(name)).expect("written");
        let loaded = read(&bytes).expect("a notebook");
        assert!(loaded.mended.is_empty(), "{name}: {:?}", loaded.mended);
        let back = through_documents(&loaded.notebook);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        assert_eq!(text(&to_bytes(&back, Some(&loaded.notebook))), text(&bytes), "{name}");
        assert_eq!(read(&to_bytes(&back, None)).expect("ours").notebook.cells.len(), back.cells.len());
    }
}

#[test]
fn what_is_written_is_valid_for_nbformat() {
    let Some(python) = python("nbformat") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let old = json!({"cells": [
        {"cell_type": "markdown", "source": "# A\n", "metadata": {"gm": {"tissue": true, "top": 20}}},
        {"cell_type": "code", "source": ["1\n", "2"], "metadata": {}, "execution_count": 3.0, "outputs": [
            {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {}, "execution_count": null}]},
    ], "metadata": {}, "nbformat": 4, "nbformat_minor": 2});
    let loaded = read_value(old).expect("4.2 is accepted");
    std::fs::write(folder.path().join("old.ipynb"), to_bytes(&through_documents(&loaded.notebook), None))
        .expect("written");
    let ganimede = read_value(ganimede()).expect("Ganimede's are accepted");
    std::fs::write(folder.path().join("gm.ipynb"), to_bytes(&through_documents(&ganimede.notebook), None))
        .expect("written");
    let check = "import sys, pathlib, nbformat
for path in pathlib.Path(sys.argv[1]).glob('*.ipynb'):
    text = path.read_text()
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert nbformat.writes(notebook) + chr(10) == text, path";
    run_python(&python, check, folder.path());
}

fn ganimede() -> Value {
    json!({"cells": [
        {"id": "t", "cell_type": "markdown", "source": ["A tissue"], "outputs": [], "metadata": {"gm": {"top": 0, "left": 0, "height": null, "width": null, "collapsed": null}}},
        {"id": "loose", "cell_type": "code", "source": ["x = 1", "y = 2"], "outputs": [], "metadata": {"gm": {"top": null, "left": null, "height": null, "width": null, "collapsed": null}}},
        {"id": "c", "cell_type": "code", "source": ["print(1)", "print(2)"], "metadata": {"gm": {"top": 40.0, "left": 8, "height": 100, "width": 300, "collapsed": "o"}},
         "outputs": [{"output_type": "stream", "text": ["1", "2"]}, {"output_type": "execute_result", "data": {"text/html": ["<b>", "</b>"]}},
                     {"output_type": "error", "traceback": ["a", "b"]}]},
        {"id": "one", "cell_type": "code", "source": ["kept\n", "lines"], "outputs": [], "metadata": {}},
    ], "metadata": {"gm": {"np_graph": {"loose": ["t"]}, "pc_graph": {"t": ["one", "c"]}}}})
}

#[test]
fn ganimedes_files_get_their_lines_back() {
    let loaded = read_value(ganimede()).expect("accepted");
    let notebook = through_documents(&loaded.notebook);
    let order: Vec<&str> = notebook.cells.iter().map(|cell| cell.id.as_str()).collect();
    assert_eq!(order, ["loose", "t", "one", "c"], "children stand behind their tissue, in its order");
    let cell = notebook.cell("c").expect("kept");
    assert_eq!(cell.source, "print(1)\nprint(2)");
    assert_eq!(cell.outputs[0].value["text"], "1\n2");
    assert_eq!(cell.outputs[1].value["data"]["text/html"], "<b>\n</b>");
    assert_eq!((cell.layout.top, cell.layout.collapsed.as_deref()), (Some(40.0), Some("o")));
    assert_eq!(notebook.cell("one").expect("kept").source, "kept\nlines", "line ends that are there stay");
    let graph = crate::document::graph::pc_graph(&notebook.cells);
    assert_eq!(graph["t"], ["one", "c"], "a tissue without a heading stays one");
    assert_eq!(notebook.np_graph["loose"], ["t"]);
    let mended = &loaded.mended[0];
    assert!(mended.contains("Ganimede"), "{mended}");
}

#[test]
fn outputs_that_do_not_parse_are_kept() {
    let odd = json!([
        {"output_type": "from_the_future", "x": [1, {"y": null}]},
        "not even an object", null, 3,
        {"output_type": "stream", "name": "stdout", "text": {"no": "text"}},
        {"output_type": "display_data", "data": ["no bundle"], "metadata": {}},
        {"no": "type"},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": "one text"},
        {"output_type": "stream", "text": "no name"},
    ]);
    let cells = json!([{"id": "a", "cell_type": "code", "source": "", "metadata": {}, "execution_count": null, "outputs": odd}]);
    let notebook = read_value(file(cells)).expect("accepted").notebook;
    let back = to_value(&through_documents(&notebook));
    let mut expected = odd.clone();
    expected[8]["text"] = json!(["no name"]);
    assert_eq!(back["cells"][0]["outputs"], expected);
}

#[test]
fn ids_are_mended_and_told() {
    let cell =
        |id: Value, source: &str| json!({"id": id, "cell_type": "raw", "source": source, "metadata": {}});
    let cells = json!([
        cell("a".into(), "1"),
        cell("a".into(), "2"),
        cell("b c".into(), "3"),
        cell(Value::Null, "3"),
        cell(7.into(), "")
    ]);
    let loaded = read_value(file(cells.clone())).expect("accepted");
    let ids: Vec<&str> = loaded.notebook.cells.iter().map(|cell| cell.id.as_str()).collect();
    assert_eq!(ids[0], "a", "the first keeps its id");
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 5);
    assert!(ids.iter().all(|id| read::is_id(id)), "{ids:?}");
    assert_eq!(loaded.mended.len(), 4);
    assert!(loaded.mended[0].starts_with("cell 2 has the id of another cell"), "{:?}", loaded.mended);
    assert_eq!(read_value(file(cells)).expect("accepted"), loaded, "the same file, the same ids");
}

#[test]
fn what_is_not_understood_is_refused_in_words() {
    let version = |major: Value, minor: Value| json!({"cells": [], "metadata": {}, "nbformat": major, "nbformat_minor": minor});
    let cases = [
        (version(4.into(), 6.into()), "nbformat 4.6, which is newer"),
        (version(5.into(), 0.into()), "nbformat 5; only 4"),
        (version(3.into(), 0.into()), "nbconvert"),
        (version(4.into(), "x".into()), "no `nbformat_minor`"),
        (json!({"cells": []}), "no `nbformat`"),
        (json!([]), "a JSON object"),
        (json!({"nbformat": 4, "nbformat_minor": 5}), "no list `cells`"),
        (file(json!([{"cell_type": "heading", "source": ""}])), "cell 1 has a `cell_type`"),
        (file(json!([{"cell_type": "raw", "source": 1}])), "cell 1 has a `source`"),
        (file(json!([{"cell_type": "raw", "source": "", "metadata": []}])), "cell 1 has `metadata`"),
        (file(json!([1])), "cell 1 is not an object"),
        (file(json!([{"cell_type": "code", "source": "", "outputs": {}}])), "cell 1 has `outputs`"),
        (
            file(json!([{"cell_type": "code", "source": "", "execution_count": "x"}])),
            "cell 1 has an `execution_count`",
        ),
    ];
    for (value, words) in cases {
        let refused = read_value(value).expect_err(words).to_string();
        assert!(refused.contains(words), "{refused}");
    }
    let broken = read(b"{\n \"cells\": [\n  <<<<<<< HEAD\n").expect_err("a merge conflict").to_string();
    assert_eq!(broken, "the file is not JSON: expected value at line 3, column 3");
}

#[test]
fn numbers_that_went_through_a_browser_keep_their_spelling() {
    let cells = json!([{"id": "a", "cell_type": "raw", "source": "", "metadata": {"one": 1.0, "two": 2, "big": 18_446_744_073_709_551_615_u64}}]);
    let before = read_value(file(cells)).expect("accepted").notebook;
    let mut now = before.clone();
    let metadata = &mut now.cells[0].metadata;
    metadata.insert("one".into(), 1.into());
    metadata.insert("big".into(), 18_446_744_073_709_552_000.0.into());
    assert_eq!(to_bytes(&now, Some(&before)), to_bytes(&before, None));
}

#[test]
fn a_duplicate_in_the_order_counts_once() {
    use yrs::{Array, WriteTxn};
    let notebook =
        Notebook { cells: vec![crate::document::Cell::new("a", CellKind::Raw, "1")], ..Notebook::new() };
    let doc = doc();
    let mut txn = doc.transact_mut();
    shared::fill(&mut txn, &notebook);
    let order = txn.get_or_insert_array(crate::document::schema::CELLS);
    order.push_back(&mut txn, "a");
    order.push_back(&mut txn, "gone");
    assert_eq!(shared::read(&txn).cells, notebook.cells);
}
