//! `castalia notebook run` with real kernels, beside nbclient (`scripts/test-kernels` installs both).

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn prefix() -> PathBuf {
    let made = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/test-kernels");
    let prefix = std::env::var_os("CASTALIA_TEST_KERNELS").map_or_else(|| made.into(), PathBuf::from);
    assert!(prefix.join("bin/python").exists(), "no kernels to test with; run scripts/test-kernels");
    prefix
}

fn code(source: &str) -> Value {
    json!({"cell_type": "code", "id": format!("c{:x}", source.len()), "metadata": {}, "source": source, "outputs": [], "execution_count": null})
}

fn notebook(cells: Vec<Value>) -> Value {
    let cells: Vec<_> = cells
        .into_iter()
        .enumerate()
        .map(|(i, mut cell)| {
            cell["id"] = json!(format!("cell-{i}"));
            cell
        })
        .collect();
    json!({"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    }})
}

fn write(folder: &Path, name: &str, notebook: &Value) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, notebook.to_string()).expect("is written");
    path
}

fn run(file: &Path, out: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_castalia"));
    command.args(["notebook", "run"]).arg(file).arg("--out").arg(out).arg("--prefix").arg(prefix());
    command.args(more).output().expect("the program runs")
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("OUT was written")).expect("is JSON")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What an nbformat file holds as lines, as one text.
fn text(value: &Value) -> String {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Outputs as nbclient has them, text that follows text joined.
const NBCLIENT: &str = r#"
import sys, json, nbformat, nbclient
def merged(outputs):
    all = []
    for o in outputs:
        if all and o.output_type == 'stream' and all[-1].output_type == 'stream' and all[-1].name == o.name:
            all[-1].text += o.text
        else:
            all.append(o)
    return all
for source, ours in zip(sys.argv[1::2], sys.argv[2::2]):
    theirs = nbformat.read(source, as_version=4)
    nbclient.NotebookClient(theirs, allow_errors=True, timeout=60, kernel_name='python3').execute()
    ours = nbformat.read(ours, as_version=nbformat.NO_CONVERT)
    nbformat.validate(ours)
    assert len(ours.cells) == len(theirs.cells)
    for a, b in zip(ours.cells, theirs.cells):
        if a.cell_type != 'code': continue
        assert a.execution_count == b.execution_count, (a, b)
        x, y = merged(a.outputs), merged(b.outputs)
        assert json.dumps(x, sort_keys=True) == json.dumps(y, sort_keys=True), (source, x, y)
    theirs, ours = theirs.metadata, ours.metadata
    assert theirs.language_info == ours.language_info
    kinds = lambda m: sorted(w['model_name'] for w in m.get('widgets', {}).get('application/vnd.jupyter.widget-state+json', {}).get('state', {}).values())
    assert kinds(theirs) == kinds(ours), (kinds(theirs), kinds(ours))
"#;

#[test]
fn outputs_equal_those_of_nbclient_and_nbformat_finds_them_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    let streams = notebook(vec![
        code("import sys\nprint('a'); print('b')\nprint('e', file=sys.stderr)\nprint('c')"),
        json!({"cell_type": "markdown", "metadata": {}, "source": "# Text"}),
        code("print('x' * 100_000)\nfor i in range(200): print(i, flush=True)"),
        code(""),
        code("6 * 7"),
    ]);
    let displays = notebook(vec![
        code(
            "from IPython.display import display, HTML, JSON, Markdown, clear_output\nh = display('one', display_id='d')\ndisplay(HTML('<b>x</b>'), metadata={'m': 1})\ndisplay(JSON({'a': [1, None, 2.5]}))\ndisplay({'application/json': {'x': 1}, 'text/plain': 't'}, raw=True)",
        ),
        code("h.update('two')\ndisplay('three', display_id='d')"),
        code(
            "print('gone'); clear_output(); print('first')\nclear_output(wait=True)\nprint('stays')\nfor i in range(3):\n    clear_output(wait=True); print(i)",
        ),
        code(
            "import matplotlib\nmatplotlib.use('module://matplotlib_inline.backend_inline')\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nMarkdown('*m*')",
        ),
        code(
            "import plotly.graph_objects as go\nfrom IPython.display import display\ndisplay({'application/vnd.plotly.v1+json': go.Figure(go.Scatter(y=[1, 2])).to_plotly_json(), 'text/plain': 'f'}, raw=True)",
        ),
    ]);
    let errors = notebook(vec![
        code("def f(): raise ValueError('no \\u2013 good')\nf()"),
        code("input('name? ')"),
        code("1 +"),
        code("print('goes on')"),
        code("import ipywidgets\ns = ipywidgets.IntSlider(3)\ns.value = 5"),
    ]);
    let mut arguments = Vec::new();
    for (name, notebook) in [("streams", streams), ("displays", displays), ("errors", errors)] {
        let source = write(folder.path(), &format!("{name}.ipynb"), &notebook);
        let out = folder.path().join(format!("{name}.out.ipynb"));
        let output = run(&source, &out, &["--allow-errors"]);
        assert!(output.status.success(), "{}", said(&output));
        arguments.extend([source, out]);
    }
    let checked = Command::new(prefix().join("bin/python")).args(["-c", NBCLIENT]).args(arguments).output();
    let checked = checked.expect("nbclient runs");
    assert!(checked.status.success(), "{}", said(&checked));
}

