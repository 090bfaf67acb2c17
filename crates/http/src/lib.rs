//! axum glue: typed operations with one permission each, errors to HTTP, paging, OpenAPI.
//!
//! A capability describes its operations once ([`Api`]); from that one description come the router, the
//! permission check at the door ([`Gate`]) and the OpenAPI document, so they can't disagree.

mod api;
mod disposition;
mod docs;
mod gate;
mod layers;
mod openapi;
mod page;
mod problem;
mod range;
mod request;

pub use api::{Api, Operation, Reply};
pub use disposition::disposition;
pub use docs::{Asset, asset};
pub use gate::{Caller, Gate};
pub use layers::{finish, finish_with};
pub use openapi::document;
pub use page::{Page, PageQuery};
pub use problem::{Problem, status_of};
pub use range::{ByteRange, parse_range};
pub use request::Req;
