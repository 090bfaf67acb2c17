//! The ready-made services, in the order in which they are looked for.

use super::Definition;

/// Name and text of each.
pub(super) const READY_MADE: &[(&str, &str)] = &[
    ("code-server", include_str!("builtin/code-server.yaml")),
    ("openvscode", include_str!("builtin/openvscode.yaml")),
    ("lab", include_str!("builtin/lab.yaml")),
    ("chat", include_str!("builtin/chat.yaml")),
];

/// The ready-made service of this name; `ide` stands for code-server.
pub(super) fn ready_made(name: &str) -> Option<Definition> {
    let name = if name == "ide" { "code-server" } else { name };
    let (file, text) = READY_MADE.iter().find(|(known, _)| *known == name)?;
    match castalia_compute::yaml::parse(text, file) {
        Ok(definition) => Some(definition),
        Err(error) => unreachable!("{error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_good() {
        for (name, _) in READY_MADE {
            let definition = ready_made(name).expect("is there");
            super::super::book::check_one(&definition).unwrap_or_else(|why| panic!("{name}: {why}"));
        }
    }
}
