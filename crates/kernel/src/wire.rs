//! Frames: `length (u32) · length of the JSON (u32) · JSON · binary`, both numbers little-endian. The same on the socket
//! and in the journal's files.

use crate::Error;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Nothing on the wire is longer.
pub(crate) const LONGEST: usize = 64 << 20;

/// One frame.
pub(crate) fn encode<T: Serialize>(value: &T, binary: &[u8]) -> Result<Bytes, Error> {
    let json = serde_json::to_vec(value).map_err(|e| Error::Protocol(e.to_string()))?;
    let length = 4 + json.len() + binary.len();
    if length > LONGEST {
        return Err(Error::Protocol(format!("a frame of {length} bytes is too long")));
    }
    let mut frame = BytesMut::with_capacity(4 + length);
    frame.put_u32_le(u32::try_from(length).unwrap_or(u32::MAX));
    frame.put_u32_le(u32::try_from(json.len()).unwrap_or(u32::MAX));
    frame.put_slice(&json);
    frame.put_slice(binary);
    Ok(frame.freeze())
}

/// What a frame holds, without its length.
pub(crate) fn decode<T: DeserializeOwned>(mut body: Bytes) -> Result<(T, Bytes), Error> {
    let broken = || Error::Protocol("a frame is broken".into());
    if body.len() < 4 {
        return Err(broken());
    }
    let json = body.get_u32_le() as usize;
    if json > body.len() {
        return Err(broken());
    }
    let binary = body.split_off(json);
    let value = serde_json::from_slice(&body).map_err(|e| Error::Protocol(e.to_string()))?;
    Ok((value, binary))
}

/// Takes the first frame, without its length, from what was read so far; none when it is not complete.
pub(crate) fn split(buffer: &mut BytesMut) -> Result<Option<Bytes>, Error> {
    let Some(length) = buffer.get(..4) else { return Ok(None) };
    let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
    if length > LONGEST {
        return Err(Error::Protocol(format!("a frame of {length} bytes is too long")));
    }
    if buffer.len() < 4 + length {
        return Ok(None);
    }
    buffer.advance(4);
    Ok(Some(buffer.split_to(length).freeze()))
}

/// Reads one frame; none at the end of the stream.
pub(crate) async fn read<T: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
) -> Result<Option<(T, Bytes)>, Error> {
    let mut length = [0; 4];
    match from.read_exact(&mut length).await {
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(Error::io("could not read from a socket")(e)),
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST {
        return Err(Error::Protocol(format!("a frame of {length} bytes is too long")));
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).await.map_err(Error::io("could not read from a socket"))?;
    decode(body.into()).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[tokio::test]
    async fn frames_survive_and_broken_ones_are_refused() {
        let frame = encode(&json!({"a": 1}), b"\x00\xff").unwrap();
        let (value, binary): (Value, Bytes) = read(&mut &frame[..]).await.unwrap().unwrap();
        assert_eq!((value, &binary[..]), (json!({"a": 1}), &b"\x00\xff"[..]));
        assert!(read::<Value>(&mut &b""[..]).await.unwrap().is_none());
        for bad in [&b"\xff\xff\xff\xff"[..], b"\x04\0\0\0\xff\0\0\0", b"\x01\0\0\0x", b"\x09\0\0\0\x01"] {
            assert!(read::<Value>(&mut &bad[..]).await.is_err(), "{bad:?}");
        }
    }
}
