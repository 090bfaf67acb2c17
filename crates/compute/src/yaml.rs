//! Reading YAML that people write: a mistake is told with file, line and column.

use serde::de::DeserializeOwned;

use crate::Error;

/// Reads one document; `name` is how errors call the file.
pub fn parse<T: DeserializeOwned>(text: &str, name: &str) -> Result<T, Error> {
    serde_saphyr::from_str(text).map_err(|error| {
        let place = error.location().map(|at| format!("{}:{}:", at.line(), at.column()));
        Error::Invalid(format!("{name}:{} {}", place.unwrap_or_default(), told(&error)))
    })
}

/// What went wrong, in one line, without the excerpt of the file and without the place, which was told already.
fn told(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    line.rsplit_once(" at line ").map_or(line, |(what, _)| what).to_owned()
}
