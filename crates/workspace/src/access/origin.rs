//! Requests that a browser makes because another site told it to.

use hyper::header::{self, HeaderMap};
use hyper::{Method, Uri};

/// Whether a request that is known by its cookie may have been made by a page of another site: everything but the
/// navigation of a person, when the browser says so or names another origin. `host` is the name that was called.
pub(crate) fn is_foreign(method: &Method, headers: &HeaderMap, host: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let upgrade = headers.contains_key(header::UPGRADE);
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let navigates = reads && !upgrade && text("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none") && !navigates;
    }
    match text("origin") {
        Some(origin) if !reads || upgrade => {
            let origin: Option<Uri> = origin.parse().ok();
            let theirs = origin.as_ref().and_then(Uri::authority).map(|a| a.as_str().to_ascii_lowercase());
            theirs.is_none() || theirs != host.map(str::to_ascii_lowercase)
        }
        _ => false,
    }
}

/// Whether a person looks at the answer: only then a page or a redirect is of any use.
pub(crate) fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    matches!(*method, Method::GET | Method::HEAD)
        && !headers.contains_key(header::UPGRADE)
        && text("accept").contains("text/html")
        && matches!(text("sec-fetch-mode"), "" | "navigate")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn what_other_sites_make_a_browser_do() {
        let foreign = |method: Method, pairs: &[(&'static str, &'static str)]| {
            is_foreign(&method, &headers(pairs), Some("w.example:8080"))
        };
        assert!(!foreign(Method::GET, &[]));
        assert!(!foreign(Method::POST, &[("origin", "http://W.example:8080")]));
        assert!(!foreign(Method::GET, &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]));
        assert!(foreign(Method::GET, &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")]));
        assert!(foreign(Method::POST, &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")]));
        assert!(foreign(Method::POST, &[("origin", "http://evil.example")]));
        assert!(foreign(Method::POST, &[("origin", "null")]));
        assert!(foreign(Method::GET, &[("upgrade", "websocket"), ("origin", "http://evil.example")]));
        assert!(!foreign(Method::GET, &[("upgrade", "websocket"), ("origin", "http://w.example:8080")]));
    }

    #[test]
    fn only_people_navigate() {
        assert!(is_navigation(&Method::GET, &headers(&[("accept", "text/html,*/*")])));
        for pairs in [
            &[("accept", "application/json")][..],
            &[("accept", "text/html"), ("sec-fetch-mode", "cors")],
            &[("accept", "text/html"), ("upgrade", "websocket")],
        ] {
            assert!(!is_navigation(&Method::GET, &headers(pairs)), "{pairs:?}");
        }
        assert!(!is_navigation(&Method::POST, &headers(&[("accept", "text/html")])));
    }
}
