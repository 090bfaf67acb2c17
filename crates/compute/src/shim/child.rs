//! Starts the unit's program: clean environment, own session, limits, and death with the shim.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use rustix::fs::OFlags;
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};
use rustix::process::{Pid, PidfdFlags, Resource, Rlimit, Signal};

use crate::folder::{Folder, UnitFile};
use crate::limits::{Cgroup, MB};

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A larger pipe lets a chatty program run on while its lines are written. Not the largest possible: what one user's
/// pipes may hold together is limited (64 MiB), and beyond that new ones are tiny.
const PIPE_BYTES: usize = 1 << 18;

/// The running program.
pub(super) struct Program {
    pub(super) pid: Pid,
    pub(super) pidfd: OwnedFd,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
    pub(super) events: OwnedFd,
}

/// Starts the program; an error means that it never ran.
pub(super) fn start(folder: &Folder, unit: &UnitFile, cgroup: Option<&Cgroup>) -> io::Result<Program> {
    let (events, events_end) = events_pipe()?;
    let mut command = command(folder, unit, events_end.as_raw_fd());
    prepare_in_child(&mut command, unit, cgroup)?;
    let mut child = command.spawn()?;
    drop(events_end);
    let pid = Pid::from_child(&child);
    let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
    let (stdout, stderr) = outputs(&mut child)?;
    Ok(Program { pid, pidfd, stdout, stderr, events })
}

fn command(folder: &Folder, unit: &UnitFile, events_fd: i32) -> Command {
    let argv = arguments(folder, unit, &unit.spec.command);
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]).env_clear().envs(environment(folder, unit));
    command.env("CASTALIA_EVENTS_FD", events_fd.to_string());
    command.current_dir(unit.spec.work.clone().unwrap_or_else(|| folder.work()));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn fill(folder: &Folder, text: &str) -> String {
    let files = text.replace("{files}", &folder.files().to_string_lossy());
    files.replace("{work}", &folder.work().to_string_lossy())
}

/// A command as it is run for a unit: filled in, and in the unit's kind of sandbox.
pub(crate) fn arguments(folder: &Folder, unit: &UnitFile, command: &[String]) -> Vec<String> {
    let argv: Vec<String> = command.iter().map(|text| fill(folder, text)).collect();
    unit.sandbox.as_ref().map_or(argv.clone(), |plan| plan.wrap(folder, &argv, &unit.spec))
}

/// The environment of a unit's programs.
pub(crate) fn environment(folder: &Folder, unit: &UnitFile) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> =
        minimal(folder).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    all.extend(unit.spec.env.iter().map(|(name, value)| (name.clone(), fill(folder, value))));
    all.insert("CASTALIA_UNIT".into(), unit.spec.id.to_string());
    all
}

fn minimal(folder: &Folder) -> BTreeMap<&'static str, String> {
    let work = folder.work().to_string_lossy().into_owned();
    let tmp = format!("{work}/tmp");
    BTreeMap::from([("PATH", PATH.into()), ("HOME", work), ("TMPDIR", tmp), ("LANG", "C.UTF-8".into())])
}

/// The pipe for progress; its writing end stays open across exec, which is how the program gets it.
fn events_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    fcntl_setfd(&writer, FdFlags::empty())?;
    non_blocking(&reader)?;
    Ok((reader, writer))
}

fn outputs(child: &mut Child) -> io::Result<(OwnedFd, OwnedFd)> {
    let stdout: Option<ChildStdout> = child.stdout.take();
    let stderr: Option<ChildStderr> = child.stderr.take();
    let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
        return Err(io::Error::other("the pipes were not made"));
    };
    let (stdout, stderr) = (OwnedFd::from(stdout), OwnedFd::from(stderr));
    for fd in [&stdout, &stderr] {
        non_blocking(fd)?;
        // Fails when this user's pipes already hold much; the usual size does then.
        let _ = fcntl_setpipe_size(fd, PIPE_BYTES);
    }
    Ok((stdout, stderr))
}

fn non_blocking(fd: &OwnedFd) -> io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(fd)?;
    Ok(rustix::fs::fcntl_setfl(fd, flags | OFlags::NONBLOCK)?)
}

#[expect(unsafe_code, reason = "only code between fork and exec can tie the child's life and limits to us")]
fn prepare_in_child(command: &mut Command, unit: &UnitFile, cgroup: Option<&Cgroup>) -> io::Result<()> {
    let doors: Vec<File> = cgroup.map(Cgroup::doors).transpose()?.unwrap_or_default();
    let storage = unit.spec.resources.storage_mb;
    let shim = rustix::process::getpid();
    let prepare = move || -> io::Result<()> {
        rustix::process::setsid()?;
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // The shim may have died before the line above; then nobody would ever kill us.
        if rustix::process::getppid() != Some(shim) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        for door in &doors {
            (&*door).write_all(b"0")?;
        }
        sacrifice();
        limit(Resource::Core, 0)?;
        if storage > 0 {
            limit(Resource::Fsize, storage.saturating_mul(MB))?;
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes system calls only; it neither allocates nor takes locks.
    unsafe {
        command.pre_exec(prepare);
    }
    Ok(())
}

/// When the machine as a whole runs out of memory, the unit should go before the server. Best effort.
fn sacrifice() {
    let flags = OFlags::WRONLY | OFlags::CLOEXEC;
    if let Ok(file) = rustix::fs::open(c"/proc/self/oom_score_adj", flags, rustix::fs::Mode::empty()) {
        let _ = rustix::io::write(&file, b"500");
    }
}

fn limit(resource: Resource, value: u64) -> io::Result<()> {
    Ok(rustix::process::setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?)
}
