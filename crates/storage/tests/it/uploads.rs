//! Uploads through the service.

use crate::support::{STEPS, World, broken, chunks, collect, files, member};
use castalia_base::{Ctx, Error, Kind};
use castalia_events::EventQuery;
use castalia_storage::{BlobConfig, Bucket, InUse, UploadOptions};
use castalia_testkit::{both_engines, clock, sqlite};
use sha2::{Digest, Sha256};
use std::sync::Arc;

fn options(name: &str) -> UploadOptions {
    UploadOptions { project: "demo".into(), name: name.into(), ..UploadOptions::default() }
}

fn all(world: &World) -> Ctx {
    member(world, "demo", &["uploads.*", "datasets.*"])
}

both_engines!(an_upload_comes_back_byte_for_byte, STEPS, |db| async move {
    let world = World::new(db, clock(), BlobConfig::Folder);
    let ctx = all(&world);
    let body: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    let upload = world.service.upload(&ctx, &options("a/ü.csv"), chunks(&body)).await.expect("uploads");
    assert_eq!((upload.size, upload.media_type.as_str()), (400_000, "text/csv"));
    assert_eq!(upload.sha256, hex::encode(Sha256::digest(&body)));
    assert_eq!(world.service.get_upload(&ctx, upload.id.as_str()).await.expect("finds"), upload);
    let (_, bytes) = world.service.read_range(&world.bucket("demo"), &upload.key, None).await.expect("reads");
    assert_eq!(collect(bytes).await, body);
    let (_, bytes) =
        world.service.read_range(&world.bucket("demo"), &upload.key, Some((4, 8))).await.expect("reads");
    assert_eq!(collect(bytes).await, 1u32.to_le_bytes());
    let page = world.service.list_uploads(&ctx, "demo", None, 10).await.expect("lists");
    assert_eq!(page.items, [upload]);
    let events = castalia_events::list(&world.db, &EventQuery::default()).await.expect("lists");
    assert_eq!(events.items[0].kind, "upload.created");
});

both_engines!(a_name_is_taken_once_unless_replaced, STEPS, |db| async move {
    let world = World::new(db, clock(), BlobConfig::Folder);
    let ctx = all(&world);
    let first = world.service.upload(&ctx, &options("a"), chunks(b"1")).await.expect("uploads");
    let error = world.service.upload(&ctx, &options("a"), chunks(b"2")).await.expect_err("taken");
    assert_eq!((error.kind(), error.code()), (Kind::Conflict, "upload_exists"));
    let again = UploadOptions { replace: true, ..options("a") };
    let second = world.service.upload(&ctx, &again, chunks(b"22")).await.expect("replaces");
    assert_ne!(first.id, second.id, "what was made from the old bytes must not point to the new ones");
    assert!(world.service.get_upload(&ctx, first.id.as_str()).await.is_err());
    let found = world.service.resolve(&ctx, &second.project, "upload:a").await.expect("resolves");
    assert_eq!((found.id.as_str(), found.size), (second.id.as_str(), 2));
});

both_engines!(racing_uploads_of_one_name_have_one_winner, STEPS, |db| async move {
    let world = World::new(db, clock(), BlobConfig::Folder);
    let ctx = all(&world);
    let tries = (0..8).map(|n| {
        let (service, ctx) = (world.service.clone(), ctx.clone());
        tokio::spawn(async move { service.upload(&ctx, &options("a"), chunks(&vec![n; 5000])).await })
    });
    let outcomes = futures::future::join_all(tries).await;
    let won: Vec<_> = outcomes.into_iter().filter_map(|o| o.expect("ran").ok()).collect();
    assert_eq!(won.len(), 1);
    let (object, bytes) =
        world.service.read_range(&world.bucket("demo"), "uploads/a", None).await.expect("reads");
    assert_eq!(object.sha256, hex::encode(Sha256::digest(collect(bytes).await)));
    assert_eq!(object.sha256, won[0].sha256);
});

