//! The platform as its callers see it: over the router, over sockets, over TLS and over its command line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says so by failing"
)]

mod access;
mod backup;
mod broken;
mod command_line;
mod console;
mod cut;
mod device;
mod doubts;
mod extensions;
mod keys;
mod lifeboat;
mod resume;
mod serving;
mod starting;
mod tus;
mod upload;
mod views;
mod world;
