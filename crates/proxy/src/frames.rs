//! Reads just enough of a WebSocket's bytes to tell messages from pings (RFC 6455, section 5.2).

/// One direction of a WebSocket.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    head: [u8; 10],
    have: u8,
    left: u64,
    message: bool,
}

impl Frames {
    /// Takes the next bytes and says whether any of them belongs to a message.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> bool {
        let mut message = false;
        while !bytes.is_empty() {
            if self.left > 0 {
                let part = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                self.left -= part as u64;
                bytes = &bytes[part..];
                message |= self.message;
                continue;
            }
            self.head[usize::from(self.have)] = bytes[0];
            self.have += 1;
            bytes = &bytes[1..];
            if let Some(payload) = self.complete() {
                self.message = self.head[0] & 0x0f < 8;
                message |= self.message;
                self.left = payload;
                self.have = 0;
            }
        }
        message
    }

    /// The length of what follows a complete head (the mask's key counts as payload).
    fn complete(&self) -> Option<u64> {
        if self.have < 2 {
            return None;
        }
        let mask = if self.head[1] & 0x80 == 0 { 0 } else { 4 };
        let (need, length) = match self.head[1] & 0x7f {
            126 => (4, u64::from(u16::from_be_bytes([self.head[2], self.head[3]]))),
            127 => {
                let mut wide = [0; 8];
                wide.copy_from_slice(&self.head[2..]);
                (10, u64::from_be_bytes(wide))
            }
            short => (2, u64::from(short)),
        };
        (self.have >= need).then(|| length.saturating_add(mask))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(opcode: u8, masked: bool, length: usize) -> Vec<u8> {
        let mask = if masked { 0x80 } else { 0 };
        let mut out = vec![0x80 | opcode];
        match length {
            0..=125 => out.push(mask | u8::try_from(length).expect("short")),
            126..=0xffff => {
                out.push(mask | 126);
                out.extend(u16::try_from(length).expect("medium").to_be_bytes());
            }
            _ => {
                out.push(mask | 127);
                out.extend((length as u64).to_be_bytes());
            }
        }
        out.extend(vec![0xff; length + if masked { 4 } else { 0 }]);
        out
    }

    #[test]
    fn messages_are_told_from_pings_however_they_are_cut() {
        for size in [1, 2, 3, 7, 1000, 1 << 20] {
            for masked in [false, true] {
                let mut frames = Frames::default();
                let mut feed =
                    |bytes: &[u8]| bytes.chunks(size).fold(false, |seen, part| frames.feed(part) | seen);
                for length in [0, 5, 125, 126, 70_000] {
                    assert!(!feed(&frame(9, masked, length.min(125))), "a ping");
                    assert!(feed(&frame(2, masked, length)), "a message");
                    assert!(!feed(&frame(10, masked, 0)), "a pong");
                    assert!(!feed(&frame(8, masked, 2)), "a close");
                }
            }
        }
    }
}
