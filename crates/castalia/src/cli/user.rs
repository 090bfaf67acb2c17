//! `castalia user`.

use super::app::{App, joined, text};
use super::client::items;
use super::failure::Failure;
use super::format;
use super::session;
use super::style::Style;
use super::table::{Cell, Table};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// Users.
#[derive(Args, Debug)]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    pub(crate) command: UserCommand,
}

/// What to do with users.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user
    #[command(
        after_help = "Example:\n  castalia user create ada --display-name 'Ada L.' --role developer --password-stdin < secret"
    )]
    Create {
        /// Name to sign in with
        name: String,
        /// Name that people read
        #[arg(long)]
        display_name: Option<String>,
        /// E-mail address
        #[arg(long)]
        email: Option<String>,
        /// Role in the installation (admin, developer, viewer or your own); may be repeated
        #[arg(long = "role")]
        roles: Vec<String>,
        /// Read the password from the first line of stdin
        #[arg(long)]
        password_stdin: bool,
        /// Without a password: only tokens that an administrator makes let in
        #[arg(long, conflicts_with = "password_stdin")]
        no_password: bool,
    },
    /// List users
    List,
    /// Lock a user out, at once
    Disable {
        /// Name or id
        user: String,
    },
    /// Let a user in again
    Enable {
        /// Name or id
        user: String,
    },
    /// Set a password: your own, or somebody's if you manage users
    #[command(
        after_help = "With --password-stdin your own needs two lines: the present password, then the new one."
    )]
    Passwd {
        /// Name or id; yourself unless told
        user: Option<String>,
        /// Read the password from stdin
        #[arg(long)]
        password_stdin: bool,
    },
}

/// Does it.
pub(crate) async fn run(app: &App, command: UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::Create { name, display_name, email, roles, password_stdin, no_password } => {
            let mut body = json!({"name": name, "display_name": display_name, "email": email});
            if !roles.is_empty() {
                body["roles"] = json!(roles);
            }
            if !no_password {
                body["password"] = new_password(app, &name, password_stdin)?.into();
            }
            let user = app.client()?.post(&["users"], &body).await?;
            app.out.note(&format!("made user {name}"));
            if app.out.json { app.out.value(&user) } else { Ok(()) }
        }
        UserCommand::List => list(app).await,
        UserCommand::Disable { user } => set_disabled(app, &user, true).await,
        UserCommand::Enable { user } => set_disabled(app, &user, false).await,
        UserCommand::Passwd { user, password_stdin } => passwd(app, user, password_stdin).await,
    }
}

/// A new password; typed twice when it is typed.
fn new_password(app: &App, user: &str, from_stdin: bool) -> Result<String, Failure> {
    let password = app.password(&format!("New password of {user}: "), from_stdin)?;
    if !from_stdin && app.password("The same again: ", false)? != password {
        return Err(Failure::Usage("the two are not the same; nothing was changed".into()));
    }
    Ok(password)
}

async fn list(app: &App) -> Result<(), Failure> {
    let users = app.client()?.list(&["users"], &[], 10_000).await?;
    if app.out.json {
        return app.out.value(&users);
    }
    let now = format::now();
    let mut table = Table::new(&["NAME", "DISPLAY NAME", "ROLES", "STATE", "SIGNED IN"]);
    for user in items(&users) {
        let disabled = user.get("disabled").and_then(Value::as_bool).unwrap_or_default();
        let state = if disabled { Cell::styled("disabled", Style::Yellow) } else { "active".into() };
        table.row([
            text(user, "name").into(),
            text(user, "display_name").into(),
            joined(user, "roles").into(),
            state,
            format::ago(&user["signed_in_at"], now).into(),
        ]);
    }
    app.out.table(&table, "no users")
}

async fn set_disabled(app: &App, user: &str, disabled: bool) -> Result<(), Failure> {
    let view = app.client()?.patch(&["users", user], &json!({ "disabled": disabled })).await?;
    app.out.note(&format!("{user} {}", if disabled { "is locked out" } else { "may sign in again" }));
    if app.out.json { app.out.value(&view) } else { Ok(()) }
}

async fn passwd(app: &App, user: Option<String>, from_stdin: bool) -> Result<(), Failure> {
    let client = app.client()?;
    let me = client.get(&["me"], &[]).await?;
    let own = text(&me, "name");
    match user.filter(|user| user != own && *user != text(&me, "id")) {
        Some(user) => {
            let password = new_password(app, &user, from_stdin)?;
            client.patch(&["users", &user], &json!({ "password": password })).await?;
            app.out.note(&format!("{user} has a new password; all sessions of {user} have ended"));
        }
        None => {
            // An API token may not change a password; whoever knows the present one may.
            let current = app.password(&format!("Present password of {own}: "), from_stdin)?;
            let password = new_password(app, own, from_stdin)?;
            let client = session::with_password(&client, own, &current).await?;
            client.patch(&["me"], &json!({"password": password, "current_password": current})).await?;
            app.out.note("you have a new password; your other sessions have ended");
        }
    }
    Ok(())
}
