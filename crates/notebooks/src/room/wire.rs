//! The y-websocket protocol: frames of `varUint type` and a body (y-protocols, `sync.js` and `awareness.js`).
//!
//! Beyond it, for clients that say `castalia=1`: 100 hello, 101 refused, 102 saved, each with a length before its body.

use bytes::{BufMut, Bytes, BytesMut};

const SYNC: u64 = 0;
const AWARENESS: u64 = 1;
const QUERY_AWARENESS: u64 = 3;
const HELLO: u64 = 100;
const REFUSED: u64 = 101;
const SAVED: u64 = 102;
const STEP1: u64 = 0;
const STEP2: u64 = 1;
const UPDATE: u64 = 2;

/// What a client may say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// “This is what I have”: a state vector.
    Step1(Bytes),
    /// What we lack of the client's: the second step.
    Step2(Bytes),
    /// What the client has just done.
    Update(Bytes),
    /// States of clients.
    Awareness(Bytes),
    /// “Who is there?”
    QueryAwareness,
    /// Something of a later protocol; nothing to us.
    Unknown,
}

/// Reads a frame.
pub(crate) fn read(frame: &Bytes) -> Option<Incoming> {
    let mut reader = Reader::new(frame.clone());
    Some(match reader.uint()? {
        SYNC => match reader.uint()? {
            STEP1 => Incoming::Step1(reader.buffer()?),
            STEP2 => Incoming::Step2(reader.buffer()?),
            UPDATE => Incoming::Update(reader.buffer()?),
            _ => return None,
        },
        AWARENESS => Incoming::Awareness(reader.buffer()?),
        QUERY_AWARENESS => Incoming::QueryAwareness,
        _ => Incoming::Unknown,
    })
}

fn frame(kind: &[u64], body: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(body.len() + 16);
    for number in kind {
        put_uint(&mut out, *number);
    }
    put_uint(&mut out, body.len() as u64);
    out.put_slice(body);
    out.freeze()
}

/// “This is what I have.”
pub(crate) fn step1(state_vector: &[u8]) -> Bytes {
    frame(&[SYNC, STEP1], state_vector)
}
/// What the other side lacks.
pub(crate) fn step2(update: &[u8]) -> Bytes {
    frame(&[SYNC, STEP2], update)
}
/// What was done.
pub(crate) fn update(update: &[u8]) -> Bytes {
    frame(&[SYNC, UPDATE], update)
}
/// States of clients.
pub(crate) fn awareness(states: &[u8]) -> Bytes {
    frame(&[AWARENESS], states)
}
/// The server's first words.
pub(crate) fn hello(json: &serde_json::Value) -> Bytes {
    frame(&[HELLO], json.to_string().as_bytes())
}
/// An update was not taken.
pub(crate) fn refused(code: &str, detail: &str) -> Bytes {
    frame(&[REFUSED], serde_json::json!({"code": code, "detail": detail}).to_string().as_bytes())
}
/// How many of the connection's updates are dealt with: in the database, or refused.
pub(crate) fn saved(count: u64) -> Bytes {
    let mut number = BytesMut::new();
    put_uint(&mut number, count);
    frame(&[SAVED], &number)
}

/// Writes a number in lib0's way: seven bits a byte, the low ones first.
pub(crate) fn put_uint(out: &mut BytesMut, mut number: u64) {
    while number >= 0x80 {
        out.put_u8((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    out.put_u8(number as u8);
}

/// Writes bytes with their length before them.
pub(crate) fn put_buffer(out: &mut BytesMut, bytes: &[u8]) {
    put_uint(out, bytes.len() as u64);
    out.put_slice(bytes);
}

/// Reads what lib0 wrote; `None` for what ends early.
pub(crate) struct Reader {
    rest: Bytes,
}

impl Reader {
    pub(crate) fn new(rest: Bytes) -> Self {
        Self { rest }
    }
    pub(crate) fn uint(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for (at, byte) in self.rest.iter().take(9).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                self.rest = self.rest.slice(at + 1..);
                return Some(number);
            }
        }
        None
    }
    pub(crate) fn buffer(&mut self) -> Option<Bytes> {
        let length = usize::try_from(self.uint()?).ok()?;
        if length > self.rest.len() {
            return None;
        }
        Some(self.rest.split_to(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_they_were_written() {
        assert_eq!(read(&step1(b"abc")), Some(Incoming::Step1(Bytes::from_static(b"abc"))));
        assert_eq!(read(&step2(b"")), Some(Incoming::Step2(Bytes::new())));
        let long = vec![7u8; 70_000];
        assert_eq!(read(&update(&long)), Some(Incoming::Update(long.into())));
        assert_eq!(read(&Bytes::from_static(&[3])), Some(Incoming::QueryAwareness));
        assert_eq!(read(&Bytes::from_static(&[55, 1])), Some(Incoming::Unknown));
    }

    #[test]
    fn what_ends_early_is_nothing() {
        for broken in [&[][..], &[0], &[0, 9], &[0, 2, 5, 1], &[0x80], &[0, 2, 255, 255, 255, 255, 255]] {
            assert_eq!(read(&Bytes::copy_from_slice(broken)), None, "{broken:?}");
        }
        assert_eq!(Reader::new(Bytes::from_static(&[0xff; 12])).uint(), None);
    }
}
