//! What must not be possible.

use crate::support::{Program, Start, mirror};
use reqwest::{Method, StatusCode};
use std::os::unix::fs::PermissionsExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn with_app() -> Program {
    let port = mirror().await;
    let services = format!(
        "services:\n- {{name: app, port: {port}, health_check: {{probe: tcp}}}}\n- {{name: chat, use: chat}}\n"
    );
    let program = Start::with(&services).argument("--base-url", "/user/ada/").start().await;
    let begun = std::time::Instant::now();
    while program.get("/user/ada/app/").await.status() != StatusCode::OK {
        assert!(begun.elapsed() < crate::support::PATIENCE, "{}", program.log());
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    program
}

#[tokio::test]
async fn nobody_in_particular_gets_nothing() {
    let program = with_app().await;
    for (method, path) in [
        (Method::GET, "/user/ada/"),
        (Method::GET, "/user/ada/app/"),
        (Method::POST, "/user/ada/app/"),
        (Method::GET, "/user/ada/chat/"),
        (Method::POST, "/user/ada/chat/answer"),
        (Method::GET, "/user/ada/api/status"),
        (Method::GET, "/user/ada/api/services"),
        (Method::POST, "/user/ada/api/services"),
        (Method::DELETE, "/user/ada/api/services/app"),
        (Method::GET, "/user/ada/api/services/app/log"),
        (Method::GET, "/user/ada/metrics"),
        (Method::GET, "/user/ada/services"),
        (Method::GET, "/user/ada/port/22/"),
        (Method::GET, "/user/ada/healthz"),
        (Method::GET, "/user/ada/%61pi/status"),
        (Method::GET, "/user/ada//app/"),
        (Method::OPTIONS, "/user/ada/app/"),
    ] {
        for token in [None, Some("token bad"), Some("token "), Some("Basic Z29vZC10b2tlbg==")] {
            let mut request = program.bare(method.clone(), path);
            if let Some(token) = token {
                request = request.header("authorization", token);
            }
            let status = request.send().await.unwrap().status();
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path} {token:?}");
        }
    }
    for (path, status) in
        [("/", 404), ("/api", 404), ("/user/bob/", 404), ("/user/ada/api", 200), ("/health", 200)]
    {
        assert_eq!(program.bare(Method::GET, path).send().await.unwrap().status(), status, "{path}");
    }
    let said = program.bare(Method::GET, "/user/ada/api").send().await.unwrap().text().await.unwrap();
    assert!(said.len() < 100 && !said.contains("app"), "what is public says next to nothing: {said}");
}

