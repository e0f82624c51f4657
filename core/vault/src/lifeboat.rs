//! Sealing of the lifeboat: each segment has a random key of its own, wrapped for the vault and sealed to the platform, so
//! that the phone can rebuild a lost database and the platform can read what a dead phone left. Frames are sealed with
//! AES-256-GCM; the nonce is the frame's place in its segment, and no place is ever written twice under one key.

use std::convert::Infallible;
use std::fmt;

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use grid_wire::lifeboat::{CaptureGrant, Frame, FrameHead, SegmentHeader};
use grid_wire::{Signed, decode};
use hmac::{Hmac, Mac as _};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::DhP256HkdfSha256 as Kem;
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use zeroize::Zeroize as _;

use crate::attachment::{unwrap, wrap};
use crate::{DataKey, Domain, VaultError, VerifyKey, open_signed, sha256};

/// What an HPKE seal of ours is about.
const SEAL_INFO: &[u8] = b"grid-lifeboat-v1";
const ENCAPSULATED_BYTES: usize = 65;

/// The random key of one segment; wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SegmentKey([u8; 32]);

impl SegmentKey {
    /// The key in these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Wrapped under the vault's data key, with a caller's random nonce.
    pub fn wrap_for_vault(&self, data_key: &DataKey, nonce: [u8; 12]) -> Result<Vec<u8>, VaultError> {
        wrap(&derived(data_key, b"segment")?, nonce, &self.0)
    }

    /// The key inside [`SegmentKey::wrap_for_vault`]'s result.
    pub fn unwrap_for_vault(data_key: &DataKey, wrapped: &[u8]) -> Result<Self, VaultError> {
        exact(&unwrap(&derived(data_key, b"segment")?, wrapped)?)
    }

    /// Sealed to a public key, with 32 random bytes of the caller.
    pub fn seal_to(&self, public: &[u8], random: [u8; 32]) -> Result<Vec<u8>, VaultError> {
        seal_to(public, random, &self.0)
    }

    /// The key inside [`SegmentKey::seal_to`]'s result.
    pub fn open_with(secret: &SealingKey, sealed: &[u8]) -> Result<Self, VaultError> {
        exact(&secret.open(sealed)?)
    }

    /// The sealed part of a frame.
    pub fn seal_frame(&self, head: &FrameHead, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (msg, aad) = (plain, &*head.covered());
        cipher(&self.0)?
            .encrypt(&frame_nonce(head.index), Payload { msg, aad })
            .map_err(|_| VaultError::BadSeal)
    }

    /// The plain bytes of a frame.
    pub fn open_frame(&self, frame: &Frame<'_>) -> Result<Vec<u8>, VaultError> {
        let (msg, aad) = (frame.sealed, &*frame.head.covered());
        cipher(&self.0)?
            .decrypt(&frame_nonce(frame.head.index), Payload { msg, aad })
            .map_err(|_| VaultError::BadSeal)
    }
}

impl Drop for SegmentKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SegmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SegmentKey(‹secret›)")
    }
}

/// A private key that opens what was sealed to its public half: the platform's, or a vault's own for what it captured
/// while it was locked.
#[derive(Clone)]
pub struct SealingKey(<Kem as hpke::Kem>::PrivateKey);

impl SealingKey {
    /// The key with this secret scalar; not every 32 bytes are one.
    pub fn from_secret(secret: &[u8; 32]) -> Result<Self, VaultError> {
        <Kem as hpke::Kem>::PrivateKey::from_bytes(secret)
            .map(Self)
            .map_err(|_| VaultError::BadKey)
    }

    /// The public half: SEC1 uncompressed, 65 bytes.
    pub fn public(&self) -> Vec<u8> {
        Kem::sk_to_pk(&self.0).to_bytes().to_vec()
    }

