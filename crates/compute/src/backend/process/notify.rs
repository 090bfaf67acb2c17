//! The ear for the shims' datagrams: a thread of its own, because reading a unit's small files blocks.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::Inner;
use crate::Error;
use crate::folder::NOTIFY_SOCKET;

/// Starts to listen. The thread ends with the backend.
pub(super) fn listen(inner: &Arc<Inner>) -> Result<(), Error> {
    let failed = |e| Error::io("listen to the shims", e);
    let dir = File::open(&inner.config.units_dir).map_err(failed)?;
    // By way of the descriptor, because the path of a socket may have only 108 bytes.
    let path = format!("/proc/self/fd/{}/{NOTIFY_SOCKET}", dir.as_raw_fd());
    let _ = fs::remove_file(&path);
    let socket = UnixDatagram::bind(&path).map_err(failed)?;
    socket.set_read_timeout(Some(Duration::from_secs(1))).map_err(failed)?;
    let weak = Arc::downgrade(inner);
    let hear = move || hear(&socket, &weak);
    std::thread::Builder::new().name("units-notify".into()).spawn(hear).map_err(failed)?;
    Ok(())
}

fn hear(socket: &UnixDatagram, inner: &Weak<Inner>) {
    let mut buffer = [0u8; 128];
    loop {
        let heard = socket.recv(&mut buffer);
        let Some(inner) = inner.upgrade() else { return };
        let Ok(length) = heard else { continue };
        let id = std::str::from_utf8(&buffer[..length]).ok().and_then(|text| text.parse().ok());
        if let Some(id) = id {
            inner.refresh(&id);
        }
    }
}
