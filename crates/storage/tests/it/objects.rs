//! Objects below the surface: links, crashes, the sweep.

use crate::support::{STEPS, World, chunks, collect, files, member, soon};
use castalia_base::Kind;
use castalia_db::{Sql, params};
use castalia_storage::{BlobConfig, UploadOptions};
use castalia_testkit::{both_engines, clock, sqlite};
use std::path::Path;
use std::time::{Duration, SystemTime};

fn make_old(path: &Path) {
    let long_ago = SystemTime::now() - Duration::from_secs(7200);
    std::fs::File::options()
        .append(true)
        .open(path)
        .and_then(|f| f.set_modified(long_ago))
        .expect("sets the time");
}

both_engines!(internal_objects_are_written_read_and_removed, STEPS, |db| async move {
    let world = World::new(db, clock(), BlobConfig::Folder);
    let bucket = world.bucket("demo");
    for n in 0..5 {
        let key = format!("logs/proc_1/v1/{n}");
        world.service.put_internal(&bucket, &key, chunks(&[n; 3000])).await.expect("writes");
    }
    world.service.put_internal(&bucket, "logs/proc_1/v11/0", chunks(b"other")).await.expect("writes");
    assert_eq!(world.service.size(&bucket, "logs/proc_1/v1/3").await.expect("asks"), Some(3000));
    assert_eq!(world.service.size(&bucket, "logs/proc_1/v1/9").await.expect("asks"), None);
    let (object, bytes) =
        world.service.read_range(&bucket, "logs/proc_1/v1/3", Some((2990, 9999))).await.expect("reads");
    assert_eq!((object.size, collect(bytes).await), (3000, vec![3; 10]));
    assert_eq!(world.service.delete_prefix(&bucket, "logs/proc_1/v1/").await.expect("deletes"), 5);
    assert_eq!(world.service.size(&bucket, "logs/proc_1/v11/0").await.expect("asks"), Some(5));
    assert_eq!(
        world.service.delete_prefix(&bucket, "logs/../x").await.expect_err("refuses").code(),
        "invalid_key"
    );
});

#[tokio::test]
async fn symbolic_links_lead_nowhere() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let bucket = world.bucket("demo");
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::write(outside.path().join("secret"), b"secret").expect("writes");
    world.service.put_internal(&bucket, "uploads/d/a", chunks(b"123456")).await.expect("writes");
    world.service.put_internal(&bucket, "uploads/b", chunks(b"123456")).await.expect("writes");
    let folder = world.folder.path().join("buckets/demo/uploads");
    std::fs::remove_file(folder.join("b")).expect("removes");
    std::os::unix::fs::symlink(outside.path().join("secret"), folder.join("b")).expect("links");
    std::fs::remove_dir_all(folder.join("d")).expect("removes");
    std::os::unix::fs::symlink(outside.path(), folder.join("d")).expect("links");
    for key in ["uploads/b", "uploads/d/a", "uploads/d/secret"] {
        let error = world.service.read_range(&bucket, key, None).await.err().expect("refuses");
        assert_eq!(error.kind(), Kind::NotFound, "{key}");
    }
    // Writing through a linked folder is refused; a link in a file's place is replaced, not followed.
    let error =
        world.service.put_internal(&bucket, "uploads/d/evil", chunks(b"x")).await.expect_err("refuses");
    assert_eq!(error.code(), "key_conflict");
    world.service.put_internal(&bucket, "uploads/b", chunks(b"new")).await.expect("writes");
    assert_eq!(std::fs::read(outside.path().join("secret")).expect("reads"), b"secret");
    assert_eq!(files(outside.path()), ["secret"]);
}

#[tokio::test]
async fn a_file_changed_from_outside_is_not_served_as_the_object() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let bucket = world.bucket("demo");
    world.service.put_internal(&bucket, "uploads/a", chunks(b"123456")).await.expect("writes");
    std::fs::write(world.folder.path().join("buckets/demo/uploads/a"), b"12").expect("writes");
    let error = world.service.read_range(&bucket, "uploads/a", None).await.err().expect("refuses");
    assert_eq!(error.kind(), Kind::Internal);
}

both_engines!(the_sweep_removes_garbage_and_nothing_else, STEPS, |db| async move {
    let world = World::new(db, clock(), BlobConfig::Folder);
    let bucket = world.bucket("demo");
    world.service.put_internal(&bucket, "uploads/kept", chunks(b"x")).await.expect("writes");
    let folder = world.folder.path();
    let uploads = folder.join("buckets/demo/uploads");
    std::fs::write(uploads.join("orphan"), b"x").expect("writes");
    std::fs::write(uploads.join("young"), b"x").expect("writes");
    std::fs::write(folder.join("staging/new/tmp_old"), b"x").expect("writes");
    std::fs::write(folder.join("staging/parts/part_old"), b"x").expect("writes");
    std::fs::create_dir_all(folder.join("buckets/nobody/uploads")).expect("makes");
    std::fs::write(folder.join("buckets/nobody/uploads/a"), b"x").expect("writes");
    for path in [
        "buckets/demo/uploads/kept",
        "buckets/demo/uploads/orphan",
        "buckets/nobody/uploads/a",
        "staging/new/tmp_old",
        "staging/parts/part_old",
    ] {
        make_old(&folder.join(path));
    }
    world.restart().sweep().await.expect("sweeps");
    assert_eq!(files(&folder.join("buckets")), ["a", "kept", "young"]);
    assert!(files(&folder.join("staging")).is_empty());
});

