//! Cookies: those of the server in front stay out of the back end's reach, and those of a back end that does not know
//! its prefix are put below it.

use hyper::HeaderMap;
use hyper::header::{self, HeaderValue};

fn name_of(cookie: &str) -> &str {
    cookie.split(['=', ';']).next().unwrap_or_default().trim()
}

/// Takes the hidden cookies out of a request.
pub(crate) fn hide_from_backend(headers: &mut HeaderMap, hidden: &[String]) {
    if hidden.is_empty() || !headers.contains_key(header::COOKIE) {
        return;
    }
    let is_hidden = |cookie: &str| hidden.iter().any(|name| name == name_of(cookie));
    let values: Vec<String> = headers
        .get_all(header::COOKIE)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    let kept: Vec<&str> = values
        .iter()
        .flat_map(|v| v.split(';'))
        .map(str::trim)
        .filter(|c| !c.is_empty() && !is_hidden(c))
        .collect();
    headers.remove(header::COOKIE);
    if !kept.is_empty()
        && let Ok(value) = HeaderValue::from_str(&kept.join("; "))
    {
        headers.insert(header::COOKIE, value);
    }
}

/// Drops answers' cookies that are hidden; with a prefix, puts the paths of the others below it and takes their domain
/// away. A cookie whose name demands the root (`__Host-`) is left as it is.
pub(crate) fn set_by_backend(headers: &mut HeaderMap, hidden: &[String], prefix: Option<&str>) {
    if (hidden.is_empty() && prefix.is_none()) || !headers.contains_key(header::SET_COOKIE) {
        return;
    }
    let all: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for value in all {
        let Ok(text) = value.to_str() else {
            // It can't be read, so nobody can say that it is not a hidden one.
            continue;
        };
        if hidden.iter().any(|name| name == name_of(text)) {
            continue;
        }
        let moved =
            prefix.filter(|_| !name_of(text).starts_with("__Host-")).map(|prefix| below(text, prefix));
        let value = moved.and_then(|text| HeaderValue::from_str(&text).ok()).unwrap_or(value);
        headers.append(header::SET_COOKIE, value);
    }
}

fn below(cookie: &str, prefix: &str) -> String {
    let attribute = |part: &str, name: &str| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    };
    let mut parts = cookie.split(';');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if attribute(part, "domain").is_some() {
            continue;
        }
        out.push(';');
        match attribute(part, "path") {
            Some(path) => out.push_str(&format!(" Path={}", crate::response::put_below(&path, prefix))),
            None => out.push_str(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_cookies_do_not_pass() {
        let hidden = vec!["session".to_owned()];
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; session=s; sessions=2"));
        headers.append(header::COOKIE, HeaderValue::from_static("session=t"));
        hide_from_backend(&mut headers, &hidden);
        assert_eq!(headers[header::COOKIE], "a=1; sessions=2");
        assert_eq!(headers.get_all(header::COOKIE).iter().count(), 1);

        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, HeaderValue::from_static("session=evil; Path=/"));
        headers.append(header::SET_COOKIE, HeaderValue::from_static("b=1"));
        set_by_backend(&mut headers, &hidden, None);
        assert_eq!(headers.get_all(header::SET_COOKIE).iter().collect::<Vec<_>>(), ["b=1"]);
    }

    #[test]
    fn paths_are_put_below_the_prefix() {
        for (cookie, expected) in [
            ("a=1; Path=/; HttpOnly", "a=1; Path=/p/; HttpOnly"),
            ("a=1; path=/x; Domain=h", "a=1; Path=/p/x"),
            ("a=1; Path=/p/x", "a=1; Path=/p/x"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(below(cookie, "/p"), expected);
        }
    }
}
