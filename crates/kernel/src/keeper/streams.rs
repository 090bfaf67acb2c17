//! What a program prints comes in many small messages: those of one request and stream that follow each other within
//! a moment become one entry. Any other entry ends the moment, so the order stays.

use crate::entry::Channel;
use crate::journal::News;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// How long text may wait for more.
const MOMENT: Duration = Duration::from_millis(50);
/// Text that is longer does not wait.
const FULL: usize = 1 << 20;

/// The text that waits.
#[derive(Default)]
pub(super) struct Streams(Option<Waiting>);

struct Waiting {
    news: News,
    text: String,
    due: Instant,
}

fn is_stream(news: &News) -> bool {
    let plain = news.metadata.as_object().is_none_or(serde_json::Map::is_empty);
    let content = |key: &str| news.content.get(key).is_some_and(Value::is_string);
    let known = news.channel == Channel::Iopub && news.kind == "stream" && news.buffers.is_empty();
    known && plain && content("text") && content("name")
}

impl Streams {
    /// Takes text. Returns what has to be written now, or the news itself when it is no text.
    pub(super) fn add(&mut self, mut news: News) -> Result<Option<News>, Box<News>> {
        if !is_stream(&news) {
            return Err(Box::new(news));
        }
        let Some(Value::String(text)) = news.content.get_mut("text").map(Value::take) else {
            return Err(Box::new(news));
        };
        let fits = |w: &Waiting| {
            w.news.parent == news.parent && w.news.content.get("name") == news.content.get("name")
        };
        let before = match &mut self.0 {
            Some(waiting) if fits(waiting) => {
                waiting.text.push_str(&text);
                None
            }
            other => {
                let due = Instant::now() + MOMENT;
                other.replace(Waiting { news, text, due }).map(Waiting::done)
            }
        };
        let full = self.0.as_ref().is_some_and(|w| w.text.len() >= FULL);
        // Only one of the two can be: what was there before was not full.
        Ok(before.or_else(|| if full { self.take() } else { None }))
    }

    /// When the waiting text is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.as_ref().map(|w| w.due)
    }

    /// The waiting text.
    pub(super) fn take(&mut self) -> Option<News> {
        self.0.take().map(Waiting::done)
    }
}

impl Waiting {
    fn done(mut self) -> News {
        self.news.content["text"] = Value::String(self.text);
        self.news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn print(name: &str, text: &str) -> News {
        News {
            incarnation: 1,
            channel: Channel::Iopub,
            kind: "stream".into(),
            parent: None,
            content: json!({"name": name, "text": text}),
            metadata: json!({}),
            buffers: vec![],
        }
    }

    #[tokio::test]
    async fn text_of_one_stream_becomes_one_and_the_order_stays() {
        let mut streams = Streams::default();
        assert!(streams.add(print("stdout", "a")).unwrap().is_none());
        assert!(streams.add(print("stdout", "b")).unwrap().is_none());
        let first = streams.add(print("stderr", "c")).unwrap().unwrap();
        assert_eq!(first.content, json!({"name": "stdout", "text": "ab"}));
        let other = News { kind: "display_data".into(), ..print("stdout", "d") };
        assert!(streams.add(other).is_err());
        assert_eq!(streams.take().unwrap().content["text"], "c");
        assert!(streams.due().is_none());
        let big = streams.add(print("stdout", &"x".repeat(FULL))).unwrap();
        assert_eq!(big.unwrap().content["text"].as_str().unwrap().len(), FULL);
    }
}
