//! `castalia upload`.

mod put;
mod tus;

use super::app::{App, ProjectOption, number, text};
use super::client::items;
use super::failure::Failure;
use super::format;
use super::style::Style;
use super::table::{Cell, Table};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// From this size on an upload is resumable.
const RESUMABLE: u64 = 32 << 20;

/// Uploads.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
A file above 32 MiB is uploaded so that the same command goes on where a broken one stopped.
A file that is named like a subcommand is given as ./list or ./delete.

Examples:
  castalia upload survey.csv stations.geojson
  castalia upload run-17/data.csv --name data-17.csv --replace
  zcat big.csv.gz | castalia upload - --name big.csv"
)]
pub(crate) struct UploadArgs {
    #[command(subcommand)]
    command: Option<UploadCommand>,
    /// Files; `-` for stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Name in the project (`upload:NAME`); the file's name unless told
    #[arg(long)]
    name: Option<String>,
    /// Replace an upload of this name
    #[arg(long)]
    replace: bool,
    /// Media type; guessed from name and content unless told
    #[arg(long, value_name = "TYPE")]
    media_type: Option<String>,
    #[command(flatten)]
    project: ProjectOption,
}

/// What else to do with uploads.
#[derive(Debug, Subcommand)]
enum UploadCommand {
    /// List the uploads of a project
    List {
        #[command(flatten)]
        project: ProjectOption,
        /// How many at most
        #[arg(long, default_value_t = 200)]
        limit: usize,
    },
    /// Delete uploads
    Delete {
        /// Ids or names
        #[arg(required = true, value_name = "UPLOAD")]
        uploads: Vec<String>,
        #[command(flatten)]
        project: ProjectOption,
    },
}

/// A file on its way.
struct Sending<'a> {
    path: &'a Path,
    project: &'a str,
    name: String,
    replace: bool,
    media_type: Option<&'a str>,
}

/// Uploads, lists or deletes.
pub(crate) async fn run(app: &App, args: UploadArgs) -> Result<(), Failure> {
    match args.command {
        Some(UploadCommand::List { project, limit }) => list(app, &project, limit).await,
        Some(UploadCommand::Delete { uploads, project }) => delete(app, &uploads, &project).await,
        None => send(app, &args).await,
    }
}

/// `dir/file.csv` is uploaded as `file.csv`.
fn name_of(path: &Path, given: Option<&str>) -> Result<String, Failure> {
    let own = || {
        path.file_name().filter(|_| path != Path::new("-")).map(|name| name.to_string_lossy().into_owned())
    };
    given
        .map(str::to_owned)
        .or_else(own)
        .ok_or_else(|| Failure::Usage("data from stdin need a name: --name NAME".into()))
}

async fn send(app: &App, args: &UploadArgs) -> Result<(), Failure> {
    if args.name.is_some() && args.files.len() > 1 {
        return Err(Failure::Usage("--name names one file; leave it out for several".into()));
    }
    // What can't be read is said before anything is sent.
    for file in args.files.iter().filter(|file| *file != Path::new("-")) {
        let meta = std::fs::metadata(file).map_err(|error| Failure::file("read", file, &error))?;
        if meta.is_dir() {
            return Err(Failure::Usage(format!("{} is a folder; name the files in it", file.display())));
        }
    }
    let client = app.client()?;
    let project = app.project(&client, &args.project).await?;
    for path in &args.files {
        let name = name_of(path, args.name.as_deref())?;
        let sending = Sending {
            path,
            project: &project,
            name,
            replace: args.replace,
            media_type: args.media_type.as_deref(),
        };
        let meta = std::fs::metadata(path).ok().filter(|meta| meta.is_file());
        let upload = match meta {
            Some(meta) if meta.len() > RESUMABLE => tus::send(app, &client, &sending, &meta).await?,
            _ => put::send(app, &client, &sending).await?,
        };
        report(app, &upload)?;
    }
    Ok(())
}

fn report(app: &App, upload: &Value) -> Result<(), Failure> {
    if app.out.json {
        return app.out.value(upload);
    }
    let mut table = Table::default();
    table.row([
        Cell::styled(format!("upload:{}", text(upload, "name")), Style::Bold),
        text(upload, "media_type").into(),
        format::size(number(upload, "size")).into(),
        Cell::styled(text(upload, "id"), Style::Dim),
    ]);
    app.out.table(&table, "")
}

async fn list(app: &App, project: &ProjectOption, limit: usize) -> Result<(), Failure> {
    let client = app.client()?;
    let project = app.project(&client, project).await?;
    let uploads = client.list(&["uploads"], &[("project", Some(project))], limit.max(1)).await?;
    if app.out.json {
        return app.out.value(&uploads);
    }
    let now = format::now();
    let mut table = Table::new(&["NAME", "TYPE", ">SIZE", "UPLOADED", "ID"]);
    for upload in items(&uploads) {
        table.row([
            Cell::styled(text(upload, "name"), Style::Bold),
            text(upload, "media_type").into(),
            format::size(number(upload, "size")).into(),
            format::ago(&upload["created_at"], now).into(),
            text(upload, "id").into(),
        ]);
    }
    app.out.table(&table, "no uploads; bring a file with `castalia upload FILE`")
}

async fn delete(app: &App, uploads: &[String], project: &ProjectOption) -> Result<(), Failure> {
    let client = app.client()?;
    let by_name = uploads.iter().any(|upload| !upload.starts_with("up_"));
    let known = if by_name {
        let project = app.project(&client, project).await?;
        client.list(&["uploads"], &[("project", Some(project))], 100_000).await?
    } else {
        Value::Null
    };
    for upload in uploads {
        let name = upload.strip_prefix("upload:").unwrap_or(upload);
        let named = items(&known).iter().find(|u| text(u, "name") == name).map(|u| text(u, "id"));
        let own = || name.starts_with("up_").then_some(name);
        let id = named.or_else(own).ok_or_else(|| {
            Failure::Absent(format!("no upload is named `{name}`; see `castalia upload list`"))
        })?;
        client.delete(&["uploads", id]).await?;
        app.out.note(&format!("deleted {upload}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_are_named_after_their_file() {
        assert_eq!(name_of(Path::new("a/b.csv"), None).expect("has one"), "b.csv");
        assert_eq!(name_of(Path::new("a/b.csv"), Some("c")).expect("has one"), "c");
        assert!(name_of(Path::new("-"), None).is_err());
        assert!(name_of(Path::new(".."), None).is_err());
    }
}
