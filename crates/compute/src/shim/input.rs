//! Reads the program's pipes without ever waiting for them.

use std::os::fd::OwnedFd;

use rustix::io::Errno;

/// What a read came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// So many bytes.
    Some(usize),
    /// Nothing now.
    Nothing,
    /// Nothing ever again.
    End,
}

/// One pipe, until its end.
pub(super) struct Input {
    fd: Option<OwnedFd>,
}

impl Input {
    pub(super) fn new(fd: OwnedFd) -> Self {
        Input { fd: Some(fd) }
    }

    pub(super) fn fd(&self) -> Option<&OwnedFd> {
        self.fd.as_ref()
    }

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Read {
        let Some(fd) = &self.fd else { return Read::End };
        match rustix::io::read(fd, &mut *buffer) {
            Ok(n) if n > 0 => Read::Some(n),
            Err(Errno::AGAIN | Errno::INTR) => Read::Nothing,
            Ok(_) | Err(_) => {
                self.fd = None;
                Read::End
            }
        }
    }
}
