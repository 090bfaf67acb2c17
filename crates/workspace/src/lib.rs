//! The program inside a workspace: it prepares the place, starts what runs there, and stands before it.
//!
//! ```text
//! start → root is given up → hub or alone? → services start in order → one door in front of all of them
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | `environment` | finds out from variables whether a hub started it, and what that hub said |
//! | `privileges` | hands the home folder to `1000:100` and stops being root |
//! | `definition` | the YAML of services, and those that are ready-made |
//! | `supervisor` | starts, watches, restarts, registers; health is judged by `castalia_compute::health` |
//! | `access`, `hub` | who calls: a token or a password alone, OAuth and tokens under a hub |
//! | `front` | the door: our own pages and API, everything else through `castalia_proxy` |
//! | `chat` | a chat with a language model |
//!
//! Invariants: nothing but the pages that `front::paths` names is served to somebody unknown; a service sees neither our
//! cookies nor a visitor's token; ready-made services listen on sockets that only this user may open; privileges are
//! given up before anything is started, or nothing is started.
//!
//! Deliberately absent: several users in one workspace (the hub decides who comes in, all who do are the same user
//! here), TLS, and sandboxing of services from each other.

mod access;
mod args;
mod chat;
mod definition;
mod environment;
mod front;
mod hub;
pub mod leash;
mod privileges;
mod program;
mod reap;
mod supervisor;
mod usage;

pub use args::{Listen, ServeArgs};
pub use definition::{Book, Definition, choose, parse};
pub use environment::{Hub, Variables, detect};
pub use privileges::{Owner, RunAs};
pub use program::main;

/// Random hexadecimal digits, two for each byte.
pub(crate) fn random_hex(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    rand::Rng::fill(&mut rand::rng(), random.as_mut_slice());
    hex::encode(random)
}
