//! `process logs`: the lines as the server gives them, following across broken connections without loss.

use super::render::render;
use super::wait::has_ended;
use crate::cli::address::Query;
use crate::cli::app::App;
use crate::cli::client::{Client, items};
use crate::cli::failure::Failure;
use crate::cli::patience::Patience;
use clap::{Args, ValueEnum};
use reqwest::Method;
use serde_json::Value;
use std::io::Write;
use std::time::Duration;

/// Which lines.
#[derive(Args, Debug)]
#[command(after_help = "\
With --json, each line is an object {seq, time, stream, line}; time is in milliseconds UTC.

Examples:
  castalia process logs proc_01J… -f
  castalia process logs proc_01J… --grep error --stream stderr
  castalia process logs proc_01J… --json | jq -r .line")]
pub(crate) struct LogArgs {
    /// Process id
    id: String,
    /// The version; the newest unless told
    #[arg(long)]
    version: Option<i64>,
    /// Go on until it has ended
    #[arg(long, short)]
    follow: bool,
    /// Only lines after this sequence number
    #[arg(long, value_name = "SEQ", default_value_t = 0, hide_default_value = true)]
    after: u64,
    /// Only lines that contain this text
    #[arg(long, value_name = "TEXT")]
    grep: Option<String>,
    /// Only lines of this stream
    #[arg(long, value_enum)]
    stream: Option<Stream>,
}

/// Where lines come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Stream {
    Stdout,
    Stderr,
    System,
    Progress,
}

impl Stream {
    fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::System => "system",
            Self::Progress => "progress",
        }
    }
}

/// Prints a log.
pub(super) async fn run(app: &App, args: LogArgs) -> Result<(), Failure> {
    let client = app.client()?;
    // Following means one version: a newer one that is made meanwhile has a log of its own.
    let version = match args.version {
        Some(version) => version,
        None => {
            let process = client.get(&["processes", &args.id], &[]).await?;
            process["version"].as_i64().unwrap_or(1)
        }
    };
    let log = Log { app, client, id: args.id, version: version.to_string() };
    if args.grep.is_some() || args.stream.is_some() {
        log.search(args.after, args.grep, args.stream, args.follow).await
    } else {
        log.read(args.after, args.follow).await
    }
}

/// The log of one version.
struct Log<'a> {
    app: &'a App,
    client: Client,
    id: String,
    version: String,
}

impl Log<'_> {
    /// Reads the stream; with `follow` again and again, each time after the last line seen, until the version has
    /// ended and its log was read to the end once more.
    async fn read(&self, mut after: u64, follow: bool) -> Result<(), Failure> {
        let mut patience = Patience::new(self.app.out);
        let mut follow_now = follow;
        loop {
            match self.stream(&mut after, follow_now, &mut patience).await {
                Ok(()) if !follow_now => return Ok(()),
                // A server that shuts down ends the stream as if the log had ended.
                Ok(()) => match self.ended().await {
                    Ok(ended) => follow_now = !ended,
                    Err(failure) => patience.bear(failure).await?,
                },
                Err(failure) if follow => patience.bear(failure).await?,
                Err(failure) => return Err(failure),
            }
        }
    }

    async fn ended(&self) -> Result<bool, Failure> {
        Ok(has_ended(&self.client.get(&["processes", &self.id, "versions", &self.version], &[]).await?))
    }

    async fn stream(&self, after: &mut u64, follow: bool, patience: &mut Patience) -> Result<(), Failure> {
        let query: Query<'_> = &[
            ("version", Some(self.version.clone())),
            ("after", Some(after.to_string())),
            ("follow", follow.then(|| "true".into())),
        ];
        let request = self.client.request(Method::GET, &["processes", &self.id, "logs"], query)?;
        let mut response = self.client.open(request.header("accept", "application/x-ndjson")).await?;
        patience.relax();
        let mut open: Vec<u8> = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.client.unreachable(&error))? {
            // Only whole lines are printed: what follows the last newline comes again if the connection breaks.
            let Some(end) = chunk.iter().rposition(|b| *b == b'\n') else {
                open.extend_from_slice(&chunk);
                continue;
            };
            open.extend_from_slice(&chunk[..=end]);
            *after = self.print(&open)?.unwrap_or(*after);
            open.clear();
            open.extend_from_slice(&chunk[end + 1..]);
        }
        if !open.is_empty() {
            *after = self.print(&open)?.unwrap_or(*after);
        }
        Ok(())
    }

    /// Prints whole lines of NDJSON; the sequence number of the last one.
    fn print(&self, lines: &[u8]) -> Result<Option<u64>, Failure> {
        let out = &self.app.out;
        let mut stdout = std::io::stdout().lock();
        if out.json {
            stdout.write_all(lines)?;
            stdout.flush()?;
            let last = lines.split(|b| *b == b'\n').rfind(|line| !line.is_empty());
            let last: Option<Value> = last.and_then(|line| serde_json::from_slice(line).ok());
            return Ok(last.and_then(|line| line["seq"].as_u64()));
        }
        let (mut last, mut text) = (None, Vec::with_capacity(lines.len()));
        for line in lines.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            let entry: Value = serde_json::from_slice(line)
                .map_err(|e| Failure::Here(format!("the log has a damaged line: {e}")))?;
            last = entry["seq"].as_u64().or(last);
            render(&entry, out.terminal, out.colour(), false, &mut text);
        }
        stdout.write_all(&text)?;
        stdout.flush()?;
        Ok(last)
    }

    /// Asks for lines that match, page after page.
    async fn search(
        &self,
        mut after: u64,
        grep: Option<String>,
        stream: Option<Stream>,
        follow: bool,
    ) -> Result<(), Failure> {
        let mut patience = Patience::new(self.app.out);
        loop {
            let query: Query<'_> = &[
                ("version", Some(self.version.clone())),
                ("after", Some(after.to_string())),
                ("limit", Some("1000".into())),
                ("q", grep.clone()),
                ("stream", stream.map(|s| s.name().into())),
            ];
            let page = match self.client.get(&["processes", &self.id, "logs"], query).await {
                Ok(page) => page,
                Err(failure) if follow => {
                    patience.bear(failure).await?;
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            patience.relax();
            self.print_page(&page)?;
            let last = page["last_seq"].as_u64().unwrap_or(after);
            let stands = last <= after;
            after = last.max(after);
            match (page["complete"] == true, stands, follow) {
                (true, ..) | (_, true, false) => return Ok(()),
                (false, true, true) => tokio::time::sleep(Duration::from_millis(500)).await,
                (false, false, _) => {}
            }
        }
    }

    fn print_page(&self, page: &Value) -> Result<(), Failure> {
        let out = &self.app.out;
        let mut bytes = Vec::new();
        for entry in page.get("lines").map_or(&[][..], items) {
            if out.json {
                bytes.extend_from_slice(entry.to_string().as_bytes());
                bytes.push(b'\n');
            } else {
                render(entry, out.terminal, out.colour(), true, &mut bytes);
            }
        }
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(&bytes)?;
        Ok(stdout.flush()?)
    }
}
