//! The document of a notebook: its layout, and how files become one and are made from it.

pub mod schema;
