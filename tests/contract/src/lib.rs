//! What the contract's runners share with whoever measures beside them.

use grid_fieldbook::{DataKey, KeyVault, KeyVaultError};

/// The runners' key vault: hides a key just enough to see that it was wrapped. Every language has the same.
pub struct RunnersKeys;

const MARK: &[u8] = b"wrapped:";
const VEIL: u8 = 0x5a;

impl KeyVault for RunnersKeys {
    fn wrap(&self, key: &DataKey) -> Result<Vec<u8>, KeyVaultError> {
        let hidden = key.expose().iter().map(|byte| byte ^ VEIL);
        Ok(MARK.iter().copied().chain(hidden).collect())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<DataKey, KeyVaultError> {
        let hidden = wrapped.strip_prefix(MARK).ok_or(KeyVaultError::Lost)?;
        let key: Vec<u8> = hidden.iter().map(|byte| byte ^ VEIL).collect();
        key.try_into()
            .map(DataKey::from_bytes)
            .map_err(|_| KeyVaultError::Lost)
    }
}
