//! Which key signs an answer, and what the answer says of keys: a phone is never answered by a key that it cannot verify, as
//! long as there is an honest way to one.

use grid_model::terms::KeyPurpose;
use grid_vault::{Domain, SignatureKey, sign_message};
use grid_wire::{BatchHeader, KeyNotice, Signed, encode};

use super::PlatformKeys;
use super::ring::Held;

impl PlatformKeys {
    /// The key that signs the answer to a phone, and the notices that lead it from the keys it knows to the newest ones. One
    /// that names none trusts those of its enrolment.
    pub(crate) fn for_phone(
        &self,
        now_ms: i64,
        header: &BatchHeader,
        enrolled_at_ms: i64,
    ) -> (&SignatureKey, Vec<Signed>) {
        let newest = self.signing.newest();
        let (known, sealing_id) = self.known_to(header, enrolled_at_ms);
        let Some(&place) = known.last().filter(|place| self.is_honest(**place)) else {
            return (&newest.key, Vec::new());
        };
        let mut notices = Vec::new();
        let mut by: Option<&Held<SignatureKey>> = None;
        for held in self.signing.all().skip(place).filter(|held| !held.is_stolen()) {
            notices.extend(by.map(|by| notice(by, held, KeyPurpose::Signing, None)));
            by = Some(held);
        }
        for (index, held) in self
            .signing
            .all()
            .enumerate()
            .filter(|(at, _)| known.contains(at))
        {
            let over_ms = self.signing.over_ms(index).filter(|over_ms| *over_ms <= now_ms);
            if over_ms.is_some() {
                notices.push(notice(newest, held, KeyPurpose::Signing, over_ms));
            }
        }
        let sealing = self.sealing.newest();
        if sealing_id.is_some_and(|id| *id != sealing.id) {
            notices.push(notice(newest, sealing, KeyPurpose::Sealing, None));
        }
        let signs = match header.signing_key_ids {
            None => self.of_enrolment(now_ms, enrolled_at_ms),
            Some(_) => self
                .signing
                .all()
                .nth(place)
                .filter(|_| self.signs(place, now_ms))
                .unwrap_or(newest),
        };
        (&signs.key, notices)
    }

    /// Places of the signing keys that a phone trusts, the oldest first, and the name of the key that it seals to.
    ///
    /// A phone that names none may have been enrolled again when the key of its first enrolment was over, and trust a later
    /// one: the way from the first one leads past each of them. What was stolen vouches for nobody, so it begins behind that.
    fn known_to<'h>(
        &'h self,
        header: &'h BatchHeader,
        enrolled_at_ms: i64,
    ) -> (Vec<usize>, Option<&'h Vec<u8>>) {
        if let Some(ids) = &header.signing_key_ids {
            let named = |held: &Held<SignatureKey>| ids.chunks(8).any(|id| held.id == id);
            let known = self.signing.all().enumerate().filter(|(_, held)| named(held));
            return (
                known.map(|(place, _)| place).collect(),
                header.sealing_key_id.as_ref(),
            );
        }
        let first = self.signing.place_at(enrolled_at_ms);
        let known = (first..).take_while(|place| self.signing.all().nth(*place).is_some());
        let sealing = self.sealing.all().nth(self.sealing.place_at(enrolled_at_ms));
        (
            known.filter(|place| self.is_honest(*place)).take(1).collect(),
            sealing.map(|held| &held.id),
        )
    }

    /// The public key that a device which was enrolled then is told, and is answered under until it names others.
    pub(crate) fn public_of_enrolment(&self, now_ms: i64, enrolled_at_ms: i64) -> Vec<u8> {
        self.of_enrolment(now_ms, enrolled_at_ms).public.clone()
    }

    fn of_enrolment(&self, now_ms: i64, enrolled_at_ms: i64) -> &Held<SignatureKey> {
        let place = self.signing.place_at(enrolled_at_ms);
        let then = self
            .signing
            .all()
            .nth(place)
            .filter(|_| self.signs(place, now_ms));
        then.unwrap_or(self.signing.newest())
    }

    fn is_honest(&self, place: usize) -> bool {
        self.signing
            .all()
            .nth(place)
            .is_some_and(|held| !held.is_stolen())
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
