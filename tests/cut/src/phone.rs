//! The phone of a run: a field book over the real transport, and what a worker records in it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use grid_crash::Dice;
use grid_crash::world::OpenKeys;
use grid_fieldbook::{
    Address, AttachmentDraft, AttachmentRef, Budget, CancelToken, CountDraft, FieldBook, FixDraft, Host,
    HttpTransport, ObservationDraft, PatrolDraft, PhoneDraft, ReportDraft, StoreLimits, StoreOptions,
    SyncReport, Ticket,
};
use grid_model::id::{PatrolId, PhoneId};
use grid_model::terms::{AttachmentRole, CountKind, ObservationKind, PatrolType, ReportResult, Transport};
use grid_net::Trust;

use crate::Trouble;
use crate::sites::{POST, Site, WORKER};
use crate::time::{SeededEntropy, Time};

/// Opens the vault in a folder, or makes it.
pub(crate) fn open(folder: &Path, time: &Arc<Time>, seed: u64) -> Result<FieldBook, Trouble> {
    let mut host = Host::new(time.clone(), Arc::new(SeededEntropy::new(seed)));
    host.storage = StoreOptions {
        limits: StoreLimits {
            photo_headroom_bytes: 0,
            ..StoreLimits::SMALL
        },
        ..StoreOptions::default()
    };
    FieldBook::open(folder, host, &OpenKeys).map_err(Trouble::of)
}

/// Enrols the vault with the platform.
pub(crate) fn enroll(book: &FieldBook, site: &Site) -> Result<(), Trouble> {
    let base = format!("http://{}", site.address);
    let issued = site.platform.admin().issue_code(WORKER, &base, None);
    let ticket = Ticket::parse(&issued.map_err(Trouble::of)?.ticket).map_err(Trouble::of)?;
    let draft = PhoneDraft {
        phone: PhoneId([1; 16]),
        label: "一号机".to_owned(),
        platform: "linux".to_owned(),
        app_version: "0.1.0".to_owned(),
    };
    book.enroll(&ticket, &draft, &Default::default())
        .map_err(Trouble::of)
}

/// The real transport to this address.
pub(crate) fn transport(address: SocketAddr) -> Result<HttpTransport, Trouble> {
    let address = Address::parse(&format!("http://{address}")).map_err(Trouble::of)?;
    HttpTransport::new(address, Trust::Loopback).map_err(Trouble::of)
}

/// One sync over a transport.
pub(crate) fn sync(book: &FieldBook, over: &HttpTransport) -> Result<SyncReport, Trouble> {
    book.sync(over, Budget::default(), &CancelToken::default(), &mut |_| {})
        .map_err(Trouble::of)
}

/// Whether everything has gone and nothing came back.
pub(crate) fn is_idle(book: &FieldBook) -> Result<bool, Trouble> {
    let status = book.status().map_err(Trouble::of)?;
    Ok((
        status.saved,
        status.parked,
        status.photos_waiting,
        status.photos_failed,
    ) == (0, 0, 0, 0))
}

/// What a worker does. The same seed does the same.
pub(crate) struct Work<'b> {
    book: &'b FieldBook,
    time: &'b Time,
    dice: Dice,
}

impl<'b> Work<'b> {
    pub(crate) fn new(book: &'b FieldBook, time: &'b Time, seed: u64) -> Self {
        Self {
            book,
            time,
            dice: Dice::seeded(seed ^ 0x00f1_e1d5),
        }
    }

    /// A morning: a task accepted and reported on with a photo, a patrol with its track, two counts.
    pub(crate) fn morning(&mut self) -> Result<(), Trouble> {
        let tasks = self.book.tasks(true, 10).map_err(Trouble::of)?;
        let task = tasks
            .first()
            .ok_or_else(|| Trouble::say("the task did not come"))?;
        self.book.accept(task.id).map_err(Trouble::of)?;
        let mut report = ReportDraft::new(ReportResult::Solved, "渔网已经拖走，船只可以靠岸");
        report.attachments.push(self.photo(900)?);
        self.book.submit(task.id, report).map_err(Trouble::of)?;
        let patrol = self.start()?;
        for _ in 0..5 {
            self.step(patrol)?;
        }
        self.observe(patrol, Vec::new())?;
        self.count(Some(patrol))?;
        self.book.end_patrol(patrol).map_err(Trouble::of)?;
        self.count(None)
    }

    /// Many records and photos of so many bytes.
    pub(crate) fn season(
        &mut self,
        records: usize,
        (photos, photo_bytes): (usize, u64),
    ) -> Result<(), Trouble> {
        let patrol = self.start()?;
        let every = records / photos.max(1);
        for record in 0..records {
            self.time.pass(20_000);
            match record % 4 {
                _ if photos > 0 && record % every == every - 1 => {
                    let bytes = photo_bytes / 2 + self.dice.below(photo_bytes);
                    let photo = self.photo(bytes)?;
                    self.observe(patrol, vec![photo])?;
                }
                0 => self.observe(patrol, Vec::new())?,
                1 => self.count(Some(patrol))?,
                2 => {
                    self.step(patrol)?;
                    self.count(None)?;
                }
                _ => self.count(None)?,
            }
        }
        self.book.end_patrol(patrol).map_err(Trouble::of)?;
        Ok(())
    }

    fn start(&mut self) -> Result<PatrolId, Trouble> {
        let draft = PatrolDraft {
            patrol_type: PatrolType::Coastline,
            transport: Transport::Foot,
            post: POST.to_owned(),
            point: None,
        };
        let (patrol, _) = self.book.start_patrol(draft).map_err(Trouble::of)?;
        Ok(patrol)
    }

    fn step(&mut self, patrol: PatrolId) -> Result<(), Trouble> {
        self.time.pass(5_000);
        let fix = FixDraft {
            lat_e7: 397_512_345 + self.dice.below(2_000) as i32,
            lon_e7: 1_237_312_345 + self.dice.below(2_000) as i32,
            accuracy_dm: 50,
            speed_cms: 120,
        };
        self.book.record_fix(patrol, fix).map_err(Trouble::of)?;
        Ok(())
    }

    fn observe(&mut self, patrol: PatrolId, attachments: Vec<AttachmentRef>) -> Result<(), Trouble> {
        let draft = ObservationDraft {
            kind: ObservationKind::Hazard,
            note: format!("礁石上有漂浮物，编号 {:x}", self.dice.below(1 << 40)),
            point: None,
            attachments,
        };
        self.book.observe(patrol, draft).map_err(Trouble::of)?;
        Ok(())
    }

    fn count(&mut self, patrol: Option<PatrolId>) -> Result<(), Trouble> {
        let draft = CountDraft {
            kind: CountKind::IslandEntryCheck,
            value: 1 + self.dice.below(9) as i64,
            post: POST.to_owned(),
            patrol,
            reason: None,
        };
        self.book.count(draft).map_err(Trouble::of)?;
        Ok(())
    }

    /// A photo as large as this; its bytes cannot be compressed.
    fn photo(&mut self, bytes: u64) -> Result<AttachmentRef, Trouble> {
        let mut content = vec![0; usize::try_from(bytes).map_err(Trouble::of)?];
        self.dice.fill(&mut content);
        let draft = AttachmentDraft {
            role: AttachmentRole::After,
            mime: "image/jpeg".to_owned(),
            point: None,
            content,
        };
        self.book.attach(draft).map_err(Trouble::of)
    }
}
