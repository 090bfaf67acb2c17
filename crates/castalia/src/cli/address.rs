//! Where a server is, and the addresses of what is in it.

use super::failure::Failure;
use reqwest::Url;

/// Parameters behind the `?`; absent values are left out.
pub(crate) type Query<'a> = &'a [(&'a str, Option<String>)];

/// The address of a server, perhaps with a path prefix.
#[derive(Clone, Debug)]
pub(crate) struct Address(Url);

impl Address {
    /// Reads an address as people write it.
    pub(crate) fn parse(url: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::Usage(format!(
                "`{url}` is not the address of a server ({why}); use for instance http://127.0.0.1:8000"
            ))
        };
        let mut base = Url::parse(url).map_err(|e| wrong(&e.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(wrong("it needs http or https"));
        }
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self(base))
    }

    /// Whether it is this machine's own.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// The address of `/api/` and these parts, each percent-encoded.
    pub(crate) fn of(&self, parts: &[&str], query: Query<'_>) -> Result<Url, Failure> {
        // An empty part or one of dots would silently name another thing.
        if let Some(odd) = parts.iter().find(|p| matches!(**p, "" | "." | "..")) {
            return Err(Failure::Usage(format!("`{odd}` is not an id or a name")));
        }
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("api").extend(parts);
        }
        let given: Vec<_> = query.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))).collect();
        if !given.is_empty() {
            url.query_pairs_mut().extend_pairs(given);
        }
        Ok(url)
    }

    /// An address that the server gave. It is refused when it leads to another server, which would get our token.
    pub(crate) fn given(&self, address: &str) -> Result<Url, Failure> {
        let wrong =
            |why: String| Failure::Here(format!("the server at {} named a wrong address: {why}", self.0));
        let url = self.0.join(address).map_err(|e| wrong(format!("`{address}`: {e}")))?;
        if url.origin() == self.0.origin() { Ok(url) } else { Err(wrong(format!("{url} is another server"))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> Address {
        Address::parse(url).expect("an address")
    }

    #[test]
    fn names_are_encoded_and_prefixes_kept() {
        let query = [("q", Some("a b&c".to_owned())), ("none", None)];
        let address =
            at("https://host/castalia/?x#y").of(&["projects", "a/b %?#ö"], &query).expect("an address");
        assert_eq!(address.as_str(), "https://host/castalia/api/projects/a%2Fb%20%25%3F%23%C3%B6?q=a+b%26c");
        assert_eq!(at("http://host").of(&["me"], &[]).expect("an address").as_str(), "http://host/api/me");
    }

    #[test]
    fn names_of_dots_name_nothing_else() {
        assert!(["", ".", ".."].iter().all(|odd| at("http://host").of(&["processes", odd], &[]).is_err()));
    }

    #[test]
    fn only_addresses_of_servers() {
        assert!(["", "host", "ftp://host", "localhost:8000"].iter().all(|url| Address::parse(url).is_err()));
    }

    #[test]
    fn a_token_goes_to_its_own_server_only() {
        let server = at("http://127.0.0.1:8000");
        assert!(server.given("/api/uploads/x").is_ok());
        assert!(server.given("http://127.0.0.1:9000/x").is_err());
        assert!(server.given("//elsewhere/x").is_err());
    }

    #[test]
    fn this_machine_is_known() {
        assert!(
            ["http://localhost:1", "http://127.0.0.2", "http://[::1]:8000"]
                .iter()
                .all(|u| at(u).is_loopback())
        );
        assert!(!at("https://example.org").is_loopback());
    }
}
