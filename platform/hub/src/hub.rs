//! The hub itself: a store, the platform's keys, the work calendar and a source of randomness.

use std::fmt;

use grid_model::Incarnation;
use grid_model::deadline::WorkCalendar;
use grid_vault::{GrantSecret, SealingKey, SignatureKey};

use crate::entropy::{new_id, random};
use crate::exchange::scope::Sums;
use crate::store::{Platform, PlatformRead as _, PlatformWrite as _};
use crate::{Entropy, HubError, HubStore};

/// The platform's secrets. They live apart from the data and are backed up apart from it, so that a copied database
/// signs nothing.
pub struct PlatformKeys {
    pub(crate) signing: SignatureKey,
    pub(crate) sealing: SealingKey,
    pub(crate) grant: GrantSecret,
    secrets: [u8; PlatformKeys::BYTES],
}

impl PlatformKeys {
    /// Length of the key file.
    pub const BYTES: usize = 96;

    /// New keys. Draws again in the rare case that the bytes drawn are no key.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, HubError> {
        for _ in 0..8 {
            if let Some(keys) = Self::from_secrets(random(entropy)?) {
                return Ok(keys);
            }
        }
        Err(HubError::Bug("the entropy source gives no usable key"))
    }

    /// The keys in a key file: 32 bytes each for signing, sealing and grants. `None` when they are no keys.
    pub fn from_secrets(secrets: [u8; Self::BYTES]) -> Option<Self> {
        let part = |from: usize| -> [u8; 32] { std::array::from_fn(|i| secrets[from + i]) };
        let signing = SignatureKey::from_secret(&part(0)).ok()?;
        let sealing = SealingKey::from_secret(&part(32)).ok()?;
        Some(Self {
            signing,
            sealing,
            grant: GrantSecret::from_bytes(part(64)),
            secrets,
        })
    }

    /// What the key file holds; the server writes it with mode 0600.
    pub const fn expose(&self) -> &[u8; Self::BYTES] {
        &self.secrets
    }

    /// Public key that receipts are checked with: P-256, SEC1 uncompressed, 65 bytes.
    pub fn signing_public(&self) -> Vec<u8> {
        self.signing.public()
    }

    /// The text of a phone's support bundle; `None` when it is none, or was sealed to another platform.
    pub fn open_support(&self, bundle: &[u8]) -> Option<String> {
        let (_, sealed) = grid_wire::support_from(bundle)?;
        String::from_utf8(self.sealing.open(sealed).ok()?).ok()
    }

    /// Public key that lifeboat segments are sealed to: P-256, SEC1 uncompressed, 65 bytes.
    pub fn sealing_public(&self) -> Vec<u8> {
        self.sealing.public()
    }
}

impl fmt::Debug for PlatformKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlatformKeys(‹secret›)")
    }
}

/// What a hub is built from, beside its store.
pub struct HubSettings {
    /// The platform's secrets.
    pub keys: PlatformKeys,
    /// Which days are worked (`core/model/data/work_calendar.csv`).
    pub calendar: WorkCalendar,
    /// Where ids, codes and tokens come from.
    pub entropy: Box<dyn Entropy>,
}

/// The platform's rules over a store. Calls are synchronous and short; a server runs them where blocking is allowed.
pub struct Hub<S> {
    pub(crate) store: S,
    pub(crate) keys: PlatformKeys,
    pub(crate) calendar: WorkCalendar,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) incarnation: Incarnation,
    pub(crate) sums: Sums,
}

impl<S: HubStore> Hub<S> {
    /// Makes a fresh store this platform's: records its incarnation and public keys. Once made, it answers the same
    /// incarnation again, or [`HubError::KeysDiffer`].
    pub fn init(
        store: &S,
        now_ms: i64,
        keys: &PlatformKeys,
        entropy: &dyn Entropy,
    ) -> Result<Incarnation, HubError> {
        store.write(|tx| {
            if let Some(found) = tx.platform()? {
                return fitting(&found, keys).map(|()| found.incarnation);
            }
            let incarnation = new_id(entropy, now_ms)?;
            tx.put_platform(&Platform {
                incarnation,
                signing_public: keys.signing_public(),
                sealing_public: keys.sealing_public(),
                since_ms: now_ms,
            })?;
            Ok(incarnation)
        })
    }

    /// The hub over an initialised store.
    pub fn open(store: S, settings: HubSettings) -> Result<Self, HubError> {
        let platform = store.read(|tx| tx.platform())?.ok_or(HubError::NotInitialised)?;
        fitting(&platform, &settings.keys)?;
        let HubSettings {
            keys,
            calendar,
            entropy,
        } = settings;
        Ok(Self {
            store,
            keys,
            calendar,
            entropy,
            incarnation: platform.incarnation,
            sums: Sums::default(),
        })
    }

    /// The life of this store; new after every restore.
    pub const fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    /// The platform's keys, for the parts of the server that seal or show them.
    pub const fn keys(&self) -> &PlatformKeys {
        &self.keys
    }

    /// The store, for what only an operator does (backup).
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Whether the store answers: what `/health/ready` asks.
    pub fn ready(&self) -> Result<(), HubError> {
        match self.store.read(|tx| tx.platform())? {
            Some(platform) if platform.incarnation == self.incarnation => Ok(()),
            Some(_) => Err(HubError::Bug("the store's incarnation changed while it was open")),
            None => Err(HubError::NotInitialised),
        }
    }
}

fn fitting(platform: &Platform, keys: &PlatformKeys) -> Result<(), HubError> {
    let same =
        platform.signing_public == keys.signing_public() && platform.sealing_public == keys.sealing_public();
    if same { Ok(()) } else { Err(HubError::KeysDiffer) }
}
