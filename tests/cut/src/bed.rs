//! A platform in this process behind the proxy, for whoever brings a phone of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use grid_fieldbook::Ticket;
use grid_server::{Clock as _, Platform};
use tokio::runtime::Runtime;

use crate::sites::{self, Site, WORKER};
use crate::time::Time;
use crate::{Link, Proxy, Trouble};

/// A platform that answers, and the link to it. It has a station, a post, a worker and a task for him.
pub struct Bed {
    runtime: Runtime,
    site: Site,
    proxy: Proxy,
}

impl Bed {
    /// Makes a platform in a folder, or serves the one that is there, by this machine's clock.
    pub fn open(folder: &Path) -> Result<Self, Trouble> {
        let runtime = sites::runtime()?;
        let now_ms = grid_server::SystemClock.now_ms();
        let time = Arc::new(Time::running(now_ms, 1));
        // No two openings may draw the same ids.
        let seed = now_ms.unsigned_abs();
        let site = if folder.is_dir() {
            Site::open(&runtime, folder, &time, seed)?
        } else {
            Site::make(&runtime, folder, &time, seed)?
        };
        Self::behind(runtime, site)
    }

    /// Makes a platform in a new folder that speaks TLS.
    pub fn open_tls(folder: &Path) -> Result<Self, Trouble> {
        let runtime = sites::runtime()?;
        let now_ms = grid_server::SystemClock.now_ms();
        let time = Arc::new(Time::running(now_ms, 1));
        let site = Site::make_tls(&runtime, folder, &time, now_ms.unsigned_abs())?;
        Self::behind(runtime, site)
    }

    fn behind(runtime: Runtime, site: Site) -> Result<Self, Trouble> {
        let proxy = Proxy::start(&runtime, site.address, Link::new(None))?;
        Ok(Self { runtime, site, proxy })
    }

    /// What enrols a vault of the worker over TLS, by way of the proxy.
    pub fn ticket_tls(&self) -> Result<Ticket, Trouble> {
        let base = format!("https://{}", self.proxy.address);
        let issued = self.site.platform.admin().issue_code(WORKER, &base, None);
        Ticket::parse(&issued.map_err(Trouble::of)?.ticket).map_err(Trouble::of)
    }

    /// The platform.
    pub const fn platform(&self) -> &Platform {
        &self.site.platform
    }

    /// Job number of the worker.
    pub const fn worker(&self) -> &'static str {
        WORKER
    }

    /// Job number of who dispatches.
    pub const fn dispatcher(&self) -> &'static str {
        sites::DESK
    }

    /// What enrols a vault of the worker.
    pub fn ticket(&self) -> Result<Ticket, Trouble> {
        let base = format!("http://{}", self.site.address);
        let issued = self.site.platform.admin().issue_code(WORKER, &base, None);
        Ticket::parse(&issued.map_err(Trouble::of)?.ticket).map_err(Trouble::of)
    }

    /// Where a phone finds it, through the proxy.
    pub const fn address(&self) -> SocketAddr {
        self.proxy.address
    }

    /// The link to it.
    pub fn link(&self) -> &Link {
        &self.proxy.link
    }

    /// Ends the link, lets running requests finish and stops.
    pub fn stop(self) -> Result<(), Trouble> {
        drop(self.proxy);
        self.site.stop(&self.runtime)
    }
}
