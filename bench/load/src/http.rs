//! The smallest HTTP/1.1 client with keep-alive, so that the load generator takes little of the machine that it
//! shares with what it measures. It knows bodies with `Content-Length` and nothing else.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection; requests go one after the other.
pub(crate) struct Connection {
    stream: TcpStream,
    host: SocketAddr,
    token: String,
    buffer: Vec<u8>,
}

/// Status and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// Connects; an empty token sends none.
    pub(crate) async fn open(host: SocketAddr, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host, token: token.to_owned(), buffer: Vec::with_capacity(16 << 10) })
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn call(&mut self, method: &str, path: &str, body: &str) -> Result<Answer> {
        let authorization = match self.token.as_str() {
            "" => String::new(),
            token => format!("Authorization: Bearer {token}\r\n"),
        };
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{authorization}{kind}Content-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.read().await.with_context(|| format!("{method} {path}"))
    }

    async fn read(&mut self) -> Result<Answer> {
        self.buffer.clear();
        let head = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server closed the connection");
        };
        let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
        let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status line")?;
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let length: usize = match (length, status) {
            (Some(length), _) => length,
            (None, 204) => 0,
            (None, _) => bail!("an answer without Content-Length: {text}"),
        };
        while self.buffer.len() < head + length {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the answer broke off");
        }
        Ok(Answer { status, body: self.buffer[head..head + length].to_vec() })
    }

    /// As [`Connection::call`], for JSON; anything but a success is an error that shows the answer.
    pub(crate) async fn json(&mut self, method: &str, path: &str, body: &str) -> Result<Value> {
        let answer = self.call(method, path, body).await?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!((200..300).contains(&answer.status), "{method} {path}: {} {text}", answer.status);
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).with_context(|| format!("{method} {path}: {text}"))
    }
}

/// Where `needle` begins.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}
