//! The host that a request is for.

use hyper::header::HOST;
use hyper::http::request::Parts;

/// The name in `name:port`, `[::1]:port` and `name`.
pub(crate) fn name_of(host: &str) -> &str {
    if host.starts_with('[') {
        return host.find(']').map_or(host, |end| &host[..=end]);
    }
    host.split(':').next().unwrap_or(host)
}

/// The port in it.
pub(crate) fn port_of(host: &str) -> Option<&str> {
    let rest = &host[name_of(host).len()..];
    rest.strip_prefix(':').filter(|port| !port.is_empty())
}

/// The host of a request, checked: one, and written as one. An address in the request line comes before the header
/// (RFC 9112, section 3.2.2). `Err` says what is wrong.
pub(crate) fn of(parts: &Parts) -> Result<&str, &'static str> {
    if let Some(authority) = parts.uri.authority() {
        return match authority.as_str().contains('@') {
            true => Err("the address holds a user"),
            false => Ok(authority.as_str()),
        };
    }
    let mut all = parts.headers.get_all(HOST).iter();
    let (Some(host), None) = (all.next(), all.next()) else {
        return Err("a request names exactly one host");
    };
    let text = host.to_str().map_err(|_| "the host is not ASCII")?;
    let plain =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']' | b'%');
    match !text.is_empty() && text.bytes().all(plain) {
        true => Ok(text),
        false => Err("the host is not written as one"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ports() {
        for (host, name, port) in
            [("a:1", "a", Some("1")), ("a", "a", None), ("[::1]:9", "[::1]", Some("9")), ("a:", "a", None)]
        {
            assert_eq!((name_of(host), port_of(host)), (name, port), "{host}");
        }
    }
}
