//! A device as the protocol sees it: a key, a log, a cursor. It signs like a real one and can be told to lie.

use std::collections::BTreeMap;

use grid_model::id::PhoneId;
use grid_model::terms::ReportResult;
use grid_model::time::{Anchor, Stamp};
use grid_model::{DeviceId, Epoch, Incarnation, Lane, Seq, Sha256};
use grid_vault::{
    Domain, SignatureKey, VerifyKey, chain_link, chain_start, cover_digest, frame_digests, open_signed,
    sha256, sign_message,
};
use grid_wire::enroll::{self, EnrollRequest};
use grid_wire::fact::{Report, SCHEMA_VERSION};
use grid_wire::{
    Attachment, BatchHeader, Beacon, Body, Checkpoint, Entry, ExchangeRequest, Fact, Head, PullPage, Receipt,
    Refusal, Verdict, WIRE_VERSION, batch, decode, encode,
};

use super::must;
use super::world::World;
use crate::{HubError, HubStore};

/// One vault.
pub struct FakeDevice {
    /// Its id.
    pub id: DeviceId,
    /// Its key.
    pub key: SignatureKey,
    /// The life of its log.
    pub epoch: Epoch,
    /// Everything it wrote, ascending.
    pub log: Vec<Entry>,
    /// The store it last met.
    pub incarnation: Option<Incarnation>,
    /// The feed position it has applied.
    pub cursor: u64,
    /// Platform time of the answer that brought it there, if the device tells it.
    pub cursor_at_ms: Option<i64>,
    /// Most bytes of a page.
    pub page_bytes_max: u64,
    /// Wire version it claims.
    pub version: u16,
    /// How far behind its cursor the last round ended, if it reads short rows.
    pub behind: Option<u64>,
    h: Sha256,
    lanes: BTreeMap<Lane, Seq>,
    nonce: u64,
}

/// A verified answer.
#[derive(Debug)]
pub struct Exchanged {
    /// What was decided.
    pub receipt: Receipt,
    /// The page.
    pub page: PullPage,
    /// The checkpoint in it.
    pub checkpoint: Checkpoint,
    /// The upload grant.
    pub grant: String,
}

impl Exchanged {
    /// The decisions, one by one.
    pub fn verdicts(&self, seqs: impl IntoIterator<Item = u64>) -> Vec<Option<Verdict>> {
        seqs.into_iter()
            .map(|seq| self.receipt.verdict_on(Seq(seq)))
            .collect()
    }
}

impl FakeDevice {
    /// A vault that nobody enrolled yet.
    pub fn with_seed(seed: u8) -> Self {
        let id = DeviceId([seed; 16]);
        let epoch = Epoch(0xfeed_0000_0000_0000 | u64::from(seed));
        Self {
            id,
            key: must(SignatureKey::from_secret(&[seed; 32])),
            epoch,
            log: Vec::new(),
            incarnation: None,
            cursor: 0,
            cursor_at_ms: None,
            page_bytes_max: u64::MAX,
            version: WIRE_VERSION,
            behind: None,
            h: chain_start(id, epoch),
            lanes: BTreeMap::new(),
            nonce: 0,
        }
    }

    /// A signed enrolment with this code.
    pub fn enrolment(&self, code: &str) -> Vec<u8> {
        let request = EnrollRequest {
            version: self.version,
            code: code.to_owned(),
            device: self.id,
            phone: PhoneId(self.id.0),
            phone_label: "一号机".to_owned(),
            device_key: self.key.public(),
            platform: "android".to_owned(),
            app_version: "0.1.0".to_owned(),
            nonce: 77,
        };
        enroll::request_bytes(&sign_message(&self.key, Domain::Enroll, encode(&request)))
    }

    /// Writes a fact at `at_ms`, by a clock that is anchored there. Answers its position.
    pub fn record(&mut self, at_ms: i64, lane: Lane, fact: Fact) -> u64 {
        let anchor = Anchor {
            server_ms: at_ms,
            mono_ms: 5,
            width_ms: 0,
            boot: 1,
            wall_ms: at_ms,
        };
        self.record_by(
            Stamp {
                wall_ms: at_ms,
                mono_ms: 5,
                boot: 1,
                anchor: Some(anchor),
            },
            lane,
            fact,
        )
    }

    /// Writes a fact with this clock evidence.
    pub fn record_by(&mut self, stamp: Stamp, lane: Lane, fact: Fact) -> u64 {
        let kind = fact.kind();
        let body = Body { stamp, fact }.to_bytes();
        self.write(lane, |seq, prev_in_lane| Entry {
            seq,
            lane,
            prev_in_lane,
            kind,
            schema_version: SCHEMA_VERSION,
            body,
        })
    }

    /// Writes any entry at the end of the log and of its lane.
    pub fn write(&mut self, lane: Lane, make: impl FnOnce(Seq, Seq) -> Entry) -> u64 {
        let seq = Seq(self.log.len() as u64 + 1);
        let prev = self.lanes.insert(lane, seq).unwrap_or_default();
        let entry = make(seq, prev);
        self.h = chain_link(self.h, &entry);
        self.log.push(entry);
        seq.0
    }

