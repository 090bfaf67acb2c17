//! Resumable uploads by the tus protocol.

use crate::rest::{Answer, get, router, send};
use crate::support::{STEPS, World, broken, files, member};
use axum::Router;
use axum::body::Body;
use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use castalia_storage::BlobConfig;
use castalia_testkit::{both_engines, clock, sqlite};
use sha2::{Digest, Sha256};

const V: (&str, &str) = ("tus-resumable", "1.0.0");

async fn begin(router: &Router, name: &str, size: usize, more: &str) -> Answer {
    let size = size.to_string();
    let said = format!("filename {}{more}", STANDARD.encode(name));
    let headers = [V, ("upload-length", size.as_str()), ("upload-metadata", said.as_str())];
    send(router, Method::POST, "/api/uploads?project=demo", &headers, Body::empty()).await
}

fn place(begun: &Answer) -> String {
    assert_eq!(begun.status, 201, "{}", String::from_utf8_lossy(&begun.body));
    format!("/api/{}", begun.header("location"))
}

async fn patch(router: &Router, uri: &str, offset: usize, more: &[(&str, &str)], body: Body) -> Answer {
    let offset = offset.to_string();
    let mut headers =
        vec![V, ("content-type", "application/offset+octet-stream"), ("upload-offset", offset.as_str())];
    headers.extend(more);
    send(router, Method::PATCH, uri, &headers, body).await
}

async fn offset(router: &Router, uri: &str) -> String {
    let answer = send(router, Method::HEAD, uri, &[V], Body::empty()).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    answer.header("upload-offset").to_owned()
}

both_engines!(an_upload_goes_on_after_breaks_and_restarts, STEPS, |db| async move {
    let mut world = World::new(db, clock(), BlobConfig::Folder);
    let ctx = member(&world, "demo", &["uploads.*"]);
    let body: Vec<u8> = (0..3000u32).map(|n| (n % 256) as u8).collect();
    let sum = format!(",sha256 {}", STANDARD.encode(hex::encode(Sha256::digest(&body))));
    let uri = place(&begin(&router(&world, &ctx), "big.bin", body.len(), &sum).await);
    assert_eq!(
        patch(&router(&world, &ctx), &uri, 0, &[], Body::from(body[..1000].to_vec())).await.status,
        204
    );
    // The connection breaks in the middle of a chunk: what came stays.
    let half = Body::from_stream(broken(&body[1000..1500]));
    assert_eq!(patch(&router(&world, &ctx), &uri, 1000, &[], half).await.code(), "broken_body");
    world.service = world.restart();
    let router = router(&world, &ctx);
    assert_eq!(offset(&router, &uri).await, "1500");
    assert_eq!(get(&router, &uri, &[]).await.status, 404, "nothing is visible before the end");
    assert_eq!(patch(&router, &uri, 1000, &[], Body::from("x")).await.code(), "offset_mismatch");
    let too_much = patch(&router, &uri, 1500, &[], Body::from(vec![0; 1501])).await;
    assert_eq!(too_much.status, 413);
    let end = patch(&router, &uri, 1500, &[], Body::from(body[1500..].to_vec())).await;
    assert_eq!((end.status.as_u16(), end.header("upload-offset")), (204, "3000"));
    let upload = get(&router, &uri, &[]).await.json();
    assert_eq!((upload["name"].as_str(), upload["size"].as_u64()), (Some("big.bin"), Some(3000)));
    assert_eq!(get(&router, &format!("{uri}/content"), &[]).await.body, body);
    assert_eq!(offset(&router, &uri).await, "3000");
    assert!(files(&world.folder.path().join("staging")).is_empty());
});

#[tokio::test]
async fn bytes_that_came_just_before_a_crash_are_completed_when_asked_for() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let router = router(&world, &member(&world, "demo", &["uploads.*"]));
    let uri = place(&begin(&router, "a.txt", 5, "").await);
    let id = uri.rsplit('/').next().expect("an id");
    // The server died between the last byte and the row.
    std::fs::write(world.folder.path().join("staging/uploads").join(id), b"hello").expect("writes");
    assert_eq!(offset(&router, &uri).await, "5");
    assert_eq!(get(&router, &format!("{uri}/content"), &[]).await.body, b"hello");
}

