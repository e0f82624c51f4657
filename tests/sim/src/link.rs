//! A phone's link: what it carries, loses, doubles, delays and alters between the phone and the platform.

mod nonces;
mod odd;
mod resent;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_crash::Dice;
use grid_fieldbook::{CancelToken, LinkError, Method, Request, Response, Transport};
use serde_json::json;

use crate::clock::{HOUR_MS, Now};
use crate::faults::Faults;
use crate::history::History;
use crate::site::{Carried, Site};
use nonces::Nonces;
pub(crate) use odd::bombs;
use odd::{bombed, cut_short, flipped, newer, older_platform, poisoned, portal};
use resent::Uploads;

/// How long a transport waits for a name, or for the end of an answer, ms.
const SILENT_MS: i64 = 30_000;

/// What a transport throws, so that nobody takes it for a mistake of the simulation.
#[derive(Debug)]
pub(crate) struct Thrown;

/// What everybody shares.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) now: Now,
    pub(crate) site: Arc<Mutex<Site>>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) history: History,
    /// A mistake that every phone's store makes.
    pub(crate) flaw: Option<grid_store::Flaw>,
    /// Nonces that were drawn.
    pub(crate) nonces: Arc<Mutex<Nonces>>,
    /// Vaults whose rows were not what they should be, and nothing explains it.
    pub(crate) repairs: Arc<Mutex<Vec<String>>>,
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
    /// The phone's transport throws instead of answering.
    Throws,
    /// The name of the platform is never resolved.
    Silent,
    /// Answers do not end.
    Endless,
    /// The phone's clock is before the start of the platform's certificate.
    Untrusted,
    /// Some nodes of the platform are of the version before, some of the next one.
    Rolling,
    /// Pages bring rows that are built to break their reader.
    Bombs,
}

/// A request that is still on its way when its sender has given it up.
struct Straggler {
    due_ms: i64,
    number: Option<u64>,
    request: Request,
}

/// A sync that goes on for longer goes round in circles; its link ends, so that the world can be judged.
const REQUESTS_MAX: u32 = 1_500;

