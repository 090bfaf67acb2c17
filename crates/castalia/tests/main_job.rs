//! The main job: a typed, versioned, metered process on measured data, over REST, S3 and WebSocket.

mod support;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::Server;

fn output<'a>(view: &'a Value, name: &str) -> &'a Value {
    view["outputs"]
        .as_array()
        .expect("outputs")
        .iter()
        .find(|o| o["name"] == name)
        .unwrap_or_else(|| panic!("no `{name}` in {view}"))
}

async fn spectrum_peaks_at_one_cycle_per_year(database: Option<String>) {
    let server = Server::start_with(database, &[], &[]).await;
    server.demo_ready().await;
    let id = server.submit("fft", json!({"input": "upload:mauna-loa-co2.csv"})).await;
    let view = server.ended(&id).await;
    assert_eq!(view["state"], "completed", "{view}\n{:?}", server.log_lines(&id).await);
    assert!(view["cost"].as_i64().expect("a cost") > 0);
    let spectrum = output(&view, "spectrum");
    assert_eq!(spectrum["media_type"], "text/csv");
    let (status, csv) = server
        .call_as(
            &server.token,
            Method::GET,
            &format!("/api/datasets/{}/content", spectrum["id"].as_str().expect("id")),
            None,
        )
        .await;
    assert_eq!(status, StatusCode::OK);
    let csv = csv.as_str().expect("text");
    let mut rows = csv.lines();
    assert_eq!(rows.next(), Some("frequency,amplitude"));
    let peak = rows
        .map(|row| {
            let (f, a) = row.split_once(',').expect("two columns");
            (f.parse::<f64>().expect("a number"), a.parse::<f64>().expect("a number"))
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .expect("rows");
    assert!((peak.0 - 1.0).abs() < 0.05, "the largest amplitude is at {} cycles per year", peak.0);
    // The same table as JSON rows, compressed as for a browser.
    let gzip = reqwest::Client::new()
        .get(format!("{}/api/datasets/{}/content?as=json", server.url, spectrum["id"].as_str().expect("id")))
        .bearer_auth(&server.token)
        .header("Accept-Encoding", "gzip")
        .send()
        .await
        .expect("answers");
    assert_eq!(gzip.headers().get("content-encoding").map(|v| v.as_bytes()), Some(&b"gzip"[..]));
    assert!(gzip.bytes().await.expect("a whole body").len() > 1000);
    // A second process on the first one's output: lineage and the dependency graph.
    let table = server
        .submit("table", json!({"input": format!("dataset:{}", spectrum["id"].as_str().expect("id"))}))
        .await;
    let second = server.ended(&table).await;
    assert_eq!(second["state"], "completed", "{second}");
    let input = &second["versions"][0]["inputs"][0];
    assert_eq!((input["process"].as_str(), input["version"].as_i64()), (Some(id.as_str()), Some(1)));
    // And back: a cycle is refused, with the path of the field.
    let profile = second["outputs"]
        .as_array()
        .expect("outputs")
        .iter()
        .find(|o| o["media_type"] == "text/csv")
        .expect("a csv");
    let body = json!({"parameters": {"input": format!("dataset:{}", profile["id"].as_str().expect("id"))}});
    let (status, error) = server.post(&format!("/api/processes/{id}/versions"), body).await;
    assert_eq!(
        (status, error["code"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("cycle")),
        "{error}"
    );
    assert_eq!(error["errors"][0]["path"], "/parameters/input");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn main_job_on_sqlite() {
    spectrum_peaks_at_one_cycle_per_year(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn main_job_on_postgres() {
    if let Some(url) = castalia_testkit::postgres_url().await {
        spectrum_peaks_at_one_cycle_per_year(Some(url)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bootstrap_type_runs_on_its_demo_data() {
    let server = Server::start().await;
    server.demo_ready().await;
    for (type_name, parameters) in [
        ("inversion", json!({"input": "upload:rays.csv"})),
        ("gridding", json!({"input": "upload:earthquakes.geojson"})),
        ("table", json!({"input": "upload:mauna-loa-co2.csv"})),
    ] {
        let id = server.submit(type_name, parameters).await;
        let view = server.ended(&id).await;
        assert_eq!(view["state"], "completed", "{type_name}: {view}");
        assert!(view["outputs"].as_array().expect("outputs").len() > 1, "{type_name}: {view}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deterministic_result_is_taken_over_when_asked() {
    let server = Server::start().await;
    server.demo_ready().await;
    let body = json!({"project": "demo", "type": "fft", "parameters": {"input": "upload:mauna-loa-co2.csv"}, "reuse": true});
    let (_, first) = server.post("/api/processes", body.clone()).await;
    let first = server.ended(first["id"].as_str().expect("id")).await;
    let (status, second) = server.post("/api/processes", body).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!((second["state"].as_str(), second["cost"].as_i64()), (Some("completed"), Some(0)), "{second}");
    assert_eq!(second["outputs"], first["outputs"]);
    assert_eq!(second["versions"][0]["reused_from"], format!("{}/1", first["id"].as_str().expect("id")));
}
