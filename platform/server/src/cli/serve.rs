//! `grid-platform serve`.

use std::io::Write;
use std::sync::Arc;

use tokio::runtime::Builder;

use super::Failure;
use super::args::Serve;
use crate::{Platform, Settings, StartError, SystemClock, listen, start_logging};

/// Serves until the process is told to stop.
pub(super) fn run(serve: Serve, out: &mut dyn Write) -> Result<(), Failure> {
    start_logging(serve.log.into());
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::Output)?;
    runtime.block_on(answer(serve, out))
}

async fn answer(serve: Serve, out: &mut dyn Write) -> Result<(), Failure> {
    let platform = Platform::open(&serve.folder.data, Arc::new(SystemClock), Settings::default())?;
    let tls = if serve.tls {
        Some(platform.admin().tls_identity()?)
    } else {
        None
    };
    if tls.is_none() && !serve.listen.ip().is_loopback() {
        return Err(StartError::PlainHttp {
            address: serve.listen,
        }
        .into());
    }
    let listener = listen(serve.listen).await?;
    let address = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    writeln!(out, "grid-platform: {scheme}://{address}")?;
    out.flush()?;
    platform.serve(listener, tls, told_to_stop()).await?;
    Ok(())
}

/// Ends at Ctrl-C, and at SIGTERM where there is one.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
