//! The platform's secrets: keys that receipts are signed with, keys that phones seal to, and the key of upload grants. Signing
//! and sealing keys come one after the other. A signing key is vouched for by the one before it, and both are good for a
//! while; a sealing key opens what was sealed to it for ever. Nothing here goes into the store but the newest public halves.

mod ring;
mod told;

use std::fmt;

use grid_model::terms::KeyPurpose;
use grid_vault::{GrantSecret, SealingKey, SignatureKey, key_id};

use crate::entropy::random;
use crate::{Entropy, HubError};
use ring::{Held, Over, Row};

/// For how long receipts are still signed with an older key for phones that know no newer one, ms: 180 days. No phone is
/// expected to be away for longer; one that is gets on by the chain of announcements.
pub const KEY_OVERLAP_MS: i64 = 180 * 24 * 3600 * 1000;

/// The platform's secrets. They live apart from the data and are backed up apart from it, so that a copied database
/// signs nothing.
pub struct PlatformKeys {
    signing: Row<SignatureKey>,
    sealing: Row<SealingKey>,
    pub(crate) grant: GrantSecret,
    secrets: [u8; PlatformKeys::BYTES],
}

/// One of the platform's keys, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyView {
    /// Its name: the first 8 bytes of the SHA-256 of its public half, in hexadecimal digits.
    pub id: String,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Since when it is used, UTC ms; 0 for those that the platform was made with.
    pub from_ms: i64,
    /// How it stands.
    pub state: KeyState,
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// The newest of its purpose: used for everything new.
    Newest,
    /// An older signing key that still signs for phones which know no newer one, until then, UTC ms.
    Overlap(i64),
    /// An older sealing key: it opens what was sealed to it.
    Opens,
    /// Since then, UTC ms, nothing is signed with it; it still vouches for the one after it.
    Over(i64),
    /// Somebody else has it, since then, UTC ms: phones that know no other need a new ticket.
    Compromised(i64),
}

