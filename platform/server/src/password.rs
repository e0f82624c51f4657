//! Password hashes (Argon2id). A password is seen here and nowhere else.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::PasswordCost;

/// Fewest characters of a password.
pub(crate) const CHARS_MIN: usize = 8;
/// Most bytes of a password: a bound for the work of a stranger's try.
pub(crate) const BYTES_MAX: usize = 256;

/// Makes and checks password hashes.
#[derive(Debug)]
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    /// What a try is compared with when the name is unknown, so that it takes as long.
    nobody: String,
}

impl Passwords {
    /// `None` when the cost is none that Argon2 knows, or the system gives no randomness for a salt.
    pub(crate) fn of(cost: PasswordCost) -> Option<Self> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).ok()?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = argon2
            .hash_password(b"nobody signs in with this")
            .ok()?
            .to_string();
        Some(Self { argon2, nobody })
    }

    /// The hash to store, with a salt of its own.
    pub(crate) fn hash(&self, password: &str) -> Option<String> {
        self.argon2
            .hash_password(password.as_bytes())
            .ok()
            .map(|hash| hash.to_string())
    }

    /// Whether the password fits the stored hash; without one it never does, after the same work.
    pub(crate) fn fits(&self, password: &str, stored: Option<&str>) -> bool {
        let compared = stored.unwrap_or(&self.nobody);
        let parsed = PasswordHash::new(compared);
        let fits = parsed.is_ok_and(|hash| self.argon2.verify_password(password.as_bytes(), &hash).is_ok());
        fits && stored.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_fits_and_nobody_has_none() {
        let passwords = Passwords::of(PasswordCost::QUICK).expect("a cost");
        let hash = passwords.hash("渔港0713!").expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=256,t=1,p=1$"));
        assert!(passwords.fits("渔港0713!", Some(&hash)));
        assert!(!passwords.fits("渔港0714!", Some(&hash)));
        assert!(!passwords.fits("nobody signs in with this", None));
        assert!(!passwords.fits("x", Some("not a hash")));
    }
}
