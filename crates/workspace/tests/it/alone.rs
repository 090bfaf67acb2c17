//! Without a hub.

use crate::support::{Start, client, free_port, mirror};
use reqwest::{Method, StatusCode};

fn two(port: u16) -> String {
    format!(
        "services:\n- {{name: ide, port: {port}, path: /}}\n- {{name: app, port: {port}, prefix: keep}}\n"
    )
    .replace("prefix: keep", "prefix: keep, health_check: {probe: tcp}")
    .replace("path: /", "path: /, health_check: {probe: tcp}")
}

#[tokio::test]
async fn the_token_or_the_password_lets_in_and_nothing_else() {
    let program = Start::with(&two(mirror().await)).argument("--password", "open sesame").start().await;
    program.until_state("app", "healthy").await;
    program.until_state("ide", "healthy").await;
    // A person is led to the page to sign in, and back.
    let page = program.bare(Method::GET, "/app/x?y=1").header("accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), StatusCode::FOUND);
    assert_eq!(page.headers()["location"], "/login?next=%2Fapp%2Fx%3Fy%3D1");
    let login = program.bare(Method::GET, "/login?next=%2Fapp%2Fx%3Fy%3D1").send().await.unwrap();
    let policy = login.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(login.text().await.unwrap().contains("value=\"/app/x?y=1\""));
    let sign_in = async |secret: &str, next: &str| {
        let form = [("secret", secret), ("next", next)];
        program.bare(Method::POST, "/login").form(&form).send().await.unwrap()
    };
    assert_eq!(sign_in("wrong", "/app/x").await.status(), StatusCode::FORBIDDEN);
    let signed_in = sign_in("open sesame", "/app/x?y=1").await;
    assert_eq!(
        (signed_in.status(), &signed_in.headers()["location"]),
        (StatusCode::FOUND, &"/app/x?y=1".parse().unwrap())
    );
    let set = signed_in.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/;"), "{set}");
    let cookie = set.split(';').next().unwrap();
    let seen = program
        .bare(Method::GET, "/app/x?y=1")
        .header("cookie", format!("{cookie}; other=1"))
        .send()
        .await
        .unwrap();
    let seen = seen.text().await.unwrap();
    assert!(seen.starts_with("GET /app/x?y=1 HTTP/1.1\n") && seen.contains("cookie: other=1\n"), "{seen}");
    assert!(!seen.contains("castalia-workspace"), "{seen}");
    // A link with the token works once, and leaves no token in the address.
    let link = program
        .bare(Method::GET, "/app/?token=good-token&z=2")
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    assert_eq!(link.headers()["location"], "/app/?z=2");
    // Guessing becomes slow.
    let mut last = StatusCode::OK;
    for _ in 0..11 {
        last = sign_in("guess", "/").await.status();
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn the_ide_has_the_root_and_a_port_of_its_own_behind_the_same_door() {
    let (port, ide, legacy) = (mirror().await, free_port(), free_port());
    let program = Start::with(&two(port))
        .argument("--ide-listen", &format!("127.0.0.1:{ide}"))
        .argument("--legacy-listen", &format!("127.0.0.1:{legacy}"))
        .start()
        .await;
    program.until_state("ide", "healthy").await;
    let get = async |port: u16, path: &str| {
        let request = client()
            .get(format!("http://127.0.0.1:{port}{path}"))
            .header("authorization", "Bearer good-token");
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    for at in [program.port, legacy] {
        assert!(get(at, "/workbench").await.1.starts_with("GET /workbench "));
        assert!(get(at, "/api/status").await.1.contains("\"mode\":\"stand_alone\""));
    }
    // On its own port everything is the IDE's, also what is ours elsewhere.
    assert!(get(ide, "/api/status").await.1.starts_with("GET /api/status "));
    assert!(get(ide, "/app/x").await.1.starts_with("GET /app/x "));
    for at in [program.port, legacy, ide] {
        let nobody = client().get(format!("http://127.0.0.1:{at}/workbench")).send().await.unwrap();
        assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    }
    let own = client()
        .get(format!("http://127.0.0.1:{}/port/{ide}/", program.port))
        .header("authorization", "token good-token");
    assert_eq!(own.send().await.unwrap().status(), StatusCode::NOT_FOUND, "our own ports are not led to");
}

#[tokio::test]
async fn paths_are_rewritten_for_services_that_do_not_know_theirs() {
    let port = mirror().await;
    let services = format!("services:\n- {{name: app, port: {port}, health_check: {{probe: tcp}}}}\n");
    let program = Start::with(&services).start().await;
    program.until_state("app", "healthy").await;
    let seen = program.get("/app/a%2Fb?c=d").await.text().await.unwrap();
    assert!(
        seen.starts_with("GET /a%2Fb?c=d HTTP/1.1\n") && seen.contains("x-forwarded-prefix: /app\n"),
        "{seen}"
    );
    assert!(!seen.contains("good-token"), "{seen}");
    assert_eq!(program.get("/app/hop").await.headers()["location"], "/app/there");
    assert_eq!(program.get("/app/cookie").await.headers()["set-cookie"], "theirs=1; Path=/app/");
    // Any port, for what was started by hand.
    let seen = program.get(&format!("/port/{port}/x")).await.text().await.unwrap();
    assert!(seen.starts_with("GET /x HTTP/1.1\n"), "{seen}");
    // Without a service at the root, people are led to the list.
    let root = program.get("/").await;
    assert_eq!(root.headers()["location"], "/services");
    let list = program.get("/services").await.text().await.unwrap();
    assert!(list.contains("<a href=\"/app/\">app</a>"), "{list}");
    let metrics = program.get("/metrics").await.text().await.unwrap();
    assert!(
        metrics.contains("castalia_workspace_service_state{service=\"app\",state=\"healthy\"} 1\n"),
        "{metrics}"
    );
}
