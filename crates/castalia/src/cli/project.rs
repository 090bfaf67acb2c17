//! `castalia project`.

use super::app::{App, ProjectOption, text};
use super::client::items;
use super::failure::Failure;
use super::format;
use super::style::Style;
use super::table::{Cell, Table};
use super::units;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

/// Projects.
#[derive(Args, Debug)]
pub(crate) struct ProjectArgs {
    #[command(subcommand)]
    pub(crate) command: ProjectCommand,
}

/// What to do with projects.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Make a project
    Create {
        /// Name: 3 to 63 of `a-z 0-9 -`; also the name of its bucket
        name: String,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
    },
    /// List your projects
    List,
    /// Show a project
    Show {
        /// Name or id
        name: Option<String>,
        #[command(flatten)]
        project: ProjectOption,
    },
    /// List the members of a project
    Members {
        #[command(flatten)]
        project: ProjectOption,
    },
    /// Add a member, or change a member's role
    AddMember {
        /// Name or id of the user
        user: String,
        /// admin, developer, viewer or your own
        #[arg(long, default_value = "developer")]
        role: String,
        #[command(flatten)]
        project: ProjectOption,
    },
    /// Remove a member
    RemoveMember {
        /// Name or id of the user
        user: String,
        #[command(flatten)]
        project: ProjectOption,
    },
    /// Show the project's credit and what it was spent on
    Ledger {
        #[command(flatten)]
        project: ProjectOption,
        /// How many entries at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Give a project credit
    TopUp {
        /// Credits, for instance `100` or `12.5`
        #[arg(value_parser = units::micro_credits, allow_negative_numbers = true)]
        amount: i64,
        /// Why
        #[arg(long, default_value = "")]
        note: String,
        #[command(flatten)]
        project: ProjectOption,
    },
}

/// Does it.
pub(crate) async fn run(app: &App, command: ProjectCommand) -> Result<(), Failure> {
    let client = app.client()?;
    match command {
        ProjectCommand::Create { name, description } => {
            let mut body = json!({ "name": name });
            if let Some(description) = description {
                body["description"] = description.into();
            }
            let project = client.post(&["projects"], &body).await?;
            app.out.note(&format!("made project {name}"));
            if app.out.json { app.out.value(&project) } else { Ok(()) }
        }
        ProjectCommand::List => list(app, &client.list(&["projects"], &[], 10_000).await?),
        ProjectCommand::Show { name, project } => {
            let given = ProjectOption { project: name.or(project.project) };
            let name = app.project(&client, &given).await?;
            show(app, &client.get(&["projects", &name], &[]).await?)
        }
        ProjectCommand::Members { project } => {
            let name = app.project(&client, &project).await?;
            members(app, &client.get(&["projects", &name, "members"], &[]).await?)
        }
        ProjectCommand::AddMember { user, role, project } => {
            let name = app.project(&client, &project).await?;
            let body = json!({ "role": role });
            let member =
                client.send(Method::PUT, &["projects", &name, "members", &user], &[], Some(&body)).await?;
            app.out.note(&format!("{user} is {role} in {name}"));
            if app.out.json { app.out.value(&member) } else { Ok(()) }
        }
        ProjectCommand::RemoveMember { user, project } => {
            let name = app.project(&client, &project).await?;
            client.delete(&["projects", &name, "members", &user]).await?;
            app.out.note(&format!("{user} is no longer in {name}"));
            Ok(())
        }
        ProjectCommand::Ledger { project, limit } => {
            let name = app.project(&client, &project).await?;
            let limit = limit.clamp(1, 500).to_string();
            ledger(app, &client.get(&["projects", &name, "ledger"], &[("limit", Some(limit))]).await?)
        }
        ProjectCommand::TopUp { amount, note, project } => {
            let name = app.project(&client, &project).await?;
            let answer = client
                .post(&["projects", &name, "credits"], &json!({"amount": amount, "note": note}))
                .await?;
            if app.out.json {
                return app.out.value(&answer);
            }
            app.out.line(format!("{name} was given {} credits", format::credits(&amount.into())))
        }
    }
}

fn list(app: &App, projects: &Value) -> Result<(), Failure> {
    if app.out.json {
        return app.out.value(projects);
    }
    let now = format::now();
    let mut table = Table::new(&["NAME", "DESCRIPTION", "MADE", "ID"]);
    for project in items(projects) {
        table.row([
            Cell::styled(text(project, "name"), Style::Bold),
            format::clip(text(project, "description"), 60).into(),
            format::ago(&project["created_at"], now).into(),
            text(project, "id").into(),
        ]);
    }
    app.out.table(&table, "no projects; make one with `castalia project create NAME`")
}

fn show(app: &App, project: &Value) -> Result<(), Failure> {
    if app.out.json {
        return app.out.value(project);
    }
    let mut table = Table::pairs();
    table.pair("project", Cell::styled(text(project, "name"), Style::Bold));
    table.pair("id", text(project, "id"));
    for key in ["title", "description"] {
        if !text(project, key).is_empty() && text(project, key) != text(project, "name") {
            table.pair(key, text(project, key));
        }
    }
    table.pair("made", format::moment(&project["created_at"], format::now()));
    if project["archived"] == true {
        table.pair("state", Cell::styled("archived", Style::Yellow));
    }
    for key in ["balance", "held", "available"] {
        table.pair(key, format!("{} credits", format::credits(&project["credit"][key])));
    }
    for (name, limit) in
        project["limits"].as_object().into_iter().flatten().filter(|(_, limit)| !limit.is_null())
    {
        table.pair(&format!("limit of {}", name.replace('_', " ")), limit.to_string());
    }
    app.out.table(&table, "")
}

fn members(app: &App, members: &Value) -> Result<(), Failure> {
    if app.out.json {
        return app.out.value(members);
    }
    let mut table = Table::new(&["USER", "ROLE", "SINCE"]);
    for member in items(members) {
        let name = ["user_name", "name", "user"].into_iter().map(|k| text(member, k)).find(|n| !n.is_empty());
        let since = ["added_at", "created_at", "since"].into_iter().find_map(|key| member.get(key));
        table.row([
            name.unwrap_or_default().into(),
            text(member, "role").into(),
            format::ago(since.unwrap_or(&Value::Null), format::now()).into(),
        ]);
    }
    app.out.table(&table, "no members")
}

fn ledger(app: &App, ledger: &Value) -> Result<(), Failure> {
    if app.out.json {
        return app.out.value(ledger);
    }
    let mut table = Table::pairs();
    for key in ["balance", "held", "available"] {
        table.pair(key, format!("{} credits", format::credits(&ledger[key])));
    }
    app.out.table(&table, "")?;
    let entries = ledger.get("entries").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        return Ok(());
    }
    app.out.line("")?;
    let now = format::now();
    let mut table = Table::new(&["WHEN", "KIND", ">CREDITS", "FOR"]);
    for entry in entries {
        let mut reason = text(entry, "process").to_owned();
        if let Some(version) = entry["version"].as_i64().filter(|_| !reason.is_empty()) {
            reason.push_str(&format!(" v{version}"));
        }
        let told = [reason.as_str(), text(entry, "note")]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join("  ");
        let when = format::ago(&entry["time"], now);
        table.row([
            when.into(),
            text(entry, "kind").into(),
            format::credits(&entry["amount"]).into(),
            told.into(),
        ]);
    }
    app.out.table(&table, "")
}
