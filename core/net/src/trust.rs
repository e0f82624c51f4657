//! Whom to believe: the private CA pinned at enrolment, and nobody else.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Whether a presented CA certificate (DER) is the one that a ticket named.
pub type Accepts = Box<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// Which authority a platform's certificate must come from.
pub enum Trust {
    /// Loopback without TLS: there is nothing to verify, and TLS is refused.
    Loopback,
    /// The CA pinned at enrolment, in DER.
    Pinned(Vec<u8>),
    /// First contact: the CA certificate in the presented chain must satisfy this test (the ticket's fingerprint). It is
    /// then kept for pinning: see `HttpTransport::authority`.
    Introduced(Accepts),
}

pub(crate) type Presented = Arc<Mutex<Option<Vec<u8>>>>;

/// The TLS configuration for a trust; `presented` receives the CA met at first contact.
pub(crate) fn client_config(trust: Trust, presented: &Presented) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13])?;
    let config = match trust {
        Trust::Loopback => builder
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth(),
        Trust::Pinned(authority) => builder
            .with_root_certificates(roots(CertificateDer::from(authority))?)
            .with_no_client_auth(),
        Trust::Introduced(accepts) => {
            let verifier = Introduction {
                accepts,
                provider,
                presented: presented.clone(),
            };
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
                .with_no_client_auth()
        }
    };
    Ok(config)
}

fn roots(authority: CertificateDer<'_>) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.into_owned())?;
    Ok(roots)
}

/// Verifies a chain whose CA is named by fingerprint instead of being known: the presented CA certificate must satisfy
/// the test, and the leaf must then verify under it exactly as under a pinned one.
struct Introduction {
    accepts: Accepts,
    provider: Arc<CryptoProvider>,
    presented: Presented,
}

impl std::fmt::Debug for Introduction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Introduction")
    }
}

impl ServerCertVerifier for Introduction {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let authority = intermediates
            .iter()
            .find(|cert| (self.accepts)(cert))
            .ok_or_else(unknown)?;
        let roots = Arc::new(roots(authority.clone())?);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, self.provider.clone())
            .build()
            .map_err(|_| unknown())?;
        let verified =
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        *self.presented.lock().unwrap_or_else(PoisonError::into_inner) = Some(authority.to_vec());
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
