//! A real IDE server (code-server) behind the door.

use crate::support::Start;
use futures::{SinkExt, StreamExt};
use reqwest::StatusCode;
use std::path::PathBuf;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

/// The folder of its program, which `scripts/test-ide` makes; the test is skipped where that was not run.
fn programs() -> Option<PathBuf> {
    let given = std::env::var_os("CASTALIA_TEST_IDE").map(PathBuf::from);
    let target = std::path::Path::new(env!("CARGO_BIN_EXE_castalia-workspace")).ancestors().nth(2).unwrap();
    let made = target.join("test-ide/bin");
    let found = given.or_else(|| made.join("code-server").is_file().then_some(made));
    if found.is_none() {
        eprintln!("skipped: no IDE server is installed (`scripts/test-ide` installs it)");
    }
    found
}

#[tokio::test]
async fn code_server_works_at_the_root_and_its_sockets_open() {
    let Some(programs) = programs() else { return };
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let services = "services:\n- {name: ide, use: code-server}\n";
    let program =
        Start::with(services).argument("--base-url", "/user/ada/ide/").env("PATH", &path).start().await;
    let begun = std::time::Instant::now();
    let page = loop {
        let page = program.get("/user/ada/ide/?folder=/tmp").await;
        if page.status() == StatusCode::OK {
            break page.text().await.unwrap();
        }
        assert!(begun.elapsed() < crate::support::PATIENCE, "{}\n{}", page.status(), program.log());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    assert!(page.contains("vscode") && page.contains("workbench"), "{page}");
    // It uses addresses relative to its page, one of which must lead to a file.
    let asset = page
        .split(['"', '\''])
        .find(|part| part.ends_with("workbench.css") || part.ends_with("workbench.js"))
        .unwrap();
    let base = reqwest::Url::parse(&format!("{}/user/ada/ide/", program.url)).unwrap();
    let asset = base.join(asset).unwrap();
    let got = program.get(asset.path()).await;
    assert_eq!(got.status(), StatusCode::OK, "{asset}");
    // The socket that an editor opens.
    let build =
        asset.path().split('/').find(|part| part.starts_with("stable-")).unwrap_or("stable").to_owned();
    let address = format!(
        "ws://127.0.0.1:{}/user/ada/ide/{build}?reconnectionToken=1234&reconnection=false&skipWebSocketFrames=false",
        program.port
    );
    let request = address.as_str().into_client_request().unwrap();
    let refused = tokio_tungstenite::connect_async(request.clone()).await;
    assert!(matches!(refused, Err(Error::Http(answer)) if answer.status() == 401));
    let mut request = request;
    request.headers_mut().insert("authorization", "token good-token".parse().unwrap());
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    // The editor's first frame: a control message {"type":"auth",...} in the protocol's envelope (type 2, ids 0, length).
    let auth = br#"{"type":"auth","auth":"00000000000000000000","data":"x"}"#;
    let mut frame = vec![2, 0, 0, 0, 0, 0, 0, 0, 0];
    frame.extend(u32::try_from(auth.len()).unwrap().to_be_bytes());
    frame.extend(auth);
    socket.send(Message::binary(frame)).await.unwrap();
    let answer =
        tokio::time::timeout(crate::support::PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
    let text = String::from_utf8_lossy(&answer.into_data()).into_owned();
    assert!(text.contains("\"type\":\"sign\""), "{text}");
}
