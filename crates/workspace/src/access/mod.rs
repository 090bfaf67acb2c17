//! Who calls, and whether they may.
//!
//! Under a hub the hub decides, over OAuth for browsers and its API for tokens. Alone, a token or a password does. What
//! runs inside the workspace has a token of its own that reaches the registry of services only. Nothing is served to
//! nobody but a few pages that are named one by one in `front`.

mod alone;
mod cookies;
pub(crate) mod origin;
mod seal;

pub(crate) use alone::{Alone, Attempt};
pub(crate) use cookies::{Cookies, all as cookies};
pub(crate) use seal::Seal;

use hyper::HeaderMap;
use hyper::header;
use subtle::ConstantTimeEq;

/// How somebody was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// By our cookie, which a browser sends by itself.
    Cookie,
    /// By a token in a header.
    Header,
    /// By a token in the query.
    Query,
    /// By the token of what runs in here.
    Inside,
}

/// Somebody who may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visitor {
    pub(crate) name: String,
    pub(crate) via: Via,
    /// What a cookie's own requests must say, so that no other page can make them.
    pub(crate) xsrf: String,
}

/// The answer to who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// May come in.
    Visitor(Visitor),
    /// Brought nothing, or nothing that is known (any more).
    Nobody,
    /// Is known, and may not.
    Refused {
        /// The name.
        name: String,
    },
    /// Nobody can tell: whoever decides can't be asked.
    Unknown(String),
}

/// The token of an `Authorization` header.
pub(crate) fn header_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let ours = scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer");
    ours.then(|| token.trim()).filter(|token| !token.is_empty())
}

/// The token of a query, decoded.
pub(crate) fn query_token(query: Option<&str>) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query?.as_bytes());
    pairs.find(|(key, value)| key == "token" && !value.is_empty()).map(|(_, value)| value.into_owned())
}

/// The query without its tokens, everything else as it was; none when nothing is left.
pub(crate) fn without_token(query: &str) -> Option<String> {
    let is_token = |pair: &str| url::form_urlencoded::parse(pair.as_bytes()).any(|(key, _)| key == "token");
    let rest: Vec<&str> = query.split('&').filter(|pair| !is_token(pair)).collect();
    (!rest.is_empty()).then(|| rest.join("&"))
}

/// Compares in a time that does not tell where they differ.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    #[test]
    fn tokens_are_found_and_taken_out() {
        let mut headers = HeaderMap::new();
        for (value, token) in
            [("token x", Some("x")), ("Bearer  y", Some("y")), ("Basic z", None), ("token ", None)]
        {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
            assert_eq!(header_token(&headers), token, "{value}");
        }
        assert_eq!(query_token(Some("a=1&token=%41b")).as_deref(), Some("Ab"));
        assert_eq!(query_token(Some("a=token")), None);
        assert_eq!(without_token("a=1&token=x&b=%20&%74oken=y").as_deref(), Some("a=1&b=%20"));
        assert_eq!(without_token("token=x"), None);
    }
}
