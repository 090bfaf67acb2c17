//! The log: nothing is lost, whatever is printed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use castalia_compute::log::{FileSource, Limit, Reader, Search, Stream};
use castalia_compute::{Backend, Phase};
use proptest::prelude::*;
use support::{Bench, id, sh};

#[tokio::test]
async fn fifty_megabytes_arrive_complete() {
    let bench = Bench::new().await;
    let spec = sh("big", "seq 1 6600000; echo end >&2");
    let exit = bench.run(spec.clone()).await;
    assert!(exit.success());
    assert_eq!((exit.log.lines, exit.log.lost_bytes), (6_600_001, 0));
    let reader = bench.reader(&spec.id);
    let bytes = reader.bytes(Stream::Stdout).await.unwrap();
    assert!(bytes.len() > 50_000_000);
    let mut expected = Vec::with_capacity(bytes.len());
    for n in 1..=6_600_000 {
        writeln!(expected, "{n}").unwrap();
    }
    assert!(bytes == expected, "the output differs");
    // Far into it, by the index.
    let batch = reader.read(6_000_000, Limit { lines: 2, bytes: 1 << 16 }).await.unwrap();
    let seqs: Vec<u64> = batch.parse().unwrap().iter().map(|l| l.seq).collect();
    assert_eq!(seqs, [6_000_001, 6_000_002]);
}