#[tokio::test]
async fn checksums_of_chunks_and_of_the_whole_are_demanded() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let router = router(&world, &member(&world, "demo", &["uploads.*"]));
    let uri = place(&begin(&router, "a.txt", 10, "").await);
    let wrong = format!("sha1 {}", STANDARD.encode([0; 20]));
    let answer = patch(&router, &uri, 0, &[("upload-checksum", &wrong)], Body::from("hello")).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (460, "checksum_mismatch"));
    assert_eq!(offset(&router, &uri).await, "0", "a chunk with a wrong checksum does not count");
    // The example of the protocol's own text: SHA-1 of "hello world".
    let right = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=";
    let uri = place(&begin(&router, "b.txt", 11, "").await);
    assert_eq!(
        patch(&router, &uri, 0, &[("upload-checksum", right)], Body::from("hello world")).await.status,
        204
    );
    let answer = patch(&router, &uri, 0, &[("upload-checksum", "crc32 AAAA")], Body::from("x")).await;
    assert_eq!(answer.code(), "invalid_checksum");
    let sum = format!(",sha256 {}", STANDARD.encode("00".repeat(32)));
    let uri = place(&begin(&router, "c.txt", 1, &sum).await);
    assert_eq!(patch(&router, &uri, 0, &[], Body::from("x")).await.status, 460);
    assert_eq!(
        send(&router, Method::HEAD, &uri, &[V], Body::empty()).await.status,
        404,
        "it can't become right any more"
    );
}

#[tokio::test]
async fn the_protocol_says_what_it_can_and_refuses_the_rest() {
    let test = sqlite(STEPS).await;
    let world = World::with(test.db.clone(), clock(), |config| config.max_upload_bytes = 1000);
    let router = router(&world, &member(&world, "demo", &["uploads.*"]));
    let options = send(&router, Method::OPTIONS, "/api/uploads", &[], Body::empty()).await;
    assert_eq!((options.header("tus-version"), options.header("tus-max-size")), ("1.0.0", "1000"));
    assert!(options.header("tus-extension").contains("termination"));
    let old = send(
        &router,
        Method::POST,
        "/api/uploads?project=demo",
        &[("tus-resumable", "0.2.2")],
        Body::empty(),
    )
    .await;
    assert_eq!((old.status.as_u16(), old.header("tus-version")), (412, "1.0.0"));
    assert_eq!(begin(&router, "a", 1001, "").await.code(), "upload_too_large");
    world.set_quota("demo", Some(500));
    assert_eq!(begin(&router, "a", 501, "").await.code(), "quota_exceeded");
    let uri = place(&begin(&router, "a", 400, "").await);
    assert_eq!(begin(&router, "b", 200, "").await.code(), "quota_exceeded", "announced bytes count");
    let plain = send(&router, Method::PATCH, &uri, &[V, ("upload-offset", "0")], Body::from("x")).await;
    assert_eq!(plain.status, 415);
    assert_eq!(send(&router, Method::DELETE, &uri, &[V], Body::empty()).await.status, 204);
    assert_eq!(send(&router, Method::HEAD, &uri, &[V], Body::empty()).await.status, 404);
    let empty = place(&begin(&router, "empty", 0, "").await);
    assert_eq!(get(&router, &empty, &[]).await.json()["size"], 0);
    assert_eq!(begin(&router, "empty", 1, "").await.code(), "upload_exists");
    let bad = send(&router, Method::HEAD, "/api/uploads/..%2f..%2fetc", &[V], Body::empty()).await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn abandoned_uploads_expire() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let ctx = member(&world, "demo", &["uploads.*"]);
    let router = router(&world, &ctx);
    let begun = begin(&router, "a", 10, "").await;
    assert_eq!(begun.header("upload-expires"), "Tue, 25 Nov 2025 16:00:00 GMT");
    let uri = place(&begun);
    assert_eq!(patch(&router, &uri, 0, &[], Body::from("hello")).await.status, 204);
    world.service.sweep().await.expect("sweeps");
    assert_eq!(files(&world.folder.path().join("staging")).len(), 1);
    world.clock.advance_ms(25 * 3_600_000);
    world.service.sweep().await.expect("sweeps");
    assert!(files(&world.folder.path().join("staging")).is_empty());
    assert_eq!(send(&router, Method::HEAD, &uri, &[V], Body::empty()).await.status, 404);
}
