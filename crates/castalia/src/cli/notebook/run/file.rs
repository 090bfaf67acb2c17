//! A notebook file as JSON: what is not known stays as it is.

use super::super::super::failure::Failure;
use super::super::super::style::clean;
use castalia_kernel::KernelSpec;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::Path;

/// The file.
pub(super) struct Notebook {
    json: Value,
    cells: Vec<Value>,
}

/// Text that is written as one string or as a list of lines.
pub(super) fn joined(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

/// Text as a list of lines, as files have it.
fn lines(text: &str) -> Value {
    text.split_inclusive('\n').map(Value::from).collect()
}

impl Notebook {
    /// Reads a file of nbformat 4.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = std::fs::read(path).map_err(|e| Failure::file("read", path, &e))?;
        let bad = |why: String| Failure::Here(format!("{} is no notebook: {why}", path.display()));
        let mut json: Value = serde_json::from_slice(&bytes).map_err(|e| bad(e.to_string()))?;
        match json.get("nbformat").and_then(Value::as_u64) {
            Some(4) => {}
            Some(old) => {
                let how = "convert it with `jupyter nbconvert --to notebook`";
                return Err(bad(format!("its nbformat is {old}, not 4; {how}")));
            }
            None => return Err(bad("it has no nbformat".into())),
        }
        let cells = match json.get_mut("cells").map(Value::take) {
            Some(Value::Array(cells)) if cells.iter().all(Value::is_object) => cells,
            _ => return Err(bad("it has no list of cells".into())),
        };
        if !json.get("metadata").is_some_and(Value::is_object) {
            json["metadata"] = json!({});
        }
        Ok(Self { json, cells })
    }

    pub(super) fn cells(&self) -> &[Value] {
        &self.cells
    }

    pub(super) fn cell_mut(&mut self, index: usize) -> &mut Value {
        &mut self.cells[index]
    }

    pub(super) fn metadata(&self) -> &Value {
        &self.json["metadata"]
    }

    pub(super) fn set_metadata(&mut self, key: &str, value: Value) {
        self.json["metadata"][key] = value;
    }

    pub(super) fn has_tag(&self, index: usize, tag: &str) -> bool {
        let tags = self.cells[index].pointer("/metadata/tags").and_then(Value::as_array);
        tags.into_iter().flatten().any(|t| t == tag)
    }

    pub(super) fn source(&self, index: usize) -> String {
        joined(self.cells[index].get("source"))
    }

    /// The first line of a cell that says something, for people.
    pub(super) fn first_line(&self, index: usize) -> String {
        let source = self.source(index);
        let line = source.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        clean(line).chars().take(60).collect()
    }

    /// Cells that are to be run, in order.
    pub(super) fn runnable(&self) -> Vec<usize> {
        let wanted = |index: &usize| {
            let code = self.cells[*index].get("cell_type").is_some_and(|t| t == "code");
            code && !self.source(*index).trim().is_empty() && !self.has_tag(*index, "skip-execution")
        };
        (0..self.cells.len()).filter(wanted).collect()
    }

    /// Takes away what an earlier run left, and names the kernel.
    pub(super) fn begin(&mut self, spec: &KernelSpec, chosen: bool) {
        for cell in self.cells.iter_mut().filter(|c| c.get("cell_type").is_some_and(|t| t == "code")) {
            cell["outputs"] = json!([]);
            cell["execution_count"] = Value::Null;
        }
        if chosen || self.metadata().get("kernelspec").is_none() {
            let named =
                json!({"display_name": spec.display_name, "language": spec.language, "name": spec.name});
            self.set_metadata("kernelspec", named);
        }
    }

    /// Puts a code cell at a place.
    pub(super) fn insert(&mut self, at: usize, source: &str, tag: &str) {
        let mut cell = json!({
            "cell_type": "code", "execution_count": null, "metadata": {"tags": [tag]}, "outputs": [],
            "source": lines(source),
        });
        if self.json.get("nbformat_minor").and_then(Value::as_u64).unwrap_or_default() >= 5 {
            cell["id"] = Value::String(format!("{:08x}", rand::random::<u32>()));
        }
        self.cells.insert(at, cell);
    }

    pub(super) fn set_source(&mut self, at: usize, source: &str) {
        self.cells[at]["source"] = lines(source);
    }

    /// Writes it as Python's nbformat does (sorted keys, indented by one, text in lines), to a file beside the place that
    /// then takes its name.
    pub(super) fn write(&self, path: &Path) -> Result<(), Failure> {
        let mut json = self.json.clone();
        let mut cells = self.cells.clone();
        cells.iter_mut().for_each(split_outputs);
        json["cells"] = Value::Array(cells);
        let mut bytes = Vec::new();
        let indented = serde_json::ser::PrettyFormatter::with_indent(b" ");
        let mut to = serde_json::Serializer::with_formatter(&mut bytes, indented);
        let serialised = sorted(json).serialize(&mut to);
        serialised.map_err(|e| Failure::Here(format!("could not write the notebook: {e}")))?;
        bytes.push(b'\n');
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let put = || {
            let mut file = tempfile::Builder::new().prefix(".castalia-").tempfile_in(folder)?;
            file.write_all(&bytes)?;
            file.as_file().sync_all()?;
            let mode = std::fs::metadata(path).map(|m| m.permissions());
            let usual = || std::os::unix::fs::PermissionsExt::from_mode(0o644);
            file.as_file().set_permissions(mode.unwrap_or_else(|_| usual()))?;
            file.persist(path).map_err(|e| e.error)?;
            Ok(())
        };
        put().map_err(|e| Failure::file("write", path, &e))
    }
}

/// Text of outputs in lines, where files have it so.
fn split_outputs(cell: &mut Value) {
    let outputs = cell.get_mut("outputs").and_then(Value::as_array_mut);
    for output in outputs.into_iter().flatten() {
        if let Some(Value::String(text)) = output.get("text") {
            output["text"] = lines(text);
        }
        for (mime, value) in output.get_mut("data").and_then(Value::as_object_mut).into_iter().flatten() {
            let is_json = mime == "application/json" || mime.ends_with("+json");
            if let Value::String(text) = value
                && !is_json
            {
                *value = lines(text);
            }
        }
    }
}

/// The same with the keys in order, however maps keep them.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            pairs.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(pairs.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(sorted).collect()),
        other => other,
    }
}
