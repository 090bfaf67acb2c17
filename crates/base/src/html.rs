//! Text in pages.

/// Text as it may stand in a page, also within an attribute's quotes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| escape_char(&mut out, c));
    out
}

/// A character of such a text.
pub fn escape_char(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(escape("<a b=\"c\" d='e'>&é"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;é");
    }
}