    /// The plain bytes of what [`seal_to`] sealed to this key.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (encapsulated, text) = sealed
            .split_at_checked(ENCAPSULATED_BYTES)
            .ok_or(VaultError::BadSeal)?;
        let encapsulated =
            <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| VaultError::BadSeal)?;
        hpke::single_shot_open::<AesGcm256, HkdfSha256, Kem>(
            &OpModeR::Base,
            &self.0,
            &encapsulated,
            SEAL_INFO,
            text,
            b"",
        )
        .map_err(|_| VaultError::BadSeal)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(‹secret›)")
    }
}

/// Seals bytes to a public key (HPKE base mode, DHKEM P-256, HKDF-SHA256, AES-256-GCM), with 32 random bytes of the caller:
/// the encapsulated key, then the sealed text.
pub fn seal_to(public: &[u8], random: [u8; 32], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let public = <Kem as hpke::Kem>::PublicKey::from_bytes(public).map_err(|_| VaultError::BadKey)?;
    let (encapsulated, text) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
        &OpModeS::Base,
        &public,
        SEAL_INFO,
        plain,
        b"",
        &mut Given(random),
    )
    .map_err(|_| VaultError::BadSeal)?;
    Ok([&encapsulated.to_bytes()[..], &text].concat())
}

/// Whether this header was written by the vault with this key: by the key itself, or by a capture key it has given its word
/// for.
pub fn header_is_by(vault: &VerifyKey, header: &SegmentHeader, signed: &Signed) -> bool {
    match &header.capture {
        None => open_signed(vault, Domain::Lifeboat, signed).is_ok(),
        Some(grant) => {
            let granted = open_signed(vault, Domain::Capture, grant)
                .ok()
                .and_then(|bytes| decode::<CaptureGrant>(bytes, "capture grant").ok())
                .filter(|granted| granted.device == header.device)
                .and_then(|granted| VerifyKey::from_sec1(&granted.public).ok());
            granted.is_some_and(|capture| open_signed(&capture, Domain::Lifeboat, signed).is_ok())
        }
    }
}

/// Names a public key in eight bytes: the head of its SHA-256.
pub fn key_id(public: &[u8]) -> Vec<u8> {
    sha256(public).bytes()[..8].to_vec()
}

/// Bytes only this vault can read, under its data key, with a caller's random nonce.
pub fn seal_private(data_key: &DataKey, nonce: [u8; 12], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    wrap(&derived(data_key, b"private")?, nonce, plain)
}

/// The bytes inside [`seal_private`]'s result.
pub fn open_private(data_key: &DataKey, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    unwrap(&derived(data_key, b"private")?, sealed)
}

/// One key, one use: what wraps segments is not what opens the database.
fn derived(data_key: &DataKey, purpose: &[u8]) -> Result<[u8; 32], VaultError> {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(data_key.expose()).map_err(|_| VaultError::BadKey)?;
    mac.update(b"grid-lifeboat-key-v1\0");
    mac.update(purpose);
    Ok(mac.finalize().into_bytes().into())
}

fn exact(bytes: &[u8]) -> Result<SegmentKey, VaultError> {
    bytes.try_into().map(SegmentKey).map_err(|_| VaultError::BadSeal)
}

fn cipher(key: &[u8; 32]) -> Result<Aes256Gcm, VaultError> {
    Aes256Gcm::new_from_slice(key).map_err(|_| VaultError::BadKey)
}

fn frame_nonce(index: u32) -> Nonce<aes_gcm::aead::consts::U12> {
    let mut bytes = [0; 12];
    bytes[8..].copy_from_slice(&index.to_be_bytes());
    Nonce::from(bytes)
}

/// The caller's random bytes in the shape that `hpke` asks for: one draw of a key's length, never more.
struct Given([u8; 32]);

impl rand_core::TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for piece in out.chunks_mut(32) {
            piece.copy_from_slice(&self.0[..piece.len()]);
            // A second draw differs from the first, and tells nothing of it.
            self.0 = sha256(&self.0).0;
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Given {}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_model::Sha256;
    use grid_model::id::{DeviceId, Epoch, Seq};
    use grid_wire::lifeboat::FrameKind;
    use grid_wire::{Head, encode};

    use crate::{SignatureKey, sign_message};

