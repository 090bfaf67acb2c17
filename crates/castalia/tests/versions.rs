//! Versions beside each other: reuse, comparison, deletion; what one owes the other.

mod support;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::Server;

async fn add(server: &Server, command: &[&str], resources: Value) {
    let types = json!([{"name": "say", "command": command, "deterministic": true, "schema": {"type": "object"}, "resources": resources}]);
    let (status, body) =
        server.post("/api/environments", json!({"name": "test", "manifest": {"types": types}})).await;
    assert!(status.is_success(), "{body}");
}

fn small() -> Value {
    json!({"cpu_millis": 200, "memory_mb": 64, "storage_mb": 32, "deadline_s": 60})
}

async fn submit(server: &Server, type_name: &str, parameters: Value, reuse: bool) -> Value {
    let body = json!({"project": "demo", "type": type_name, "parameters": parameters, "reuse": reuse});
    let (status, process) = server.post("/api/processes", body).await;
    assert_eq!(status, StatusCode::CREATED, "{process}");
    server.ended(process["id"].as_str().expect("an id")).await
}

async fn delete(server: &Server, path: &str) -> (StatusCode, Value) {
    server.call_as(&server.token, Method::DELETE, path, None).await
}

fn id(view: &Value) -> &str {
    view["id"].as_str().expect("an id")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_program_is_run_and_not_taken_for_the_old_one() {
    let server = Server::start().await;
    add(&server, &["sh", "-c", "echo one"], small()).await;
    let first = submit(&server, "say", json!({}), true).await;
    let again = submit(&server, "say", json!({}), true).await;
    assert_eq!(again["versions"][0]["reused_from"], format!("{}/1", id(&first)));
    add(&server, &["sh", "-c", "echo two"], small()).await;
    let changed = submit(&server, "say", json!({}), true).await;
    assert_eq!(changed["versions"][0]["reused_from"], Value::Null, "{changed}");
    assert_eq!(server.log_lines(id(&changed)).await[0]["line"], "two");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_that_others_took_over_is_kept_and_a_deleted_one_is_not_taken_over() {
    let server = Server::start().await;
    server.demo_ready().await;
    let input = json!({"input": "upload:mauna-loa-co2.csv"});
    let first = submit(&server, "fft", input.clone(), true).await;
    let second = submit(&server, "fft", input.clone(), true).await;
    assert_eq!(second["versions"][0]["reused_from"], format!("{}/1", id(&first)));
    let (status, error) = delete(&server, &format!("/api/processes/{}", id(&first))).await;
    assert_eq!((status, error["code"].as_str()), (StatusCode::CONFLICT, Some("in_use")), "{error}");
    let dataset = id(&second["outputs"][0]).to_owned();
    server.get(&format!("/api/datasets/{dataset}")).await;
    // Who takes over lets go first.
    let (status, error) = delete(&server, &format!("/api/processes/{}", id(&second))).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{error}");
    let (status, error) = delete(&server, &format!("/api/datasets/{dataset}")).await;
    assert!(status.is_success(), "{error}");
    let third = submit(&server, "fft", input, true).await;
    assert_eq!(
        (third["state"].as_str(), &third["versions"][0]["reused_from"]),
        (Some("completed"), &Value::Null)
    );
    server.get(&format!("/api/datasets/{}", id(&third["outputs"][0]))).await;
    let (status, error) = delete(&server, &format!("/api/processes/{}", id(&first))).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{error}");
    let (status, _) =
        server.call_as(&server.token, Method::GET, &format!("/api/processes/{}", id(&first)), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_tells_inputs_apart_and_outlives_its_datasets() {
    let server = Server::start().await;
    server.demo_ready().await;
    let first = submit(&server, "fft", json!({"input": "upload:mauna-loa-co2.csv"}), false).await;
    let path = format!("/api/processes/{}", id(&first));
    let dataset = id(&first["outputs"][0]).to_owned();
    let (status, error) = server.post(&format!("{path}/versions"), json!({})).await;
    assert_eq!(status, StatusCode::CREATED, "{error}");
    server.ended(id(&first)).await;
    let equal = server.get(&format!("{path}/compare?a=1&b=2")).await;
    let differing = |found: &Value, path: &str| {
        found["differences"]
            .as_array()
            .is_some_and(|d| d.iter().any(|d| d["path"].as_str().is_some_and(|p| p.starts_with(path))))
    };
    assert!(!differing(&equal, "/inputs") && !differing(&equal, "/parameters"), "{equal}");
    assert!(equal["outputs"].as_array().is_some_and(|o| o.iter().any(|o| o["equal"] == true)), "{equal}");
    let (status, error) = delete(&server, &format!("/api/datasets/{dataset}")).await;
    assert!(status.is_success(), "{error}");
    let after = server.get(&format!("{path}/compare?a=1&b=2")).await;
    let pair = after["outputs"].as_array().and_then(|o| o.iter().find(|o| o["a"]["id"] == dataset.as_str()));
    assert_eq!(pair.expect("is named")["equal"], false, "{after}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_further_version_keeps_the_resources_of_the_one_before() {
    let server = Server::start().await;
    add(&server, &["true"], small()).await;
    let asked =
        json!({"cpu_millis": 1000, "memory_mb": 1024, "storage_mb": 1024, "gpu": 0, "deadline_s": 3600});
    let body = json!({"project": "demo", "type": "say", "resources": asked});
    let (status, first) = server.post("/api/processes", body).await;
    assert_eq!(status, StatusCode::CREATED, "{first}");
    let (status, next) = server.post(&format!("/api/processes/{}/versions", id(&first)), json!({})).await;
    assert_eq!((status, &next["resources"]), (StatusCode::CREATED, &asked), "{next}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_is_filtered_however_it_is_asked_for_and_a_wrong_question_is_a_problem() {
    let server = Server::start().await;
    add(&server, &["sh", "-c", "for i in 1 2 3; do echo good $i; echo bad $i >&2; done"], small()).await;
    let view = submit(&server, "say", json!({}), false).await;
    let path = format!("/api/processes/{}/logs", id(&view));
    let ask = async |query: &str, accept: &str| {
        let request = reqwest::Client::new().get(format!("{}{path}?{query}", server.url));
        let answer =
            request.bearer_auth(&server.token).header("Accept", accept).send().await.expect("answers");
        (answer.status(), answer.headers().clone(), answer.text().await.expect("text"))
    };
    let (_, _, text) = ask("q=good&follow=true", "text/plain").await;
    assert_eq!(text, "good 1\ngood 2\ngood 3\n");
    let (_, _, lines) = ask("stream=stderr&q=2", "application/x-ndjson").await;
    let lines: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!((lines.len(), lines[0]["line"].as_str()), (1, Some("bad 2")));
    let (status, headers, error) = ask("limit=many", "application/json").await;
    assert_eq!(
        (status, headers["content-type"].to_str().ok()),
        (StatusCode::BAD_REQUEST, Some("application/problem+json")),
        "{error}"
    );
    let (status, headers, error) = ask("stream=none", "text/plain").await;
    assert_eq!(
        (status, headers["content-type"].to_str().ok()),
        (StatusCode::BAD_REQUEST, Some("application/problem+json")),
        "{error}"
    );
}
