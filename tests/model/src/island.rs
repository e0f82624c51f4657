//! Everything that can happen next.

use stateright::{Model, Property};

use crate::phone::Phone;
use crate::platform::{Part, Platform, Reply, Request};
use crate::verdict::{
    HONEST, NEVER_STUCK, OF_THIS_STORE, SAVED, comes_to_rest, is_honest, is_of_this_store, is_saved,
};
use crate::{Left, PHONES, Plant, RECORDS};

/// The island with one mistake or none.
#[derive(Clone, Debug)]
pub struct Island {
    /// How often each thing may happen.
    pub left: Left,
    /// A mistake.
    pub plant: Option<Plant>,
}

/// All of the island at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The phones.
    pub phones: [Phone; PHONES],
    /// The platform.
    pub platform: Platform,
    /// Requests on their way, sorted.
    pub net: Vec<Request>,
    /// An old answer to each phone that a proxy remembers.
    pub proxy: [Option<Reply>; PHONES],
    /// What any store ever had, and signed for.
    pub receipted: [u8; PHONES],
    /// What may still happen.
    pub left: Left,
}

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A record is saved.
    Record(usize),
    /// A sync begins.
    Sync(usize),
    /// A phone is killed.
    Crash(usize),
    /// A late row is laid in: only where that mistake is planted.
    Lay(usize),
    /// A request arrives, and its answer.
    Deliver(usize),
    /// A request arrives, and its answer does not.
    LoseAnswer(usize),
    /// A request gets lost.
    Lose(usize),
    /// A request is cut after its first frame.
    Cut(usize),
    /// A request goes on by itself, too, and arrives later.
    Double(usize),
    /// A proxy answers with what it remembers.
    Replay(usize),
    /// A backup is made and proved.
    Backup,
    /// The platform is restored.
    Restore,
    /// A phone is revoked.
    Revoke(usize),
}

impl State {
    fn new(left: Left) -> Self {
        Self {
            phones: std::array::from_fn(|phone| Phone {
                syncs: if phone == 0 { left.syncs } else { 1 },
                ..Phone::default()
            }),
            platform: Platform::with_tasks(),
            net: Vec::new(),
            proxy: [None; PHONES],
            receipted: [0; PHONES],
            left,
        }
    }

    /// Nothing is on its way and no sync runs.
    pub fn is_quiet(&self) -> bool {
        self.net.is_empty() && self.phones.iter().all(Phone::is_idle)
    }

    pub(crate) fn go(&mut self, phone: usize, plant: Option<Plant>) {
        if let Some(request) = self.phones[phone].go(phone, plant) {
            self.net.push(request);
            self.net.sort_unstable();
        }
    }

    /// The platform takes a request; the phone that waits for it gets the answer, if it comes.
    pub(crate) fn deliver(&mut self, nth: usize, comes: bool, plant: Option<Plant>) {
        let request = self.net.remove(nth);
        let reply = self.platform.take(&request);
        if let Reply::Answer(answer) = reply {
            self.receipted[request.from] |= answer.records;
            self.proxy[request.from] = Some(reply);
        }
        if request.is_waited_for {
            let phone = &mut self.phones[request.from];
            if comes {
                phone.answered(reply, plant);
            } else {
                phone.lost();
            }
            self.go(request.from, plant);
        }
    }

    fn lose(&mut self, nth: usize, plant: Option<Plant>) {
        let request = self.net.remove(nth);
        if request.is_waited_for {
            self.phones[request.from].lost();
            self.go(request.from, plant);
        }
    }

    fn replay(&mut self, phone: usize, plant: Option<Plant>) -> bool {
        let Some(reply) = self.proxy[phone] else {
            return false;
        };
        let Some(nth) = self.waited_for(phone) else {
            return false;
        };
        self.net.remove(nth);
        self.phones[phone].answered(reply, plant);
        self.go(phone, plant);
        true
    }

    fn waited_for(&self, phone: usize) -> Option<usize> {
        self.net
            .iter()
            .position(|request| request.from == phone && request.is_waited_for)
    }

    fn crash(&mut self, phone: usize) {
        if let Some(nth) = self.waited_for(phone) {
            // The request is on its way all the same.
            self.net[nth].is_waited_for = false;
            self.net.sort_unstable();
        }
        self.phones[phone].crash();
    }

