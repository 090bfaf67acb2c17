//! Columns: what their headings, their first cells and their writer say of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the first cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// `true` and `false`.
    Boolean,
    /// Dates, alone or with a time behind them (ISO 8601).
    Time,
    /// Anything else.
    Text,
    /// No cell was seen that is not empty.
    Empty,
}

/// What a column stands for, where its heading says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Degrees east.
    Longitude,
    /// Degrees north.
    Latitude,
    /// A length to the east, in a projected reference system.
    Easting,
    /// A length to the north, in a projected reference system.
    Northing,
    /// When.
    Time,
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Its heading, as it stands in the file; requests name columns by it.
    pub name: String,
    /// What its first cells are.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// The unit of its values, as its writer or its heading says: `depth (km)`, `depth [km]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What it stands for, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

impl Column {
    /// A column with what its heading says.
    pub(crate) fn new(name: impl Into<String>, kind: ColumnType) -> Self {
        let name = name.into();
        let (bare, unit) = heading(&name);
        let role = role(bare, kind);
        let unit = unit.map(str::to_owned);
        Self { role, unit, kind, name }
    }
}

/// `depth (km)` or `depth [km]` as name and unit.
pub(crate) fn heading(text: &str) -> (&str, Option<&str>) {
    let whole = text.trim();
    let inner = whole.strip_suffix([')', ']']).and_then(|rest| rest.rsplit_once(['(', '[']));
    match inner.map(|(name, unit)| (name.trim_end(), unit.trim())) {
        Some((name, unit)) if !name.is_empty() && !unit.is_empty() => (name, Some(unit)),
        _ => (whole, None),
    }
}

fn role(bare: &str, kind: ColumnType) -> Option<Role> {
    match bare.to_ascii_lowercase().as_str() {
        "lon" | "long" | "lng" | "longitude" => Some(Role::Longitude),
        "lat" | "latitude" => Some(Role::Latitude),
        "east" | "easting" | "utm_e" | "utm_x" => Some(Role::Easting),
        "north" | "northing" | "utm_n" | "utm_y" => Some(Role::Northing),
        "time" | "date" | "datetime" | "timestamp" => Some(Role::Time),
        _ if kind == ColumnType::Time => Some(Role::Time),
        _ => None,
    }
}

/// Where the column names alone say what reference system the positions have: longitude and latitude.
pub(crate) fn crs_of(columns: &[Column]) -> Option<String> {
    let has = |role| columns.iter().any(|column| column.role == Some(role));
    (has(Role::Longitude) && has(Role::Latitude)).then(|| "EPSG:4326".to_owned())
}

/// What the writer of a file said of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said<'a> {
    /// One unit for all values, or a JSON object from column to unit.
    pub(crate) units: Option<&'a str>,
    /// Names, or objects with name and unit.
    pub(crate) columns: Option<&'a Value>,
}

impl Said<'_> {
    /// Adds to columns what the writer said; without columns these are what the writer named.
    pub(crate) fn add_to(&self, columns: &mut Vec<Column>) {
        let declared = self.columns.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if columns.is_empty() {
            let named = declared.iter().filter_map(name_of).take(1000);
            columns.extend(named.map(|name| Column::new(name, ColumnType::Empty)));
        }
        let by_name: Option<BTreeMap<String, Value>> =
            self.units.and_then(|text| serde_json::from_str(text).ok());
        let for_all = if by_name.is_none() { self.units } else { None };
        for (at, column) in columns.iter_mut().enumerate() {
            let bare = heading(&column.name).0;
            let same = |said: &&Value| name_of(said).is_some_and(|n| n == column.name || n == bare);
            let own =
                declared.iter().find(same).or_else(|| declared.get(at).filter(|d| name_of(d).is_none()));
            let own = own.and_then(|said| said["unit"].as_str());
            let named =
                by_name.as_ref().and_then(|units| units.get(&column.name).or_else(|| units.get(bare)));
            let is_value = matches!(column.kind, ColumnType::Integer | ColumnType::Number);
            let all = for_all.filter(|_| is_value && column.role.is_none());
            let unit = own.or(named.and_then(Value::as_str)).map(str::to_owned);
            column.unit = unit.or(column.unit.take()).or(all.map(str::to_owned)).filter(|u| !u.is_empty());
        }
    }
}

