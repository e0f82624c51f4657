//! Identifiers as types of their own, so that a task id can never stand where a patrol id belongs.

use std::fmt;
use std::str::FromStr;

/// Text that does not name an identifier of the expected shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdError {
    /// What was expected, for a sentence to a person.
    pub expected: &'static str,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for IdError {}

macro_rules! id16 {
    ($( $(#[$meta:meta])* $Name:ident ),* $(,)?) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Name(pub [u8; 16]);

        impl $Name {
            /// The id made of these 16 bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self { Self(bytes) }
            /// The 16 bytes, as stored and sent.
            pub const fn bytes(&self) -> &[u8; 16] { &self.0 }
        }
        impl From<[u8; 16]> for $Name {
            fn from(bytes: [u8; 16]) -> Self { Self(bytes) }
        }
        impl From<$Name> for [u8; 16] {
            fn from(id: $Name) -> Self { id.0 }
        }
        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&uuid::Uuid::from_bytes(self.0), f)
            }
        }
        impl fmt::Debug for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($Name), "({})"), self)
            }
        }
        impl FromStr for $Name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                uuid::Uuid::try_parse(text).map(|id| Self(id.into_bytes())).map_err(|_| IdError { expected: "a UUID" })
            }
        }
    )* };
}

id16! {
    /// One vault: one person on one phone. Names who wrote a change.
    DeviceId,
    /// One phone; joins the vaults of a shared phone.
    PhoneId,
    /// One assignment of a matter to one holder.
    TaskId,
    /// A citizen's or the field's matter; one id for life.
    CaseId,
    /// One patrol from start to end.
    PatrolId,
    /// A person who works in the field or at a desk.
    WorkerId,
    /// A station, centre, squad or department.
    OrgId,
    /// The life of a platform store; new after every restore.
    Incarnation,
}

/// The life of a device's change log: a random number, so two clones can never choose the same next one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Epoch({self})")
    }
}

/// Position of a change in its epoch, from 1; never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

impl Seq {
    /// The position after this one; the last of all stays where it is.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A SHA-256 digest: the name of an attachment, a body, a chain link.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest held in a slice of exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}
impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}
impl FromStr for Sha256 {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = IdError {
            expected: "64 hexadecimal digits",
        };
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong.clone())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong.clone())?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_agree() {
        let id = TaskId([0xab; 16]);
        assert_eq!(id.to_string().parse::<TaskId>(), Ok(id));
        let hash = Sha256([7; 32]);
        assert_eq!(hash.to_string().parse::<Sha256>(), Ok(hash));
        assert!("zz".repeat(32).parse::<Sha256>().is_err());
        assert!("é".repeat(32).parse::<Sha256>().is_err());
    }
}
