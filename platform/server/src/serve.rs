//! Connections: accepted, given to the router, and ended in order.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::guard::Connection;
use crate::{Platform, StartError, TlsIdentity};

/// Running requests get this long once the platform is told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);
/// A handshake, and the head of a request, may take this long on a bad link.
const HANDSHAKE: Duration = Duration::from_secs(20);
const HEAD: Duration = Duration::from_secs(60);
/// Connections at one time; the next ones wait in the system's queue.
const CONNECTIONS_MAX: usize = 4_096;
/// After a failure to accept (no file handles left), a little patience.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Opens a port, or says in one sentence why not.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::listen(address, source))
}

impl Platform {
    /// Answers connections until `shutdown` is done, then lets running requests finish for up to 10 seconds.
    ///
    /// Without `tls` only loopback is served: everything else is refused before the first connection.
    pub async fn serve(
        &self,
        listener: TcpListener,
        tls: Option<TlsIdentity>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), StartError> {
        let unbound = SocketAddr::from(([0, 0, 0, 0], 0));
        let address = listener
            .local_addr()
            .map_err(|source| StartError::listen(unbound, source))?;
        if tls.is_none() && !address.ip().is_loopback() {
            return Err(StartError::PlainHttp { address });
        }
        let _held = self.hold()?;
        let router = self.router()?;
        self.sweep_when_due().await;
        let acceptor = tls.map(|identity| TlsAcceptor::from(identity.config));
        let (stop, stopping) = watch::channel(false);
        let mut open = JoinSet::new();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                Some(_) = open.join_next() => {}
                accepted = listener.accept(), if open.len() < CONNECTIONS_MAX => match accepted {
                    Ok((stream, peer)) => {
                        let caller = Caller { router: router.clone(), stopping: stopping.clone() };
                        open.spawn(caller.greet(stream, peer.ip(), acceptor.clone()));
                    }
                    Err(_) => sleep(ACCEPT_PAUSE).await,
                },
            }
        }
        drop(listener);
        stop.send_replace(true);
        let ended = timeout(LAST_REQUESTS, async { while open.join_next().await.is_some() {} }).await;
        tracing::info!(in_time = ended.is_ok(), "stopped");
        Ok(())
    }
}

/// The other end of one connection.
struct Caller {
    router: Router,
    stopping: watch::Receiver<bool>,
}

impl Caller {
    async fn greet(self, stream: TcpStream, from: IpAddr, acceptor: Option<TlsAcceptor>) {
        // Frames are small and each waits for an answer.
        let _ = stream.set_nodelay(true);
        match acceptor {
            None => self.converse(stream, Connection { tls: false, from }).await,
            Some(acceptor) => match timeout(HANDSHAKE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => self.converse(stream, Connection { tls: true, from }).await,
                // Scanners and phones with another pin: nothing to tell them, and no address to write down.
                Ok(Err(_)) | Err(_) => tracing::debug!("a TLS handshake failed"),
            },
        }
    }

    async fn converse<I>(self, stream: I, connection: Connection)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { router, mut stopping } = self;
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request: Request = request.map(Body::new);
            request.extensions_mut().insert(connection);
            router.clone().oneshot(request)
        });
        let conversation = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            // Who is gone right after the last byte has sent it all the same: what arrived is taken in.
            .half_close(true)
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(conversation);
        tokio::select! {
            _ = conversation.as_mut() => return,
            _ = stopping.wait_for(|stop| *stop) => conversation.as_mut().graceful_shutdown(),
        }
        let _ = conversation.await;
    }
}
