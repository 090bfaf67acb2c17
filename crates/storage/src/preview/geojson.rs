//! GeoJSON (RFC 7946), as far as it was read: the features before the cut are whole.

use super::columns::{Column, ColumnType, crs_name};
use crate::sample::{Pull, failed};
use castalia_base::Error;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};
use std::cell::RefCell;
use std::fmt;
use std::io::{BufReader, Read};

/// What is found in a collection of features.
#[derive(Debug, Default)]
pub(crate) struct Collection {
    /// Whether it is a `FeatureCollection` at all.
    pub(crate) is_collection: bool,
    /// The first features, as text.
    pub(crate) kept: Vec<Box<RawValue>>,
    /// How many features were seen.
    pub(crate) seen: u64,
    /// The member `crs` of GeoJSON 2008.
    pub(crate) crs: Option<String>,
}

/// Is given the properties of one feature after the other; an error ends the reading.
type TakeRow<'a> = &'a mut dyn FnMut(&Map<String, Value>) -> Result<(), Error>;

/// Reads what is there of a file; `limit` bounds the bytes of the features that are kept. The second answer says
/// whether the document was read to its end.
pub(crate) fn read(head: &[u8], limit: usize) -> (Collection, bool) {
    let mut found = Collection::default();
    let (mut kept, mut bytes) = (Vec::new(), 0);
    let mut take = |feature: Box<RawValue>| {
        bytes += feature.get().len();
        let fits = bytes <= limit;
        if fits {
            kept.push(feature);
        }
        Ok(fits)
    };
    let mut json = serde_json::Deserializer::from_slice(head);
    let whole = Document(&mut found, &mut take).deserialize(&mut json).is_ok() && json.end().is_ok();
    found.kept = kept;
    (found, whole)
}

/// Hands over the features of a whole file as rows, one after the other.
///
/// # Errors
/// What `take` says; `not_a_table` for what is no collection of features; `too_large` beyond the limit of time.
pub(crate) fn each_feature(pull: Pull, take: TakeRow<'_>) -> Result<(), Error> {
    let mut found = Collection::default();
    let mut failure = None;
    // The reader is shared with what marks the end of each feature.
    let pull = RefCell::new(pull);
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(64 << 10, Shared(&pull)));
    let result = Document(&mut found, &mut |feature: Box<RawValue>| {
        pull.borrow_mut().item_ended();
        let row = row(feature.get()).unwrap_or_default();
        take(&row).map(|()| true).map_err(|error| {
            failure = Some(error);
            "stopped".to_owned()
        })
    })
    .deserialize(&mut json);
    match (failure, result) {
        (Some(error), _) => Err(error),
        (None, Err(error)) if error.is_io() => Err(failed(error.into())),
        (None, Err(error)) => {
            let text = format!("this is no GeoJSON: {error}");
            Err(Error::unprocessable("not_a_table", text, Vec::new()))
        }
        (None, Ok(())) if found.is_collection => Ok(()),
        (None, Ok(())) => {
            Err(Error::unprocessable("not_a_table", "this is no collection of features", Vec::new()))
        }
    }
}

struct Shared<'a>(&'a RefCell<Pull>);

impl Read for Shared<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().read(into)
    }
}

/// Sees a feature and says whether it wants more; the rest is then only counted.
type TakeFeature<'a> = dyn FnMut(Box<RawValue>) -> Result<bool, String> + 'a;

struct Document<'a, 'b>(&'a mut Collection, &'a mut TakeFeature<'b>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => self.0.is_collection = map.next_value::<Value>()? == "FeatureCollection",
                "crs" => {
                    let said = map.next_value::<Value>()?;
                    let name = said.as_str().or_else(|| said["properties"]["name"].as_str());
                    self.0.crs = name.and_then(crs_name);
                }
                "features" => map.next_value_seed(Features(&mut *self.0, &mut *self.1))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Features<'a, 'b>(&'a mut Collection, &'a mut TakeFeature<'b>);

impl<'de> DeserializeSeed<'de> for Features<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut more = true;
        while more {
            let Some(feature) = list.next_element::<Box<RawValue>>()? else {
                return Ok(());
            };
            self.0.seen += 1;
            more = (self.1)(feature).map_err(A::Error::custom)?;
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            self.0.seen += 1;
        }
        Ok(())
    }
}

