//! The Jupyter sockets of one start of a kernel.

use super::Event;
use crate::Error;
use crate::entry::Channel;
use crate::protocol::Request;
use bytes::Bytes;
use jupyter_protocol::messaging::UnknownMessage;
use jupyter_protocol::{ConnectionInfo, JupyterMessage, JupyterMessageContent};
use jupyter_zmq_client::{
    Connection, DealerSendConnection, RawMessage, create_client_control_connection,
    create_client_heartbeat_connection, create_client_iopub_connection,
    create_client_shell_connection_with_identity, create_client_stdin_connection_with_identity,
    peer_identity_for_session,
};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use zeromq::SocketRecv;

/// Between two looks whether the kernel has made its sockets.
const LOOK: Duration = Duration::from_millis(5);
/// Between two beats, and how long one may take.
const BEAT: Duration = Duration::from_secs(3);
const BEAT_LIMIT: Duration = Duration::from_secs(8);
/// A kernel takes what it is sent into its queue at once.
const SEND_LIMIT: Duration = Duration::from_secs(10);

/// Ways to the kernel; the ways back are tasks that send [`Event`]s. All end with it.
pub(super) struct Links {
    shell: DealerSendConnection,
    control: DealerSendConnection,
    stdin: DealerSendConnection,
    _readers: JoinSet<()>,
}

impl Links {
    /// Waits until the kernel has made its sockets and connects to them.
    pub(super) async fn connect(
        info: &ConnectionInfo,
        incarnation: u32,
        events: mpsc::Sender<Event>,
    ) -> Result<Self, Error> {
        for port in 1..=5 {
            let path = PathBuf::from(format!("{}-{port}", info.ip));
            while !path.exists() {
                tokio::time::sleep(LOOK).await;
            }
        }
        let session = format!("{:032x}", rand::random::<u128>());
        let identity = peer_identity_for_session(&session)?;
        // What is published must be heard before anything is asked.
        let iopub = create_client_iopub_connection(info, "", &session).await?;
        let shell = create_client_shell_connection_with_identity(info, &session, identity.clone()).await?;
        let stdin = create_client_stdin_connection_with_identity(info, &session, identity).await?;
        let control = create_client_control_connection(info, &session).await?;
        let mut readers = JoinSet::new();
        let ((shell, said), (control, controlled), (stdin, asked)) =
            (shell.split(), control.split(), stdin.split());
        readers.spawn(listen(iopub, Channel::Iopub, incarnation, events.clone()));
        readers.spawn(listen(said, Channel::Shell, incarnation, events.clone()));
        readers.spawn(listen(controlled, Channel::Control, incarnation, events.clone()));
        readers.spawn(listen(asked, Channel::Stdin, incarnation, events.clone()));
        readers.spawn(beat(info.clone(), incarnation, events));
        Ok(Self { shell, control, stdin, _readers: readers })
    }

    /// Sends a request.
    pub(super) async fn send(&mut self, request: &Request, buffers: Vec<Bytes>) -> Result<(), Error> {
        let message = message_of(request, buffers);
        let way = match request.channel {
            Channel::Control => &mut self.control,
            Channel::Stdin => &mut self.stdin,
            _ => &mut self.shell,
        };
        match tokio::time::timeout(SEND_LIMIT, way.send(message)).await {
            Ok(sent) => Ok(sent?),
            Err(_) => Err(Error::Zmq("the kernel takes no more requests".into())),
        }
    }
}

fn message_of(request: &Request, buffers: Vec<Bytes>) -> JupyterMessage {
    let content = if request.content.is_object() { request.content.clone() } else { serde_json::json!({}) };
    let content = UnknownMessage { msg_type: request.kind.clone(), content };
    let mut message = JupyterMessage::new(JupyterMessageContent::UnknownMessage(content), None);
    message.header.msg_id.clone_from(&request.id);
    message.header.msg_type.clone_from(&request.kind);
    message.header.version = "5.4".into();
    message.metadata =
        if request.metadata.is_object() { request.metadata.clone() } else { serde_json::json!({}) };
    message.buffers = buffers;
    message
}

/// Hands on what comes from a socket. A message that can't be verified is news too, not an end.
async fn listen<S: SocketRecv>(
    mut from: Connection<S>,
    channel: Channel,
    incarnation: u32,
    events: mpsc::Sender<Event>,
) {
    loop {
        let said = match from.socket.recv().await {
            Ok(message) => RawMessage::from_multipart(message, &from.mac).map_err(|e| e.to_string()),
            Err(error) => {
                tracing::debug!(%error, ?channel, "a socket of the kernel failed");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        if events.send(Event::Said { incarnation, channel, said }).await.is_err() {
            return;
        }
    }
}

/// Tells when the heartbeat falls silent or comes back. A request that was not answered can't be asked again on the
/// same socket, so that one is made anew.
async fn beat(info: ConnectionInfo, incarnation: u32, events: mpsc::Sender<Event>) {
    let mut beating = true;
    let mut socket = None;
    loop {
        tokio::time::sleep(BEAT).await;
        let once = async {
            let mut heart = match socket.take() {
                Some(heart) => heart,
                None => create_client_heartbeat_connection(&info).await?,
            };
            heart.single_heartbeat().await?;
            Ok::<_, jupyter_zmq_client::RuntimeError>(heart)
        };
        socket = tokio::time::timeout(BEAT_LIMIT, once).await.ok().and_then(Result::ok);
        if socket.is_some() != beating {
            beating = !beating;
            if events.send(Event::Heart { incarnation, beating }).await.is_err() {
                return;
            }
        }
    }
}
