//! Looks host names up, with a deadline of its own: a resolver that never answers is told from a name that nobody has.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// How long a name may take. A name server on a slow link answers within two seconds, and is asked again after five.
const NAME_WITHIN: Duration = Duration::from_secs(8);

/// Why a name gave no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameTrouble {
    /// Nobody has this name, or there is no network to ask on.
    Unknown,
    /// No answer came in time.
    Silent,
}

impl fmt::Display for NameTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "the name has no address",
            Self::Silent => "no answer to the name",
        })
    }
}

impl std::error::Error for NameTrouble {}

/// The system's names, or a test's.
pub(crate) struct Names<L> {
    lookup: Arc<L>,
    within: Duration,
}

/// Looks a name up without a deadline.
pub(crate) trait Lookup: Send + Sync + 'static {
    /// Its addresses, of IPv4 and IPv6, in the order in which they are to be tried.
    fn addresses(&self, name: &str) -> impl Future<Output = std::io::Result<Vec<SocketAddr>>> + Send;
}

/// The system's own resolver.
pub(crate) struct SystemLookup;

impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.collect())
    }
}

impl Names<SystemLookup> {
    pub(crate) fn of_system() -> Self {
        Self::of(SystemLookup, NAME_WITHIN)
    }
}

impl<L: Lookup> Names<L> {
    pub(crate) fn of(lookup: L, within: Duration) -> Self {
        let lookup = Arc::new(lookup);
        Self { lookup, within }
    }
}

impl<L: Lookup> Resolve for Names<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, within) = (Arc::clone(&self.lookup), self.within);
        Box::pin(async move {
            let found = tokio::time::timeout(within, lookup.addresses(name.as_str())).await;
            let addresses = found
                .map_err(|_| NameTrouble::Silent)?
                .map_err(|_| NameTrouble::Unknown)?;
            if addresses.is_empty() {
                return Err(NameTrouble::Unknown.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
