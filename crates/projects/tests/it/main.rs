//! Projects over HTTP, and the ledger against a reference model, on both engines.

mod ledger_model;
mod ledger_race;
mod ledger_verify;
mod life;
mod members;
mod projects;
mod saved;
mod support;
