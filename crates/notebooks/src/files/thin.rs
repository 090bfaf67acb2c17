//! Which of the automatic versions stay: many of the last hour, few of long ago, never more than a bound.

use super::store::VersionRow;
use castalia_base::Timestamp;
use std::collections::{HashMap, HashSet};

/// At most so many automatic versions.
const COUNT: usize = 120;
/// At most so many bytes of them, packed.
const BYTES: i64 = 128 << 20;
const MINUTE: i64 = 60_000;
/// Up to an age, one version in so much time; both in milliseconds.
const STEPS: [(i64, i64); 4] = [
    (60 * MINUTE, 0),
    (24 * 60 * MINUTE, 15 * MINUTE),
    (30 * 24 * 60 * MINUTE, 24 * 60 * MINUTE),
    (i64::MAX, 7 * 24 * 60 * MINUTE),
];
/// A version is made when the last one is older than this.
const EVERY: i64 = MINUTE;

/// Whether it is time for another automatic version. `versions` are newest first.
pub(crate) fn is_due(versions: &[VersionRow], sha256: &str, now: Timestamp) -> bool {
    versions.first().is_none_or(|last| last.sha256 != sha256 && now.0 - last.at.0 >= EVERY)
}

/// What versions alone keep of outputs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    /// By version: outputs that the document has no more, and their bytes.
    pub(crate) by: HashMap<String, Vec<(String, u64)>>,
    /// At most so many bytes of them for automatic versions.
    pub(crate) most: u64,
}

impl Held {
    fn of(&self, version: &str) -> &[(String, u64)] {
        self.by.get(version).map_or(&[], Vec::as_slice)
    }
}

/// The ids of the automatic versions that go; named ones stay. `versions` are newest first.
pub(crate) fn surplus(versions: &[VersionRow], held: &Held, now: Timestamp) -> Vec<String> {
    let (mut kept, mut count, mut bytes) = (HashSet::new(), 0, 0);
    let named = versions.iter().filter(|version| version.label.is_some());
    let mut there: HashSet<&str> =
        named.flat_map(|version| held.of(&version.id)).map(|(output, _)| output.as_str()).collect();
    let mut outputs = 0u64;
    let mut gone = Vec::new();
    for version in versions.iter().filter(|version| version.label.is_none()) {
        let age = now.0 - version.at.0;
        let step = STEPS.iter().find(|(up_to, _)| age <= *up_to).map_or(0, |(_, step)| *step);
        let slot = version.at.0.checked_div(step).map(|slot| (step, slot));
        let alone = held.of(&version.id).iter().filter(|(output, _)| !there.contains(output.as_str()));
        let more: u64 = alone.map(|(_, bytes)| bytes).sum();
        let small = bytes + version.bytes <= BYTES && outputs.saturating_add(more) <= held.most;
        let fits = count < COUNT && (small || count == 0);
        if fits && slot.is_none_or(|slot| kept.insert(slot)) {
            count += 1;
            bytes += version.bytes;
            outputs = outputs.saturating_add(more);
            there.extend(held.of(&version.id).iter().map(|(output, _)| output.as_str()));
        } else {
            gone.push(version.id.clone());
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Person;

    fn version(nth: i64, at: i64, label: Option<&str>, bytes: i64) -> VersionRow {
        VersionRow {
            id: nth.to_string(),
            at: Timestamp(at),
            label: label.map(str::to_owned),
            sha256: nth.to_string(),
            cells: 1,
            bytes,
            created_by: Person { id: "u".into(), name: "u".into() },
        }
    }

    #[test]
    fn their_number_and_bytes_are_bounded() {
        let now = Timestamp(1_000 * 24 * 60 * MINUTE);
        let every_minute: Vec<_> =
            (0..60 * 24 * 40).map(|nth| version(nth, now.0 - nth * MINUTE, None, 1_000)).collect();
        let gone = surplus(&every_minute, &Held::default(), now);
        let kept = every_minute.len() - gone.len();
        assert!((60..=COUNT).contains(&kept), "{kept}");
        let big: Vec<_> = (0..10).map(|nth| version(nth, now.0 - nth * MINUTE, None, BYTES / 4)).collect();
        assert_eq!(surplus(&big, &Held::default(), now).len(), 6);
        let named = [version(1, 0, Some("paper"), BYTES), version(2, 0, None, BYTES * 2)];
        assert!(surplus(&named, &Held::default(), now).is_empty(), "the newest stays, and named ones do");
    }

    #[test]
    fn outputs_that_only_automatic_versions_keep_are_bounded() {
        let now = Timestamp(10 * MINUTE);
        let all = [
            version(1, now.0, None, 1),
            version(2, now.0 - MINUTE, None, 1),
            version(3, now.0 - 2 * MINUTE, None, 1),
            version(4, now.0 - 3 * MINUTE, Some("paper"), 1),
            version(5, now.0 - 4 * MINUTE, None, 1),
        ];
        let one = |id: &str, bytes| (id.to_owned(), bytes);
        let by = [
            ("1", vec![one("a", 60), one("x", 30)]),
            ("2", vec![one("a", 60), one("b", 10)]),
            ("3", vec![one("c", 1)]),
            ("4", vec![one("named", 1000)]),
            ("5", vec![one("named", 1000)]),
        ];
        let by = by.into_iter().map(|(id, outputs)| (id.to_owned(), outputs)).collect();
        assert_eq!(surplus(&all, &Held { by, most: 100 }, now), ["3"], "what is kept anyway costs nothing");
    }

    #[test]
    fn the_same_content_is_kept_once() {
        let now = Timestamp(10 * MINUTE);
        assert!(is_due(&[], "a", now));
        assert!(!is_due(&[version(1, 0, None, 1)], "1", now));
        assert!(is_due(&[version(1, 0, None, 1)], "2", now));
        assert!(!is_due(&[version(1, now.0 - 1, None, 1)], "2", now), "too soon");
    }
}
