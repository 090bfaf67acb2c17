//! The service behind its HTTP interface and its real door, on both engines.

mod access;
mod guessing;
mod jwt;
mod oauth;
mod people;
mod platform;
mod sign_in;
mod support;
mod tokens;
