//! Comments on a notebook and its cells: threads, mentions, resolved or not.
//!
//! They are rows, not part of the document: an export has none, and whoever may comment need not be able to edit.

mod store;

use crate::Service;
use crate::model::Person;
use crate::service::event;
use castalia_base::{Ctx, Error, Timestamp};
use castalia_events::{NewEvent, append};
use castalia_http::PageQuery;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The longest comment, in bytes.
const LONGEST: usize = 16 << 10;

/// A comment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Comment {
    /// `com_…`.
    pub id: String,
    /// The thread's first comment; of a first one its own id.
    pub thread: String,
    /// The cell it is about; absent when it is about the notebook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// Markdown.
    pub body: String,
    /// Who is named in it with `@name`, as far as they are members of the project.
    pub mentions: Vec<Person>,
    /// Who wrote it.
    pub author: Person,
    /// When.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub edited_at: Option<Timestamp>,
    /// When the thread was settled; of a first comment alone.
    pub resolved_at: Option<Timestamp>,
    /// Who settled it.
    pub resolved_by: Option<Person>,
}

/// A comment about to be written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    /// Markdown; `@name` tells that member of it.
    pub body: String,
    /// The cell it is about. A reply is about what its thread is about.
    pub cell: Option<String>,
    /// The thread it replies to.
    pub thread: Option<String>,
}

/// What changes about a comment; absent parts stay.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentPatch {
    /// Markdown; its author alone changes it.
    pub body: Option<String>,
    /// Whether its thread is settled.
    pub resolved: Option<bool>,
}

/// All comments of a notebook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Comments {
    /// By thread, oldest first.
    pub items: Vec<Comment>,
}

