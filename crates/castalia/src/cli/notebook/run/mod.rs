//! `castalia notebook run FILE --out OUT`: a kernel is started beside this program, the cells run one after the other,
//! and the notebook with its outputs is written, whatever happens.
//!
//! Needs no server. The file stays what it was but for what a run changes: unknown fields are kept.

mod execute;
mod file;
mod fold;
mod kernel;
mod parameters;
mod widgets;

use super::super::app::App;
use super::super::failure::Failure;
use super::super::style::tame;
use super::super::values::{self, Given};
use super::super::{interrupted, units};
use clap::Args;
use execute::{CellEnd, Executor, Stop};
use file::Notebook;
use kernel::Kernel;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub(crate) const HELP: &str = "\
Parameters:
  -p n=3 -p name=Ada -p 'list:=[1,2]' are put into a cell of their own behind the one that has the tag `parameters`
  (before all others when there is none), where they override what is there.

Tags of cells:
  parameters         holds the defaults
  skip-execution     is not run
  raises-exception   may fail; the rest is run all the same

Exit code: 0 when every cell ran, 1 when one failed (OUT is written all the same, and the traceback is shown).";

/// What to run.
#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// The notebook (.ipynb, nbformat 4)
    file: PathBuf,
    /// Where to write the notebook with its outputs; may be FILE
    #[arg(long, short, value_name = "OUT")]
    out: PathBuf,
    /// Parameter as key=value, or key:=JSON
    #[arg(short = 'p', long = "param", value_name = "KEY=VALUE", value_parser = values::given)]
    given: Vec<Given>,
    /// More parameters: a file with a JSON object; `-p` goes before it
    #[arg(long, value_name = "FILE")]
    parameters: Option<PathBuf>,
    /// Where to write a page of it
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Folder in which the kernel begins; that of the notebook unless told
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Kernel to run it with, instead of the one that the notebook names
    #[arg(long, value_name = "NAME")]
    kernel: Option<String>,
    /// Virtual environment whose kernels are looked at first
    #[arg(long, value_name = "FOLDER")]
    prefix: Vec<PathBuf>,
    /// Longest time for one cell (30s, 5m, 2h)
    #[arg(long, value_name = "TIME", value_parser = units::seconds)]
    timeout: Option<u64>,
    /// Go on after a cell that fails, and count it as success
    #[arg(long)]
    allow_errors: bool,
}

/// Runs a notebook.
pub(crate) async fn run(app: &App, args: RunArgs) -> Result<(), Failure> {
    let begun = Instant::now();
    let mut notebook = Notebook::read(&args.file)?;
    let mut given = args.parameters.as_deref().map(object).transpose()?.unwrap_or_default();
    values::apply(&args.given, &Value::Bool(true), &mut given)?;
    let mut kernel = Kernel::choose(&notebook, args.kernel.as_deref(), &args.prefix)?;
    if !given.is_empty() {
        parameters::inject(&mut notebook, kernel.language(), &given)?;
    }
    notebook.begin(kernel.spec(), args.kernel.is_some());
    let own = || args.file.parent().filter(|p| !p.as_os_str().is_empty()).map(PathBuf::from);
    let folder = args.folder.clone().or_else(own);
    let done = match kernel.start(folder).await {
        Ok(()) => cells(app, &args, &mut notebook, &mut kernel).await,
        Err(failure) => Err(failure),
    };
    kernel.end().await;
    // Also after a failure: what came until then is what one wants to see.
    let written = notebook.write(&args.out).and_then(|()| match &args.html {
        Some(html) => page(&args, html),
        None => Ok(()),
    });
    let tally = done.and_then(|tally| written.map(|()| tally))?;
    if app.out.json {
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        app.out.value(&json!({
            "out": args.out, "kernel": kernel.spec().name, "cells": notebook.cells().len(),
            "executed": tally.executed, "errors": tally.errors, "duration_ms": ms, "status": tally.status(),
        }))?;
    } else if tally.failed.is_none() {
        app.out.line(args.out.display())?;
    }
    match tally.failed {
        None => Ok(()),
        Some(failure) => Err(failure),
    }
}

