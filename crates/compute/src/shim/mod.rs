//! The program that runs beside each unit: starts it, owns its log, enforces its limits, records its end.
//!
//! It is single-threaded and synchronous, lives in a session of its own and needs no server. It learns of a stop from
//! the file `stop.json`, tells the server of changes by a datagram that may be missed, and writes `exit.json` last.
//!
//! Deliberately absent: any connection that must stay open, and any reading of configuration but `unit.json`.

mod cause;
pub(crate) mod child;
mod claim;
mod ending;
mod events;
mod inbox;
mod input;
mod notify;
mod output;
mod run;
pub(crate) mod tree;
mod watch;

use std::fs;
use std::os::fd::BorrowedFd;
use std::path::Path;

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{getpid, set_child_subreaper, setsid};

use crate::folder::Folder;
use crate::{Error, clock, lost};

/// Runs the unit whose folder is `dir` (absolute) unless it has run before. Returns the exit code of the shim, which
/// is 0 whenever the outcome of the unit has been recorded, whatever it was.
pub fn main(dir: &Path) -> i32 {
    let folder = Folder::at(dir);
    match attend(&folder) {
        Ok(()) => 0,
        Err(error) => {
            // Nobody reads our standard error; the folder is where an operator would look.
            let _ = fs::write(folder.path("shim.err"), format!("{} {error}\n", clock::now_ms()));
            70
        }
    }
}

/// Marks every descriptor that we were started with as not for the unit: a library of the server, or whoever started
/// the server, may have left some open.
#[expect(unsafe_code, reason = "the descriptors belong to nobody in this program")]
fn keep_to_ourselves() {
    let open = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let numbers = open.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    for number in numbers.filter(|n| *n > 2) {
        // SAFETY: it is borrowed for one call, which fails harmlessly should it be closed already.
        let fd = unsafe { BorrowedFd::borrow_raw(number) };
        let _ = fcntl_setfd(fd, FdFlags::CLOEXEC);
    }
}

fn attend(folder: &Folder) -> Result<(), Error> {
    keep_to_ourselves();
    // Fails only if we already lead a session, which is what we want.
    let _ = setsid();
    std::env::set_current_dir(folder.root()).map_err(|e| Error::io("enter the unit's folder", e))?;
    let Some(unit) = folder.unit()? else {
        return Err(Error::Invalid("there is no unit.json here".into()));
    };
    match claim::take(folder)? {
        claim::Claim::Ours(_lock) => {
            set_child_subreaper(Some(getpid())).map_err(|e| Error::io("become the subreaper", e))?;
            run::run(folder, &unit)
        }
        claim::Claim::Dead(_lock) => {
            lost::settle(folder, &unit, "its shim ended without recording the end")?;
            notify::Notifier::new(&unit.spec.id).send();
            Ok(())
        }
        claim::Claim::Taken => Ok(()),
    }
}
