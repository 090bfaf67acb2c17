//! A proxy that is measured: started for the run, ended by its process id.

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::read_to_string;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The token of the REST APIs.
pub(crate) const TOKEN: &str = "bench";

/// Which proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Chp,
    Castalia,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Nginx, Self::Chp, Self::Castalia];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Chp => "configurable-http-proxy",
            Self::Castalia => "castalia proxy",
        }
    }
}

/// A running proxy.
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    pub(crate) api: SocketAddr,
    pid: u32,
    child: Child,
    _folder: TempDir,
}

fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

impl Subject {
    /// Starts a proxy with one worker and a route for everything to the back end.
    pub(crate) fn start(kind: Kind, castalia: &Path, chp: &Path, back: SocketAddr) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (address, api) = (free()?, free()?);
        let (port, api_port, target) =
            (address.port().to_string(), api.port().to_string(), format!("http://{back}"));
        let mut command = match kind {
            Kind::Nginx => {
                std::fs::write(folder.path().join("nginx.conf"), nginx(address, back, folder.path()))?;
                let program = if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" };
                let mut command = Command::new(program);
                command.arg("-p").arg(folder.path()).arg("-c").arg(folder.path().join("nginx.conf"));
                command
            }
            Kind::Chp => {
                let mut command = Command::new("node");
                command.arg(chp);
                command
            }
            Kind::Castalia => {
                let mut command = Command::new(castalia);
                command.args(["proxy", "--workers", "1"]);
                command
            }
        };
        if kind != Kind::Nginx {
            command.args([
                "--ip",
                "127.0.0.1",
                "--port",
                &port,
                "--api-ip",
                "127.0.0.1",
                "--api-port",
                &api_port,
            ]);
            command
                .args(["--default-target", &target, "--log-level", "error"])
                .env("CONFIGPROXY_AUTH_TOKEN", TOKEN);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().context(kind.name())?;
        let mut subject = Self { kind, address, api, pid: child.id(), child, _folder: folder };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if begun.elapsed() > Duration::from_secs(20) {
                bail!("{} does not listen", kind.name());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        if kind == Kind::Nginx {
            // Its worker does the work.
            let path = format!("/proc/{0}/task/{0}/children", subject.pid);
            subject.pid = loop {
                let children = read_to_string(&path)?;
                if let Some(worker) = children.split_whitespace().next() {
                    break worker.parse()?;
                }
                if begun.elapsed() > Duration::from_secs(20) {
                    bail!("nginx has no worker");
                }
                std::thread::sleep(Duration::from_millis(10));
            };
        }
        std::thread::sleep(Duration::from_millis(500));
        Ok(subject)
    }

    /// Processor seconds that it used, in all its threads.
    pub(crate) fn cpu(&self) -> Result<f64> {
        let mut nanoseconds = 0.0;
        for task in std::fs::read_dir(format!("/proc/{}/task", self.pid))?.flatten() {
            let text = read_to_string(task.path().join("schedstat")).unwrap_or_default();
            nanoseconds += text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
        }
        Ok(nanoseconds / 1e9)
    }

    /// Resident memory in KiB.
    pub(crate) fn memory(&self) -> Result<f64> {
        let text = read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = text.lines().find(|l| l.starts_with("VmRSS:")).context("no VmRSS")?;
        Ok(line.split_whitespace().nth(1).unwrap_or_default().parse()?)
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        if let Some(pid) = Pid::from_raw(self.child.id().cast_signed()) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(8) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// As one would set it up for the same task: connections kept on both sides, WebSockets, the client's address told.
fn nginx(address: SocketAddr, back: SocketAddr, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "daemon off; master_process on; worker_processes 1; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 75; tcp_nodelay on;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  upstream back {{ server {back}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen {address};
    location / {{
      proxy_pass http://back; proxy_http_version 1.1; proxy_buffering off; proxy_request_buffering off;
      proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Port $server_port;
      proxy_read_timeout 600s;
    }}
  }}
}}
"
    )
}
