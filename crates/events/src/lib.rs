//! Facts that were committed: outbox, bus, topics, WebSocket gateway.
//!
//! Every change of state appends its event in the same transaction ([`append`]); the WebSocket topics, the
//! audit trail and the metrics all read that one log. Sequence numbers are given under a row lock that is
//! held until the commit, so they have no gaps and a reader that has seen `n` never finds a smaller one later.

mod bus;
mod gateway;
mod outbox;
mod topics;

pub use bus::Bus;
pub use gateway::{Gateway, Renew, serve_socket};
pub use outbox::{Event, EventPage, EventQuery, NewEvent, append, list, prune};
pub use topics::{Frame, TopicSource, Topics, data_message};

use castalia_db::{Migration, Migrations};

/// The tables of this crate.
pub const MIGRATIONS: Migrations = Migrations {
    capability: "events",
    steps: &[Migration {
        name: "0001_init",
        sql: "CREATE TABLE event_sequence (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
              INSERT INTO event_sequence (name, value) VALUES ('events', 0);
              CREATE TABLE events (
                seq BIGINT PRIMARY KEY, id TEXT NOT NULL, topic TEXT NOT NULL, kind TEXT NOT NULL,
                project_id TEXT, actor_id TEXT NOT NULL, actor_name TEXT NOT NULL, request_id TEXT NOT NULL,
                at BIGINT NOT NULL, data TEXT NOT NULL);
              CREATE INDEX events_topic ON events (topic, seq);
              CREATE INDEX events_project ON events (project_id, seq);
              CREATE INDEX events_actor ON events (actor_id, seq);
              CREATE INDEX events_at ON events (at)",
    }],
};
