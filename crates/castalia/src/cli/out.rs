//! Where a command writes: results to stdout, everything else to stderr.

use super::failure::Failure;
use super::style::Style;
use super::table::Table;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};

/// How to write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Out {
    /// Results as JSON.
    pub(crate) json: bool,
    /// Nothing but results and errors.
    pub(crate) quiet: bool,
    /// Whether stdout is a terminal.
    pub(crate) terminal: bool,
    /// Whether stderr is a terminal.
    pub(crate) error_terminal: bool,
    colours: bool,
}

impl Out {
    /// As the flags and the surroundings say; colours only on a terminal and without `NO_COLOR`.
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let colours = !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb");
        let (terminal, error_terminal) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        Self { json, quiet, terminal, error_terminal, colours }
    }

    /// Whether stdout gets colours.
    pub(crate) fn colour(&self) -> bool {
        self.colours && self.terminal && !self.json
    }

    /// Text to stdout, as it is.
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        Ok(stdout.flush()?)
    }

    /// A line to stdout.
    pub(crate) fn line(&self, text: impl std::fmt::Display) -> Result<(), Failure> {
        self.text(&format!("{text}\n"))
    }

    /// A JSON value to stdout: indented for people, one line for programs.
    pub(crate) fn value(&self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let text =
            if self.terminal { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
        self.line(text.map_err(|error| Failure::Here(format!("could not write JSON: {error}")))?)
    }

    /// A table to stdout, or `nothing` on stderr when it has no rows.
    pub(crate) fn table(&self, table: &Table, nothing: &str) -> Result<(), Failure> {
        if table.is_empty() {
            self.note(nothing);
            return Ok(());
        }
        self.text(&table.render(self.colour()))
    }

    /// Text in a style for stdout.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        style.paint(text, self.colour())
    }

    /// Something by the way, on stderr. Nobody is told when stderr is gone.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(Style::Plain, text);
        }
    }

    /// The error that ends the program.
    pub(crate) fn error(&self, text: &str) {
        self.say(Style::Red, text);
    }

    fn say(&self, style: Style, text: &str) {
        let name = style.paint("castalia:", self.colours && self.error_terminal && style != Style::Plain);
        let _ = writeln!(std::io::stderr().lock(), "{name} {text}");
    }

    /// Lines to stderr without a mark, for excerpts of logs.
    pub(crate) fn excerpt(&self, lines: &[String]) {
        let mut stderr = std::io::stderr().lock();
        for line in lines {
            let _ = writeln!(stderr, "{}", Style::Dim.paint(line, self.colours && self.error_terminal));
        }
    }

    /// Whether people see progress as it happens.
    pub(crate) fn shows_progress(&self) -> bool {
        self.error_terminal && !self.quiet && !self.json
    }

    /// A bar over bytes; without a length it only counts. Invisible unless stderr is a terminal.
    pub(crate) fn bytes_bar(&self, name: &str, length: Option<u64>) -> ProgressBar {
        let template = match length {
            Some(_) => "{prefix} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
            None => "{prefix} {bytes} {bytes_per_sec}",
        };
        self.bar(length, template).with_prefix(super::style::clean(name))
    }

    /// A bar of any look.
    pub(crate) fn bar(&self, length: Option<u64>, template: &str) -> ProgressBar {
        let visible = self.error_terminal && !self.quiet;
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        ProgressBar::with_draw_target(length, target).with_style(style(template))
    }
}

/// The look of a bar; a wrong template (a mistake in this program) gives a plain one.
pub(crate) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .map_or_else(|_| ProgressStyle::default_bar(), |s| s.progress_chars("━╸─"))
}
