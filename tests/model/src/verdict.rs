//! What must hold at every moment, and what must come of every moment at which nothing more goes wrong.

use crate::{Island, Left, PHONES, State};

/// Syncs in which a healthy link brings everything to rest.
const SYNCS: usize = 4;
/// Requests that one of them may take.
const REQUESTS: usize = 40;

pub(crate) const SAVED: &str = "a record that was answered Saved is on its phone or in the store";
pub(crate) const HONEST: &str = "what is called received has had a receipt";
pub(crate) const OF_THIS_STORE: &str = "what is called received by the store that was met last is in it";
pub(crate) const NEVER_STUCK: &str = "on a good link everything comes to rest in both places";

pub(crate) fn is_saved(state: &State) -> bool {
    let all = state.phones.iter().zip(state.platform.store.stored);
    all.into_iter()
        .all(|(phone, stored)| phone.made & !(phone.log | stored) == 0)
}

pub(crate) fn is_honest(state: &State) -> bool {
    let all = state.phones.iter().zip(state.receipted);
    all.into_iter()
        .all(|(phone, receipted)| phone.received() & !receipted == 0)
}

pub(crate) fn is_of_this_store(state: &State) -> bool {
    let all = state.phones.iter().zip(state.platform.store.stored);
    all.into_iter()
        .all(|(phone, stored)| phone.known != Some(state.platform.life) || phone.received() & !stored == 0)
}

/// Whether a few syncs on a link that loses nothing bring everything of every phone that may come in to the platform, and
/// everything that the platform tells to the phone.
pub(crate) fn comes_to_rest(island: &Island, state: &State) -> bool {
    let mut state = state.clone();
    let none = Left {
        losses: 0,
        cuts: 0,
        doubles: 0,
        replays: 0,
        crashes: 0,
        backups: 0,
        restores: 0,
        revokes: 0,
        syncs: 0,
    };
    state.left = none;
    for phone in 0..PHONES {
        for _ in 0..SYNCS {
            state.phones[phone].begin_sync();
            state.go(phone, island.plant);
            for _ in 0..REQUESTS {
                if state.net.is_empty() {
                    break;
                }
                state.deliver(0, true, island.plant);
            }
            if !state.net.is_empty() {
                return false;
            }
        }
    }
    let tasks = (1_u8 << state.platform.store.tasks) - 1;
    let at_rest = |phone: usize| {
        let one = &state.phones[phone];
        let stored = state.platform.store.stored[phone];
        !one.has_work() && one.made & !stored == 0 && one.tasks == tasks
    };
    (0..PHONES).all(|phone| state.platform.store.revoked & (1 << phone) != 0 || at_rest(phone))
}
