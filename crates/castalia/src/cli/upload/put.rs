//! An upload in one request.

use super::Sending;
use crate::cli::app::App;
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use futures::TryStreamExt;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method};
use serde_json::Value;
use std::path::Path;
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;

/// Bytes that are read at once.
pub(super) const CHUNK: usize = 256 << 10;

/// Sends a file or stdin, streamed.
pub(super) async fn send(app: &App, client: &Client, sending: &Sending<'_>) -> Result<Value, Failure> {
    let (source, length) = open(sending.path).await?;
    let bar = app.out.bytes_bar(&sending.name, length);
    let moved = bar.clone();
    let stream =
        ReaderStream::with_capacity(source, CHUNK).inspect_ok(move |bytes| moved.inc(bytes.len() as u64));
    let query = [
        ("project", Some(sending.project.to_owned())),
        ("name", Some(sending.name.clone())),
        ("replace", sending.replace.then(|| "true".into())),
    ];
    let mut request = client.request(Method::PUT, &["uploads"], &query)?.body(Body::wrap_stream(stream));
    if let Some(length) = length {
        request = request.header(CONTENT_LENGTH, length);
    }
    if let Some(media_type) = sending.media_type {
        request = request.header(CONTENT_TYPE, media_type);
    }
    let answer = client.open(request).await;
    bar.finish_and_clear();
    match answer {
        Ok(answer) => client.read_json(answer).await,
        Err(Failure::Unreachable { url, refused: false, .. }) => Err(why_broken(client, sending, url).await),
        Err(failure) => Err(failure),
    }
}

/// A server that refuses while we still send may be gone before its words are read; asked without a body it says
/// what is wrong.
async fn why_broken(client: &Client, sending: &Sending<'_>, url: String) -> Failure {
    let query = [("project", Some(sending.project.to_owned())), ("limit", Some("1".into()))];
    match client.get(&["uploads"], &query).await {
        Err(failure) => failure,
        Ok(_) => {
            let cause = "it broke off the upload, which may be larger than it or the project allows".into();
            Failure::Unreachable { url, cause, refused: false }
        }
    }
}

/// A file with its length, or stdin (or a pipe) without.
async fn open(path: &Path) -> Result<(Box<dyn AsyncRead + Send + Sync + Unpin>, Option<u64>), Failure> {
    if path == Path::new("-") {
        return Ok((Box::new(tokio::io::stdin()), None));
    }
    let failed = |error: std::io::Error| Failure::file("read", path, &error);
    let file = tokio::fs::File::open(path).await.map_err(failed)?;
    let meta = file.metadata().await.map_err(failed)?;
    Ok((Box::new(file), meta.is_file().then_some(meta.len())))
}
