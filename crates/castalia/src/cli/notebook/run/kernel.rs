//! The kernel of this run, and its keeper in this process.

use super::super::super::failure::Failure;
use super::file::Notebook;
use castalia_kernel::{Client, Entries, Error, KeeperConfig, KernelSpec, Life, Search, keep};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A keeper in our own process answers soon.
const SOON: Duration = Duration::from_secs(20);

/// A kernel, started or not.
pub(super) struct Kernel {
    spec: KernelSpec,
    running: Option<Running>,
    /// `language_info`, once it runs.
    pub(super) language_info: Value,
}

struct Running {
    client: Client,
    entries: Entries,
    stop: CancellationToken,
    keeper: JoinHandle<Result<(), Error>>,
    _folder: TempDir,
}

fn failure(error: &Error) -> Failure {
    Failure::Work(error.to_string())
}

impl Kernel {
    /// The kernel that is asked for, or that the notebook names, or one of its language.
    pub(super) fn choose(
        notebook: &Notebook,
        name: Option<&str>,
        prefixes: &[PathBuf],
    ) -> Result<Self, Failure> {
        let search = Search::usual(prefixes.iter().cloned());
        let metadata = notebook.metadata();
        let text = |pointer: &str| metadata.pointer(pointer).and_then(Value::as_str);
        let found = match (name, text("/kernelspec/name")) {
            (Some(name), _) => search.find(name),
            (None, Some(named)) => {
                let language = text("/kernelspec/language").or_else(|| text("/language_info/name"));
                search.find_or_language(named, language)
            }
            (None, None) => search.find_or_language("python3", Some("python")),
        };
        let spec = found.map_err(|error| match error {
            Error::NoSuchKernel { .. } => Failure::Absent(error.to_string()),
            other => failure(&other),
        })?;
        Ok(Self { spec, running: None, language_info: Value::Null })
    }

    pub(super) fn spec(&self) -> &KernelSpec {
        &self.spec
    }

    pub(super) fn language(&self) -> &str {
        &self.spec.language
    }

    /// Starts it and waits until it answers.
    pub(super) async fn start(&mut self, work: Option<PathBuf>) -> Result<(), Failure> {
        let folder = tempfile::Builder::new().prefix("castalia-notebook-").tempdir();
        let folder =
            folder.map_err(|e| Failure::Here(format!("could not make a folder for the kernel: {e}")))?;
        let mut config = KeeperConfig::new(self.spec.clone(), folder.path().to_owned());
        config.work = work;
        let stop = CancellationToken::new();
        let keeper = tokio::spawn(keep(config, stop.clone()));
        let client = Client::await_keeper(folder.path(), SOON).await.map_err(|e| failure(&e))?;
        let entries = client.entries(0).await.map_err(|e| failure(&e))?;
        let running = self.running.insert(Running { client, entries, stop, keeper, _folder: folder });
        loop {
            let entry = running.entries.next().await.map_err(|e| failure(&e))?;
            let Some(state) = entry.ok_or_else(|| failure(&Error::Gone))?.state() else { continue };
            match state.life {
                Life::Ready => {
                    self.language_info = state.info.get("language_info").cloned().unwrap_or_default();
                    return Ok(());
                }
                Life::Dead | Life::Ended => {
                    return Err(Failure::Work(format!("the kernel did not start: {}", state.reason)));
                }
                Life::Starting | Life::Restarting => {}
            }
        }
    }

    pub(super) fn ways(&mut self) -> Result<(&Client, &mut Entries), Error> {
        let running = self.running.as_mut().ok_or(Error::Gone)?;
        Ok((&running.client, &mut running.entries))
    }

    /// Ends it, whatever it does.
    pub(super) async fn end(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop.cancel();
            if tokio::time::timeout(SOON, running.keeper).await.is_err() {
                tracing::warn!("the kernel's keeper did not end");
            }
        }
    }
}
