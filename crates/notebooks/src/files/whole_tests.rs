use super::ground::Ground;
use super::outputs::put_away;
use super::tests::Folder;
use super::whole::{Form, mark};
use crate::document::{Cell, CellKind, Notebook, Output, html, ipynb, json, markdown};
use futures::TryStreamExt;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

fn notebook() -> Notebook {
    let long = |text: &str| text.repeat(40_000 / text.len());
    let display = |data: Value| json!({"output_type": "display_data", "data": data, "metadata": {}});
    let outputs = [
        json!({"output_type": "stream", "name": "stdout", "text": long("a \u{1b}[31mred\u{1b}[0m <b>\r\né\u{2028}\"x\"\t```` ")}),
        json!({"output_type": "stream", "name": "stderr", "text": format!("{}\n\n\n", long("no end of line "))}),
        display(json!({"image/png": long("iVBO\nRw0K"), "text/plain": "<Figure>"})),
        display(json!({"image/svg+xml": long("<svg a=\"ü\">\n</svg>"), "text/plain": long("plain <&>\n")})),
        display(json!({"text/html": long("<p>'``'</p>\n")})),
        display(json!({"text/markdown": long("# Title\n\n*x* <i>\n\n")})),
        display(json!({"text/latex": long("$x^2$\n")})),
        display(json!({"application/json": {"b": [1, 2.0, {"long": long("text\n")}], "a": null}})),
        display(
            json!({"application/vnd.plotly.v1+json": {"data": (0..9000).collect::<Vec<_>>()}, "text/plain": "f"}),
        ),
        display(json!({"application/x-other": long("\"quoted\"\n")})),
        json!({"output_type": "execute_result", "execution_count": 3, "metadata": {}, "data": {"text/plain": long("1\n")}}),
    ];
    let mut cell = Cell::new("a", CellKind::Code, "x");
    cell.outputs = outputs.into_iter().map(|value| Output { value, ..Output::default() }).collect();
    let mut second = Cell::new("b", CellKind::Code, "y");
    second.outputs = cell.outputs[..2].to_vec();
    Notebook { cells: vec![cell, second], ..Notebook::new() }
}

fn written(notebook: &Notebook, form: Form) -> String {
    match form {
        Form::Ipynb => json::canonical(&ipynb::to_value(notebook)),
        Form::Html => html::page(notebook, "title"),
        Form::Markdown => markdown::write(notebook),
    }
}

#[tokio::test]
async fn in_pieces_out_of_the_store_a_file_is_what_it_is_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let ground: Arc<dyn Ground> =
        Arc::new(Folder { path: folder.path().into(), name: Mutex::new("a.ipynb".into()) });
    let mut whole = notebook();
    let mut away = whole.clone();
    put_away(ground.as_ref(), "nb", &mut away).await.expect("is stored");
    assert!(away.cells[0].outputs.iter().all(|output| !output.stored.is_empty()));
    for form in [Form::Ipynb, Form::Html, Form::Markdown] {
        if form == Form::Html {
            // There, JSON stands as it is stored.
            let is_json = |output: &Output| output.value["data"].get("application/json").is_some();
            whole.cells[0].outputs.retain(|output| !is_json(output));
            away.cells[0].outputs.retain(|output| !output.stored.contains_key("application/json"));
        }
        let marked = mark(ground.as_ref(), "nb", away.clone(), form, None, true).await.expect("is marked");
        let file = marked.cut(&written(&marked.notebook, form), form);
        let bytes: Vec<bytes::Bytes> = file.read(&ground, "nb").try_collect().await.expect("is read");
        let text = String::from_utf8(bytes.concat()).expect("is text");
        assert!(
            text == written(&whole, form),
            "{form:?}:\n{:.3000}\nis not\n{:.3000}",
            text,
            written(&whole, form)
        );
        assert_eq!(
            file.sha256(&ground, "nb").await.expect("is read"),
            crate::document::model::sha256(text.as_bytes())
        );
        // What a merge has to know of the file: what somebody reads out of it is the same.
        for (base, whole) in marked.base.cells[0].outputs.iter().zip(&whole.cells[0].outputs) {
            let base = Output { known: Default::default(), ..base.clone() };
            assert_eq!(base.digest(), whole.digest(), "{:.200}", whole.value.to_string());
        }
    }
}

#[tokio::test]
async fn what_a_quota_cut_or_the_store_lost_is_said_and_never_silent() {
    let folder = tempfile::tempdir().expect("a folder");
    let ground: Arc<dyn Ground> =
        Arc::new(Folder { path: folder.path().into(), name: Mutex::new("a.ipynb".into()) });
    let mut away = notebook();
    put_away(ground.as_ref(), "nb", &mut away).await.expect("is stored");
    let outputs = &mut away.cells[0].outputs;
    outputs.iter_mut().for_each(|output| output.known = Default::default());
    for (nth, name) in [(0, "text"), (2, "image/png")] {
        let note = &mut outputs[nth].stored[name];
        (note["truncated"], note["produced"], note["quota"]) = (true.into(), 99_999.into(), "cell".into());
    }
    outputs[4].stored["text/html"]["id"] = "0123".into();
    let marked = mark(ground.as_ref(), "nb", away.clone(), Form::Ipynb, None, true).await.expect("is marked");
    let file = marked.cut(&written(&marked.notebook, Form::Ipynb), Form::Ipynb);
    let bytes: Vec<bytes::Bytes> = file.read(&ground, "nb").try_collect().await.expect("is read");
    let read = ipynb::read(&bytes.concat()).expect("is a notebook").notebook;
    let outputs = &read.cells[0].outputs;
    let cut = "of 99999 bytes are stored: the quota of the cell is reached]";
    assert!(outputs[0].value["text"].as_str().is_some_and(|text| text.len() > 30_000 && text.contains(cut)));
    let data = &outputs[2].value["data"];
    assert!(
        data.get("image/png").is_none() && data["text/plain"].as_str().is_some_and(|text| text.contains(cut))
    );
    assert!(outputs[4].value.to_string().contains("not in the store any more"));
    assert_eq!(outputs[0].digest(), marked.base.cells[0].outputs[0].digest());
    // With a limit there are beginnings, with the way to all of it.
    let marked = mark(ground.as_ref(), "nb", away, Form::Ipynb, Some(10_000), true).await.expect("is marked");
    let outputs = &marked.notebook.cells[0].outputs;
    let text = outputs[1].value["text"].as_str().expect("a text");
    assert!(text.starts_with("no end of line") && text.contains("/api/notebooks/nb/outputs/"), "{text:.200}");
    assert!(text.len() < 11_000);
    assert!(
        outputs[3].value["data"]["text/plain"].as_str().is_some_and(|text| text.contains("/api/notebooks/"))
    );
}
