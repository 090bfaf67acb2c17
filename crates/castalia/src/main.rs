//! The `castalia` program: command line, configuration, wiring; no decisions.

mod cli;
mod proxy;
mod serve;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The shim comes before everything: hundreds of it may start in a second, and it must not pay for the rest.
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == "shim")
        && let Some(folder) = arguments.next()
    {
        let code = castalia_compute::shim::main(std::path::Path::new(&folder));
        return ExitCode::from(u8::try_from(code).unwrap_or(1));
    }
    if std::env::args_os().nth(1).is_some_and(|first| first == castalia_workspace::leash::WORD) {
        return castalia_workspace::leash::main(std::env::args_os().skip(2));
    }
    let first: Vec<_> = std::env::args_os().skip(1).take(3).collect();
    if let [kernel, keep, config] = first.as_slice()
        && (kernel == "kernel" && keep == "keep")
    {
        return cli::kernel::main(std::path::Path::new(config));
    }
    let cli = cli::Cli::parse();
    if let cli::Command::Workspace(arguments) = &cli.command
        && let Some(program) = arguments.program()
    {
        return program.map_or_else(|error| error.exit(), |arguments| castalia_workspace::main(&arguments));
    }
    match cli.command {
        cli::Command::Serve(arguments) => serve::main(arguments),
        cli::Command::Proxy(arguments) => proxy::main(&arguments),
        cli::Command::Doctor(arguments) => serve::doctor::main(&arguments),
        cli::Command::Openapi => serve::openapi::main(),
        _ => client(cli),
    }
}

fn client(cli: cli::Cli) -> ExitCode {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(cli::run(cli)),
        Err(error) => {
            eprintln!("castalia: the runtime could not be started: {error}");
            ExitCode::from(1)
        }
    }
}
