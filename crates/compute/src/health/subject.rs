//! What a monitor watches.

use std::time::Duration;

use async_trait::async_trait;

use super::state::Outcome;

/// A running thing whose health can be judged: a unit on a backend, or anything else that can be asked.
#[async_trait]
pub trait Subject: Send + Sync + 'static {
    /// Resolves as soon as the program runs; never, if it never does.
    async fn started(&self);

    /// Resolves as soon as the program has ended, in words: `exited with code 3: last line`.
    async fn ended(&self) -> String;

    /// Asks once. Should return within `limit`; it is dropped a little later.
    async fn attempt(&self, limit: Duration) -> Outcome;

    /// Which resource is short, in words; asked every few seconds.
    async fn pressure(&self) -> Option<String> {
        None
    }
}
