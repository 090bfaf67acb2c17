//! `/api/openapi.json` and a page to browse it.

use crate::api::{Api, Operation};
use axum::http::{HeaderName, HeaderValue, Method, header};
use std::sync::Arc;

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A text that the program carries, with its headers.
pub type Asset = ([(HeaderName, HeaderValue); 2], &'static str);

/// A page, script or style of ours: it may load what comes from our origin and nothing else.
pub fn asset(media: &'static str, body: &'static str) -> Asset {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP)),
    ];
    (headers, body)
}

impl Api {
    /// Adds the document that describes all operations added so far (and itself), and the page.
    #[must_use]
    pub fn with_docs(self, version: &str) -> Self {
        let get = |path, id, summary| Operation::open(Method::GET, path, id, summary);
        let text: Arc<std::sync::OnceLock<String>> = Arc::default();
        let shared = text.clone();
        let docs = Api::new(Arc::new(()))
            .raw(
                get("/api/openapi.json", "docs.openapi", "This description, as OpenAPI 3.1")
                    .returns_media("application/json"),
                move || {
                    let body = shared.get().cloned().unwrap_or_default();
                    async move { ([(header::CONTENT_TYPE, "application/json")], body) }
                },
            )
            .raw(
                get("/api/docs", "docs.page", "This description as a page to browse")
                    .returns_media("text/html"),
                || async { asset("text/html; charset=utf-8", include_str!("../assets/docs.html")) },
            )
            .raw(
                get("/api/docs.js", "docs.script", "The page's script").returns_media("text/javascript"),
                || async { asset("text/javascript; charset=utf-8", include_str!("../assets/docs.js")) },
            )
            .raw(
                get("/api/docs.css", "docs.style", "The page's style").returns_media("text/css"),
                || async { asset("text/css; charset=utf-8", include_str!("../assets/docs.css")) },
            );
        let all = self.merge(docs);
        let _ = text.set(crate::openapi::document(&all, version).to_string());
        all
    }
}
