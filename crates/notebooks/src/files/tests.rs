use super::ground::{Big, Ground};
use super::place::{InFolder, Place};
use super::*;
use crate::document::{Cell, CellKind, Notebook, ipynb, merge, shared};
use crate::room::{Limits, Room, Rooms, epoch};
use async_trait::async_trait;
use bytes::Bytes;
use castalia_base::{Error, Timestamp};
use castalia_testkit::{TestDb, sqlite};
use futures::StreamExt;
use serde_json::json;
use std::path::{Path, PathBuf};
use yrs::{ReadTxn, StateVector, Transact};

const ID: &str = "nb_test";

/// Files in a folder, as a server has them that was told one.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) name: Mutex<String>,
}

impl Folder {
    fn file(&self, folder: &str, name: &str) -> PathBuf {
        self.path.join(folder).join(name)
    }
}

#[async_trait]
impl Ground for Folder {
    async fn place(&self, _: &str) -> Result<(Box<dyn Place>, String), Error> {
        let name = self.name.lock().expect("a name").clone();
        Ok((Box::new(InFolder { path: self.path.join("files").join(&name) }), name))
    }
    async fn shelve(&self, value: Big<'_>, bytes: Bytes) -> Result<String, Error> {
        self.put(value.notebook, outputs::FOLDER, value.id(), bytes).await?;
        Ok(value.id().to_owned())
    }
    async fn put(&self, _: &str, folder: &str, name: &str, bytes: Bytes) -> Result<(), Error> {
        std::fs::create_dir_all(self.path.join(folder)).expect("a folder");
        std::fs::write(self.file(folder, name), bytes).map_err(Error::internal)
    }
    async fn get(&self, _: &str, folder: &str, name: &str) -> Result<Option<Bytes>, Error> {
        Ok(std::fs::read(self.file(folder, name)).ok().map(Into::into))
    }
    async fn read(&self, notebook: &str, output: &str, bytes: u64) -> Result<Pieces, Error> {
        let all = self.get(notebook, outputs::FOLDER, output).await?;
        let all = all.unwrap_or_else(|| outputs::gone(bytes).into());
        let pieces: Vec<_> =
            all[..all.len().min(bytes as usize)].chunks(7).map(Bytes::copy_from_slice).collect();
        Ok(futures::stream::iter(pieces.into_iter().map(Ok)).boxed())
    }
    async fn head(
        &self,
        notebook: &str,
        folder: &str,
        name: &str,
        bytes: u64,
    ) -> Result<Option<Bytes>, Error> {
        let all = self.get(notebook, folder, name).await?;
        Ok(all.map(|all| all.slice(..all.len().min(bytes as usize))))
    }
    async fn remove_file(&self, _: &str, name: &str) -> Result<(), Error> {
        std::fs::remove_file(self.path.join("files").join(name)).map_err(Error::internal)
    }
    async fn remove(&self, _: &str, folder: &str, name: &str) -> Result<(), Error> {
        std::fs::remove_file(self.file(folder, name)).map_err(Error::internal)
    }
}

/// A server with one notebook.
struct Server {
    rooms: Rooms,
    files: Arc<Files>,
    ground: Arc<Folder>,
    clock: Clock,
    tasks: Tasks,
}

/// What servers share.
struct World {
    db: TestDb,
    folder: tempfile::TempDir,
}

fn notebook(cells: &[(&str, &str)]) -> Notebook {
    let cells = cells.iter().map(|(id, source)| Cell::new(id, CellKind::Code, source));
    Notebook { cells: cells.collect(), ..Notebook::new() }
}

impl World {
    async fn new(cells: &[(&str, &str)]) -> Self {
        let db = sqlite(&[crate::MIGRATIONS, castalia_events::MIGRATIONS]).await;
        let world = Self { db, folder: tempfile::tempdir().expect("a folder") };
        world.store(&notebook(cells)).await;
        world
    }