    fn head(index: u32) -> FrameHead {
        FrameHead {
            kind: FrameKind::Change,
            index,
            head: Head::new(Seq(7), Sha256([1; 32])),
            body_hash: Sha256([2; 32]),
        }
    }

    #[test]
    fn a_segment_key_opens_for_the_vault_and_for_the_platform_and_nobody_else() {
        let (key, data_key) = (SegmentKey::from_bytes([3; 32]), DataKey::from_bytes([4; 32]));
        let wrapped = key.wrap_for_vault(&data_key, [5; 12]).expect("wrapped");
        assert_eq!(SegmentKey::unwrap_for_vault(&data_key, &wrapped), Ok(key.clone()));
        let other = DataKey::from_bytes([6; 32]);
        assert!(SegmentKey::unwrap_for_vault(&other, &wrapped).is_err());
        // The data key itself, which opens the database, does not open it.
        assert!(DataKey::unwrap_with(data_key.expose(), &wrapped).is_err());

        let platform = SealingKey::from_secret(&[7; 32]).expect("a key");
        let sealed = key.seal_to(&platform.public(), [8; 32]).expect("sealed");
        assert_eq!(SegmentKey::open_with(&platform, &sealed), Ok(key));
        let stranger = SealingKey::from_secret(&[9; 32]).expect("a key");
        assert!(SegmentKey::open_with(&stranger, &sealed).is_err());
        assert!(SegmentKey::open_with(&platform, &sealed[..60]).is_err());
    }

    #[test]
    fn a_frame_opens_under_its_own_head_only() {
        let key = SegmentKey::from_bytes([3; 32]);
        let sealed = key.seal_frame(&head(1), b"body").expect("sealed");
        let frame = |head, sealed: &[u8]| key.open_frame(&Frame { head, sealed });
        assert_eq!(frame(head(1), &sealed), Ok(b"body".to_vec()));
        assert!(frame(head(2), &sealed).is_err());
        let moved = FrameHead {
            head: Head::new(Seq(8), Sha256([1; 32])),
            ..head(1)
        };
        assert!(frame(moved, &sealed).is_err());
    }

    #[test]
    fn a_header_is_by_its_vault_or_by_a_capture_key_that_the_vault_granted() {
        let key = |seed| SignatureKey::from_secret(&[seed; 32]).expect("a key");
        let (vault, capture, stranger) = (key(1), key(2), key(3));
        let public = VerifyKey::from_sec1(&vault.public()).expect("public");
        let by = |header: &SegmentHeader, signer: &SignatureKey| {
            header_is_by(
                &public,
                header,
                &sign_message(signer, Domain::Lifeboat, encode(header)),
            )
        };
        let mut header = SegmentHeader::new(DeviceId([7; 16]), Epoch(1), [9; 16]);
        assert!(by(&header, &vault));
        assert!(!by(&header, &capture) && !by(&header, &stranger));

        let grant = |device, granted: &SignatureKey, signer: &SignatureKey| {
            let grant = CaptureGrant {
                device: DeviceId([device; 16]),
                public: granted.public(),
            };
            Some(sign_message(signer, Domain::Capture, encode(&grant)))
        };
        header.capture = grant(7, &capture, &vault);
        assert!(by(&header, &capture));
        assert!(!by(&header, &vault) && !by(&header, &stranger));
        for wrong in [grant(8, &capture, &vault), grant(7, &stranger, &stranger)] {
            header.capture = wrong;
            assert!(!by(&header, &capture) && !by(&header, &stranger));
        }
    }

    #[test]
    fn private_bytes_open_under_their_data_key_only() {
        let data_key = DataKey::from_bytes([4; 32]);
        let sealed = seal_private(&data_key, [1; 12], b"identity").expect("sealed");
        assert_eq!(open_private(&data_key, &sealed), Ok(b"identity".to_vec()));
        assert!(open_private(&DataKey::from_bytes([5; 32]), &sealed).is_err());
        assert!(SegmentKey::unwrap_for_vault(&data_key, &sealed).is_err());
    }
}
