//! A phone's link: what it carries, loses, doubles, delays and alters between the phone and the platform.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_crash::Dice;
use grid_fieldbook::{CancelToken, LinkError, Method, Request, Response, Transport};
use grid_model::Coded as _;
use grid_wire::{ExchangeResponse, FeedRow, RowKind};
use serde_json::json;

use crate::clock::{HOUR_MS, Now};
use crate::faults::Faults;
use crate::history::History;
use crate::site::{Carried, Site};

/// What everybody shares.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) now: Now,
    pub(crate) site: Arc<Mutex<Site>>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) history: History,
    /// A mistake that every phone's store makes.
    pub(crate) flaw: Option<grid_store::Flaw>,
}

impl Shared {
    pub(crate) fn site(&self) -> MutexGuard<'_, Site> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the link is while a sync lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Nothing goes wrong.
    Fair,
    /// Now and then one is lost, doubled, late or cut.
    Lossy,
    /// Requests arrive, answers never do.
    UpOnly,
    /// Up for so many requests, then down.
    Seconds(u32),
    /// A captive portal answers everything.
    Portal,
    /// Every page of the feed brings a row that cannot be read.
    Poison,
    /// A proxy that takes no more than so many bytes, or alters what it carries.
    Proxy,
}

/// A request that is still on its way when its sender has given it up.
struct Straggler {
    due_ms: i64,
    number: Option<u64>,
    request: Request,
}

struct State {
    dice: Dice,
    weather: Weather,
    carried: u32,
    stragglers: Vec<Straggler>,
    /// Requests to the upload place that lost their answer.
    flapped: bool,
}

/// One vault's link.
#[derive(Clone)]
pub(crate) struct Link {
    shared: Shared,
    vault: String,
    state: Arc<Mutex<State>>,
}

