//! GeoJSON (RFC 7946), as far as it was read: the features before the cut are whole.

use super::columns::{Column, ColumnType, crs_name};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};
use std::fmt;

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
    bytes: usize,
    limit: usize,
}

/// Reads what is there of a file; `limit` bounds the bytes of the features that are kept. The second answer says
/// whether the document was read to its end.
pub(crate) fn read(head: &[u8], limit: usize) -> (Collection, bool) {
    let mut found = Collection { limit, ..Collection::default() };
    let mut json = serde_json::Deserializer::from_slice(head);
    let whole = Document(&mut found).deserialize(&mut json).is_ok() && json.end().is_ok();
    (found, whole)
}

struct Document<'a>(&'a mut Collection);

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
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
                "features" => map.next_value_seed(Features(&mut *self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Features<'a>(&'a mut Collection);

impl<'de> DeserializeSeed<'de> for Features<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while self.0.bytes < self.0.limit {
            let Some(feature) = list.next_element::<Box<RawValue>>()? else {
                return Ok(());
            };
            self.0.seen += 1;
            self.0.bytes += feature.get().len();
            if self.0.bytes <= self.0.limit {
                self.0.kept.push(feature);
            }
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
