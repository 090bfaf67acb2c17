//! The layout of the document, and everything that can be said about a notebook without a server: reading and
//! writing `.ipynb`, graphs, merging, exports.
//!
//! [`Notebook`] is the plain value in the middle. It is read from a file ([`ipynb`]) or from the shared document
//! ([`shared`]), compared and merged as a value, and written to either.

pub mod ansi;
pub mod graph;
pub mod html;
pub mod ipynb;
pub mod json;
pub mod markdown;
pub mod merge;
pub mod model;
#[cfg(test)]
mod peer;
pub mod percent;
pub mod schema;
pub mod shared;
pub mod text;

pub use model::{Cell, CellKind, Layout, Notebook, Output};
