//! One worker's vault on one phone: a disk whose power can be cut, a clock that may be wrong, a book that is open or not, and
//! the list of everything that was answered `Saved`.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::PoisonError;

use grid_crash::world::OpenKeys;
use grid_crash::{Dice, Fault, Repeat, SimDisk, Subset};
use grid_fieldbook::{
    Budget, CancelToken, EnrollError, FieldBook, FieldError, Host, Outcome, PhoneDraft, Saved, StoreLimits,
    StoreOptions, SyncReport, Ticket,
};
use grid_model::Coded as _;
use grid_model::id::{CaseId, Epoch, PatrolId, PhoneId, Seq, Sha256, TaskId};
use grid_model::terms::CountKind;
use serde_json::json;

use crate::Trouble;
use crate::clock::{PhoneClock, SeededEntropy};
use crate::link::{Link, Shared, Weather};

const FOLDER: &str = "vault";
/// Records that one act may leave behind when it is cut off: pieces of track come before it.
const PENDING_MAX: u64 = 8;

/// Something that was answered `Saved`.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Names the act; part of the record's words where it has any.
    pub(crate) act: String,
    pub(crate) key: (Epoch, Seq),
    pub(crate) kind: &'static str,
    /// Counted into a sum.
    pub(crate) count: Option<(CountKind, i64)>,
    pub(crate) photos: Vec<Sha256>,
    /// True time, UTC ms.
    pub(crate) at_ms: i64,
    /// Why it may be gone all the same.
    pub(crate) excused: Option<&'static str>,
}

/// A vault.
pub(crate) struct Vault {
    pub(crate) name: String,
    pub(crate) job_no: String,
    pub(crate) shared: Shared,
    pub(crate) clock: Arc<PhoneClock>,
    pub(crate) link: Link,
    pub(crate) disk: SimDisk,
    pub(crate) dice: Dice,
    entropy: Arc<SeededEntropy>,
    book: Option<FieldBook>,
    pub(crate) kept: Vec<Kept>,
    /// Acts that came back as an error, so that they may be there or not.
    pub(crate) unsure: Vec<String>,
    pub(crate) acts: u64,
    pub(crate) patrol: Option<PatrolId>,
    pub(crate) cases: Vec<CaseId>,
    pub(crate) tasks_seen: Vec<TaskId>,
    /// Records that a recovery said are lost.
    pub(crate) told_missing: Vec<(Epoch, Seq, Seq)>,
    /// Photos whose sealed file was spoilt or taken away, by SHA-256.
    pub(crate) spoilt_photos: Vec<String>,
    /// The newest position that was told, by epoch.
    pub(crate) heads: BTreeMap<u64, u64>,
    /// How many failed photos the last view told of.
    pub(crate) failed_told: u64,
    /// Records that were unsent before the files were damaged; told of no more once they were rescued.
    pub(crate) unsent_before: Option<BTreeSet<(Epoch, Seq)>>,
    /// Lives of the log of which everything was received when they were last shown, and how long they were: one that is not
    /// shown any more was purged.
    pub(crate) settled_lives: BTreeMap<String, u64>,
    /// Whether somebody cut its database or log: what the platform told last may have to be told again.
    pub(crate) was_cut: bool,
    /// Tasks as they were last told: status, revision, and whether own work was ever done on it.
    pub(crate) tasks_told: BTreeMap<TaskId, (u16, u64, bool)>,
    /// The life of the platform's store, by its number, that the last complete sync met.
    pub(crate) life_met: u32,
    /// Lines that wait for what they followed from.
    pub(crate) held_back: Option<Vec<(String, serde_json::Value)>>,
}

impl Vault {
    pub(crate) fn new(shared: Shared, (phone, worker): (usize, usize), seed: u64) -> Self {
        Self::named(shared, format!("p{phone}-w{worker}"), (phone, worker), seed)
    }

