//! Words as notices: PostgreSQL takes less than 8,000 bytes in one, so a longer word goes in parts, in one transaction.

use std::collections::HashMap;

/// Bytes of a word in one notice; the rest is for what stands before it.
const PART: usize = 7_800;
/// The longest word, in bytes. A widget may bring 8 MiB, which are more in base64.
const LONGEST: usize = 24 << 20;

/// The notices of a word: `FROM ID PART PARTS TEXT`.
pub(super) fn split(from: &str, id: u64, text: &str) -> Vec<String> {
    let mut pieces = Vec::with_capacity(text.len() / PART + 1);
    let mut rest = text;
    while rest.len() > PART {
        let (piece, behind) = rest.split_at(rest.floor_char_boundary(PART));
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(rest);
    let all = pieces.len();
    pieces.iter().enumerate().map(|(at, piece)| format!("{from} {id} {at} {all} {piece}")).collect()
}

/// Words of which not all parts have come.
#[derive(Default)]
pub(super) struct Joiner(HashMap<String, (u64, usize, String)>);

impl Joiner {
    /// Takes a notice: who says it, and the word if this was its last part. A server's notices come in their order.
    pub(super) fn take<'a>(&mut self, notice: &'a str) -> Option<(&'a str, Option<String>)> {
        let mut words = notice.splitn(5, ' ');
        let from = words.next()?;
        let id: u64 = words.next()?.parse().ok()?;
        let (at, all): (usize, usize) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let text = words.next()?;
        if all <= 1 {
            return Some((from, Some(text.to_owned())));
        }
        if at == 0 {
            self.0.insert(from.to_owned(), (id, 0, String::new()));
        }
        let whole = match self.0.get_mut(from) {
            Some((known, next, so_far)) if *known == id && *next == at && so_far.len() < LONGEST => {
                *next += 1;
                so_far.push_str(text);
                *next == all
            }
            _ => false,
        };
        let word = if whole { self.0.remove(from).map(|(_, _, text)| text) } else { None };
        Some((from, word))
    }

    /// Nothing more comes from there.
    pub(super) fn forget(&mut self, from: &str) {
        self.0.remove(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_arrives_as_it_was_said() {
        let long = "ä€x ".repeat(10_000);
        for word in ["", "short", &long] {
            let notices = split("srv_1", 7, word);
            assert!(notices.iter().all(|notice| notice.len() < 8_000));
            let mut joiner = Joiner::default();
            let mut last = None;
            for notice in &notices {
                last = joiner.take(notice);
            }
            assert_eq!(last, Some(("srv_1", Some(word.to_owned()))));
        }
    }

    #[test]
    fn words_of_two_servers_do_not_mix_and_half_ones_are_left_out() {
        let long = "x".repeat(20_000);
        let (one, two) = (split("srv_1", 1, &long), split("srv_2", 1, &long));
        let mut joiner = Joiner::default();
        let mut said = Vec::new();
        for (a, b) in one.iter().zip(&two) {
            said.extend([a, b].map(|notice| joiner.take(notice).expect("is read").1));
        }
        assert_eq!(said.into_iter().flatten().collect::<Vec<_>>(), [long.clone(), long]);
        assert_eq!(joiner.take(&one[1]).expect("is read").1, None);
        assert_eq!(joiner.take(&one[2]).expect("is read").1, None);
        assert_eq!(joiner.take("no notice of ours"), None);
    }
}
