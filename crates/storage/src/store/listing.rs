//! Lists of uploads and datasets: filtered, in a stable order, by pages.

use castalia_base::Error;
use castalia_db::{Param, params};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most media types of a filter.
pub(crate) const MEDIA_TYPES: usize = 8;

/// The order of a list; a minus turns it round. Entries that are equal stand in the order of their making.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Sort {
    /// Oldest first.
    #[default]
    #[serde(rename = "created_at")]
    Oldest,
    /// Newest first.
    #[serde(rename = "-created_at")]
    Newest,
    /// By name, whatever the case.
    #[serde(rename = "name")]
    Name,
    /// By name, backwards.
    #[serde(rename = "-name")]
    NameDown,
    /// Smallest first.
    #[serde(rename = "size")]
    Smallest,
    /// Largest first.
    #[serde(rename = "-size")]
    Largest,
}

/// What is wanted of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) media_types: Vec<String>,
    /// A part of the name, whatever the case.
    pub(crate) name: String,
    pub(crate) sort: Sort,
    /// The [`token`] of the last entry of the page before.
    pub(crate) after: String,
    pub(crate) limit: usize,
}

/// Where a page ends: the entry's id, and what it is sorted by.
pub(crate) fn token(sort: Sort, id: &str, name: &str, size: u64) -> String {
    match sort {
        Sort::Oldest | Sort::Newest => id.to_owned(),
        Sort::Name | Sort::NameDown => format!("{id}~{name}"),
        Sort::Smallest | Sort::Largest => format!("{id}~{size}"),
    }
}

/// Text that LIKE takes literally.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

impl Wanted {
    /// The parameters $1 to $12 of [`page_sql`], then `own`, then what the list is sorted by.
    ///
    /// # Errors
    /// `too_many_media_types`, `invalid_page`.
    pub(crate) fn params(&self, project: &str, own: Vec<Param>) -> Result<Vec<Param>, Error> {
        if self.media_types.len() > MEDIA_TYPES {
            let text = format!("a list may be narrowed to {MEDIA_TYPES} media types at once");
            return Err(Error::invalid("too_many_media_types", text));
        }
        let name = if self.name.is_empty() { String::new() } else { format!("%{}%", literal(&self.name)) };
        let mut all = params![project, name];
        for at in 0..MEDIA_TYPES {
            let given = self.media_types.get(at).map(|kind| kind.trim().trim_end_matches('*'));
            // Without any, the first pattern lets all through.
            let pattern = match given {
                Some(kind) => format!("{}%", literal(&kind.to_ascii_lowercase())),
                None if self.media_types.is_empty() && at == 0 => "%".into(),
                None => String::new(),
            };
            all.extend(params![pattern]);
        }
        let (id, value) = self.after.split_once('~').unwrap_or((&self.after, ""));
        all.extend(params![self.limit, id]);
        all.extend(own);
        match self.sort {
            Sort::Oldest | Sort::Newest => {}
            Sort::Name | Sort::NameDown => all.extend(params![value]),
            Sort::Smallest | Sort::Largest => {
                let size: i64 =
                    if value.is_empty() { 0 } else { value.parse().map_err(|_| invalid_page())? };
                all.extend(params![size]);
            }
        }
        Ok(all)
    }
}

fn invalid_page() -> Error {
    Error::invalid("invalid_page", "`after` is the `next` of a page in the same order")
}

/// The statement for each order of a list: `page_sql!(sort, "table", "own conditions", "$n of the sort value")`.
macro_rules! page_sql {
    (@one $table:literal, $own:literal, $behind:expr, $order:literal) => {
        concat!(
            "SELECT * FROM ", $table, " WHERE project_id = $1 AND ($2 = '' OR LOWER(name) LIKE LOWER($2) ESCAPE '\\') ",
            "AND (LOWER(media_type) LIKE $3 ESCAPE '\\' OR LOWER(media_type) LIKE $4 ESCAPE '\\' ",
            "OR LOWER(media_type) LIKE $5 ESCAPE '\\' OR LOWER(media_type) LIKE $6 ESCAPE '\\' ",
            "OR LOWER(media_type) LIKE $7 ESCAPE '\\' OR LOWER(media_type) LIKE $8 ESCAPE '\\' ",
            "OR LOWER(media_type) LIKE $9 ESCAPE '\\' OR LOWER(media_type) LIKE $10 ESCAPE '\\') ",
            $own, " AND ($12 = '' OR ", $behind, ") ORDER BY ", $order, " LIMIT $11"
        )
    };
    ($sort:expr, $table:literal, $own:literal, $value:literal) => {
        match $sort {
            $crate::store::listing::Sort::Oldest => page_sql!(@one $table, $own, "id > $12", "id"),
            $crate::store::listing::Sort::Newest => page_sql!(@one $table, $own, "id < $12", "id DESC"),
            $crate::store::listing::Sort::Name => page_sql!(@one $table, $own,
                concat!("LOWER(name) > LOWER(", $value, ") OR (LOWER(name) = LOWER(", $value, ") AND id > $12)"),
                "LOWER(name), id"),
            $crate::store::listing::Sort::NameDown => page_sql!(@one $table, $own,
                concat!("LOWER(name) < LOWER(", $value, ") OR (LOWER(name) = LOWER(", $value, ") AND id < $12)"),
                "LOWER(name) DESC, id DESC"),
            $crate::store::listing::Sort::Smallest => page_sql!(@one $table, $own,
                concat!("size > ", $value, " OR (size = ", $value, " AND id > $12)"), "size, id"),
            $crate::store::listing::Sort::Largest => page_sql!(@one $table, $own,
                concat!("size < ", $value, " OR (size = ", $value, " AND id < $12)"), "size DESC, id DESC"),
        }
    };
}
pub(crate) use page_sql;