    /// A vault with a name of its own.
    pub(crate) fn named(shared: Shared, name: String, (phone, worker): (usize, usize), seed: u64) -> Self {
        let mixed = seed ^ ((phone as u64 + 1) << 24) ^ ((worker as u64 + 1) << 40);
        let clock = Arc::new(PhoneClock::new(shared.now.clone(), mixed));
        Self {
            link: Link::new(shared.clone(), name.clone(), mixed ^ 0x11),
            clock,
            job_no: format!("W{worker:02}"),
            name,
            shared,
            disk: SimDisk::empty(),
            dice: Dice::seeded(mixed ^ 0x22),
            entropy: Arc::new(SeededEntropy::new(mixed ^ 0x33)),
            book: None,
            kept: Vec::new(),
            unsure: Vec::new(),
            acts: 0,
            patrol: None,
            cases: Vec::new(),
            tasks_seen: Vec::new(),
            told_missing: Vec::new(),
            spoilt_photos: Vec::new(),
            heads: BTreeMap::new(),
            failed_told: 0,
            unsent_before: None,
            settled_lives: BTreeMap::new(),
            was_cut: false,
            tasks_told: BTreeMap::new(),
            life_met: 0,
            held_back: None,
        }
    }

    pub(crate) fn host(&self) -> Host {
        let mut host = Host::new(self.clock.clone(), self.entropy.clone());
        host.storage = StoreOptions {
            disk: self.disk.shared(),
            limits: StoreLimits {
                photo_headroom_bytes: 0,
                ..StoreLimits::SMALL
            },
            flaw: self.shared.flaw,
            ..StoreOptions::default()
        };
        host
    }

    pub(crate) fn note(&mut self, event: &str, mut told: serde_json::Value) {
        told["vault"] = json!(self.name);
        match &mut self.held_back {
            Some(lines) => lines.push((event.to_owned(), told)),
            None => self.shared.history.note(event, told),
        }
    }

    /// Notes what befell the vault before what was noted since, which followed from it.
    pub(crate) fn note_first(&mut self, first: Option<(&str, serde_json::Value)>) {
        let since = self.held_back.take().unwrap_or_default();
        if let Some((event, told)) = first {
            self.note(event, told);
        }
        for (event, told) in since {
            self.note(&event, told);
        }
    }

    /// The open book; opened, and recovered when it is damaged.
    pub(crate) fn book(&mut self) -> Result<&FieldBook, Trouble> {
        if self.book.is_none() {
            let folder = self.disk.root().join(FOLDER);
            let book = match FieldBook::open(&folder, self.host(), &OpenKeys) {
                Ok(book) => book,
                Err(FieldError::Damaged) => {
                    self.note("opened", json!({"ok": false, "error": "damaged"}));
                    self.rescued()?
                }
                Err(error) => return Err(Trouble::Broken(format!("{}: opening: {error}", self.name))),
            };
            self.note("opened", json!({"ok": true}));
            self.book = Some(book);
            self.tell_view()?;
        }
        self.book.as_ref().ok_or(Trouble::Bug("no book"))
    }

    /// Opens through a recovery, as a worker is asked to when a check says so.
    pub(crate) fn recover(&mut self) -> Result<(), Trouble> {
        self.close()?;
        let book = self.rescued()?;
        self.note("opened", json!({"ok": true}));
        self.book = Some(book);
        self.tell_view()
    }

    /// Enrols on a fair link.
    pub(crate) fn enroll(&mut self, phone: usize) -> Result<(), Trouble> {
        let ticket = self.shared.site().ticket(&self.job_no)?;
        self.enroll_with(phone, &ticket)?.map_err(Trouble::of)
    }

    /// Enrols with a ticket, and says what came of it.
    pub(crate) fn enroll_with(
        &mut self,
        phone: usize,
        ticket: &str,
    ) -> Result<Result<(), EnrollError>, Trouble> {
        let ticket = Ticket::parse(ticket).map_err(Trouble::of)?;
        let draft = PhoneDraft {
            phone: PhoneId([phone as u8 + 1; 16]),
            label: format!("{phone}号机"),
            platform: "linux".to_owned(),
            app_version: "0.1.0".to_owned(),
        };
        let link = self.link.clone();
        link.up(Weather::Fair);
        Ok(self
            .book()?
            .enroll_over(&ticket, &draft, &link, &Default::default(), Vec::new))
    }

