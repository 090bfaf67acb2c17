//! The keeper with real kernels: Python's own, and one of another language (`scripts/test-kernels` installs both).

#![expect(clippy::unwrap_used, reason = "tests")]

mod death;
mod floods;
mod requests;
mod support;
