//! Datasets, references and lineage through the service.

use crate::support::{STEPS, World, chunks, member};
use castalia_base::id::ProcessId;
use castalia_base::{Ctx, Error, Kind};
use castalia_storage::{
    BlobConfig, Dataset, DatasetFilter, InputRef, Service, UploadOptions, version_prefix,
};
use castalia_testkit::{both_engines, clock};

fn all(world: &World) -> Ctx {
    member(world, "demo", &["uploads.*", "datasets.*"])
}

/// Writes files as a version and collects them.
async fn make(
    world: &World,
    process: &ProcessId,
    names: &[&str],
    inputs: &[InputRef],
    partial: bool,
) -> Vec<Dataset> {
    let bucket = world.bucket("demo");
    for name in names {
        let key = format!("{}{name}", version_prefix(process, 1));
        world.service.put_internal(&bucket, &key, chunks(name.as_bytes())).await.expect("writes");
    }
    let mut tx = world.db.begin().await.expect("begins");
    let made = world
        .service
        .collect_outputs(&mut tx, &bucket.project, (process, "spectrum"), 1, inputs, partial)
        .await;
    let made = made.expect("collects");
    castalia_events::append(&mut tx, &all(world), Service::dataset_events(&made)).await.expect("appends");
    tx.commit().await.expect("commits");
    made
}

both_engines!(outputs_become_datasets_once, STEPS, |db| async move {
    let world = World::new(db, clock(), BlobConfig::Folder);
    let process = ProcessId::fresh();
    let first = make(&world, &process, &["spectrum.csv", "plots/a.png"], &[], false).await;
    let names: Vec<_> = first.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["plots/a.png", "spectrum.csv"]);
    assert_eq!(first[0].process_name.as_deref(), Some("spectrum"));
    let again = make(&world, &process, &["spectrum.csv"], &[], false).await;
    assert_eq!(first, again, "collecting again keeps the ids");
    let ctx = all(&world);
    let filter = DatasetFilter {
        project: "demo".into(),
        process: Some(process.to_string()),
        ..DatasetFilter::default()
    };
    let page = world.service.list_datasets(&ctx, &filter).await.expect("lists");
    assert_eq!(page.items.len(), 2);
    let none = DatasetFilter { version: Some(2), ..filter };
    assert!(world.service.list_datasets(&ctx, &none).await.expect("lists").items.is_empty());
    let stranger = member(&world, "other", &["*"]);
    let error = world.service.get_dataset(&stranger, first[0].id.as_str()).await.expect_err("refuses");
    assert_eq!(error.kind(), Kind::NotFound);
});

both_engines!(references_stay_inside_their_project, STEPS, |db| async move {
    let world = World::new(db, clock(), BlobConfig::Folder);
    let (ctx, demo, other) = (all(&world), world.bucket("demo").project, world.bucket("other").project);
    let process = ProcessId::fresh();
    let made = make(&world, &process, &["x"], &[], false).await.remove(0);
    let reference = format!("dataset:{}", made.id);
    let found = world.service.resolve(&ctx, &demo, &reference).await.expect("resolves");
    assert_eq!(found.producer, Some((process, 1)));
    assert_eq!((found.key, found.size), (made.key, 1));
    let code = |result: Result<_, Error>| {
        result.map(|_: castalia_storage::ResolvedInput| ()).expect_err("refused").code()
    };
    assert_eq!(code(world.service.resolve_in(&other, &reference).await), "not_found");
    let stranger = member(&world, "other", &["*"]);
    assert_eq!(code(world.service.resolve(&stranger, &demo, &reference).await), "not_found");
    assert_eq!(code(world.service.resolve(&ctx, &demo, "upload:nothing").await), "not_found");
    assert_eq!(code(world.service.resolve(&ctx, &demo, "dataset:../../x").await), "not_found");
    assert_eq!(code(world.service.resolve(&ctx, &demo, "file:///etc/passwd").await), "invalid_reference");
    let partial = make(&world, &ProcessId::fresh(), &["y"], &[], true).await.remove(0);
    let reference = format!("dataset:{}", partial.id);
    let error = world.service.resolve(&ctx, &demo, &reference).await.expect_err("partial");
    assert!(error.code() == "partial_dataset" && error.detail().contains("ended before it was done"));
});

both_engines!(lineage_goes_both_ways, STEPS, |db| async move {
    let world = World::new(db, clock(), BlobConfig::Folder);
    let ctx = all(&world);
    let options = UploadOptions { project: "demo".into(), name: "in.csv".into(), ..UploadOptions::default() };
    let upload = world.service.upload(&ctx, &options, chunks(b"a")).await.expect("uploads");
    let project = world.bucket("demo").project;
    let input = world.service.resolve(&ctx, &project, "upload:in.csv").await.expect("resolves").input_ref();
    let first = make(&world, &ProcessId::fresh(), &["one"], &[input], false).await.remove(0);
    let reference = format!("dataset:{}", first.id);
    let input = world.service.resolve(&ctx, &project, &reference).await.expect("resolves").input_ref();
    let second = make(&world, &ProcessId::fresh(), &["two", "three"], &[input], false).await;

    let lineage = world.service.lineage(&ctx, first.id.as_str()).await.expect("finds");
    assert_eq!((lineage.nodes.len(), lineage.edges.len(), lineage.truncated), (4, 3, false));
    let detail = world.service.get_dataset(&ctx, second[0].id.as_str()).await.expect("finds");
    assert_eq!(detail.inputs[0].id, first.id.as_str());

    let error =
        world.service.delete_dataset(&ctx, first.id.as_str(), false).await.expect_err("has descendants");
    assert_eq!(error.code(), "has_descendants");
    world.service.delete_dataset(&ctx, first.id.as_str(), true).await.expect("is forced");
    world.service.delete_upload(&ctx, upload.id.as_str()).await.expect("deletes");
    let lineage = world.service.lineage(&ctx, second[0].id.as_str()).await.expect("finds");
    let gone: Vec<_> = lineage.nodes.iter().filter(|n| n.gone).map(|n| n.name.as_str()).collect();
    assert_eq!(gone, ["one"], "a deleted input is remembered by its name");
    assert_eq!(world.service.size(&world.bucket("demo"), &first.key).await.expect("asks"), None);
});
