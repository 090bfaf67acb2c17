//! Signing a browser in: OAuth2 with authorization code, state and PKCE.
//!
//! What has to be remembered in between is sealed into a cookie of the browser that left, so a code works only there,
//! only for ten minutes, and also after this program was started anew.

use crate::access::{Cookies, Seal, same};
use crate::environment::Hub;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use castalia_base::Clock;
use hyper::HeaderMap;
use hyper::header::HeaderValue;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How long signing in may take.
const LIMIT_S: u64 = 600;
/// Tabs that may be signing in at the same time.
const MOST: usize = 8;

#[derive(Serialize, Deserialize)]
struct Departure {
    state: String,
    verifier: String,
    /// Path to come back to.
    next: String,
    at: i64,
}

/// Where the browser goes, and the cookies that it takes along.
pub(crate) struct Leave {
    pub(crate) location: String,
    pub(crate) cookies: Vec<HeaderValue>,
}

/// What a browser that came back brings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// A code for us.
    Code { code: String, verifier: String, next: String },
    /// The hub refused, in its words.
    Refused(String),
    /// Nobody left from here with this state.
    Stranger,
}

/// Signs browsers in.
#[derive(Debug)]
pub(crate) struct Oauth {
    hub: Arc<Hub>,
    seal: Seal,
    cookies: Cookies,
    clock: Clock,
}

impl Oauth {
    pub(super) fn new(hub: Arc<Hub>, seal: Seal, cookies: Cookies, clock: Clock) -> Self {
        Self { hub, seal, cookies, clock }
    }

    fn cookie(&self, state: &str) -> String {
        format!("{}-oauth-state-{}", self.hub.client_id, state.get(..8).unwrap_or_default())
    }

