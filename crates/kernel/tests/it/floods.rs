//! Too much, and what can't be read.

use crate::support::{printed, start};
use castalia_kernel::{Client, kinds};

#[tokio::test]
async fn fifty_megabytes_in_one_message_lie_in_a_file_and_are_read_in_pieces() {
    let mut kernel = start("python3").await;
    kernel
        .send(
            "big",
            "import sys; _ = sys.stdout.write('0123456789abcde\\n' * (50 << 16)); sys.stdout.flush()",
        )
        .await;
    let all = kernel.until_idle("big").await;
    let (mut bytes, mut sum) = (0, 0);
    for entry in all.iter().filter(|e| e.kind == "stream") {
        let Some(large) = entry.large_at(&["text"]) else {
            bytes += entry.text("text").len() as u64;
            continue;
        };
        assert!(serde_json::to_vec(&entry.content).unwrap().len() < 1000);
        assert_eq!(large.lines * 16, large.bytes);
        let mut at = 0;
        while at < large.bytes {
            let piece = kernel.client.read(large.spool, at, 1 << 20).await.unwrap();
            assert!(!piece.is_empty());
            sum += piece.iter().filter(|b| **b == b'\n').count();
            at += piece.len() as u64;
        }
        bytes += large.bytes;
    }
    assert_eq!((bytes, sum), (50 << 20, 50 << 16));
    kernel.client.ack(kernel.seen).await.unwrap();
    let left = std::fs::read_dir(kernel.folder.path().join("spool")).unwrap().count();
    assert_eq!(left, 0, "what was taken is gone");
    kernel.shut_down().await;
}

#[tokio::test]
async fn many_small_outputs_all_come_in_order_also_to_one_who_was_away() {
    let mut kernel = start("python3").await;
    // As the SDK does at the start of a kernel: wait for the reader, and drop nothing.
    let wait = "import zmq; t = get_ipython().kernel.iopub_thread; \
                t.schedule(lambda: t.socket.setsockopt(zmq.XPUB_NODROP, 1))";
    kernel.run("wait", wait).await;
    let since = kernel.seen;
    let code = "
from IPython.display import display
for i in range(5000):
    display({'text/plain': str(i)}, raw=True)
for i in range(5000):
    print(i, flush=True)";
    let all = kernel.run("many", code).await;
    let shown: Vec<_> = all.iter().filter(|e| e.kind == "display_data").collect();
    assert_eq!(shown.len(), 5000);
    assert!(
        shown
            .iter()
            .enumerate()
            .all(|(i, e)| e.content["data"]["text/plain"].as_str() == Some(&i.to_string()))
    );
    let lines: String = (0..5000).map(|i| format!("{i}\n")).collect();
    assert_eq!(printed(&all), lines);
    let streams = all.iter().filter(|e| e.kind == "stream").count();
    assert!(streams < 500, "{streams} entries for text that came within moments");
    let late = Client::connect(kernel.folder.path()).await.unwrap();
    let mut entries = late.entries(since).await.unwrap();
    for entry in &all {
        assert_eq!(&entries.next().await.unwrap().unwrap(), entry);
    }
    kernel.shut_down().await;
}

#[tokio::test]
async fn what_does_not_parse_is_told_and_nothing_ends() {
    let mut kernel = start("python3").await;
    let code = r#"
import zmq, json, hmac, hashlib
k = get_ipython().kernel
s = k.session
h = json.dumps(s.msg_header('stream'), default=str).encode()
p = json.dumps(k.get_parent()['header'], default=str).encode()
def send(content):
    parts = [h, p, b'{}', content]
    sign = hmac.new(s.key, b''.join(parts), hashlib.sha256).hexdigest().encode()
    k.iopub_socket.send_multipart([b'stream', b'<IDS|MSG>', sign] + parts)
send(b'{"name": "stdout", "text": nonsense')
send(b'[1, 2]')
k.iopub_socket.send_multipart([b'stream', b'<IDS|MSG>', b'00', h, p, b'{}', b'{}'])
k.iopub_socket.send_multipart([b'junk'])
print('goes on')"#;
    let all = kernel.run("bad", code).await;
    let bad: Vec<_> = all.iter().filter(|e| e.kind == kinds::UNPARSABLE).collect();
    assert_eq!(bad.len(), 4, "{all:#?}");
    assert_eq!(bad[0].parent.as_deref(), Some("bad"));
    assert!(printed(&all).ends_with("goes on\n"), "{all:#?}");
    assert_eq!(printed(&kernel.run("next", "print('still')").await), "still\n");
    kernel.shut_down().await;
}
