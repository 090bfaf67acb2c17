//! The hub's API as far as it is used here.

use crate::environment::Hub;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

/// How long a good answer is believed. A right that is taken away at the hub ends here after this time.
const GOOD: Duration = Duration::from_secs(60);
/// How long a bad answer is believed.
const BAD: Duration = Duration::from_secs(10);
/// How long an old good answer stands in while the hub can't be asked.
const STALE: Duration = Duration::from_secs(600);
/// Answers that are kept.
const MOST: usize = 4096;
/// Limit of one call.
const LIMIT: Duration = Duration::from_secs(10);

/// Somebody whom the hub knows.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
}

/// A token that the hub gave for a code.
#[derive(Deserialize)]
pub(crate) struct Granted {
    pub(crate) access_token: String,
    pub(crate) expires_in: Option<u64>,
}

type Key = [u8; 32];

#[derive(Clone, Debug)]
struct Known {
    since: Instant,
    answer: Arc<OnceCell<Option<Arc<User>>>>,
    /// The last good answer, and when it was given.
    before: Option<(Instant, Arc<User>)>,
}

/// Talks to the hub.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    hub: Arc<Hub>,
    known: Mutex<HashMap<Key, Known>>,
    version: OnceLock<String>,
}

impl Client {
    pub(crate) fn new(hub: Arc<Hub>) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(LIMIT)
            .user_agent(concat!("castalia-workspace/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| format!("the client of the hub could not be made: {e}"))?;
        Ok(Self { http, hub, known: Mutex::default(), version: OnceLock::new() })
    }

    /// The hub's version, as far as it is known; ours to say that we go with it.
    pub(crate) fn version(&self) -> &str {
        self.version.get().map_or("6.0.0", String::as_str)
    }

    /// Asks the hub for its version, until it answers.
    pub(crate) async fn greet(&self) {
        let mut pause = Duration::from_millis(500);
        loop {
            let answer = self.http.get(&self.hub.api_url).send().await;
            match answer.and_then(reqwest::Response::error_for_status) {
                Ok(answer) => {
                    let told = answer.headers().get("x-jupyterhub-version").and_then(|v| v.to_str().ok());
                    let told = told.unwrap_or_default().to_owned();
                    if told.starts_with(|c: char| c.is_ascii_digit()) {
                        let _ = self.version.set(told.clone());
                    }
                    return tracing::info!(target: "workspace", version = told, "the hub answers");
                }
                Err(error) => {
                    tracing::warn!(target: "workspace", %error, "the hub at {} can't be reached yet", self.hub.api_url)
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(30));
        }
    }

    /// Whose token this is; none when nobody's. `session` is the browser's session at the hub: when that ends, nothing
    /// that was remembered counts.
    pub(crate) async fn user(&self, token: &str, session: &str) -> Result<Option<Arc<User>>, String> {
        let key: Key =
            Sha256::new_with_prefix(session).chain_update([0]).chain_update(token).finalize().into();
        let known = self.entry(key);
        match known.answer.get_or_try_init(|| self.ask(token)).await {
            Ok(answer) => Ok(answer.clone()),
            Err(why) => match known.before {
                Some((at, user)) if at.elapsed() < STALE => Ok(Some(user)),
                _ => Err(why),
            },
        }
    }

    /// What is known, or a place for the answer that all who ask meanwhile share.
    fn entry(&self, key: Key) -> Known {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, known| known.since.elapsed() < GOOD);
        }
        if all.len() >= MOST {
            all.clear();
        }
        let now = Instant::now();
        let known =
            all.entry(key).or_insert_with(|| Known { since: now, answer: Arc::default(), before: None });
        let (age, answer) = (now - known.since, known.answer.get().cloned());
        match answer {
            Some(Some(user)) if age >= GOOD => {
                *known = Known { since: now, answer: Arc::default(), before: Some((known.since, user)) };
            }
            Some(None) if age >= BAD => *known = Known { since: now, answer: Arc::default(), before: None },
            _ => {}
        }
        known.clone()
    }

    async fn ask(&self, token: &str) -> Result<Option<Arc<User>>, String> {
        let Ok(value) = reqwest::header::HeaderValue::try_from(format!("token {token}")) else {
            return Ok(None);
        };
        let failed = |e: reqwest::Error| format!("the hub can't be asked: {e}");
        let request = self.http.get(format!("{}/user", self.hub.api_url)).header("authorization", value);
        let answer = request.send().await.map_err(failed)?;
        match answer.status().as_u16() {
            200 => answer.json::<User>().await.map(|user| Some(Arc::new(user))).map_err(failed),
            401 | 403 | 404 => Ok(None),
            status => Err(format!("the hub answered {status} when it was asked who calls")),
        }
    }

    /// Exchanges a code for a token.
    pub(crate) async fn exchange(&self, code: &str, verifier: &str) -> Result<Granted, String> {
        let hub = &self.hub;
        let form = [
            ("client_id", hub.client_id.as_str()),
            ("client_secret", &hub.api_token),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &hub.callback_url),
            ("code_verifier", verifier),
        ];
        let request = self.http.post(format!("{}/oauth2/token", hub.api_url)).form(&form);
        let answer = request.send().await.map_err(|e| format!("the hub can't be asked: {e}"))?;
        match answer.status().as_u16() {
            200 => answer.json().await.map_err(|e| format!("the hub's answer can't be read: {e}")),
            status => Err(format!("the hub refused the code ({status})")),
        }
    }

    /// Tells the hub something that only its status is of interest for.
    pub(crate) async fn tell(&self, url: &str, body: &serde_json::Value) -> Result<(), String> {
        let token = format!("token {}", self.hub.api_token);
        let answer = self.http.post(url).header("authorization", token).json(body).send().await;
        let answer = answer.map_err(|e| e.to_string())?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(format!("the hub answered {}", answer.status()))
        }
    }
}
