//! The journal, written and read.

use super::*;
use serde_json::json;

fn news(content: Value) -> News {
    News {
        incarnation: 1,
        channel: Channel::Iopub,
        kind: "stream".into(),
        parent: Some("r".into()),
        content,
        metadata: Value::Null,
        buffers: vec![],
    }
}

fn all(folder: &Path, since: u64) -> Vec<Entry> {
    let mut reader = Reader::new(folder, since);
    std::iter::from_fn(|| reader.next_entry().unwrap()).collect()
}

#[test]
fn entries_keep_their_numbers_over_files_and_acknowledgements() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(dir.path(), u64::MAX).unwrap();
    let text = "x".repeat(10_000);
    let mut along = Reader::new(dir.path(), 0);
    for i in 1..=300 {
        assert_eq!(journal.append(&news(json!({"n": i, "text": text})), i).unwrap(), i as u64);
        assert_eq!(along.next_entry().unwrap().unwrap().seq, i as u64);
        assert!(along.next_entry().unwrap().is_none());
    }
    assert!(journal.segments.len() > 2);
    assert_eq!(all(dir.path(), 0).len(), 300);
    assert_eq!(all(dir.path(), 250).first().unwrap().seq, 251);
    let held = journal.held;
    journal.trim(250);
    assert!(journal.held < held);
    let rest = all(dir.path(), 250);
    assert_eq!((rest[0].seq, rest.len()), (251, 50));
    // Who comes from before the acknowledged begins with what is left.
    assert_eq!(all(dir.path(), 0)[0].seq, journal.first());
    assert_eq!(journal.append(&news(json!({})), 0).unwrap(), 301);
}

#[test]
fn big_values_and_buffers_lie_in_files_that_go_with_their_entry() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(dir.path(), 3_000_000).unwrap();
    let text = "line\n".repeat(400_000);
    let mut first = news(json!({"name": "stdout", "text": text}));
    first.buffers = vec![vec![7; 100_000].into(), vec![8; 3].into()];
    journal.append(&first, 0).unwrap();
    journal.append(&first, 0).unwrap();
    let entries = all(dir.path(), 0);
    let large = entries[0].large_at(&["text"]).unwrap();
    assert_eq!((large.bytes, large.lines, large.cut), (2_000_000, 400_000, false));
    assert!(entries[0].content["text"].is_null());
    let piece = read_spool(dir.path(), large.spool, 1_999_995, 100).unwrap();
    assert_eq!(&piece[..], b"line\n");
    let buffer = entries[0].buffers[1].spool.unwrap();
    assert_eq!(&read_spool(dir.path(), buffer, 0, 10).unwrap()[..], [8, 8, 8]);
    // The second one found no room, and says so.
    assert!(entries[1].large[0].cut);
    assert!(entries[1].large[0].tail.ends_with("line\n"));
    journal.trim(1);
    assert!(read_spool(dir.path(), large.spool, 0, 1).is_err());
    journal.append(&first, 0).unwrap();
    assert!(!all(dir.path(), 2)[0].large[0].cut);
}

#[test]
fn what_was_cut_off_by_a_crash_was_never_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(dir.path(), u64::MAX).unwrap();
    journal.append(&news(json!({"n": 1})), 0).unwrap();
    journal.append(&news(json!({"n": 2})), 0).unwrap();
    let path = segment(dir.path(), 1);
    let length = std::fs::metadata(&path).unwrap().len();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 3).unwrap();
    assert_eq!(all(dir.path(), 0).len(), 1);
}

#[test]
fn links_are_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "secret").unwrap();
    let folder = dir.path().join("kernel");
    Journal::create(&folder, 0).unwrap();
    std::os::unix::fs::symlink(&secret, spool(&folder, 1)).unwrap();
    assert!(read_spool(&folder, 1, 0, 10).is_err());
    std::fs::remove_dir_all(folder.join("spool")).unwrap();
    std::os::unix::fs::symlink(dir.path(), folder.join("spool")).unwrap();
    std::fs::write(dir.path().join("2"), "secret").unwrap();
    assert!(read_spool(&folder, 2, 0, 10).is_err());
}
