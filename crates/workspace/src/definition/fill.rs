//! The words in braces of a definition.

/// What stands for each word.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fill {
    pub(crate) port: Option<u16>,
    pub(crate) socket: Option<String>,
    /// With slashes at both ends.
    pub(crate) prefix: String,
    pub(crate) home: String,
    pub(crate) user: String,
    pub(crate) name: String,
    pub(crate) secret: String,
}

impl Fill {
    /// The text with every known word filled in; other braces stay, and what was filled in is not read again.
    pub(crate) fn text(&self, text: &str) -> String {
        castalia_compute::service::fill(text, |word| self.word(word))
    }

    fn word(&self, word: &str) -> Option<String> {
        match word {
            "port" => self.port.map(|port| port.to_string()),
            "socket" => self.socket.clone(),
            "prefix" => Some(self.prefix.clone()),
            "base" => Some(self.prefix.trim_end_matches('/').to_owned()),
            "home" => Some(self.home.clone()),
            "user" => Some(self.user.clone()),
            "name" => Some(self.name.clone()),
            "secret" => Some(self.secret.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_are_filled_in_once() {
        let fill = Fill { port: Some(81), prefix: "/a/b/".into(), name: "{port}".into(), ..Fill::default() };
        assert_eq!(fill.text("-p {port} {base} {name} {socket} {x} {"), "-p 81 /a/b {port} {socket} {x} {");
    }
}
