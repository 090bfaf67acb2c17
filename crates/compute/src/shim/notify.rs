//! Tells the server that a unit changed. A missed message costs nothing but time: the server also watches the shim's
//! process and looks at everything when it starts.

use std::os::unix::net::UnixDatagram;

use crate::UnitId;
use crate::folder::NOTIFY_SOCKET;

/// Sends the unit's id to the server's socket, one folder above the unit's.
pub(super) struct Notifier {
    socket: Option<UnixDatagram>,
    path: String,
    id: String,
    /// True when the server's queue was full and the message is still owed.
    owed: bool,
}

impl Notifier {
    pub(super) fn new(id: &UnitId) -> Self {
        let socket = UnixDatagram::unbound().ok().filter(|s| s.set_nonblocking(true).is_ok());
        // Relative, because the path of a socket may have only 108 bytes; we stand in the unit's folder.
        Notifier { socket, path: format!("../{NOTIFY_SOCKET}"), id: id.to_string(), owed: false }
    }

    pub(super) fn send(&mut self) {
        let Some(socket) = &self.socket else { return };
        let sent = socket.send_to(self.id.as_bytes(), &self.path);
        self.owed = sent.is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock);
    }

    /// Sends what is owed; true if something still is.
    pub(super) fn retry(&mut self) -> bool {
        if self.owed {
            self.send();
        }
        self.owed
    }
}
