//! A vault with work in it and the platform that knows it, made once and copied for each run; and a run over such a copy.

use std::path::Path;
use std::sync::Arc;

use grid_fieldbook::{FieldBook, HttpTransport, Outcome, SyncReport};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::judge::{Held, Verdict, Wanted, judge};
use crate::phone::{self, Work};
use crate::sites::{self, Site};
use crate::time::{START_MS, Time};
use crate::{Link, Proxy, Trouble};

const VAULT: &str = "vault";
const PLATFORM: &str = "platform";

/// A vault and a platform at rest, in one folder.
pub(crate) struct Prepared {
    root: TempDir,
    seed: u64,
    now_ms: i64,
    /// What must be on the platform in the end.
    pub(crate) wanted: Wanted,
}

impl Prepared {
    /// Enrols a vault, lets it fetch its task, and then records without a link.
    pub(crate) fn make(
        runtime: &Runtime,
        seed: u64,
        work: impl FnOnce(&mut Work<'_>) -> Result<(), Trouble>,
    ) -> Result<Self, Trouble> {
        grid_store::wait_for_cipher();
        let root = sites::folder()?;
        let time = Arc::new(Time::standing(START_MS));
        let site = Site::make(runtime, &root.path().join(PLATFORM), &time, seed)?;
        let book = phone::open(&root.path().join(VAULT), &time, seed ^ 0x33)?;
        phone::enroll(&book, &site)?;
        let over = phone::transport(site.address)?;
        let first = phone::sync(&book, &over)?;
        if first.summary.outcome != Outcome::Complete {
            return Err(Trouble::of(first));
        }
        drop(over);
        work(&mut Work::new(&book, &time, seed))?;
        let wanted = Wanted::of(&book)?;
        book.close().map_err(Trouble::of)?;
        site.stop(runtime)?;
        Ok(Self {
            root,
            seed,
            now_ms: time.now_ms(),
            wanted,
        })
    }

    /// A time that stands where the work ended.
    pub(crate) const fn standing(&self) -> Time {
        Time::standing(self.now_ms)
    }

    /// A time that runs on from where the work ended.
    pub(crate) fn running(&self, faster: u32) -> Time {
        Time::running(self.now_ms, faster)
    }
}

/// One run: copies of vault and platform, and the link between them.
pub(crate) struct Run<'r> {
    runtime: &'r Runtime,
    root: TempDir,
    pub(crate) time: Arc<Time>,
    pub(crate) book: FieldBook,
    pub(crate) proxy: Proxy,
    over: HttpTransport,
    site: Site,
}

impl<'r> Run<'r> {
    pub(crate) fn begin(
        runtime: &'r Runtime,
        prepared: &Prepared,
        time: Time,
        link: Link,
    ) -> Result<Self, Trouble> {
        let (root, time) = (sites::folder()?, Arc::new(time));
        sites::copy(prepared.root.path(), root.path())?;
        let site = Site::open(runtime, &root.path().join(PLATFORM), &time, prepared.seed ^ 0x44)?;
        let book = phone::open(&root.path().join(VAULT), &time, prepared.seed ^ 0x55)?;
        let proxy = Proxy::start(runtime, site.address, link)?;
        let over = phone::transport(proxy.address)?;
        Ok(Self {
            runtime,
            root,
            time,
            book,
            proxy,
            over,
            site,
        })
    }

    /// One sync over the link as it is.
    pub(crate) fn sync(&self) -> Result<SyncReport, Trouble> {
        phone::sync(&self.book, &self.over)
    }

    /// The next sync makes a connection of its own.
    pub(crate) fn reconnect(&mut self) -> Result<(), Trouble> {
        self.over = phone::transport(self.proxy.address)?;
        Ok(())
    }

    /// Goes past the proxy from now on.
    pub(crate) fn go_straight(&mut self) -> Result<(), Trouble> {
        self.over = phone::transport(self.site.address)?;
        Ok(())
    }

    /// Syncs until nothing waits, the link mended after each; how many syncs it took, `None` when so many do not do.
    pub(crate) fn sync_to_the_end(&self, syncs_max: u32) -> Result<Option<u32>, Trouble> {
        for number in 1..=syncs_max {
            let report = self.sync()?;
            if report.summary.outcome == Outcome::Complete && phone::is_idle(&self.book)? {
                return Ok(Some(number));
            }
            self.rest(&report);
            self.proxy.link.mend();
        }
        Ok(None)
    }

    /// How long a sync asked to wait before the next, ms.
    pub(crate) fn rest_ms(&self, report: &SyncReport) -> i64 {
        let now_ms = grid_fieldbook::Clock::now(&*self.time).mono_ms;
        (report.summary.next_at_ms.unwrap_or(now_ms) - now_ms).max(0)
    }

    /// Lets that time pass at once.
    pub(crate) fn rest(&self, report: &SyncReport) {
        self.time.pass(self.rest_ms(report));
    }

    /// Ends the run on both sides and compares. `spoil` may harm the platform's folder first, to see that it is noticed.
    pub(crate) fn judge(self, wanted: &Wanted, spoil: Option<&dyn Fn(&Path)>) -> Result<Verdict, Trouble> {
        let status = self.book.status().map_err(Trouble::of)?;
        self.book.close().map_err(Trouble::of)?;
        drop(self.over);
        drop(self.proxy);
        self.site.stop(self.runtime)?;
        let platform = self.root.path().join(PLATFORM);
        if let Some(spoil) = spoil {
            spoil(&platform);
        }
        let mut verdict = judge(wanted, &Held::read(&platform)?);
        for (what, waiting) in [
            ("records without a receipt", status.saved),
            ("records sent back", status.parked),
            ("photos waiting", status.photos_waiting),
            ("photos given up", status.photos_failed),
        ] {
            if waiting > 0 {
                verdict.stuck.push(format!("{waiting} {what}"));
            }
        }
        if status.received != wanted.records.len() as u64 {
            let told = format!("{} of {} records received", status.received, wanted.records.len());
            verdict.stuck.push(told);
        }
        Ok(verdict)
    }
}
