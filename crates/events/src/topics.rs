//! Who may listen to which topic, and topics that are not in the log of events.

use crate::outbox::Event;
use async_trait::async_trait;
use axum::extract::ws::Utf8Bytes;
use castalia_base::{Ctx, Error, Timestamp};
use futures::stream::BoxStream;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A message ready to be sent; cloning shares the text, so that one text serves many clients.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What a client passes as `after` to go on behind this frame.
    pub seq: u64,
    /// The whole message as JSON.
    pub message: Utf8Bytes,
}

/// The JSON text of a `data` message.
pub fn data_message(topic: &str, seq: u64, at: Timestamp, data: &RawValue) -> Utf8Bytes {
    // Topics are checked to be plain (letters, digits, `.`, `_`, `-`), so they need no escaping.
    format!(
        r#"{{"id":"msg_{seq}","type":"data","topic":"{topic}","seq":{seq},"timestamp":"{at}","data":{}}}"#,
        data.get()
    )
    .into()
}

/// What a capability says about the topics of its noun (the text before the first dot).
#[async_trait]
pub trait TopicSource: Send + Sync {
    /// The noun, for instance `process`.
    fn noun(&self) -> &'static str;
    /// Lets the caller listen, or says why not (`not_found` for what may not be seen).
    async fn authorise(&self, ctx: &Ctx, topic: &str) -> Result<(), Error>;
    /// Whether the caller may hear this event on a topic that it may listen to.
    fn may_hear(&self, _ctx: &Ctx, _event: &Event) -> bool {
        true
    }
    /// A stream of its own for topics that are not in the log of events (`process.{id}.log`), beginning
    /// behind `after`; `None` for topics that are.
    async fn open(
        &self,
        _ctx: &Ctx,
        _topic: &str,
        _after: Option<u64>,
    ) -> Result<Option<BoxStream<'static, Result<Frame, Error>>>, Error> {
        Ok(None)
    }
}

/// All topics by noun.
#[derive(Clone, Default)]
pub struct Topics(BTreeMap<&'static str, Arc<dyn TopicSource>>);

impl Topics {
    /// Adds the topics of one noun.
    pub fn register(&mut self, source: Arc<dyn TopicSource>) {
        self.0.insert(source.noun(), source);
    }
    /// The source that answers for `topic`.
    ///
    /// # Errors
    /// `unknown_topic` when there is none or the topic is not well formed.
    pub fn source(&self, topic: &str) -> Result<&Arc<dyn TopicSource>, Error> {
        let plain = topic.len() <= 200
            && topic.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        let noun = topic.split('.').next().unwrap_or_default();
        self.0.get(noun).filter(|_| plain).ok_or_else(|| {
            let nouns: Vec<_> = self.0.keys().copied().collect();
            Error::invalid(
                "unknown_topic",
                format!("no topic `{topic}`; topics begin with one of: {}", nouns.join(", ")),
            )
        })
    }
}