#[tokio::test]
async fn what_is_wrong_leaves_nothing() {
    let test = sqlite(STEPS).await;
    let world = World::with(test.db.clone(), clock(), |config| config.max_upload_bytes = 10_000);
    let ctx = all(&world);
    let service = &world.service;
    let code = |result: Result<_, Error>| {
        result.map(|u: castalia_storage::Upload| u.id).expect_err("refused").code()
    };
    assert_eq!(code(service.upload(&ctx, &options("a"), broken(b"half")).await), "broken_body");
    assert_eq!(code(service.upload(&ctx, &options("a"), chunks(&[0; 10_001])).await), "upload_too_large");
    let announced = UploadOptions { size: Some(5_000_000_000), ..options("a") };
    // At once: the body is never asked for.
    assert_eq!(
        code(service.upload(&ctx, &announced, futures::stream::pending::<Result<_, std::io::Error>>()).await),
        "upload_too_large"
    );
    let short = UploadOptions { size: Some(9), ..options("a") };
    assert_eq!(code(service.upload(&ctx, &short, chunks(b"12345678")).await), "broken_body");
    let sum = UploadOptions { sha256: Some("00".repeat(32)), ..options("a") };
    assert_eq!(code(service.upload(&ctx, &sum, chunks(b"x")).await), "checksum_mismatch");
    world.set_quota("demo", Some(1000));
    let error = service.upload(&ctx, &options("a"), chunks(&[0; 1001])).await.expect_err("over quota");
    assert_eq!((error.kind(), error.code()), (Kind::TooLarge, "quota_exceeded"));
    assert!(error.detail().starts_with("0 of 1000 bytes are used"));
    for name in ["", "../x", "a//b", "a\0"] {
        assert_eq!(code(service.upload(&ctx, &options(name), chunks(b"x")).await), "invalid_key");
    }
    let typed = UploadOptions { media_type: Some("text/html\r\nX: y".into()), ..options("a") };
    assert_eq!(code(service.upload(&ctx, &typed, chunks(b"x")).await), "invalid_media_type");
    assert!(service.list_uploads(&ctx, "demo", None, 10).await.expect("lists").items.is_empty());
    assert!(files(world.folder.path()).is_empty(), "{:?}", files(world.folder.path()));
    service.upload(&ctx, &options("a"), chunks(&[0; 1000])).await.expect("fits exactly");
}

#[tokio::test]
async fn a_full_quota_holds_under_concurrency() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    world.set_quota("demo", Some(3500));
    let ctx = all(&world);
    let tries = (0..8).map(|n| {
        let (service, ctx) = (world.service.clone(), ctx.clone());
        tokio::spawn(async move { service.upload(&ctx, &options(&n.to_string()), chunks(&[1; 1000])).await })
    });
    let outcomes = futures::future::join_all(tries).await;
    assert_eq!(outcomes.into_iter().filter(|o| o.as_ref().is_ok_and(Result::is_ok)).count(), 3);
    assert_eq!(files(&world.folder.path().join("buckets")).len(), 3, "refused blobs are gone");
}

#[tokio::test]
async fn members_do_what_their_permissions_say() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let upload = world.service.upload(&all(&world), &options("a"), chunks(b"x")).await.expect("uploads");
    let viewer = member(&world, "demo", &["uploads.view"]);
    let stranger = member(&world, "other", &["*"]);
    world.service.get_upload(&viewer, upload.id.as_str()).await.expect("sees");
    let kind = |result: Result<(), Error>| result.expect_err("refused").kind();
    assert_eq!(kind(world.service.delete_upload(&viewer, upload.id.as_str()).await), Kind::Forbidden);
    assert_eq!(kind(world.service.delete_upload(&stranger, upload.id.as_str()).await), Kind::NotFound);
    let denied = world.service.upload(&viewer, &options("b"), chunks(b"x")).await;
    assert_eq!(kind(denied.map(|_| ())), Kind::Forbidden);
    let denied = world.service.upload(&stranger, &options("b"), chunks(b"x")).await;
    assert_eq!(kind(denied.map(|_| ())), Kind::NotFound);
    assert_eq!(
        kind(world.service.list_uploads(&stranger, "demo", None, 9).await.map(|_| ())),
        Kind::NotFound
    );
}

struct Busy;

#[async_trait::async_trait]
impl InUse for Busy {
    async fn in_use(&self, _: &castalia_base::id::ProjectId, _: &str) -> Result<Option<String>, Error> {
        Ok(Some("version 2 of process fft is running".into()))
    }
}

#[tokio::test]
async fn what_a_running_version_needs_stays() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let ctx = all(&world);
    let upload = world.service.upload(&ctx, &options("a"), chunks(b"x")).await.expect("uploads");
    world.service.set_in_use(Arc::new(Busy));
    let error = world.service.delete_upload(&ctx, upload.id.as_str()).await.expect_err("in use");
    assert!(error.code() == "in_use" && error.detail().contains("version 2 of process fft"));
    let again = UploadOptions { replace: true, ..options("a") };
    assert_eq!(world.service.upload(&ctx, &again, chunks(b"y")).await.expect_err("in use").code(), "in_use");
    let free = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let _: Bucket = free.bucket("demo");
}

#[tokio::test]
async fn deleting_removes_the_bytes_and_empty_folders() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let ctx = all(&world);
    let upload = world.service.upload(&ctx, &options("deep/er/a"), chunks(b"x")).await.expect("uploads");
    assert!(world.folder.path().join("buckets/demo/uploads/deep/er/a").is_file());
    world.service.delete_upload(&ctx, upload.id.as_str()).await.expect("deletes");
    assert!(!world.folder.path().join("buckets/demo/uploads").exists());
    assert_eq!(
        world.service.delete_upload(&ctx, upload.id.as_str()).await.expect_err("gone").kind(),
        Kind::NotFound
    );
}
