//! Bytes, previews and headers over HTTP.

use crate::rest::{Answer, get, router, send};
use crate::support::{STEPS, World, member};
use axum::Router;
use axum::body::Body;
use axum::http::Method;
use castalia_storage::{BlobConfig, UploadOptions};
use castalia_testkit::{TestDb, clock, sqlite};
use serde_json::{Value, json};

struct Setup {
    _test: TestDb,
    world: World,
    router: Router,
}

async fn setup() -> Setup {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let router = router(&world, &member(&world, "demo", &["uploads.*", "datasets.*"]));
    Setup { _test: test, world, router }
}

async fn put(router: &Router, name: &str, kind: &str, body: impl Into<Body>) -> String {
    let headers = if kind.is_empty() { vec![] } else { vec![("content-type", kind)] };
    let uri = format!("/api/uploads?project=demo&name={name}");
    let answer = send(router, Method::PUT, &uri, &headers, body.into()).await;
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    format!("/api/uploads/{}", answer.json()["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn bytes_come_whole_in_part_or_not_at_all() {
    let Setup { router, .. } = &setup().await;
    let uri = format!("{}/content", put(router, "a.csv", "", "a,b\n1,x\n").await);
    let whole = get(router, &uri, &[]).await;
    assert_eq!((whole.status.as_u16(), whole.body.as_slice()), (200, b"a,b\n1,x\n".as_slice()));
    assert_eq!((whole.header("content-type"), whole.header("accept-ranges")), ("text/csv", "bytes"));
    assert_eq!(whole.header("content-length"), "8");
    let etag = whole.header("etag").to_owned();
    let part = get(router, &uri, &[("range", "bytes=4-5")]).await;
    assert_eq!((part.status.as_u16(), part.body.as_slice()), (206, b"1,".as_slice()));
    assert_eq!(part.header("content-range"), "bytes 4-5/8");
    let stale = get(router, &uri, &[("range", "bytes=4-5"), ("if-range", "\"other\"")]).await;
    assert_eq!(stale.status, 200);
    let outside = get(router, &uri, &[("range", "bytes=100-")]).await;
    assert_eq!((outside.status.as_u16(), outside.code().as_str()), (416, "range_not_satisfiable"));
    let known = get(router, &uri, &[("if-none-match", &etag)]).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    let head = send(router, Method::HEAD, &uri, &[], Body::empty()).await;
    assert_eq!((head.status.as_u16(), head.header("content-length")), (200, "8"));
}

#[tokio::test]
async fn tables_come_as_json_when_asked_for() {
    let Setup { router, .. } = &setup().await;
    let uri = format!("{}/content", put(router, "a.csv", "", "a,b\n1,x\n,\"y\"\"z\"\n").await);
    let rows = json!([{"a": 1, "b": "x"}, {"a": null, "b": "y\"z"}]);
    let asked = get(router, &format!("{uri}?as=json"), &[]).await;
    assert_eq!((asked.header("content-type"), asked.json()), ("application/json", rows.clone()));
    assert_eq!(get(router, &uri, &[("accept", "application/json")]).await.json(), rows);
    assert_eq!(
        get(router, &uri, &[("accept", "text/html, */*;q=0.8")]).await.header("content-type"),
        "text/csv"
    );
    let none = get(router, &uri, &[("accept", "image/png")]).await;
    assert_eq!((none.status.as_u16(), none.code().as_str()), (406, "not_acceptable"));
    assert_eq!(get(router, &format!("{uri}?as=parquet"), &[]).await.status, 406);
}

#[tokio::test]
async fn nothing_runs_in_a_browser() {
    let Setup { router, .. } = &setup().await;
    let script = "<script>alert(1)</script>";
    for (name, kind) in [
        ("a.html", ""),
        ("a.svg", ""),
        ("b", "text/html"),
        ("c.xml", ""),
        ("d.js", "text/javascript"),
        ("e.xhtml", "application/xhtml+xml"),
        ("f.pdf", ""),
        ("g.csv", "text/xsl"),
        ("e", ""),
    ] {
        let answer = get(router, &format!("{}/content", put(router, name, kind, script).await), &[]).await;
        assert!(answer.header("content-disposition").starts_with("attachment"), "{name}");
        assert!(answer.header("content-security-policy").contains("sandbox"), "{name}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let csv = get(router, &format!("{}/content", put(router, "a.csv", "", "a\n").await), &[]).await;
    assert!(csv.header("content-disposition").starts_with("inline; filename=\"a.csv\""));
}

async fn preview(router: &Router, uri: &str) -> Value {
    get(router, &format!("{uri}/preview?rows=2"), &[]).await.json()
}

#[tokio::test]
async fn previews_are_bounded() {
    let Setup { router, world, .. } = &setup().await;
    let table =
        preview(router, &put(router, "a.csv", "", "t,x\n2024-01-01,1\n2024-01-02,2.5\n2024-01-03,3\n").await)
            .await;
    assert_eq!(
        table["columns"],
        json!([{"name": "t", "type": "time", "role": "time"}, {"name": "x", "type": "number"}])
    );
    assert_eq!((table["rows"].as_array().map(Vec::len), &table["truncated"]), (Some(2), &json!(true)));
    let binary = preview(router, &put(router, "x.bin", "", vec![0u8, 1, 2]).await).await;
    assert_eq!((&binary["kind"], &binary["hex"]), (&json!("binary"), &json!("000102")));
    // 60 MB that never sit in memory at once.
    let line = "1,2,3\n".repeat(10_000);
    let chunks: Vec<Result<_, std::io::Error>> =
        (0..1000).map(|_| Ok(bytes::Bytes::from(line.clone()))).collect();
    let options =
        UploadOptions { project: "demo".into(), name: "big.csv".into(), ..UploadOptions::default() };
    let ctx = member(world, "demo", &["uploads.*"]);
    let big = world.service.upload(&ctx, &options, futures::stream::iter(chunks)).await.expect("uploads");
    let shown = preview(router, &format!("/api/uploads/{}", big.id)).await;
    assert_eq!((shown["size"].as_u64(), shown["rows"].as_array().map(Vec::len)), (Some(60_000_000), Some(2)));
}

#[tokio::test]
async fn a_picture_of_any_size_is_only_measured() {
    let Setup { router, .. } = &setup().await;
    // A header of 50,000 × 50,000 pixels, which decoded would take 10 GB.
    let bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xc3\x50\0\0\xc3\x50\x08\x06\0\0\0".to_vec();
    let shown = preview(router, &put(router, "bomb.png", "", bomb).await).await;
    assert_eq!(
        (&shown["kind"], &shown["width"], &shown["height"]),
        (&json!("image"), &json!(50_000), &json!(50_000))
    );
}

#[tokio::test]
async fn uploads_say_their_structure() {
    let Setup { router, .. } = &setup().await;
    let table = put(router, "quakes.csv", "", "longitude,latitude,depth (km)\n13.4,52.5,10.5\n").await;
    let expected = json!([
        {"name": "longitude", "type": "number", "role": "longitude"},
        {"name": "latitude", "type": "number", "role": "latitude"},
        {"name": "depth (km)", "type": "number", "unit": "km"},
    ]);
    for _ in 0..2 {
        let shown = get(router, &table, &[]).await.json();
        assert_eq!((&shown["columns"], &shown["crs"]), (&expected, &json!("EPSG:4326")));
    }
    let points = r#"{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}},
        "features": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"mag": 4.5}}]}"#;
    let points = put(router, "points.geojson", "", points).await;
    let shown = get(router, &points, &[]).await.json();
    assert_eq!((&shown["crs"], &shown["columns"][2]["name"]), (&json!("EPSG:32633"), &json!("mag")));
    let looked = preview(router, &points).await;
    assert_eq!(
        (&looked["kind"], &looked["features"], &looked["crs"], &looked["truncated"]),
        (&json!("geojson"), &json!(1), &json!("EPSG:32633"), &json!(false))
    );
    assert_eq!(looked["value"]["features"][0]["properties"]["mag"], 4.5);
    // What replaces it is looked at anew.
    let other = "a\n1\n";
    let uri = "/api/uploads?project=demo&name=quakes.csv&replace=true";
    let replaced = send(router, Method::PUT, uri, &[], Body::from(other)).await.json();
    let shown = get(router, &format!("/api/uploads/{}", replaced["id"].as_str().expect("an id")), &[]).await;
    assert_eq!(shown.json()["columns"], json!([{"name": "a", "type": "integer"}]));
    let listed = get(router, "/api/uploads?project=demo", &[]).await.json();
    assert_eq!(listed["items"][1]["columns"][0]["name"], "a");
}

