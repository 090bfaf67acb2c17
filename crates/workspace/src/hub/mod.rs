//! Under a hub: who calls is the hub's to say, and what is used is told to it.

mod activity;
mod client;
mod oauth;
mod scopes;

pub(crate) use activity::post as post_activity;
pub(crate) use client::Client;
pub(crate) use oauth::{Arrival, Oauth};

use crate::access::{Cookies, Seal, Via, Visitor, Who, cookies, header_token};
use crate::environment::Hub;
use castalia_base::Clock;
use hyper::HeaderMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The cookie with which a hub marks a browser's session; signing out there ends it, and with it what was remembered.
pub(crate) const SESSION_COOKIE: &str = "jupyterhub-session-id";

/// What our cookie holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Session {
    token: String,
}

/// Decides who comes in, by asking the hub.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) hub: Arc<Hub>,
    pub(crate) client: Arc<Client>,
    pub(crate) oauth: Oauth,
    seal: Seal,
    pub(crate) cookies: Cookies,
}

impl Gate {
    pub(crate) fn new(hub: Arc<Hub>, client: Arc<Client>, clock: &Clock) -> Self {
        let seal = Seal::of(&[&hub.api_token, &hub.client_id, &hub.prefix]);
        let cookies = Cookies { path: hub.prefix.clone(), host: hub.host_cookies };
        let oauth = Oauth::new(hub.clone(), seal.clone(), cookies.clone(), clock.clone());
        Self { hub, client, oauth, seal, cookies }
    }

    /// Cookies that services never see.
    pub(crate) fn cookie_names(hub: &Hub) -> Vec<String> {
        let cookies = Cookies { path: hub.prefix.clone(), host: hub.host_cookies };
        vec![cookies.name(&hub.client_id), SESSION_COOKIE.to_owned()]
    }

    /// Who calls; `token` is that of the query, if it may be there. A token in a header counts before the cookie, so
    /// that a program's request is never taken for the browser's; one that nobody knows may be a service's own.
    pub(crate) async fn who(&self, headers: &HeaderMap, token: Option<&str>) -> Who {
        let session =
            cookies(headers).find(|(name, _)| *name == SESSION_COOKIE).map_or("", |(_, value)| value);
        let by_header = header_token(headers).map(|token| (token, Via::Header));
        if let Some((token, via)) = token.map(|token| (token, Via::Query)).or(by_header) {
            match self.ask(token, "", via, String::new()).await {
                Who::Nobody => {}
                found => return found,
            }
        }
        let mut best = Who::Nobody;
        for value in self.cookies.get(headers, &self.hub.client_id) {
            let Some(held) = self.seal.open::<Session>("session", value) else { continue };
            match self.ask(&held.token, session, Via::Cookie, self.seal.mark("xsrf", value)).await {
                Who::Nobody => {}
                found @ Who::Visitor(_) => return found,
                other => best = other,
            }
        }
        best
    }

    async fn ask(&self, token: &str, session: &str, via: Via, xsrf: String) -> Who {
        match self.client.user(token, session).await {
            Err(why) => Who::Unknown(why),
            Ok(None) => Who::Nobody,
            Ok(Some(user)) if scopes::let_in(&user.scopes, &self.hub.access_scopes) => {
                Who::Visitor(Visitor { name: user.name.clone(), via, xsrf })
            }
            Ok(Some(user)) => Who::Refused { name: user.name.clone() },
        }
    }

    /// The cookie for a token that the hub gave.
    pub(crate) fn cookie(
        &self,
        token: &str,
        seconds: u64,
        secure: bool,
    ) -> Option<hyper::header::HeaderValue> {
        let value = self.seal.seal("session", &Session { token: token.to_owned() })?;
        self.cookies.set(&self.hub.client_id, &value, seconds, secure)
    }

    /// The cookie that ends a session.
    pub(crate) fn cookie_cleared(&self, secure: bool) -> Option<hyper::header::HeaderValue> {
        self.cookies.clear(&self.hub.client_id, secure)
    }
}
