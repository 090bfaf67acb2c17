//! The chat, against endpoints that speak as OpenAI's and Ollama's do.

use crate::support::{Start, serve};
use reqwest::{Method, StatusCode};
use serde_json::json;

const CHAT: &str = "services:\n- {name: chat, use: chat}\n";

async fn openai() -> u16 {
    serve(|request| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.to_ascii_lowercase().contains("authorization: bearer secret-key"), "{head}");
        let reply = |kind: &str, text: String| {
            format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{text}", text.len())
        };
        if head.starts_with("GET /v1/models ") {
            return reply("application/json", json!({"data": [{"id": "b"}, {"id": "a"}]}).to_string());
        }
        assert!(head.starts_with("POST /v1/chat/completions "), "{head}");
        let asked: serde_json::Value = serde_json::from_str(body).unwrap();
        if asked["model"] == "broken" {
            let error = json!({"error": {"message": "no such model x"}}).to_string();
            return format!("HTTP/1.1 404 Not Found\r\nContent-Length: {}\r\n\r\n{error}", error.len());
        }
        let word = |text: &str| format!("data: {}\n\n", json!({"choices": [{"delta": {"content": text}}]}));
        let said = format!(
            "{} to {}",
            asked["model"].as_str().unwrap(),
            asked["messages"][0]["content"].as_str().unwrap()
        );
        reply("text/event-stream", word("hello from ") + &word(&said) + "data: [DONE]\n\n")
    })
    .await
}

#[tokio::test]
async fn a_chat_streams_from_an_openai_endpoint_and_keeps_its_key() {
    let url = format!("http://127.0.0.1:{}/v1", openai().await);
    let program =
        Start::with(CHAT).env("CASTALIA_CHAT_URL", &url).env("CASTALIA_CHAT_KEY", "secret-key").start().await;
    let page = program.get("/chat/").await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("script-src 'sha256-")
            && !policy.contains("unsafe"),
        "{policy}"
    );
    let html = page.text().await.unwrap();
    assert!(
        !html.contains("src=") && !html.contains("http:") && !html.contains("secret-key"),
        "it is one file"
    );
    let (_, models) = program.call(Method::GET, "/chat/models").await;
    assert_eq!(models, json!({"models": ["a", "b"], "chosen": "a"}));
    let ask = async |body: serde_json::Value| {
        let request = program.bare(Method::POST, "/chat/answer").header("authorization", "token good-token");
        let answer = request.json(&body).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (status, text) = ask(json!({"messages": [{"role": "user", "content": "me"}]})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(text, "{\"text\":\"hello from \"}\n{\"text\":\"a to me\"}\n{\"done\":true}\n");
    let (status, text) = ask(json!({"model": "broken", "messages": []})).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert!(text.contains("no such model x") && !text.contains("127.0.0.1"), "{text}");
    for bad in [json!({"messages": [{"role": "root", "content": "x"}]}), json!({}), json!([])] {
        assert_eq!(ask(bad).await.0, StatusCode::BAD_REQUEST);
    }
    assert!(!program.log().contains("secret-key"));
}

#[tokio::test]
async fn a_chat_speaks_ollamas_way_and_says_what_is_missing() {
    let port = serve(|request| {
        let text = if request.starts_with("GET /api/tags ") {
            json!({"models": [{"name": "tiny"}]}).to_string()
        } else {
            assert!(request.starts_with("POST /api/chat ") && request.contains("\"model\":\"tiny\""), "{request}");
            "{\"message\":{\"content\":\"ja\"},\"done\":false}\n{\"message\":{\"content\":\"\"},\"done\":true}\n".to_owned()
        };
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len())
    })
    .await;
    let program = Start::with(CHAT).env("OLLAMA_HOST", &format!("127.0.0.1:{port}")).start().await;
    let body = json!({"messages": [{"role": "user", "content": "?"}]});
    let answer =
        program.bare(Method::POST, "/chat/answer").header("authorization", "token good-token").json(&body);
    assert_eq!(answer.send().await.unwrap().text().await.unwrap(), "{\"text\":\"ja\"}\n{\"done\":true}\n");
    drop(program);
    let program = Start::with(CHAT).start().await;
    let (status, said) = program.call(Method::GET, "/chat/models").await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert!(said["detail"].as_str().unwrap().contains("CASTALIA_CHAT_URL"), "{said}");
}