#[tokio::test]
async fn binary_and_unfinished_lines_keep_their_bytes() {
    let bench = Bench::new().await;
    let spec = sh("binary", "cp $FILES/data data; cat data; printf open >&2");
    let mut spec = spec;
    let data: Vec<u8> = (0..300_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    spec.files.insert("data".into(), data.clone());
    spec.env.insert("FILES".into(), "{files}".into());
    let exit = bench.run(spec.clone()).await;
    assert!(exit.success());
    let reader = bench.reader(&spec.id);
    assert!(reader.bytes(Stream::Stdout).await.unwrap() == data);
    assert_eq!(reader.bytes(Stream::Stderr).await.unwrap(), b"open");
    assert_eq!(digest(&bench.backend.log_files(&spec.id).0), exit.log.sha256.unwrap());
}

fn digest(path: &std::path::Path) -> String {
    let output = std::process::Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8_lossy(&output.stdout).split(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_prompt_is_seen_before_its_line_ends() {
    let bench = Bench::new().await;
    let spec =
        sh("prompt", "printf 'ready? '; while [ ! -e go ]; do sleep 0.01; done; echo yes; printf rest");
    bench.backend.start(&spec).await.unwrap();
    bench.said(&spec.id, "ready? ").await;
    std::fs::write(bench.backend.work_dir(&spec.id).join("go"), "").unwrap();
    bench.ended(&spec.id).await;
    assert_eq!(bench.text(&spec.id, Stream::Stdout).await, "ready? yes\nrest");
    let lines = bench.lines(&spec.id).await;
    assert!(lines[0].more && !lines[1].more && lines[2].open, "{lines:?}");
}

#[tokio::test]
async fn very_long_lines_are_split_and_whole_again() {
    let bench = Bench::new().await;
    let spec = sh("long", "head -c 1000000 /dev/zero | tr '\\0' 'x'; echo; echo short");
    bench.run(spec.clone()).await;
    let lines = bench.lines(&spec.id).await;
    assert!(lines.iter().all(|l| l.line.len() <= castalia_compute::log::MAX_LINE));
    let text = bench.text(&spec.id, Stream::Stdout).await;
    assert_eq!((text.len(), &text[999_999..]), (1_000_007, "x\nshort\n"));
}

#[tokio::test]
async fn a_torn_last_line_is_not_part_of_the_log() {
    let bench = Bench::new().await;
    let spec = sh("torn", "echo one; echo two");
    bench.run(spec.clone()).await;
    let (log, _) = bench.backend.log_files(&spec.id);
    let mut file = std::fs::OpenOptions::new().append(true).open(&log).unwrap();
    file.write_all(b"{\"seq\":3,\"time\":1,\"stre").unwrap();
    let reader = Reader::new(Arc::new(FileSource::open(&log).unwrap()), None, true);
    let batch = reader.read(0, Limit::default()).await.unwrap();
    assert_eq!((batch.last_seq, batch.end, batch.lines().count()), (2, true, 2));
    assert!(reader.read(2, Limit::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn search_finds_text_by_stream() {
    let bench = Bench::new().await;
    let spec = sh("search", "seq 1 1000; echo 'say \"77\"' >&2");
    bench.run(spec.clone()).await;
    let find = async |text: &str, stream| {
        let search = Search { text: text.into(), stream, ..Search::default() };
        bench.backend.search(&spec.id, &search).await.unwrap().lines
    };
    assert_eq!(find("77", Some(Stream::Stdout)).await.len(), 19);
    assert_eq!(find("\"77\"", None).await.len(), 1);
    let some = Search { text: "7".into(), limit: 3, after: 17, ..Search::default() };
    let hits = bench.backend.search(&spec.id, &some).await.unwrap();
    assert!(hits.lines.iter().map(|l| l.line.as_str()).eq(["27", "37", "47"]) && !hits.exhausted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_get_every_line_once_and_stop_at_the_end() {
    let bench = Bench::new().await;
    let spec = sh(
        "follow",
        "i=0; while [ $i -lt 50 ]; do seq $((i*1000+1)) $((i*1000+1000)); i=$((i+1)); sleep 0.005; done",
    );
    bench.backend.start(&spec).await.unwrap();
    let mut followers = Vec::new();
    for after in [0, 0, 10, 20_000, 49_999] {
        let mut stream = bench.backend.follow(&spec.id, after).await.unwrap();
        followers.push(tokio::spawn(async move {
            let mut seq = after;
            while let Some(batch) = stream.next().await {
                for line in batch.unwrap().parse().unwrap() {
                    seq += 1;
                    assert_eq!((line.seq, line.line), (seq, seq.to_string()));
                }
            }
            assert_eq!(seq, 50_000);
        }));
    }
    for follower in followers {
        tokio::time::timeout(support::PATIENCE, follower).await.unwrap().unwrap();
    }
    assert!(matches!(bench.backend.observe(&spec.id).await.unwrap().unwrap().phase, Phase::Ended(_)));
    // Whoever comes after the end gets the same and an end.
    let mut late = bench.backend.follow(&spec.id, 49_990).await.unwrap();
    assert_eq!(late.next().await.unwrap().unwrap().lines().count(), 10);
    assert!(late.next().await.is_none());
}

#[tokio::test]
async fn following_begins_before_the_first_line_and_outlives_a_silence() {
    let bench = Bench::new().await;
    let spec = sh("silent", "while [ ! -e go ]; do sleep 0.01; done; echo spoke");
    bench.backend.start(&spec).await.unwrap();
    let mut stream = bench.backend.follow(&spec.id, 0).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(50), stream.next()).await.is_err());
    std::fs::write(bench.backend.work_dir(&spec.id).join("go"), "").unwrap();
    let batch = tokio::time::timeout(support::PATIENCE, stream.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(batch.parse().unwrap()[0].line, "spoke");
    assert!(stream.next().await.is_none());
    let _ = id("silent");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Through a real shim: what goes in comes out.
    #[test]
    fn any_bytes_survive(pieces in prop::collection::vec(piece(), 0..12)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let data: Vec<u8> = pieces.concat();
        let got = runtime.block_on(async {
            let bench = Bench::new().await;
            let mut spec = sh("any", "cat $FILES/data");
            spec.env.insert("FILES".into(), "{files}".into());
            spec.files.insert("data".into(), data.clone());
            bench.run(spec.clone()).await;
            bench.reader(&spec.id).bytes(Stream::Stdout).await.unwrap()
        });
        prop_assert!(got == data);
    }
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        "[a-zäöü\u{1F600}\\n\"\\\\\\r\\t]{0,80}".prop_map(String::into_bytes),
        (1usize..200_000, any::<u8>()).prop_map(|(n, b)| vec![b; n]),
        (20_000usize..40_000).prop_map(|n| "\u{20ac}".repeat(n).into_bytes()),
        Just(b"\n".to_vec()),
    ]
}
