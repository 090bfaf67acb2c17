//! Signing in and out.

use super::paths::{Place, safe_next};
use super::reply::{answer, json_reply, page, problem, redirect, with};
use super::{App, Call, Gatekeeper, pages};
use crate::access::{Attempt, Who, without_token};
use crate::hub::Arrival;
use castalia_proxy::Body;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response};
use serde_json::json;

impl App {
    /// Pages for which nobody is asked who they are.
    pub(super) async fn public(
        &self,
        request: Request<Incoming>,
        call: &Call,
        place: &Place<'_>,
    ) -> Response<Body> {
        let answered = match place {
            Place::Health => self.health(),
            Place::Api => {
                json_reply(200, &json!({"version": env!("CARGO_PKG_VERSION"), "name": "castalia-workspace"}))
            }
            Place::Bare => {
                let query = request.uri().query().map(|q| format!("?{q}")).unwrap_or_default();
                redirect(&format!("{}{query}", self.prefix))
            }
            Place::Callback => self.callback(&request, call).await,
            Place::Login => self.login(request, call).await,
            Place::Logout => self.logout(call),
            _ if call.navigates => pages::refusal(true, 404, "not_found", "nothing is at this address"),
            _ => problem(404, "not_found", "nothing is at this address"),
        };
        self.signed(answered)
    }

    /// How somebody is answered whom nobody knows.
    pub(super) fn ask_in(&self, parts: &Parts, call: &Call) -> Response<Body> {
        if !call.navigates {
            return match &self.gatekeeper {
                // JupyterHub's servers say 403, and clients know it.
                Gatekeeper::Hub(_) => problem(403, "unauthenticated", "sign in, or send a token of the hub"),
                Gatekeeper::Alone(_) => {
                    let refused = problem(401, "unauthenticated", "sign in, or send the workspace's token");
                    with(refused, header::WWW_AUTHENTICATE, [header::HeaderValue::from_static("Bearer")])
                }
            };
        }
        match &self.gatekeeper {
            Gatekeeper::Hub(gate) => match gate.oauth.leave(&parts.headers, &call.target, call.secure) {
                Some(leave) => with(redirect(&leave.location), header::SET_COOKIE, leave.cookies),
                None => problem(500, "internal", "the way to the hub could not be prepared"),
            },
            Gatekeeper::Alone(_) => {
                let next = url::form_urlencoded::byte_serialize(call.target.as_bytes()).collect::<String>();
                redirect(&format!("{}login?next={next}", self.prefix))
            }
        }
    }

    async fn callback(&self, request: &Request<Incoming>, call: &Call) -> Response<Body> {
        let Gatekeeper::Hub(gate) = &self.gatekeeper else {
            return problem(404, "not_found", "nothing is at this address");
        };
        let query = request.uri().query().unwrap_or_default();
        let (arrival, clear) = gate.oauth.arrive(request.headers(), query, call.secure);
        let (code, verifier, next) = match arrival {
            Arrival::Code { code, verifier, next } => (code, verifier, next),
            Arrival::Refused(why) => {
                let refused =
                    pages::refusal(true, 403, "refused", &format!("the hub did not let you in: {why}"));
                return with(refused, header::SET_COOKIE, clear);
            }
            Arrival::Stranger => {
                let why = "signing in took too long, or it was begun in another browser; please open the workspace again";
                return pages::refusal(true, 403, "state", why);
            }
        };
        let failed = |why: String| {
            tracing::warn!(target: "workspace", why, "somebody could not sign in");
            pages::refusal(true, 502, "hub", &why)
        };
        let granted = match gate.client.exchange(&code, &verifier).await {
            Ok(granted) => granted,
            Err(why) => return with(failed(why), header::SET_COOKIE, clear),
        };
        let seconds = granted.expires_in.unwrap_or(14 * 24 * 3600);
        let cookie = gate.cookie(&granted.access_token, seconds, call.secure);
        // Whoever is not let in is told so here, and not sent around for ever.
        let mut trial = header::HeaderMap::new();
        if let Ok(value) = header::HeaderValue::try_from(format!("token {}", granted.access_token)) {
            trial.insert(header::AUTHORIZATION, value);
        }
        match gate.who(&trial, None).await {
            Who::Visitor(_) => {}
            Who::Refused { name } => {
                let why = format!("{name} may not use this workspace");
                return with(pages::refusal(true, 403, "not_allowed", &why), header::SET_COOKIE, clear);
            }
            Who::Nobody => return failed("the hub does not know the token that it gave".into()),
            Who::Unknown(why) => return failed(why),
        }
        let next = safe_next(&self.prefix, &next).unwrap_or_else(|| self.prefix.clone());
        with(redirect(&next), header::SET_COOKIE, cookie.into_iter().chain(clear))
    }