    /// A document with a new history in the database, as after it was wiped or set back.
    async fn store(&self, content: &Notebook) {
        let epoch = epoch::fresh();
        let doc = epoch::first(&epoch);
        shared::fill(&mut doc.transact_mut(), content);
        let update = doc.transact().encode_state_as_update_v1(&StateVector::default());
        let now = Timestamp(0);
        let row = crate::model::Notebook {
            id: ID.into(),
            project: "p".into(),
            name: "a.ipynb".into(),
            title: "a".into(),
            kernel: None,
            language: None,
            epoch,
            cells: 0,
            created_at: now,
            updated_at: now,
            created_by: "u".into(),
            created_by_name: "u".into(),
            file: None,
        };
        let mut tx = self.db.db.begin().await.expect("begins");
        crate::store::delete(&mut tx, ID).await.expect("deletes");
        crate::store::insert(&mut tx, &row).await.expect("inserts");
        crate::store::log::append(&mut tx, ID, &[update], 0, &[], now).await.expect("appends");
        tx.commit().await.expect("commits");
    }

    fn server(&self, timing: Timing) -> Server {
        let (clock, tasks) = (Clock::fixed(Timestamp(1_000_000_000_000)), Tasks::new());
        let ground = Arc::new(Folder { path: self.folder.path().into(), name: Mutex::new("a.ipynb".into()) });
        let servers = crate::servers::Servers::new("node");
        let rooms = Rooms::new(self.db.db.clone(), clock.clone(), tasks.clone(), Limits::default(), servers);
        let files = Files::new(
            self.db.db.clone(),
            clock.clone(),
            tasks.clone(),
            ground.clone(),
            timing,
            (1 << 20, 8 << 20),
        );
        let keep = files.clone();
        rooms.on_open(move |room| keep.attach(room));
        Server { rooms, files, ground, clock, tasks }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("files/a.ipynb")
    }
}

/// Nothing is written unless it is asked for.
fn by_hand() -> Timing {
    let hour = Duration::from_secs(3600);
    Timing { quiet: hour, at_most: hour, retry: hour, graph: Duration::from_millis(5), look: hour }
}

impl Server {
    async fn open(&self) -> Arc<Room> {
        let room = self.rooms.get(ID).await.expect("opens");
        // The task has looked at the file when the lock is free and tissues are there.
        tokio::time::sleep(Duration::from_millis(50)).await;
        room
    }

    async fn save(&self, room: &Arc<Room>) {
        self.files.checkpoint(room, false).await.expect("saves");
    }

    async fn stop(self) {
        self.tasks.shutdown(Duration::from_secs(10)).await;
    }
}

fn edit(room: &Arc<Room>, change: impl FnOnce(&mut Notebook)) {
    room.write("test", |txn| {
        let now = shared::read(txn);
        let mut then = now.clone();
        change(&mut then);
        merge::apply(txn, &merge::difference(&now, &then));
    })
    .expect("writes");
}

fn set(room: &Arc<Room>, cell: &str, source: &str) {
    edit(room, |notebook| {
        notebook.cells.iter_mut().filter(|c| c.id == cell).for_each(|c| c.source = source.into());
    });
}

fn sources(notebook: &Notebook) -> Vec<(String, String)> {
    notebook.cells.iter().map(|cell| (cell.id.clone(), cell.source.clone())).collect()
}

fn live(room: &Arc<Room>) -> Notebook {
    room.read(|txn| shared::read(txn))
}

fn on_disk(path: &Path) -> Notebook {
    ipynb::read(&std::fs::read(path).expect("a file")).expect("a notebook").notebook
}

fn write(path: &Path, notebook: &Notebook) {
    std::fs::write(path, ipynb::to_bytes(notebook, None)).expect("written");
}

fn state(room: &Arc<Room>) -> serde_json::Value {
    room.read(|txn| status::view(txn))
}

