//! The platform of a demonstration: in this process, on a real port, on simulated time.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use grid_server::{Clock, PasswordCost, Platform, Settings, TlsIdentity};
use tokio::sync::oneshot;

use crate::PlayError;
use crate::clock::SimClock;

/// A platform that answers on loopback until it is stopped.
pub(crate) struct Hosted {
    /// The platform itself, for its operator's commands.
    pub(crate) platform: Platform,
    /// Its base address.
    pub(crate) base: String,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Result<(), String>>,
}

impl Hosted {
    /// Makes a platform in `folder` and serves it on `listen`; port 0 takes a free one.
    pub(crate) fn start(folder: &Path, listen: SocketAddr, clock: SimClock) -> Result<Self, PlayError> {
        Self::serve(Self::make(folder, clock)?, listen, None)
    }

    /// The same over TLS, with an authority made for it.
    #[cfg(test)]
    pub(crate) fn start_tls(folder: &Path, listen: SocketAddr, clock: SimClock) -> Result<Self, PlayError> {
        let platform = Self::make(folder, clock)?;
        platform
            .admin()
            .make_authority(&["127.0.0.1".to_owned()])
            .map_err(PlayError::start)?;
        let identity = platform.admin().tls_identity().map_err(PlayError::start)?;
        Self::serve(platform, listen, Some(identity))
    }

    /// Serves over TLS what was restored into a folder, with the authority that came along.
    #[cfg(test)]
    pub(crate) fn start_again_tls(
        folder: &Path,
        listen: SocketAddr,
        clock: SimClock,
    ) -> Result<Self, PlayError> {
        let platform = Self::make(folder, clock)?;
        let identity = platform.admin().tls_identity().map_err(PlayError::start)?;
        Self::serve(platform, listen, Some(identity))
    }

    fn make(folder: &Path, clock: SimClock) -> Result<Platform, PlayError> {
        let settings = Settings {
            password_cost: PasswordCost::QUICK,
            ..Settings::default()
        };
        let clock: Arc<dyn Clock> = Arc::new(clock);
        Platform::make(folder, clock, settings).map_err(PlayError::start)
    }

    fn serve(platform: Platform, listen: SocketAddr, tls: Option<TlsIdentity>) -> Result<Self, PlayError> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (stop, stopped) = oneshot::channel();
        let (bound_tx, bound_rx) = std::sync::mpsc::channel();
        let serving = platform.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build();
            runtime.map_err(|error| error.to_string())?.block_on(async move {
                let listener = grid_server::listen(listen).await;
                let address = listener
                    .as_ref()
                    .map_err(ToString::to_string)
                    .and_then(|listener| listener.local_addr().map_err(|error| error.to_string()));
                let failed = address.is_err();
                bound_tx.send(address).map_err(|error| error.to_string())?;
                let (false, Ok(listener)) = (failed, listener) else {
                    return Ok(());
                };
                let until = async move { stopped.await.unwrap_or_default() };
                serving
                    .serve(listener, tls, until)
                    .await
                    .map_err(|error| error.to_string())
            })
        });
        let address = bound_rx
            .recv()
            .map_err(|_| PlayError::Host("平台线程已结束 / the platform's thread ended".to_owned()))?;
        let base = format!("{scheme}://{}", address.map_err(PlayError::Host)?);
        Ok(Self {
            platform,
            base,
            stop,
            thread,
        })
    }

    /// Lets running requests finish and stops.
    pub(crate) fn stop(self) -> Result<(), PlayError> {
        // The receiver is gone only when the platform has ended by itself; joining tells why.
        let _ = self.stop.send(());
        match self.thread.join() {
            Ok(ended) => ended.map_err(PlayError::Host),
            Err(_) => Err(PlayError::Host("平台意外中止 / the platform panicked".to_owned())),
        }
    }
}
