//! Why the platform does not start, or a command does not run: one sentence each, with what to do.

mod say;

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use grid_hub::HubError;

use crate::Sentence;
use crate::guard::Undeclared;
use crate::tls::AuthorityFault;

/// A start that cannot go on. Nothing was changed in the data folder.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The folder holds no platform.
    NoPlatform {
        /// The folder given.
        folder: PathBuf,
    },
    /// A file or folder cannot be made, read or written.
    Folder {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The disk is full.
    NoSpace {
        /// Where it was noticed.
        path: PathBuf,
    },
    /// The data folder was written by a newer program.
    NewerSchema {
        /// Schema found.
        found: u32,
        /// Newest schema this program knows.
        supported: u32,
    },
    /// The keys beside the store are not its own.
    KeysDiffer {
        /// Where the keys lie.
        folder: PathBuf,
    },
    /// The calendar file cannot be read.
    Calendar {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// The store failed otherwise.
    Store(HubError),
    /// Another server works on the folder.
    Served {
        /// The folder given.
        folder: PathBuf,
    },
    /// The port belongs to another program.
    PortTaken {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on for another reason.
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Plain HTTP was asked for on an address that others can reach.
    PlainHttp {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The certificates are missing or unusable.
    Certificate {
        /// What is wrong, technically.
        detail: String,
    },
    /// The certificate authority is not in the state that the command needs.
    Authority {
        /// In which it is.
        detail: AuthorityFault,
    },
    /// A route does not say who may call it: a fault of this program.
    Undeclared(Undeclared),
}

impl StartError {
    pub(crate) fn folder(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace {
                path: path.to_owned(),
            },
            _ => Self::Folder {
                path: path.to_owned(),
                source,
            },
        }
    }

    pub(crate) fn listen(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::PortTaken { address },
            _ => Self::Listen { address, source },
        }
    }

    /// What happened and what to do, for the person at the terminal.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Served { folder } => say::served(folder),
            Self::PortTaken { address } => say::port_taken(*address),
            Self::Listen { address, source } => say::no_listening(*address, source),
            Self::PlainHttp { address } => say::plain_http(*address),
            Self::Undeclared(undeclared) => undeclared.sentence(),
            Self::Certificate { .. } | Self::Authority { .. } => self.certificate_sentence(),
            other => other.data_sentence(),
        }
    }

    /// The sentence of a certificate's fault.
    fn certificate_sentence(&self) -> Sentence {
        match self {
            Self::Certificate { detail } => say::certificate(detail),
            Self::Authority { detail } => say::authority(detail),
            other => other.data_sentence(),
        }
    }

    /// The sentence of a fault in the data folder.
    fn data_sentence(&self) -> Sentence {
        match self {
            Self::NoPlatform { folder } => say::no_platform(folder),
            Self::Folder { path, source } => say::unusable(path, source),
            Self::NoSpace { path } => say::no_space(path),
            Self::NewerSchema { found, supported } => say::newer_schema(*found, *supported),
            Self::KeysDiffer { folder } => say::keys_differ(folder),
            Self::Calendar { path, line } => say::calendar(path, *line),
            Self::Store(source) => say::store(source),
            // Everything else has its sentence above.
            other => Sentence::new(format!("{other:?}"), format!("{other:?}")),
        }
    }
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sentence().fmt(f)
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Folder { source, .. } | Self::Listen { source, .. } => Some(source),
            Self::Store(source) => Some(source),
            _ => None,
        }
    }
}

impl From<Undeclared> for StartError {
    fn from(undeclared: Undeclared) -> Self {
        Self::Undeclared(undeclared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_by_its_folder_in_both_languages() {
        let full = StartError::folder(Path::new("/srv/grid"), io::ErrorKind::StorageFull.into());
        let said = full.sentence();
        assert!(matches!(full, StartError::NoSpace { .. }));
        for text in [&said.zh, &said.en] {
            assert!(text.contains("/srv/grid"), "{text}");
        }
        assert!(said.zh.contains("空间") && said.en.contains("space"), "{said:?}");
        let other = StartError::folder(Path::new("/srv/grid"), io::ErrorKind::PermissionDenied.into());
        assert!(matches!(other, StartError::Folder { .. }));
    }
}
