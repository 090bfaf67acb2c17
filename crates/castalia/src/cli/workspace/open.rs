//! `workspace open`: the stages as they happen, then the address.

use super::{page, seconds};
use crate::cli::app::{App, ProjectOption, text};
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::patience::Patience;
use crate::cli::style::tame;
use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};

/// What to open.
#[derive(Args, Debug)]
pub(crate) struct OpenArgs {
    /// A service (`lab`), or the name of a workspace that was stopped
    what: String,
    #[command(flatten)]
    project: ProjectOption,
    /// The profile; the service's default unless told
    #[arg(long)]
    profile: Option<String>,
    /// The name that people read
    #[arg(long)]
    title: Option<String>,
    /// Make another one even when there is one of this service already
    #[arg(long)]
    new: bool,
    /// Return at once
    #[arg(long)]
    no_wait: bool,
    /// Show the workspace's own log lines while it starts
    #[arg(long)]
    log: bool,
}

pub(super) async fn run(app: &App, args: OpenArgs) -> Result<(), Failure> {
    let client = app.client()?;
    // A name has the user, the service and a hash in it; a service has neither.
    let known = client.get(&["services"], &[]).await?;
    let is_service = known["items"].as_array().into_iter().flatten().any(|s| text(s, "name") == args.what);
    let body = if is_service || !args.what.contains(['-', '_']) {
        let project = app.project(&client, &args.project).await?;
        json!({
            "service": args.what, "project": project, "profile": args.profile, "title": args.title, "new": args.new,
        })
    } else {
        json!({ "workspace": args.what, "profile": args.profile })
    };
    let view = client.post(&["workspaces"], &body).await?;
    if args.no_wait {
        return super::done(app, &view, text(&view, "url"));
    }
    wait(app, &client, view, args.log).await
}

/// Tells of a start until it is ready; then the address is the result.
pub(super) async fn wait(app: &App, client: &Client, view: Value, log: bool) -> Result<(), Failure> {
    let id = text(&view, "id").to_owned();
    let mut told = Told { app, log, ended: None, stages: 0, skip: 0, begun: None };
    let mut patience = Patience::new(app.out);
    while told.ended.is_none() {
        match follow(client, &id, &mut told).await {
            Ok(()) if told.ended.is_some() => {}
            // The server went away in the middle; what starts goes on without it.
            Ok(()) => tokio::time::sleep(std::time::Duration::from_millis(200)).await,
            Err(failure) => patience.bear(failure).await?,
        }
    }
    let view = told.ended.unwrap_or(view);
    if text(&view, "state") == "ready" {
        return super::done(app, &view, text(&view, "url"));
    }
    if app.out.json {
        app.out.value(&view)?;
    } else if !log {
        let tail = page(client, &id, None, 0, true).await?;
        let lines = tail["lines"].as_array().into_iter().flatten().map(|l| tame(text(l, "line")));
        app.out.excerpt(&lines.collect::<Vec<_>>());
    }
    Err(Failure::Here(format!("{} did not become ready: {}", text(&view, "name"), text(&view, "reason"))))
}

async fn follow(client: &Client, id: &str, told: &mut Told<'_>) -> Result<(), Failure> {
    let query = [("no_log", (!told.log).then(|| "true".to_owned()))];
    let request = client.request(Method::GET, &["workspaces", id, "progress"], &query)?;
    let mut response = client.open(request.header("accept", "text/event-stream")).await?;
    let mut open = String::new();
    told.skip = 0;
    while let Some(chunk) = response.chunk().await.map_err(|error| client.unreachable(&error))? {
        open.push_str(&String::from_utf8_lossy(&chunk));
        while let Some(end) = open.find('\n') {
            let line: String = open.drain(..=end).collect();
            if let Some(data) = line.trim_end().strip_prefix("data:")
                && let Ok(event) = serde_json::from_str::<Value>(data.trim_start())
            {
                told.tell(&event);
            }
        }
    }
    Ok(())
}

/// What was told already, so that a stream that begins anew repeats nothing.
struct Told<'a> {
    app: &'a App,
    log: bool,
    ended: Option<Value>,
    /// Stages that were told.
    stages: usize,
    /// Stages of the present stream.
    skip: usize,
    begun: Option<i64>,
}

impl Told<'_> {
    fn tell(&mut self, event: &Value) {
        let out = &self.app.out;
        match text(event, "type") {
            "workspace" => out.note(&format!("opening {}", text(&event["workspace"], "name"))),
            "queue" => out.note(&format!("waiting: number {} in the queue", event["position"])),
            "stage" => {
                self.skip += 1;
                if self.skip > self.stages {
                    self.stages = self.skip;
                    self.stage(&event["stage"]);
                }
            }
            "log" => out.excerpt(&[tame(text(&event["line"], "line"))]),
            "end" => self.ended = Some(event["workspace"].clone()),
            _ => {}
        }
    }

    fn stage(&mut self, stage: &Value) {
        let at = crate::cli::format::time(&stage["at"]).map(|at| at.0);
        let begun = *self.begun.get_or_insert(at.unwrap_or_default());
        let after = at.map_or_else(String::new, |at| format!("after {}", seconds(at - begun)));
        let words = match text(stage, "stage") {
            "queued" => return,
            "admitted" => "let in",
            "started" => "started, waiting for its first answer",
            other => other,
        };
        let note = match text(stage, "note") {
            "" => String::new(),
            note => format!(": {note}"),
        };
        self.app.out.note(&format!("{after:>14}  {words}{note}"));
    }
}
