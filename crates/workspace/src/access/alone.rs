//! Without a hub: a token or a password.

use super::{Cookies, Seal, Via, Visitor, Who, header_token, same};
use castalia_base::{Clock, Timestamp};
use hyper::HeaderMap;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// The name of the session's cookie.
const COOKIE: &str = "castalia-workspace";
/// How long a session lasts.
const SESSION_S: u64 = 14 * 24 * 3600;
/// Wrong passwords that are allowed within [`WINDOW_MS`]; then the right one has to wait as well.
const TRIES: usize = 10;
const WINDOW_MS: i64 = 60_000;

#[derive(Serialize, Deserialize)]
struct Session {
    until: i64,
}

/// What a try to sign in came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// The value of the session's cookie.
    In(String),
    /// Neither the token nor the password.
    Wrong,
    /// Too many wrong ones; seconds to wait.
    Wait(i64),
}

/// Decides who comes in.
#[derive(Debug)]
pub(crate) struct Alone {
    token: String,
    password: Option<String>,
    seal: Seal,
    pub(crate) cookies: Cookies,
    clock: Clock,
    wrong: Mutex<VecDeque<Timestamp>>,
}

impl Alone {
    /// `secret` makes sessions outlast this program; they end when token or password change.
    pub(crate) fn new(
        token: String,
        password: Option<String>,
        secret: &str,
        cookies: Cookies,
        clock: Clock,
    ) -> Self {
        let seal = Seal::of(&[secret, &token, password.as_deref().unwrap_or_default()]);
        Self { token, password, seal, cookies, clock, wrong: Mutex::default() }
    }

    pub(crate) fn cookie_names(&self) -> Vec<String> {
        vec![self.cookies.name(COOKIE)]
    }

    pub(crate) fn wants_password(&self) -> bool {
        self.password.is_some()
    }

    /// Who calls; `token` is that of the query, if it may be there.
    pub(crate) fn who(&self, headers: &HeaderMap, token: Option<&str>) -> Who {
        let by_header = header_token(headers).map(|token| (token, Via::Header));
        // A token that is not ours may be a service's own.
        if let Some((token, via)) = token.map(|token| (token, Via::Query)).or(by_header)
            && same(token, &self.token)
        {
            return Who::Visitor(Visitor { name: "owner".into(), via, xsrf: String::new() });
        }
        for value in self.cookies.get(headers, COOKIE) {
            let session: Option<Session> = self.seal.open("session", value);
            if session.is_some_and(|s| s.until > self.clock.now().0) {
                let xsrf = self.seal.mark("xsrf", value);
                return Who::Visitor(Visitor { name: "owner".into(), via: Via::Cookie, xsrf });
            }
        }
        Who::Nobody
    }

    fn waits(&self) -> Option<i64> {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        wrong.retain(|at| now.ms_since(*at) < WINDOW_MS);
        let first = wrong.front().filter(|_| wrong.len() >= TRIES)?;
        Some((WINDOW_MS - now.ms_since(*first)).max(1000) / 1000)
    }

    /// A person says the token or the password.
    pub(crate) fn sign_in(&self, said: &str) -> Attempt {
        // The token can't be guessed, so nobody who has it is kept waiting by those who try.
        if !same(said, &self.token) {
            if let Some(seconds) = self.waits() {
                return Attempt::Wait(seconds);
            }
            if !self.password.as_deref().is_some_and(|password| same(said, password)) {
                self.wrong.lock().unwrap_or_else(PoisonError::into_inner).push_back(self.clock.now());
                return Attempt::Wrong;
            }
        }
        let until = self.clock.now().0 + i64::try_from(SESSION_S * 1000).unwrap_or(i64::MAX);
        self.seal.seal("session", &Session { until }).map_or(Attempt::Wrong, Attempt::In)
    }

    /// The cookie of a session.
    pub(crate) fn cookie(&self, value: &str, secure: bool) -> Option<hyper::header::HeaderValue> {
        self.cookies.set(COOKIE, value, SESSION_S, secure)
    }

    /// The cookie that ends a session.
    pub(crate) fn cookie_cleared(&self, secure: bool) -> Option<hyper::header::HeaderValue> {
        self.cookies.clear(COOKIE, secure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{self, HeaderValue};

    fn alone(clock: &Clock) -> Alone {
        let cookies = Cookies { path: "/".into(), host: false };
        Alone::new("tok".into(), Some("pass".into()), "s", cookies, clock.clone())
    }

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_token_or_a_password_opens_and_a_session_goes_on() {
        let clock = Clock::fixed(Timestamp(1_000_000));
        let alone = alone(&clock);
        assert!(
            matches!(alone.who(&with(header::AUTHORIZATION, "token tok"), None), Who::Visitor(v) if v.via == Via::Header)
        );
        assert!(matches!(alone.who(&HeaderMap::new(), Some("tok")), Who::Visitor(v) if v.via == Via::Query));
        assert_eq!(alone.who(&HeaderMap::new(), None), Who::Nobody);
        let Attempt::In(value) = alone.sign_in("pass") else { panic!("is refused") };
        let cookie = with(header::COOKIE, &format!("castalia-workspace={value}"));
        assert!(
            matches!(alone.who(&cookie, None), Who::Visitor(v) if v.via == Via::Cookie && v.xsrf.len() == 32)
        );
        let other = Alone::new("new".into(), None, "s", alone.cookies.clone(), clock.clone());
        assert_eq!(other.who(&cookie, None), Who::Nobody, "another token ends old sessions");
        clock.advance_ms(15 * 24 * 3600 * 1000);
        assert_eq!(alone.who(&cookie, None), Who::Nobody);
    }

    #[test]
    fn guessing_is_slow() {
        let clock = Clock::fixed(Timestamp(1_000_000));
        let alone = alone(&clock);
        for _ in 0..TRIES {
            assert_eq!(alone.sign_in("x"), Attempt::Wrong);
        }
        assert_eq!(alone.sign_in("pass"), Attempt::Wait(60));
        assert!(matches!(alone.sign_in("tok"), Attempt::In(_)));
        clock.advance_ms(WINDOW_MS);
        assert!(matches!(alone.sign_in("pass"), Attempt::In(_)));
    }
}
