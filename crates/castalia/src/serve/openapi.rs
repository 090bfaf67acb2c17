//! `castalia openapi`: the description of all operations, without a server.

use super::ServeArgs;
use super::app::App;
use super::folder::DataFolder;
use clap::Parser;
use std::process::ExitCode;

#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    serve: ServeArgs,
}

/// Prints the document.
pub(crate) fn main() -> ExitCode {
    let result = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(document()));
    match result {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("castalia: {error:#}");
            ExitCode::from(1)
        }
    }
}

async fn document() -> anyhow::Result<String> {
    let folder = std::env::temp_dir().join(castalia_base::id::fresh("castalia-openapi"));
    let mut arguments =
        Defaults::parse_from(["castalia", "--data", &folder.to_string_lossy(), "--sandbox", "off"]).serve;
    // Whatever the variables say: a description needs nobody's database, and must not migrate it.
    (arguments.database, arguments.storage) = (None, None);
    let result = async {
        let data = DataFolder::take(&folder)?;
        let app = App::build(&arguments, &data, arguments.listen, arguments.s3_listen).await?;
        let document = castalia_http::document(&app.api(), env!("CARGO_PKG_VERSION"));
        app.db.close().await;
        anyhow::Ok(serde_json::to_string_pretty(&document)?)
    }
    .await;
    let _ = std::fs::remove_dir_all(&folder);
    result
}