    /// Where the log ends.
    pub fn head(&self) -> Head {
        Head::new(Seq(self.log.len() as u64), self.h)
    }

    /// A new life of the log.
    pub fn begin_epoch(&mut self, epoch: Epoch) {
        self.epoch = epoch;
        self.h = chain_start(self.id, epoch);
        self.log.clear();
        self.lanes.clear();
    }

    /// The entries at these positions.
    pub fn entries(&self, seqs: impl IntoIterator<Item = u64>) -> Vec<Entry> {
        seqs.into_iter()
            .filter_map(|seq| self.log.get(seq as usize - 1).cloned())
            .collect()
    }

    /// A request with these entries; `forge` may alter the header before it is signed.
    pub fn request(&mut self, entries: &[Entry], forge: impl FnOnce(&mut BatchHeader)) -> ExchangeRequest {
        self.nonce += 1;
        let body = if entries.is_empty() {
            Vec::new()
        } else {
            batch::pack(entries)
        };
        let frames = frame_digests(&body);
        let mut header = BatchHeader::new(self.id, self.epoch, self.head(), &body, frames, self.nonce);
        header.version = self.version;
        header.incarnation = self.incarnation;
        header.cursor = self.cursor;
        header.cursor_at_ms = self.cursor_at_ms;
        header.page_bytes_max = self.page_bytes_max;
        header.behind = self.behind;
        header.beacon = Beacon {
            app_version: "0.1.0".to_owned(),
            ..Beacon::default()
        };
        forge(&mut header);
        ExchangeRequest {
            header: sign_message(&self.key, Domain::Batch, encode(&header)),
            body,
        }
    }

    /// Exchanges these entries and checks everything a device checks; moves the cursor.
    pub fn push<S: HubStore>(&mut self, world: &World<S>, seqs: impl IntoIterator<Item = u64>) -> Exchanged {
        let entries = self.entries(seqs);
        self.push_entries(world, &entries)
    }

    /// Exchanges everything in the log.
    pub fn push_all<S: HubStore>(&mut self, world: &World<S>) -> Exchanged {
        self.push(world, 1..=self.log.len() as u64)
    }

    /// Exchanges exactly these entries.
    pub fn push_entries<S: HubStore>(&mut self, world: &World<S>, entries: &[Entry]) -> Exchanged {
        let request = self.request(entries, |_| {});
        let answered = must(must(world.hub.exchange(world.now, &request.to_bytes())));
        let key = must(VerifyKey::from_sec1(&world.hub.keys().signing_public()));
        let response = answered.response;
        let receipt = must(open_signed(&key, Domain::Receipt, &response.receipt));
        let receipt: Receipt = must(decode(receipt, "receipt"));
        let mut covered: Vec<_> = entries
            .iter()
            .map(|entry| (entry.seq, sha256(&entry.body)))
            .collect();
        covered.sort_unstable_by_key(|(seq, _)| *seq);
        assert_eq!(receipt.digest, cover_digest(covered));
        assert_eq!(
            (receipt.device, receipt.epoch(), receipt.nonce),
            (self.id, self.epoch, self.nonce)
        );
        assert_eq!(
            (receipt.incarnation, receipt.server_ms),
            (world.hub.incarnation(), world.now)
        );
        let mut page = response.page;
        let Some(signed) = page.checkpoint.take() else {
            panic!("a page without a checkpoint")
        };
        let checkpoint = must(open_signed(&key, Domain::Checkpoint, &signed));
        let checkpoint: Checkpoint = must(decode(checkpoint, "checkpoint"));
        self.cursor = page.next;
        self.incarnation = Some(receipt.incarnation);
        Exchanged {
            receipt,
            page,
            checkpoint,
            grant: response.upload_grant,
        }
    }

    /// Sends a request that may be refused.
    pub fn send<S: HubStore>(
        &self,
        world: &World<S>,
        request: &ExchangeRequest,
    ) -> Result<Result<(), Refusal>, HubError> {
        Ok(world.hub.exchange(world.now, &request.to_bytes())?.map(|_| ()))
    }
}

/// A report with this version.
pub fn report(version: u32) -> Fact {
    Fact::ReportSubmitted(Report {
        version,
        result: ReportResult::Solved,
        measures: Vec::new(),
        narrative: "杂物已清走".to_owned(),
        party_told: None,
        agreement: None,
        self_handled: false,
        point: None,
        attachments: Vec::new(),
    })
}

/// The same fact, naming these attachments.
pub fn with_attachments(fact: Fact, attachments: Vec<Attachment>) -> Fact {
    match fact {
        Fact::ReportSubmitted(report) => Fact::ReportSubmitted(Report {
            attachments,
            ..report
        }),
        other => other,
    }
}
