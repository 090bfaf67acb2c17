//! Lists of objects: in the order of bytes, by pages, folded at a delimiter. Only public keys are seen.

use super::Service;
use crate::key::{PUBLIC_ROOTS, sort_end, sort_key};
use crate::model::Bucket;
use crate::store::objects::{self, Object};
use castalia_base::Error;

/// Which objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListQuery {
    pub(crate) prefix: String,
    pub(crate) delimiter: Option<String>,
    /// Only what sorts after this key or folded prefix.
    pub(crate) after: String,
    /// Whether `after` may be a folded prefix, which stands for all that is folded into it.
    pub(crate) after_folded: bool,
    pub(crate) limit: usize,
}

/// One page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    pub(crate) objects: Vec<Object>,
    pub(crate) prefixes: Vec<String>,
    /// The last key or folded prefix of this page, when there is more.
    pub(crate) next: Option<String>,
}

impl Listing {
    fn len(&self) -> usize {
        self.objects.len() + self.prefixes.len()
    }
}

/// What becomes of a key in a list.
enum Fate<'a> {
    Listed,
    /// It is one of those folded into this prefix.
    Folded(&'a str),
}

fn fate<'a>(key: &'a str, query: &ListQuery) -> Fate<'a> {
    let Some(delimiter) = query.delimiter.as_deref().filter(|d| !d.is_empty()) else {
        return Fate::Listed;
    };
    match key[query.prefix.len()..].find(delimiter) {
        Some(at) => Fate::Folded(&key[..query.prefix.len() + at + delimiter.len()]),
        None => Fate::Listed,
    }
}

/// The ranges of sort keys that a query can see.
fn windows(prefix: &str) -> Vec<(String, String)> {
    PUBLIC_ROOTS
        .iter()
        .filter_map(|root| {
            let below = if prefix.starts_with(root) { prefix } else { root };
            (prefix.starts_with(root) || root.starts_with(prefix)).then(|| (sort_key(below), sort_end(below)))
        })
        .collect()
}

/// The first sort key behind `after`: behind everything below it when it is a folded prefix.
fn start(query: &ListQuery) -> String {
    let folds = |d: &str| !d.is_empty() && query.after.starts_with(&query.prefix) && query.after.ends_with(d);
    let folded =
        query.after_folded && query.after != query.prefix && query.delimiter.as_deref().is_some_and(folds);
    match (query.after.is_empty(), folded) {
        (true, _) => String::new(),
        (false, true) => sort_end(&query.after),
        // `0` makes it the next sort key: hexadecimal digits come in pairs, so no key lies between.
        (false, false) => format!("{}0", sort_key(&query.after)),
    }
}

impl Service {
    /// One page of a bucket's public objects.
    pub(crate) async fn list_objects(&self, bucket: &Bucket, query: &ListQuery) -> Result<Listing, Error> {
        let mut page = Listing::default();
        if query.limit == 0 {
            return Ok(page);
        }
        let mut sql = self.db.read();
        let begin = start(query);
        for (from, to) in windows(&query.prefix) {
            let mut at = from.max(begin.clone());
            while at < to {
                let batch = (query.limit + 1).min(1001);
                let found = objects::range(&mut sql, bucket.project.as_str(), &at, &to, batch).await?;
                let full = found.len() == batch;
                let behind = add(&mut page, found, query);
                at = if full { behind } else { to.clone() };
                if page.len() > query.limit {
                    return Ok(cut(page, query.limit));
                }
            }
        }
        Ok(page)
    }
}

/// Adds found objects to a page; returns where to go on.
fn add(page: &mut Listing, found: Vec<Object>, query: &ListQuery) -> String {
    let mut next = String::new();
    for object in found {
        match fate(&object.key, query) {
            Fate::Listed => {
                next = format!("{}0", sort_key(&object.key));
                page.objects.push(object);
            }
            Fate::Folded(prefix) => {
                next = sort_end(prefix);
                if page.prefixes.last().is_none_or(|last| last != prefix) {
                    page.prefixes.push(prefix.to_owned());
                }
            }
        }
    }
    next
}

/// Leaves the first `limit` entries in the common order of keys and prefixes.
fn cut(mut page: Listing, limit: usize) -> Listing {
    while page.len() > limit {
        let key = page.objects.last().map(|object| object.key.as_str());
        let prefix = page.prefixes.last().map(String::as_str);
        if key > prefix {
            page.objects.pop();
        } else {
            page.prefixes.pop();
        }
    }
    let key = page.objects.last().map(|object| object.key.clone());
    page.next = key.max(page.prefixes.last().cloned());
    page
}
