//! The definitions that come along.

/// File name and text of each.
pub(super) const BUILTIN: &[(&str, &str)] = &[
    ("lab.yaml", include_str!("builtin/lab.yaml")),
    ("notebook.yaml", include_str!("builtin/notebook.yaml")),
    ("code-server.yaml", include_str!("builtin/code-server.yaml")),
    ("waiide.yaml", include_str!("builtin/waiide.yaml")),
    ("chat.yaml", include_str!("builtin/chat.yaml")),
    ("files.yaml", include_str!("builtin/files.yaml")),
    ("streamlit.yaml", include_str!("builtin/streamlit.yaml")),
];

#[cfg(test)]
mod tests {
    use super::BUILTIN;
    use crate::definition::parse;

    #[test]
    fn each_is_good_and_called_as_its_file() {
        for (file, text) in BUILTIN {
            let definition = parse(text, file).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(format!("{}.yaml", definition.name), *file);
        }
    }
}
