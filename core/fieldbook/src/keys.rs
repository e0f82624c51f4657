//! Which keys of the platform this vault trusts, and how it comes to trust others: a newer key is believed when the newest that
//! is trusted vouches for it, an older one goes when a newer one says so. Never trusts a key for anything else.

use grid_store::{Enrolment, Writing};
use grid_vault::{Domain, VerifyKey, key_id, open_signed};
use grid_wire::{BatchHeader, KeyNotice, KeyPurpose, Signed, decode};

use crate::{FieldBook, FieldError};

/// Length of a public key: SEC1 uncompressed.
const KEY_BYTES: usize = 65;
/// Signing keys that are trusted at one time; an older one goes.
const TRUSTED_MAX: usize = 8;
/// Stands behind the signing keys of an enrolment once the platform said something of its keys.
const TOLD: u8 = 0;

/// The keys of the platform that this vault trusts.
pub(crate) struct TrustedKeys {
    /// The newest first, each with its bytes.
    signing: Vec<(VerifyKey, Vec<u8>)>,
    sealing: Vec<u8>,
    /// The platform said something of its keys since this vault was enrolled. Before that it knows by the enrolment which ones
    /// are trusted, and a request names none: on a poor link it is the bytes that count.
    told: bool,
    changed: bool,
}

impl TrustedKeys {
    /// The keys of an enrolment: those that sign stand one behind the other, the newest first.
    pub(crate) fn of(enrolment: &Enrolment) -> Result<Self, FieldError> {
        let (keys, told) = match enrolment.platform_key.split_last() {
            Some((&TOLD, keys)) if keys.len().is_multiple_of(KEY_BYTES) => (keys, true),
            _ => (enrolment.platform_key.as_slice(), false),
        };
        let signing = keys.chunks(KEY_BYTES);
        let signing = signing.map(|bytes| Ok((VerifyKey::from_sec1(bytes)?, bytes.to_vec())));
        Ok(Self {
            signing: signing.collect::<Result<_, FieldError>>()?,
            sealing: enrolment.sealing_key.clone(),
            told,
            changed: false,
        })
    }

    /// The bytes of a message that one of the trusted keys signed for this purpose.
    pub(crate) fn open<'s>(&self, domain: Domain, signed: &'s Signed) -> Option<&'s [u8]> {
        let mut keys = self.signing.iter();
        keys.find_map(|(key, _)| open_signed(key, domain, signed).ok())
    }

    /// Tells the platform which keys are trusted, so that it answers under one of them and leads on from there. While they are
    /// those of the enrolment the platform knows without being told.
    pub(crate) fn name_in(&self, header: &mut BatchHeader) {
        if !self.told {
            return;
        }
        let ids = self.signing.iter().flat_map(|(_, bytes)| key_id(bytes));
        header.signing_key_ids = Some(ids.collect());
        header.sealing_key_id = Some(key_id(&self.sealing));
    }

    /// Believes what an answer says of keys, as far as it holds. Nothing of it counts before the answer itself was verified and
    /// [`TrustedKeys::keep`] was committed.
    pub(crate) fn take_in(&mut self, notices: Option<&[Signed]>) {
        for signed in notices.unwrap_or_default() {
            if self.take(signed).is_none() {
                log::warn!("a notice of the platform's keys does not hold");
                continue;
            }
            // Also one of a key that is known: the platform believed it unknown, and names put that right.
            self.changed |= !self.told;
            self.told = true;
        }
    }

    /// Takes one notice in; `None` when it does not hold.
    fn take(&mut self, signed: &Signed) -> Option<()> {
        let notice: KeyNotice = decode(&signed.bytes, "key notice").ok()?;
        let known = self.signing.iter().position(|(_, bytes)| *bytes == notice.key);
        match (notice.purpose, notice.until_ms, known) {
            // An answer to a request from before this was known, or of an end that was taken in already.
            (KeyPurpose::Signing, None, Some(_)) | (KeyPurpose::Signing, Some(_), None) => {}
            (KeyPurpose::Sealing, None, _) if notice.key == self.sealing => {}
            (KeyPurpose::Signing, None, None) => {
                self.vouched(0, signed)?;
                let key = VerifyKey::from_sec1(&notice.key).ok()?;
                self.signing.insert(0, (key, notice.key));
                self.signing.truncate(TRUSTED_MAX);
                self.changed = true;
            }
            (KeyPurpose::Signing, Some(_), Some(place)) => {
                self.vouched(place.checked_sub(1)?, signed)?;
                self.signing.remove(place);
                self.changed = true;
            }
            (KeyPurpose::Sealing, None, _) => {
                self.vouched(0, signed)?;
                VerifyKey::from_sec1(&notice.key).ok()?;
                self.sealing = notice.key;
                self.changed = true;
            }
            // What a later platform may say.
            (KeyPurpose::Sealing, Some(_), _) | (KeyPurpose::Unknown(_), ..) => {}
        }
        Some(())
    }

    /// Whether a key at this place or a newer one signed the notice.
    fn vouched(&self, oldest: usize, signed: &Signed) -> Option<()> {
        let mut keys = self.signing.iter().take(oldest + 1);
        keys.any(|(key, _)| open_signed(key, Domain::Keys, signed).is_ok())
            .then_some(())
    }

    /// Keeps what changed.
    pub(crate) fn keep(&self, tx: &Writing<'_>) -> Result<(), FieldError> {
        if self.changed
            && let Some(enrolment) = tx.enrolment()?
        {
            let mut platform_key: Vec<u8> =
                self.signing.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
            platform_key.extend(self.told.then_some(TOLD));
            tx.set_enrolment(&Enrolment {
                platform_key,
                sealing_key: self.sealing.clone(),
                ..enrolment
            })?;
        }
        Ok(())
    }

    /// What changed is kept: from now on the second copy is sealed to the newest key. Trouble here is no failure of the sync;
    /// the next opening of the vault does it again.
    pub(crate) fn kept(&mut self, book: &FieldBook) {
        if std::mem::take(&mut self.changed)
            && let Err(error) = book.seal_to_platform()
        {
            log::warn!("sealing to the platform's new key: {error}");
        }
    }
}