/// A file with a JSON object.
fn object(path: &Path) -> Result<Map<String, Value>, Failure> {
    let bytes = std::fs::read(path).map_err(|e| Failure::file("read", path, &e))?;
    let bad = |e| Failure::Usage(format!("{} is no JSON object: {e} (--parameters)", path.display()));
    serde_json::from_slice(&bytes).map_err(bad)
}

/// Writes the page of what was just written.
fn page(args: &RunArgs, html: &Path) -> Result<(), Failure> {
    let bytes = std::fs::read(&args.out).map_err(|e| Failure::file("read", &args.out, &e))?;
    let loaded = castalia_notebooks::document::ipynb::read(&bytes);
    let loaded = loaded.map_err(|e| Failure::Here(format!("could not make a page of the notebook: {e}")))?;
    let title = args.out.file_stem().unwrap_or_default().to_string_lossy();
    let page = castalia_notebooks::document::html::page(&loaded.notebook, &title);
    std::fs::write(html, page).map_err(|e| Failure::file("write", html, &e))
}

/// What became of the cells.
#[derive(Default)]
struct Tally {
    executed: usize,
    errors: Vec<Value>,
    failed: Option<Failure>,
}

impl Tally {
    fn status(&self) -> &'static str {
        if self.failed.is_some() { "error" } else { "ok" }
    }
}

async fn cells(
    app: &App,
    args: &RunArgs,
    notebook: &mut Notebook,
    kernel: &mut Kernel,
) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    let wanted = notebook.runnable();
    let count = wanted.len();
    let timeout = args.timeout.map(Duration::from_secs);
    let mut executor = Executor::new(kernel, notebook);
    for (number, index) in wanted.into_iter().enumerate() {
        let begun = Instant::now();
        let name = format!("[{}/{count}]", number + 1);
        let may_fail = args.allow_errors || executor.notebook.has_tag(index, "raises-exception");
        let ended = tokio::select! {
            ended = executor.run(index, !may_fail, timeout) => ended,
            () = interrupted() => Err(Stop::Interrupted),
        };
        let took = format!("{:.1} s", begun.elapsed().as_secs_f64());
        let first = executor.notebook.first_line(index);
        let report = |how: &str| app.out.note(&format!("{name} {how} {took}  {first}"));
        match ended {
            Ok(CellEnd::Ok) => report("ok"),
            Ok(CellEnd::Error { ename, evalue, traceback }) => {
                report("failed");
                tally.errors.push(json!({"cell": index, "ename": ename, "evalue": evalue}));
                if !may_fail {
                    app.out.excerpt(&traceback.iter().flat_map(|t| t.lines().map(tame)).collect::<Vec<_>>());
                    let said = if evalue.is_empty() { ename } else { format!("{ename}: {}", tame(&evalue)) };
                    tally.failed = Some(Failure::Work(format!("cell {} failed: {said}", index + 1)));
                }
            }
            Err(Stop::Interrupted) => {
                report("interrupted");
                executor.give_up().await;
                tally.failed = Some(Failure::Interrupted(None));
            }
            Err(Stop::Timeout) => {
                report("took too long");
                executor.give_up().await;
                let limit = args.timeout.unwrap_or_default();
                tally.errors.push(json!({"cell": index, "ename": "Timeout", "evalue": format!("{limit} s")}));
                let text = format!("cell {} took longer than {limit} s and was interrupted", index + 1);
                tally.failed = Some(Failure::Work(text));
            }
            Err(Stop::Dead(why)) => {
                report("lost");
                tally.errors.push(json!({"cell": index, "ename": "DeadKernel", "evalue": why}));
                tally.failed = Some(Failure::Work(format!("the kernel died in cell {}: {why}", index + 1)));
            }
            Err(Stop::Keeper(error)) => tally.failed = Some(Failure::Work(error.to_string())),
        }
        tally.executed += 1;
        if tally.failed.is_some() {
            break;
        }
    }
    executor.finish();
    Ok(tally)
}
