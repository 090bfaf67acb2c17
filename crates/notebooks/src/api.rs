//! The operations over HTTP.

use crate::Service;
use crate::comments::{Comment, CommentPatch, Comments, NewComment};
use crate::comms;
use crate::model::{ListQuery, May, NewNotebook, NotebookPatch, NotebookView, Person};
use crate::room::{self, Close, Peer, Role};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use castalia_base::{Ctx, Error, Kind};
use castalia_http::{Api, Operation, Page, Problem, Req};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

type S = Arc<Service>;

/// What a frame may have beyond the update in it.
const FRAME_ROOM: usize = 1024;
/// Many connections are open and quiet.
const BUFFER: usize = 8 << 10;

#[derive(Deserialize, JsonSchema)]
struct Id {
    /// Id of the notebook.
    id: String,
}

#[derive(Deserialize, JsonSchema)]
struct CommentId {
    /// Id of the notebook.
    id: String,
    /// Id of the comment.
    comment: String,
}

#[derive(Deserialize, JsonSchema)]
struct SyncQuery {
    /// The epoch of the client's document, if it has one: with another the connection is closed with 4409.
    epoch: Option<String>,
    /// `1`: the client understands the messages 100 to 102.
    castalia: Option<u8>,
}

/// All operations of this capability.
pub fn api(service: &S) -> Api {
    let op = |method, path, id, permission, summary| Operation::new(method, path, id, permission, summary);
    let get = |path, id, permission, summary| op(Method::GET, path, id, permission, summary);
    let api = Api::new(service.clone())
        .op(
            get("/api/notebooks", "notebooks.list", "notebooks.view", "Notebooks of a project, newest first"),
            list,
        )
        .op(
            op(Method::POST, "/api/notebooks", "notebooks.create", "notebooks.create", "Makes a notebook")
                .status(StatusCode::CREATED),
            create,
        )
        .op(get("/api/notebooks/{id}", "notebooks.show", "notebooks.view", "One notebook"), show)
        .op(
            op(
                Method::PATCH,
                "/api/notebooks/{id}",
                "notebooks.change",
                "notebooks.edit",
                "Gives a notebook another name or title",
            ),
            change,
        )
        .op(
            op(
                Method::DELETE,
                "/api/notebooks/{id}",
                "notebooks.delete",
                "notebooks.delete",
                "Deletes a notebook",
            ),
            remove,
        )
        .op(
            get(
                "/api/notebooks/{id}/config",
                "notebooks.config",
                "notebooks.view",
                "Settings for the front end",
            ),
            config,
        )
        .op(
            get(
                "/api/notebooks/{id}/comments",
                "notebooks.comments",
                "notebooks.view",
                "The comments of a notebook, thread by thread",
            ),
            comments,
        )
        .op(
            op(
                Method::POST,
                "/api/notebooks/{id}/comments",
                "notebooks.comment",
                "notebooks.comment",
                "Writes a comment, or a reply",
            )
            .status(StatusCode::CREATED),
            comment,
        )
        .op(
            op(
                Method::PATCH,
                "/api/notebooks/{id}/comments/{comment}",
                "notebooks.change_comment",
                "notebooks.comment",
                "Changes a comment, or settles its thread",
            ),
            change_comment,
        )
        .op(
            op(
                Method::DELETE,
                "/api/notebooks/{id}/comments/{comment}",
                "notebooks.delete_comment",
                "notebooks.comment",
                "Deletes a comment; with a thread's first one the whole thread",
            ),
            delete_comment,
        )
        .raw(
            get(
                "/api/notebooks/{id}/sync",
                "notebooks.sync",
                "notebooks.view",
                "The document over a WebSocket (y-websocket protocol)",
            )
            .path_params::<Id>()
            .query::<SyncQuery>()
            .status(StatusCode::SWITCHING_PROTOCOLS),
            sync,
        )
        .raw(
            get(
                "/api/notebooks/{id}/comms",
                "notebooks.comms",
                "notebooks.view",
                "Commands and messages over a WebSocket; each method has its own permission",
            )
            .path_params::<Id>()
            .status(StatusCode::SWITCHING_PROTOCOLS),
            comms,
        );
    crate::types::add_to(crate::run::add_to(crate::files::api::add(api))).erase()
}

