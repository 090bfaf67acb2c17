//! The operations that belong to no capability: health, status, metrics, the action catalogue, the WebSocket.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use castalia_base::actions::Catalogue;
use castalia_base::{Ctx, Error, Timestamp};
use castalia_db::{Db, Engine, Sql, params};
use castalia_events::{Bus, Gateway, Renew, Topics, serve_socket};
use castalia_http::{Api, Operation, Problem, Req};
use metrics_exporter_prometheus::PrometheusHandle;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The largest message that a client may send over the WebSocket, in bytes.
const SOCKET_MESSAGE: usize = 64 << 10;

pub(super) struct Platform {
    pub(super) db: Db,
    pub(super) bus: Bus,
    pub(super) topics: Arc<Topics>,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) identity: Arc<castalia_identity::Service>,
    pub(super) processes: Arc<castalia_processes::Service>,
    pub(super) web: castalia_web::App,
    pub(super) metrics: PrometheusHandle,
    pub(super) started: Timestamp,
}

#[derive(Serialize, JsonSchema)]
struct Status {
    /// Version of the program.
    version: String,
    /// When it started.
    started_at: Timestamp,
    /// Seconds since then.
    uptime_s: i64,
    /// `sqlite` or `postgres`.
    database: String,
    /// The newest event's sequence number.
    last_event: i64,
    /// Versions queued, starting and running.
    processes: Value,
    /// Memory of the server in bytes.
    memory_bytes: u64,
}

#[derive(Serialize, JsonSchema)]
struct ActionView {
    /// `noun.verb`.
    name: String,
    /// What it does.
    summary: String,
    /// The permission that it needs.
    permission: String,
    /// JSON Schema of its input.
    input: Value,
    /// JSON Schema of its output.
    output: Value,
}

#[derive(Deserialize, JsonSchema)]
struct ActionName {
    /// Name of the action.
    name: String,
}

pub(super) fn api(platform: &Arc<Platform>) -> Api {
    let open = |path, id, summary| Operation::open(Method::GET, path, id, summary);
    let get = |path, id, permission, summary| Operation::new(Method::GET, path, id, permission, summary);
    Api::new(platform.clone())
        .raw(
            open("/health", "platform.health", "Whether the server can do its work").returns::<Value>(),
            health,
        )
        .op(get("/api/status", "platform.status", "account.view", "What the server is doing"), status)
        .raw(
            get("/metrics", "platform.metrics", "metrics.view", "Metrics for Prometheus")
                .returns_media("text/plain"),
            metrics,
        )
        .op(
            get("/api/actions", "actions.list", "account.view", "The action catalogue with its schemas"),
            list_actions,
        )
        .op(
            Operation::new(
                Method::POST,
                "/api/actions/{name}",
                "actions.call",
                "account.view",
                "Runs an action; it checks its own permission too",
            ),
            call_action,
        )
        .raw(
            get("/api/ws", "events.socket", "account.view", "Topics over a WebSocket")
                .status(StatusCode::SWITCHING_PROTOCOLS),
            socket,
        )
        .erase()
}

async fn health(State(p): State<Arc<Platform>>) -> Response {
    let probe = async { p.db.read().fetch_one("SELECT 1 AS one", params![]).await };
    let database = match tokio::time::timeout(Duration::from_secs(2), probe).await {
        Ok(Ok(_)) => "ok",
        _ => "unreachable",
    };
    let ok = database == "ok";
    let body = json!({
        "status": if ok { "ok" } else { "failing" },
        "version": env!("CARGO_PKG_VERSION"),
        "database": database,
        "web": p.web.state(),
    });
    let status = if ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(body)).into_response()
}

async fn status(p: Arc<Platform>, ctx: Ctx, _: Req) -> Result<Status, Error> {
    let counts = p.processes.counts().await?;
    Ok(Status {
        version: env!("CARGO_PKG_VERSION").into(),
        started_at: p.started,
        uptime_s: ctx.now().ms_since(p.started) / 1000,
        database: match p.db.engine() {
            Engine::Sqlite => "sqlite".into(),
            Engine::Postgres => "postgres".into(),
        },
        last_event: p.bus.last_seq(),
        processes: Value::Object(counts.into_iter().map(|(state, n)| (state, n.into())).collect()),
        memory_bytes: memory_bytes(),
    })
}

/// Resident memory of this process (proc(5), second field of `statm`, in pages).
fn memory_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let resident =
        pages.as_deref().and_then(|t| t.split_whitespace().nth(1)).and_then(|n| n.parse::<u64>().ok());
    resident.unwrap_or_default() * rustix::param::page_size() as u64
}

async fn metrics(State(p): State<Arc<Platform>>) -> Response {
    metrics::gauge!("castalia_memory_bytes").set(memory_bytes() as f64);
    metrics::gauge!("castalia_database_connections_active").set(f64::from(p.db.connections()));
    if let Ok(counts) = p.processes.counts().await {
        for state in ["queued", "starting", "running"] {
            let n = counts.iter().find(|(s, _)| s == state).map_or(0, |(_, n)| *n);
            metrics::gauge!("castalia_process_versions", "state" => state).set(n as f64);
        }
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], p.metrics.render()).into_response()
}

async fn list_actions(p: Arc<Platform>, ctx: Ctx, _: Req) -> Result<Vec<ActionView>, Error> {
    let allowed = p.catalogue.iter().filter(|action| ctx.can_somewhere(action.permission));
    let views = allowed.map(|action| {
        Ok(ActionView {
            name: action.name.into(),
            summary: action.summary.into(),
            permission: action.permission.into(),
            input: serde_json::to_value(&action.input)?,
            output: serde_json::to_value(&action.output)?,
        })
    });
    views.collect()
}

async fn call_action(p: Arc<Platform>, ctx: Ctx, r: Req<ActionName, (), Value>) -> Result<Value, Error> {
    let name = r.path.name;
    let action = p.catalogue.get(&name).ok_or_else(|| Error::not_found("action", &name))?;
    p.identity.check_action(&ctx, action.permission, action.name).await?;
    p.catalogue.call(ctx, &name, r.body).await
}

async fn socket(
    State(p): State<Arc<Platform>>,
    Extension(ctx): Extension<Ctx>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|e| Error::invalid("no_websocket", e.body_text().to_lowercase()))?;
    let gateway = Gateway::new(p.bus.clone(), p.topics.clone());
    let (again, headers) = (ctx.clone(), Arc::new(headers));
    let renew: Renew = Arc::new(move || {
        let (identity, headers, before) = (p.identity.clone(), headers.clone(), again.clone());
        Box::pin(async move {
            let who = identity.authenticate(&headers).await?;
            Ok(Ctx::new(who.principal, before.clock().clone(), before.request_id()))
        })
    });
    let serve = move |socket| serve_socket(gateway, ctx, renew, socket);
    Ok(upgrade.max_message_size(SOCKET_MESSAGE).on_upgrade(serve))
}
