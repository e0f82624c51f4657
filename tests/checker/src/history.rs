//! The history: one JSON object a line, `{"at": <true simulated time, UTC ms>, "ev": "<name>", …}`, first `run`, last `end`.
//!
//! Ids are 32 and hashes 64 lower-case hex digits; an epoch is a decimal text, since JSON numbers end at 2^53; positions
//! are [`Ranges`]; a body of a packet is base64. Fields that are not named here are passed over, another `ev` is an error.
//!
//! **Order.** A vault is `enrolled` before its first `request`. `request`, `fate` and `answer` of one number come in any
//! order, all before the phone's next `view`. A **reading** of the platform is a `dump` with what lies between its begin
//! and its end, and the rows that follow at once: `conflict`, `missing`, `fork`, `restore_loss`, `total`, `fold`, `task`,
//! `photo`; it is judged as a whole at the first other line. At least one reading stands at the end, after the last `view`
//! of every vault.
//!
//! **Names.** A `lane` is `<kind>:<id>`, kinds and enumeration names as in `numbers_of_enumerations.snap`; dashes in ids do
//! not matter. A task's `holder` is a vault's name, or the `worker` that `enrolled` told, or empty.

use serde::Deserialize;
use serde::de::Error as _;

use crate::Ranges;

/// A line: when, and what.
#[derive(Clone, Debug, Deserialize)]
pub struct Line {
    /// True simulated time, UTC ms.
    pub at: i64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Sixteen or thirty-two bytes in hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hex<const N: usize>(pub [u8; N]);

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(&text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("not {} hex digits", 2 * N)))
    }
}

/// Bytes of any length in hex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexBytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::decode(text)
            .map(Self)
            .map_err(|_| D::Error::custom("not hex"))
    }
}

/// The life of a log, a decimal text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

impl<'de> Deserialize<'de> for Epoch {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map(Self)
            .map_err(|_| D::Error::custom("not an epoch in decimal digits"))
    }
}