async fn list(s: S, ctx: Ctx, r: Req<(), ListQuery>) -> Result<Page<NotebookView>, Error> {
    s.list(&ctx, &r.query).await
}
async fn create(s: S, ctx: Ctx, r: Req<(), (), NewNotebook>) -> Result<NotebookView, Error> {
    s.create(&ctx, r.body).await
}
async fn show(s: S, ctx: Ctx, r: Req<Id>) -> Result<NotebookView, Error> {
    s.get(&ctx, &r.path.id).await
}
async fn change(s: S, ctx: Ctx, r: Req<Id, (), NotebookPatch>) -> Result<NotebookView, Error> {
    s.update(&ctx, &r.path.id, r.body).await
}
async fn remove(s: S, ctx: Ctx, r: Req<Id>) -> Result<(), Error> {
    s.delete(&ctx, &r.path.id).await
}
async fn comments(s: S, ctx: Ctx, r: Req<Id>) -> Result<Comments, Error> {
    s.comments(&ctx, &r.path.id).await
}
async fn comment(s: S, ctx: Ctx, r: Req<Id, (), NewComment>) -> Result<Comment, Error> {
    s.comment(&ctx, &r.path.id, r.body).await
}
async fn change_comment(s: S, ctx: Ctx, r: Req<CommentId, (), CommentPatch>) -> Result<Comment, Error> {
    s.change_comment(&ctx, &r.path.id, &r.path.comment, r.body).await
}
async fn delete_comment(s: S, ctx: Ctx, r: Req<CommentId>) -> Result<(), Error> {
    s.delete_comment(&ctx, &r.path.id, &r.path.comment).await
}
async fn config(s: S, ctx: Ctx, r: Req<Id>) -> Result<comms::Settings, Error> {
    s.settings(&ctx, &r.path.id).await
}

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

fn upgraded(upgrade: Upgrade) -> Result<WebSocketUpgrade, Error> {
    upgrade.map_err(|e| Error::invalid("no_websocket", e.body_text().to_lowercase()))
}

/// Why somebody may not come in, said over the socket: a browser's page learns nothing of a refused upgrade.
fn refusal(error: &Error) -> Option<Close> {
    match error.kind() {
        Kind::NotFound => Some(Close::DELETED),
        Kind::Forbidden => Some(Close::FORBIDDEN),
        Kind::Conflict => Some(Close::RELOAD),
        _ => None,
    }
}

async fn sync(
    State(s): State<S>,
    Extension(ctx): Extension<Ctx>,
    Path(Id { id }): Path<Id>,
    Query(query): Query<SyncQuery>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, Problem> {
    let found = s.find(&ctx, &id, "notebooks.view").await;
    let (project, room) = match found {
        Ok(notebook) => (notebook.project, s.room(&id).await),
        Err(error) => (String::new(), Err(error)),
    };
    let upgrade = match (upgraded(upgrade), &room) {
        (Ok(upgrade), _) => upgrade,
        (Err(_), Err(error)) if error.kind() == Kind::NotFound => {
            return Err(Error::not_found("notebook", id).into());
        }
        (Err(error), _) => return Err(error.into()),
    };
    let room = match room {
        Ok(room) => Ok(room),
        Err(error) => Err(refusal(&error).ok_or(error)?),
    };
    let role = Role::of(May::of(&ctx, &project));
    let person = Person::of(&ctx);
    let user = person.presence();
    let castalia = query.castalia.is_some_and(|v| v > 0);
    let renew: room::Renew = {
        let (s, before, headers) = (s.clone(), ctx.clone(), Arc::new(headers));
        Arc::new(move || {
            let (s, before, headers, project) = (s.clone(), before.clone(), headers.clone(), project.clone());
            Box::pin(async move {
                let who = s.deps.identity.authenticate(&headers).await?;
                let ctx = Ctx::new(who.principal, before.clock().clone(), before.request_id());
                ctx.require("notebooks.view", &project, "notebook", "")?;
                Ok(Role::of(May::of(&ctx, &project)))
            })
        })
    };
    // What is too much by less than that is read to its end, so that the client can be told why it is closed.
    let limit = 2 * s.rooms.limits().frame_bytes + FRAME_ROOM;
    let make = move |n| Peer::new(n, person, user, role, castalia);
    Ok(upgrade
        .max_message_size(limit)
        .max_frame_size(limit)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .on_upgrade(move |socket| room::serve(room, make, query.epoch, renew, socket)))
}

async fn comms(
    State(s): State<S>,
    Extension(ctx): Extension<Ctx>,
    Path(Id { id }): Path<Id>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, Problem> {
    let found = s.find(&ctx, &id, "notebooks.view").await;
    let upgrade = match (upgraded(upgrade), &found) {
        (Ok(upgrade), _) => upgrade,
        (Err(_), Err(_)) => {
            return Err(found.map(|_| ()).err().unwrap_or_else(|| Error::not_found("notebook", id)).into());
        }
        (Err(error), Ok(_)) => return Err(error.into()),
    };
    let found = match found {
        Ok(notebook) => Ok(notebook),
        Err(error) => Err(refusal(&error).ok_or(error)?),
    };
    Ok(upgrade
        .max_message_size(comms::MESSAGE)
        .max_frame_size(comms::MESSAGE)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .on_upgrade(move |socket| comms::serve(s, found, ctx, headers, socket)))
}
