//! The file in which `castalia login` keeps tokens: `{"servers": {URL: {"token", "user"}}, "default": URL}`.
//!
//! It is readable by its owner alone, and written beside and renamed, so that two logins at once or a crash leave
//! a whole file.

use super::failure::Failure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Where a server is when nobody says otherwise.
pub(crate) const DEFAULT_URL: &str = "http://127.0.0.1:8000";

/// One server's sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Login {
    /// The API token.
    pub(crate) token: String,
    /// Whose it is.
    #[serde(default)]
    pub(crate) user: String,
    /// The token's id, so that `castalia logout` can revoke it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token_id: Option<String>,
}

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Credentials {
    /// By URL, without a slash at the end.
    #[serde(default)]
    pub(crate) servers: BTreeMap<String, Login>,
    /// The server that is meant when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<String>,
}

/// A URL as the file knows it.
pub(crate) fn normal(url: &str) -> String {
    url.trim().trim_end_matches('/').to_owned()
}

/// `$XDG_CONFIG_HOME/castalia/credentials.json`, or the same below `~/.config`.
pub(crate) fn path() -> Result<PathBuf, Failure> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let config = folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")));
    let config = config
        .ok_or_else(|| Failure::Here("neither XDG_CONFIG_HOME nor HOME is set; set one of them".into()))?;
    Ok(config.join("castalia").join("credentials.json"))
}

/// What the file holds; nothing when there is none.
pub(crate) fn load(path: &Path) -> Result<Credentials, Failure> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Credentials::default());
        }
        Err(error) => return Err(Failure::file("read", path, &error)),
    };
    serde_json::from_slice(&text).map_err(|error| {
        Failure::Here(format!(
            "{} is damaged ({error}); remove it and sign in again with `castalia login`",
            path.display()
        ))
    })
}

/// Writes the file.
pub(crate) fn save(path: &Path, credentials: &Credentials) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| Failure::file("write", path, error);
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| failed(&e))?;
    }
    let beside = path.with_extension(format!("json.{}", std::process::id()));
    let written = write_private(&beside, credentials).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        failed(&error)
    })
}

fn write_private(path: &Path, credentials: &Credentials) -> std::io::Result<()> {
    let mut file =
        std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    let mut text = serde_json::to_vec_pretty(credentials)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.sync_all()
}

/// Which server is meant, and the token for it.
///
/// A token from the environment is never sent to a server that only the file names: it was not made for that one.
pub(crate) fn choose(
    url: Option<&str>,
    token: Option<String>,
    known: &Credentials,
) -> (String, Option<String>) {
    let url = match (url, &token) {
        (Some(url), _) => normal(url),
        (None, Some(_)) => DEFAULT_URL.to_owned(),
        (None, None) => known.default.as_deref().map_or_else(|| DEFAULT_URL.to_owned(), normal),
    };
    let token = token.or_else(|| known.servers.get(&url).map(|login| login.token.clone()));
    (url, token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn known() -> Credentials {
        let login = Login { token: "cas_1".into(), user: "ada".into(), token_id: None };
        Credentials {
            servers: BTreeMap::from([("https://there".to_owned(), login)]),
            default: Some("https://there".into()),
        }
    }

    #[test]
    fn the_file_is_private_and_reads_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("castalia/credentials.json");
        assert_eq!(load(&path).expect("no file is fine"), Credentials::default());
        save(&path, &known()).expect("writes");
        save(&path, &known()).expect("writes again");
        assert_eq!(load(&path).expect("reads"), known());
        let mode = std::fs::metadata(&path).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            std::fs::read_dir(folder.path().join("castalia")).expect("lists").count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn the_shape_is_the_documented_one() {
        let text = serde_json::to_value(known()).expect("serialises");
        assert_eq!(
            text,
            serde_json::json!({"servers": {"https://there": {"token": "cas_1", "user": "ada"}}, "default": "https://there"})
        );
    }

    #[test]
    fn a_damaged_file_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("credentials.json");
        std::fs::write(&path, "{").expect("writes");
        assert!(load(&path).expect_err("is damaged").message().expect("says so").contains("castalia login"));
    }

    #[test]
    fn the_environment_wins_and_its_token_goes_nowhere_else() {
        let chosen = |url, token: Option<&str>| choose(url, token.map(str::to_owned), &known());
        assert_eq!(chosen(None, None), ("https://there".into(), Some("cas_1".into())));
        assert_eq!(chosen(Some("https://there/"), None), ("https://there".into(), Some("cas_1".into())));
        assert_eq!(chosen(Some("http://x"), None), ("http://x".into(), None));
        assert_eq!(chosen(None, Some("t")), (DEFAULT_URL.into(), Some("t".into())));
        assert_eq!(chosen(Some("http://x"), Some("t")), ("http://x".into(), Some("t".into())));
    }
}
