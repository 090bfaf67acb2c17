//! Real S3 clients against a real gateway: `scripts/*.py`, each a script that asserts.
//!
//! The Python with the clients is the one at `CASTALIA_TEST_S3` (`scripts/test-s3-clients` makes it and
//! `make test` sets it); without it the system's Python is tried, and what it lacks is said on stderr.

use crate::support::{STEPS, World, chunks, collect, files, in_demo, member, soon};
use axum::body::Body;
use axum::http::{Method, Request};
use castalia_base::Clock;
use castalia_storage::{BlobConfig, Credentials, S3Config, serve_gateway};
use castalia_testkit::sqlite;
use std::process::Stdio;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

fn python() -> String {
    std::env::var("CASTALIA_TEST_S3").unwrap_or_else(|_| "python3".into())
}

async fn has(module: &str) -> bool {
    let find = "import importlib.util, pathlib, sys\n\
                tool = pathlib.Path(sys.executable).with_name(sys.argv[1])\n\
                sys.exit(not (tool.exists() or importlib.util.find_spec(sys.argv[1])))";
    let probe = Command::new(python()).args(["-c", find, module]).stderr(Stdio::null()).status().await;
    let found = probe.is_ok_and(|status| status.success());
    if !found {
        assert!(
            std::env::var("CASTALIA_TEST_S3").is_err(),
            "{module} is missing from the clients' environment"
        );
        eprintln!("SKIPPED: no {module}; `make test` runs this with scripts/test-s3-clients");
    }
    found
}

/// Runs one script with everything that it needs in its environment.
async fn run_script(script: &str, module: &str, blobs: BlobConfig) {
    if !has(module).await {
        return;
    }
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), Clock::system(), blobs);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("has an address");
    let stop = CancellationToken::new();
    let server = tokio::spawn(serve_gateway(world.service.clone(), listener, stop.clone()));

    let [person, reader] = [personal_key(&world, true).await, personal_key(&world, false).await];
    let later = soon(&world.clock);
    let (process, own) = world.run("demo", 1, later, Some(200_000_000)).await;
    let (_, sibling) = world.run("demo", 1, later, None).await;
    let (_, stranger) = world.run("other", 1, later, None).await;
    let (little, small) = world.run("demo", 3, later, Some(1_000_000)).await;
    let (_, expired) = world.run("demo", 1, world.clock.now().plus_ms(-1000), None).await;
    let (gone, revoked) = world.run("demo", 1, later, None).await;
    world.revoke(&gone, 1).await;
    for (bucket, key) in
        [("demo", "uploads/in.csv"), ("demo", "logs/secret"), ("other", "uploads/theirs.csv")]
    {
        let stored = world.service.put_internal(&world.bucket(bucket), key, chunks(b"a,b\n1,2\n")).await;
        stored.expect("stores");
    }

    let mut command = Command::new(python());
    command
        .arg(format!("{}/tests/it/scripts/{script}.py", env!("CARGO_MANIFEST_DIR")))
        .env("ENDPOINT", format!("http://{address}"))
        .env("PROCESS", process.as_str())
        .env("SMALL_PREFIX", castalia_storage::version_prefix(&little, 3))
        .env("PERSON", person)
        .env("READER", reader)
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .kill_on_drop(true);
    let keys: [(&str, &Credentials); 6] = [
        ("OWN", &own),
        ("SIBLING", &sibling),
        ("STRANGER", &stranger),
        ("SMALL", &small),
        ("EXPIRED", &expired),
        ("REVOKED", &revoked),
    ];
    for (name, credentials) in keys {
        command.env(name, format!("{}:{}", credentials.access_key, credentials.secret_key));
    }
    let output = command.output().await.expect("runs");
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script} failed:\n{text}");
    eprintln!("{text}");
    if script == "person" {
        let ctx = member(&world, "demo", &["uploads.view"]);
        let page = world.service.list_uploads(&ctx, &in_demo()).await.expect("lists");
        let names: Vec<_> =
            page.items.iter().map(|u| (u.name.as_str(), u.media_type.as_str(), u.size)).collect();
        assert_eq!(names, [("by-s3/data.csv", "text/csv", 4), ("parts.bin", "application/octet-stream", 5)]);
    }
    stop.cancel();
    tokio::time::timeout(std::time::Duration::from_secs(20), server)
        .await
        .expect("ends")
        .expect("ran")
        .expect("served");
}

/// A key for a person's own client, asked for as people do.
async fn personal_key(world: &World, write: bool) -> String {
    let router = crate::rest::router(world, &member(world, "demo", &["uploads.*", "datasets.*"]));
    let body = serde_json::json!({"project": "demo", "write": write}).to_string();
    let json = [("content-type", "application/json")];
    let key =
        crate::rest::send(&router, Method::POST, "/api/storage/keys", &json, Body::from(body)).await.json();
    format!(
        "{}:{}",
        key["access_key"].as_str().expect("a key"),
        key["secret_key"].as_str().expect("a secret")
    )
}

