//! `castalia kernel keep CONFIG`: the program of a kernel's unit. No command for people.

use castalia_kernel::{KeeperConfig, keep};
use std::path::Path;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Keeps a kernel until it is shut down, or this program is told to end. What goes wrong stands in the unit's log.
pub(crate) fn main(config: &Path) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let kept = runtime.map_err(|e| e.to_string()).and_then(|runtime| {
        let config = KeeperConfig::read(config).map_err(|e| e.to_string())?;
        runtime.block_on(kept(config))
    });
    match kept {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("castalia: the kernel's keeper has failed: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn kept(config: KeeperConfig) -> Result<(), String> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| e.to_string())?;
    // An interrupt is meant for the kernel, which has a group of its own.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| e.to_string())?;
    let told = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => told.cancel(),
                _ = interrupt.recv() => {}
            }
        }
    });
    keep(config, stop).await.map_err(|e| e.to_string())
}