    /// What an act came to: kept in the list when it was answered `Saved`; an error leaves open whether it is there.
    pub(crate) fn kept(
        &mut self,
        (act, kind): (String, &'static str),
        count: Option<(CountKind, i64)>,
        photos: Vec<Sha256>,
        answer: Result<Saved, FieldError>,
    ) -> Result<bool, Trouble> {
        let at_ms = self.shared.now.ms();
        match answer {
            Ok(saved) => {
                let key = self.book()?.key_of(saved.seq).map_err(Trouble::of)?;
                let key = key.ok_or(Trouble::Bug("a record without a key"))?;
                let photo_names: Vec<String> = photos.iter().map(ToString::to_string).collect();
                let lane = self.lane_of(saved.seq)?;
                // Pieces of track that were sealed on the way have the places right before.
                let known = self.heads.insert(key.0.0, key.1.0).unwrap_or(0);
                let with = match key.1.0.saturating_sub(known) {
                    0 | 1 => String::new(),
                    _ => format!("{}-{}", known + 1, key.1.0 - 1),
                };
                self.note(
                    "saved",
                    json!({"epoch": key.0.0.to_string(), "seq": key.1.0, "kind": kind, "op": act, "lane": lane, "with": with, "wall_ms": saved.recorded_at_ms,
                        "attachments": photo_names, "count_kind": count.map(|(kind, _)| kind.name().to_string()), "value": count.map(|(_, value)| value)}),
                );
                self.kept.push(Kept {
                    act,
                    key,
                    kind,
                    count,
                    photos,
                    at_ms,
                    excused: None,
                });
                Ok(true)
            }
            Err(error) => {
                self.note("refused", json!({"op": act, "error": format!("{error:?}")}));
                // What was refused for its content is not there; what failed on the way may be.
                if !matches!(
                    error,
                    FieldError::InvalidInput { .. } | FieldError::NotFound { .. }
                ) {
                    self.unsure.push(act);
                }
                Ok(false)
            }
        }
    }

    /// The lane of a record as the checker writes it.
    fn lane_of(&mut self, place: Seq) -> Result<String, Trouble> {
        let records = self.book()?.records(Seq(place.0 + 1), 1);
        let lane = records.unwrap_or_default().first().map(|record| record.lane);
        Ok(lane.map_or_else(String::new, |lane| {
            format!("{}:{}", lane.kind.name(), hex::encode(lane.id))
        }))
    }

    /// Something that is in the log without an act of this version.
    pub(crate) fn keep(&mut self, act: String, key: (Epoch, Seq), kind: &'static str) {
        let at_ms = self.shared.now.ms();
        self.kept.push(Kept {
            act,
            key,
            kind,
            count: None,
            photos: Vec::new(),
            at_ms,
            excused: None,
        });
    }

    /// One sync over the link as it is.
    pub(crate) fn sync(&mut self, weather: Weather, budget: Budget) -> Result<SyncReport, FieldError> {
        self.link.up(weather);
        let link = self.link.clone();
        self.note("sync", json!({"begin": true}));
        let book = self.book().map_err(|trouble| FieldError::Internal {
            detail: trouble.to_string(),
        })?;
        let synced = catch_unwind(AssertUnwindSafe(|| {
            book.sync(&link, budget, &CancelToken::default(), &mut |_| {})
        }));
        let Ok(report) = synced else {
            return self.after_throwing();
        };
        let mono_ms = grid_fieldbook::Clock::now(&*self.clock).mono_ms;
        match &report {
            Ok(report) => {
                if report.summary.outcome == Outcome::Complete {
                    self.life_met = self.shared.site().lives();
                }
                let next_in_ms = report.summary.next_at_ms.map(|at| at - mono_ms);
                let outcome = format!("{:?}", report.summary.outcome);
                self.note(
                    "sync",
                    json!({"end": true, "outcome": outcome, "next_in_ms": next_in_ms}),
                );
                // No row goes here but by being told so: a difference that no false row explains is a mistake of ours.
                if report.repaired && !self.link.told_of_no_rows() {
                    let mut repairs = self.shared.repairs.lock().unwrap_or_else(PoisonError::into_inner);
                    repairs.push(format!("rows of {} were not what they should be", self.name));
                }
                let told = self.tell_view();
                told.map_err(|trouble| FieldError::Internal {
                    detail: trouble.to_string(),
                })?;
            }
            // The vault failed, not the sync: the phone opens it anew.
            Err(_) => self.note("sync", json!({"end": true, "outcome": "cancelled"})),
        }
        report
    }

    /// The transport threw: the sync is over, and the book goes on.
    fn after_throwing(&mut self) -> Result<SyncReport, FieldError> {
        self.note("sync", json!({"end": true, "outcome": "cancelled"}));
        let internal = |trouble: Trouble| FieldError::Internal {
            detail: trouble.to_string(),
        };
        self.goes_on("a transport that threw").map_err(internal)?;
        self.tell_view().map_err(internal)?;
        let mut report = SyncReport::default();
        report.summary.outcome = Outcome::Cancelled;
        Ok(report)
    }

    /// Whether a sync left nothing to do.
    pub(crate) fn is_idle(&mut self) -> Result<bool, Trouble> {
        let status = self.book()?.status().map_err(Trouble::of)?;
        Ok(status.saved == 0 && status.photos_waiting == 0)
    }

    /// Syncs on a fair link until idle; how many rounds it took, `None` when it does not come to rest.
    pub(crate) fn sync_to_the_end(&mut self, rounds_max: u32) -> Result<Option<u32>, Trouble> {
        for round in 1..=rounds_max {
            self.shared.now.pass(20 * crate::clock::MINUTE_MS);
            let report = self.sync(Weather::Fair, Budget::default()).map_err(Trouble::of)?;
            if report.summary.outcome == Outcome::Complete && self.is_idle()? {
                return Ok(Some(round));
            }
        }
        Ok(None)
    }

    /// The process is gone, without a word. What was written is there, flushed or not.
    pub(crate) fn kill(&mut self) {
        self.note("down", json!({"how": "kill", "pending": PENDING_MAX}));
        let image = self.disk.after_power_cut(Subset::All);
        self.book = None;
        self.disk = image;
    }

    /// The power is gone; of what was not flushed a part is there.
    pub(crate) fn cut_power(&mut self) {
        self.note("down", json!({"how": "power", "pending": PENDING_MAX}));
        let subsets = [
            Subset::None,
            Subset::LastTorn,
            Subset::OlderHalf,
            Subset::Files(self.dice.below(1 << 32)),
            Subset::Sectors(self.dice.below(1 << 32)),
        ];
        let subset = subsets[self.dice.below(subsets.len() as u64) as usize];
        let image = self.disk.after_power_cut(subset);
        self.book = None;
        self.disk = image;
        self.clock.reboot();
    }

    /// Closes in good order.
    pub(crate) fn close(&mut self) -> Result<(), Trouble> {
        self.note("down", json!({"how": "close"}));
        self.book
            .take()
            .map_or(Ok(()), |book| book.close())
            .map_err(Trouble::of)
    }

    /// The disk fails at one of the next operations.
    pub(crate) fn strike_disk(&mut self, fault: Fault) {
        let at = 1 + self.dice.below(30);
        self.disk.mark();
        self.disk.fail_at(at, fault, Repeat::Once);
    }

    /// The power will be cut at one of the next operations.
    pub(crate) fn doom(&mut self) {
        let at = 1 + self.dice.below(25);
        self.disk.mark();
        self.disk.cut_power_at(at);
    }

    /// Everything kept since the list had this length may be gone: an older copy was put back.
    pub(crate) fn excuse_since(&mut self, length: usize, why: &'static str) {
        for kept in self.kept.iter_mut().skip(length) {
            kept.excused = kept.excused.or(Some(why));
        }
    }
}
