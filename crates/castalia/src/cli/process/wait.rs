//! Waiting for a version to end, also across a restart of the server.

use crate::cli::app::{App, text};
use crate::cli::client::{Client, items};
use crate::cli::failure::Failure;
use crate::cli::out::{self, Out};
use crate::cli::patience::Patience;
use crate::cli::style;
use indicatif::ProgressBar;
use serde_json::Value;
use std::time::Duration;

/// The first pause between two looks; a short run is seen to end almost at once.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two looks.
const LAST_PAUSE: Duration = Duration::from_secs(1);
/// Lines of the log that are shown of a version that failed.
const TAIL: u64 = 12;

/// Whether nothing can happen to the version any more.
pub(super) fn has_ended(version: &Value) -> bool {
    matches!(text(version, "state"), "completed" | "failed" | "cancelled")
}

/// Looks until the version has ended. On a terminal its state, place in the queue and progress are shown.
pub(super) async fn until_the_end(
    app: &App,
    client: &Client,
    id: &str,
    version: Value,
) -> Result<Value, Failure> {
    let number = version["version"].to_string();
    let bar = app.out.shows_progress().then(|| Live::new(&app.out));
    let watched = watch(app, client, id, &number, version, bar.as_ref());
    let ended = tokio::select! {
        ended = watched => ended,
        Ok(()) = tokio::signal::ctrl_c() => {
            Err(Failure::Interrupted(Some(format!("{id} goes on; cancel it with `castalia process cancel {id}`"))))
        }
    };
    if let Some(bar) = bar {
        bar.0.finish_and_clear();
    }
    ended
}

async fn watch(
    app: &App,
    client: &Client,
    id: &str,
    number: &str,
    first: Value,
    bar: Option<&Live>,
) -> Result<Value, Failure> {
    let (mut version, mut pause, mut patience) = (first, FIRST_PAUSE, Patience::new(app.out));
    while !has_ended(&version) {
        if let Some(bar) = bar {
            bar.show(&version);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(LAST_PAUSE);
        match client.get(&["processes", id, "versions", number], &[]).await {
            Ok(now) => {
                patience.relax();
                version = now;
            }
            Err(failure) => {
                if let Some(bar) = bar {
                    // What is said now is not to be drawn over.
                    bar.0.set_message("");
                    bar.0.suspend(|| ());
                }
                patience.bear(failure).await?;
            }
        }
    }
    Ok(version)
}

/// What is seen of a version while it is waited for.
struct Live(ProgressBar);

impl Live {
    fn new(out: &Out) -> Self {
        let bar = out.bar(Some(1000), "{spinner} {msg} {elapsed}");
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    fn show(&self, version: &Value) {
        let (state, progress) = (text(version, "state"), &version["progress"]);
        let message = match (state, version["queue_position"].as_i64()) {
            ("queued", Some(place)) => format!("queued, number {place} in the queue"),
            _ if version["stopping"] == true => "stopping".to_owned(),
            _ => [state, text(progress, "message")]
                .into_iter()
                .filter(|t| !t.is_empty())
                .collect::<Vec<_>>()
                .join(": "),
        };
        self.0.set_message(style::clean(&message));
        if let Some(fraction) = progress["fraction"].as_f64() {
            self.0.set_style(out::style("{spinner} {bar:30} {percent:>3} % {msg} {elapsed}"));
            self.0.set_position((fraction.clamp(0.0, 1.0) * 1000.0) as u64);
        }
    }
}

/// Why the version did not complete; the end of its log is shown on the way.
pub(super) async fn failure(app: &App, client: &Client, id: &str, version: &Value) -> Failure {
    if version["state"] == "failed"
        && let Ok(lines) = tail(client, id, version).await
    {
        app.out.excerpt(&lines);
    }
    let (state, reason) = (text(version, "state"), text(version, "reason"));
    let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    Failure::Work(format!(
        "{id} version {} {state}{reason}; see `castalia process logs {id}`",
        version["version"]
    ))
}

/// The last lines of a sealed log.
async fn tail(client: &Client, id: &str, version: &Value) -> Result<Vec<String>, Failure> {
    let lines = version["log_lines"].as_u64().unwrap_or_default();
    let query = [
        ("version", Some(version["version"].to_string())),
        ("after", Some(lines.saturating_sub(TAIL).to_string())),
        ("limit", Some(TAIL.to_string())),
    ];
    let page = client.get(&["processes", id, "logs"], &query).await?;
    let lines = page.get("lines").map_or(&[][..], items);
    Ok(lines
        .iter()
        .filter(|l| l["stream"] != "progress")
        .map(|l| format!("  {}", style::tame(text(l, "line"))))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn three_states_are_ends() {
        let ends = ["queued", "starting", "running", "completed", "failed", "cancelled"]
            .map(|s| has_ended(&json!({ "state": s })));
        assert_eq!(ends, [false, false, false, true, true, true]);
    }
}
