//! Differences between two texts, small where a person's edit was small.

use similar::{Algorithm, ChangeTag, DiffTag, TextDiff, capture_diff_slices};

/// A longer changed part is replaced as a whole, for finding its best edits would take too long.
const FINE_CHARS: usize = 4_000;

/// The parts of `to` and of `from` in order: what stays, what goes, what comes.
///
/// Equal and deleted parts together are `from`, equal and inserted ones are `to`.
pub fn changes<'a>(from: &'a str, to: &'a str) -> Vec<(ChangeTag, &'a str)> {
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_lines(from, to);
    let (mut out, mut at) = (Vec::new(), (0, 0));
    for op in diff.ops() {
        let old: usize = diff.old_slices()[op.old_range()].iter().map(|line| line.len()).sum();
        let new: usize = diff.new_slices()[op.new_range()].iter().map(|line| line.len()).sum();
        let (before, after) = (&from[at.0..at.0 + old], &to[at.1..at.1 + new]);
        match op.tag() {
            DiffTag::Equal => out.push((ChangeTag::Equal, before)),
            DiffTag::Replace if old + new <= FINE_CHARS => fine(before, after, &mut out),
            _ => out.extend([(ChangeTag::Delete, before), (ChangeTag::Insert, after)]),
        }
        at = (at.0 + old, at.1 + new);
    }
    out.retain(|(_, part)| !part.is_empty());
    out
}

/// The same, character by character.
fn fine<'a>(from: &'a str, to: &'a str, out: &mut Vec<(ChangeTag, &'a str)>) {
    let chars = |text: &'a str| -> Vec<(usize, char)> { text.char_indices().collect() };
    let (old, new) = (chars(from), chars(to));
    let (old_chars, new_chars): (Vec<char>, Vec<char>) =
        (old.iter().map(|(_, c)| *c).collect(), new.iter().map(|(_, c)| *c).collect());
    let part = |text: &'a str, chars: &[(usize, char)], range: std::ops::Range<usize>| {
        let place = |at: usize| chars.get(at).map_or(text.len(), |(at, _)| *at);
        &text[place(range.start)..place(range.end)]
    };
    for op in capture_diff_slices(Algorithm::Myers, &old_chars, &new_chars) {
        let (before, after) = (part(from, &old, op.old_range()), part(to, &new, op.new_range()));
        match op.tag() {
            DiffTag::Equal => out.push((ChangeTag::Equal, before)),
            _ => out.extend([(ChangeTag::Delete, before), (ChangeTag::Insert, after)]),
        }
    }
}

/// The next place from `at` on where a character begins.
pub fn boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// A line of a difference as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Line {
    /// ` `, `-` or `+`.
    pub sign: char,
    /// The line without its end.
    pub text: String,
}

/// The difference line by line.
pub fn lines(from: &str, to: &str) -> Vec<Line> {
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_lines(from, to);
    let sign = |tag| match tag {
        ChangeTag::Equal => ' ',
        ChangeTag::Delete => '-',
        ChangeTag::Insert => '+',
    };
    let text = |line: &str| line.trim_end_matches(['\n', '\r']).to_owned();
    diff.iter_all_changes()
        .map(|change| Line { sign: sign(change.tag()), text: text(change.value()) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_small_edit_is_small() {
        let from = "import os\nprint('hällo')\nx = 1\n";
        let to = "import os\nprint('hällo 😀')\nx = 1\n";
        let touched: Vec<_> =
            changes(from, to).into_iter().filter(|(tag, _)| *tag != ChangeTag::Equal).collect();
        assert_eq!(touched, [(ChangeTag::Insert, " 😀")]);
    }

    proptest! {
        #[test]
        fn the_parts_are_the_texts(from in "[ab\nü😀]{0,30}", to in "[ab\nü😀]{0,30}") {
            let parts = changes(&from, &to);
            let join = |not| parts.iter().filter(|(tag, _)| *tag != not).map(|(_, part)| *part).collect::<String>();
            prop_assert_eq!(&join(ChangeTag::Insert), &from);
            prop_assert_eq!(&join(ChangeTag::Delete), &to);
        }
    }
}
