//! The bodies of both directions. Nothing is collected: a frame is passed on as it comes.

mod request;
mod response;

pub(crate) use request::{ClientFault, Fault, RequestBody};
pub use response::Body;
pub(crate) use response::{Guard, Streamed};

/// Any error of a body.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