    /// Sends a browser to the hub.
    pub(crate) fn leave(&self, headers: &HeaderMap, next: &str, secure: bool) -> Option<Leave> {
        let (state, verifier) = (crate::random_hex(16), URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let mut cookies: Vec<HeaderValue> = Vec::new();
        // A page that asks for many things while it is signed out must not fill the browser with cookies.
        let begun = self.cookies.name(&format!("{}-oauth-state-", self.hub.client_id));
        let old: Vec<&str> =
            crate::access::cookies(headers).map(|(name, _)| name).filter(|n| n.starts_with(&begun)).collect();
        if old.len() >= MOST {
            let plain = |name: &str| name.strip_prefix("__Host-").unwrap_or(name).to_owned();
            cookies.extend(old.iter().filter_map(|name| self.cookies.clear(&plain(name), secure)));
        }
        let departure =
            Departure { state: state.clone(), verifier, next: next.to_owned(), at: self.clock.now().0 };
        let sealed = self.seal.seal("oauth", &departure)?;
        cookies.push(self.cookies.set(&self.cookie(&state), &sealed, LIMIT_S, secure)?);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.hub.client_id)
            .append_pair("redirect_uri", &self.hub.callback_url)
            .append_pair("response_type", "code")
            .append_pair("state", &state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .finish();
        let location = format!("{}{}hub/api/oauth2/authorize?{query}", self.hub.host, self.hub.base_url);
        Some(Leave { location, cookies })
    }

    /// A browser comes back. Returns what it brings and the cookie that must be taken back: a state works once.
    pub(crate) fn arrive(
        &self,
        headers: &HeaderMap,
        query: &str,
        secure: bool,
    ) -> (Arrival, Option<HeaderValue>) {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let get = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let Some(state) =
            get("state").filter(|state| state.len() == 32 && state.bytes().all(|b| b.is_ascii_hexdigit()))
        else {
            return (Arrival::Stranger, None);
        };
        let name = self.cookie(state);
        let departure = self.cookies.get(headers, &name).into_iter().find_map(|value| {
            let departure: Departure = self.seal.open("oauth", value)?;
            let age = self.clock.now().0.saturating_sub(departure.at);
            let young = i64::try_from(LIMIT_S * 1000).is_ok_and(|limit| age <= limit);
            (young && same(&departure.state, state)).then_some(departure)
        });
        let Some(Departure { verifier, next, .. }) = departure else { return (Arrival::Stranger, None) };
        let clear = self.cookies.clear(&name, secure);
        let arrival = match (get("code"), get("error")) {
            (Some(code), None) => Arrival::Code { code: code.to_owned(), verifier, next },
            (_, Some(error)) => {
                Arrival::Refused(get("error_description").unwrap_or(error).chars().take(300).collect())
            }
            (None, None) => Arrival::Stranger,
        };
        (arrival, clear)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use castalia_base::Timestamp;
    use hyper::header;

    fn oauth(clock: &Clock) -> Oauth {
        let variables = [
            ("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:1/user/a/"),
            ("JUPYTERHUB_SERVICE_PREFIX", "/user/a/"),
            ("JUPYTERHUB_API_TOKEN", "t"),
            ("JUPYTERHUB_API_URL", "http://h/hub/api"),
            ("JUPYTERHUB_CLIENT_ID", "jupyterhub-user-a"),
            ("JUPYTERHUB_USER", "a"),
        ];
        let variables = variables.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let hub = Arc::new(crate::environment::detect(&variables).unwrap().unwrap());
        let cookies = Cookies { path: hub.prefix.clone(), host: false };
        Oauth::new(hub, Seal::of(&["t"]), cookies, clock.clone())
    }

    fn jar(leave: &Leave) -> HeaderMap {
        let pairs: Vec<&str> =
            leave.cookies.iter().filter_map(|c| c.to_str().ok()?.split(';').next()).collect();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&pairs.join("; ")).unwrap())])
    }

    #[test]
    fn who_left_here_comes_back_in_time_and_with_the_same_browser() {
        let clock = Clock::fixed(Timestamp(1));
        let oauth = oauth(&clock);
        let leave = oauth.leave(&HeaderMap::new(), "/user/a/x?y", false).unwrap();
        let url = url::Url::parse("http://h").unwrap().join(&leave.location).unwrap();
        let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(url.path(), "/hub/api/oauth2/authorize");
        assert_eq!(
            (query["redirect_uri"].as_str(), query["code_challenge_method"].as_str()),
            ("/user/a/oauth_callback", "S256")
        );
        let back = format!("code=c&state={}", query["state"]);
        let (arrival, clear) = oauth.arrive(&jar(&leave), &back, false);
        let Arrival::Code { code, verifier, next } = arrival else { panic!("{arrival:?}") };
        assert_eq!((code.as_str(), next.as_str()), ("c", "/user/a/x?y"));
        assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier)), query["code_challenge"]);
        assert!(clear.unwrap().to_str().unwrap().contains("Max-Age=0"));
        assert_eq!(oauth.arrive(&HeaderMap::new(), &back, false).0, Arrival::Stranger, "another browser");
        let other = format!("code=c&state={}", "0".repeat(32));
        assert_eq!(oauth.arrive(&jar(&leave), &other, false).0, Arrival::Stranger, "another state");
        let refused = format!("error=access_denied&error_description=no&state={}", query["state"]);
        assert_eq!(oauth.arrive(&jar(&leave), &refused, false).0, Arrival::Refused("no".into()));
        clock.advance_ms(601_000);
        assert_eq!(oauth.arrive(&jar(&leave), &back, false).0, Arrival::Stranger, "too late");
    }

    #[test]
    fn cookies_do_not_pile_up() {
        let oauth = oauth(&Clock::fixed(Timestamp(1)));
        let many: Vec<String> =
            (0..MOST).map(|n| format!("jupyterhub-user-a-oauth-state-{n:08}=x")).collect();
        let headers =
            HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&many.join("; ")).unwrap())]);
        let leave = oauth.leave(&headers, "/user/a/", false).unwrap();
        let cleared =
            leave.cookies.iter().filter(|c| c.to_str().is_ok_and(|c| c.contains("Max-Age=0"))).count();
        assert_eq!((cleared, leave.cookies.len()), (MOST, MOST + 1));
    }
}
