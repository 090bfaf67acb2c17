//! `castalia workspace`: people open and look after their workspaces with it. Without a command it is the program inside
//! a workspace.

mod open;
mod program;
mod show;

use super::app::{App, ProjectOption, text};
use super::client::items;
use super::failure::Failure;
use super::style::{Style, tame};
use super::table::{Cell, Table};
use super::{client::Client, format};
use clap::{Args, Subcommand, ValueEnum};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Workspaces.
#[derive(Args, Debug)]
pub(crate) struct WorkspaceArgs {
    #[command(subcommand)]
    pub(crate) command: Option<WorkspaceCommand>,
}

/// What to do with workspaces.
#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// Inside a workspace: start the program that runs there (a hub starts it as plain `castalia workspace`)
    #[command(
        after_help = "Examples:\n  castalia workspace serve                     the services whose programs are installed, on port 8080\n  castalia workspace serve --services lab,chat --home ~/work\n  castalia workspace serve --config workspace.yaml --listen 0.0.0.0:8080"
    )]
    Serve(Box<castalia_workspace::ServeArgs>),
    /// Open a workspace: start it, wait until it is ready, and print its address
    #[command(
        after_help = "Examples:\n  castalia workspace open lab\n  castalia workspace open lab --profile large --new\n  castalia workspace open demo-lab-x7k2mq"
    )]
    Open(open::OpenArgs),
    /// List the services that can be opened
    Services,
    /// List your workspaces and those shared with you
    List {
        /// Everybody's, for administrators
        #[arg(long)]
        all: bool,
    },
    /// Show a workspace
    Show {
        /// Name or id
        workspace: String,
    },
    /// Show the log of a workspace
    Logs {
        /// Name or id
        workspace: String,
        /// Go on as lines come
        #[arg(long, short)]
        follow: bool,
        /// An earlier start
        #[arg(long)]
        run: Option<i64>,
    },
    /// Stop a workspace; its volume stays
    Stop {
        /// Name or id
        workspace: String,
        /// Return at once
        #[arg(long)]
        no_wait: bool,
    },
    /// Stop a workspace and start it again
    Restart {
        /// Name or id
        workspace: String,
        /// Another profile than before
        #[arg(long)]
        profile: Option<String>,
    },
    /// Delete a stopped workspace with its volume
    Delete {
        /// Name or id
        workspace: String,
        /// Don't ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Give a workspace another title
    Rename {
        /// Name or id
        workspace: String,
        /// The title
        title: String,
    },
    /// Let a member of the project see or open a workspace
    Share {
        /// Name or id
        workspace: String,
        /// The member
        user: String,
        /// What the member may do
        #[arg(long, value_enum, default_value_t = Level::Use)]
        level: Level,
    },
    /// Take a share away
    Unshare {
        /// Name or id
        workspace: String,
        /// The member
        user: String,
    },
    /// Keep a workspace from being stopped for being idle
    Keep {
        /// Name or id
        workspace: String,
        /// For how many minutes; four hours unless told
        #[arg(long)]
        minutes: Option<u32>,
    },
    /// What runs though no record claims it, for administrators
    Orphans {
        /// Take this one up again as a workspace
        #[arg(long, value_name = "UNIT", conflicts_with = "end")]
        adopt: Option<String>,
        /// End this one
        #[arg(long, value_name = "UNIT")]
        end: Option<String>,
        /// Whose an adopted one is to be; the user it belonged to unless told
        #[arg(long, requires = "adopt")]
        user: Option<String>,
        #[command(flatten)]
        project: ProjectOption,
    },
}

/// What somebody with whom a workspace is shared may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// See its state and log.
    View,
    /// Also open it.
    Use,
}

