//! Colours of terminals.

use super::html::escape;

const COLOURS: [&str; 8] =
    ["#3b3b3b", "#c0392b", "#1e8449", "#9a7d0a", "#2471a3", "#8e44ad", "#117a8b", "#909497"];

/// Text with escape sequences as HTML: colours and bold are kept, everything else of them is dropped.
pub fn to_html(text: &str) -> String {
    let (mut out, mut open) = (String::new(), false);
    write_html(&mut out, text, &mut open);
    if open {
        out.push_str("</span>");
    }
    out
}

/// The same for a text that goes on; `open`: a colour is on.
pub(crate) fn write_html(out: &mut String, text: &str, open: &mut bool) {
    let mut parts = text.split('\u{1b}');
    out.push_str(&escape(parts.next().unwrap_or_default()));
    for part in parts {
        let Some(end) = end_of(part) else {
            out.push_str(&escape(part));
            continue;
        };
        let (codes, rest) = (&part[1..=end], &part[end + 2..]);
        if part.as_bytes()[end + 1] == b'm' {
            if *open {
                out.push_str("</span>");
            }
            let style = style(codes);
            *open = !style.is_empty();
            if *open {
                out.push_str(&format!("<span style=\"{style}\">"));
            }
        }
        out.push_str(&escape(rest));
    }
}

/// Where a sequence behind an escape ends, if it does.
fn end_of(part: &str) -> Option<usize> {
    part.strip_prefix('[')?.find(|c: char| ('@'..='~').contains(&c))
}

/// Whether what stands behind an escape has an end.
pub(crate) fn is_whole(part: &str) -> bool {
    end_of(part).is_some()
}

/// Text without escape sequences.
pub fn strip(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(end_of(part).map_or(part, |end| &part[end + 2..]));
    }
    out
}

fn style(codes: &str) -> String {
    let mut out = String::new();
    for code in codes.split(';').filter_map(|code| code.parse::<usize>().ok()) {
        match code {
            0 => out.clear(),
            1 => out.push_str("font-weight:bold;"),
            30..=37 => out.push_str(&format!("color:{};", COLOURS[code - 30])),
            90..=97 => out.push_str(&format!("color:{};", COLOURS[code - 90])),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_spans_and_the_rest_goes() {
        let text = "a\u{1b}[1;31mred\u{1b}[0m<b>\u{1b}[2K\u{1b}]0;x";
        assert_eq!(to_html(text), "a<span style=\"font-weight:bold;color:#c0392b;\">red</span>&lt;b&gt;]0;x");
        assert_eq!(strip("a\u{1b}[31mb\u{1b}[0m"), "ab");
        assert_eq!(strip("\u{1b}[é"), "[é", "a broken sequence is text");
    }
}
