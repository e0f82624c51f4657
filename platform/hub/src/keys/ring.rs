//! Keys in the order in which they came, and the text in which the later ones are kept.

use std::fmt::Write as _;

use super::{KEY_OVERLAP_MS, PlatformKeys, sealing_key, signing_key};

/// First line of the file of later keys.
const TITLE: &str = "grid-platform keys 1";

/// A key with what is known of it.
pub(super) struct Held<K> {
    /// Names it: the head of the SHA-256 of its public half.
    pub(super) id: Vec<u8>,
    /// The private key.
    pub(super) key: K,
    /// Its public half, SEC1.
    pub(super) public: Vec<u8>,
    /// Secret scalar.
    pub(super) secret: [u8; 32],
    /// Since when it is used, UTC ms.
    pub(super) from_ms: i64,
    /// What an operator said of its end.
    pub(super) over: Option<Over>,
}

/// An end that an operator set.
#[derive(Clone, Copy)]
pub(super) struct Over {
    /// Since when, UTC ms.
    pub(super) at_ms: i64,
    /// Somebody else has the key.
    pub(super) compromised: bool,
}

/// The keys of one purpose, the oldest first.
pub(super) struct Row<K> {
    first: Held<K>,
    /// Those that came after it.
    pub(super) later: Vec<Held<K>>,
}

impl<K> Row<K> {
    pub(super) const fn of(first: Held<K>) -> Self {
        Self {
            first,
            later: Vec::new(),
        }
    }

    pub(super) fn newest(&self) -> &Held<K> {
        self.later.last().unwrap_or(&self.first)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Held<K>> {
        std::iter::once(&self.first).chain(&self.later)
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Held<K>> {
        std::iter::once(&mut self.first).chain(&mut self.later)
    }

    pub(super) fn named(&self, id: &[u8]) -> Option<&Held<K>> {
        self.all().find(|held| held.id == id)
    }

    /// Place of the newest key that was used before this time, UTC ms; the first one always was. One of this very millisecond
    /// was not: what is told at an enrolment must stay the same whatever else happens in it.
    pub(super) fn place_at(&self, at_ms: i64) -> usize {
        self.later.iter().take_while(|held| held.from_ms < at_ms).count()
    }

    /// When the key at this place is over, UTC ms: when an operator said so, or when its overlap with the next one ends.
    pub(super) fn over_ms(&self, index: usize) -> Option<i64> {
        let said = self.all().nth(index)?.over.map(|over| over.at_ms);
        let next = self.later.get(index);
        let ends = next.map(|next| next.from_ms.saturating_add(KEY_OVERLAP_MS));
        said.into_iter().chain(ends).min()
    }
}

/// The text of the keys that came later and of the ends that were set; `None` when there are none.
pub(super) fn written(keys: &PlatformKeys) -> Option<String> {
    let mut text = format!("{TITLE}\n");
    for held in &keys.signing.later {
        let _ = writeln!(text, "signing {} {}", held.from_ms, hex(&held.secret));
    }
    for held in &keys.sealing.later {
        let _ = writeln!(text, "sealing {} {}", held.from_ms, hex(&held.secret));
    }
    for held in keys.signing.all() {
        if let Some(over) = held.over {
            let how = if over.compromised {
                "compromised"
            } else {
                "retired"
            };
            let _ = writeln!(text, "over {} {} {how}", over.at_ms, hex(&held.id));
        }
    }
    (text.lines().count() > 1).then_some(text)
}

/// Adds to the first keys what such a text says; `None` when it says anything else.
pub(super) fn read(mut keys: PlatformKeys, text: &str) -> Option<PlatformKeys> {
    let mut lines = text.lines();
    if lines.next() != Some(TITLE) {
        return None;
    }
    for line in lines {
        let words: Vec<_> = line.split(' ').collect();
        match *words.as_slice() {
            ["signing", from_ms, secret] => {
                let held = signing_key(unhex(secret)?, from_ms.parse().ok()?)?;
                keys.signing.later.push(held);
            }
            ["sealing", from_ms, secret] => {
                let held = sealing_key(unhex(secret)?, from_ms.parse().ok()?)?;
                keys.sealing.later.push(held);
            }
            ["over", at_ms, id, how @ ("retired" | "compromised")] => {
                let id: [u8; 8] = unhex(id)?;
                let held = keys.signing.all_mut().find(|held| held.id == id)?;
                held.over = Some(Over {
                    at_ms: at_ms.parse().ok()?,
                    compromised: how == "compromised",
                });
            }
            _ => return None,
        }
    }
    Some(keys)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    let mut bytes = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use grid_model::terms::KeyPurpose;

    use super::*;
    use crate::HubError;

    struct Counting(std::sync::atomic::AtomicU8);

    impl crate::Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), HubError> {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            Ok(())
        }
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let entropy = Counting(1.into());
        let first = PlatformKeys::generate(&entropy).expect("keys");
        assert_eq!(first.later(), None);
        let keys = first.rotated(KeyPurpose::Signing, 10, &entropy).expect("rotated");
        let keys = keys.rotated(KeyPurpose::Sealing, 20, &entropy).expect("rotated");
        let old = hex(&keys.signing.first.id);
        let keys = keys
            .retired(&old, true, 30, &entropy)
            .expect("asked")
            .expect("retired");
        let text = keys.later().expect("later keys");
        let again = PlatformKeys::from_secrets(*keys.expose())
            .and_then(|first| first.with_later(&text))
            .expect("read again");
        assert_eq!(again.list(40), keys.list(40));
        assert_eq!(again.later(), Some(text.clone()));
        assert_ne!(again.signing_public(), first.signing_public());
        for strange in [
            "",
            "grid-platform keys 2\n",
            "grid-platform keys 1\nsigning 1 00\n",
            "grid-platform keys 1\nsigning now 0101\n",
            "grid-platform keys 1\nover 1 0000000000000000 retired\n",
            &text.replace("compromised", "stolen"),
            &format!("{text}more\n"),
        ] {
            let first = PlatformKeys::from_secrets(*keys.expose()).expect("the first");
            assert!(first.with_later(strange).is_none(), "{strange}");
        }
    }
}