    fn phone_acts(&self, phone: usize, acts: &mut Vec<Act>) {
        let one = &self.phones[phone];
        if one.made.count_ones() < u32::from(RECORDS[phone]) {
            acts.push(Act::Record(phone));
        }
        if one.is_idle() && one.syncs > 0 {
            acts.push(Act::Sync(phone));
        }
        if one.owed != 0 {
            acts.push(Act::Lay(phone));
        }
        if self.left.crashes > 0 && !one.is_idle() {
            acts.push(Act::Crash(phone));
        }
        if self.left.replays > 0 && one.waits && self.proxy[phone].is_some() {
            acts.push(Act::Replay(phone));
        }
        // The phone with one record: the other one has the longer story.
        if self.left.revokes > 0 && phone > 0 {
            acts.push(Act::Revoke(phone));
        }
    }
}

impl Model for Island {
    type State = State;
    type Action = Act;

    fn init_states(&self) -> Vec<State> {
        vec![State::new(self.left)]
    }

    fn actions(&self, state: &State, acts: &mut Vec<Act>) {
        (0..PHONES).for_each(|phone| state.phone_acts(phone, acts));
        for (nth, request) in state.net.iter().enumerate() {
            acts.push(Act::Deliver(nth));
            if request.is_waited_for && state.left.losses > 0 {
                acts.extend([Act::LoseAnswer(nth), Act::Lose(nth)]);
            }
            let is_large = request.records.count_ones() > 1 && request.part != Part::Ask;
            if request.is_waited_for && is_large && state.left.cuts > 0 {
                acts.push(Act::Cut(nth));
            }
            if request.is_waited_for && request.records != 0 && state.left.doubles > 0 {
                acts.push(Act::Double(nth));
            }
        }
        let has_records = state.platform.store.stored.iter().any(|records| *records != 0);
        if state.left.backups > 0 && has_records {
            acts.push(Act::Backup);
        }
        // Before anybody met it a store that goes back is a new one.
        let was_met = state.phones.iter().any(|phone| phone.known.is_some());
        if state.left.restores > 0 && (has_records || was_met) {
            acts.push(Act::Restore);
        }
    }

    fn next_state(&self, before: &State, act: Act) -> Option<State> {
        let mut state = before.clone();
        let left = &mut state.left;
        match act {
            Act::Record(phone) => {
                let one = &mut state.phones[phone];
                let bit = 1 << one.made.count_ones();
                one.made |= bit;
                one.log |= bit;
                one.unsent |= bit;
            }
            Act::Sync(phone) => {
                state.phones[phone].syncs -= 1;
                state.phones[phone].begin_sync();
                state.go(phone, self.plant);
            }
            Act::Crash(phone) => {
                left.crashes -= 1;
                state.crash(phone);
            }
            Act::Lay(phone) => {
                let owed = state.phones[phone].owed;
                state.phones[phone].lay(owed);
            }
            Act::Deliver(nth) => state.deliver(nth, true, self.plant),
            Act::LoseAnswer(nth) => {
                left.losses -= 1;
                state.deliver(nth, false, self.plant);
            }
            Act::Lose(nth) => {
                left.losses -= 1;
                state.lose(nth, self.plant);
            }
            Act::Cut(nth) => {
                left.cuts -= 1;
                let request = state.net[nth];
                state.platform.keep(&request, 1);
                state.lose(nth, self.plant);
            }
            Act::Double(nth) => {
                left.doubles -= 1;
                let again = Request {
                    is_waited_for: false,
                    ..state.net[nth]
                };
                state.net.push(again);
                state.net.sort_unstable();
            }
            Act::Replay(phone) => {
                left.replays -= 1;
                state.replay(phone, self.plant).then_some(())?;
            }
            Act::Backup => {
                left.backups -= 1;
                state.platform.backup = Some(state.platform.store);
            }
            Act::Restore => {
                left.restores -= 1;
                state.platform.restore();
            }
            Act::Revoke(phone) => {
                left.revokes -= 1;
                state.platform.store.revoked |= 1 << phone;
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(SAVED, |_, state: &State| is_saved(state)),
            Property::always(HONEST, |_, state: &State| is_honest(state)),
            Property::always(OF_THIS_STORE, |_, state: &State| is_of_this_store(state)),
            Property::always(NEVER_STUCK, |island: &Self, state: &State| {
                !state.is_quiet() || comes_to_rest(island, state)
            }),
            Property::sometimes(
                "the rest of a batch that was cut goes by itself",
                |_, state: &State| {
                    state
                        .net
                        .iter()
                        .any(|request| matches!(request.part, Part::Rest(_)))
                },
            ),
            Property::sometimes("a restored store has everything again", |_, state: &State| {
                let all = state.phones.iter().zip(state.platform.store.stored);
                state.platform.life > 0 && state.is_quiet() && all.clone().all(|(p, s)| p.made == s && s != 0)
            }),
        ]
    }
}
