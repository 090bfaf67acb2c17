//! What every command needs: how to write, and the server.

use super::client::{Client, items};
use super::credentials::{self, Credentials};
use super::failure::Failure;
use super::out::Out;
use clap::Args;
use serde_json::Value;
use std::io::{IsTerminal, Read};

/// How to write, and which server was asked for.
pub(crate) struct App {
    /// How to write.
    pub(crate) out: Out,
    /// `--url` or `CASTALIA_URL`.
    pub(crate) url: Option<String>,
}

/// Which project.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ProjectOption {
    /// Project, by name or id; your only or first one unless told
    #[arg(long, env = "CASTALIA_PROJECT", value_name = "PROJECT")]
    pub(crate) project: Option<String>,
}

impl App {
    /// The server, with the token that belongs to it.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let given = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        let token = given(std::env::var("CASTALIA_TOKEN").ok()).or_else(|| {
            let file = std::env::var_os("CASTALIA_TOKEN_FILE")?;
            given(std::fs::read_to_string(file).ok())
        });
        // Who gives both needs no home folder.
        let known = match (&self.url, &token) {
            (_, Some(_)) => Credentials::default(),
            _ => credentials::load(&credentials::path()?)?,
        };
        let (url, token) = credentials::choose(self.url.as_deref(), token, &known);
        Client::new(&url, token, self.out)
    }

    /// The project that was named, or the one to take when none was.
    pub(crate) async fn project(&self, client: &Client, given: &ProjectOption) -> Result<String, Failure> {
        if let Some(name) = given.project.as_deref().filter(|p| !p.is_empty()) {
            return Ok(name.to_owned());
        }
        let list = client.list(&["projects"], &[], 100).await?;
        let names: Vec<&str> = items(&list).iter().filter_map(|p| p.get("name")?.as_str()).collect();
        match names.as_slice() {
            [] => Err(Failure::Usage(
                "you have no project; make one with `castalia project create NAME`".into(),
            )),
            [only] => Ok((*only).to_owned()),
            several => {
                let first = if several.contains(&"demo") {
                    "demo"
                } else {
                    oldest(items(&list)).unwrap_or(several[0])
                };
                self.out.note(&format!(
                    "using project `{first}`; choose another with --project or CASTALIA_PROJECT"
                ));
                Ok(first.to_owned())
            }
        }
    }

    /// Asks before something is lost, when there is somebody to ask.
    pub(crate) fn confirm(&self, question: &str, yes: bool) -> Result<(), Failure> {
        if yes || self.out.json || !std::io::stdin().is_terminal() || !self.out.error_terminal {
            return Ok(());
        }
        let unread = |e: std::io::Error| Failure::Here(format!("could not read the answer: {e}"));
        console::Term::stderr().write_str(&format!("{question} [y/N] ")).map_err(unread)?;
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).map_err(unread)?;
        if matches!(answer.trim(), "y" | "Y" | "yes") {
            Ok(())
        } else {
            Err(Failure::Interrupted(Some("nothing was done".into())))
        }
    }

    /// A password: the first line of stdin, or asked for without echo.
    pub(crate) fn password(&self, prompt: &str, from_stdin: bool) -> Result<String, Failure> {
        let unread = |e: std::io::Error| Failure::Here(format!("could not read the password: {e}"));
        let password = if from_stdin {
            let mut text = String::new();
            std::io::stdin().read_line(&mut text).map_err(unread)?;
            text.trim_end_matches(['\n', '\r']).to_owned()
        } else if std::io::stdin().is_terminal() && self.out.error_terminal {
            let terminal = console::Term::stderr();
            terminal.write_str(prompt).map_err(unread)?;
            terminal.read_secure_line().map_err(unread)?
        } else {
            return Err(Failure::Usage(
                "there is no terminal to ask for the password; pipe it in with --password-stdin".into(),
            ));
        };
        if password.is_empty() { Err(Failure::Usage("the password is empty".into())) } else { Ok(password) }
    }
}

fn oldest(projects: &[Value]) -> Option<&str> {
    let made = |p: &&Value| p.get("created_at").and_then(Value::as_str).map(str::to_owned);
    projects.iter().filter(|p| made(p).is_some()).min_by_key(made)?.get("name")?.as_str()
}

/// The bytes of stdin (`-`) or of a file.
pub(crate) fn read_source(source: &str) -> Result<Vec<u8>, Failure> {
    if source == "-" {
        let mut all = Vec::new();
        std::io::stdin()
            .lock()
            .read_to_end(&mut all)
            .map_err(|e| Failure::Here(format!("could not read stdin: {e}")))?;
        return Ok(all);
    }
    let path = std::path::Path::new(source);
    std::fs::read(path).map_err(|error| Failure::file("read", path, &error))
}

/// JSON from stdin (`-`) or a file.
pub(crate) fn read_json(source: &str) -> Result<Value, Failure> {
    let place = if source == "-" { "stdin" } else { source };
    serde_json::from_slice(&read_source(source)?)
        .map_err(|e| Failure::Usage(format!("{place} is not JSON: {e}")))
}

/// The text of a field, empty when it is absent.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The number in a field, 0 when it is absent.
pub(crate) fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or_default()
}

/// Texts of a list in a field, joined.
pub(crate) fn joined(value: &Value, key: &str) -> String {
    let list = value.get(key).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}