/// Waits until something is so.
async fn until(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

#[tokio::test]
async fn what_people_write_is_in_the_file_soon_and_everybody_sees_that() {
    let world = World::new(&[("a", "x = 1")]).await;
    let quick =
        Timing { quiet: Duration::from_millis(30), at_most: Duration::from_millis(100), ..Timing::default() };
    let server = world.server(quick);
    let room = server.open().await;
    until("a new notebook has a file", || world.path().exists() && state(&room)["dirty_since"].is_null())
        .await;
    set(&room, "a", "x = 2");
    until("it is written", || on_disk(&world.path()).cells[0].source == "x = 2").await;
    until("it is told", || state(&room)["dirty_since"].is_null()).await;
    assert_eq!(state(&room)["saved_at"], json!(Timestamp(1_000_000_000_000)));
    assert!(state(&room)["error"].is_null());
    // At most so late, also when nobody pauses.
    let before = std::fs::read(world.path()).expect("a file");
    let writing = std::time::Instant::now();
    while std::fs::read(world.path()).expect("a file") == before {
        assert!(writing.elapsed() < Duration::from_secs(20), "it waits for ever");
        set(&room, "a", &format!("x = {}", writing.elapsed().as_nanos()));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_writes_before() {
    let world = World::new(&[("a", "x = 1")]).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    set(&room, "a", "last words");
    until("it is noticed", || !state(&room)["dirty_since"].is_null()).await;
    drop(room);
    server.stop().await;
    assert_eq!(on_disk(&world.path()).cells[0].source, "last words");
}

#[tokio::test]
async fn row_2_a_lost_document_does_not_replace_the_file() {
    let world = World::new(&[("a", "1"), ("b", "2"), ("c", "3")]).await;
    let server = world.server(by_hand());
    server.save(&server.open().await).await;
    let file = std::fs::read(world.path()).expect("a file");
    server.stop().await;

    world.store(&notebook(&[("new", "")])).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    edit(&room, |notebook| notebook.cells[0].source = "y".into());
    let refused = server.files.checkpoint(&room, false).await.expect_err("it lost three cells");
    assert_eq!(refused.code(), "unexplained_shrink");
    assert_eq!(std::fs::read(world.path()).expect("a file"), file, "the file is as it was");
    assert_eq!(state(&room)["error_code"], "unexplained_shrink", "everybody sees why");
    // The other way out: the file is brought back into the document.
    server
        .files
        .bring(&room, ipynb::read(&file).expect("ours").notebook, false)
        .await
        .expect_err("still short");
    server.files.checkpoint(&room, true).await.expect("somebody said that it is right");
    assert_eq!(sources(&on_disk(&world.path())), [("new".into(), "y".into())]);
    assert!(state(&room)["error"].is_null());
    server.stop().await;
}

#[tokio::test]
async fn cells_that_people_delete_leave_the_file() {
    let world = World::new(&[("a", "1"), ("b", "2"), ("c", "3")]).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    server.save(&room).await;
    edit(&room, |notebook| notebook.cells.truncate(1));
    until("it is noticed", || !state(&room)["dirty_since"].is_null()).await;
    server.save(&room).await;
    assert_eq!(on_disk(&world.path()).cells.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn row_3_a_file_that_can_not_be_written_is_told_and_tried_again() {
    let world = World::new(&[("a", "1")]).await;
    let quick =
        Timing { quiet: Duration::from_millis(20), retry: Duration::from_millis(20), ..Timing::default() };
    let server = world.server(quick);
    // A file stands where the folder should be: nobody can write there, whoever they are.
    std::fs::write(world.folder.path().join("files"), "").expect("in the way");
    let room = server.open().await;
    set(&room, "a", "kept");
    until("a banner", || !state(&room)["error"].is_null()).await;
    until("it says since when", || !state(&room)["dirty_since"].is_null()).await;
    assert_eq!(live(&room).cells[0].source, "kept");
    std::fs::remove_file(world.folder.path().join("files")).expect("out of the way");
    until("it is written", || world.path().exists()).await;
    until("the banner is gone", || state(&room)["error"].is_null()).await;
    assert_eq!(on_disk(&world.path()).cells[0].source, "kept");
    server.stop().await;
}

#[tokio::test]
async fn row_3_a_full_disk_and_a_forbidden_folder_have_words() {
    // /dev/full takes no byte.
    let full = Path::new("/dev/full");
    if full.exists() {
        let error = std::fs::write(full, "x").expect_err("it is full");
        assert_eq!(place::refused(full, &error).code(), "disk_full");
    }
    let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    assert_eq!(place::refused(Path::new("a"), &denied).code(), "not_writable");
    let words = place::refused(Path::new("/secret/a.ipynb"), &denied).to_string();
    assert!(words.contains("a.ipynb") && !words.contains("secret"), "{words}");
}

#[tokio::test]
async fn row_4_touching_a_file_changes_nothing_and_one_cell_changed_outside_is_one_change() {
    let world = World::new(&[("a", "1"), ("b", "2")]).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    server.save(&room).await;
    let bytes = std::fs::read(world.path()).expect("a file");
    std::fs::write(world.path(), &bytes).expect("touched");
    let before = room.read(|txn| txn.state_vector());
    server.save(&room).await;
    assert_eq!(room.read(|txn| txn.state_vector()), before, "nothing at all was written into the document");

    set(&room, "b", "2 # typed");
    let mut theirs = on_disk(&world.path());
    theirs.cells[0].source = "1 # outside".into();
    theirs.metadata.insert("outside".into(), json!(true));
    write(&world.path(), &theirs);
    server.save(&room).await;
    let both = [("a".into(), "1 # outside".into()), ("b".into(), "2 # typed".into())];
    assert_eq!(sources(&live(&room)), both);
    assert_eq!(sources(&on_disk(&world.path())), both);
    assert_eq!(on_disk(&world.path()).metadata["outside"], true);
    assert_eq!(state(&room)["conflicts"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn row_5_a_file_changed_while_the_server_is_down_is_merged_when_it_is_opened() {
    let world = World::new(&[("a", "1"), ("b", "2")]).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    server.save(&room).await;
    set(&room, "a", "ours");
    until("it is noticed", || !state(&room)["dirty_since"].is_null()).await;
    room.flush().await.expect("in the database");
    // It dies: nothing is written at the end.
    drop((room, server));

    let mut theirs = on_disk(&world.path());
    theirs.cells[0].source = "theirs".into();
    theirs.cells[1].source = "also theirs".into();
    write(&world.path(), &theirs);
    let server = world.server(by_hand());
    let room = server.open().await;
    until("it is merged", || live(&room).cells[1].source == "also theirs").await;
    assert_eq!(live(&room).cells[0].source, "ours", "the document stays where both changed");
    let conflicts = room.read(|txn| status::conflicts(txn));
    assert_eq!((conflicts.len(), &conflicts[0].theirs), (1, &json!("theirs")));
    server.save(&room).await;
    assert_eq!(on_disk(&world.path()).cells[0].source, "ours");
    server.files.resolve(&room, &conflicts[0].id, merge::Side::Theirs).expect("resolved");
    assert_eq!(live(&room).cells[0].source, "theirs");
    assert_eq!(state(&room)["conflicts"], json!([]));
    assert!(server.files.resolve(&room, &conflicts[0].id, merge::Side::Theirs).is_err(), "it is over");
    server.stop().await;
}

#[tokio::test]
async fn row_6_two_servers_with_one_file_lose_nothing() {
    let here = World::new(&[("a", "1"), ("b", "2")]).await;
    let server = here.server(by_hand());
    let room = server.open().await;
    server.save(&room).await;
    // Another installation with its own database works on the same file.
    let other = World::new(&[]).await;
    std::fs::create_dir_all(other.folder.path().join("files")).expect("a folder");
    let away = other.server(by_hand());
    *away.ground.name.lock().expect("a name") = "a.ipynb".into();
    std::fs::remove_dir(other.folder.path().join("files")).expect("empty");
    std::os::unix::fs::symlink(here.folder.path().join("files"), other.folder.path().join("files"))
        .expect("linked");
    let theirs = away.open().await;
    until("it has read the file", || live(&theirs).cells.len() == 2).await;
    for round in 0..3 {
        edit(&room, |n| n.cells.push(Cell::new(&format!("here{round}"), CellKind::Code, "h")));
        edit(&theirs, |n| n.cells.insert(0, Cell::new(&format!("there{round}"), CellKind::Code, "t")));
        let (one, two) =
            tokio::join!(server.files.checkpoint(&room, false), away.files.checkpoint(&theirs, false));
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    }
    server.save(&room).await;
    away.save(&theirs).await;
    server.save(&room).await;
    assert_eq!(on_disk(&here.path()).cells.len(), 8);
    assert_eq!(sources(&live(&room)), sources(&live(&theirs)));
    for server in [server, away] {
        server.stop().await;
    }
}

#[tokio::test]
async fn row_13_a_renamed_notebook_takes_its_file_along() {
    let world = World::new(&[("a", "1")]).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    server.save(&room).await;
    *server.ground.name.lock().expect("a name") = "b.ipynb".into();
    set(&room, "a", "2");
    let (one, two) =
        tokio::join!(server.files.checkpoint(&room, false), server.files.checkpoint(&room, false));
    assert!(one.is_ok() && two.is_ok(), "two save at once: {one:?} {two:?}");
    assert!(!world.path().exists(), "the old name is free");
    assert_eq!(on_disk(&world.folder.path().join("files/b.ipynb")).cells[0].source, "2");
    assert_eq!(state(&room)["name"], "b.ipynb");
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_died_between_writing_and_noting_it_sees_no_change_from_outside() {
    let world = World::new(&[("a", "1")]).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    server.save(&room).await;
    set(&room, "a", "2");
    let mut written = live(&room);
    let bytes = ipynb::to_bytes(&written, None);
    outputs::forget(&mut written);
    let mut tx = world.db.db.begin().await.expect("begins");
    store::intend(&mut tx, ID, &crate::document::model::sha256(&bytes), &written).await.expect("noted");
    tx.commit().await.expect("commits");
    std::fs::write(world.path(), &bytes).expect("written");
    set(&room, "a", "3");
    server.save(&room).await;
    assert_eq!(state(&room)["conflicts"], json!(null), "no conflict with ourselves");
    assert_eq!(on_disk(&world.path()).cells[0].source, "3");
    server.stop().await;
}

#[tokio::test]
async fn a_file_that_is_broken_outside_is_left_alone() {
    let world = World::new(&[("a", "1")]).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    server.save(&room).await;
    std::fs::write(world.path(), "<<<<<<< HEAD").expect("a merge gone wrong");
    set(&room, "a", "2");
    let refused = server.files.checkpoint(&room, false).await.expect_err("it can't be read");
    assert_eq!(refused.code(), "file_broken");
    assert!(state(&room)["error"].as_str().is_some_and(|why| why.contains("line 1, column 1")));
    assert_eq!(std::fs::read(world.path()).expect("a file"), b"<<<<<<< HEAD");
    std::fs::remove_file(world.path()).expect("somebody removes it");
    server.save(&room).await;
    assert_eq!(on_disk(&world.path()).cells[0].source, "2", "a file that is gone is written anew");
    server.stop().await;
}

#[tokio::test]
async fn big_outputs_lie_beside_the_document_and_in_the_file() {
    let world = World::new(&[("a", "print()")]).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    server.save(&room).await;
    let text = "0123456789\n".repeat(10_000);
    let mut theirs = on_disk(&world.path());
    theirs.cells[0].outputs = [
        json!({"output_type": "stream", "name": "stdout", "text": text}),
        json!({"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBO".repeat(10_000), "text/plain": "<Figure>", "application/json": {"x": vec![1; 20_000]}}}),
    ].map(|value| crate::document::Output { value, ..Default::default() }).into();
    write(&world.path(), &theirs);
    let bytes = std::fs::read(world.path()).expect("a file");
    server.save(&room).await;
    let outputs = live(&room).cells[0].outputs.clone();
    assert_eq!(outputs[0].stored["text"]["lines"], 10_000);
    assert!(
        outputs[0].stored["text"]["tail"]
            .as_str()
            .is_some_and(|tail| tail.len() <= 2048 && tail.ends_with("789\n"))
    );
    let size = room.read(|txn| txn.encode_state_as_update_v1(&StateVector::default()).len());
    assert!(size < 20_000, "{size} bytes of document");
    set(&room, "a", "print(1)");
    server.save(&room).await;
    theirs.cells[0].source = "print(1)".into();
    let plain = |notebook: &Notebook| ipynb::to_value(notebook);
    assert!(plain(&on_disk(&world.path())) == plain(&theirs), "the file has all of it");
    assert_ne!(std::fs::read(world.path()).expect("a file"), bytes);
    server.stop().await;
}

#[tokio::test]
async fn an_output_too_long_for_a_file_says_so_there_and_stays_whole_here() {
    let world = World::new(&[("a", "print()")]).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    server.save(&room).await;
    let text = "0123456789\n".repeat(1_000_000);
    let mut theirs = on_disk(&world.path());
    let value = json!({"output_type": "stream", "name": "stdout", "text": text});
    theirs.cells[0].outputs = vec![crate::document::Output { value, ..Default::default() }];
    write(&world.path(), &theirs);
    server.save(&room).await;
    let stored = live(&room).cells[0].outputs[0].stored["text"].clone();
    assert_eq!(stored["bytes"], 11_000_000);
    let file = on_disk(&world.path());
    let short = file.cells[0].outputs[0].value["text"].as_str().expect("text");
    assert!(
        short.len() < 100_000 && short.contains("bytes more of this output are with the server"),
        "{}",
        short.len()
    );
    // Somebody works with that file: the whole output stays.
    let mut theirs = file;
    theirs.cells[0].source = "print(1)".into();
    write(&world.path(), &theirs);
    server.save(&room).await;
    assert_eq!(live(&room).cells[0].source, "print(1)");
    assert_eq!(live(&room).cells[0].outputs[0].stored["text"], stored);
    assert_eq!(state(&room)["conflicts"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn versions_are_kept_compared_and_restored() {
    let world = World::new(&[("a", "one\ntwo"), ("b", "2")]).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    server.save(&room).await;
    let by = crate::model::Person { id: "u".into(), name: "Ada".into() };
    let named = server.files.name_version(&room, "for the paper", by.clone()).await.expect("kept");
    assert!(server.files.name_version(&room, " ", by).await.is_err());
    server.clock.advance_ms(120_000);
    edit(&room, |notebook| {
        notebook.cells[0].source = "one\n2".into();
        notebook.cells.remove(1);
        notebook.cells.insert(0, Cell::new("c", CellKind::Markdown, "# New"));
    });
    until("it is noticed", || !state(&room)["dirty_since"].is_null()).await;
    server.save(&room).await;
    let changes = server.files.changes(&room, &named.version, None).await.expect("compared");
    let short: Vec<_> = changes.iter().map(|change| (change.cell.as_str(), change.change)).collect();
    assert_eq!(short, [("c", "added"), ("a", "changed"), ("b", "removed")]);
    let lines: Vec<String> =
        changes[1].lines.iter().map(|line| format!("{}{}", line.sign, line.text)).collect();
    assert_eq!(lines, [" one", "-two", "+2"]);

    let all = server.files.versions(ID).await.expect("listed");
    assert_eq!(all.len(), 3, "the first checkpoint, the named one, the second checkpoint");
    let then = server.files.at(ID, Timestamp(1_000_000_060_000)).await.expect("history");
    assert_eq!(then.cells.iter().map(|cell| cell.source.as_str()).collect::<Vec<_>>(), ["one\ntwo", "2"]);
    let now = server.files.at(ID, Timestamp(i64::MAX)).await.expect("history");
    assert_eq!(now.cells.len(), 2);

    server.files.restore(&room, &named.version).await.expect("restored");
    assert_eq!(sources(&live(&room)), [("a".into(), "one\ntwo".into()), ("b".into(), "2".into())]);
    until("it is noticed", || !state(&room)["dirty_since"].is_null()).await;
    server.save(&room).await;
    assert_eq!(on_disk(&world.path()).cells.len(), 2);
    assert!(server.files.changes(&room, "nbv_none", None).await.is_err());
    server.stop().await;
}

#[tokio::test]
async fn tissues_follow_what_people_write() {
    let world = World::new(&[("a", "1"), ("b", "2")]).await;
    let server = world.server(by_hand());
    let room = server.open().await;
    let tissues = || room.read(|txn| shared::read_graph(txn, crate::document::schema::PC_GRAPH));
    assert!(tissues().is_empty());
    edit(&room, |n| n.cells.insert(0, Cell::new("h", CellKind::Markdown, "# Title")));
    until("a tissue", || tissues().get("h").is_some_and(|to| to == &["a", "b"])).await;
    let before = room.read(|txn| txn.state_vector());
    set(&room, "a", "3");
    tokio::time::sleep(Duration::from_millis(60)).await;
    let written = room.read(|txn| txn.state_vector());
    assert_ne!(before, written);
    set(&room, "h", "no title");
    until("no tissue", || tissues().is_empty()).await;
    server.stop().await;
}