fn name_of(said: &Value) -> Option<&str> {
    said.as_str().or_else(|| said["name"].as_str())
}

/// `urn:ogc:def:crs:EPSG::32633`, `http://www.opengis.net/def/crs/EPSG/0/32633` or `epsg:32633` as `EPSG:32633`; the
/// names of WGS 84 with longitude first as `EPSG:4326`, which GeoJSON has always meant that way.
pub(crate) fn crs_name(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 200 || text.contains(char::is_control) {
        return None;
    }
    let upper = text.to_ascii_uppercase();
    if upper.ends_with("CRS84") {
        return Some("EPSG:4326".into());
    }
    let code = upper.rsplit([':', '/']).next().unwrap_or_default();
    let number = !code.is_empty() && code.len() <= 6 && code.bytes().all(|b| b.is_ascii_digit());
    match upper.find("EPSG") {
        Some(_) if number => Some(format!("EPSG:{code}")),
        _ => Some(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn headings_tell_unit_and_role() {
        assert_eq!(heading("co2 (ppm)"), ("co2", Some("ppm")));
        assert_eq!(heading(" speed [m/s] "), ("speed", Some("m/s")));
        for plain in ["depth", "(km)", "a()", "f(x) of y", ""] {
            assert_eq!(heading(plain), (plain, None), "{plain}");
        }
        let lon = Column::new("Longitude (deg)", ColumnType::Number);
        assert_eq!((lon.role, lon.unit.as_deref()), (Some(Role::Longitude), Some("deg")));
        assert_eq!(Column::new("when", ColumnType::Time).role, Some(Role::Time));
        assert_eq!(Column::new("x", ColumnType::Number).role, None);
        assert_eq!(crs_of(std::slice::from_ref(&lon)), None);
        assert_eq!(crs_of(&[Column::new("LAT", ColumnType::Number), lon]).as_deref(), Some("EPSG:4326"));
    }

    #[test]
    fn what_the_writer_said_comes_first() {
        let units = |said: Said<'_>| -> Vec<Option<String>> {
            let mut columns = vec![
                Column::new("time", ColumnType::Time),
                Column::new("co2 (ppm)", ColumnType::Number),
                Column::new("trend", ColumnType::Number),
            ];
            said.add_to(&mut columns);
            columns.into_iter().map(|column| column.unit).collect()
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(units(Said::default()), [None, some("ppm"), None]);
        let said = Said { units: Some("m"), columns: None };
        assert_eq!(units(said), [None, some("ppm"), some("m")], "one unit for what has none");
        let said = Said { units: Some(r#"{"co2": "1", "trend": "K"}"#), columns: None };
        assert_eq!(units(said), [None, some("1"), some("K")]);
        let declared = json!([{"name": "trend", "unit": "mol"}, "time"]);
        assert_eq!(units(Said { units: None, columns: Some(&declared) }), [None, some("ppm"), some("mol")]);
        let mut none = Vec::new();
        Said { units: None, columns: Some(&declared) }.add_to(&mut none);
        assert_eq!(none.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["trend", "time"]);
    }

    #[test]
    fn reference_systems_have_one_name() {
        for (given, name) in [
            ("urn:ogc:def:crs:EPSG::32633", "EPSG:32633"),
            ("http://www.opengis.net/def/crs/EPSG/0/4326", "EPSG:4326"),
            ("epsg:25832", "EPSG:25832"),
            ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
            ("Mars 2000", "Mars 2000"),
        ] {
            assert_eq!(crs_name(given).as_deref(), Some(name));
        }
        assert_eq!(crs_name(" "), None);
    }
}
