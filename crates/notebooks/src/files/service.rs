//! What people ask of files and versions.

use super::place::Pieces;
use super::versions::Kept;
use super::whole::{Form, mark};
use super::{Files, put_away, status};
use crate::Service;
use crate::document::merge::{Conflict, Side};
use crate::document::{self, ipynb, shared};
use crate::files::{CellChange, HistoryView, VersionView, WholeVersion};
use crate::model::{NewNotebook, Notebook, Person};
use crate::room::Room;
use crate::service::event;
use bytes::BytesMut;
use castalia_base::{Ctx, Error, Timestamp};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use std::sync::Arc;

/// The largest file that is taken, in bytes.
pub(crate) const FILE_LIMIT: usize = 256 << 20;

/// The largest that is given as a text.
const TEXT_LIMIT: usize = 4 << 20;

/// A notebook as a text.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
pub(crate) struct Exported {
    /// What the file would be called.
    name: String,
    /// What would be in it.
    content: String,
}

/// A form of a notebook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Jupyter's file.
    #[default]
    Ipynb,
    /// Python in the percent format.
    Py,
    /// A page of its own.
    Html,
    /// Markdown.
    Md,
}

impl Format {
    /// The ending of a file's name.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Ipynb => "ipynb",
            Self::Py => "py",
            Self::Html => "html",
            Self::Md => "md",
        }
    }

    /// The media type of a file.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Ipynb => "application/x-ipynb+json",
            Self::Py => "text/x-python; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Md => "text/markdown; charset=utf-8",
        }
    }
}

impl Service {
    async fn room_for(&self, ctx: &Ctx, id: &str, permission: &str) -> Result<(Notebook, Arc<Room>), Error> {
        let notebook = self.find(ctx, id, permission).await?;
        let room = self.room(id).await?;
        Ok((notebook, room))
    }

    /// Writes down what somebody did with a notebook as a whole.
    async fn tell_of(
        &self,
        ctx: &Ctx,
        notebook: &Notebook,
        kind: &'static str,
        data: Value,
    ) -> Result<(), Error> {
        let mut tx = self.deps.db.begin().await?;
        castalia_events::append(&mut tx, ctx, vec![event(notebook, kind, data)]).await?;
        tx.commit().await
    }

    /// Refuses a name under which there is a file that is not this notebook's.
    pub(crate) async fn is_free(&self, notebook: &Notebook, name: &str) -> Result<(), Error> {
        // What a notebook was called before goes with its next checkpoint.
        let ours = super::store::is_ours(&mut self.deps.db.read(), &notebook.project, name).await?;
        if ours || !self.ground.is_there(&notebook.project, name).await? {
            return Ok(());
        }
        Err(Error::conflict(
            "file_exists",
            format!(
                "there is a file `{name}` already that is not this notebook's; choose another name, move or delete \
                 that file, or bring its content into this notebook (PUT …/file) and delete it then"
            ),
        ))
    }

