//! Log lines and metrics of the server itself.

use super::args::LogFormat;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

/// Log lines go to stderr; `CASTALIA_LOG` filters them (`info` unless told).
pub(super) fn start_logging(format: LogFormat) {
    let filter = EnvFilter::try_from_env("CASTALIA_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let base = tracing_subscriber::registry().with(filter);
    let written = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    // A second start in one process (tests) keeps the first subscriber.
    let _ = match format {
        LogFormat::Human => base.with(written.compact()).try_init(),
        LogFormat::Json => base.with(written.json().flatten_event(true)).try_init(),
    };
}

/// Installs the recorder behind `/metrics`.
pub(super) fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &seconds)?
        .build_recorder();
    let handle = recorder.handle();
    let _ = metrics::set_global_recorder(recorder);
    Ok(handle)
}
