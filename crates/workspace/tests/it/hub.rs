//! What happens when the hub is slow to change its mind, or away.

use crate::support::{PATIENCE, Program, Start, mirror, serve};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

struct Fake {
    asked: Arc<AtomicUsize>,
    told: Arc<AtomicUsize>,
    away: Arc<AtomicBool>,
    port: u16,
}

/// A hub that knows two tokens and counts what it is asked.
async fn fake() -> Fake {
    let (asked, told, away): (Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicBool>) = Default::default();
    let (a, t, w) = (asked.clone(), told.clone(), away.clone());
    let port = serve(move |request| {
        let reply = |status: &str, body: String| {
            format!(
                "HTTP/1.1 {status}\r\nX-JupyterHub-Version: 6.1.1\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        let head = request.to_ascii_lowercase();
        if w.load(SeqCst) {
            return reply("503 Service Unavailable", String::new());
        }
        if head.starts_with("get /hub/api/user ") {
            a.fetch_add(1, SeqCst);
            let user = |scope: &str| reply("200 OK", json!({"name": "ada", "scopes": [scope]}).to_string());
            return match () {
                () if head.contains("token good\r\n") => user("access:servers!server=ada/"),
                () if head.contains("token narrow\r\n") => user("access:servers!server=bob/"),
                () => reply("403 Forbidden", "{}".into()),
            };
        }
        if head.starts_with("post /hub/api/users/ada/activity ") {
            assert!(head.contains("authorization: token secret"), "{head}");
            let body: serde_json::Value =
                serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
            assert!(body["servers"][""]["last_activity"].is_string(), "{body}");
            t.fetch_add(1, SeqCst);
        }
        reply("200 OK", "{}".into())
    })
    .await;
    Fake { asked, told, away, port }
}

async fn under(fake: &Fake) -> Program {
    let services =
        format!("services:\n- {{name: app, port: {}, health_check: {{probe: tcp}}}}\n", mirror().await);
    let api = format!("http://127.0.0.1:{}/hub/api", fake.port);
    let program = Start::with(&services)
        .env("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:{port}/user/ada/")
        .env("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
        .env("JUPYTERHUB_API_TOKEN", "secret")
        .env("JUPYTERHUB_API_URL", &api)
        .env("JUPYTERHUB_ACTIVITY_URL", &format!("{api}/users/ada/activity"))
        .env("JUPYTERHUB_ACTIVITY_INTERVAL", "1")
        .env("JUPYTERHUB_CLIENT_ID", "jupyterhub-user-ada")
        .env("JUPYTERHUB_USER", "ada")
        .env("JUPYTERHUB_OAUTH_ACCESS_SCOPES", "[\"access:servers!server=ada/\"]")
        .start()
        .await;
    let begun = Instant::now();
    while ask(&program, "/user/ada/app/", "good").await.0 != StatusCode::OK {
        assert!(begun.elapsed() < PATIENCE, "{}", program.log());
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    program
}

async fn ask(program: &Program, path: &str, token: &str) -> (StatusCode, String) {
    let answer = program
        .bare(Method::GET, path)
        .header("authorization", format!("Bearer {token}"))
        .send()
        .await
        .unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn the_hub_is_asked_once_for_many_and_its_absence_locks_nobody_out() {
    let fake = fake().await;
    let program = under(&fake).await;
    let before = fake.asked.load(SeqCst);
    let many = (0..50).map(|_| ask(&program, "/user/ada/app/", "good"));
    assert!(futures::future::join_all(many).await.iter().all(|(status, _)| *status == StatusCode::OK));
    let many = (0..20).map(|_| ask(&program, "/user/ada/app/", "unknown"));
    assert!(futures::future::join_all(many).await.iter().all(|(status, _)| *status == StatusCode::FORBIDDEN));
    assert!(fake.asked.load(SeqCst) - before <= 1, "asked {} times", fake.asked.load(SeqCst) - before);
    let (status, said) = ask(&program, "/user/ada/app/", "narrow").await;
    assert!(status == StatusCode::FORBIDDEN && said.contains("ada may not use this workspace"), "{said}");
    // Nothing of the hub's reaches the service.
    let (_, seen) = ask(&program, "/user/ada/app/x", "good").await;
    assert!(seen.starts_with("GET /x ") && !seen.to_ascii_lowercase().contains("good"), "{seen}");

    fake.away.store(true, SeqCst);
    assert_eq!(ask(&program, "/user/ada/app/", "good").await.0, StatusCode::OK);
    let (status, said) = ask(&program, "/user/ada/app/", "new").await;
    assert!(status == StatusCode::BAD_GATEWAY && said.contains("hub_unreachable"), "{status} {said}");
    assert_eq!(
        program.bare(Method::GET, "/user/ada/app/").send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    fake.away.store(false, SeqCst);
    assert_eq!(
        ask(&program, "/user/ada/app/", "new").await.0,
        StatusCode::FORBIDDEN,
        "a failure is not remembered"
    );
}

#[tokio::test]
async fn activity_is_told_when_there_is_any() {
    let fake = fake().await;
    let program = under(&fake).await;
    let told = |at_least: usize| {
        let told = fake.told.clone();
        async move {
            let begun = Instant::now();
            while told.load(SeqCst) < at_least {
                assert!(begun.elapsed() < PATIENCE, "told {} times", told.load(SeqCst));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    told(1).await;
    // What opened the workspace above may still have to be told.
    let mut quiet = 0;
    while fake.told.load(SeqCst) != quiet {
        quiet = fake.told.load(SeqCst);
        tokio::time::sleep(Duration::from_millis(2500)).await;
    }
    for _ in 0..5 {
        // Asking how it is does not keep it alive.
        ask(&program, "/user/ada/api/status", "good").await;
        ask(&program, "/user/ada/metrics", "good").await;
        ask(&program, "/user/ada/api", "good").await;
    }
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(fake.told.load(SeqCst), quiet, "looking is no use");
    ask(&program, "/user/ada/app/", "good").await;
    told(quiet + 1).await;
}

#[tokio::test]
async fn a_forged_or_foreign_sign_in_leads_nowhere() {
    let fake = fake().await;
    let program = under(&fake).await;
    let page = |path: &str| program.bare(Method::GET, path).header("accept", "text/html");
    let away = page("/user/ada/app/x?y=1").send().await.unwrap();
    assert_eq!(away.status(), StatusCode::FOUND);
    let location = away.headers()["location"].to_str().unwrap().to_owned();
    assert!(
        location.starts_with("/hub/api/oauth2/authorize?") && location.contains("code_challenge_method=S256"),
        "{location}"
    );
    let set = away.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        set.contains("Path=/user/ada/;") && set.contains("HttpOnly") && set.contains("Max-Age=600"),
        "{set}"
    );
    let (cookie, state) =
        (set.split(';').next().unwrap(), location.split("state=").nth(1).unwrap().split('&').next().unwrap());
    for (cookie, query) in [
        ("", format!("code=c&state={state}")),
        (cookie, "code=c&state=00000000000000000000000000000000".to_owned()),
        (cookie, format!("code=c&state={}", &state[..8])),
        (cookie, "code=c".to_owned()),
        (cookie, format!("state={state}")),
        (cookie, format!("error=access_denied&error_description=%3Cb%3E&state={state}")),
    ] {
        let answer =
            page(&format!("/user/ada/oauth_callback?{query}")).header("cookie", cookie).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{query}");
        let sets: Vec<_> =
            answer.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap().to_owned()).collect();
        assert!(sets.iter().all(|set| set.contains("Max-Age=0")), "{sets:?}");
        assert!(!answer.text().await.unwrap().contains("<b>"));
    }
}