#[test]
fn an_error_ends_the_run_and_what_came_until_then_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cells =
        notebook(vec![code("print('first')"), code("raise KeyError('why')"), code("print('never')")]);
    cells["cells"][0]["foreign"] = json!({"kept": [1, 2.0, null]});
    cells["metadata"]["custom"] = json!({"z": 1, "a": "ä"});
    cells["cells"][2]["outputs"] = json!([{"output_type": "stream", "name": "stdout", "text": "old"}]);
    let source = write(folder.path(), "a.ipynb", &cells);
    let out = folder.path().join("b.ipynb");
    let output = run(&source, &out, &["--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!((&report["status"], &report["executed"]), (&json!("error"), &json!(2)));
    assert_eq!(report["errors"][0]["ename"], "KeyError");
    assert!(
        said(&output).contains("KeyError") && said(&output).contains("cell 2 failed"),
        "{}",
        said(&output)
    );
    let written = read(&out);
    assert_eq!(text(&written["cells"][0]["outputs"][0]["text"]), "first\n");
    assert_eq!(written["cells"][1]["outputs"][0]["output_type"], "error");
    assert_eq!(written["cells"][2]["outputs"], json!([]), "an output of another run would be a lie");
    assert_eq!(written["cells"][0]["foreign"], json!({"kept": [1, 2.0, null]}));
    assert_eq!(written["metadata"]["custom"], json!({"z": 1, "a": "ä"}));
    // What may fail does not end the run.
    cells["cells"][1]["metadata"]["tags"] = json!(["raises-exception"]);
    let output = run(&write(folder.path(), "a.ipynb", &cells), &out, &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), out.display().to_string());
    assert_eq!(text(&read(&out)["cells"][2]["outputs"][0]["text"]), "never\n");
}

#[test]
fn parameters_override_defaults_and_a_second_run_replaces_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cells = notebook(vec![code("n = 1\nname = 'x'"), code("print(n, name, type(n).__name__)")]);
    cells["cells"][0]["metadata"]["tags"] = json!(["parameters"]);
    let source = write(folder.path(), "a.ipynb", &cells);
    let out = folder.path().join("b.ipynb");
    let output = run(&source, &out, &["-p", "n=3", "-p", "name=it's \"Ada\"\n"]);
    assert!(output.status.success(), "{}", said(&output));
    let written = read(&out);
    assert_eq!(written["cells"][1]["metadata"]["tags"], json!(["injected-parameters"]));
    assert_eq!(text(&written["cells"][2]["outputs"][0]["text"]), "3 it's \"Ada\"\n int\n");
    let output = run(&out, &out, &["-p", "n:=[1]"]);
    assert!(output.status.success(), "{}", said(&output));
    let written = read(&out);
    assert_eq!(written["cells"].as_array().map(Vec::len), Some(3));
    assert_eq!(text(&written["cells"][2]["outputs"][0]["text"]), "[1] x list\n");
}

#[test]
fn a_kernel_that_dies_a_cell_that_takes_too_long_and_files_that_are_none_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.ipynb");
    let dies = notebook(vec![code(
        // ZeroMQ sends in a thread of its own; what it has not sent dies with the kernel.
        "print('before', flush=True)\nimport os, signal, time\ntime.sleep(0.5)\nos.kill(os.getpid(), signal.SIGKILL)",
    )]);
    let output = run(&write(folder.path(), "a.ipynb", &dies), &out, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("the kernel died in cell 1"), "{}", said(&output));
    assert_eq!(text(&read(&out)["cells"][0]["outputs"][0]["text"]), "before\n");

    let slow = notebook(vec![code("import time\nprint('in it', flush=True)\ntime.sleep(1000)")]);
    let output = run(&write(folder.path(), "a.ipynb", &slow), &out, &["--timeout", "1s"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("cell 1 took longer than 1 s"), "{}", said(&output));
    let outputs = read(&out)["cells"][0]["outputs"].clone();
    assert_eq!(
        (text(&outputs[0]["text"]).as_str(), &outputs[1]["ename"]),
        ("in it\n", &json!("KeyboardInterrupt"))
    );

    for (content, code) in [("{", 1), ("{\"nbformat\": 3, \"worksheets\": []}", 1), ("{\"nbformat\": 4}", 1)]
    {
        let path = folder.path().join("bad.ipynb");
        std::fs::write(&path, content).expect("is written");
        let output = run(&path, &out, &[]);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(said(&output).contains("is no notebook"), "{}", said(&output));
    }
    let output = run(&write(folder.path(), "a.ipynb", &slow), &out, &["--kernel", "cobol"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(said(&output).contains("python3"), "it says which there are: {}", said(&output));
}

#[test]
fn a_kernel_of_another_language_runs_a_notebook_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cells = notebook(vec![code("x=1"), code("echo \"$x $name\"")]);
    cells["metadata"]["kernelspec"] = json!({"name": "bash", "display_name": "Bash", "language": "bash"});
    let out = folder.path().join("out.ipynb");
    let output = run(&write(folder.path(), "a.ipynb", &cells), &out, &["-p", "name=A da"]);
    assert!(output.status.success(), "{}", said(&output));
    let written = read(&out);
    assert!(text(&written["cells"][2]["outputs"][0]["text"]).ends_with("1 A da\n"), "{written}");
}
