//! The program inside a workspace by itself, for images that need nothing else. The main binary offers the same as
//! `castalia workspace serve`.

use castalia_workspace::ServeArgs;
use clap::Parser;
use std::process::ExitCode;

/// The program inside a workspace.
#[derive(Parser)]
#[command(version, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    serve: ServeArgs,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == castalia_workspace::leash::WORD) {
        return castalia_workspace::leash::main(arguments);
    }
    castalia_workspace::main(&Cli::parse().serve)
}
