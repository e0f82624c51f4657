//! A very small world that writes a history of itself: phones that save and exchange, and a platform that keeps a table.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::SigningKey;
use serde_json::{Value, json};

use crate::encode::{
    Answer, Change, Header, Id, answer, count_body, hash, public, refusal, request, signing_key,
};

pub(crate) type Key = (Id, u64, u64);

#[derive(Clone)]
pub(crate) struct Phone {
    pub(crate) device: Id,
    pub(crate) key: SigningKey,
    pub(crate) logs: BTreeMap<u64, BTreeMap<u64, Change>>,
    /// `r` received, `p` parked, `s` saved.
    pub(crate) states: BTreeMap<(u64, u64), char>,
    pub(crate) purged_to: BTreeMap<u64, u64>,
    pub(crate) backed_up_to: BTreeMap<u64, u64>,
    pub(crate) met: Option<Id>,
    pub(crate) wall_offset_ms: i64,
}

#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) change: Change,
    pub(crate) saved_at: i64,
    pub(crate) reason: Option<&'static str>,
}

pub(crate) struct World {
    pub(crate) lines: Vec<Value>,
    pub(crate) at: i64,
    pub(crate) n: u64,
    pub(crate) phones: BTreeMap<&'static str, Phone>,
    pub(crate) platform: SigningKey,
    pub(crate) incarnation: Id,
    pub(crate) rows: BTreeMap<Key, Row>,
    pub(crate) conflicts: Vec<(Key, [u8; 32])>,
    pub(crate) saved_at: BTreeMap<Vec<u8>, i64>,
    pub(crate) vouched: BTreeMap<(Id, u64), u64>,
}

