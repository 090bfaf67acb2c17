//! `castalia status`.

use super::app::{App, number, text};
use super::failure::Failure;
use super::format;
use super::table::Table;

/// Shows how the server is.
pub(crate) async fn run(app: &App) -> Result<(), Failure> {
    let client = app.client()?;
    let status = client.get(&["status"], &[]).await?;
    if app.out.json {
        return app.out.value(&status);
    }
    let mut table = Table::pairs();
    table.pair("server", client.url.as_str());
    table.pair("version", text(&status, "version"));
    table.pair("started", format::moment(&status["started_at"], format::now()));
    table.pair("database", text(&status, "database"));
    table.pair("memory", format::size(number(&status, "memory_bytes")));
    for state in ["queued", "starting", "running"] {
        table.pair(state, number(&status["processes"], state).to_string());
    }
    app.out.table(&table, "")
}