/// What happened. Each variant is the `ev` of the same name in `snake_case`.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "ev", rename_all = "snake_case")]
pub enum Event {
    /// The first line.
    Run {
        /// What decided everything random.
        seed: u64,
    },
    /// A vault got its certificate of membership: keys from here on.
    Enrolled {
        /// Name of the vault.
        vault: String,
        /// The id of its device.
        device: Hex<16>,
        /// The device's signing key, SEC1.
        key: HexBytes,
        /// The key that receipts are checked with, SEC1.
        platform_key: HexBytes,
        /// Whose vault, when tasks name their holder so.
        worker: Option<String>,
    },
    /// A process opened the vault.
    Opened {
        /// Which vault.
        vault: String,
        /// Whether it opened.
        ok: bool,
        /// Why not, such as `damaged`.
        error: Option<String>,
    },
    /// A call of the phone's library returned `Saved`.
    Saved(Box<Saved>),
    /// A call returned an error: of this act nothing was recorded.
    Refused {
        /// Which vault.
        vault: String,
        /// The act.
        op: String,
        /// What was answered.
        error: String,
    },
    /// The process is gone.
    Down {
        /// Which vault.
        vault: String,
        /// `kill` and `power` are crashes; `close`, `suspend` are not; after `lost` the phone never comes back.
        how: String,
        /// Most records that a call in flight may have left behind; one when it is not told.
        pending: Option<u64>,
    },
    /// What the vault says of its own records, through its reading calls.
    View {
        /// Which vault.
        vault: String,
        /// Every life of its log.
        epochs: Vec<View>,
        /// Photos whose bytes have not all arrived.
        photos_waiting: u64,
        /// Photos that cannot be read any more.
        photos_lost: u64,
    },
    /// A record that the phone lists as sent back.
    Parked {
        /// Which vault.
        vault: String,
        /// Which life.
        epoch: Epoch,
        /// Which position.
        seq: u64,
        /// Why.
        reason: String,
    },
    /// A task as the phone shows it.
    Local {
        /// Which vault.
        vault: String,
        /// Which task.
        task: String,
        /// Its status.
        status: String,
        /// Whether own work stands on top of the platform's row.
        own: bool,
        /// The revision of that row.
        revision: u64,
    },
    /// A sync began or ended.
    Sync {
        /// Which vault.
        vault: String,
        /// It began.
        #[serde(default)]
        begin: bool,
        /// It ended.
        #[serde(default)]
        end: bool,
        /// How, such as `complete`.
        outcome: Option<String>,
        /// When it will go on by itself.
        next_in_ms: Option<i64>,
    },
    /// What the phone's transport was handed.
    Request {
        /// The number of the request, never used twice.
        n: u64,
        /// Which vault.
        vault: String,
        /// Where to.
        path: String,
        /// HTTP method.
        method: String,
        /// The bytes, base64; may be absent for uploads.
        #[serde(default)]
        body: String,
    },
    /// What the link did to a request and its answer.
    Fate {
        /// Which request.
        n: u64,
        /// `whole`, `cut`, `never`, `twice`, `altered`.
        to_platform: String,
        /// `whole`, `cut`, `never`, `altered`, `late`.
        answer: String,
        /// The bytes that reached the phone when the answer was altered, base64. Without it nothing of it counts as got.
        got: Option<String>,
    },
    /// What the platform answered, whether or not it got through.
    Answer {
        /// Which request.
        n: u64,
        /// HTTP status.
        status: u16,
        /// `Retry-After`.
        retry_after_s: Option<u64>,
        /// The bytes, base64; may be absent for uploads.
        #[serde(default)]
        body: String,
    },
    /// The platform's process or store.
    Platform {
        /// `start`, `crash`, `stop`, `backup`, `verified`, `restored`, `healthy`.
        what: String,
        /// The life of its store, after it for `restored`.
        incarnation: Hex<16>,
    },
    /// A whole dump begins or ends.
    Dump {
        /// It begins.
        #[serde(default)]
        begin: bool,
        /// It ends.
        #[serde(default)]
        end: bool,
        /// The life of the store.
        incarnation: Option<Hex<16>>,
        /// At its end: how many `stored` lines it has.
        rows: Option<u64>,
    },
    /// A row of the platform's table of changes.
    Stored(Box<Stored>),
    /// A body kept beside the first one under the same key.
    Conflict {
        /// Whose.
        device: Hex<16>,
        /// Which life.
        epoch: Epoch,
        /// Which position.
        seq: u64,
        /// Its hash.
        body: Hex<32>,
    },
    /// What the platform says that it lacks.
    Missing {
        /// Whose.
        device: Hex<16>,
        /// Which life.
        epoch: Epoch,
        /// Which positions.
        ranges: Ranges,
    },
    /// Two chains under one log were noticed.
    Fork {
        /// Whose.
        device: Hex<16>,
        /// Which life.
        epoch: Epoch,
        /// Where.
        seq: u64,
    },
    /// The platform's sum.
    Total {
        /// Of what.
        count_kind: String,
        /// How many.
        value: i64,
    },
    /// In which order the changes of a lane took effect, from its first.
    Fold {
        /// Which lane.
        lane: String,
        /// Device, epoch, position.
        order: Vec<(Hex<16>, Epoch, u64)>,
    },
    /// A photo that a record names.
    Photo {
        /// Its hash.
        sha256: Hex<32>,
        /// Its size.
        bytes: u64,
        /// Whether the platform has all of it.
        on_platform: bool,
    },
    /// The platform's row of a task.
    Task {
        /// Which task.
        task: String,
        /// Who holds it.
        holder: String,
        /// Where it stands.
        status: String,
        /// How many reports came after it had moved on; where the platform keeps a mark and no number, 1 is enough.
        late_reports: u64,
    },
    /// A supervisor's act.
    Command {
        /// On which task.
        task: String,
        /// The version that the supervisor had before him.
        base_revision: u64,
        /// The version after the act, taken or not.
        revision: u64,
        /// Whether it was taken.
        accepted: bool,
    },
    /// A clock was set.
    Clock {
        /// Which vault's phone; `platform` for the platform's own, of which intervals of time are made.
        vault: String,
        /// Wall clock minus true time.
        wall_offset_ms: i64,
    },
    /// What a restored platform lists as gone for good.
    RestoreLoss {
        /// Whose.
        device: Hex<16>,
        /// Which life.
        epoch: Epoch,
        /// Which positions.
        ranges: Ranges,
    },
    /// A vault was copied, running process and all.
    Clone {
        /// The copy.
        vault: String,
        /// The original.
        of: String,
    },
    /// A vault was put back to an older copy.
    Rollback {
        /// Which vault.
        vault: String,
        /// The last position of its newest epoch that is left.
        to_seq: u64,
    },
    /// Bytes of a vault were damaged.
    Damage {
        /// Which vault.
        vault: String,
        /// `database`, `lifeboat`, `both`, `attachment`.
        copy: String,
        /// Whether it was noticed before anything damaged was used or sent.
        detected: bool,
    },
    /// A damaged vault was rescued.
    Salvage {
        /// Which vault.
        vault: String,
        /// Unsent records before the damage.
        unsent: u64,
        /// How many of them came back.
        recovered: u64,
        /// Whether the damaged files stayed byte for byte.
        original_untouched: bool,
        /// Whether a second rescue gave the same.
        again_same: bool,
    },
    /// A vault of an older schema was opened.
    Migrated {
        /// Which vault.
        vault: String,
        /// Schema before.
        from: u32,
        /// Schema after.
        to: u32,
        /// Whether every record reads as before.
        same: bool,
    },
    /// Something of tomorrow's format passed through.
    Future {
        /// `field` or `enum`.
        kind: String,
        /// Whether it was kept.
        survived: bool,
        /// Its bytes before.
        before: HexBytes,
        /// Its bytes after.
        after: HexBytes,
    },
    /// A rest that the engine announced.
    Rest {
        /// Which vault.
        vault: String,
        /// Failed syncs in a row, the last one included or not.
        failures: u32,
        /// How long.
        rest_ms: i64,
        /// What the platform had asked for.
        asked_ms: Option<i64>,
    },
    /// An attachment went on after a cut.
    Resent {
        /// Which vault.
        vault: String,
        /// Which attachment.
        sha256: Hex<32>,
        /// Bytes handed to the transport when it was cut.
        cut_at: u64,
        /// Where it went on.
        resumed_at: u64,
    },
    /// Faults stopped.
    Healed {},
    /// Hashes of what a vault and the platform hold in the vault's scope.
    Agree {
        /// Which vault.
        vault: String,
        /// Round since `healed`, from 1.
        round: u64,
        /// The phone's.
        phone: String,
        /// The platform's.
        platform: String,
    },
    /// An injection point was hit.
    Fault {},
    /// The last line.
    End {},
}