/// What is saved: lane, kind of the change, and what else the line tells.
pub(crate) struct Act {
    pub(crate) lane: (&'static str, u64, Id),
    pub(crate) kind: (&'static str, u64),
    pub(crate) count: Option<u64>,
    pub(crate) photos: Vec<[u8; 32]>,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self {
            lines: Vec::new(),
            at: 1_768_000_000_000,
            n: 0,
            phones: BTreeMap::new(),
            platform: signing_key(99),
            incarnation: [0xe1; 16],
            rows: BTreeMap::new(),
            conflicts: Vec::new(),
            saved_at: BTreeMap::new(),
            vouched: BTreeMap::new(),
        };
        world.tell("run", json!({"seed": 1, "phones": 4, "days": 9}));
        world.tell(
            "platform",
            json!({"what": "start", "incarnation": hex::encode(world.incarnation)}),
        );
        world
    }

    pub(crate) fn tell(&mut self, event: &str, fields: Value) {
        let mut line = json!({"at": self.at, "ev": event});
        for (key, value) in fields.as_object().unwrap() {
            line[key] = value.clone();
        }
        self.lines.push(line);
        self.at += 1_000;
    }

    pub(crate) fn enrol(&mut self, name: &'static str, number: u8) {
        let phone = Phone {
            device: [number; 16],
            key: signing_key(number),
            logs: BTreeMap::new(),
            states: BTreeMap::new(),
            purged_to: BTreeMap::new(),
            backed_up_to: BTreeMap::new(),
            met: None,
            wall_offset_ms: 0,
        };
        let (key, platform_key) = (public(&phone.key), public(&self.platform));
        let device = hex::encode(phone.device);
        self.tell(
            "enrolled",
            json!({"vault": name, "device": device, "key": key, "platform_key": platform_key}),
        );
        self.tell("opened", json!({"vault": name, "epoch": "1", "ok": true}));
        self.phones.insert(name, phone);
    }

    /// Writes a record; `told` is whether the call lived to answer.
    pub(crate) fn save(&mut self, name: &'static str, epoch: u64, act: Act, told: bool) -> u64 {
        let at = self.at;
        let phone = self.phones.get_mut(name).unwrap();
        let log = phone.logs.entry(epoch).or_default();
        let seq = log.keys().last().copied().unwrap_or(0) + 1;
        let lane = (act.lane.1, act.lane.2);
        let prev = log
            .values()
            .rev()
            .find(|change| change.lane == lane)
            .map_or(0, |change| change.seq);
        let body = act.count.map_or_else(
            || format!("{name} {epoch} {seq} {at}").into_bytes(),
            |value| count_body(5, value),
        );
        self.saved_at.insert(body.clone(), at);
        log.insert(
            seq,
            Change {
                seq,
                lane,
                prev,
                kind: act.kind.1,
                body,
            },
        );
        phone.states.insert((epoch, seq), 's');
        let wall_ms = at + phone.wall_offset_ms;
        if told {
            let mut line = json!({
                "vault": name, "epoch": epoch.to_string(), "seq": seq, "kind": act.kind.0,
                "lane": format!("{}:{}", act.lane.0, hex::encode(act.lane.2)), "wall_ms": wall_ms,
                "attachments": act.photos.iter().map(hex::encode).collect::<Vec<_>>(), "op": format!("{name}-{epoch}-{seq}-{at}"),
            });
            if let Some(value) = act.count {
                line["value"] = json!(value);
                line["count_kind"] = json!("rescued");
            }
            self.tell("saved", line);
        }
        seq
    }

    /// One exchange of these positions; `fate` is what became of the answer.
    pub(crate) fn exchange(&mut self, name: &'static str, epoch: u64, seqs: &[u64], fate: &str) {
        let nonce = self.n;
        self.exchange_again(name, epoch, seqs, fate, nonce);
    }

    pub(crate) fn exchange_again(
        &mut self,
        name: &'static str,
        epoch: u64,
        seqs: &[u64],
        fate: &str,
        nonce: u64,
    ) {
        let phone = self.phones[name].clone();
        let log = &phone.logs[&epoch];
        let changes: Vec<Change> = seqs.iter().map(|seq| log[seq].clone()).collect();
        let head = log.keys().last().copied().unwrap();
        let header = Header {
            device: phone.device,
            epoch,
            head,
            incarnation: phone.met,
            nonce,
        };
        let n = self.ask(name, "/v1/sync", &request(&phone.key, &header, &changes));
        let verdicts: Vec<_> = changes
            .iter()
            .map(|change| self.judge((phone.device, epoch, change.seq), change))
            .collect();
        let backed_up_to = self.vouched.get(&(phone.device, epoch)).copied().unwrap_or(0);
        let said = Answer {
            header: &header,
            changes: &changes,
            verdicts: &verdicts,
            incarnation: self.incarnation,
            server_ms: self.at,
            verified_to: backed_up_to.max(head),
            backed_up_to,
        };
        let body = answer(&self.platform, &said);
        self.tell(
            "answer",
            json!({"n": n, "status": 200, "body": STANDARD.encode(body)}),
        );
        self.tell(
            "fate",
            json!({"n": n, "to_platform": "whole", "bytes": 1, "answer": fate}),
        );
        if fate != "whole" {
            return;
        }
        let phone = self.phones.get_mut(name).unwrap();
        phone.met = Some(self.incarnation);
        phone.backed_up_to.insert(epoch, backed_up_to);
        for (seq, (verdict, _)) in seqs.iter().zip(&verdicts) {
            phone
                .states
                .insert((epoch, *seq), if *verdict == 3 { 'p' } else { 'r' });
        }
    }

    pub(crate) fn ask(&mut self, name: &str, path: &str, body: &[u8]) -> u64 {
        self.n += 1;
        let body = STANDARD.encode(body);
        self.tell(
            "request",
            json!({"n": self.n, "vault": name, "path": path, "method": "POST", "body": body}),
        );
        self.n
    }

    pub(crate) fn refuse(&mut self, n: u64, retry_after_s: u64) {
        let body = STANDARD.encode(refusal(9, retry_after_s));
        self.tell(
            "answer",
            json!({"n": n, "status": 429, "retry_after_s": retry_after_s, "body": body}),
        );
        self.tell(
            "fate",
            json!({"n": n, "to_platform": "whole", "bytes": 1, "answer": "whole"}),
        );
    }

    fn judge(&mut self, key: Key, change: &Change) -> (u64, Option<u64>) {
        if let Some(row) = self.rows.get(&key) {
            return match (row.change.body == change.body, row.reason) {
                (true, None) => (2, None),
                (true, Some(_)) => (3, Some(4)),
                (false, _) => {
                    let conflict = (key, hash(&change.body));
                    if !self.conflicts.contains(&conflict) {
                        self.conflicts.push(conflict);
                    }
                    (3, Some(2))
                }
            };
        }
        let reason = (change.kind == 12).then_some("not_holder");
        let saved_at = self.saved_at[&change.body];
        self.rows.insert(
            key,
            Row {
                change: change.clone(),
                saved_at,
                reason,
            },
        );
        if reason.is_some() { (3, Some(4)) } else { (1, None) }
    }

    pub(crate) fn view(&mut self, name: &'static str) {
        let phone = &self.phones[name];
        let epochs: Vec<Value> = phone
            .logs
            .keys()
            .map(|epoch| {
                let purged_to = phone.purged_to.get(epoch).copied().unwrap_or(0);
                let backed_up_to = phone.backed_up_to.get(epoch).copied().unwrap_or(0);
                let of = |state: char| {
                    let own = phone
                        .states
                        .iter()
                        .filter(|((own, _), is)| own == epoch && **is == state);
                    own.map(|((_, seq), _)| *seq)
                        .filter(|seq| *seq > purged_to)
                        .collect::<Vec<_>>()
                };
                let text = |seqs: Vec<u64>| seqs.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
                let mut backed_up: Vec<u64> =
                    of('r').into_iter().filter(|seq| *seq <= backed_up_to).collect();
                backed_up.extend(1..=purged_to);
                json!({"epoch": epoch.to_string(), "saved": text(of('s')), "received": text(of('r')),
                    "parked": text(of('p')), "backed_up": text(backed_up), "purged_to": purged_to})
            })
            .collect();
        self.tell(
            "view",
            json!({"vault": name, "epochs": epochs, "photos_waiting": 0, "photos_lost": 0}),
        );
    }

    /// The platform's table, and the rows that belong to it.
    pub(crate) fn dump(&mut self) {
        let incarnation = hex::encode(self.incarnation);
        self.tell("dump", json!({"begin": true, "incarnation": incarnation}));
        for ((device, epoch, seq), row) in self.rows.clone() {
            self.tell("stored", json!({
                "incarnation": incarnation, "device": hex::encode(device), "epoch": epoch.to_string(), "seq": seq,
                "body": hex::encode(hash(&row.change.body)), "lane": "",
                "verdict": if row.reason.is_some() { "parked" } else { "accepted" }, "reason": row.reason,
                "from_ms": row.saved_at - 500, "to_ms": row.saved_at + 500, "folded": row.reason.is_none(),
            }));
        }
        self.tell("dump", json!({"end": true, "rows": self.rows.len()}));
        for ((device, epoch, seq), body) in self.conflicts.clone() {
            let (device, epoch) = (hex::encode(device), epoch.to_string());
            self.tell(
                "conflict",
                json!({"device": device, "epoch": epoch, "seq": seq, "body": hex::encode(body)}),
            );
        }
    }

    pub(crate) fn total(&mut self, value: u64) {
        self.tell("total", json!({"count_kind": "rescued", "value": value}));
    }
}
