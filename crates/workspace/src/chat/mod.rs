//! A chat with a language model: one page of our own, and a stream of words from an endpoint that speaks OpenAI's or
//! Ollama's way. The endpoint's key stays here.

mod stream;

use crate::environment::Variables;
use bytes::Bytes;
use castalia_proxy::Body;
use futures::StreamExt;
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use stream::{Piece, Pieces};

/// How an endpoint wants to be spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    OpenAi,
    Ollama,
}

/// Where the model is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) kind: Kind,
    pub(crate) key: Option<String>,
    pub(crate) model: Option<String>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Endpoint {{ url: {}, kind: {:?}, .. }}", self.url, self.kind)
    }
}

impl Endpoint {
    /// `CASTALIA_CHAT_URL`, `_KEY`, `_MODEL` and `_KIND`; without them, what other programs use: `OPENAI_BASE_URL` and
    /// `OPENAI_API_KEY`, or `OLLAMA_HOST`.
    pub(crate) fn of(variables: &Variables) -> Option<Self> {
        let get = |name: &str| variables.get(name).filter(|value| !value.is_empty()).cloned();
        let (url, kind, key) = match (get("CASTALIA_CHAT_URL"), get("OPENAI_BASE_URL"), get("OLLAMA_HOST")) {
            (Some(url), ..) => (url, None, get("CASTALIA_CHAT_KEY")),
            (None, Some(url), _) => (url, Some(Kind::OpenAi), get("OPENAI_API_KEY")),
            (None, None, Some(host)) => (host, Some(Kind::Ollama), None),
            _ => return None,
        };
        let url = if url.contains("://") { url } else { format!("http://{url}") };
        let url = url
            .trim_end_matches('/')
            .trim_end_matches("/chat/completions")
            .trim_end_matches("/api/chat")
            .to_owned();
        let told =
            get("CASTALIA_CHAT_KIND").map(|kind| if kind == "ollama" { Kind::Ollama } else { Kind::OpenAi });
        let guess = if url.ends_with(":11434") { Kind::Ollama } else { Kind::OpenAi };
        Some(Self { kind: told.or(kind).unwrap_or(guess), url, key, model: get("CASTALIA_CHAT_MODEL") })
    }
}

/// What a browser asks for.
#[derive(Deserialize)]
pub(crate) struct Question {
    model: Option<String>,
    messages: Vec<Message>,
}

#[derive(Deserialize, Serialize)]
struct Message {
    role: Role,
    content: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    System,
    User,
    Assistant,
}

/// The chat.
#[derive(Debug)]
pub(crate) struct Chat {
    endpoint: Option<Endpoint>,
    http: reqwest::Client,
}

/// What people are told when there is no endpoint.
const UNSET: &str = "no model is set up: set CASTALIA_CHAT_URL to an OpenAI-compatible or Ollama endpoint";

