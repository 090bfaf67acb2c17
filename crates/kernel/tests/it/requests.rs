//! Requests and what comes of them.

use crate::support::{begin, prefix, printed, start};
use castalia_kernel::{Channel, Client, Entry, Life, Request, Search};
use serde_json::json;

#[tokio::test]
async fn a_python_kernel_runs_completes_inspects_asks_and_is_heard_once() {
    let mut kernel = start("python3").await;
    let status = kernel.client.status().await.unwrap();
    assert_eq!(status.info["language_info"]["name"], "python");
    assert_eq!((status.incarnation, status.life), (1, Life::Ready));

    let all = kernel.run("r1", "import os\nprint('a'); print('b'); 6*7").await;
    assert_eq!(printed(&all), "a\nb\n");
    let result = all.iter().find(|e| e.kind == "execute_result").unwrap();
    assert_eq!(result.content["data"]["text/plain"], "42");
    // How the kernel is may also be told of its start, a little late.
    let of_the_run =
        |e: &&Entry| ["stream", "execute_input", "execute_reply", "execute_result"].contains(&&*e.kind);
    assert!(all.iter().filter(of_the_run).count() >= 3);
    assert!(all.iter().filter(of_the_run).all(|e| e.parent.as_deref() == Some("r1")));
    assert!(all.iter().all(|e| e.incarnation == 1));

    // The same request again is not run again.
    kernel.send("r1", "print('twice')").await;
    let all = kernel.run("r2", "print('once')").await;
    assert_eq!(printed(&all), "once\n");

    kernel
        .client
        .request(Request::shell("c", "complete_request", json!({"code": "os.getc", "cursor_pos": 7})), &[])
        .await
        .unwrap();
    let all = kernel.until(|e| e.kind == "complete_reply").await;
    assert!(all.last().unwrap().content["matches"].to_string().contains("getcwd"));
    let inspect = json!({"code": "print", "cursor_pos": 5, "detail_level": 0});
    kernel.client.request(Request::shell("i", "inspect_request", inspect), &[]).await.unwrap();
    assert_eq!(kernel.until(|e| e.kind == "inspect_reply").await.last().unwrap().content["found"], true);

    kernel.send("ask", "x = input('name? '); print('<' + x + '>')").await;
    let question = kernel.until(|e| e.channel == Channel::Stdin).await.pop().unwrap();
    assert_eq!((question.kind.as_str(), question.text("prompt")), ("input_request", "name? "));
    assert_eq!(question.parent.as_deref(), Some("ask"));
    kernel.client.request(Request::input("answer", "Ada"), &[]).await.unwrap();
    assert_eq!(printed(&kernel.until_idle("ask").await), "<Ada>\n");

    // What was acknowledged is forgotten, and numbers go on. Whoever comes later misses nothing.
    kernel.client.ack(kernel.seen).await.unwrap();
    let later = Client::connect(kernel.folder.path()).await.unwrap();
    let mut entries = later.entries(kernel.seen).await.unwrap();
    kernel.run("r3", "print('later')").await;
    assert!(entries.next().await.unwrap().unwrap().seq <= kernel.seen);
    kernel.shut_down().await;
}

#[tokio::test]
async fn comms_carry_binary_buffers_both_ways() {
    let mut kernel = start("python3").await;
    let code = "
from ipykernel.comm import Comm
c = Comm(target_name='t', data={'a': 1}, buffers=[b'abc', bytes(70_000)])
def back(msg):
    print(msg['content']['data'], [len(b) for b in msg['buffers']], bytes(msg['buffers'][0]))
c.on_msg(back)";
    let all = kernel.run("open", code).await;
    let open = all.iter().find(|e| e.kind == "comm_open").unwrap();
    assert_eq!(open.buffers.iter().map(|b| b.bytes).collect::<Vec<_>>(), [3, 70_000]);
    // Together too big for the entry.
    let first = open.buffers[0].spool.unwrap();
    assert_eq!(&kernel.client.read(first, 0, 10).await.unwrap()[..], b"abc");
    let content = json!({"comm_id": open.content["comm_id"], "data": {"b": 2}});
    let buffers = [bytes::Bytes::from_static(b"\x00\xff"), bytes::Bytes::from_static(b"xyz")];
    kernel.client.request(Request::shell("msg", "comm_msg", content), &buffers).await.unwrap();
    assert_eq!(printed(&kernel.until_idle("msg").await), "{'b': 2} [2, 3] b'\\x00\\xff'\n");
    kernel.shut_down().await;
}

#[tokio::test]
async fn a_kernel_of_another_language_runs_the_same_way() {
    let mut kernel = begin(Search::of([prefix()]).find("bash").unwrap(), |_| {}).await;
    // Asked before it is ready: it waits, and is not lost.
    kernel.send("r1", "echo $((6*7))").await;
    let all = kernel.until_idle("r1").await;
    // Its interpreter may have had something to say before.
    assert!(printed(&all).trim().ends_with("42"), "{}", printed(&all));
    assert!(all.iter().filter_map(Entry::state).any(|s| s.life == Life::Ready));
    kernel.shut_down().await;
}

#[tokio::test]
async fn an_interrupt_stops_what_runs_and_the_kernel_goes_on() {
    let mut kernel = start("python3").await;
    kernel.run("x", "x = 5").await;
    kernel.send("loop", "import time\nprint('in it', flush=True)\nwhile True: time.sleep(0.01)").await;
    kernel.until(|e| e.kind == "stream").await;
    kernel.client.interrupt("stop").await.unwrap();
    let all = kernel.until_idle("loop").await;
    assert_eq!(all.iter().find(|e| e.kind == "error").unwrap().text("ename"), "KeyboardInterrupt");
    assert_eq!(printed(&kernel.run("after", "print(x)").await), "5\n");
    // The other way to interrupt, which ipykernel knows too.
    let mut spec = Search::of([prefix()]).find("python3").unwrap();
    kernel.shut_down().await;
    spec.interrupt_mode = castalia_kernel::InterruptMode::Message;
    let mut kernel = begin(spec, |_| {}).await;
    kernel.until_life(Life::Ready).await;
    kernel.send("loop", "print('in it', flush=True)\nwhile True: pass").await;
    kernel.until(|e| e.kind == "stream").await;
    kernel.client.interrupt("stop").await.unwrap();
    let all = kernel.until_idle("loop").await;
    assert_eq!(all.iter().find(|e| e.kind == "error").unwrap().text("ename"), "KeyboardInterrupt");
    kernel.shut_down().await;
}