/// Does it.
pub(crate) async fn run(app: &App, command: Option<WorkspaceCommand>) -> Result<(), Failure> {
    let Some(command) = command else {
        return Err(Failure::Usage(
            "say what to do, for instance `castalia workspace open lab`, or inside a workspace `castalia workspace serve` (see --help)".into(),
        ));
    };
    match command {
        // The program itself answers this before it comes here.
        WorkspaceCommand::Serve(_) => Ok(()),
        WorkspaceCommand::Open(args) => open::run(app, args).await,
        WorkspaceCommand::Services => services(app).await,
        WorkspaceCommand::List { all } => list(app, all).await,
        WorkspaceCommand::Show { workspace } => show::run(app, &workspace).await,
        WorkspaceCommand::Logs { workspace, follow, run } => logs(app, &workspace, run, follow).await,
        WorkspaceCommand::Stop { workspace, no_wait } => stop(app, &workspace, !no_wait).await,
        WorkspaceCommand::Restart { workspace, profile } => {
            let client = app.client()?;
            let body = json!({ "profile": profile });
            let view = client.post(&["workspaces", &workspace, "restart"], &body).await?;
            open::wait(app, &client, view, false).await
        }
        WorkspaceCommand::Delete { workspace, yes } => delete(app, &workspace, yes).await,
        WorkspaceCommand::Rename { workspace, title } => {
            let body = json!({ "title": title });
            let view = app.client()?.patch(&["workspaces", &workspace], &body).await?;
            done(app, &view, &format!("{} is called {}", text(&view, "name"), text(&view, "title")))
        }
        WorkspaceCommand::Share { workspace, user, level } => {
            let level = if level == Level::Use { "use" } else { "view" };
            let (parts, body) = (["workspaces", &workspace, "shares", &user], json!({ "level": level }));
            let view = app.client()?.send(Method::PUT, &parts, &[], Some(&body)).await?;
            done(app, &view, &format!("{user} may {level} {}", text(&view, "name")))
        }
        WorkspaceCommand::Unshare { workspace, user } => {
            let view = app.client()?.delete(&["workspaces", &workspace, "shares", &user]).await?;
            done(app, &view, &format!("{} is no longer shared with {user}", text(&view, "name")))
        }
        WorkspaceCommand::Keep { workspace, minutes } => {
            let body = json!({ "minutes": minutes });
            let view = app.client()?.post(&["workspaces", &workspace, "keep"], &body).await?;
            done(app, &view, &format!("{} is kept", text(&view, "name")))
        }
        WorkspaceCommand::Orphans { adopt, end, user, project } => {
            orphans(app, adopt, end, user, project).await
        }
    }
}

fn done(app: &App, view: &Value, told: &str) -> Result<(), Failure> {
    if app.out.json { app.out.value(view) } else { app.out.line(told) }
}

async fn services(app: &App) -> Result<(), Failure> {
    let list = app.client()?.get(&["services"], &[]).await?;
    if app.out.json {
        return app.out.value(&list);
    }
    let mut table = Table::new(&["NAME", "TITLE", "PROFILES", "USUALLY READY", "HERE"]);
    for service in items(&list) {
        let profiles = service["profiles"].as_array().into_iter().flatten().map(|p| text(p, "name"));
        let usual = service["usual_ms"].as_i64().map_or_else(String::new, |ms| format!("in {}", seconds(ms)));
        let here = match service["available"] == true {
            true => Cell::styled("yes", Style::Green),
            false => Cell::styled(text(service, "why"), Style::Yellow),
        };
        let profiles: Vec<&str> = profiles.collect();
        table.row([
            text(service, "name").into(),
            text(service, "title").into(),
            profiles.join(", ").into(),
            usual.into(),
            here,
        ]);
    }
    for broken in list["broken"].as_array().into_iter().flatten() {
        app.out.note(&format!("{} can't be used: {}", text(broken, "file"), text(broken, "why")));
    }
    app.out.table(&table, "no services")
}

async fn list(app: &App, all: bool) -> Result<(), Failure> {
    let query = [("all", all.then(|| "true".to_owned()))];
    let list = app.client()?.get(&["workspaces"], &query).await?;
    if app.out.json {
        return app.out.value(&list);
    }
    let now = format::now();
    let mut table = Table::new(&["NAME", "TITLE", "STATE", "HEALTH", "MADE", "WHY"]);
    for w in items(&list) {
        let state = text(w, "state");
        let idle = format::local_times(text(&w["idle"], "text"));
        let why = if idle.is_empty() { text(w, "reason") } else { &idle };
        table.row([
            text(w, "name").into(),
            format::clip(text(w, "title"), 30).into(),
            Cell::styled(state, Style::of_state(state)),
            text(w, "health").into(),
            format::ago(&w["created_at"], now).into(),
            format::clip(why, 70).into(),
        ]);
    }
    app.out.table(&table, "no workspaces; open one with `castalia workspace open lab`")
}

