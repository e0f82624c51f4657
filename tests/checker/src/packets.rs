//! Puts request, fate and answer of one number together, and says when the platform answered and when the phone got it.
//!
//! Of a request that is not settled positions and hashes are kept, of the latest [`OPEN_MAX`] requests at most.

use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::HistoryError;
use crate::facts::Facts;
use crate::history::Event;
use crate::seal::{self, CHECKPOINT, Hash, RECEIPT};
use crate::wire::{Answer, Checkpoint, Receipt, Request};

/// Requests that wait for their fate or answer.
const OPEN_MAX: usize = 512;

/// A request as it was handed to the transport.
#[derive(Debug)]
pub(crate) struct Pushed {
    pub(crate) vault: String,
    pub(crate) is_upload: bool,
    /// What is in it, of an exchange.
    pub(crate) exchange: Option<Request>,
}

/// An answer to a request.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) vault: String,
    /// Position and body of what was sent.
    pub(crate) changes: Vec<(u64, Hash)>,
    pub(crate) head: u64,
    /// Whether the request had a signature of its device over header and body.
    pub(crate) was_signed: bool,
    /// What the platform asked to wait.
    pub(crate) retry_after_s: Option<u64>,
    /// When the platform answered.
    pub(crate) at: i64,
    pub(crate) outcome: Outcome,
}

/// What an answer says.
#[derive(Debug)]
pub(crate) enum Outcome {
    Receipt {
        receipt: Receipt,
        /// What is wrong with it, if anything.
        fault: Option<&'static str>,
        checkpoint: Option<Checkpoint>,
        /// Whether the checkpoint, if there is one, is signed and about this log and store.
        checkpoint_holds: bool,
    },
    Refusal {
        code: u64,
    },
    Other,
}

/// An answer that reached the phone.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) exchange: Rc<Exchange>,
    /// Whether the phone had it for certain: a late answer may have been given up, and of two answers it takes one.
    pub(crate) is_certain: bool,
    /// Whether the platform had got the request as it was sent.
    pub(crate) reached_whole: bool,
}

/// What a line about packets amounts to.
#[derive(Debug)]
pub(crate) enum Packet {
    Pushed(Pushed),
    Answered(Rc<Exchange>),
    Delivered(Delivered),
}

struct Open {
    vault: String,
    request: Option<(Request, bool)>,
    fate: Option<Fate>,
    answers: Vec<Rc<Exchange>>,
    answers_expected: usize,
}

struct Fate {
    to_platform: String,
    answer: String,
    got: Option<Vec<u8>>,
}

/// Requests that are not settled.
#[derive(Default)]
pub(crate) struct Packets {
    open: BTreeMap<u64, Open>,
    order: std::collections::VecDeque<u64>,
}

impl Packets {
    /// What this event amounts to; an error names the field that cannot be read.
    pub(crate) fn take(
        &mut self,
        event: &Event,
        at: i64,
        line: u64,
        facts: &Facts,
    ) -> Result<Vec<Packet>, HistoryError> {
        let broken = |field: &str, why: &str| HistoryError::field(line, field, why);
        match event {
            Event::Request {
                n, vault, path, body, ..
            } => {
                let pushed = pushed(vault, path, body).map_err(|why| broken("body", why))?;
                self.opened(*n, &pushed, facts).map_err(|why| broken("n", why))?;
                Ok(vec![Packet::Pushed(pushed)])
            }
            Event::Answer {
                n,
                retry_after_s,
                body,
                ..
            } => {
                let open = self
                    .open
                    .get_mut(n)
                    .ok_or_else(|| broken("n", "no open request has this number"))?;
                let bytes = decoded(body).map_err(|why| broken("body", why))?;
                let exchange = open
                    .answered(&bytes, *retry_after_s, at, facts)
                    .map_err(|why| broken("body", why))?;
                let exchange = Rc::new(exchange);
                open.answers.push(Rc::clone(&exchange));
                let mut packets = vec![Packet::Answered(Rc::clone(&exchange))];
                packets.extend(open.delivered(&exchange, facts));
                self.settle(*n);
                Ok(packets)
            }
            Event::Fate {
                n,
                to_platform,
                answer,
                got,
            } => {
                let got = got.as_deref().map(decoded).transpose();
                let fate = Fate {
                    to_platform: to_platform.clone(),
                    answer: answer.clone(),
                    got: got.map_err(|why| broken("got", why))?,
                };
                self.fated(*n, fate, facts)
                    .ok_or_else(|| broken("n", "no open request has this number"))
            }
            _ => Ok(Vec::new()),
        }
    }

