//! `castalia doctor`: what on this machine is missing for which feature.

use super::bootstrap;
use crate::cli::DoctorArgs;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
    purpose: &'static str,
    remedy: Option<&'static str>,
}

/// Prints the findings. Exit code 1 when something that Castalia can't do without is missing.
pub(crate) fn main(arguments: &DoctorArgs) -> ExitCode {
    let mut checks: Vec<Check> = castalia_compute::doctor::examine("doctor")
        .into_iter()
        .map(|f| Check {
            name: f.name,
            ok: f.available,
            detail: f.detail,
            purpose: f.purpose,
            remedy: f.remedy,
        })
        .collect();
    checks.push(python());
    checks.push(bootstrap_environment());
    checks.push(postgres());
    checks.push(workspaces());
    checks.push(kernels());
    if arguments.json {
        let list: Vec<Value> = checks.iter().map(|c| json!({"name": c.name, "ok": c.ok, "detail": c.detail, "purpose": c.purpose, "remedy": c.remedy})).collect();
        println!("{}", Value::Array(list));
    } else {
        for check in &checks {
            println!("{} {:<22} {}", if check.ok { "ok     " } else { "missing" }, check.name, check.detail);
            println!("        {:<22} {}", "", check.purpose);
            if let (false, Some(remedy)) = (check.ok, check.remedy) {
                println!("        {:<22} → {remedy}", "");
            }
        }
    }
    let fatal = checks.iter().any(|c| !c.ok && matches!(c.name, "pidfd" | "python"));
    ExitCode::from(u8::from(fatal))
}

fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|o| o.status.success())?;
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    String::from_utf8_lossy(&text).lines().next().map(str::to_owned)
}

/// Which of the services that come along find their program, where `castalia serve` would look for it.
fn workspaces() -> Check {
    let named = std::env::var_os("CASTALIA_WORKSPACE_PATH").unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&named).chain(std::env::split_paths(&path)).collect();
    let there =
        |program: &str| program == "castalia" || folders.iter().any(|folder| folder.join(program).is_file());
    let book = castalia_hub::Book::read(None);
    let (can, lack): (Vec<_>, Vec<_>) = book.iter().partition(|d| there(d.program()));
    let can: Vec<&str> = can.iter().map(|d| d.name.as_str()).collect();
    let lack: Vec<String> = lack.iter().map(|d| format!("{} ({})", d.name, d.program())).collect();
    let missing = if lack.is_empty() { String::new() } else { format!("; not found: {}", lack.join(", ")) };
    Check {
        name: "workspaces",
        ok: can.contains(&"lab"),
        detail: format!("{}{missing}", can.join(", ")),
        purpose: "services that people open: JupyterLab, IDEs, a chat, or your own",
        remedy: Some(
            "pip install jupyterhub jupyterlab into an environment and name its bin with --workspace-path or CASTALIA_WORKSPACE_PATH",
        ),
    }
}

/// The kernels that notebooks could have, where `castalia serve` would look for them.
fn kernels() -> Check {
    let named = std::env::var_os("CASTALIA_KERNEL_PATH").unwrap_or_default();
    let found = castalia_kernel::Search::usual(std::env::split_paths(&named)).list();
    let names: Vec<String> = found.iter().map(|k| format!("{} ({})", k.display_name, k.name)).collect();
    Check {
        name: "kernels",
        ok: !names.is_empty(),
        detail: if names.is_empty() { "none".into() } else { names.join(", ") },
        purpose: "run the cells of notebooks",
        remedy: Some(
            "pip install ipykernel into an environment and name it with --kernel-path or CASTALIA_KERNEL_PATH",
        ),
    }
}

fn python() -> Check {
    let found = first_line(
        "python3",
        &["-c", "import sys, venv, ensurepip; print('Python', sys.version.split()[0])"],
    );
    Check {
        name: "python",
        ok: found.is_some(),
        detail: found.unwrap_or_else(|| "no python3 with venv".into()),
        purpose: "runs process types and makes the bootstrap environment",
        remedy: Some("install python3 and python3-venv"),
    }
}

fn bootstrap_environment() -> Check {
    let found = bootstrap::of_checkout();
    Check {
        name: "bootstrap environment",
        ok: found.is_some(),
        detail: found.map_or_else(|| "not made yet".into(), |p| p.display().to_string()),
        purpose: "fft, inversion, gridding and table; `castalia serve --demo` makes it in the data folder when it is missing",
        remedy: Some("run `make environment`, or let --demo make it"),
    }
}

fn postgres() -> Check {
    let found = first_line("psql", &["--version"]);
    Check {
        name: "postgresql client",
        ok: found.is_some(),
        detail: found.unwrap_or_else(|| "no psql".into()),
        purpose: "only for operators of --database postgres://…; the server itself does not need it",
        remedy: Some("install postgresql-client"),
    }
}