/// Why a key was not retired. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetireRefusal {
    /// No signing key has this name.
    NotFound,
    /// It is the newest one, and nobody else has it: there must be a newer one first.
    Newest,
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
        Some(Self {
            signing: Row::of(signing_key(part(0), 0)?),
            sealing: Row::of(sealing_key(part(32), 0)?),
            grant: GrantSecret::from_bytes(part(64)),
            secrets,
        })
    }

    /// The same with those that came later, from the text of [`PlatformKeys::later`]. `None` when it cannot be read.
    pub fn with_later(self, text: &str) -> Option<Self> {
        ring::read(self, text)
    }

    /// What the key file holds; the server writes it with mode 0600.
    pub const fn expose(&self) -> &[u8; Self::BYTES] {
        &self.secrets
    }

    /// What the file of later keys holds, secrets too; `None` while the platform has those that it was made with.
    pub fn later(&self) -> Option<String> {
        ring::written(self)
    }

    /// Public key that receipts are checked with: P-256, SEC1 uncompressed, 65 bytes. The newest.
    pub fn signing_public(&self) -> Vec<u8> {
        self.signing.newest().public.clone()
    }

    /// Public key that lifeboat segments are sealed to: P-256, SEC1 uncompressed, 65 bytes. The newest.
    pub fn sealing_public(&self) -> Vec<u8> {
        self.sealing.newest().public.clone()
    }

    /// The key that opens what names it so.
    pub(crate) fn sealing_named(&self, id: &[u8]) -> Option<&SealingKey> {
        self.sealing.named(id).map(|held| &held.key)
    }

    /// Whether a store that names these public keys as its newest is this platform's, and these keys are not older than it.
    pub fn fit(&self, signing_public: &[u8], sealing_public: &[u8]) -> bool {
        let signs = self.signing.all().any(|held| held.public == signing_public);
        signs && self.sealing.all().any(|held| held.public == sealing_public)
    }

    /// The text of a phone's support bundle; `None` when it is none, or was sealed to another platform.
    pub fn open_support(&self, bundle: &[u8]) -> Option<String> {
        let (id, sealed) = grid_wire::support_from(bundle)?;
        String::from_utf8(self.sealing_named(&id)?.open(sealed).ok()?).ok()
    }

    /// The same keys with a new one for this purpose, which counts from now on.
    pub fn rotated(&self, purpose: KeyPurpose, now_ms: i64, entropy: &dyn Entropy) -> Result<Self, HubError> {
        let bug = || HubError::Bug("keys that were read cannot be read again");
        for _ in 0..8 {
            let mut keys = self.again().ok_or_else(bug)?;
            let secret = random(entropy)?;
            let made = match purpose {
                KeyPurpose::Signing => signing_key(secret, now_ms).map(|held| keys.signing.later.push(held)),
                KeyPurpose::Sealing => sealing_key(secret, now_ms).map(|held| keys.sealing.later.push(held)),
                KeyPurpose::Unknown(_) => return Err(HubError::Bug("a key for a purpose that is not known")),
            };
            if made.is_some() {
                return Ok(keys);
            }
        }
        Err(HubError::Bug("the entropy source gives no usable key"))
    }

    /// The same keys, with nothing signed any more by the one that is named so. One that somebody else has vouches for nobody
    /// any more either, and a new one is made if it is the newest.
    pub fn retired(
        &self,
        id: &str,
        compromised: bool,
        now_ms: i64,
        entropy: &dyn Entropy,
    ) -> Result<Result<Self, RetireRefusal>, HubError> {
        let named = |held: &Held<SignatureKey>| ring::hex(&held.id) == id;
        if !self.signing.all().any(named) {
            return Ok(Err(RetireRefusal::NotFound));
        }
        let newest = named(self.signing.newest());
        if newest && !compromised {
            return Ok(Err(RetireRefusal::Newest));
        }
        let mut keys = if newest {
            self.rotated(KeyPurpose::Signing, now_ms, entropy)?
        } else {
            self.again()
                .ok_or(HubError::Bug("keys that were read cannot be read again"))?
        };
        let over = Over {
            at_ms: now_ms,
            compromised,
        };
        keys.signing
            .all_mut()
            .filter(|held| named(held))
            .for_each(|held| {
                // A key that was stolen once is never honest again.
                let stolen = held.over.is_some_and(|over| over.compromised);
                held.over = if stolen { held.over } else { Some(over) };
            });
        Ok(Ok(keys))
    }

    /// Every key, the oldest of each purpose first.
    pub fn list(&self, now_ms: i64) -> Vec<KeyView> {
        let signing = self.signing.all().enumerate().map(|(index, held)| {
            let state = match held.over {
                Some(over) if over.compromised => KeyState::Compromised(over.at_ms),
                _ => match self.signing.over_ms(index) {
                    None => KeyState::Newest,
                    Some(at_ms) if at_ms <= now_ms => KeyState::Over(at_ms),
                    Some(at_ms) => KeyState::Overlap(at_ms),
                },
            };
            held.view(KeyPurpose::Signing, state)
        });
        let newest = &self.sealing.newest().id;
        let sealing = self.sealing.all().map(|held| {
            let state = if held.id == *newest {
                KeyState::Newest
            } else {
                KeyState::Opens
            };
            held.view(KeyPurpose::Sealing, state)
        });
        signing.chain(sealing).collect()
    }

    fn again(&self) -> Option<Self> {
        let keys = Self::from_secrets(self.secrets)?;
        match self.later() {
            Some(text) => keys.with_later(&text),
            None => Some(keys),
        }
    }
}

fn signing_key(secret: [u8; 32], from_ms: i64) -> Option<Held<SignatureKey>> {
    let key = SignatureKey::from_secret(&secret).ok()?;
    let public = key.public();
    Some(Held::of(key, public, secret, from_ms))
}

fn sealing_key(secret: [u8; 32], from_ms: i64) -> Option<Held<SealingKey>> {
    let key = SealingKey::from_secret(&secret).ok()?;
    let public = key.public();
    Some(Held::of(key, public, secret, from_ms))
}

impl<K> Held<K> {
    fn of(key: K, public: Vec<u8>, secret: [u8; 32], from_ms: i64) -> Self {
        Self {
            id: key_id(&public),
            key,
            public,
            secret,
            from_ms,
            over: None,
        }
    }

    fn view(&self, purpose: KeyPurpose, state: KeyState) -> KeyView {
        KeyView {
            id: ring::hex(&self.id),
            purpose,
            from_ms: self.from_ms,
            state,
        }
    }
}

impl fmt::Debug for PlatformKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlatformKeys(‹secret›)")
    }
}
