//! `process.{id}` (events) and `process.{id}.log`, `process.{id}.v{n}.log` (lines).

use crate::Service;
use async_trait::async_trait;
use castalia_base::{Clock, Ctx, Error, Timestamp};
use castalia_compute::log::LogBatch;
use castalia_events::{Frame, TopicSource, data_message};
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::value::RawValue;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The topics of processes.
pub struct ProcessTopics(pub Arc<Service>);

/// Process, version and whether the log is meant.
fn parse(topic: &str) -> Result<(&str, Option<i64>, bool), Error> {
    let parts: Vec<&str> = topic.split('.').collect();
    let version = |text: &str| text.strip_prefix('v').and_then(|n| n.parse().ok());
    match parts.as_slice() {
        [_, id] => Ok((id, None, false)),
        [_, id, "log"] => Ok((id, None, true)),
        [_, id, v, "log"] if version(v).is_some() => Ok((id, version(v), true)),
        _ => Err(Error::invalid("unknown_topic", "use process.ID, process.ID.log or process.ID.vN.log")),
    }
}

/// The lines of a batch as the `data` of a message: `{"lines":[…],"complete":false}`.
fn frame(topic: &str, batch: &LogBatch, now: Timestamp) -> Result<Frame, Error> {
    let mut text = String::with_capacity(batch.data.len() + 64);
    text.push_str("{\"lines\":[");
    let body = std::str::from_utf8(&batch.data).map_err(Error::internal)?;
    for (n, line) in body.lines().enumerate() {
        if n > 0 {
            text.push(',');
        }
        text.push_str(line);
    }
    text.push_str(if batch.end { "],\"complete\":true}" } else { "],\"complete\":false}" });
    let data = RawValue::from_string(text)?;
    Ok(Frame { seq: batch.last_seq, message: data_message(topic, batch.last_seq, now, &data) })
}

#[async_trait]
impl TopicSource for ProcessTopics {
    fn noun(&self) -> &'static str {
        "process"
    }

    async fn authorise(&self, ctx: &Ctx, topic: &str) -> Result<(), Error> {
        let (id, version, _) = parse(topic)?;
        self.0.find(ctx, id, version, "processes.view").await.map(|_| ())
    }

    async fn open(
        &self,
        ctx: &Ctx,
        topic: &str,
        after: Option<u64>,
    ) -> Result<Option<BoxStream<'static, Result<Frame, Error>>>, Error> {
        let (id, version, log) = parse(topic)?;
        if !log {
            return Ok(None);
        }
        let receiver = self.0.log_stream(ctx, id, version, after.unwrap_or(0), true).await?;
        Ok(Some(frames(receiver, topic.to_owned(), after.unwrap_or(0), ctx.clock().clone()).boxed()))
    }
}

type Batches = mpsc::Receiver<Result<LogBatch, Error>>;

/// The batches as messages, and a last message without lines that says that the log is complete. After an error
/// nothing is known of the rest, so nothing follows it.
fn frames(
    batches: Batches,
    topic: String,
    after: u64,
    clock: Clock,
) -> impl futures::Stream<Item = Result<Frame, Error>> {
    stream::unfold(Some((batches, after)), move |state| {
        let (topic, now) = (topic.clone(), clock.now());
        async move {
            let (mut batches, seen) = state?;
            match batches.recv().await {
                Some(Ok(batch)) => {
                    let seen = batch.last_seq;
                    Some((frame(&topic, &batch, now), Some((batches, seen))))
                }
                Some(Err(error)) => Some((Err(error), None)),
                None => Some((complete(&topic, seen, now), None)),
            }
        }
    })
}

fn complete(topic: &str, seen: u64, now: Timestamp) -> Result<Frame, Error> {
    let data = RawValue::from_string(r#"{"lines":[],"complete":true}"#.into())?;
    Ok(Frame { seq: seen, message: data_message(topic, seen, now, &data) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use castalia_compute::log::Cursor;
    use serde_json::Value;

    #[tokio::test]
    async fn a_log_is_complete_only_when_it_was_read_to_its_end() {
        let batch = |seq: u64| LogBatch {
            data: format!("{{\"seq\":{seq}}}\n").into(),
            after: seq - 1,
            last_seq: seq,
            end: false,
            next: Cursor::default(),
        };
        let heard = async |news: Vec<Result<LogBatch, Error>>| {
            let (sender, receiver) = mpsc::channel(4);
            for one in news {
                sender.send(one).await.expect("is heard");
            }
            drop(sender);
            let frames = frames(receiver, "process.p.log".into(), 0, Clock::fixed(Timestamp(0)));
            frames.collect::<Vec<_>>().await
        };
        let whole = heard(vec![Ok(batch(1)), Ok(batch(2))]).await;
        let last = whole.last().and_then(|f| f.as_ref().ok()).expect("a message");
        let message: Value = serde_json::from_str(&last.message).expect("JSON");
        assert_eq!((whole.len(), last.seq, &message["data"]["complete"]), (3, 2, &Value::Bool(true)));
        let broken = heard(vec![Ok(batch(1)), Err(Error::unavailable("the disk is away"))]).await;
        assert_eq!(broken.len(), 2);
        assert!(broken[1].is_err());
    }

    #[test]
    fn topics_name_process_version_and_log() {
        assert_eq!(parse("process.proc_1").ok(), Some(("proc_1", None, false)));
        assert_eq!(parse("process.proc_1.log").ok(), Some(("proc_1", None, true)));
        assert_eq!(parse("process.proc_1.v3.log").ok(), Some(("proc_1", Some(3), true)));
        assert!(parse("process.proc_1.x.log").is_err() && parse("process.a.b.c.d").is_err());
    }
}
