//! Uploads through the service.

use crate::support::{STEPS, World, broken, chunks, collect, files, in_demo, member};
use castalia_base::{Ctx, Error, Kind};
use castalia_events::EventQuery;
use castalia_storage::{BlobConfig, Bucket, InUse, Sort, UploadFilter, UploadOptions};
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
    let page = world.service.list_uploads(&ctx, &in_demo()).await.expect("lists");
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
    assert!(service.list_uploads(&ctx, &in_demo()).await.expect("lists").items.is_empty());
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
    assert_eq!(kind(world.service.list_uploads(&stranger, &in_demo()).await.map(|_| ())), Kind::NotFound);
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

both_engines!(lists_are_narrowed_and_sorted_and_paged, STEPS, |db| async move {
    let world = World::new(db, clock(), BlobConfig::Folder);
    let ctx = member(&world, "demo", &["uploads.*"]);
    let files =
        [("b.csv", 3), ("A.csv", 1), ("c_x.png", 2), ("Ä%.csv", 3), ("a.csv.txt", 3), ("cax.json", 2)];
    for (name, size) in files {
        let options = UploadOptions { project: "demo".into(), name: name.into(), ..UploadOptions::default() };
        world.service.upload(&ctx, &options, chunks(&vec![b'1'; size])).await.expect("uploads");
    }
    // By pages of two, so that the order has to hold over them.
    let list = async |change: &dyn Fn(&mut UploadFilter)| {
        let mut filter = UploadFilter { limit: Some(2), ..in_demo() };
        change(&mut filter);
        let mut names = Vec::new();
        loop {
            let page = world.service.list_uploads(&ctx, &filter).await.expect("lists");
            names.extend(page.items.into_iter().map(|upload| upload.name));
            filter.after = page.next;
            if filter.after.is_none() {
                return names;
            }
        }
    };
    let made: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    assert_eq!(list(&|_| {}).await, made);
    let mut back = made.clone();
    back.reverse();
    assert_eq!(list(&|f| f.sort = Sort::Newest).await, back);
    let by_size = ["A.csv", "c_x.png", "cax.json", "b.csv", "Ä%.csv", "a.csv.txt"];
    assert_eq!(list(&|f| f.sort = Sort::Smallest).await, by_size);
    assert_eq!(list(&|f| f.sort = Sort::Largest).await, by_size.iter().rev().copied().collect::<Vec<_>>());
    let by_name = list(&|f| f.sort = Sort::Name).await;
    // How names compare in detail is the engine's business.
    let place = |name: &str| by_name.iter().position(|found| found == name);
    assert!(place("A.csv") < place("b.csv") && place("b.csv") < place("cax.json"), "{by_name:?}");
    assert_eq!(by_name.len(), files.len());
    let down = list(&|f| f.sort = Sort::NameDown).await;
    assert_eq!(down, by_name.into_iter().rev().collect::<Vec<_>>());
    // What LIKE would take for a pattern is text.
    assert_eq!(list(&|f| f.name = Some("C_X".into())).await, ["c_x.png"]);
    assert_eq!(list(&|f| f.name = Some("%.".into())).await, ["Ä%.csv"]);
    let of = |types: &'static [&str]| {
        move |f: &mut UploadFilter| f.media_type = types.iter().map(|&t| t.to_owned()).collect()
    };
    assert_eq!(list(&of(&["text/csv"])).await, ["b.csv", "A.csv", "Ä%.csv"]);
    assert_eq!(list(&of(&["image/", "application/json"])).await, ["c_x.png", "cax.json"]);
    assert_eq!(list(&of(&["text/*"])).await.len(), 4);
    assert_eq!(list(&of(&["video/"])).await.len(), 0);
    let wrong = UploadFilter { sort: Sort::Largest, after: Some("up_1~many".into()), ..in_demo() };
    let refused = world.service.list_uploads(&ctx, &wrong).await.map_err(|e| e.code());
    assert_eq!(refused.map(|_| ()), Err("invalid_page"));
});
