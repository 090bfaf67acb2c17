//! The program as it runs: real processes, sockets and peers.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test")]

mod alone;
mod attacks;
mod chat;
mod hub;
mod ide;
mod jupyterhub;
mod privileges;
mod services;
mod support;
