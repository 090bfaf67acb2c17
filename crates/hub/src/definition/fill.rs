//! The words in braces of a definition.

/// What stands for each word.
#[derive(Clone, Debug)]
pub(crate) struct Fill {
    pub(crate) port: u16,
    /// With slashes at both ends.
    pub(crate) prefix: String,
    pub(crate) user: String,
    pub(crate) workspace: String,
    pub(crate) home: String,
    pub(crate) url: String,
}

impl Fill {
    /// The text with every known word filled in; other braces stay.
    pub(crate) fn text(&self, text: &str) -> String {
        castalia_compute::service::fill(text, |word| self.word(word))
    }

    fn word(&self, word: &str) -> Option<String> {
        Some(match word {
            "port" => self.port.to_string(),
            "prefix" => self.prefix.clone(),
            "base" => self.prefix.trim_end_matches('/').to_owned(),
            "user" => self.user.clone(),
            "workspace" => self.workspace.clone(),
            "home" => self.home.clone(),
            "url" => self.url.clone(),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_are_filled_in_once_and_others_stay() {
        let fill = Fill {
            port: 81,
            prefix: "/user/a/b/".into(),
            user: "{port}".into(),
            workspace: "b".into(),
            home: "/h".into(),
            url: "http://x".into(),
        };
        assert_eq!(
            fill.text("--port={port} {base} {\"a\": {user}} {work} {"),
            "--port=81 /user/a/b {\"a\": {port}} {work} {"
        );
    }
}
