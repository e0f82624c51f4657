//! One line for each answer, about the request and never about people: method, route pattern, status, milliseconds and
//! the beginning of a device id. No address, no query, no body, no name.

use std::time::Duration;

use axum::response::Response;
use grid_model::DeviceId;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For a person at a terminal.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Sends log lines to standard error, from `info` up unless `RUST_LOG` says otherwise. A second call does nothing.
pub fn start_logging(format: LogFormat) {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .from_env_lossy();
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
}

/// Names the device in the log line of its answer. Eight digits find it in the console and identify nobody.
#[derive(Clone, Debug)]
pub(crate) struct DevicePrefix(String);

impl DevicePrefix {
    pub(crate) fn of(device: DeviceId) -> Self {
        Self(device.to_string().chars().take(8).collect())
    }
}

/// Notes an answer.
pub(crate) fn answered(method: &str, route: &'static str, response: &Response, took: Duration) {
    let status = response.status().as_u16();
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match response.extensions().get::<DevicePrefix>() {
        Some(DevicePrefix(device)) => tracing::info!(method, route, status, ms, device, "answered"),
        None => tracing::info!(method, route, status, ms, "answered"),
    }
}
