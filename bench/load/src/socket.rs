//! The smallest WebSocket client (RFC 6455): text out, text in, pings answered. It looks at frames where they lie in
//! its buffer, so that 50 of it can take a log without the client being what is measured.

use crate::http::find;
use anyhow::{Context, Result, bail, ensure};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const READ: usize = 256 << 10;

/// A connection to `/api/ws`.
pub(crate) struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Where the next frame begins in the buffer.
    at: usize,
    /// Bytes received so far.
    pub(crate) received: u64,
}

impl Socket {
    /// Connects with a token.
    pub(crate) async fn open(host: SocketAddr, token: &str) -> Result<Self> {
        let mut stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET /api/ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: Y2FzdGFsaWEtYmVuY2ghIQ==\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut buffer = Vec::with_capacity(READ);
        let head = loop {
            ensure!(stream.read_buf(&mut buffer).await? > 0, "the server closed the connection");
            if let Some(end) = find(&buffer, b"\r\n\r\n") {
                break end + 4;
            }
        };
        let text = String::from_utf8_lossy(&buffer[..head]);
        ensure!(text.starts_with("HTTP/1.1 101"), "no WebSocket: {text}");
        Ok(Self { stream, buffer, at: head, received: 0 })
    }

    /// Listens to a topic.
    pub(crate) async fn subscribe(&mut self, topic: &str) -> Result<()> {
        self.send(1, format!(r#"{{"id":"1","type":"subscribe","topic":"{topic}"}}"#).as_bytes()).await?;
        let answer = String::from_utf8_lossy(self.next().await?).into_owned();
        ensure!(answer.contains(r#""type":"subscribe""#), "subscribing to {topic}: {answer}");
        Ok(())
    }

    /// A frame with the mask 0, which leaves the payload as it is.
    async fn send(&mut self, opcode: u8, payload: &[u8]) -> Result<()> {
        ensure!(payload.len() < 65536, "too long a message");
        let mut frame = vec![0x80 | opcode, 0x80 | 126];
        frame.extend_from_slice(&(payload.len() as u16).to_be_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(payload);
        Ok(self.stream.write_all(&frame).await?)
    }

    /// The next text message.
    pub(crate) async fn next(&mut self) -> Result<&[u8]> {
        loop {
            let (opcode, start, end) = self.frame().await?;
            self.at = end;
            match opcode {
                0x81 => return Ok(&self.buffer[start..end]),
                0x89 => {
                    let payload = self.buffer[start..end].to_vec();
                    self.send(10, &payload).await?;
                }
                0x8a => {}
                0x88 => bail!("the server closed: {}", String::from_utf8_lossy(&self.buffer[start..end])),
                other => bail!("a frame of kind {other:#x}, which this client does not know"),
            }
        }
    }

    async fn frame(&mut self) -> Result<(u8, usize, usize)> {
        loop {
            if let Some((opcode, header, length)) = header(&self.buffer[self.at..]) {
                let end = self.at + header + length;
                if self.buffer.len() >= end {
                    return Ok((opcode, self.at + header, end));
                }
                self.buffer.reserve(end - self.buffer.len());
            }
            // What was read is dropped, what was begun moves to the front.
            self.buffer.drain(..self.at);
            self.at = 0;
            self.buffer.reserve(READ);
            let n = self.stream.read_buf(&mut self.buffer).await.context("reading the WebSocket")?;
            ensure!(n > 0, "the server closed the connection");
            self.received += n as u64;
        }
    }
}

/// Opcode, length of the header, length of the payload.
fn header(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (&opcode, &short) = (bytes.first()?, bytes.get(1)?);
    match short & 0x7f {
        126 => Some((opcode, 4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)))),
        127 => {
            Some((opcode, 10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?))
        }
        n => Some((opcode, 2, usize::from(n))),
    }
}

#[cfg(test)]
mod tests {
    use super::header;

    #[test]
    fn the_three_lengths_of_a_frame() {
        assert_eq!(header(&[0x81, 5]), Some((0x81, 2, 5)));
        assert_eq!(header(&[0x81, 126, 1, 0]), Some((0x81, 4, 256)));
        assert_eq!(header(&[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Some((0x81, 10, 65536)));
        assert_eq!(header(&[0x81, 126, 1]), None);
    }
}