#[tokio::test]
async fn uploads_over_http_are_verified() {
    let Setup { router, .. } = &setup().await;
    let put = async |name: &str, headers: &[(&str, &str)], body: &'static str| -> Answer {
        send(
            router,
            Method::PUT,
            &format!("/api/uploads?project=demo&name={name}"),
            headers,
            Body::from(body),
        )
        .await
    };
    let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let base64 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    assert_eq!(put("a", &[("x-checksum-sha256", hello)], "hello").await.status, 201);
    assert_eq!(put("b", &[("content-digest", &format!("sha-256=:{base64}:"))], "hello").await.status, 201);
    assert_eq!(put("c", &[("digest", &format!("SHA-256={base64}"))], "hello").await.status, 201);
    let wrong = put("d", &[("x-checksum-sha256", hello)], "hallo").await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (422, "checksum_mismatch"));
    assert_eq!(put("d", &[("x-checksum-sha256", "zz")], "x").await.code(), "invalid_checksum");
    assert_eq!(put("a", &[], "x").await.status, 409);
    assert_eq!(put("a&replace=true", &[], "x").await.status, 201);
    assert_eq!(put("d", &[("content-length", "5000000001")], "x").await.code(), "upload_too_large");
    let missing = send(router, Method::PUT, "/api/uploads?project=nobody&name=a", &[], Body::from("x")).await;
    assert_eq!(missing.status, 404);
    let list = get(router, "/api/uploads?project=demo&limit=2", &[]).await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(2));
    assert!(list["next"].is_string());
}

#[tokio::test]
async fn people_get_keys_of_their_own() {
    let Setup { router, world, .. } = &setup().await;
    let ask = async |router: &Router, write: bool| {
        let body = json!({"project": "demo", "write": write, "expires_in": 600}).to_string();
        let json = [("content-type", "application/json")];
        send(router, Method::POST, "/api/storage/keys", &json, Body::from(body)).await
    };
    let key = ask(router, true).await;
    assert_eq!(key.status, 201);
    assert_eq!((&key.json()["bucket"], &key.json()["write_prefix"]), (&json!("demo"), &json!("uploads/")));
    let viewer = crate::rest::router(world, &member(world, "demo", &["*.view"]));
    assert_eq!(ask(&viewer, true).await.status, 403);
    assert!(ask(&viewer, false).await.json()["write_prefix"].is_null());
}
