//! `castalia health test FILE`: starts a service definition as a process of this machine, draws what its health check
//! sees, says what was measured, and ends the service.
//!
//! Needs no server: the backend, the judge and the tries are those that the server uses, in a temporary folder.

mod bed;
mod plan;
mod report;
mod show;

use std::path::PathBuf;
use std::time::Duration;

use bed::Bed;
use castalia_compute::health::{Seconds, State, Status};
use clap::{Args, Subcommand};
use report::Report;
use show::Show;

use super::app::App;
use super::failure::Failure;
use super::out::Out;

/// Health checks.
#[derive(Args, Debug)]
pub(crate) struct HealthArgs {
    #[command(subcommand)]
    pub(crate) command: HealthCommand,
}

/// What to do with a health check.
#[derive(Debug, Subcommand)]
pub(crate) enum HealthCommand {
    /// Start a service definition, draw the timeline of its health check, and end it
    #[command(after_help = TEST_HELP)]
    Test(TestArgs),
}

const TEST_HELP: &str = "\
The definition:
  command: [python3, -m, http.server, \"{port}\"]   program and arguments
  env: {ROOT: \"{here}\"}                           optional
  port: 8888                                      optional; a free one otherwise
  dependencies: [data-agent]                      optional; found as data-agent.yaml beside it
  health_check:                                   every key is optional
    endpoint: /health                             or probe: tcp, or custom_health_command: …
    interval: 15
    timeout: 10
    retries: 8
    start_period: 45

Exit code: 0 when the service is healthy at the end, 1 when it is not, 2 when the definition is wrong.";

/// What to test.
#[derive(Args, Debug)]
pub(crate) struct TestArgs {
    /// The definition, a YAML file
    file: PathBuf,
    /// Go on watching for so long after it is healthy (30s, 5m); without it, the first good answer is the end
    #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
    watch: Option<Seconds>,
}

fn seconds(text: &str) -> Result<Seconds, String> {
    let quoted = serde_json::Value::String(text.to_owned());
    serde_json::from_value(quoted).map_err(|error| error.to_string())
}

/// Runs one of the commands. Ends what it started, also on Ctrl-C.
pub(crate) async fn run(app: &App, command: HealthCommand) -> Result<(), Failure> {
    let HealthCommand::Test(args) = command;
    test(app.out, &args).await
}

async fn test(out: Out, args: &TestArgs) -> Result<(), Failure> {
    let plan = plan::load(&args.file)?;
    let mut show = Show::new(out);
    let bed = Bed::make(&plan).await?;
    let begun = bed.start(&plan).await;
    let outcome = match begun {
        Ok(()) => {
            show.begin(&plan, &bed)?;
            watch(&bed, &mut show, args.watch.map_or(Duration::ZERO, |s| s.0)).await
        }
        Err(failure) => Err(failure),
    };
    let verdict = bed.target().map(|monitor| monitor.status());
    let stopped = bed.stop().await;
    show.drain(&bed)?;
    show.end()?;
    let interrupted = matches!(outcome, Err(Failure::Interrupted(_)));
    if !interrupted {
        outcome?;
    }
    let Some(verdict) = verdict else { return Ok(()) };
    let report = Report::of(&plan, &bed, verdict, &stopped);
    report.print(out)?;
    if interrupted {
        return Err(Failure::Interrupted(Some("interrupted; the service was ended".into())));
    }
    judge(out, &bed, &report).await
}

/// Watches until there is something to say.
async fn watch(bed: &Bed, show: &mut Show, after: Duration) -> Result<(), Failure> {
    let Some(target) = bed.target() else { return Ok(()) };
    let mut status = target.watch();
    let over = async {
        let ready = |s: &Status| matches!(s.state, State::Healthy | State::Unhealthy | State::Stopped);
        let ready = status.wait_for(ready).await.is_ok_and(|s| s.state == State::Healthy);
        if ready && !after.is_zero() {
            let lost = |s: &Status| matches!(s.state, State::Unhealthy | State::Stopped);
            let _ = tokio::time::timeout(after, status.wait_for(lost)).await;
        }
    };
    tokio::select! {
        () = over => {}
        () = bed.dependency_lost() => {}
        failed = show.follow(bed) => failed?,
        () = super::interrupted() => return Err(Failure::Interrupted(None)),
    }
    show.drain(bed)
}

/// The exit code, and on a failure what the service said last.
async fn judge(out: Out, bed: &Bed, report: &Report) -> Result<(), Failure> {
    if report.state == State::Healthy {
        return Ok(());
    }
    out.excerpt(&bed.last_lines(10).await);
    Err(Failure::Work(format!("{} is {}: {}", report.name, report.state, report.reason)))
}
