//! Keys: who signed, and what opens the local store.

use std::fmt;

use grid_wire::{Signed, WireError};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use zeroize::Zeroize as _;

use crate::VaultError;

/// What a signature is about; a signature for one purpose never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// A batch header, by a device.
    Batch,
    /// A receipt, by the platform.
    Receipt,
    /// A checkpoint, by the platform.
    Checkpoint,
    /// An enrolment request, by the key it names.
    Enroll,
    /// A lifeboat segment's header, by the device or its capture key.
    Lifeboat,
    /// A grant to a capture key, by the device.
    Capture,
    /// What the platform says of its own keys, by a key of it that is trusted already.
    Keys,
}

impl Domain {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Batch => b"grid-batch-v1\0",
            Self::Receipt => b"grid-receipt-v1\0",
            Self::Checkpoint => b"grid-checkpoint-v1\0",
            Self::Enroll => b"grid-enroll-v1\0",
            Self::Lifeboat => b"grid-lifeboat-v1\0",
            Self::Capture => b"grid-capture-v1\0",
            Self::Keys => b"grid-keys-v1\0",
        }
    }

    fn message(self, bytes: &[u8]) -> Vec<u8> {
        [self.label(), bytes].concat()
    }
}

/// A private P-256 signing key. Its `Debug` prints nothing of it.
#[derive(Clone)]
pub struct SignatureKey(SigningKey);

impl SignatureKey {
    /// The key with this secret scalar; not every 32 bytes are one (about 1 in 2^32 is refused: draw again).
    pub fn from_secret(secret: &[u8; 32]) -> Result<Self, VaultError> {
        SigningKey::from_slice(secret)
            .map(Self)
            .map_err(|_| VaultError::BadKey)
    }

    /// The public key: SEC1 uncompressed, 65 bytes.
    pub fn public(&self) -> Vec<u8> {
        self.0.verifying_key().to_sec1_point(false).as_bytes().to_vec()
    }

    /// A deterministic (RFC 6979) signature over `bytes` for this purpose, 64 bytes.
    pub fn sign(&self, domain: Domain, bytes: &[u8]) -> Vec<u8> {
        let signature: Signature = self.0.sign(&domain.message(bytes));
        signature.to_bytes().to_vec()
    }
}

impl fmt::Debug for SignatureKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignatureKey(‹secret›)")
    }
}

/// A public P-256 key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyKey(VerifyingKey);

impl VerifyKey {
    /// The key in SEC1 bytes.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, VaultError> {
        VerifyingKey::from_sec1_bytes(bytes)
            .map(Self)
            .map_err(|_| VaultError::BadKey)
    }

    /// Whether `signature` is by this key over `bytes` for this purpose.
    pub fn verify(&self, domain: Domain, bytes: &[u8], signature: &[u8]) -> Result<(), VaultError> {
        let signature = Signature::from_slice(signature).map_err(|_| VaultError::BadSignature)?;
        self.0
            .verify(&domain.message(bytes), &signature)
            .map_err(|_| VaultError::BadSignature)
    }
}

/// The message in CBOR with its signature.
pub fn sign_message(key: &SignatureKey, domain: Domain, bytes: Vec<u8>) -> Signed {
    let signature = key.sign(domain, &bytes);
    Signed { bytes, signature }
}

/// The bytes of a signed message, once its signature holds; read them with `grid_wire::decode`.
pub fn open_signed<'s>(key: &VerifyKey, domain: Domain, signed: &'s Signed) -> Result<&'s [u8], VaultError> {
    key.verify(domain, &signed.bytes, &signed.signature)?;
    Ok(&signed.bytes)
}

impl From<WireError> for VaultError {
    fn from(_: WireError) -> Self {
        Self::Malformed
    }
}

/// The random 256-bit key of one vault's store; wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey([u8; 32]);

impl DataKey {
    /// The key in these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the store and for wrapping only.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key wrapped under another: AES-256-GCM with a caller's random 12-byte nonce, which leads the result.
    pub fn wrap_with(&self, wrapping: &[u8; 32], nonce: [u8; 12]) -> Result<Vec<u8>, VaultError> {
        crate::attachment::wrap(wrapping, nonce, &self.0)
    }

    /// The key inside [`DataKey::wrap_with`]'s result.
    pub fn unwrap_with(wrapping: &[u8; 32], wrapped: &[u8]) -> Result<Self, VaultError> {
        let plain = crate::attachment::unwrap(wrapping, wrapped)?;
        plain
            .as_slice()
            .try_into()
            .map(Self)
            .map_err(|_| VaultError::BadSeal)
    }
}

impl Drop for DataKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(‹secret›)")
    }
}

/// Why the host gave no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyVaultError {
    /// The host cannot give the key now (before first unlock, screen lock): try later, nothing is lost.
    Locked,
    /// The key is gone or the wrapped bytes are not its own.
    Lost,
}

/// The host's key store: Keystore or Keychain on a phone, a file with mode 0600 for tests and the terminal.
pub trait KeyVault: Send + Sync {
    /// Wraps a vault's data key so that it can lie beside the store.
    fn wrap(&self, key: &DataKey) -> Result<Vec<u8>, KeyVaultError>;
    /// Gives back what `wrap` wrapped.
    fn unwrap(&self, wrapped: &[u8]) -> Result<DataKey, KeyVaultError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_purpose_key_and_bytes_only() {
        let key = SignatureKey::from_secret(&[7; 32]).expect("a key");
        let public = VerifyKey::from_sec1(&key.public()).expect("its public key");
        let signed = sign_message(&key, Domain::Batch, vec![1, 2, 3]);
        assert_eq!(
            open_signed(&public, Domain::Batch, &signed),
            Ok(&[1_u8, 2, 3][..])
        );
        assert_eq!(
            open_signed(&public, Domain::Receipt, &signed),
            Err(VaultError::BadSignature)
        );
        let other = VerifyKey::from_sec1(&SignatureKey::from_secret(&[8; 32]).expect("a key").public())
            .expect("public");
        assert_eq!(
            open_signed(&other, Domain::Batch, &signed),
            Err(VaultError::BadSignature)
        );
        let altered = Signed {
            bytes: vec![1, 2, 4],
            ..signed
        };
        assert_eq!(
            open_signed(&public, Domain::Batch, &altered),
            Err(VaultError::BadSignature)
        );
    }

    #[test]
    fn secrets_do_not_print() {
        assert_eq!(format!("{:?}", DataKey::from_bytes([9; 32])), "DataKey(‹secret›)");
        let key = SignatureKey::from_secret(&[7; 32]).expect("a key");
        assert_eq!(format!("{key:?}"), "SignatureKey(‹secret›)");
    }

    #[test]
    fn a_wrapped_key_opens_under_its_wrapping_key_only() {
        let key = DataKey::from_bytes([3; 32]);
        let wrapped = key.wrap_with(&[1; 32], [5; 12]).expect("wrapped");
        assert_eq!(DataKey::unwrap_with(&[1; 32], &wrapped).as_ref(), Ok(&key));
        assert_eq!(DataKey::unwrap_with(&[2; 32], &wrapped), Err(VaultError::BadSeal));
        assert_eq!(
            DataKey::unwrap_with(&[1; 32], &wrapped[..20]),
            Err(VaultError::BadSeal)
        );
    }
}
