//! Which key signs an answer, and what the answer says of keys: a phone is never answered by a key that it cannot verify, as
//! long as there is an honest way to one.

use grid_model::terms::KeyPurpose;
use grid_vault::{Domain, SignatureKey, sign_message};
use grid_wire::{BatchHeader, KeyNotice, Signed, encode};

use super::PlatformKeys;
use super::ring::Held;

impl PlatformKeys {
    /// The key that signs the answer to a phone, and the notices that lead it from the keys it knows to the newest ones. One
    /// that tells no keys gets none: it knows the key of its enrolment and passes over what is new.
    pub(crate) fn for_phone(
        &self,
        now_ms: i64,
        header: &BatchHeader,
        enrolled_at_ms: i64,
    ) -> (&SignatureKey, Vec<Signed>) {
        let Some(ids) = &header.signing_key_ids else {
            return (&self.of_enrolment(now_ms, enrolled_at_ms).key, Vec::new());
        };
        let newest = self.signing.newest();
        let known: Vec<_> = self
            .signing
            .all()
            .enumerate()
            .filter(|(_, held)| ids.chunks(8).any(|id| held.id == id))
            .collect();
        let Some(&(place, trusted)) = known.last().filter(|(_, held)| !held.is_stolen()) else {
            return (&newest.key, Vec::new());
        };
        let mut notices = Vec::new();
        let mut by = trusted;
        for held in self
            .signing
            .all()
            .skip(place + 1)
            .filter(|held| !held.is_stolen())
        {
            notices.push(notice(by, held, KeyPurpose::Signing, None));
            by = held;
        }
        for (index, held) in &known {
            let over_ms = self.signing.over_ms(*index).filter(|over_ms| *over_ms <= now_ms);
            if over_ms.is_some() {
                notices.push(notice(newest, held, KeyPurpose::Signing, over_ms));
            }
        }
        let sealing = self.sealing.newest();
        if header.sealing_key_id.as_ref().is_some_and(|id| *id != sealing.id) {
            notices.push(notice(newest, sealing, KeyPurpose::Sealing, None));
        }
        let signs = if self.signs(place, now_ms) {
            trusted
        } else {
            newest
        };
        (&signs.key, notices)
    }

    /// The public key that a device which was enrolled then is told, and is answered under until it tells of another.
    pub(crate) fn public_of_enrolment(&self, now_ms: i64, enrolled_at_ms: i64) -> Vec<u8> {
        self.of_enrolment(now_ms, enrolled_at_ms).public.clone()
    }

    fn of_enrolment(&self, now_ms: i64, enrolled_at_ms: i64) -> &Held<SignatureKey> {
        let then = self.signing.all().enumerate();
        let then = then.filter(|(index, held)| *index == 0 || held.from_ms <= enrolled_at_ms);
        match then.last() {
            Some((index, held)) if self.signs(index, now_ms) => held,
            _ => self.signing.newest(),
        }
    }

    /// Whether anything is still signed by the key at this place.
    fn signs(&self, index: usize, now_ms: i64) -> bool {
        self.signing.over_ms(index).is_none_or(|over_ms| over_ms > now_ms)
    }
}

impl<K> Held<K> {
    fn is_stolen(&self) -> bool {
        self.over.is_some_and(|over| over.compromised)
    }
}

fn notice<K>(by: &Held<SignatureKey>, held: &Held<K>, purpose: KeyPurpose, until_ms: Option<i64>) -> Signed {
    let notice = KeyNotice {
        key: held.public.clone(),
        purpose,
        from_ms: held.from_ms,
        until_ms,
    };
    sign_message(&by.key, Domain::Keys, encode(&notice))
}