/// A call returned `Saved`.
#[derive(Clone, Debug, Deserialize)]
pub struct Saved {
    /// Which vault.
    pub vault: String,
    /// Which life.
    pub epoch: Epoch,
    /// Which position.
    pub seq: u64,
    /// Positions that the same act wrote before it, such as a patrol's track segments.
    #[serde(default)]
    pub with: Ranges,
    /// What the record says, such as `report_submitted`.
    pub kind: String,
    /// Its lane.
    pub lane: String,
    /// What it names.
    #[serde(default)]
    pub attachments: Vec<Hex<32>>,
    /// What the phone's wall clock said.
    pub wall_ms: i64,
    /// The act; no two acts share one.
    pub op: String,
    /// The number, of a count.
    pub value: Option<i64>,
    /// Of what, of a count.
    pub count_kind: Option<String>,
}

/// One life of a log as its vault shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct View {
    /// Which life.
    pub epoch: Epoch,
    /// Saved here and not received.
    pub saved: Ranges,
    /// Received by the platform.
    pub received: Ranges,
    /// Sent back with a reason.
    pub parked: Ranges,
    /// In a proved backup of the platform; also in `received`, or purged.
    pub backed_up: Ranges,
    /// Everything up to here left the phone.
    pub purged_to: u64,
}

/// A row of the platform's table of changes.
#[derive(Clone, Debug, Deserialize)]
pub struct Stored {
    /// Whose.
    pub device: Hex<16>,
    /// Which life.
    pub epoch: Epoch,
    /// Which position.
    pub seq: u64,
    /// Hash of the body.
    pub body: Hex<32>,
    /// `accepted`, `parked`, `held`.
    pub verdict: String,
    /// Why it was parked.
    pub reason: Option<String>,
    /// Not done before this, UTC ms; absent where the body tells no time.
    pub from_ms: Option<i64>,
    /// Not done after this, UTC ms.
    pub to_ms: Option<i64>,
    /// How far the interval is believed; of a `suspect` one the end is a claim and is not held against the platform, an
    /// `inherited` one is as good as the phone's clock.
    pub quality: Option<String>,
    /// Whether it took effect.
    pub folded: bool,
}
