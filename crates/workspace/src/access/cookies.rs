//! Cookies of this program, on its own path.

use hyper::HeaderMap;
use hyper::header::{self, HeaderValue};

/// How cookies are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cookies {
    /// The path that they are for, with slashes at both ends.
    pub(crate) path: String,
    /// `__Host-` cookies: on the root path, over https only.
    pub(crate) host: bool,
}

impl Cookies {
    /// The name as the browser knows it.
    pub(crate) fn name(&self, name: &str) -> String {
        if self.host { format!("__Host-{name}") } else { name.to_owned() }
    }

    /// Sets one, for some seconds.
    pub(crate) fn set(&self, name: &str, value: &str, seconds: u64, secure: bool) -> Option<HeaderValue> {
        let (name, path) = (self.name(name), if self.host { "/" } else { &self.path });
        let secure = if secure || self.host { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(text).ok()
    }

    /// Takes one back.
    pub(crate) fn clear(&self, name: &str, secure: bool) -> Option<HeaderValue> {
        self.set(name, "", 0, secure)
    }

    /// The values of a cookie: a browser may send several of one name, from different paths.
    pub(crate) fn get<'h>(&self, headers: &'h HeaderMap, name: &str) -> Vec<&'h str> {
        let name = self.name(name);
        all(headers).filter(|(known, _)| *known == name).map(|(_, value)| value).collect()
    }
}

/// All cookies of a request.
pub(crate) fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_stay_on_their_path() {
        let cookies = Cookies { path: "/user/a/".into(), host: false };
        let set = cookies.set("n", "v", 5, false).expect("a cookie");
        assert_eq!(set, "n=v; Path=/user/a/; Max-Age=5; HttpOnly; SameSite=Lax");
        let host = Cookies { path: "/user/a/".into(), host: true };
        let set = host.set("n", "v", 5, false).expect("a cookie");
        assert_eq!(set, "__Host-n=v; Path=/; Max-Age=5; HttpOnly; SameSite=Lax; Secure");
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; n=x; nn=2; n=y=z"));
        assert_eq!(cookies.get(&headers, "n"), ["x", "y=z"]);
        assert!(host.get(&headers, "n").is_empty());
    }
}
