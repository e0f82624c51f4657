//! The keys that targets sign and seal with: the same in every run, and known to everybody.

use std::sync::LazyLock;

use grid_model::{DeviceId, Epoch};
use grid_vault::{DataKey, SealingKey, SignatureKey, VerifyKey};

/// The vault that everything comes from.
pub const DEVICE: DeviceId = DeviceId([0x22; 16]);
/// The life of its log.
pub const EPOCH: Epoch = Epoch(0xfeed_f00d_dead_beef);
/// Opens its store.
pub(crate) const DATA_KEY: DataKey = DataKey::from_bytes([7; 32]);

/// A signing key with both halves.
pub(crate) struct Pair {
    pub(crate) secret: SignatureKey,
    pub(crate) public: VerifyKey,
}

impl Pair {
    fn of(secret: [u8; 32]) -> Self {
        let made = SignatureKey::from_secret(&secret).ok().and_then(|secret| {
            let public = VerifyKey::from_sec1(&secret.public()).ok()?;
            Some(Self { secret, public })
        });
        made.unwrap_or_else(|| panic!("a fixed secret is a key"))
    }
}

/// Secret of [`VAULT`].
pub(crate) const VAULT_SECRET: [u8; 32] = [1; 32];
/// The vault's signing key.
pub(crate) static VAULT: LazyLock<Pair> = LazyLock::new(|| Pair::of(VAULT_SECRET));
/// Signs what is captured while the vault is locked.
pub(crate) static CAPTURE: LazyLock<Pair> = LazyLock::new(|| Pair::of([2; 32]));
/// Opens what was sealed to the vault or to the platform.
pub(crate) static SEALING: LazyLock<SealingKey> = LazyLock::new(|| {
    SealingKey::from_secret(&[3; 32]).unwrap_or_else(|error| panic!("a fixed secret is a key: {error}"))
});
