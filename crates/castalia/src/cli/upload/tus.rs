//! A resumable upload (tus 1.0): in parts, going on after every break, also in a later run of the same command.
//!
//! Where an unfinished upload stands is kept in one small file each below `$XDG_STATE_HOME/castalia/uploads`, named
//! by a digest of server, project, name, path, size and time of change: a file that was changed is uploaded anew.

use super::Sending;
use super::put::CHUNK;
use crate::cli::app::App;
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::patience::Patience;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures::TryStreamExt;
use indicatif::ProgressBar;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Body, Method};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

/// The most that is sent in one request: what is lost at worst when a proxy in between buffers.
const PART: u64 = 64 << 20;
/// How often a server is asked again that is still busy with the request that broke.
const BUSY: usize = 60;

/// Sends a file in parts.
pub(super) async fn send(
    app: &App,
    client: &Client,
    sending: &Sending<'_>,
    meta: &Metadata,
) -> Result<Value, Failure> {
    let memory = Memory::of(&client.url, sending, meta);
    let bar = app.out.bytes_bar(&sending.name, Some(meta.len()));
    let sent = Upload { app, client, sending, size: meta.len(), bar: bar.clone() }.run(&memory).await;
    bar.finish_and_clear();
    let address = sent?;
    memory.forget();
    let request = client.request_at(Method::GET, &address)?;
    client.read_json(client.open(request).await?).await
}

struct Upload<'a> {
    app: &'a App,
    client: &'a Client,
    sending: &'a Sending<'a>,
    size: u64,
    bar: ProgressBar,
}

impl Upload<'_> {
    /// Sends what is missing. The address of the finished upload.
    async fn run(&self, memory: &Memory) -> Result<String, Failure> {
        let (mut address, mut offset) = self.resume_or_begin(memory).await?;
        let (mut patience, mut busy) = (Patience::new(self.app.out), 0);
        while offset < self.size {
            self.bar.set_position(offset);
            match self.part(&address, offset).await {
                Ok(stands) => {
                    patience.relax();
                    (offset, busy) = (stands, 0);
                    continue;
                }
                Err(Failure::Refused(refusal)) if matches!(refusal.status, 409 | 423) && busy < BUSY => {
                    busy += 1;
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                Err(failure) => patience.bear(failure).await?,
            }
            // Something broke on the way; the server knows how much has come.
            match self.stands(&address).await {
                Ok(stands) => offset = stands,
                Err(failure) if failure.is_not_found() => (address, offset) = self.begin(memory).await?,
                Err(failure) => patience.bear(failure).await?,
            }
        }
        Ok(address)
    }

    async fn resume_or_begin(&self, memory: &Memory) -> Result<(String, u64), Failure> {
        if let Some(address) = memory.recall() {
            match self.stands(&address).await {
                Ok(offset) => {
                    let percent = offset * 100 / self.size.max(1);
                    self.app.out.note(&format!("going on with {} at {percent} %", self.sending.name));
                    return Ok((address, offset));
                }
                Err(failure) if failure.is_not_found() => {}
                Err(failure) => return Err(failure),
            }
        }
        self.begin(memory).await
    }

    async fn begin(&self, memory: &Memory) -> Result<(String, u64), Failure> {
        let mut said = vec![("filename", self.sending.name.as_str())];
        said.extend(self.sending.media_type.map(|kind| ("filetype", kind)));
        let said: Vec<String> =
            said.iter().map(|(key, value)| format!("{key} {}", BASE64_STANDARD.encode(value))).collect();
        let query = [
            ("project", Some(self.sending.project.to_owned())),
            ("replace", self.sending.replace.then(|| "true".into())),
        ];
        let request = self.client.request(Method::POST, &["uploads"], &query)?;
        let request = request
            .header("tus-resumable", "1.0.0")
            .header("upload-length", self.size)
            .header("upload-metadata", said.join(","));
        let response = self.client.open(request).await?;
        let location = response.headers().get(LOCATION).and_then(|v| v.to_str().ok());
        let address = location.and_then(|location| response.url().join(location).ok());
        let address = address.ok_or_else(|| {
            Failure::Here(format!("the server at {} did not say where the upload goes", self.client.url))
        })?;
        memory.keep(address.as_str());
        Ok((address.into(), offset(response.headers()).unwrap_or(0)))
    }

    async fn stands(&self, address: &str) -> Result<u64, Failure> {
        let request = self.client.request_at(Method::HEAD, address)?.header("tus-resumable", "1.0.0");
        let response = self.client.open(request.timeout(Duration::from_secs(60))).await?;
        Ok(offset(response.headers()).unwrap_or(0))
    }

    /// Sends one part from `from` on. Where the upload stands then.
    async fn part(&self, address: &str, from: u64) -> Result<u64, Failure> {
        let path = self.sending.path;
        let failed = |error: std::io::Error| Failure::file("read", path, &error);
        let mut file = tokio::fs::File::open(path).await.map_err(failed)?;
        if file.metadata().await.map_err(failed)?.len() != self.size {
            return Err(Failure::Here(format!(
                "{} was changed while it was uploaded; upload it again",
                path.display()
            )));
        }
        file.seek(std::io::SeekFrom::Start(from)).await.map_err(failed)?;
        let length = PART.min(self.size - from);
        let moved = self.bar.clone();
        let stream = ReaderStream::with_capacity(file.take(length), CHUNK)
            .inspect_ok(move |bytes| moved.inc(bytes.len() as u64));
        let request = self.client.request_at(Method::PATCH, address)?;
        let request = request
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", from)
            .header(CONTENT_TYPE, "application/offset+octet-stream")
            .header(CONTENT_LENGTH, length)
            .body(Body::wrap_stream(stream));
        let response = self.client.open(request).await?;
        Ok(offset(response.headers()).unwrap_or(from + length))
    }
}