impl Chat {
    pub(crate) fn new(endpoint: Option<Endpoint>) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(300))
            .build()
            .map_err(|e| format!("the client of the chat could not be made: {e}"))?;
        Ok(Self { endpoint, http })
    }

    fn endpoint(&self) -> Result<&Endpoint, String> {
        self.endpoint.as_ref().ok_or_else(|| UNSET.to_owned())
    }

    fn dress(&self, endpoint: &Endpoint, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &endpoint.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    /// Names of the models, and which is taken unless another is chosen.
    pub(crate) async fn models(&self) -> Result<Value, String> {
        let endpoint = self.endpoint()?;
        let path = match endpoint.kind {
            Kind::OpenAi => "/models",
            Kind::Ollama => "/api/tags",
        };
        let request = self.http.get(format!("{}{path}", endpoint.url)).timeout(Duration::from_secs(10));
        let asked = async {
            let answer = self.dress(endpoint, request).send().await?.error_for_status()?;
            answer.json::<Value>().await
        };
        let named = |list: &str, key: &str, answer: &Value| -> Vec<String> {
            let all = answer.get(list).and_then(Value::as_array).into_iter().flatten();
            all.filter_map(|model| model.get(key)?.as_str().map(str::to_owned)).collect()
        };
        let mut models = match (asked.await, endpoint.kind) {
            (Ok(answer), Kind::OpenAi) => named("data", "id", &answer),
            (Ok(answer), Kind::Ollama) => named("models", "name", &answer),
            // A model that is named needs no list.
            (Err(_), _) if endpoint.model.is_some() => Vec::new(),
            (Err(error), _) => return Err(format!("the models can't be listed: {}", told(&error))),
        };
        models.sort();
        let chosen = endpoint.model.clone().or_else(|| models.first().cloned());
        if let Some(chosen) = chosen.as_ref().filter(|chosen| !models.contains(chosen)) {
            models.insert(0, chosen.clone());
        }
        Ok(json!({"models": models, "chosen": chosen}))
    }

    /// Streams an answer as lines of JSON: `{"text": …}`, at last `{"done": true}` or `{"error": …}`. Whoever stops
    /// reading stops the model.
    pub(crate) async fn answer(&self, question: Question) -> Result<Body, String> {
        let endpoint = self.endpoint()?;
        let model = match question.model.filter(|m| !m.is_empty()).or_else(|| endpoint.model.clone()) {
            Some(model) => model,
            None => {
                let known = self.models().await?;
                let chosen = known["chosen"].as_str().map(str::to_owned);
                chosen.ok_or("the endpoint has no model")?
            }
        };
        let path = match endpoint.kind {
            Kind::OpenAi => "/chat/completions",
            Kind::Ollama => "/api/chat",
        };
        let body = json!({"model": model, "messages": question.messages, "stream": true});
        let request = self.dress(endpoint, self.http.post(format!("{}{path}", endpoint.url)).json(&body));
        let answer = request.send().await.map_err(|e| format!("the model can't be reached: {}", told(&e)))?;
        let status = answer.status();
        if !status.is_success() {
            let said = answer.text().await.unwrap_or_default();
            let words = stream::error_of(&said).unwrap_or_default();
            return Err(format!("the model's endpoint answered {status} {words}").trim_end().to_owned());
        }
        let pieces = Pieces::new(endpoint.kind);
        let stream = futures::stream::unfold(
            (answer.bytes_stream().boxed(), pieces, false),
            |(mut bytes, mut pieces, over)| async move {
                if over {
                    return None;
                }
                loop {
                    let (found, over) = match bytes.next().await {
                        Some(Ok(data)) => {
                            let found = pieces.feed(&data);
                            let over = found.last().is_some_and(Piece::is_last);
                            (found, over)
                        }
                        Some(Err(error)) => {
                            (vec![Piece::Error(format!("the answer broke off: {}", told(&error)))], true)
                        }
                        None => (vec![pieces.finish()], true),
                    };
                    if found.is_empty() {
                        continue;
                    }
                    let text: String = found.iter().map(Piece::line).collect();
                    let frame = Ok::<_, castalia_proxy::BoxError>(Frame::data(Bytes::from(text)));
                    return Some((frame, (bytes, pieces, over)));
                }
            },
        );
        Ok(Body::other(StreamBody::new(stream)))
    }
}

/// An error without its address, which may hold a secret.
fn told(error: &reqwest::Error) -> String {
    if error.is_connect() {
        "nobody answers at its address".into()
    } else if error.is_timeout() {
        "no answer in time".into()
    } else if let Some(status) = error.status() {
        format!("it answered {status}")
    } else {
        "the connection broke".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_read_from_variables() {
        let of = |pairs: &[(&str, &str)]| {
            Endpoint::of(&pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
        };
        assert_eq!(of(&[]), None);
        let e =
            of(&[("CASTALIA_CHAT_URL", "http://h/v1/chat/completions"), ("CASTALIA_CHAT_KEY", "k")]).unwrap();
        assert_eq!((e.url.as_str(), e.kind, e.key.as_deref()), ("http://h/v1", Kind::OpenAi, Some("k")));
        assert!(!format!("{e:?}").contains("key"));
        let e = of(&[("CASTALIA_CHAT_URL", "http://h:11434/")]).unwrap();
        assert_eq!((e.url.as_str(), e.kind), ("http://h:11434", Kind::Ollama));
        let e = of(&[("OLLAMA_HOST", "127.0.0.1:11434")]).unwrap();
        assert_eq!((e.url.as_str(), e.kind), ("http://127.0.0.1:11434", Kind::Ollama));
        let e = of(&[("OPENAI_BASE_URL", "https://a/v1"), ("OPENAI_API_KEY", "k"), ("OLLAMA_HOST", "x")])
            .unwrap();
        assert_eq!((e.kind, e.key.as_deref()), (Kind::OpenAi, Some("k")));
    }
}
