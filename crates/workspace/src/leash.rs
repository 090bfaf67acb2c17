//! A service must not outlive the workspace, also not one that was killed: between the two stands this program for a
//! moment, which asks the kernel for that and then becomes the service.

use rustix::process::{Signal, getppid, set_parent_process_death_signal};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// The word by which both binaries know that this is wanted.
pub const WORD: &str = "leash";

/// Becomes a program that is killed when its parent is: `PARENT PROGRAM ARGUMENTS…`. Returns only when that can't be
/// done, with 126 or, when there is no such program, 127, as shells do.
pub fn main(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let parent = arguments.next().and_then(|text| text.to_str()?.parse::<i32>().ok());
    let (Some(parent), Some(program)) = (parent, arguments.next()) else {
        eprintln!("usage: {WORD} PARENT PROGRAM ARGUMENTS…");
        return ExitCode::from(126);
    };
    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        eprintln!("the service could not be bound to its workspace: {error}");
        return ExitCode::from(126);
    }
    // Whoever died before the kernel was asked sends no signal any more.
    if getppid().is_none_or(|now| now.as_raw_nonzero().get() != parent) {
        return ExitCode::from(126);
    }
    let error = Command::new(&program).args(arguments).exec();
    eprintln!("{} could not be started: {error}", program.to_string_lossy());
    ExitCode::from(if error.kind() == std::io::ErrorKind::NotFound { 127 } else { 126 })
}
