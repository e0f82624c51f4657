//! What the platform shows on a TLS connection.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::ServerSessionMemoryCache;
use rustls::version::TLS13;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::CaPin;
use super::authority::{AuthorityFault, Places, pin, unusable};
use crate::StartError;
use crate::folder::PlatformFolder;

/// TLS sessions that may be gone on with: phones of a district in one evening.
const SESSIONS_KEPT: usize = 10_000;

/// The leaf, its key and the chain up to the root: TLS 1.3 only.
#[derive(Clone)]
pub struct TlsIdentity {
    pub(crate) config: Arc<ServerConfig>,
    pin: CaPin,
}

impl TlsIdentity {
    /// The identity under `ca/`. The chain shown includes the root, which the device compares with its pin.
    pub(crate) fn load(folder: &PlatformFolder) -> Result<Self, StartError> {
        let places = Places::of(folder);
        let pin = pin(folder)?.ok_or(StartError::Authority {
            detail: AuthorityFault::Missing,
        })?;
        let chain =
            [&places.leaf, &places.root].map(|path| CertificateDer::from_pem_file(path).map_err(unusable));
        let chain = chain.into_iter().collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_file(&places.leaf_key).map_err(unusable)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13])
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, key);
        let mut config = config.map_err(unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A connection that goes on with an earlier session needs no certificates: on a link that breaks, most do.
        config.session_storage = ServerSessionMemoryCache::new(SESSIONS_KEPT);
        config.send_tls13_tickets = 1;
        Ok(Self {
            config: Arc::new(config),
            pin,
        })
    }

    /// What devices pin.
    pub const fn pin(&self) -> CaPin {
        self.pin
    }
}
