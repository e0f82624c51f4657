//! The platform's signing and sealing keys: listed, followed by new ones, ended. Secrets are durable in the folder before the
//! platform works with them.

use grid_hub::{KeyView, PlatformKeys, RetireRefusal};
use grid_model::terms::KeyPurpose;

use super::{Admin, AdminError};
use crate::StartError;
use crate::folder::write_private;

impl Admin<'_> {
    /// Every signing and sealing key, the oldest of each first.
    pub fn keys(&self) -> Vec<KeyView> {
        let platform = self.platform();
        platform.hub().keys().list(platform.now_ms())
    }

    /// Makes a new key for this purpose and works with it from now on; the older ones stay. Not while another process serves the
    /// folder: it would go on without it.
    pub fn rotate_key(&self, purpose: KeyPurpose) -> Result<KeyView, AdminError> {
        let (platform, hub) = (self.platform(), self.platform().hub());
        let _held = platform.hold()?;
        let keys = hub.keys().rotated(purpose, platform.now_ms(), hub.entropy())?;
        self.use_keys(keys)?;
        let newest = self.keys().into_iter().rfind(|key| key.purpose == purpose);
        newest.ok_or(AdminError::NoKey)
    }

    /// Ends a signing key before its time. With `compromised`, somebody else has it: it vouches for no other key any more, and
    /// phones that know no other need a new ticket. Not while another process serves the folder.
    pub fn retire_key(&self, id: &str, compromised: bool) -> Result<Vec<KeyView>, AdminError> {
        let (platform, hub) = (self.platform(), self.platform().hub());
        let _held = platform.hold()?;
        let retired = hub
            .keys()
            .retired(id, compromised, platform.now_ms(), hub.entropy())?;
        let keys = retired.map_err(|refusal| match refusal {
            RetireRefusal::NotFound => AdminError::NoKey,
            RetireRefusal::Newest => AdminError::NewestKey,
        })?;
        self.use_keys(keys)?;
        Ok(self.keys())
    }

    fn use_keys(&self, keys: PlatformKeys) -> Result<(), AdminError> {
        let path = self.platform().folder().later_keys();
        if let Some(text) = keys.later() {
            write_private(&path, text.as_bytes()).map_err(|source| StartError::folder(&path, source))?;
        }
        Ok(self.platform().hub().use_keys(keys)?)
    }
}
