//! Kernels of notebooks in a real server: runs, outputs in the document, and ends of all kinds.
//!
//! Named after what people complain about elsewhere: outputs lost when a page or a server goes (15), streams that choke
//! the document (7, 8), widgets that only the one who ran sees (11).

mod notebook_support;
mod support;

use notebook_support::*;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cells_run_in_order_and_their_outputs_are_in_the_document() {
    let server = server().await;
    let nb = notebook(
        &server,
        "a",
        &[
            "x = 1\nprint('one')",
            "import sys; print('e', file=sys.stderr); x + 1",
            "from IPython.display import display, JSON, clear_output\nh = display('first', display_id='d')\ndisplay(JSON({'a': [1, None]}))",
            "h.update('second')\nprint('gone'); clear_output(wait=True); print('stays')",
            "1 / 0",
            "print('never')",
        ],
    )
    .await;
    run(&server, &nb, json!({"what": "all"})).await;
    let states = settled(&server, &nb).await;
    assert_eq!(states, ["ok", "ok", "ok", "ok", "error", "aborted"], "{}", server.log());
    let cells = cells(&server, &nb).await;
    assert_eq!((text(&cells[0]).as_str(), &cells[0]["execution_count"]), ("one\n", &json!(1)));
    assert_eq!(cells[1]["outputs"][1]["data"]["text/plain"], "2");
    assert_eq!(cells[2]["outputs"][0]["data"]["text/plain"], "'second'");
    assert_eq!(cells[2]["outputs"][1]["data"]["application/json"], json!({"a": [1, null]}));
    assert_eq!(text(&cells[3]), "stays\n");
    assert_eq!(cells[4]["outputs"][0]["ename"], "ZeroDivisionError");
    assert_eq!(cells[4]["run"]["status"], "error");
    assert_eq!(cells[4]["run"]["by"]["name"], "demo");
    assert_eq!(cells[5]["outputs"], json!([]));
    assert!(cells.iter().all(|c| c["state"] == "idle" || c["state"].is_null()), "{cells:?}");
    // The queue still works.
    run(&server, &nb, json!({"what": "cell", "cell": "c5"})).await;
    settled(&server, &nb).await;
    assert_eq!(text(&self::cells(&server, &nb).await[5]), "never\n");
    let view = kernel(&server, &nb).await;
    assert_eq!((&view["state"], &view["incarnation"]), (&json!("idle"), &json!(1)));
    let (status, _) = server.post(&format!("{nb}/kernel/shutdown"), json!({})).await;
    assert!(status.is_success());
    until(&server, "the kernel ends", async || (kernel(&server, &nb).await["state"] == "none").then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_15_outputs_of_the_time_without_a_server_are_there_when_it_comes_back() {
    let mut server = server().await;
    let source = "import time\nfor i in range(40):\n    print(i, flush=True); time.sleep(0.1)";
    let nb = notebook(
        &server,
        "a",
        &[source, "print('next')", "print(len(open('marks').read()))", "open('marks', 'a').write('x')"],
    )
    .await;
    run(&server, &nb, json!({"what": "cell", "cell": "c3"})).await;
    settled(&server, &nb).await;
    run(&server, &nb, json!({"what": "all"})).await;
    until(&server, "it prints", async || text(&cells(&server, &nb).await[0]).contains("3\n").then_some(()))
        .await;
    server.kill();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    server.launch(&[]);
    server.ready().await;
    assert!(settled(&server, &nb).await.iter().all(|s| s == "ok"), "{}", server.log());
    let cells = cells(&server, &nb).await;
    let all: String = (0..40).map(|i| format!("{i}\n")).collect();
    assert_eq!(text(&cells[0]), all, "nothing lost, nothing doubled");
    assert_eq!(text(&cells[1]), "next\n");
    assert_eq!(text(&cells[2]), "1\n", "each cell ran once");
    assert_eq!(kernel(&server, &nb).await["incarnation"], 1, "the kernel lived on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kernel_killed_in_mid_cell_is_seen_at_once_and_the_queue_is_empty() {
    let server = server().await;
    let nb = notebook(
        &server,
        "a",
        &["import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(1000)", "print(2)"],
    )
    .await;
    run(&server, &nb, json!({"what": "all"})).await;
    let pid =
        until(&server, "it prints", async || text(&cells(&server, &nb).await[0]).trim().parse::<i32>().ok())
            .await;
    // In a sandbox the number is another one: then the process is found by what it is.
    let pid = real_pid(pid, &server);
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let killed = Instant::now();
    assert_eq!(settled(&server, &nb).await, ["lost", "aborted"]);
    assert!(killed.elapsed() < Duration::from_secs(20), "{:?}", killed.elapsed());
    let view = kernel(&server, &nb).await;
    assert_eq!(view["state"], "dead");
    assert!(view["reason"].as_str().unwrap().contains("signal 9"), "{view}");
    // A restart brings a new life, and what is run then is run there.
    let (status, answer) = server.post(&format!("{nb}/kernel/restart"), json!({})).await;
    assert!(status.is_success(), "{answer}");
    run(&server, &nb, json!({"what": "cell", "cell": "c1"})).await;
    settled(&server, &nb).await;
    let cells = cells(&server, &nb).await;
    assert_eq!((text(&cells[1]).as_str(), &cells[1]["run"]["incarnation"]), ("2\n", &json!(2)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_7_and_8_fifty_megabytes_in_one_message_and_many_small_ones_do_not_choke_the_document() {
    let soon = [("CASTALIA_OUTPUTS_UNUSED_S", "1")];
    let server = support::Server::start_with(None, &["--kernel-path", &prefix()], &soon).await;
    let big = "import sys; _ = sys.stdout.write('0123456789abcde\\n' * (50 << 16))";
    let nb = notebook(
        &server,
        "a",
        &[big, "for i in range(20000): print(i, flush=i % 100 == 0)", "print('after')"],
    )
    .await;
    run(&server, &nb, json!({"what": "all"})).await;
    assert_eq!(settled(&server, &nb).await, ["ok", "ok", "ok"]);
    let cells = cells(&server, &nb).await;
    let stored = &cells[0]["outputs"][0]["stored"]["text"];
    assert_eq!((&stored["bytes"], &stored["lines"]), (&json!(50 << 20), &json!(50 << 16)), "{stored}");
    assert!(cells[0].to_string().len() < 64 << 10);
    let path = format!("{nb}/outputs/{}", stored["id"].as_str().unwrap());
    let client = reqwest::Client::new();
    let ranged = |range: &str| {
        client
            .get(format!("{}{path}", server.url))
            .bearer_auth(&server.token)
            .header("range", range.to_owned())
            .send()
    };
    let part = ranged("bytes=1048576-1048591").await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.text().await.unwrap(), "0123456789abcde\n");
    let all = ranged("bytes=0-").await.unwrap().bytes().await.unwrap();
    assert_eq!((all.len(), all.iter().filter(|b| **b == b'\n').count()), (50 << 20, 50 << 16));
    let small = &cells[1]["outputs"][0];
    let stored = &small["stored"]["text"];
    let lines: String = (0..20000).map(|i| format!("{i}\n")).collect();
    assert_eq!(stored["bytes"], json!(lines.len()), "{small}");
    assert!(stored["tail"].as_str().unwrap().ends_with("19999\n"));
    let path = format!("{nb}/outputs/{}", stored["id"].as_str().unwrap());
    let got = client.get(format!("{}{path}", server.url)).bearer_auth(&server.token).send().await.unwrap();
    assert_eq!(got.text().await.unwrap(), lines);
    assert_eq!(text(&cells[2]), "after\n");
    // Run anew, the old ones are swept.
    run(&server, &nb, json!({"what": "cell", "cell": "c1"})).await;
    settled(&server, &nb).await;
    until(&server, "the old one is gone", async || {
        let answer = client.get(format!("{}{path}", server.url)).bearer_auth(&server.token).send().await;
        answer.is_ok_and(|answer| answer.status() == StatusCode::NOT_FOUND).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_cell_asks_is_asked_again_after_a_reload_and_answered_once() {
    let server = server().await;
    let nb = notebook(&server, "a", &["print('<' + input('name? ') + '>')"]).await;
    let mut socket = comms(&server, &nb).await;
    tell(
        &mut socket,
        json!({"id": 1, "channel": "notebook", "method": "queue_cell", "message": {"cell_id": "c0"}}),
    )
    .await;
    let asked = hear(&mut socket, is("kernel", "input_request")).await["message"].clone();
    assert_eq!((&asked["prompt"], &asked["password"]), (&json!("name? "), &json!(false)));
    let cell = cells(&server, &nb).await.remove(0);
    assert_eq!((&cell["state"], &cell["run"]["waiting_for"]["name"]), (&json!("waiting"), &json!("demo")));
    drop(socket);
    let mut socket = comms(&server, &nb).await;
    assert_eq!(hear(&mut socket, is("kernel", "input_request")).await["message"], asked);
    let reply = json!({"id": 2, "channel": "kernel", "method": "input_reply", "message": {"run": asked["run"], "value": "Ada"}});
    tell(&mut socket, reply.clone()).await;
    assert_eq!(hear(&mut socket, |v| v["id"] == 2).await["method"], "reply");
    assert_eq!(settled(&server, &nb).await, ["ok"]);
    let cell = cells(&server, &nb).await.remove(0);
    assert_eq!(text(&cell), "<Ada>\n");
    assert!(!cell.to_string().contains("waiting_for"), "{cell}");
    tell(&mut socket, reply).await;
    assert_eq!(hear(&mut socket, |v| v["id"] == 2).await["message"]["code"], "no_question");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_11_widgets_are_seen_by_whoever_comes_later_also_after_a_server_s_end() {
    let mut server = server().await;
    let nb = notebook(
        &server,
        "a",
        &["import ipywidgets\ns = ipywidgets.IntSlider(3)\ns", "s.value = 5", "print(s.value)"],
    )
    .await;
    run(&server, &nb, json!({"what": "to", "cell": "c1"})).await;
    settled(&server, &nb).await;
    let slider = |state: &Value| {
        let all = state["message"]["comms"].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|c| c["data"]["state"]["_model_name"] == "IntSliderModel")
    };
    let mut late = comms(&server, &nb).await;
    let found = slider(&hear(&mut late, is("comms", "state")).await).expect("the slider is told of");
    assert_eq!(found["data"]["state"]["value"], 5);
    // What somebody does to it goes to the kernel, and from there to all.
    let update = json!({"method": "update", "state": {"value": 9}, "buffer_paths": []});
    let message = json!({"comm_id": found["comm_id"], "data": update});
    let mut other = comms(&server, &nb).await;
    tell(&mut late, json!({"id": 1, "channel": "comms", "method": "comm_msg", "message": message})).await;
    hear(&mut other, |v| v["method"] == "comm_msg" && v["message"]["data"]["state"]["value"] == 9).await;
    tell(&mut late, json!({"id": 3, "channel": "kernel", "method": "variables"})).await;
    let variables = hear(&mut late, |v| v["id"] == 3).await;
    assert!(variables["message"]["variables"].to_string().contains("IntSlider"), "{variables}");
    let code = json!({"id": 4, "channel": "kernel", "method": "complete", "message": {"code": "ipywid", "cursor": 6}});
    tell(&mut late, code).await;
    let completed = hear(&mut late, |v| v["id"] == 4).await;
    assert_eq!(completed["message"]["matches"], json!(["ipywidgets"]), "{completed}");
    server.kill();
    server.launch(&[]);
    server.ready().await;
    let mut later = comms(&server, &nb).await;
    let found = slider(&hear(&mut later, is("comms", "state")).await).expect("it is still told of");
    assert_eq!(found["data"]["state"]["value"], 9);
    run(&server, &nb, json!({"what": "cell", "cell": "c2"})).await;
    settled(&server, &nb).await;
    assert_eq!(text(&cells(&server, &nb).await[2]), "9\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_11_what_an_output_widget_captures_is_the_widget_s_and_whoever_comes_later_sees_it() {
    let mut server = server().await;
    let interact = "from ipywidgets import interact, IntSlider\n@interact(x=IntSlider(3, 0, 10))\n\
                    def f(x):\n    print('x is', x)\n    return x * 2";
    let captures = "import ipywidgets\nout = ipywidgets.Output()\nwith out:\n    print('z' * 99_999)\n    \
                    raise ValueError('in it')\nprint('in the cell')";
    let nb = notebook(
        &server,
        "a",
        &[
            interact,
            captures,
            "with out:\n    print('gone')\nout.clear_output()\nwith out:\n    print('stays')",
            "print([len(o.outputs) for o in (f.widget.out, out)])",
        ],
    )
    .await;
    run(&server, &nb, json!({"what": "to", "cell": "c1"})).await;
    assert_eq!(settled(&server, &nb).await, ["ok", "ok"], "{}", server.log());
    let cells = cells(&server, &nb).await;
    assert_eq!(cells[0]["outputs"].as_array().unwrap().len(), 1, "the widget alone: {}", cells[0]);
    assert_eq!(text(&cells[1]), "in the cell\n");
    assert_eq!(cells[1]["outputs"].as_array().unwrap().len(), 1, "{}", cells[1]);
    let of = |state: &Value, model: &str| -> Vec<Value> {
        let all = state["message"]["comms"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|c| c["data"]["state"]["_model_name"] == model).collect()
    };
    let outputs = |widgets: &[Value]| -> Vec<Value> {
        widgets.iter().map(|w| w["data"]["state"]["outputs"].clone()).collect()
    };
    let is_interact = |outputs: &Value, x: i64| {
        outputs.as_array().is_some_and(|all| all.len() == 2)
            && outputs[0]["text"] == format!("x is {x}\n")
            && outputs[1]["data"]["text/plain"] == format!("{}", 2 * x)
    };
    let mut first = comms(&server, &nb).await;
    let state = hear(&mut first, is("comms", "state")).await;
    let found = outputs(&of(&state, "OutputModel"));
    assert!(found.iter().any(|outputs| is_interact(outputs, 3)), "{found:?}");
    // What is long is stored, and an error is captured, too.
    let long = found.iter().find(|outputs| outputs[1]["ename"] == "ValueError").expect("the error is there");
    let stored = &long[0]["stored"]["text"];
    assert_eq!(stored["bytes"], 100_000, "{long}");
    let path = format!("{}{nb}/outputs/{}", server.url, stored["id"].as_str().unwrap());
    let all = reqwest::Client::new().get(path).bearer_auth(&server.token).send().await.unwrap();
    assert_eq!(all.text().await.unwrap(), format!("{}\n", "z".repeat(99_999)));
    // Somebody moves the slider: the function runs, and the others see what it says instead.
    let slider = of(&state, "IntSliderModel").remove(0)["comm_id"].clone();
    let update = json!({"method": "update", "state": {"value": 7}, "buffer_paths": []});
    let mut other = comms(&server, &nb).await;
    let message = json!({"comm_id": slider, "data": update});
    tell(&mut first, json!({"id": 1, "channel": "comms", "method": "comm_msg", "message": message})).await;
    hear(&mut other, |v| {
        v["method"] == "comm_msg" && is_interact(&v["message"]["data"]["state"]["outputs"], 7)
    })
    .await;
    run(&server, &nb, json!({"what": "cell", "cell": "c2"})).await;
    settled(&server, &nb).await;
    server.kill();
    server.launch(&[]);
    server.ready().await;
    let mut later = comms(&server, &nb).await;
    let found = outputs(&of(&hear(&mut later, is("comms", "state")).await, "OutputModel"));
    assert!(found.iter().any(|outputs| is_interact(outputs, 7)), "{found:?}");
    let cleared = |outputs: &Value| outputs.as_array().unwrap().len() == 1 && outputs[0]["text"] == "stays\n";
    assert!(found.iter().any(cleared), "{found:?}");
    // The kernel knows what its widgets show.
    run(&server, &nb, json!({"what": "cell", "cell": "c3"})).await;
    settled(&server, &nb).await;
    assert_eq!(text(&self::cells(&server, &nb).await[3]), "[2, 1]\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_and_a_restart_while_running_leave_a_queue_that_works() {
    let server = server().await;
    let endless = "import time\nprint('in it', flush=True)\nwhile True: time.sleep(0.01)";
    let nb = notebook(&server, "a", &[endless, "print('ok')"]).await;
    run(&server, &nb, json!({"what": "cell", "cell": "c0"})).await;
    until(&server, "it prints", async || text(&cells(&server, &nb).await[0]).contains("in it").then_some(()))
        .await;
    assert_eq!(kernel(&server, &nb).await["state"], "busy");
    assert!(server.post(&format!("{nb}/kernel/interrupt"), json!({})).await.0.is_success());
    assert_eq!(settled(&server, &nb).await, ["interrupted"]);
    run(&server, &nb, json!({"what": "all"})).await;
    until(&server, "it runs", async || (kernel(&server, &nb).await["state"] == "busy").then_some(())).await;
    assert!(server.post(&format!("{nb}/kernel/restart"), json!({})).await.0.is_success());
    assert_eq!(settled(&server, &nb).await[1..], ["lost", "aborted"]);
    run(&server, &nb, json!({"what": "cell", "cell": "c1"})).await;
    assert_eq!(settled(&server, &nb).await.last().unwrap(), "ok");
    assert_eq!(text(&cells(&server, &nb).await[1]), "ok\n");
}