    async fn login(&self, request: Request<Incoming>, call: &Call) -> Response<Body> {
        let alone = match &self.gatekeeper {
            Gatekeeper::Alone(alone) => alone,
            Gatekeeper::Hub(gate) => {
                return match gate.oauth.leave(request.headers(), &self.prefix, call.secure) {
                    Some(leave) => with(redirect(&leave.location), header::SET_COOKIE, leave.cookies),
                    None => problem(500, "internal", "the way to the hub could not be prepared"),
                };
            }
        };
        let next_of = |text: &str| {
            let next = url::form_urlencoded::parse(text.as_bytes()).find(|(key, _)| key == "next");
            next.and_then(|(_, next)| safe_next(&self.prefix, &next)).unwrap_or_else(|| self.prefix.clone())
        };
        if request.method() != Method::POST {
            let next = next_of(request.uri().query().unwrap_or_default());
            return pages::login(200, &self.prefix, &next, alone.wants_password(), None);
        }
        let Ok(body) = Limited::new(request.into_body(), 16 * 1024).collect().await else {
            return problem(413, "too_large", "the form is too large");
        };
        let form = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        let said = url::form_urlencoded::parse(form.as_bytes()).find(|(key, _)| key == "secret");
        let said = said.map(|(_, value)| value.trim().to_owned()).unwrap_or_default();
        let next = next_of(&form);
        match alone.sign_in(&said) {
            Attempt::In(value) => {
                with(redirect(&next), header::SET_COOKIE, alone.cookie(&value, call.secure))
            }
            Attempt::Wrong => {
                self.refused.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                pages::login(403, &self.prefix, &next, alone.wants_password(), Some("That is not it."))
            }
            Attempt::Wait(seconds) => {
                let words = format!("Too many wrong tries. Please wait {seconds} seconds.");
                let refused = pages::login(429, &self.prefix, &next, alone.wants_password(), Some(&words));
                with(refused, header::RETRY_AFTER, [header::HeaderValue::from(seconds)])
            }
        }
    }

    fn logout(&self, call: &Call) -> Response<Body> {
        match &self.gatekeeper {
            Gatekeeper::Hub(gate) => {
                let hub = format!("{}{}hub/logout", gate.hub.host, gate.hub.base_url);
                with(redirect(&hub), header::SET_COOKIE, gate.cookie_cleared(call.secure))
            }
            Gatekeeper::Alone(alone) => {
                let body = format!("<p>You are signed out. <a href=\"{}login\">Sign in</a></p>", self.prefix);
                let answered = page(200, "Signed out", "", &body, None);
                with(answered, header::SET_COOKIE, alone.cookie_cleared(call.secure))
            }
        }
    }

    /// The token of an address becomes a cookie, and the address loses it.
    pub(super) fn keep_token(&self, parts: &Parts, call: &Call) -> Response<Body> {
        let query = parts.uri.query().and_then(without_token).map(|q| format!("?{q}")).unwrap_or_default();
        let cookie = match &self.gatekeeper {
            Gatekeeper::Alone(alone) => {
                let token = crate::access::query_token(parts.uri.query()).unwrap_or_default();
                match alone.sign_in(&token) {
                    Attempt::In(value) => alone.cookie(&value, call.secure),
                    _ => None,
                }
            }
            Gatekeeper::Hub(_) => None,
        };
        if cookie.is_none() {
            return answer(500, "text/plain", "the session could not be made");
        }
        let path = parts.uri.path();
        // `//host` would be an address of its own.
        let path = format!("/{}", path.trim_start_matches('/'));
        with(redirect(&format!("{path}{query}")), header::SET_COOKIE, cookie)
    }
}