impl Collection {
    /// The properties of the first features as columns; points have their position in front.
    pub(crate) fn columns(&self, features: usize) -> Vec<Column> {
        let parsed: Vec<Map<String, Value>> =
            self.kept.iter().take(features).filter_map(|f| row(f.get())).collect();
        let mut names: Vec<&String> = Vec::new();
        for name in parsed.iter().flat_map(Map::keys) {
            if names.len() < 500 && !names.contains(&name) {
                names.push(name);
            }
        }
        names
            .into_iter()
            .map(|name| Column::new(name, kind(parsed.iter().filter_map(|row| row.get(name)))))
            .collect()
    }
}

/// A feature as a row: `longitude`, `latitude` and `z` of a point, then the properties.
pub(crate) fn row(feature: &str) -> Option<Map<String, Value>> {
    let mut feature: Map<String, Value> = serde_json::from_str(feature).ok()?;
    let mut row = Map::new();
    if let Some(geometry) = feature.get("geometry").filter(|g| g["type"] == "Point") {
        for (name, value) in ["longitude", "latitude", "z"].iter().zip(geometry["coordinates"].as_array()?) {
            row.insert((*name).to_owned(), value.clone());
        }
    }
    if let Some(Value::Object(properties)) = feature.remove("properties") {
        for (name, value) in properties {
            row.entry(name).or_insert(value);
        }
    }
    Some(row)
}

fn kind<'a>(values: impl Iterator<Item = &'a Value>) -> ColumnType {
    let mut kind = ColumnType::Empty;
    for value in values {
        let one = match value {
            Value::Null => continue,
            Value::Bool(_) => ColumnType::Boolean,
            Value::Number(n) if n.is_f64() => ColumnType::Number,
            Value::Number(_) => ColumnType::Integer,
            Value::String(text) if super::table::is_time(text) => ColumnType::Time,
            _ => ColumnType::Text,
        };
        kind = match (kind, one) {
            (ColumnType::Empty, one) => one,
            (a, b) if a == b => a,
            (ColumnType::Integer | ColumnType::Number, ColumnType::Integer | ColumnType::Number) => {
                ColumnType::Number
            }
            _ => return ColumnType::Text,
        };
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preview::columns::Role;

    const QUAKES: &str = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},
        "features":[
          {"type":"Feature","geometry":{"type":"Point","coordinates":[13.4,52.5,10]},"properties":{"mag":4.5,"place":"a"}},
          {"type":"Feature","geometry":{"type":"LineString","coordinates":[[0,0],[1,1]]},"properties":{"mag":5,"features":[1]}},
          {"type":"Feature","geometry":null,"properties":null}]}"#;

    #[test]
    fn features_before_a_cut_are_whole() {
        let (all, whole) = read(QUAKES.as_bytes(), 1 << 20);
        assert!(whole && all.is_collection);
        assert_eq!((all.seen, all.kept.len(), all.crs.as_deref()), (3, 3, Some("EPSG:4326")));
        let cut = QUAKES.find("\"place\":\"a\"}},").expect("is there") + 30;
        let (some, whole) = read(&QUAKES.as_bytes()[..cut], 1 << 20);
        assert!(!whole && some.is_collection);
        assert_eq!((some.seen, some.kept.len()), (1, 1));
        let (few, whole) = read(QUAKES.as_bytes(), 200);
        assert!(whole && few.kept.len() == 1, "{few:?}");
        assert_eq!(few.seen, 3);
    }

    #[test]
    fn properties_are_columns() {
        let columns = read(QUAKES.as_bytes(), 1 << 20).0.columns(100);
        let kinds: Vec<_> = columns.iter().map(|c| (c.name.as_str(), c.kind)).collect();
        use ColumnType::{Integer, Number, Text};
        assert_eq!(
            kinds,
            [
                ("latitude", Number),
                ("longitude", Number),
                ("mag", Number),
                ("place", Text),
                ("z", Integer),
                ("features", Text)
            ]
        );
        assert_eq!(columns[1].role, Some(Role::Longitude));
    }
}
