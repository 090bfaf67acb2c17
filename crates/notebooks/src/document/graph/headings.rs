//! Which cell is a heading, by CommonMark.

use pulldown_cmark::{Event, Options, Parser, Tag};

/// The rank of a Markdown text that *begins* with a heading (`# …`, or underlined), from 1 to 6.
///
/// A text that begins with something else is no heading, even if one follows: a cell has one rank. `#tag` is none,
/// nor is a line in a fence.
pub fn heading_level(markdown: &str) -> Option<u8> {
    // Nearly every text is decided by its first character, and this is asked at every key press.
    let start = markdown.trim_start();
    let underlined = || {
        let rest = start.split_once('\n').map_or("", |(_, rest)| rest);
        rest.lines().any(|line| {
            let line = line.trim();
            !line.is_empty() && (line.bytes().all(|b| b == b'=') || line.bytes().all(|b| b == b'-'))
        })
    };
    if !start.starts_with('#') && !underlined() {
        return None;
    }
    match Parser::new_ext(markdown, Options::empty()).next() {
        Some(Event::Start(Tag::Heading { level, .. })) => Some(level as u8),
        _ => None,
    }
}