async fn stop(app: &App, workspace: &str, wait: bool) -> Result<(), Failure> {
    let client = app.client()?;
    let mut view = client.post(&["workspaces", workspace, "stop"], &json!({})).await?;
    while wait && text(&view, "state") == "stopping" {
        tokio::time::sleep(Duration::from_millis(100)).await;
        view = client.get(&["workspaces", workspace], &[]).await?;
    }
    done(app, &view, &format!("{} is {}", text(&view, "name"), text(&view, "state")))
}

async fn delete(app: &App, workspace: &str, yes: bool) -> Result<(), Failure> {
    let client = app.client()?;
    app.confirm(&format!("Delete {workspace} with everything in its volume?"), yes)?;
    client.delete(&["workspaces", workspace]).await?;
    app.out.note(&format!("deleted {workspace}"));
    Ok(())
}

async fn logs(app: &App, workspace: &str, run: Option<i64>, follow: bool) -> Result<(), Failure> {
    let client = app.client()?;
    let mut after = 0;
    loop {
        let page = page(&client, workspace, run, after, false).await?;
        for line in page["lines"].as_array().into_iter().flatten() {
            print_line(app, line)?;
        }
        let empty = page["lines"].as_array().is_none_or(Vec::is_empty);
        after = page["last"].as_u64().unwrap_or(after);
        if page["complete"] == true || (empty && !follow) {
            return Ok(());
        }
        if empty {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
}

async fn page(
    client: &Client,
    workspace: &str,
    run: Option<i64>,
    after: u64,
    tail: bool,
) -> Result<Value, Failure> {
    let query = [
        ("run", run.map(|r| r.to_string())),
        ("after", Some(after.to_string())),
        ("tail", tail.then(|| "true".to_owned())),
        ("limit", Some(if tail { "12" } else { "1000" }.to_owned())),
    ];
    client.get(&["workspaces", workspace, "logs"], &query).await
}

fn print_line(app: &App, line: &Value) -> Result<(), Failure> {
    if app.out.json {
        return app.out.line(line);
    }
    let said = text(line, "line");
    app.out.line(if app.out.terminal { tame(said) } else { said.to_owned() })
}

async fn orphans(
    app: &App,
    adopt: Option<String>,
    end: Option<String>,
    user: Option<String>,
    project: ProjectOption,
) -> Result<(), Failure> {
    let client = app.client()?;
    if let Some(unit) = adopt {
        let body = json!({ "user": user, "project": project.project });
        let view = client.post(&["workspace-orphans", &unit, "adopt"], &body).await?;
        return done(app, &view, &format!("{unit} is the workspace {}", text(&view, "name")));
    }
    if let Some(unit) = end {
        client.delete(&["workspace-orphans", &unit]).await?;
        app.out.note(&format!("{unit} is being ended"));
        return Ok(());
    }
    let list = client.get(&["workspace-orphans"], &[]).await?;
    if app.out.json {
        return app.out.value(&list);
    }
    let now = format::now();
    let mut table = Table::new(&["UNIT", "WORKSPACE", "USER", "SERVICE", "SINCE", "VERDICT"]);
    for orphan in items(&list) {
        table.row([
            text(orphan, "unit").into(),
            text(orphan, "workspace").into(),
            text(orphan, "user").into(),
            text(orphan, "service").into(),
            format::ago(&orphan["since"], now).into(),
            text(orphan, "verdict").into(),
        ]);
    }
    app.out.table(&table, "no orphans: everything that runs has a record")
}

/// `7.4 s`, `850 ms`.
fn seconds(ms: i64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{:.1} s", ms as f64 / 1000.0) }
}