    /// The notebook as a text, for those who have no use for a download.
    ///
    /// # Errors
    /// `not_found`; `file_too_large` beyond 4 MiB.
    pub(crate) async fn export_text(&self, ctx: &Ctx, id: &str, format: Format) -> Result<Exported, Error> {
        let (name, mut pieces) = self.export(ctx, id, format).await?;
        let mut bytes = BytesMut::new();
        while let Some(piece) = pieces.try_next().await? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > TEXT_LIMIT {
                let text = "as a text at most 4 MiB are given; download the file instead";
                return Err(Error::new(castalia_base::Kind::TooLarge, "file_too_large", text));
            }
        }
        Ok(Exported { name, content: text(&bytes)? })
    }

    /// How the file of a notebook stands.
    pub(crate) fn file_view(&self, notebook: &Notebook) -> Value {
        match self.open_room(&notebook.id) {
            Some(room) => room.read(|txn| status::view(txn)),
            None => {
                json!({"name": notebook.file.as_ref().map_or(&notebook.name, |(_, path)| path)})
            }
        }
    }

    /// What a new notebook begins with, and what had to be mended of it.
    pub(crate) async fn first_content(
        &self,
        ctx: &Ctx,
        new: &NewNotebook,
    ) -> Result<document::Notebook, Error> {
        let loaded = match (&new.content, &new.from_upload) {
            (Some(_), Some(_)) => {
                return Err(Error::field(
                    "invalid_input",
                    "/from_upload",
                    "give either content or an upload",
                ));
            }
            (Some(content), None) => ipynb::read_value(content.clone())?,
            (None, Some(upload)) => {
                let upload = self.deps.storage.get_upload(ctx, upload).await?;
                if upload.size > FILE_LIMIT as u64 {
                    return Err(too_large());
                }
                let bucket = self.ground.bucket(upload.project.as_str()).await?;
                let (_, stream) = self.deps.storage.read_range(&bucket, &upload.key, None).await?;
                let bytes: BytesMut = stream.try_collect().await.map_err(Error::internal)?;
                read_any(&upload.name, &bytes)?
            }
            (None, None) => return Ok(document::Notebook::new()),
        };
        Ok(loaded.notebook)
    }

    /// Moves what is too big for a document into the store.
    pub(crate) async fn put_away(&self, id: &str, notebook: &mut document::Notebook) -> Result<(), Error> {
        put_away(self.files.ground.as_ref(), id, notebook).await
    }

    /// Writes the document into its file now. `believe`: it is right even if it lost cells that nobody was seen
    /// deleting.
    ///
    /// # Errors
    /// `unexplained_shrink`, `file_broken`, `disk_full`, `not_writable`; `forbidden` without `notebooks.edit`.
    pub async fn checkpoint(&self, ctx: &Ctx, id: &str, believe: bool) -> Result<Value, Error> {
        let (_, room) = self.room_for(ctx, id, "notebooks.edit").await?;
        if !room.leads()
            && let Some(leader) = crate::store::leader(&mut self.deps.db.read(), id).await?
        {
            // It alone writes the file, and has to know what was written here.
            room.flush().await?;
            match self.checkpoint_by(leader, id, believe).await {
                Err(error) if error.kind() == castalia_base::Kind::Unavailable => {}
                done => {
                    done?;
                    room.follow().await?;
                    return Ok(room.read(|txn| status::view(txn)));
                }
            }
        }
        self.files.checkpoint(&room, believe).await?;
        Ok(room.read(|txn| status::view(txn)))
    }

    /// Opens what an earlier life of the server left unsaved, so that it gets into its file.
    pub(crate) async fn save_left_over(self: Arc<Self>) {
        let left = super::store::unsaved(&mut self.deps.db.read()).await;
        match left {
            Ok(left) => {
                for id in left {
                    // Opening is enough: whoever looks after its file sees whether there is something to write.
                    drop(self.room(&id).await);
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            }
            Err(error) => tracing::warn!(
                error = error.chain(),
                "notebooks that are not in their files were not looked for"
            ),
        }
    }

    /// Writes the file soon, under the notebook's name as it is now.
    pub(crate) fn save_soon(&self, id: &str) {
        let (rooms, files, id) = (self.rooms.clone(), self.files.clone(), id.to_owned());
        self.deps.tasks.spawn("notebooks.save", async move {
            if let Ok(room) = rooms.get(&id).await {
                // A failure is in the document for all to see.
                drop(files.checkpoint(&room, false).await);
            }
        });
    }

    /// The notebook as a file.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn export(&self, ctx: &Ctx, id: &str, format: Format) -> Result<(String, Pieces), Error> {
        let (notebook, room) = self.room_for(ctx, id, "notebooks.view").await?;
        let now = room.read(|txn| shared::read(txn));
        let stem = notebook.name.trim_end_matches(".ipynb");
        let pieces = self.files.file_of(id, now, format, &notebook.title).await?;
        let data = json!({"format": format.ending()});
        self.tell_of(ctx, &notebook, "notebook.exported", data).await?;
        Ok((format!("{stem}.{}", format.ending()), pieces))
    }

    /// Takes a file as a change from outside. `name` says by its ending what it is.
    ///
    /// # Errors
    /// `invalid_json`, `not_a_notebook`, `unknown_nbformat`; those of [`Service::checkpoint`].
    pub async fn bring_file(
        &self,
        ctx: &Ctx,
        id: &str,
        format: Format,
        bytes: &[u8],
    ) -> Result<Value, Error> {
        let (_, room) = self.room_for(ctx, id, "notebooks.edit").await?;
        let theirs = match format {
            Format::Ipynb => ipynb::read(bytes)?.notebook,
            Format::Py => document::percent::read(&text(bytes)?),
            Format::Html | Format::Md => {
                return Err(Error::invalid("unknown_format", "only ipynb and py can be brought back"));
            }
        };
        self.files.bring(&room, theirs, format == Format::Py).await?;
        Ok(room.read(|txn| status::view(txn)))
    }

    /// What somebody has to decide.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn conflicts(&self, ctx: &Ctx, id: &str) -> Result<Vec<Conflict>, Error> {
        let (_, room) = self.room_for(ctx, id, "notebooks.view").await?;
        Ok(room.read(|txn| status::conflicts(txn)))
    }

    /// Ends a conflict.
    ///
    /// # Errors
    /// `not_found`; `forbidden` without `notebooks.edit`.
    pub async fn resolve(&self, ctx: &Ctx, id: &str, conflict: &str, side: Side) -> Result<(), Error> {
        let (_, room) = self.room_for(ctx, id, "notebooks.edit").await?;
        self.files.resolve(&room, conflict, side)
    }

    /// Versions of a notebook, newest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn versions(&self, ctx: &Ctx, id: &str) -> Result<Vec<VersionView>, Error> {
        self.find(ctx, id, "notebooks.view").await?;
        self.files.versions(id).await
    }

    /// Keeps the notebook as it is now, under a name.
    ///
    /// # Errors
    /// `invalid_name`; `forbidden` without `notebooks.edit`.
    pub async fn name_version(&self, ctx: &Ctx, id: &str, label: &str) -> Result<VersionView, Error> {
        let (notebook, room) = self.room_for(ctx, id, "notebooks.edit").await?;
        let version = self.files.name_version(&room, label, Person::of(ctx)).await?;
        let data = json!({"version": version.version, "name": version.name});
        self.tell_of(ctx, &notebook, "notebook.version_created", data).await?;
        Ok(version)
    }

    /// A version with its content.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn version(&self, ctx: &Ctx, id: &str, version: &str) -> Result<WholeVersion, Error> {
        self.find(ctx, id, "notebooks.view").await?;
        self.files.whole_version(id, version).await
    }

    /// A version with what changed since, up to another one or to now.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn version_changes(
        &self,
        ctx: &Ctx,
        id: &str,
        version: &str,
        against: Option<&str>,
    ) -> Result<Vec<CellChange>, Error> {
        let (_, room) = self.room_for(ctx, id, "notebooks.view").await?;
        self.files.changes(&room, version, against).await
    }

    /// The file of a version.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn version_file(
        &self,
        ctx: &Ctx,
        id: &str,
        version: &str,
    ) -> Result<(VersionView, Pieces), Error> {
        self.find(ctx, id, "notebooks.view").await?;
        let (version, kept) = self.files.kept(id, version).await?;
        let pieces = match kept {
            Kept::File(bytes) => once(bytes),
            Kept::Document(notebook) => self.files.file_of(id, notebook, Format::Ipynb, "").await?,
        };
        Ok((version, pieces))
    }

    /// Makes the notebook what a version was, by ordinary edits.
    ///
    /// # Errors
    /// `not_found`; `forbidden` without `notebooks.edit`.
    pub async fn restore(&self, ctx: &Ctx, id: &str, version: &str) -> Result<(), Error> {
        let (notebook, room) = self.room_for(ctx, id, "notebooks.edit").await?;
        self.files.restore(&room, version).await?;
        self.tell_of(ctx, &notebook, "notebook.restored", json!({"version": version})).await
    }

    /// The notebook as it was at a time.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn history_at(&self, ctx: &Ctx, id: &str, at: Timestamp) -> Result<HistoryView, Error> {
        self.find(ctx, id, "notebooks.view").await?;
        self.files.at(id, at).await
    }
}