/// Blobs in an S3 service: the gateway of another world plays that part.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blobs_can_lie_in_an_s3_service() {
    let (far_db, near_db) = (sqlite(STEPS).await, sqlite(STEPS).await);
    let far = World::new(far_db.db.clone(), Clock::system(), BlobConfig::Folder);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("has an address"));
    let server = tokio::spawn(serve_gateway(far.service.clone(), listener, CancellationToken::new()));
    let (process, keys) = far.run("demo", 1, soon(&far.clock), None).await;
    let config = S3Config {
        bucket: "demo".into(),
        prefix: format!("processes/{process}/v1"),
        endpoint: Some(endpoint),
        region: "us-east-1".into(),
        access_key: keys.access_key,
        secret_key: keys.secret_key,
    };
    let near = World::new(near_db.db.clone(), Clock::system(), BlobConfig::S3(config.clone()));
    let bucket = near.bucket("demo");
    for (key, size) in [
        ("uploads/small", 10),
        ("uploads/empty", 0),
        ("uploads/large ü%+ file", 20_000_000),
        ("uploads/small", 12),
    ] {
        let body: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
        near.service.put_internal(&bucket, key, chunks(&body)).await.expect("writes");
        let (_, bytes) = near.service.read_range(&bucket, key, None).await.expect("reads");
        assert!(collect(bytes).await == body, "{key}");
        let (_, bytes) = near.service.read_range(&bucket, key, Some((5, 9))).await.expect("reads");
        assert_eq!(collect(bytes).await, body.get(5..9).unwrap_or_default());
    }
    assert_eq!(near.service.delete_prefix(&bucket, "uploads/").await.expect("deletes"), 3);
    assert!(files(&far.folder.path().join("buckets")).is_empty());
    server.abort();
    let nowhere = World::new(
        near_db.db.clone(),
        Clock::system(),
        BlobConfig::S3(S3Config { endpoint: Some("http://127.0.0.1:9".into()), ..config }),
    );
    let error = nowhere
        .service
        .put_internal(&nowhere.bucket("demo"), "uploads/a", chunks(b"x"))
        .await
        .expect_err("nobody answers");
    assert_eq!(error.kind(), castalia_base::Kind::Unavailable);
    assert!(files(&nowhere.folder.path().join("staging")).is_empty());
    assert!(files(&near.folder.path().join("staging")).is_empty());
}

/// What is under way when a version ends does not become its output.
#[tokio::test]
async fn a_write_that_outlives_its_key_is_not_recorded() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), Clock::system(), BlobConfig::Folder);
    let (process, keys) = world.run("demo", 1, soon(&world.clock), None).await;
    let far = S3Config {
        bucket: "demo".into(),
        prefix: format!("processes/{process}/v1"),
        endpoint: None,
        region: "us-east-1".into(),
        access_key: keys.access_key.clone(),
        secret_key: keys.secret_key.clone(),
    };
    assert!(!format!("{far:?}").contains(&keys.secret_key), "secrets are never shown");
    let gateway = castalia_storage::gateway(world.service.clone());
    let (send, receive) = tokio::sync::mpsc::unbounded_channel::<Result<bytes::Bytes, std::io::Error>>();
    let body = Body::from_stream(tokio_stream(receive));
    let key = format!("processes/{process}/v1/late");
    let request = signed_put(&keys, &format!("/demo/{key}"), 4, body);
    let answer = tokio::spawn(tower::ServiceExt::oneshot(gateway, request));
    send.send(Ok("ab".into())).expect("is read");
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    world.revoke(&process, 1).await;
    send.send(Ok("cd".into())).expect("is read");
    drop(send);
    let answer = answer.await.expect("ran").expect("answers");
    assert_eq!(answer.status(), 403);
    assert_eq!(world.service.size(&world.bucket("demo"), &key).await.expect("asks"), None);
    assert!(files(world.folder.path()).is_empty());
}

fn tokio_stream<T: Send + 'static>(
    receive: tokio::sync::mpsc::UnboundedReceiver<T>,
) -> impl futures::Stream<Item = T> + Send {
    futures::stream::unfold(
        receive,
        |mut receive| async move { receive.recv().await.map(|item| (item, receive)) },
    )
}

/// A PUT with an unsigned payload, signed as SigV4 says (AWS General Reference, “Signing AWS API requests”).
fn signed_put(keys: &Credentials, path: &str, length: usize, body: Body) -> Request<Body> {
    use hmac::{Hmac, Mac};
    use sha2::{Digest, Sha256};
    let now = castalia_base::Clock::system().now().to_string().replace(['-', ':'], "");
    let (day, stamp) = (now[..8].to_owned(), format!("{}Z", &now[..15]));
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let names = "host;x-amz-content-sha256;x-amz-date";
    let canonical = format!(
        "PUT\n{path}\n\nhost:test\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:{stamp}\n\n{names}\nUNSIGNED-PAYLOAD"
    );
    let scope = format!("{day}/us-east-1/s3/aws4_request");
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    let first = mac(format!("AWS4{}", keys.secret_key).as_bytes(), &day);
    let key = ["us-east-1", "s3", "aws4_request"].iter().fold(first, |key, part| mac(&key, part));
    let signature = hex::encode(mac(&key, &to_sign));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        keys.access_key
    );
    Request::put(path)
        .header("host", "test")
        .header("content-length", length)
        .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        .header("x-amz-date", stamp)
        .header("authorization", authorization)
        .body(body)
        .expect("a request")
}

macro_rules! scripts {
    ($($name:ident: $script:literal needs $module:literal on $blobs:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            run_script($script, $module, $blobs).await;
        }
    )*};
}

scripts! {
    a_persons_key_works: "person" needs "boto3" on BlobConfig::Folder;
    boto3_reads_and_writes: "boto_works" needs "boto3" on BlobConfig::Folder;
    boto3_on_a_remote_store: "boto_works" needs "boto3" on BlobConfig::Memory;
    boto3_is_refused: "boto_refused" needs "boto3" on BlobConfig::Folder;
    raw_requests_are_refused: "raw_refused" needs "botocore" on BlobConfig::Folder;
    s3fs_works: "s3fs_works" needs "s3fs" on BlobConfig::Folder;
    aws_cli_works: "aws_cli" needs "awscli" on BlobConfig::Folder;
    rclone_works: "rclone_works" needs "rclone" on BlobConfig::Folder;
}
