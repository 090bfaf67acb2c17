//! Series and grids over HTTP.

use crate::rest::{Answer, get, router, send};
use crate::support::{STEPS, World, member};
use axum::Router;
use axum::body::Body;
use axum::http::Method;
use castalia_storage::BlobConfig;
use castalia_testkit::{clock, sqlite};
use serde_json::{Value, json};

struct Setup {
    router: Router,
    _world: World,
    _db: castalia_testkit::TestDb,
}

async fn setup() -> Setup {
    let db = sqlite(STEPS).await;
    let world = World::new(db.db.clone(), clock(), BlobConfig::Folder);
    let router = router(&world, &member(&world, "demo", &["uploads.*", "datasets.*"]));
    Setup { router, _world: world, _db: db }
}

impl Setup {
    async fn put(&self, name: &str, body: impl Into<Body>) -> String {
        let uri = format!("/api/uploads?project=demo&name={name}");
        let answer = send(&self.router, Method::PUT, &uri, &[], body.into()).await;
        format!("/api/uploads/{}", answer.json()["id"].as_str().expect("an id"))
    }
    async fn get(&self, uri: &str) -> Answer {
        get(&self.router, uri, &[]).await
    }
}

/// A NumPy file of doubles.
fn npy(shape: &str, fortran: bool, values: &[f64]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': {shape}, }}");
    let mut file = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    file.extend(format!("{header:<118}").as_bytes());
    file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    file
}

fn numbers(list: &Value) -> Vec<Option<f64>> {
    list.as_array().expect("a list").iter().map(Value::as_f64).collect()
}

#[tokio::test]
async fn a_short_table_comes_as_it_is() {
    let setup = setup().await;
    let table = "time,CO2 (ppm),note\n2024-01-01,400.5,a\n2024-01-02,,b\n2024-01-03,n/a,\n2024-01-04,402,d\n";
    let uri = setup.put("co2.csv", table).await;
    let series = setup.get(&format!("{uri}/series?x=time&y=co2&y=note")).await.json();
    let expected = json!({
        "rows_total": 4, "rows_in_range": 4, "thinned": false,
        "columns": [
            {"name": "time", "type": "time", "role": "time"},
            {"name": "CO2 (ppm)", "type": "number", "unit": "ppm"},
            {"name": "note", "type": "text"},
        ],
        "row": [0, 1, 2, 3],
        "x": ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"],
        "y": [[400.5, null, null, 402.0], ["a", "b", null, "d"]],
    });
    assert_eq!(series, expected);
    let zoomed =
        setup.get(&format!("{uri}/series?x=time&y=note&from=2024-01-02T00:00:00Z&to=2024-01-03")).await;
    assert_eq!((&zoomed.json()["row"], &zoomed.json()["rows_total"]), (&json!([1, 2]), &json!(4)));
    let by_row = setup.get(&format!("{uri}/series?y=note&from=3")).await.json();
    assert_eq!((&by_row["x"], &by_row["columns"][0]["name"]), (&json!([3.0]), &json!("row")));
    for (query, code) in [
        ("y=nothing", "unknown_column"),
        ("x=nothing&y=time", "unknown_column"),
        ("", "invalid_columns"),
        ("x=time&y=note&from=soon", "invalid_range"),
        ("x=note&y=time&from=1", "invalid_range"),
        ("y=note&points=many", "invalid_query"),
    ] {
        let refused = setup.get(&format!("{uri}/series?{query}")).await;
        assert_eq!(refused.code(), code, "{query}");
        assert!(refused.status.is_client_error());
    }
    let picture = setup.put("a.bin", vec![0u8, 1, 2]).await;
    assert_eq!(setup.get(&format!("{picture}/series?y=a")).await.code(), "not_a_table");
    assert_eq!(setup.get(&format!("{picture}/grid")).await.code(), "not_a_grid");
}

#[tokio::test]
async fn a_long_table_keeps_its_peaks() {
    let setup = setup().await;
    let mut table = String::from("t,a,b\n");
    for n in 0..50_000 {
        let (a, b) = (if n == 31_415 { 1e6 } else { f64::from(n % 7) }, if n == 27_182 { -1e6 } else { 0.5 });
        table.push_str(&format!("{}.5,{a},{b}\n", n * 2));
    }
    let uri = setup.put("long.csv", table).await;
    let series = setup.get(&format!("{uri}/series?x=t&y=a&y=b&points=600")).await.json();
    let row = numbers(&series["row"]);
    assert!((100..=600).contains(&row.len()), "{}", row.len());
    assert_eq!((&series["thinned"], &series["rows_in_range"]), (&json!(true), &json!(50_000)));
    for number in [0.0, 27_182.0, 31_415.0, 49_999.0] {
        assert!(row.contains(&Some(number)), "{number}");
    }
    let peak = row.iter().position(|n| *n == Some(31_415.0)).expect("is kept");
    assert_eq!((&series["y"][0][peak], &series["x"][peak]), (&json!(1e6), &json!(62830.5)));
    let zoomed = setup.get(&format!("{uri}/series?x=t&y=a&from=62820&to=62840&points=600")).await.json();
    assert_eq!((&zoomed["thinned"], &zoomed["rows_in_range"]), (&json!(false), &json!(10)));
    assert_eq!(zoomed["row"][0], 31_410);
    // An x that goes to and fro is thinned along the rows.
    let mut table = String::from("x,y\n");
    (0..5000)
        .for_each(|n| table.push_str(&format!("{},{}\n", (n * 37) % 101, if n == 4321 { 9 } else { 1 })));
    let uri = setup.put("around.csv", table).await;
    let series = setup.get(&format!("{uri}/series?x=x&y=y&points=100")).await.json();
    let row = numbers(&series["row"]);
    assert!(row.contains(&Some(4321.0)) && row.len() <= 100 && row.windows(2).all(|w| w[0] < w[1]));
}