impl Link {
    pub(crate) fn new(shared: Shared, vault: String, seed: u64) -> Self {
        let state = State {
            dice: Dice::seeded(seed),
            weather: Weather::Fair,
            carried: 0,
            stragglers: Vec::new(),
            flapped: false,
        };
        Self {
            shared,
            vault,
            state: Arc::new(Mutex::new(state)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The link comes up with this weather.
    pub(crate) fn up(&self, weather: Weather) {
        let mut state = self.state();
        state.weather = weather;
        state.carried = 0;
    }

    /// Delivers what was delayed until now: the platform gets it, nobody hears the answer.
    pub(crate) fn deliver_stragglers(&self, all: bool) {
        let now_ms = self.shared.now.ms();
        let due: Vec<Straggler> = {
            let mut state = self.state();
            let (due, rest) = std::mem::take(&mut state.stragglers)
                .into_iter()
                .partition(|one| all || one.due_ms <= now_ms);
            state.stragglers = rest;
            due
        };
        for one in due {
            self.shared.faults.hit(37);
            let _ = self.arrive((one.number, &one.request), Carried::Whole, "late", |_, _| ());
        }
    }

    fn carry(&self, request: &Request, carried: Carried, fate: &str) -> Option<Response> {
        self.carry_altered(request, carried, fate, |_, _| ())
    }

    /// Carries, and lets something happen to the answer on its way back.
    fn carry_altered(
        &self,
        request: &Request,
        carried: Carried,
        fate: &str,
        alter: impl FnOnce(&mut Vec<u8>, &mut Dice),
    ) -> Option<Response> {
        let number = self.leave(request);
        self.arrive((number, request), carried, fate, alter)
    }

    /// A request leaves the phone. Answers its number; none before the vault is enrolled, when nobody can check its packets.
    fn leave(&self, request: &Request) -> Option<u64> {
        if request.path == "/v1/enroll" {
            return None;
        }
        let history = &self.shared.history;
        let number = history.number();
        let method = match request.method {
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Patch => "PATCH",
        };
        // The bytes of photos say nothing that their hash does not.
        let body = match request.method {
            Method::Patch => String::new(),
            Method::Head | Method::Post => STANDARD.encode(&request.body),
        };
        history.note(
            "request",
            json!({"n": number, "vault": self.vault, "path": request.path, "method": method, "body": body}),
        );
        Some(number)
    }

    /// It arrives, and is answered.
    fn arrive(
        &self,
        (number, request): (Option<u64>, &Request),
        carried: Carried,
        fate: &str,
        alter: impl FnOnce(&mut Vec<u8>, &mut Dice),
    ) -> Option<Response> {
        let mut answer = self.shared.site().answer(request, carried);
        let Some(number) = number else {
            return answer;
        };
        let history = &self.shared.history;
        if let Some(answer) = &answer {
            let retry = answer
                .header("retry-after")
                .and_then(|text| text.parse::<u64>().ok());
            history.note(
                "answer",
                json!({"n": number, "status": answer.status, "retry_after_s": retry, "body": STANDARD.encode(&answer.body)}),
            );
        }
        let (to, bytes) = match carried {
            Carried::Whole => ("whole", request.body.len()),
            Carried::Cut(at) => ("cut", at),
        };
        let mut told = json!({"n": number, "to_platform": to, "bytes": bytes, "answer": fate});
        if let Some(answer) = &mut answer
            && fate == "altered"
        {
            alter(&mut answer.body, &mut self.state().dice);
            told["got"] = json!(STANDARD.encode(&answer.body));
        }
        history.note("fate", told);
        answer
    }

    /// What the weather does to one request.
    fn fate(&self, request: &Request) -> Fate {
        let mut state = self.state();
        state.carried += 1;
        let (weather, carried) = (state.weather, state.carried);
        let upload = request.method == Method::Patch;
        match weather {
            Weather::Fair => Fate::Whole,
            Weather::UpOnly => Fate::Unheard(40),
            Weather::Seconds(requests) if carried > requests => Fate::Gone(41),
            Weather::Seconds(_) => Fate::Whole,
            Weather::Portal => Fate::Portal,
            Weather::Poison => Fate::PoisonRow,
            Weather::Proxy => match state.dice.below(3) {
                0 => Fate::TooLarge(4 << 10),
                1 => Fate::AlteredAnswer,
                _ => Fate::Truncated,
            },
            Weather::Lossy => {
                let dice = &mut state.dice;
                let at = dice.below(request.body.len() as u64 + 1) as usize;
                match dice.below(20) {
                    0 => Fate::Gone(37),
                    1 => Fate::Unheard(37),
                    2 => Fate::Twice,
                    3 => Fate::Late(dice.below(9 * 24) as i64 * HOUR_MS),
                    4 | 5 => Fate::Cut(at, if upload { 42 } else { 38 }),
                    6 => Fate::Slow,
                    7 => Fate::SiteDies,
                    _ => Fate::Whole,
                }
            }
        }
    }
}

/// What happens to the body of an answer.
type Alter = Box<dyn FnOnce(&mut Vec<u8>, &mut Dice)>;

/// What becomes of a request.
enum Fate {
    Whole,
    /// Never arrives.
    Gone(u8),
    /// Arrives; its answer does not.
    Unheard(u8),
    /// Arrives twice; the second answer is heard.
    Twice,
    /// Arrives when nobody waits for it any more.
    Late(i64),
    /// Breaks after so many bytes.
    Cut(usize, u8),
    /// Takes long.
    Slow,
    /// The platform commits and dies.
    SiteDies,
    /// Somebody else answers.
    Portal,
    /// A proxy takes no body above this.
    TooLarge(usize),
    /// The page brings a row that cannot be read.
    PoisonRow,
    /// A bit of the answer is flipped.
    AlteredAnswer,
    /// The answer ends early.
    Truncated,
}

impl Transport for Link {
    fn send(&self, request: &Request, cancel: &CancelToken) -> Result<Response, LinkError> {
        if cancel.is_cancelled() {
            return Err(LinkError::Cancelled);
        }
        let faults = self.shared.faults.clone();
        self.shared.now.pass(300);
        let fate = self.fate(request);
        let whole = |fate: &str| self.carry(request, Carried::Whole, fate).ok_or(LinkError::Lost);
        let altered = |alter: Alter| {
            self.carry_altered(request, Carried::Whole, "altered", alter)
                .ok_or(LinkError::Lost)
        };
        match fate {
            Fate::Whole => whole("whole"),
            Fate::Gone(number) => {
                faults.hit(number);
                Err(LinkError::Unreachable)
            }
            Fate::Unheard(number) => {
                faults.hit(number);
                let _ = whole("never");
                Err(LinkError::Lost)
            }
            Fate::Twice => {
                faults.hit(53);
                let _ = whole("never");
                whole("whole")
            }
            Fate::Late(after_ms) => {
                let due_ms = self.shared.now.ms() + after_ms;
                let request = request.clone();
                let number = self.leave(&request);
                self.state().stragglers.push(Straggler {
                    due_ms,
                    number,
                    request,
                });
                Err(LinkError::Lost)
            }
            Fate::Cut(at, number) => {
                faults.hit(number);
                self.state().flapped = true;
                let _ = self.carry(request, Carried::Cut(at), "never");
                Err(LinkError::Lost)
            }
            Fate::Slow => {
                faults.hit(39);
                self.shared.now.pass(20_000);
                whole("whole")
            }
            Fate::SiteDies => {
                faults.hit(48);
                let _ = whole("never");
                let mut site = self.shared.site();
                site.crash().map_err(|_| LinkError::Unreachable)?;
                Err(LinkError::Lost)
            }
            Fate::Portal => {
                faults.hit(43);
                Ok(portal())
            }
            Fate::PoisonRow => {
                let faults = faults.clone();
                altered(Box::new(move |body, _| {
                    if let Some(rows_more) = poisoned(body) {
                        faults.hit(73);
                        *body = rows_more;
                    }
                }))
            }
            Fate::TooLarge(most) if request.body.len() > most => {
                faults.hit(44);
                Ok(Response {
                    is_cut: false,
                    status: 413,
                    ..Response::default()
                })
            }
            Fate::TooLarge(_) => whole("whole"),
            Fate::AlteredAnswer => {
                faults.hit(44);
                let flip = |body: &mut Vec<u8>, dice: &mut Dice| {
                    let at = dice.below(body.len() as u64) as usize;
                    if let Some(byte) = body.get_mut(at) {
                        *byte ^= 0x10;
                    }
                };
                altered(Box::new(flip))
            }
            Fate::Truncated => {
                faults.hit(44);
                altered(Box::new(|body, dice| {
                    let keep = dice.below(body.len() as u64 + 1) as usize;
                    body.truncate(keep);
                }))
            }
        }
    }
}

/// The same answer with two rows more: a task that is none, and a kind of a later version.
fn poisoned(body: &[u8]) -> Option<Vec<u8>> {
    let mut answer = ExchangeResponse::from_bytes(body).ok()?.ok()?;
    for kind in [RowKind::Task, RowKind::from_code(77)] {
        answer.page.rows.push(FeedRow {
            kind,
            id: vec![7; 16],
            revision: 1,
            body: b"no row".to_vec(),
        });
    }
    Some(answer.to_bytes())
}

fn portal() -> Response {
    Response {
        is_cut: false,
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: b"<!doctype html><title>Wi-Fi</title><form>Log in</form>".to_vec(),
    }
}
