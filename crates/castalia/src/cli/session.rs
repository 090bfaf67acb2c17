//! `login`, `logout`, `whoami`.

use super::app::{App, joined, text};
use super::client::Client;
use super::credentials::{self, Login};
use super::failure::Failure;
use super::table::Table;
use clap::Args;
use serde_json::{Value, json};

/// Who signs in where.
#[derive(Args, Debug)]
#[command(after_help = "\
Makes an API token named `cli@HOST` and keeps it in $XDG_CONFIG_HOME/castalia/credentials.json, readable by you alone.

Examples:
  castalia login --user ada
  echo demo | castalia login --user demo --password-stdin
  castalia login --url https://castalia.example.org --user ada")]
pub(crate) struct LoginArgs {
    /// Your user name
    #[arg(long, short)]
    user: Option<String>,
    /// Read the password from the first line of stdin
    #[arg(long)]
    password_stdin: bool,
}

/// A short-lived token for a name and a password.
pub(crate) async fn with_password(client: &Client, user: &str, password: &str) -> Result<Client, Failure> {
    let anonymous = client.with_token(None);
    let body = json!({"user": user, "password": password});
    let answer = anonymous.post(&["auth", "token"], &body).await.map_err(|failure| match failure {
        Failure::Refused(refusal) if refusal.status == 401 => {
            Failure::Denied(format!("{}; try again", refusal.detail))
        }
        other => other,
    })?;
    Ok(client.with_token(Some(text(&answer, "access_token").to_owned())))
}

/// Signs in.
pub(crate) async fn login(app: &App, args: LoginArgs) -> Result<(), Failure> {
    let path = credentials::path()?;
    let mut known = credentials::load(&path)?;
    let (url, _) = credentials::choose(app.url.as_deref(), None, &known);
    let client = Client::new(&url, None, app.out)?;
    let user = match args.user {
        Some(user) => user,
        None => ask_user(app)?,
    };
    let password = app.password(&format!("Password of {user} at {url}: "), args.password_stdin)?;
    let client = with_password(&client, &user, &password).await?;
    let name = format!("cli@{}", rustix::system::uname().nodename().to_string_lossy());
    let issued = client.post(&["tokens"], &json!({ "name": name })).await?;
    let secret = ["secret", "token"].into_iter().find_map(|key| issued.get(key)?.as_str());
    let secret = secret.ok_or_else(|| Failure::Here(format!("the server at {url} gave no token")))?;
    let id = issued.get("id").and_then(Value::as_str);
    let login = Login { token: secret.to_owned(), user: user.clone(), token_id: id.map(str::to_owned) };
    let before = known.servers.insert(url.clone(), login);
    known.default = Some(url.clone());
    credentials::save(&path, &known)?;
    if let Some(old) = before.and_then(|before| before.token_id) {
        // The token of the sign-in before is of no use to anybody; it may be gone already, or be another user's.
        let _ = client.delete(&["tokens", &old]).await;
    }
    app.out.note(&format!("signed in to {url} as {user}"));
    if std::env::var_os("CASTALIA_TOKEN").is_some_and(|token| !token.is_empty()) {
        app.out.note("CASTALIA_TOKEN is set and goes before this sign-in; unset it to use what was kept now");
    }
    if app.out.json { app.out.value(&json!({"url": url, "user": user, "token_id": id})) } else { Ok(()) }
}

fn ask_user(app: &App) -> Result<String, Failure> {
    use std::io::IsTerminal;
    if !std::io::stdin().is_terminal() || !app.out.error_terminal {
        return Err(Failure::Usage("say who signs in with --user NAME".into()));
    }
    let terminal = console::Term::stderr();
    let read = terminal.write_str("User: ").and_then(|()| terminal.read_line());
    read.map(|name| name.trim().to_owned())
        .map_err(|e| Failure::Here(format!("could not read the name: {e}")))
}

/// Signs out.
pub(crate) async fn logout(app: &App) -> Result<(), Failure> {
    let path = credentials::path()?;
    let mut known = credentials::load(&path)?;
    let (url, _) = credentials::choose(app.url.as_deref(), None, &known);
    let Some(login) = known.servers.remove(&url) else {
        app.out.note(&format!("not signed in at {url}"));
        return Ok(());
    };
    let revoked = match &login.token_id {
        Some(id) => Client::new(&url, Some(login.token.clone()), app.out)?.delete(&["tokens", id]).await,
        None => Ok(Value::Null),
    };
    if known.default.as_ref() == Some(&url) {
        known.default = known.servers.keys().next().cloned();
    }
    credentials::save(&path, &known)?;
    match revoked {
        Ok(_) => app.out.note(&format!("signed out of {url}")),
        Err(failure) => {
            let why = failure.message().unwrap_or_default();
            app.out.note(&format!("forgot the token for {url}, but could not revoke it there: {why}"));
        }
    }
    Ok(())
}

/// Says who is signed in.
pub(crate) async fn whoami(app: &App) -> Result<(), Failure> {
    let client = app.client()?;
    let me = client.get(&["me"], &[]).await?;
    if app.out.json {
        return app.out.value(&me);
    }
    let mut table = Table::pairs();
    table.pair("user", text(&me, "name"));
    let display = text(&me, "display_name");
    if !display.is_empty() && display != text(&me, "name") {
        table.pair("name", display);
    }
    table.pair("server", client.url.as_str());
    table.pair("roles", joined(&me, "roles"));
    if me.get("scopes").is_some_and(Value::is_array) {
        table.pair("scopes", joined(&me, "scopes"));
    }
    app.out.table(&table, "")
}