/// Reads a file by its name's ending.
fn read_any(name: &str, bytes: &[u8]) -> Result<ipynb::Loaded, Error> {
    if name.ends_with(".py") {
        let notebook = document::percent::read(&text(bytes)?);
        return Ok(ipynb::Loaded { notebook, mended: Vec::new() });
    }
    Ok(ipynb::read(bytes)?)
}

fn text(bytes: &[u8]) -> Result<String, Error> {
    String::from_utf8(bytes.to_vec()).map_err(|_| Error::invalid("not_utf8", "the file is not UTF-8 text"))
}

fn too_large() -> Error {
    Error::new(castalia_base::Kind::TooLarge, "file_too_large", "a notebook's file has at most 256 MiB")
}

/// Bytes as one piece.
fn once(bytes: Vec<u8>) -> Pieces {
    stream::iter([Ok(bytes.into())]).boxed()
}

impl Files {
    /// A notebook as a file with all of its outputs.
    async fn file_of(
        &self,
        id: &str,
        notebook: document::Notebook,
        format: Format,
        title: &str,
    ) -> Result<Pieces, Error> {
        let form = match format {
            Format::Ipynb => Form::Ipynb,
            Format::Html => Form::Html,
            Format::Md => Form::Markdown,
            Format::Py => return Ok(once(document::percent::write(&notebook).into_bytes())),
        };
        let marked = mark(self.ground.as_ref(), id, notebook, form, None, false).await?;
        let text = match form {
            Form::Ipynb => document::json::canonical(&ipynb::to_value(&marked.notebook)),
            Form::Html => document::html::page(&marked.notebook, title),
            Form::Markdown => document::markdown::write(&marked.notebook),
        };
        Ok(marked.cut(&text, form).read(&self.ground, id))
    }

    /// Forgets a notebook's file and versions.
    pub(crate) async fn forget(&self, tx: &mut castalia_db::Tx, id: &str) -> Result<(), Error> {
        super::store::forget(tx, id).await
    }
}