fn offset(headers: &HeaderMap) -> Option<u64> {
    headers.get("upload-offset")?.to_str().ok()?.parse().ok()
}

/// Where the address of an unfinished upload is kept. Losing it costs a new beginning and nothing else, so failures
/// of these files are no failures of the upload.
struct Memory(Option<PathBuf>);

impl Memory {
    fn of(url: &str, sending: &Sending<'_>, meta: &Metadata) -> Self {
        let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let state = folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/state")));
        Self(state.map(|state| state.join("castalia/uploads").join(key(url, sending, meta))))
    }

    fn recall(&self) -> Option<String> {
        std::fs::read_to_string(self.0.as_ref()?)
            .ok()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    fn keep(&self, address: &str) {
        if let Some(path) = &self.0 {
            let _ = path.parent().map(std::fs::create_dir_all);
            let _ = std::fs::write(path, address);
        }
    }

    fn forget(&self) {
        let _ = self.0.as_ref().map(std::fs::remove_file);
    }
}

fn key(url: &str, sending: &Sending<'_>, meta: &Metadata) -> String {
    let path = std::path::absolute(sending.path).unwrap_or_else(|_| Path::new("").to_owned());
    let changed = meta
        .modified()
        .ok()
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
        .map(|d| d.as_nanos());
    let what =
        format!("{:?}", (url, sending.project, &sending.name, sending.media_type, path, meta.len(), changed));
    hex::encode(Sha256::digest(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_upload_is_remembered_until_the_file_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("data");
        std::fs::write(&path, "one").expect("writes");
        let sending =
            Sending { path: &path, project: "demo", name: "data".into(), replace: false, media_type: None };
        let key_now = || key("http://h", &sending, &std::fs::metadata(&path).expect("is there"));
        let first = key_now();
        assert_eq!(first, key_now());
        std::fs::write(&path, "three").expect("writes");
        assert_ne!(first, key_now());

        let memory = Memory(Some(folder.path().join("deep/state")));
        assert_eq!(memory.recall(), None);
        memory.keep("http://h/api/uploads/up_1");
        assert_eq!(memory.recall().as_deref(), Some("http://h/api/uploads/up_1"));
        memory.forget();
        assert_eq!(memory.recall(), None);
    }
}
