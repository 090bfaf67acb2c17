//! What a file says of its own structure, by its first bytes: columns and the reference system of positions.

use super::columns::{Column, ColumnType, crs_name, crs_of};
use super::{array, geojson, npy::Npy, table};
use crate::media;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most bytes that are read to find it.
pub(crate) const STRUCTURE_HEAD: u64 = 256 << 10;
/// How many rows or features say what a column is.
const ROWS: usize = 200;

/// What a file says of its structure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Structure {
    pub(crate) columns: Vec<Column>,
    pub(crate) crs: Option<String>,
}

/// The structure as the first bytes show it.
pub(crate) fn structure(media_type: &str, size: u64, head: &[u8]) -> Structure {
    let whole = head.len() as u64 == size;
    let kind = media::essence(media_type);
    if let Some(delimiter) = media::table_delimiter(&kind) {
        let columns = table::read(head, whole, delimiter, ROWS).map_or_else(Vec::new, |read| read.columns());
        return Structure { crs: crs_of(&columns), columns };
    }
    if let Ok(npy) = Npy::parse(head) {
        return Structure { columns: columns_of(&npy), crs: None };
    }
    if kind == "application/geo+json" || kind == "application/json" {
        let (found, _) = geojson::read(head, head.len());
        if found.is_collection {
            // RFC 7946 §4: without another word it is WGS 84, longitude first.
            let crs = found.crs.clone().or_else(|| Some("EPSG:4326".into()));
            return Structure { columns: found.columns(ROWS), crs };
        }
        let said = whole.then(|| serde_json::from_slice::<Value>(head).ok()).flatten();
        let crs = found.crs.or_else(|| said.as_ref().and_then(|v| v["crs"].as_str()).and_then(crs_name));
        return Structure { columns: Vec::new(), crs };
    }
    Structure::default()
}

/// The columns of an array, as a series names them: `value` for one axis, the numbers of the columns for two.
pub(crate) fn columns_of(npy: &Npy) -> Vec<Column> {
    let integer = !matches!(npy.number, super::npy::Number::F32 | super::npy::Number::F64);
    let kind = if integer { ColumnType::Integer } else { ColumnType::Number };
    match array::plane(npy) {
        _ if npy.shape.len() > 2 => Vec::new(),
        _ if npy.shape.len() < 2 => vec![Column::new("value", kind)],
        (_, columns) => (0..columns.min(1000)).map(|at| Column::new(at.to_string(), kind)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::npy::tests::file;
    use super::*;

    fn of(media_type: &str, bytes: &[u8]) -> Structure {
        structure(media_type, bytes.len() as u64, bytes)
    }

    #[test]
    fn files_say_what_they_are() {
        let found = of("text/csv", b"lon,lat,depth (km)\n13.4,52.5,10\n");
        assert_eq!((found.columns.len(), found.crs.as_deref()), (3, Some("EPSG:4326")));
        assert_eq!(found.columns[2].unit.as_deref(), Some("km"));
        let points = br#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"m":1}}]}"#;
        let found = of("application/geo+json", points);
        assert_eq!((found.columns[0].name.as_str(), found.crs.as_deref()), ("m", Some("EPSG:4326")));
        let grid = of("application/json", br#"{"crs":"EPSG:32633","values":[[1]]}"#);
        assert_eq!((grid.columns.len(), grid.crs.as_deref()), (0, Some("EPSG:32633")));
        let array = file("{'descr': '<i4', 'fortran_order': False, 'shape': (9, 2), }", &[]);
        let names: Vec<_> = of("application/x-npy", &array).columns.into_iter().map(|c| c.name).collect();
        assert_eq!(names, ["0", "1"]);
        assert_eq!(of("image/png", b"\x89PNG"), Structure::default());
    }
}
