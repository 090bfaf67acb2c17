//! A standing proxy with one route, changed over the REST API:
//! `cargo run -p castalia-proxy --example standing -- 127.0.0.1:8000 127.0.0.1:8001 http://127.0.0.1:9000 [WORKERS]`

use castalia_base::Clock;
use castalia_proxy::chp::{Api, Public};
use castalia_proxy::server::{Server, ServerConfig, bind};
use castalia_proxy::{RouteOptions, Table};
use serde_json::{Map, json};
use std::sync::Arc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [public, private, target, ..] = arguments.as_slice() else {
        return Err("usage: standing PUBLIC API TARGET [WORKERS]".into());
    };
    let workers = arguments.get(3).map_or(Ok(1), |n| n.parse())?;
    let (table, clock) = (Arc::new(Table::default()), Clock::system());
    let token = std::env::var("CONFIGPROXY_AUTH_TOKEN").ok();
    let api = Api::new(table.clone(), clock.clone(), token, RouteOptions::default());
    api.add("/", Map::from_iter([("target".to_owned(), json!(target))]))?;
    let one = |workers| ServerConfig { workers, ..ServerConfig::default() };
    let bound = bind(&[public.parse()?])?;
    let _public =
        Server::start(one(workers), &bound, table.clone(), clock.clone(), Arc::new(Public::default()))?;
    let bound = bind(&[private.parse()?])?;
    let _private = Server::start(one(1), &bound, table, clock, Arc::new(api))?;
    loop {
        std::thread::park();
    }
}
