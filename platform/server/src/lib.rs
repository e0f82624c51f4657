//! The platform over HTTP: device API, console API, uploads, health, the console's pages, TLS, and the commands of
//! `grid-platform`. Decides nothing about records: rules live in `grid-hub`, rows in a store.
//!
//! **Invariant:** a route that does not declare who may call it keeps the platform from starting.

mod admin;
mod backup;
mod body;
pub mod cli;
mod clock;
mod console;
mod device;
mod entropy;
mod fault;
mod folder;
mod guard;
mod headers;
mod health;
mod logging;
mod openapi;
mod pages;
mod password;
mod platform;
mod router;
mod sentence;
mod serve;
mod settings;
mod start;
mod time;
mod tls;
mod upload;
mod words;

pub use admin::{Admin, AdminError, BoatOfDevice, IssuedTicket, LeftSegment, LifeboatReport, ListFile};
pub use backup::{BackupError, BackupFlaw, BackupSummary, BlobFlaw, ProvedSummary, RestoredSummary, restore};
pub use clock::{Clock, SystemClock};
pub use guard::Undeclared;
pub use logging::{LogFormat, start_logging};
pub use platform::Platform;
pub use sentence::{Language, Sentence};
pub use serve::listen;
pub use settings::{PasswordCost, Settings};
pub use start::StartError;
pub use tls::{AuthorityFault, CaPin, TlsIdentity};
