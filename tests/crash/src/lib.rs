//! A disk in memory whose power can be cut at any operation, with SQLite on top of it. Never reads a clock, never sleeps,
//! never touches a real file.
//!
//! A test makes an image once, and then for each operation `n` and each subset `s`: `SimDisk::from_snapshot(&image)`,
//! `cut_power_at(n)`, run, `after_power_cut(s)`, open again, compare; `cut_everywhere` is that loop.
//!
//! **Invariant:** what was durable before a power cut is there after it, and nothing is there that was never written.

pub mod bench;
pub mod cuts;
pub mod io;
pub mod kill;
pub mod operations;
pub mod oracle;
pub mod platform;
pub mod world;

mod content;
pub mod damage;
mod dice;
mod disk;
mod faults;
mod locks;
pub mod museum;
mod power;
mod schema1;
mod subset;
mod sweep;
mod tree;
#[allow(unsafe_code)] // SQLite takes a file system as C functions; nothing else in this crate is unsafe.
mod vfs;
mod volume;

pub use dice::Dice;
pub use disk::{Image, SimDisk};
pub use faults::{Fault, Op, Repeat};
pub use subset::Subset;
pub use sweep::{Strike, Swept, Trial, cut_everywhere, fail_everywhere};
pub use vfs::VFS;

/// A file or folder of a disk, whatever its name is.
type NodeId = u64;