#[tokio::test]
async fn arrays_and_features_are_tables_too() {
    let setup = setup().await;
    let one = setup.put("one.npy", npy("(4,)", false, &[1.0, f64::NAN, 3.0, 4.0])).await;
    let series = setup.get(&format!("{one}/series?y=value")).await.json();
    assert_eq!(series["y"], json!([[1.0, null, 3.0, 4.0]]));
    let rows = setup.put("rows.npy", npy("(2, 3)", false, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])).await;
    let columns = setup.put("columns.npy", npy("(2, 3)", true, &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0])).await;
    for uri in [rows, columns] {
        let series = setup.get(&format!("{uri}/series?x=0&y=2&y=1")).await.json();
        assert_eq!((&series["x"], &series["y"]), (&json!([1.0, 4.0]), &json!([[3.0, 6.0], [2.0, 5.0]])));
    }
    let short = setup.put("short.npy", npy("(9,)", false, &[1.0])).await;
    assert_eq!(setup.get(&format!("{short}/series?y=value")).await.code(), "unsupported_array");
    let quakes = r#"{"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [13.5, 52.25, 10]}, "properties": {"mag": 4.5}},
        {"type": "Feature", "geometry": null, "properties": {"mag": null, "place": "x"}}]}"#;
    let quakes = setup.put("quakes.geojson", quakes).await;
    let series = setup.get(&format!("{quakes}/series?x=longitude&y=z&y=mag")).await.json();
    assert_eq!((&series["x"], &series["y"]), (&json!([13.5, null]), &json!([[10.0, null], [4.5, null]])));
}

#[tokio::test]
async fn what_lies_on_a_grid_is_one() {
    let setup = setup().await;
    let values: Vec<f64> = (0..6).map(f64::from).collect();
    let array = setup.put("g.npy", npy("(2, 3)", false, &values)).await;
    let grid = setup.get(&format!("{array}/grid")).await.json();
    assert_eq!((&grid["shape"], &grid["thinned_shape"]), (&json!([2, 3]), &json!([2, 3])));
    assert_eq!(grid["z"], json!([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]));
    let many: Vec<f64> = (0..10_000).map(|n| f64::from(n % 100)).collect();
    let large = setup.put("large.npy", npy("(100, 100)", true, &many)).await;
    let grid = setup.get(&format!("{large}/grid?points=100")).await.json();
    assert_eq!(
        (&grid["thinned_shape"], &grid["x"][0], &grid["y"][9]),
        (&json!([10, 10]), &json!(4.5), &json!(94.5))
    );
    // Stored by columns: the row number is what runs from 0 to 99.
    assert_eq!((&grid["z"][0][5], &grid["z"][9][5]), (&json!(4.5), &json!(94.5)));
    // One row for each node, in any order, one of them missing.
    let long = "lat,lon,depth (km)\n1,20,4\n0,10,1\n0,20,2\n1,10,\n0,30,3\n1,30,6\n";
    let long = setup.put("long.csv", long).await;
    let grid = setup.get(&format!("{long}/grid")).await.json();
    assert_eq!((&grid["x"], &grid["y"]), (&json!([10.0, 20.0, 30.0]), &json!([0.0, 1.0])));
    assert_eq!(grid["z"], json!([[1.0, 2.0, 3.0], [null, 4.0, 6.0]]));
    let names = [&grid["x_name"], &grid["y_name"], &grid["name"], &grid["unit"], &grid["crs"]];
    assert_eq!(
        names,
        [&json!("lon"), &json!("lat"), &json!("depth (km)"), &json!("km"), &json!("EPSG:4326")]
    );
    let turned = setup.get(&format!("{long}/grid?column=lat&row=lon&value=depth")).await.json();
    assert_eq!(turned["shape"], json!([3, 2]));
    let wide = setup.put("wide.csv", "y,10,20,30\n0,1,2,3\n5,4,,6\n").await;
    let grid = setup.get(&format!("{wide}/grid")).await.json();
    assert_eq!((&grid["x"], &grid["y"]), (&json!([10.0, 20.0, 30.0]), &json!([0.0, 5.0])));
    assert_eq!(grid["z"][1], json!([4.0, null, 6.0]));
    let document = json!({"crs": "EPSG:4326", "name": "depth", "unit": "km", "lon": [1, 2], "lat": [3], "values": [[5, null]]});
    let document = setup.put("grid.json", document.to_string()).await;
    let grid = setup.get(&format!("{document}/grid")).await.json();
    assert_eq!(
        (&grid["z"], &grid["unit"], &grid["crs"]),
        (&json!([[5.0, null]]), &json!("km"), &json!("EPSG:4326"))
    );
    let scattered: String = (0..100).map(|n| format!("{n},{},1\n", n * 7 % 100)).collect();
    let scattered = setup.put("scattered.csv", format!("x,y,v\n{scattered}")).await;
    for uri in [scattered, setup.put("text.json", "[1]").await] {
        assert_eq!(setup.get(&format!("{uri}/grid")).await.code(), "not_a_grid", "{uri}");
    }
}
