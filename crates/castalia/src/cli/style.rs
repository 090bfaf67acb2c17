//! Colours, and text from elsewhere made safe for a terminal.

/// How something looks on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As it is.
    Plain,
    /// Less important.
    Dim,
    /// More important.
    Bold,
    /// Went wrong.
    Red,
    /// Went well.
    Green,
    /// Wants attention, or waits.
    Yellow,
    /// Goes on.
    Cyan,
}

impl Style {
    /// The text in this style.
    pub(crate) fn paint(self, text: &str, colour: bool) -> String {
        let code = match self {
            Self::Plain => return text.to_owned(),
            Self::Dim => 2,
            Self::Bold => 1,
            Self::Red => 31,
            Self::Green => 32,
            Self::Yellow => 33,
            Self::Cyan => 36,
        };
        if colour && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// The style of a state.
    pub(crate) fn of_state(state: &str) -> Self {
        match state {
            "completed" | "ready" | "ok" | "healthy" => Self::Green,
            "failed" | "broken" => Self::Red,
            "cancelled" | "queued" | "preparing" | "stopping" => Self::Yellow,
            "starting" | "running" => Self::Cyan,
            _ => Self::Plain,
        }
    }
}

/// One line without control characters.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A line of a log for a terminal: its colours stay, everything that could move the cursor, change the title or
/// answer back is left out. Of a line that was overwritten with carriage returns, the last state stays.
pub(crate) fn tame(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let line = line.rsplit('\r').next().unwrap_or(line);
    let mut safe = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("\u{1b}[") {
            let end = after.find(|c: char| !(c.is_ascii_digit() || c == ';'));
            if let Some(end) = end.filter(|end| after[*end..].starts_with('m')) {
                safe.push_str(&rest[..end + 3]);
                rest = &after[end + 1..];
                continue;
            }
        }
        if !c.is_control() || c == '\t' {
            safe.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    if safe.contains('\u{1b}') {
        safe.push_str("\u{1b}[0m");
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_keep_colours_and_lose_commands() {
        assert_eq!(tame("\u{1b}[1;31mred\u{1b}[0m\tok"), "\u{1b}[1;31mred\u{1b}[0m\tok\u{1b}[0m");
        assert_eq!(tame("\u{1b}]0;title\u{7}x\u{1b}[2Jy"), "]0;titlex[2Jy");
        assert_eq!(tame("10 %\r20 %\r"), "20 %");
        assert_eq!(tame("\u{9b}31mC1 too"), "31mC1 too");
    }

    #[test]
    fn nothing_is_painted_without_colour() {
        assert_eq!(Style::Red.paint("x", false), "x");
        assert_eq!(Style::Plain.paint("x", true), "x");
    }
}
