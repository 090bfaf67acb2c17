//! Where a stop arrives: `stop.json` is the request, a datagram on the socket `ctl` only says to look now.
//!
//! A server that dies between the two is no harm: its successor sends the datagram again, and the shim looks by itself
//! from time to time. (Not inotify: a user may have only 128 instances, and closing one takes ten milliseconds.)

use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use crate::StopRequest;
use crate::folder::{CONTROL_SOCKET, Folder};

/// How often the request is looked for although nothing was heard.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The place where stop requests arrive.
pub(super) struct Inbox {
    socket: Option<UnixDatagram>,
    last: Option<StopRequest>,
    next_look: Instant,
}

impl Inbox {
    /// Opens the ear; the shim must stand in the unit's folder, because the path of a socket may have only 108 bytes.
    pub(super) fn open() -> Self {
        let socket = UnixDatagram::bind(CONTROL_SOCKET).ok().filter(|s| s.set_nonblocking(true).is_ok());
        Inbox { socket, last: None, next_look: Instant::now() }
    }

    pub(super) fn socket(&self) -> Option<&UnixDatagram> {
        self.socket.as_ref()
    }

    /// When to look although nothing was heard.
    pub(super) fn due(&self) -> Instant {
        self.next_look
    }

    /// A stop request that is new or differs from the last one.
    pub(super) fn look(&mut self, folder: &Folder) -> Option<StopRequest> {
        let mut heard = false;
        let mut word = [0u8; 16];
        while self.socket.as_ref().is_some_and(|s| s.recv(&mut word).is_ok()) {
            heard = true;
        }
        let now = Instant::now();
        if !heard && now < self.next_look {
            return None;
        }
        self.next_look = now + LOOK_EVERY;
        let request = folder.stop().ok().flatten()?;
        if self.last.as_ref() == Some(&request) {
            return None;
        }
        self.last = Some(request.clone());
        Some(request)
    }
}