    fn opened(&mut self, n: u64, pushed: &Pushed, facts: &Facts) -> Result<(), &'static str> {
        let key = facts
            .vaults
            .get(&pushed.vault)
            .map(|vault| vault.key.as_slice())
            .unwrap_or_default();
        let signed = |request: &Request| request.covers_body && request.header.holds(key, seal::BATCH);
        let open = Open {
            vault: pushed.vault.clone(),
            request: pushed
                .exchange
                .clone()
                .map(|request| (request.clone(), signed(&request))),
            fate: None,
            answers: Vec::new(),
            answers_expected: 1,
        };
        if self.open.insert(n, open).is_some() {
            return Err("this number was used before");
        }
        self.order.push_back(n);
        while self.open.len() > OPEN_MAX {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            self.open.remove(&oldest);
        }
        if self.order.len() > 2 * OPEN_MAX {
            self.order.retain(|n| self.open.contains_key(n));
        }
        Ok(())
    }

    fn fated(&mut self, n: u64, fate: Fate, facts: &Facts) -> Option<Vec<Packet>> {
        let open = self.open.get_mut(&n)?;
        open.answers_expected = match fate.to_platform.as_str() {
            "never" => 0,
            "twice" => 2,
            _ => 1,
        };
        open.fate = Some(fate);
        let packets = open
            .answers
            .iter()
            .filter_map(|exchange| open.delivered(exchange, facts));
        let packets = packets.collect();
        self.settle(n);
        Some(packets)
    }

    fn settle(&mut self, n: u64) {
        let is_settled = |open: &Open| open.fate.is_some() && open.answers.len() >= open.answers_expected;
        if self.open.get(&n).is_some_and(is_settled) {
            self.open.remove(&n);
        }
    }
}

impl Open {
    fn answered(
        &self,
        bytes: &[u8],
        retry_after_s: Option<u64>,
        at: i64,
        facts: &Facts,
    ) -> Result<Exchange, &'static str> {
        let Some((request, was_signed)) = &self.request else {
            return Ok(self.exchange(Outcome::Other, retry_after_s, at));
        };
        let (outcome, asked) = match Answer::read(bytes)? {
            Answer::Foreign => (Outcome::Other, None),
            Answer::Refusal { code, retry_after_s } => (Outcome::Refusal { code }, retry_after_s),
            Answer::Exchange {
                receipt,
                signed_receipt,
                checkpoint,
            } => {
                let key = facts
                    .vaults
                    .get(&self.vault)
                    .map(|vault| vault.platform_key.as_slice())
                    .unwrap_or_default();
                let checkpoint_holds = checkpoint.as_ref().is_none_or(|(checkpoint, signed)| {
                    signed.holds(key, CHECKPOINT)
                        && (checkpoint.device, checkpoint.epoch) == (request.device, request.epoch)
                        && checkpoint.incarnation == receipt.incarnation
                });
                let fault = if !signed_receipt.holds(key, RECEIPT) {
                    Some("a receipt without the platform's signature")
                } else if !was_signed {
                    Some("a receipt for a request that its device did not sign")
                } else {
                    fault_of(&receipt, request)
                };
                let checkpoint = checkpoint.map(|(checkpoint, _)| checkpoint);
                (
                    Outcome::Receipt {
                        receipt: *receipt,
                        fault,
                        checkpoint,
                        checkpoint_holds,
                    },
                    None,
                )
            }
        };
        Ok(self.exchange(outcome, retry_after_s.or(asked), at))
    }

    fn exchange(&self, outcome: Outcome, retry_after_s: Option<u64>, at: i64) -> Exchange {
        let changes = self.request.iter().flat_map(|(request, _)| &request.changes);
        Exchange {
            vault: self.vault.clone(),
            changes: changes.map(|change| (change.seq, change.body)).collect(),
            head: self.request.as_ref().map_or(0, |(request, _)| request.head),
            was_signed: self.request.as_ref().is_some_and(|(_, signed)| *signed),
            retry_after_s,
            at,
            outcome,
        }
    }

    /// The answer as the phone got it, if its fate is known and it got one.
    fn delivered(&self, exchange: &Rc<Exchange>, facts: &Facts) -> Option<Packet> {
        let fate = self.fate.as_ref()?;
        let is_first = self
            .answers
            .first()
            .is_some_and(|first| Rc::ptr_eq(first, exchange));
        let reached_whole = matches!(fate.to_platform.as_str(), "whole" | "twice");
        let (exchange, is_certain) = match fate.answer.as_str() {
            "whole" => (Rc::clone(exchange), is_first),
            "late" => (Rc::clone(exchange), false),
            // Bytes that cannot be read any more are no answer to the phone either.
            "altered" => (
                Rc::new(self.answered(fate.got.as_ref()?, None, exchange.at, facts).ok()?),
                false,
            ),
            _ => return None,
        };
        Some(Packet::Delivered(Delivered {
            exchange,
            is_certain,
            reached_whole,
        }))
    }
}

fn fault_of(receipt: &Receipt, request: &Request) -> Option<&'static str> {
    let changes = request.changes.iter().map(|change| (change.seq, change.body));
    if (receipt.device, receipt.epoch) != (request.device, request.epoch) {
        Some("a receipt about another log")
    } else if receipt.nonce != request.nonce {
        Some("a receipt for another request")
    } else if receipt.digest != seal::cover(changes) {
        Some("a receipt whose digest is not that of what was sent")
    } else {
        None
    }
}

fn pushed(vault: &str, path: &str, body: &str) -> Result<Pushed, &'static str> {
    let exchange = if path == "/v1/sync" {
        Some(Request::read(&decoded(body)?)?)
    } else {
        None
    };
    Ok(Pushed {
        vault: vault.to_owned(),
        is_upload: path.starts_with("/v1/uploads"),
        exchange,
    })
}

fn decoded(body: &str) -> Result<Vec<u8>, &'static str> {
    STANDARD.decode(body).map_err(|_| "not base64")
}
