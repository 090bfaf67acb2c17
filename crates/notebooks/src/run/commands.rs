//! What is answered on `/api/notebooks/{id}/comms`: the channels `notebook`, `kernel` and `comms`.

use super::driver::Command;
use super::model::{RunRequest, What};
use super::variables;
use crate::Service;
use crate::comms::{Call, Connection, Handler};
use async_trait::async_trait;
use base64::Engine;
use bytes::Bytes;
use castalia_base::Error;
use castalia_kernel::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::{Arc, Weak};
use tokio::sync::oneshot;

/// The handler of all three channels. It does not keep the service alive, whose part it is.
pub(crate) struct Commands(pub(crate) Weak<Service>);

#[derive(Deserialize)]
struct Cell {
    cell_id: String,
}
#[derive(Default, Deserialize)]
#[serde(default)]
struct Maybe {
    cell: Option<String>,
    name: Option<String>,
}
#[derive(Deserialize)]
struct Code {
    code: String,
    /// In Unicode characters, as Jupyter counts.
    cursor: usize,
    #[serde(default)]
    detail: u8,
}
#[derive(Deserialize)]
struct Reply {
    run: String,
    value: String,
}
#[derive(Deserialize)]
struct Comm {
    comm_id: String,
    #[serde(default)]
    target_name: Option<String>,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    metadata: Value,
    #[serde(default)]
    buffers: Vec<String>,
}

fn read<T: DeserializeOwned>(message: Value) -> Result<T, Error> {
    serde_json::from_value(message)
        .map_err(|e| Error::invalid("invalid_message", format!("the message: {e}")))
}

fn maybe(message: Value) -> Result<Maybe, Error> {
    if message.is_null() { Ok(Maybe::default()) } else { read(message) }
}

#[async_trait]
impl Handler for Commands {
    async fn call(&self, call: Call) -> Result<Value, Error> {
        let s = self.0.upgrade().ok_or_else(|| Error::unavailable("the server is going down"))?;
        let Call { ctx, notebook: id, message, method, .. } = call;
        match (method.channel, method.name) {
            ("notebook", "queue_cell") => {
                let cell = read::<Cell>(message)?.cell_id;
                let wish = RunRequest { what: What::Cell, cell: Some(cell), stop_on_error: true };
                Ok(json!({"runs": s.run(&ctx, &id, &wish).await?}))
            }
            ("notebook", "run") => Ok(json!({"runs": s.run(&ctx, &id, &read(message)?).await?})),
            ("notebook", "cancel") => done(s.cancel_runs(&ctx, &id, maybe(message)?.cell).await),
            ("notebook", "interrupt_kernel") => {
                s.cancel_runs(&ctx, &id, None).await?;
                done(s.interrupt_kernel(&ctx, &id).await)
            }
            ("kernel", "start") => {
                let name = maybe(message)?.name;
                Ok(json!({"started": s.start_kernel(&ctx, &id, name.as_deref()).await?}))
            }
            ("kernel", "shutdown") => done(s.shutdown_kernel(&ctx, &id).await),
            ("kernel", "interrupt") => done(s.interrupt_kernel(&ctx, &id).await),
            ("kernel", "restart_kernel") => done(s.restart_kernel(&ctx, &id).await),
            ("kernel", "complete") => {
                let Code { code, cursor, .. } = read(message)?;
                let content = json!({"code": code, "cursor_pos": cursor});
                s.ask_kernel(&ctx, &id, "complete_request", content).await
            }
            ("kernel", "inspect") => {
                let Code { code, cursor, detail } = read(message)?;
                let content = json!({"code": code, "cursor_pos": cursor, "detail_level": detail.min(1)});
                s.ask_kernel(&ctx, &id, "inspect_request", content).await
            }
            ("kernel", "variables") => {
                let language = s.has_kernel(&id).await?.spec.language;
                match variables::request(&language) {
                    Some(content) => {
                        let reply = s.ask_kernel(&ctx, &id, "execute_request", content).await?;
                        Ok(json!({"variables": variables::read(&reply)}))
                    }
                    None => Ok(json!({"variables": Value::Null})),
                }
            }
            ("kernel", "input_reply") => {
                let Reply { run, value } = read(message)?;
                let (done, answered) = oneshot::channel();
                let by = ctx.principal().id.clone();
                s.command(&ctx, &id, Command::Input { run, value, by, done }).await?;
                answered.await.map_err(|_| super::no_kernel())??;
                Ok(Value::Null)
            }
            ("comms", kind @ ("comm_open" | "comm_msg" | "comm_close")) => {
                let comm: Comm = read(message)?;
                let mut content = json!({"comm_id": comm.comm_id, "data": comm.data});
                if let Some(target) = comm.target_name {
                    content["target_name"] = target.into();
                }
                let decode = |text: &String| {
                    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
                    bytes
                        .map(Bytes::from)
                        .map_err(|_| Error::invalid("invalid_message", "a buffer is no base64"))
                };
                let buffers = comm.buffers.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
                let request = Request::shell(castalia_base::id::fresh("comm"), kind, content);
                let request = Request { metadata: comm.metadata, ..request };
                done(s.command(&ctx, &id, Command::Send(request, buffers)).await)
            }
            _ => Err(Error::invalid("unknown_method", format!("there is no method `{}` yet", method.name))),
        }
    }

    async fn joined(&self, notebook: &str, connection: &Arc<Connection>) {
        let Some(s) = self.0.upgrade() else { return };
        if s.has_kernel(notebook).await.is_ok() {
            // One that can't be told learns it when it asks again.
            _ = s.tell(notebook, Command::Joined(connection.clone())).await;
        }
    }
}

fn done(result: Result<(), Error>) -> Result<Value, Error> {
    result.map(|()| Value::Null)
}