struct State {
    dice: Dice,
    weather: Weather,
    carried: u32,
    stragglers: Vec<Straggler>,
    uploads: Uploads,
    /// Rows may have come of which the platform knows nothing.
    told_of_no_rows: bool,
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
            uploads: Uploads::default(),
            told_of_no_rows: false,
        };
        Self {
            shared,
            vault,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Whether rows may have come over it of which the platform knows nothing.
    pub(crate) fn told_of_no_rows(&self) -> bool {
        self.state().told_of_no_rows
    }

    /// A copy of a vault holds what came over its link.
    pub(crate) fn told_of_no_rows_as(&self, other: &Self) {
        self.state().told_of_no_rows = other.told_of_no_rows();
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
        if request.path == "/v1/sync" {
            let mut nonces = self.shared.nonces.lock().unwrap_or_else(PoisonError::into_inner);
            nonces.used(&self.vault, request);
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
            Carried::Altered(_) => ("altered", request.body.len()),
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
            _ if carried > REQUESTS_MAX => Fate::Gone(41),
            Weather::Fair => Fate::Whole,
            Weather::UpOnly => Fate::Unheard(40),
            Weather::Seconds(requests) if carried > requests => Fate::Gone(41),
            Weather::Seconds(_) => Fate::Whole,
            Weather::Portal => Fate::Portal,
            Weather::Poison => Fate::Bad(73),
            Weather::Bombs => Fate::Bad(69),
            Weather::Throws if carried < 3 && state.dice.chance(500) => Fate::Whole,
            Weather::Throws => Fate::Throws(state.dice.chance(500)),
            Weather::Silent => Fate::Silent,
            Weather::Endless => Fate::Endless,
            Weather::Untrusted => Fate::Untrusted,
            Weather::Rolling => match (request.path == "/v1/sync", state.dice.below(3)) {
                (true, 0) => Fate::OlderPlatform,
                (true, 1) => Fate::Bad(56),
                _ => Fate::Whole,
            },
            Weather::Proxy => match state.dice.below(4) {
                0 => Fate::TooLarge(4 << 10),
                1 => Fate::AlteredAnswer,
                2 if request.path == "/v1/sync" => {
                    Fate::AlteredRequest(state.dice.below(request.body.len() as u64) as usize)
                }
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

    /// What is answered by somebody else, or by nobody, or in a way that this version does not read.
    fn strange(&self, request: &Request, fate: Fate) -> Result<Response, LinkError> {
        let faults = self.shared.faults.clone();
        let whole = |fate: &str| self.carry(request, Carried::Whole, fate).ok_or(LinkError::Lost);
        let altered = |alter: Alter| {
            self.carry_altered(request, Carried::Whole, "altered", alter)
                .ok_or(LinkError::Lost)
        };
        match fate {
            Fate::Portal => {
                faults.hit(43);
                Ok(portal())
            }
            Fate::Bad(number) => {
                self.state().told_of_no_rows |= number != 56;
                let faults = faults.clone();
                altered(Box::new(move |body, _| {
                    let made = match number {
                        73 => poisoned(body),
                        69 => bombed(body),
                        _ => newer(body),
                    };
                    if let Some(made) = made {
                        faults.hit(number);
                        *body = made;
                    }
                }))
            }
            Fate::Throws(arrives) => {
                faults.hit(25);
                if arrives {
                    let _ = whole("never");
                }
                // As a callback of the host's language does that nobody caught there.
                std::panic::resume_unwind(Box::new(Thrown))
            }
            Fate::Silent => {
                faults.hit(45);
                self.shared.now.pass(SILENT_MS);
                Err(LinkError::Unreachable)
            }
            Fate::Endless => {
                faults.hit(46);
                let _ = whole("never");
                self.shared.now.pass(SILENT_MS);
                Err(LinkError::TooLarge)
            }
            Fate::Untrusted => {
                faults.hit(34);
                Err(LinkError::WrongCertificate)
            }
            Fate::OlderPlatform => {
                faults.hit(56);
                Ok(older_platform())
            }
            Fate::TooLarge(most) if request.body.len() > most => {
                faults.hit(44);
                Ok(Response {
                    status: 413,
                    ..Response::default()
                })
            }
            Fate::AlteredAnswer => {
                faults.hit(44);
                self.state().told_of_no_rows = true;
                altered(Box::new(|body, dice| flipped(body, dice)))
            }
            Fate::AlteredRequest(at) => {
                faults.hit(44);
                self.carry(request, Carried::Altered(at), "whole")
                    .ok_or(LinkError::Lost)
            }
            Fate::Truncated => {
                faults.hit(44);
                altered(Box::new(cut_short))
            }
            _ => whole("whole"),
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
    /// The answer is not what this version reads: rows that cannot be read, or that break a reader, or another version.
    Bad(u8),
    /// The transport throws, before or after the platform got it.
    Throws(bool),
    /// Nobody answers until the deadline.
    Silent,
    /// The answer is larger than allowed.
    Endless,
    /// The certificate is not valid yet, as the phone's clock has it.
    Untrusted,
    /// A platform of the version before refuses it.
    OlderPlatform,
    /// A bit of the answer is flipped.
    AlteredAnswer,
    /// A bit of the request is flipped, at this byte.
    AlteredRequest(usize),
    /// The answer ends early.
    Truncated,
}

impl Transport for Link {
    fn send(&self, request: &Request, cancel: &CancelToken) -> Result<Response, LinkError> {
        if cancel.is_cancelled() {
            return Err(LinkError::Cancelled);
        }
        self.shared.now.pass(300);
        let resent = self.state().uploads.goes_on(&self.vault, request);
        if let Some(resent) = resent {
            self.shared.history.note("resent", resent);
        }
        let fate = self.fate(request);
        let handed = match &fate {
            Fate::Cut(at, _) => *at,
            Fate::Gone(_) => 0,
            _ => request.body.len(),
        };
        let answer = self.carried(request, fate);
        match &answer {
            Ok(answer) => self.state().uploads.placed(request, answer),
            Err(_) => self.state().uploads.was_cut(request, handed),
        }
        answer
    }
}

impl Link {
    /// What becomes of a request.
    fn carried(&self, request: &Request, fate: Fate) -> Result<Response, LinkError> {
        let faults = self.shared.faults.clone();
        let whole = |fate: &str| self.carry(request, Carried::Whole, fate).ok_or(LinkError::Lost);
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
            strange => self.strange(request, strange),
        }
    }
}
