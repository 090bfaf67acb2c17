//! configurable-http-proxy's REST API over a [`Table`](crate::Table), so that JupyterHub can use this proxy in its place.
//!
//! `GET`, `POST` and `DELETE` below `/api/routes` on an address of its own, `Authorization: token …`. It runs apart from
//! the workers, so listing thousands of routes holds up no traffic.

mod api;
mod others;
mod pages;
mod paths;

pub use api::Api;
pub use others::{Metrics, Redirect};
pub use pages::{ErrorPages, Public};
