//! The host's key store: Keystore on Android, Keychain on iOS.

use std::sync::{Arc, Mutex, PoisonError};

use grid_fieldbook::{DataKey, KeyVaultError};

use crate::border::host_call;
use crate::{FieldError, HostError};

/// Wraps the vault's data key so that it can lie beside the database. Implemented by the app; called while a vault opens.
///
/// Throw `HostError.Locked` when the key cannot be given before the phone is unlocked, `HostError.Lost` when it is gone.
#[uniffi::export(with_foreign)]
pub trait KeyVault: Send + Sync {
    /// Wraps 32 secret bytes under a key that never leaves the host's key store. Keep no copy.
    fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>, HostError>;
    /// Gives back the 32 bytes that `wrap` wrapped.
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, HostError>;
}

/// The host's key vault during one opening, with what it threw.
pub(crate) struct HostKeys {
    vault: Arc<dyn KeyVault>,
    failed: Mutex<Option<String>>,
}

impl HostKeys {
    pub(crate) fn new(vault: Arc<dyn KeyVault>) -> Self {
        Self {
            vault,
            failed: Mutex::new(None),
        }
    }

    /// The opening's result; a vault that failed is told as that, not as a damaged database.
    pub(crate) fn judged<T>(&self, opened: Result<T, FieldError>) -> Result<T, FieldError> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (opened, failed) {
            (Err(_), Some(detail)) => Err(FieldError::Internal { detail }),
            (opened, _) => opened,
        }
    }

    fn asked(
        &self,
        call: impl FnOnce(&dyn KeyVault) -> Result<Vec<u8>, HostError>,
    ) -> Result<Vec<u8>, KeyVaultError> {
        host_call(|| call(&*self.vault)).map_err(|error| match error {
            HostError::Locked => KeyVaultError::Locked,
            HostError::Lost => KeyVaultError::Lost,
            HostError::Failed { detail } => {
                let told = format!("the host's key vault failed: {detail}");
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
                KeyVaultError::Locked
            }
        })
    }
}

impl grid_fieldbook::KeyVault for HostKeys {
    fn wrap(&self, key: &DataKey) -> Result<Vec<u8>, KeyVaultError> {
        self.asked(|vault| vault.wrap(key.expose().to_vec()))
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<DataKey, KeyVaultError> {
        let key = self.asked(|vault| vault.unwrap(wrapped.to_vec()))?;
        key.try_into()
            .map(DataKey::from_bytes)
            .map_err(|_| KeyVaultError::Lost)
    }
}
