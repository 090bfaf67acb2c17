//! `castalia token`.

use super::app::{App, joined, text};
use super::client::items;
use super::failure::Failure;
use super::format;
use super::table::Table;
use super::units;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// API tokens.
#[derive(Args, Debug)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token; its secret is printed this once
    #[command(after_help = "\
Examples:
  castalia token create ci --scope processes.* --scope datasets.view --expires 90d
  CASTALIA_TOKEN=$(castalia token create notebook --quiet)")]
    Create {
        /// What it is for
        name: String,
        /// Permission pattern that it is narrowed to, for instance `processes.*`; may be repeated
        #[arg(long = "scope", value_name = "PATTERN")]
        scopes: Vec<String>,
        /// The only project that it reaches, by name or id
        #[arg(long)]
        project: Option<String>,
        /// When it ends: `12h`, `90d`; never unless told
        #[arg(long, value_name = "DURATION", value_parser = units::seconds)]
        expires: Option<u64>,
    },
    /// List your tokens
    List {
        /// Those of everybody
        #[arg(long)]
        all: bool,
    },
    /// Revoke a token
    #[command(visible_alias = "revoke")]
    Delete {
        /// `tok_…`, or its name if only one has it
        token: String,
    },
}

/// Does it.
pub(crate) async fn run(app: &App, command: TokenCommand) -> Result<(), Failure> {
    match command {
        TokenCommand::Create { name, scopes, project, expires } => {
            create(app, name, scopes, project, expires).await
        }
        TokenCommand::List { all } => list(app, all).await,
        TokenCommand::Delete { token } => delete(app, &token).await,
    }
}

async fn create(
    app: &App,
    name: String,
    scopes: Vec<String>,
    project: Option<String>,
    expires: Option<u64>,
) -> Result<(), Failure> {
    let client = app.client()?;
    let mut body = json!({ "name": name });
    if !scopes.is_empty() {
        body["scopes"] = json!(scopes);
    }
    if let Some(project) = project {
        body["project"] = client.get(&["projects", &project], &[]).await?["id"].clone();
    }
    if let Some(seconds) = expires {
        let ms = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000);
        body["expires_at"] = json!(format::now().plus_ms(ms));
    }
    let issued = client.post(&["tokens"], &body).await?;
    if app.out.json {
        return app.out.value(&issued);
    }
    let secret = ["secret", "token"].into_iter().find_map(|key| issued.get(key)?.as_str());
    app.out.note(&format!("made token {}; this is its secret, shown this once:", text(&issued, "id")));
    app.out.line(secret.unwrap_or_default())
}

async fn list(app: &App, all: bool) -> Result<(), Failure> {
    let tokens = app.client()?.list(&["tokens"], &[("all", all.then(|| "true".into()))], 1000).await?;
    if app.out.json {
        return app.out.value(&tokens);
    }
    let now = format::now();
    let mut table = Table::new(&["ID", "NAME", "USER", "SCOPES", "PROJECT", "MADE", "USED", "ENDS"]);
    for token in items(&tokens) {
        let scopes = if token.get("scopes").is_some_and(Value::is_array) {
            joined(token, "scopes")
        } else {
            "all".into()
        };
        table.row([
            text(token, "id").into(),
            text(token, "name").into(),
            text(token, "user_name").into(),
            scopes.into(),
            format::plain(&token["project"]).into(),
            format::ago(&token["created_at"], now).into(),
            format::ago(&token["used_at"], now).into(),
            format::ago(&token["expires_at"], now).into(),
        ]);
    }
    app.out.table(&table, "no tokens; make one with `castalia token create NAME`")
}

async fn delete(app: &App, token: &str) -> Result<(), Failure> {
    let client = app.client()?;
    let mut id = token.to_owned();
    if !token.starts_with("tok_") {
        let tokens = client.list(&["tokens"], &[], 1000).await?;
        let named: Vec<&str> =
            items(&tokens).iter().filter(|t| text(t, "name") == token).map(|t| text(t, "id")).collect();
        id = match named.as_slice() {
            [] => {
                return Err(Failure::Absent(format!(
                    "no token is named `{token}`; see `castalia token list`"
                )));
            }
            [only] => (*only).to_owned(),
            several => {
                return Err(Failure::Usage(format!(
                    "{} tokens are named `{token}`; give the id of one",
                    several.len()
                )));
            }
        };
    }
    client.delete(&["tokens", &id]).await?;
    app.out.note(&format!("revoked {id}"));
    Ok(())
}
