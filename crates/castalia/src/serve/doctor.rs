//! `castalia doctor`: what on this machine is missing for which feature.

use super::bootstrap;
use crate::cli::DoctorArgs;
use serde_json::{Value, json};
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
