//! Upload grants: the platform's word that a device may upload for a while, checked without a look into any table.

use std::fmt;

use grid_model::DeviceId;
use hmac::{Hmac, KeyInit as _, Mac as _};
use zeroize::Zeroize as _;

use crate::VaultError;

/// The platform's secret behind its grants.
pub struct GrantSecret([u8; 32]);

impl GrantSecret {
    /// The secret in these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl Drop for GrantSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for GrantSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GrantSecret(‹secret›)")
    }
}

/// Who may upload, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The vault that may upload.
    pub device: DeviceId,
    /// Platform time after which the grant is void, UTC ms.
    pub until_ms: i64,
}

impl Grant {
    /// The grant as text for an `Authorization` header: `device.until.mac`.
    pub fn issue(&self, secret: &GrantSecret) -> Result<String, VaultError> {
        let mut text = format!("{}.{:x}.", self.device, self.until_ms);
        for byte in self.mac(secret)?.finalize().into_bytes() {
            text.push_str(&format!("{byte:02x}"));
        }
        Ok(text)
    }

    /// The grant in a text that this secret issued.
    pub fn verify(secret: &GrantSecret, text: &str) -> Result<Self, VaultError> {
        let mut parts = text.split('.');
        let (Some(device), Some(until), Some(tag), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(VaultError::Malformed);
        };
        let grant = Self {
            device: device.parse().map_err(|_| VaultError::Malformed)?,
            until_ms: i64::from_str_radix(until, 16).map_err(|_| VaultError::Malformed)?,
        };
        let tag: grid_model::Sha256 = tag.parse().map_err(|_| VaultError::Malformed)?;
        grant
            .mac(secret)?
            .verify_slice(tag.bytes())
            .map_err(|_| VaultError::BadSignature)?;
        Ok(grant)
    }

    fn mac(&self, secret: &GrantSecret) -> Result<Hmac<sha2::Sha256>, VaultError> {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&secret.0).map_err(|_| VaultError::BadKey)?;
        mac.update(b"grid-upload-v1\0");
        mac.update(self.device.bytes());
        mac.update(&self.until_ms.to_be_bytes());
        Ok(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_issued_grant_verifies() {
        let secret = GrantSecret::from_bytes([1; 32]);
        let grant = Grant {
            device: DeviceId([2; 16]),
            until_ms: 1_768_000_000_000,
        };
        let text = grant.issue(&secret).expect("issued");
        assert_eq!(Grant::verify(&secret, &text), Ok(grant));
        assert_eq!(
            Grant::verify(&GrantSecret::from_bytes([9; 32]), &text),
            Err(VaultError::BadSignature)
        );
        let later = Grant {
            until_ms: grant.until_ms + 1,
            ..grant
        };
        let forged = format!(
            "{}.{:x}.{}",
            later.device,
            later.until_ms,
            text.rsplit('.').next().expect("mac")
        );
        assert_eq!(Grant::verify(&secret, &forged), Err(VaultError::BadSignature));
        assert_eq!(Grant::verify(&secret, "ж.1.2"), Err(VaultError::Malformed));
    }
}
