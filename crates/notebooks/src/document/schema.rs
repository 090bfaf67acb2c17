//! The names in a notebook's document, and who writes what.
//!
//! One document per notebook. `cells` is the order, `cell` holds the cells by id. What is listed in [`cell::SERVER`] and
//! [`SERVER_ROOTS`] is written by the server alone; `room::gate` refuses everything else.

/// Array of cell ids in the order of the file. What is not in it is not in the notebook.
pub const CELLS: &str = "cells";
/// Map from a cell's id to its map.
pub const CELL: &str = "cell";
/// Map from a cell's id to an array of ids: edges that people draw (what comes next).
pub const NP_GRAPH: &str = "np_graph";
/// Map from a tissue's id to an array of its direct children; derived by the server.
pub const PC_GRAPH: &str = "pc_graph";
/// Map: the notebook's own facts.
pub const META: &str = "meta";
/// Map: the state of the kernel.
pub const KERNEL: &str = "kernel";
/// Array of cell ids that wait for the kernel.
pub const RUN_QUEUE: &str = "run_queue";
/// Map: what is known of the file.
pub const FILE: &str = "file";

/// All top-level names; a document has no others.
pub const ROOTS: &[&str] = &[CELLS, CELL, NP_GRAPH, PC_GRAPH, META, KERNEL, RUN_QUEUE, FILE];
/// Top-level names that the server alone writes.
pub const SERVER_ROOTS: &[&str] = &[PC_GRAPH, KERNEL, RUN_QUEUE, FILE];

/// Keys of a cell.
pub mod cell {
    /// The cell's id, as in `cells`.
    pub const ID: &str = "id";
    /// `code`, `markdown` or `raw`.
    pub const TYPE: &str = "type";
    /// A text.
    pub const SOURCE: &str = "source";
    /// Place on the canvas: number or null.
    pub const TOP: &str = "top";
    /// Place on the canvas: number or null.
    pub const LEFT: &str = "left";
    /// Size on the canvas: number or null.
    pub const WIDTH: &str = "width";
    /// Size on the canvas: number or null.
    pub const HEIGHT: &str = "height";
    /// null, `i` (input), `o` (outputs) or `b` (both).
    pub const COLLAPSED: &str = "collapsed";
    /// Map from key to JSON.
    pub const METADATA: &str = "metadata";
    /// JSON; absent when there are none.
    pub const ATTACHMENTS: &str = "attachments";
    /// JSON: fields of the file's cell that are not known, kept as they are.
    pub const EXTRA: &str = "extra";
    /// Integer or null.
    pub const EXECUTION_COUNT: &str = "execution_count";
    /// `idle`, `queued`, `running` or `waiting` (for input).
    pub const STATE: &str = "state";
    /// Array of maps.
    pub const OUTPUTS: &str = "outputs";
    /// JSON or null: the newest run.
    pub const RUN: &str = "run";

    /// Written by people.
    pub const PEOPLE: &[&str] =
        &[ID, TYPE, SOURCE, TOP, LEFT, WIDTH, HEIGHT, COLLAPSED, METADATA, ATTACHMENTS, EXTRA];
    /// Written by the server alone; absent in a cell that a client has made.
    pub const SERVER: &[&str] = &[EXECUTION_COUNT, STATE, OUTPUTS, RUN];
}

/// Keys of `meta`.
pub mod meta {
    /// Map from key to JSON: the notebook's metadata.
    pub const METADATA: &str = "metadata";
    /// Integer.
    pub const NBFORMAT_MINOR: &str = "nbformat_minor";
    /// JSON: fields of the file that are not known, kept as they are.
    pub const EXTRA: &str = "extra";
    /// The document's identity; written by the server alone.
    pub const EPOCH: &str = "epoch";

    /// Written by people.
    pub const PEOPLE: &[&str] = &[METADATA, NBFORMAT_MINOR, EXTRA];
}

/// Keys of `kernel`.
pub mod kernel {
    /// Name of the kernelspec.
    pub const NAME: &str = "name";
    /// The name that people read.
    pub const DISPLAY_NAME: &str = "display_name";
    /// Programming language.
    pub const LANGUAGE: &str = "language";
    /// `none`, `starting`, `idle`, `busy`, `restarting` or `dead`.
    pub const STATE: &str = "state";
    /// Whether something runs.
    pub const BUSY: &str = "busy";
    /// Counts the kernel's lives.
    pub const INCARNATION: &str = "incarnation";
    /// Why it is as it is, when that is not plain.
    pub const REASON: &str = "reason";
    /// When the present execution began.
    pub const EXECUTION_STARTED_AT: &str = "execution_started_at";
}

/// Keys of `file`.
pub mod file {
    /// The file's name.
    pub const NAME: &str = "name";
    /// When it was last written.
    pub const SAVED_AT: &str = "saved_at";
    /// Since when there is something that the file has not; null when it has all.
    pub const DIRTY_SINCE: &str = "dirty_since";
    /// Why it could not be written; null when it could.
    pub const ERROR: &str = "error";
    /// The code of that error; null when there is none.
    pub const ERROR_CODE: &str = "error_code";
    /// JSON: cells whose file and document were both changed: `[{id, cell, part, key?, ours, theirs}]`.
    pub const CONFLICTS: &str = "conflicts";
    /// Number of the newest version.
    pub const VERSION: &str = "version";
}

/// Keys of an output.
pub mod output {
    /// Unique id.
    pub const ID: &str = "id";
    /// As in nbformat.
    pub const OUTPUT_TYPE: &str = "output_type";
    /// Of a stream: `stdout` or `stderr`.
    pub const NAME: &str = "name";
    /// Of a stream: a text.
    pub const TEXT: &str = "text";
    /// JSON: a MIME bundle.
    pub const DATA: &str = "data";
    /// JSON.
    pub const METADATA: &str = "metadata";
    /// Integer or null.
    pub const EXECUTION_COUNT: &str = "execution_count";
    /// Id under which the kernel updates it.
    pub const DISPLAY_ID: &str = "display_id";
    /// Of an error: its class.
    pub const ENAME: &str = "ename";
    /// Of an error: its words.
    pub const EVALUE: &str = "evalue";
    /// Of an error: JSON, array of lines.
    pub const TRACEBACK: &str = "traceback";
    /// JSON: what is too big for the document, by `text` or MIME type: `{id, bytes, lines?, tail?, truncated?}`.
    pub const STORED: &str = "stored";
    /// JSON: an output that is not of the shape of its kind, as the file has it.
    pub const RAW: &str = "raw";
    /// JSON: fields of the file's output that are not known, kept as they are.
    pub const EXTRA: &str = "extra";
}
