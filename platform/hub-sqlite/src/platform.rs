//! The platform's own row and its series of numbers.

use grid_hub::store::{Platform, PlatformRead, PlatformWrite, Stored};
use rusqlite::params;

use crate::access::{Access, Writes};
use crate::cells::int;

/// Where a series begins that is not there yet: moved by every skip, so that a series lost in a restore skips too.
const BASE: &str = "";

impl<M> PlatformRead for Access<'_, M> {
    fn platform(&self) -> Stored<Option<Platform>> {
        self.one(
            "SELECT incarnation, signing_public, sealing_public, since_ms FROM platform",
            [],
            |c| {
                Ok(Platform {
                    incarnation: c.id()?,
                    signing_public: c.take()?,
                    sealing_public: c.take()?,
                    since_ms: c.take()?,
                })
            },
        )
    }
}

impl PlatformWrite for Access<'_, Writes> {
    fn put_platform(&mut self, platform: &Platform) -> Stored<()> {
        self.run(
            "INSERT INTO platform (one, incarnation, signing_public, sealing_public, since_ms)
             VALUES (1, ?1, ?2, ?3, ?4)
             ON CONFLICT (one) DO UPDATE SET incarnation = ?1, signing_public = ?2, sealing_public = ?3, since_ms = ?4",
            params![
                platform.incarnation.0,
                platform.signing_public,
                platform.sealing_public,
                platform.since_ms
            ],
        )?;
        Ok(())
    }

    fn next_number(&mut self, name: &str) -> Stored<u64> {
        self.run(
            "INSERT INTO series (name, last)
             VALUES (?1, 1 + coalesce((SELECT last FROM series WHERE name = ?2), 0))
             ON CONFLICT (name) DO UPDATE SET last = last + 1",
            params![name, BASE],
        )?;
        self.number("SELECT last FROM series WHERE name = ?1", [name])
    }

    fn skip_ahead(&mut self, by: u64) -> Stored<()> {
        self.run(
            "INSERT INTO series (name, last) VALUES (?1, 0) ON CONFLICT (name) DO NOTHING",
            [BASE],
        )?;
        self.run("UPDATE series SET last = last + ?1", [int(by)])?;
        self.run("UPDATE task SET revision = revision + ?1", [int(by)])?;
        Ok(())
    }
}