/// Sends a raw request with the token and gives the status line and all that follows.
async fn raw(program: &Program, target: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", program.port)).await.unwrap();
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: h\r\nAuthorization: token good-token\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

#[tokio::test]
async fn no_path_leads_out_of_its_service() {
    let program = with_app().await;
    assert!(raw(&program, "/user/ada/app/x").await.contains("GET /x HTTP/1.1"));
    for target in [
        "/user/ada/app/../api/status",
        "/user/ada/app/%2e%2e/api/status",
        "/user/ada/app/..%2fapi",
        "/user/ada/app/..;/api",
        "/user/ada/app/..%5capi",
        "/user/ada/app/%00",
        "/user/ada/app/%zz",
        "/user/ada/port/1/../../app/",
    ] {
        let answer = raw(&program, target).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{target}: {answer}");
    }
    // A rest that begins with two slashes is no address of its own.
    let answer = raw(&program, "/user/ada/app//evil.example/x").await;
    assert!(answer.contains("GET /evil.example/x HTTP/1.1"), "{answer}");
    // A token in both places goes from both.
    let both = program.get("/user/ada/app/x?token=good-token&a=1").await.text().await.unwrap();
    assert!(both.starts_with("GET /x?a=1 HTTP/1.1\n") && !both.contains("good-token"), "{both}");
    // Who has a cookie may bring a token that is the service's own.
    let form = [("secret", "good-token")];
    let signed_in = program.bare(Method::POST, "/user/ada/login").form(&form).send().await.unwrap();
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let theirs = program
        .bare(Method::GET, "/user/ada/app/x")
        .header("cookie", cookie)
        .header("authorization", "Bearer theirs");
    let seen = theirs.send().await.unwrap().text().await.unwrap();
    assert!(
        seen.contains("authorization: Bearer theirs\n") && !seen.contains("castalia-workspace"),
        "{seen}"
    );
}

#[tokio::test]
async fn other_sites_and_other_pages_can_do_nothing_with_a_cookie() {
    let program = with_app().await;
    let form = [("secret", "good-token"), ("next", "//evil.example/")];
    let answer = program.bare(Method::POST, "/user/ada/login").form(&form).send().await.unwrap();
    assert_eq!(answer.headers()["location"], "/user/ada/", "nobody is sent elsewhere");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let call = async |method: Method, path: &str, headers: &[(&str, &str)]| {
        let mut request = program.bare(method, path).header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    };
    let cross = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")];
    assert_eq!(call(Method::GET, "/user/ada/app/", &cross).await.status(), StatusCode::FORBIDDEN);
    let origin = [("origin", "http://evil.example")];
    assert_eq!(call(Method::POST, "/user/ada/app/", &origin).await.status(), StatusCode::FORBIDDEN);
    let socket = [("origin", "http://evil.example"), ("upgrade", "websocket"), ("connection", "upgrade")];
    assert_eq!(call(Method::GET, "/user/ada/app/", &socket).await.status(), StatusCode::FORBIDDEN);
    // Our own API wants the word of the session.
    let restart = "/user/ada/api/services/app/restart";
    assert_eq!(call(Method::POST, restart, &[]).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        call(Method::POST, restart, &[("x-xsrftoken", "guess")]).await.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(call(Method::POST, "/user/ada/chat/answer", &[]).await.status(), StatusCode::FORBIDDEN);
    let page = call(Method::GET, "/user/ada/services", &[]).await.text().await.unwrap();
    let word = page.split("data-xsrf=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(call(Method::POST, restart, &[("x-xsrftoken", &word)]).await.status(), StatusCode::ACCEPTED);
    // A cookie that was changed is none.
    let mut torn = cookie.clone();
    torn.replace_range(torn.len() - 3.., "AAA");
    let status =
        program.bare(Method::GET, "/user/ada/app/").header("cookie", torn).send().await.unwrap().status();
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_service_on_a_socket_is_reached_through_the_door_alone() {
    let services = r#"
services:
- name: ide
  command:
    - python3
    - -c
    - |
      import http.server, socketserver, sys
      class S(socketserver.UnixStreamServer):
        def get_request(self): return (super().get_request()[0], ("local", 0))
      class H(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def do_GET(self):
          self.send_response(200); self.send_header("Content-Length", "3"); self.end_headers(); self.wfile.write(b"ide")
      S(sys.argv[1], H).serve_forever()
    - "{socket}"
  socket: true
  path: /
  health_check: {endpoint: /}
"#;
    let program = Start::with(services).start().await;
    let ide = program.until_state("ide", "healthy").await;
    assert_eq!(program.get("/anything").await.text().await.unwrap(), "ide");
    let line = std::fs::read(format!("/proc/{}/cmdline", ide["pid"])).unwrap();
    let socket = String::from_utf8_lossy(&line).split('\0').nth(3).unwrap().to_owned();
    let folder = std::path::Path::new(&socket).parent().unwrap();
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700, "{socket}");
    // It listens on no port at all.
    let listening = std::process::Command::new("sh")
        .args(["-c", &format!("ls -l /proc/{}/fd | grep -o 'socket:\\[[0-9]*\\]'", ide["pid"])])
        .output()
        .unwrap();
    let sockets = String::from_utf8_lossy(&listening.stdout).into_owned();
    let tcp = std::fs::read_to_string("/proc/net/tcp").unwrap()
        + &std::fs::read_to_string("/proc/net/tcp6").unwrap_or_default();
    for inode in sockets.lines().filter_map(|l| l.strip_prefix("socket:[")?.strip_suffix(']')) {
        assert!(!tcp.lines().any(|line| line.split_whitespace().nth(9) == Some(inode)), "{inode}");
    }
}
