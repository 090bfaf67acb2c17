//! The bootstrap environment: the virtualenv of the checkout, or one made in the data folder from the Python
//! sources that this program carries.

use castalia_base::{Ctx, Error};
use castalia_processes::{NewEnvironment, Service, is_bootstrap_current, prepare_bootstrap};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "../../python"]
#[include = "castalia/pyproject.toml"]
#[include = "castalia/README.md"]
#[include = "castalia/src/**/*.py"]
#[include = "castalia/src/**/py.typed"]
#[include = "bootstrap/pyproject.toml"]
#[include = "bootstrap/README.md"]
#[include = "bootstrap/src/**/*"]
#[exclude = "*.pyc"]
struct Sources;

/// The one that is made, below the data folder.
const MADE: &str = "environments/bootstrap";

/// The interpreter of the bootstrap environment. Until it is registered, the environment says that it is being
/// prepared, so that whoever asks for its types waits for them.
///
/// # Errors
/// When none can be made; the environment then says why.
pub(super) async fn find_or_make(
    service: &Arc<Service>,
    ctx: &Ctx,
    given: Option<PathBuf>,
    data: &Path,
) -> Result<PathBuf, Error> {
    if !service.environment(ctx, "bootstrap").await.is_ok_and(|known| known.state == "ready") {
        service.announce_environment(ctx, "bootstrap", "preparing", "reading its process types").await?;
    }
    match given.or_else(of_checkout) {
        Some(python) => Ok(python),
        None => make(service, ctx, data).await,
    }
}

/// Registers the bootstrap environment.
///
/// # Errors
/// When the interpreter can't be asked; the environment then says why.
pub(super) async fn register(service: &Arc<Service>, ctx: &Ctx, python: &Path) -> Result<(), Error> {
    let new = NewEnvironment {
        name: "bootstrap".into(),
        python: Some(python.to_string_lossy().into_owned()),
        manifest: None,
    };
    let added = service.add_environment(ctx, new).await;
    if let Err(error) = &added {
        service.announce_environment(ctx, "bootstrap", "broken", error.detail()).await?;
    }
    added.map(|_| ())
}

/// Says that the environment will not come, unless it is there already.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn give_up(service: &Arc<Service>, ctx: &Ctx, why: &Error) -> Result<(), Error> {
    if service.environment(ctx, "bootstrap").await?.state == "preparing" {
        service.announce_environment(ctx, "bootstrap", "broken", why.detail()).await?;
    }
    Ok(())
}

/// Writes the Python SDK below `folder`, in a folder named after its content, and returns that one: what is to be on
/// the path of kernels. A kernel that began under an earlier version keeps the folder that it knows.
///
/// # Errors
/// When it can't be written.
pub(super) fn put_sdk(folder: &Path) -> std::io::Result<PathBuf> {
    const ROOT: &str = "castalia/src/";
    let mut files: Vec<_> = Sources::iter()
        .filter_map(|path| Some((path.strip_prefix(ROOT)?.to_owned(), Sources::get(&path)?.data)))
        .collect();
    files.sort();
    let mut digest = Sha256::new();
    for (path, content) in &files {
        digest.update((path.len() as u64).to_le_bytes());
        digest.update(path);
        digest.update((content.len() as u64).to_le_bytes());
        digest.update(content);
    }
    let place = folder.join(&hex::encode(digest.finalize())[..16]);
    if place.is_dir() {
        return Ok(place);
    }
    // Written beside and renamed: a crash leaves no half of it.
    std::fs::create_dir_all(folder)?;
    let beside = folder.join(format!(".{}", castalia_base::id::fresh("new")));
    for (path, content) in &files {
        let target = beside.join(path);
        std::fs::create_dir_all(target.parent().unwrap_or(&beside))?;
        std::fs::write(target, content)?;
    }
    std::fs::rename(&beside, &place)?;
    Ok(place)
}

/// `make build` leaves a virtualenv at the root of the checkout, two folders above the program.
pub(super) fn of_checkout() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let python = program.parent()?.parent()?.parent()?.join(".venv/bin/python");
    python.is_file().then_some(python)
}

async fn make(service: &Arc<Service>, ctx: &Ctx, data: &Path) -> Result<PathBuf, Error> {
    let sources = Sources::iter()
        .filter_map(|path| Some((path.to_string(), Sources::get(&path)?.data.into_owned())))
        .collect();
    let folder = data.join(MADE);
    if !is_bootstrap_current(&folder, &sources) {
        service
            .announce_environment(
                ctx,
                "bootstrap",
                "preparing",
                "making a Python environment (about a minute)",
            )
            .await?;
    }
    let made =
        prepare_bootstrap(&folder, sources, |step| tracing::info!("bootstrap environment: {step}")).await;
    if let Err(error) = &made {
        service.announce_environment(ctx, "bootstrap", "broken", error.detail()).await?;
    }
    made
}

/// Brings the environment that an earlier start made in the data folder to what this program carries, and reads its
/// types anew: without the demo, too, they are those of this version.
pub(super) async fn keep_up(service: Arc<Service>, ctx: Ctx, data: PathBuf) {
    let kept_up = async {
        let python = data.join(MADE).join("bin/python");
        let known = service.environment(&ctx, "bootstrap").await;
        if !known.is_ok_and(|known| known.python.is_some_and(|its| Path::new(&its) == python)) {
            return Ok(());
        }
        make(&service, &ctx, &data).await?;
        register(&service, &ctx, &python).await
    };
    if let Err(error) = kept_up.await {
        tracing::warn!(error = error.chain(), "the bootstrap environment is not that of this version");
    }
}
