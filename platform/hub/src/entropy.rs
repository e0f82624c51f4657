//! Randomness is brought by the caller, so that a test can repeat itself.

use std::sync::Arc;

use crate::HubError;

/// A source of random bytes: the operating system in the server, a seeded generator in tests.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with unpredictable bytes, or fails without having promised any.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), HubError>;
}

impl<E: Entropy + ?Sized> Entropy for Arc<E> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), HubError> {
        (**self).fill(bytes)
    }
}

/// Crockford's base 32: no I, L, O or U, so a code read aloud is typed right.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of an enrolment code: 40 bits.
const CODE_CHARS: usize = 8;

/// `N` random bytes.
pub(crate) fn random<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], HubError> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes)?;
    Ok(bytes)
}

/// A new 16-byte id in the shape of a UUID version 7: ids made later sort later.
pub(crate) fn new_id<T: From<[u8; 16]>>(entropy: &dyn Entropy, now_ms: i64) -> Result<T, HubError> {
    let mut bytes: [u8; 16] = random(entropy)?;
    bytes[..6].copy_from_slice(&now_ms.to_be_bytes()[2..]);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    Ok(T::from(bytes))
}

/// A new enrolment code as a person reads it: `XXXX-XXXX`.
pub(crate) fn new_code(entropy: &dyn Entropy) -> Result<String, HubError> {
    let bytes: [u8; CODE_CHARS] = random(entropy)?;
    let mut code = String::with_capacity(CODE_CHARS + 1);
    for (index, byte) in bytes.into_iter().enumerate() {
        if index == CODE_CHARS / 2 {
            code.push('-');
        }
        code.push(char::from(CROCKFORD[usize::from(byte % 32)]));
    }
    Ok(code)
}

/// The code as it is compared: upper case, without dashes and spaces, look-alikes read as the digits they resemble.
pub(crate) fn plain_code(typed: &str) -> String {
    let letters = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    letters
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Same(u8);
    impl Entropy for Same {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), HubError> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn a_code_survives_being_read_aloud_and_typed_badly() {
        assert_eq!(new_code(&Same(0)).unwrap(), "0000-0000");
        assert_eq!(new_code(&Same(33)).unwrap(), "1111-1111");
        assert_eq!(plain_code(" oo0o-il1i "), "00001111");
    }

    #[test]
    fn ids_carry_their_time_in_front() {
        let id: [u8; 16] = new_id(&Same(0xff), 0x0102_0304_0506).unwrap();
        assert_eq!(id[..9], [1, 2, 3, 4, 5, 6, 0x7f, 0xff, 0xbf]);
    }
}