#[tokio::test]
async fn an_overwrite_that_was_cut_off_is_settled_by_the_row() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let bucket = world.bucket("demo");
    let old = world.service.put_internal(&bucket, "uploads/a", chunks(b"old")).await.expect("writes");
    // The server died after the rename and before the row: the old blob lies aside, the new one in place.
    let undo = world.folder.path().join("staging/undo");
    let note = |etag: &str| format!(r#"{{"bucket":"demo","key":"uploads/a","new_etag":"{etag}"}}"#);
    std::fs::write(undo.join("undo_1.blob"), b"old").expect("writes");
    std::fs::write(undo.join("undo_1.json"), note("etag-of-new")).expect("writes");
    std::fs::write(world.folder.path().join("buckets/demo/uploads/a"), b"new").expect("writes");
    let service = world.restart();
    service.recover().await.expect("recovers");
    let (_, bytes) = service.read_range(&bucket, "uploads/a", None).await.expect("reads");
    assert_eq!(collect(bytes).await, b"old");
    // It died after the row: what lies aside is of no use any more.
    std::fs::write(undo.join("undo_2.blob"), b"older").expect("writes");
    std::fs::write(undo.join("undo_2.json"), note(&old.etag)).expect("writes");
    service.sweep().await.expect("recovers too");
    let (_, bytes) = service.read_range(&bucket, "uploads/a", None).await.expect("reads");
    assert_eq!(collect(bytes).await, b"old");
    assert!(files(&undo).is_empty());
}

#[tokio::test]
async fn a_write_that_can_not_be_recorded_changes_nothing() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Folder);
    let bucket = world.bucket("demo");
    world.service.put_internal(&bucket, "uploads/a", chunks(b"old")).await.expect("writes");
    // The database refuses the row: the trigger stands for a full disk.
    let mut tx = world.db.begin().await.expect("begins");
    let trigger = "CREATE TRIGGER refuse BEFORE UPDATE ON objects BEGIN SELECT RAISE(ABORT, 'full'); END";
    tx.execute(trigger, params![]).await.expect("makes");
    let trigger = "CREATE TRIGGER refuse2 BEFORE INSERT ON objects WHEN NEW.key = 'uploads/b' BEGIN SELECT RAISE(ABORT, 'full'); END";
    tx.execute(trigger, params![]).await.expect("makes");
    tx.commit().await.expect("commits");
    world.service.put_internal(&bucket, "uploads/a", chunks(b"newer")).await.expect_err("fails");
    world.service.put_internal(&bucket, "uploads/b", chunks(b"new")).await.expect_err("fails");
    let (_, bytes) = world.service.read_range(&bucket, "uploads/a", None).await.expect("reads");
    assert_eq!(collect(bytes).await, b"old");
    assert_eq!(files(world.folder.path()), ["a"]);
}

both_engines!(credentials_are_opaque_and_die, STEPS, |db| async move {
    let world = World::new(db, clock(), BlobConfig::Folder);
    let (process, credentials) = world.run("demo", 1, soon(&world.clock), None).await;
    assert_eq!((credentials.access_key.len(), credentials.secret_key.len()), (20, 40));
    assert!(credentials.access_key.starts_with("CAS"));
    assert!(!format!("{credentials:?}").contains(&credentials.secret_key));
    world.revoke(&process, 1).await;
    let reader = &mut world.db.read();
    let row = reader.fetch_one("SELECT * FROM storage_credentials", params![]).await.expect("finds");
    assert!(row.opt_time("revoked_at").expect("reads").is_some());
    world.clock.advance_ms(30 * 86_400_000);
    world.service.sweep().await.expect("sweeps");
    let rows =
        world.db.read().fetch_all("SELECT * FROM storage_credentials", params![]).await.expect("lists");
    assert!(rows.is_empty());
});

#[tokio::test]
async fn a_remote_store_holds_uploads_of_any_size() {
    let test = sqlite(STEPS).await;
    let world = World::new(test.db.clone(), clock(), BlobConfig::Memory);
    let ctx = member(&world, "demo", &["uploads.*"]);
    for (name, size) in [("small", 10), ("empty", 0), ("large", 20_000_000)] {
        let body: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
        let options = UploadOptions { project: "demo".into(), name: name.into(), ..UploadOptions::default() };
        let upload = world.service.upload(&ctx, &options, chunks(&body)).await.expect("uploads");
        let (_, bytes) =
            world.service.read_range(&world.bucket("demo"), &upload.key, None).await.expect("reads");
        assert!(collect(bytes).await == body, "{name}");
    }
}

both_engines!(the_used_bytes_are_those_of_the_objects, STEPS, |db| async move {
    let world = World::new(db, clock(), BlobConfig::Folder);
    let bucket = world.bucket("demo");
    let work = (0..40u8).map(|n| {
        let (service, bucket) = (world.service.clone(), bucket.clone());
        tokio::spawn(async move {
            let key = format!("uploads/{}", n % 7);
            match n % 3 {
                0 => drop(service.delete_prefix(&bucket, "uploads/3/").await),
                _ => drop(service.put_internal(&bucket, &key, chunks(&vec![n; 100 + usize::from(n)])).await),
            }
        })
    });
    futures::future::join_all(work).await;
    world.service.delete_prefix(&bucket, "logs/").await.expect("deletes");
    let reader = &mut world.db.read();
    let sum = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS n FROM objects";
    let sum = reader.fetch_one(sum, params![]).await.expect("sums").int("n").expect("a number");
    let used = reader.fetch_one("SELECT bytes FROM bucket_usage", params![]).await.expect("finds");
    assert_eq!(used.int("bytes").expect("a number"), sum);
    world.service.delete_prefix(&bucket, "uploads/").await.expect("deletes");
    let used = world.db.read().fetch_one("SELECT bytes FROM bucket_usage", params![]).await.expect("finds");
    assert_eq!(used.int("bytes").expect("a number"), 0);
});
