//! The kernel's process.

use super::KeeperConfig;
use crate::Error;
use jupyter_protocol::ConnectionInfo;
use jupyter_protocol::connection_info::Transport;
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// The path of a socket has at most 107 bytes (unix(7)).
const DEEPEST: usize = 60;

/// One start of the kernel.
pub(super) struct Process {
    pub(super) info: ConnectionInfo,
    pub(super) pid: Option<u32>,
    group: Option<Pid>,
    /// Connection file and sockets; goes with it.
    _folder: TempDir,
}

/// A key of 128 random bits.
fn key() -> String {
    format!("{:032x}", rand::random::<u128>())
}

impl Process {
    /// Starts it, in a process group of its own.
    pub(super) fn start(config: &KeeperConfig) -> Result<(Self, Child), Error> {
        let temporary = std::env::temp_dir();
        let place = if temporary.as_os_str().len() > DEEPEST { Path::new("/tmp") } else { &temporary };
        let only_ours = PermissionsExt::from_mode(0o700);
        let folder =
            tempfile::Builder::new().prefix("castalia-kernel-").permissions(only_ours).tempdir_in(place);
        let folder = folder.map_err(Error::io("could not make a folder for the kernel's sockets"))?;
        let info = ConnectionInfo {
            ip: folder.path().join("k").to_string_lossy().into_owned(),
            transport: Transport::IPC,
            shell_port: 1,
            iopub_port: 2,
            stdin_port: 3,
            control_port: 4,
            hb_port: 5,
            key: key(),
            signature_scheme: "hmac-sha256".into(),
            kernel_name: Some(config.spec.name.clone()),
        };
        let file = folder.path().join("connection.json");
        let text = serde_json::to_vec(&info).map_err(|e| Error::Protocol(e.to_string()))?;
        std::fs::write(&file, text).map_err(Error::io("could not write the connection file"))?;
        let mut command = command(config, &file)?;
        let child = command.spawn().map_err(Error::io(format!("could not start {}", config.spec.argv[0])))?;
        let pid = child.id();
        let group = pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        Ok((Self { info, pid, group, _folder: folder }, child))
    }

    /// Sends a signal to its whole group.
    pub(super) fn signal(&self, signal: Signal) {
        if let Some(group) = self.group
            && let Err(error) = kill_process_group(group, signal)
        {
            tracing::debug!(%error, ?signal, "no process took the signal");
        }
    }
}

impl Drop for Process {
    /// What it started in its group goes with it.
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

fn command(config: &KeeperConfig, file: &Path) -> Result<Command, Error> {
    let words = config.spec.command(file);
    let (program, arguments) = words
        .split_first()
        .ok_or(Error::BadSpec { name: config.spec.name.clone(), why: "argv is empty".into() })?;
    let mut command = Command::new(program);
    command.args(arguments).process_group(0).kill_on_drop(true).stdin(Stdio::null());
    let place = |name: &str| std::env::var(name).ok();
    if let Some(bin) = config.spec.prefix.as_ref().filter(|p| !p.starts_with("/usr")).map(|p| p.join("bin")) {
        // What a cell calls by name comes from where its kernel does.
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&rest)));
        command.env("PATH", path.map_err(|e| Error::Protocol(e.to_string()))?);
    }
    // The debugger that ipykernel brings along would warn about its own files into the first cell.
    command.env("PYDEVD_DISABLE_FILE_VALIDATION", "1");
    command.envs(config.spec.environment(place)).envs(&config.env);
    // IPython's own way to notice that whoever started it has died.
    command.env("JPY_PARENT_PID", std::process::id().to_string());
    if let Some(work) = &config.work {
        command.current_dir(work);
    }
    Ok(command)
}

/// How it ended, in words.
pub(super) fn words_of(status: &ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (_, Some(9)) => "its process was killed (signal 9); it may have run out of memory".into(),
        (_, Some(signal)) => format!("its process ended by signal {signal}"),
        (Some(code), None) => format!("its process ended with exit code {code}"),
        (None, None) => "its process ended".into(),
    }
}
