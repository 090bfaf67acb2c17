//! The web app, as `npm run build` leaves it in `web/dist`, embedded in the program.
//!
//! Every path without a file extension is the one page, whose `<base href>` says under which prefix it is served;
//! the app's router does the rest. A path with an extension is a file or does not exist: a missing script is never
//! answered with the page. Hashed files are immutable, the page is asked for anew each time and costs an `ETag`.
//! Files lie here compressed (brotli and gzip, made when the app is built); who takes neither gets them unpacked.
//! Paths of the API are none of ours. Nothing is compressed, templated or read from disk while serving, but with
//! [`Source::Folder`], which is for work on the app itself.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

mod media;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Embedded;

/// What pages of the app may do: run and load what comes from our origin, nothing inline, nothing from elsewhere.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; manifest-src 'self'; \
    base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

/// The page in which HTML and scripts of a notebook's output run. It has no origin, whoever opens it, so nothing in it
/// can act for the visitor; it loads nothing from anywhere and sends nothing anywhere.
const FRAME: &str = "output-frame.html";

const FRAME_CSP: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; \
    style-src 'unsafe-inline' data:; img-src data: blob:; font-src data:; media-src data: blob:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const PAGE: &str = "index.html";

/// Shown in place of the app by a build that has none.
const ABSENT: &str = include_str!("absent.html");

/// First parts of paths that belong to the API, now or by design: never answered with a page.
const RESERVED: &[&str] =
    &["api", "health", "metrics", ".well-known", "hub", "user", "webhook", "webhook-test", "mcp"];

/// Where the files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In the program.
    Embedded,
    /// In a folder that is read at every request.
    Folder(PathBuf),
}

/// The app, ready to be served under one prefix.
#[derive(Clone, Debug)]
pub struct App {
    source: Source,
    /// Begins and ends with a slash.
    prefix: String,
}

impl App {
    /// The app under a path prefix such as `/` or `/t/acme`.
    pub fn new(source: Source, prefix: &str) -> Self {
        let inner = prefix.trim_matches('/');
        let prefix = if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") };
        Self { source, prefix }
    }

    /// The prefix; it begins and ends with a slash.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// For `/health` and the log: `embedded`, `folder` or `absent`, with what to do in the last case.
    pub fn state(&self) -> &'static str {
        match (self.file(PAGE), &self.source) {
            (None, _) => "absent: this build has no web app; build it with `make build`",
            (Some(_), Source::Embedded) => "embedded",
            (Some(_), Source::Folder(_)) => "folder",
        }
    }

    /// Answers a request for a page or a file of the app; `None` when the path is none of the app's. `path` is the
    /// request's path with the prefix taken off.
    pub fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
        let path = path.trim_start_matches('/');
        let first = path.split('/').next().unwrap_or_default();
        if RESERVED.contains(&first) || !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let last = path.rsplit('/').next().unwrap_or_default();
        if last.contains('.') && path != PAGE { self.asset(path, headers) } else { Some(self.page(headers)) }
    }

    fn page(&self, headers: &HeaderMap) -> Response<Body> {
        let Some(html) = self.file(PAGE) else {
            let mut response = respond(StatusCode::SERVICE_UNAVAILABLE, "text/html; charset=utf-8", ABSENT);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            return response;
        };
        let html = String::from_utf8_lossy(&html)
            .replace("<base href=\"/\" />", &format!("<base href=\"{}\" />", escaped(&self.prefix)));
        let tag = format!("\"{}\"", hex::encode(&Sha256::digest(html.as_bytes())[..12]));
        let same = headers
            .get(header::IF_NONE_MATCH)
            .is_some_and(|known| known.to_str().is_ok_and(|known| known.contains(&tag)));
        let mut response = if same {
            respond(StatusCode::NOT_MODIFIED, "text/html; charset=utf-8", "")
        } else {
            respond(StatusCode::OK, "text/html; charset=utf-8", html)
        };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }

    fn asset(&self, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
        let (bytes, encoding) = self.encoded(path, headers)?;
        let mut response = respond(StatusCode::OK, media::of(path), bytes);
        let kept =
            if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "max-age=3600" };
        let headers = response.headers_mut();
        if path == FRAME {
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FRAME_CSP));
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        Some(response)
    }

    /// The file in the smallest form that the client takes, and that form's name.
    fn encoded(&self, path: &str, headers: &HeaderMap) -> Option<(Cow<'static, [u8]>, Option<&'static str>)> {
        for (name, ending) in [("br", "br"), ("gzip", "gz")] {
            if accepts(headers, name)
                && let Some(bytes) = self.file(&format!("{path}.{ending}"))
            {
                return Some((bytes, Some(name)));
            }
        }
        if let Some(bytes) = self.file(path) {
            return Some((bytes, None));
        }
        let mut plain = Vec::new();
        let packed = self.file(&format!("{path}.gz"))?;
        flate2::read::GzDecoder::new(&*packed).read_to_end(&mut plain).ok()?;
        Some((Cow::Owned(plain), None))
    }

    fn file(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        match &self.source {
            Source::Embedded => Embedded::get(path).map(|file| file.data),
            Source::Folder(folder) => {
                let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
                inside.then(|| std::fs::read(folder.join(path)).ok().map(Cow::Owned)).flatten()
            }
        }
    }
}

fn respond(status: StatusCode, media: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    response
}

/// Whether `Accept-Encoding` (RFC 9110, 12.5.3) names the coding and does not give it the weight zero.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let refused = parts.any(|weight| {
            weight.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q == 0.0)
        });
        named && !refused
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