impl Service {
    /// The comments of a notebook, thread by thread.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn comments(&self, ctx: &Ctx, notebook: &str) -> Result<Comments, Error> {
        self.find(ctx, notebook, "notebooks.view").await?;
        Ok(Comments { items: store::list(&mut self.deps.db.read(), notebook).await? })
    }

    /// Writes a comment. Those whom it names are told.
    ///
    /// # Errors
    /// `invalid_comment`, `not_found` for the thread or the cell; `forbidden` without `notebooks.comment`.
    pub async fn comment(&self, ctx: &Ctx, notebook: &str, new: NewComment) -> Result<Comment, Error> {
        let found = self.find(ctx, notebook, "notebooks.comment").await?;
        let body = checked(new.body)?;
        let thread = match &new.thread {
            Some(thread) => Some(self.first_of(notebook, thread).await?),
            None => None,
        };
        let cell = thread.as_ref().map_or(new.cell, |first| first.cell.clone());
        if let (Some(cell), None) = (&cell, &thread) {
            let room = self.room(notebook).await?;
            if room.read(|txn| crate::document::shared::cell_map(txn, cell)).is_none() {
                return Err(Error::not_found("cell", cell));
            }
        }
        let mentions = self.mentioned(&found.project, &body).await?;
        let id = castalia_base::id::fresh("com");
        let comment = Comment {
            thread: thread.map_or_else(|| id.clone(), |first| first.id),
            id,
            cell,
            body,
            mentions,
            author: Person::of(ctx),
            created_at: ctx.now(),
            edited_at: None,
            resolved_at: None,
            resolved_by: None,
        };
        let mut tx = self.deps.db.begin().await?;
        store::insert(&mut tx, notebook, &comment).await?;
        let mut events = vec![event(&found, "notebook.commented", json!({"comment": comment}))];
        events.extend(mentions_of(&comment, &[], |data| event(&found, "notebook.mentioned", data)));
        append(&mut tx, ctx, events).await?;
        tx.commit().await?;
        Ok(comment)
    }

    /// Changes a comment, or says whether its thread is settled.
    ///
    /// # Errors
    /// `not_yours` for the words of another, `invalid_comment`, `not_found`; `forbidden` without `notebooks.comment`.
    pub async fn change_comment(
        &self,
        ctx: &Ctx,
        notebook: &str,
        id: &str,
        patch: CommentPatch,
    ) -> Result<Comment, Error> {
        let found = self.find(ctx, notebook, "notebooks.comment").await?;
        let mut comment = self.one_comment(notebook, id).await?;
        let before = comment.mentions.clone();
        if let Some(body) = patch.body {
            if comment.author.id != ctx.principal().id {
                return Err(Error::conflict("not_yours", "only who wrote a comment changes it"));
            }
            comment.body = checked(body)?;
            comment.mentions = self.mentioned(&found.project, &comment.body).await?;
            comment.edited_at = Some(ctx.now());
        }
        if let Some(resolved) = patch.resolved {
            if comment.thread != comment.id {
                return Err(Error::conflict("not_a_thread", "a thread is settled by its first comment"));
            }
            comment.resolved_at = resolved.then(|| ctx.now());
            comment.resolved_by = resolved.then(|| Person::of(ctx));
        }
        let mut tx = self.deps.db.begin().await?;
        store::update(&mut tx, &comment).await?;
        let mut events = vec![event(&found, "notebook.comment_changed", json!({"comment": comment}))];
        events.extend(mentions_of(&comment, &before, |data| event(&found, "notebook.mentioned", data)));
        append(&mut tx, ctx, events).await?;
        tx.commit().await?;
        Ok(comment)
    }

    /// Deletes a comment; with a thread's first one the whole thread goes. Others' need `notebooks.delete`.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn delete_comment(&self, ctx: &Ctx, notebook: &str, id: &str) -> Result<(), Error> {
        let found = self.find(ctx, notebook, "notebooks.comment").await?;
        let comment = self.one_comment(notebook, id).await?;
        if comment.author.id != ctx.principal().id {
            ctx.require("notebooks.delete", &found.project, "notebook", notebook)?;
        }
        let mut tx = self.deps.db.begin().await?;
        store::delete(&mut tx, notebook, id).await?;
        let data = json!({"comment": {"id": id, "thread": comment.thread, "cell": comment.cell}});
        append(&mut tx, ctx, vec![event(&found, "notebook.comment_deleted", data)]).await?;
        tx.commit().await
    }

    async fn one_comment(&self, notebook: &str, id: &str) -> Result<Comment, Error> {
        let found = store::find(&mut self.deps.db.read(), notebook, id).await?;
        found.ok_or_else(|| Error::not_found("comment", id))
    }

    async fn first_of(&self, notebook: &str, thread: &str) -> Result<Comment, Error> {
        let first = self.one_comment(notebook, thread).await?;
        if first.thread == first.id { Ok(first) } else { Err(Error::not_found("thread", thread)) }
    }

    /// The members of the project whose names stand behind an `@`.
    async fn mentioned(&self, project: &str, body: &str) -> Result<Vec<Person>, Error> {
        let names = names_in(body);
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let system = Ctx::system(self.deps.clock.clone());
        let (mut people, mut after) = (Vec::new(), None);
        loop {
            let page = PageQuery { after, limit: Some(500) };
            let page = self.deps.projects.members(&system, project, &page).await?;
            let named = page.items.iter().filter(|member| names.contains(&member.name));
            people.extend(named.map(|m| Person { id: m.user.to_string(), name: m.name.clone() }));
            after = page.next;
            if after.is_none() {
                return Ok(people);
            }
        }
    }
}

fn checked(body: String) -> Result<String, Error> {
    if body.trim().is_empty() || body.len() > LONGEST {
        let text = format!("a comment has 1 to {LONGEST} bytes");
        return Err(Error::field("invalid_comment", "/body", text));
    }
    Ok(body)
}

/// What is written behind an `@` that does not stand within a word.
fn names_in(body: &str) -> Vec<String> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut names = Vec::new();
    let mut before = ' ';
    for (at, c) in body.char_indices() {
        if c == '@' && !is_name(before) {
            let name: String = body[at + 1..].chars().take_while(|c| is_name(*c)).collect();
            let name = name.trim_end_matches(['.', '-']);
            if !name.is_empty() && !names.iter().any(|n| n == name) {
                names.push(name.to_owned());
            }
        }
        before = c;
    }
    names
}

/// News for those whom a comment names and has not named before, each on its own topic.
fn mentions_of(
    comment: &Comment,
    before: &[Person],
    make: impl Fn(serde_json::Value) -> NewEvent,
) -> Vec<NewEvent> {
    let news = comment.mentions.iter().filter(|who| !before.contains(who) && **who != comment.author);
    news.map(|who| NewEvent {
        topic: format!("user.{}", who.id),
        ..make(json!({"comment": comment.id, "thread": comment.thread, "cell": comment.cell, "by": comment.author}))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::names_in;

    #[test]
    fn names_stand_behind_an_at() {
        assert_eq!(names_in("@ada, look at @bob-2. And @ada again"), ["ada", "bob-2"]);
        assert!(names_in("mail me at ada@example.org or @ home").is_empty());
    }
}
