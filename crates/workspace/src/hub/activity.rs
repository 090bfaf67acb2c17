//! Tells the hub when this server was used last, so that it is not culled while it is.

use super::Client;
use crate::environment::Hub;
use castalia_base::Timestamp;
use serde_json::json;
use std::time::Duration;

/// Between two posts, unless `JUPYTERHUB_ACTIVITY_INTERVAL` says otherwise.
const EVERY: Duration = Duration::from_secs(300);
/// The longest pause after a post that failed.
const PATIENCE: Duration = Duration::from_secs(60);

fn body(hub: &Hub, last: Timestamp) -> serde_json::Value {
    let last = last.to_string();
    json!({"servers": {hub.server_name.as_str(): {"last_activity": last}}, "last_activity": last})
}

/// Posts now and then, for as long as it is not dropped. `last` says when something was last used; what was told is not
/// told again.
pub(crate) async fn post<F: Future<Output = Timestamp>>(
    hub: &Hub,
    client: &Client,
    every: Option<Duration>,
    last: impl Fn() -> F,
) {
    let Some(url) = &hub.activity_url else {
        return tracing::warn!(target: "workspace", "the hub did not say where to tell activity");
    };
    let every = every.unwrap_or(EVERY);
    let mut told = None;
    let mut pause = Duration::from_secs(1);
    loop {
        let now = last().await;
        if told.is_none_or(|told| now > told) {
            match client.tell(url, &body(hub, now)).await {
                Ok(()) => (told, pause) = (Some(now), Duration::from_secs(1)),
                Err(error) => {
                    tracing::warn!(target: "workspace", error, "activity could not be told to the hub");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PATIENCE);
                    continue;
                }
            }
        }
        // Spread, so that a hundred servers that started together do not tell together.
        tokio::time::sleep(every.mul_f64(0.9 + 0.2 * rand::random::<f64>())).await;
    }
}
