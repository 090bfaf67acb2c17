//! The program as people run it, against a server of a test.

use crate::support::Server;
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The program on a home folder of its own.
pub(crate) struct Cli<'a> {
    pub(crate) server: &'a Server,
    pub(crate) home: &'a Path,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }
    #[track_caller]
    pub(crate) fn fails(self, code: i32, said: &str) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.stderr.contains(said), "{self:?}");
        self
    }
}

/// Waits for the end.
pub(crate) fn ended(child: Child) -> Ended {
    let output = child.wait_with_output().expect("ends");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Cli<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let program = std::env::var_os("CASTALIA_TEST_PROGRAM");
        let mut command = Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_castalia").into()));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home)
            .env("CASTALIA_URL", &self.server.url)
            .current_dir(self.home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).env("CASTALIA_TOKEN", &self.server.token).spawn().expect("starts")
    }
    /// Runs a command with the server's token.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.start(arguments))
    }
    /// Runs a command with what `login` kept, and this on stdin.
    pub(crate) fn run_signed_in(&self, arguments: &[&str], stdin: &str) -> Ended {
        let mut child = self.command(arguments).spawn().expect("starts");
        child.stdin.take().expect("piped").write_all(stdin.as_bytes()).expect("is read");
        ended(child)
    }
}
