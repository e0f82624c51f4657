//! Every fault of the list (reliability, part c, 1 to 78): where it is injected, or why it is not. A run counts how often each
//! was hit; one that was never hit is a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use grid_crash::Dice;

/// What becomes of a fault here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Injected by the simulation.
    Here,
    /// Not simulated, and why.
    NotHere(&'static str),
}

/// One fault of the list.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// Its number.
    pub number: u8,
    /// What happens.
    pub name: &'static str,
    /// Where.
    pub place: Place,
}

const fn here(number: u8, name: &'static str) -> Listed {
    Listed {
        number,
        name,
        place: Place::Here,
    }
}

const fn not_here(number: u8, name: &'static str, because: &'static str) -> Listed {
    Listed {
        number,
        name,
        place: Place::NotHere(because),
    }
}

/// The list.
pub const FAULTS: [Listed; 78] = [
    here(1, "power cut between any two disk operations"),
    here(2, "torn and reordered writes"),
    not_here(
        3,
        "a disk that lies about flushing",
        "both copies lose what they said was there: there is nothing to hold the vault to",
    ),
    here(4, "a flush that fails"),
    here(5, "a full disk at a save"),
    here(6, "a full disk at a sync"),
    here(7, "a full disk or a cut in a migration"),
    here(8, "killed for low storage"),
    here(9, "a flipped bit in a page of the database"),
    here(10, "a flipped bit in an attachment"),
    here(11, "database or log cut short or gone"),
    not_here(
        12,
        "a log that grows under a pinned reader",
        "tests/crash museum has it",
    ),
    here(13, "a read-only file system"),
    not_here(14, "storage pulled", "vaults are never on removable storage"),
    here(15, "a photo's file deleted"),
    here(16, "an older copy of the vault put back"),
    here(17, "another device's store under this key"),
    here(18, "the key store lost its key"),
    here(19, "locked until the first unlock"),
    here(20, "killed at any instruction"),
    here(21, "suspended by the system"),
    here(22, "killed in the middle of a sync"),
    here(23, "opened twice"),
    here(24, "called after close"),
    here(25, "a foreign callback that throws"),
    not_here(26, "no memory", "ends the process: as 20"),
    not_here(
        27,
        "a cloned process image",
        "the host's random source is asked anew each time; that no nonce is used twice is looked at in every run",
    ),
    here(28, "a panic"),
    here(29, "wall clock back at 1970"),
    here(30, "wall clock ten years ahead, corrected later"),
    here(31, "wall clock stepped back in a patrol"),
    here(32, "another zone"),
    here(33, "the platform's clock is wrong"),
    here(34, "clock before the certificate's start"),
    here(35, "clock set back before a due time"),
    here(36, "a phone so late that it could be called overdue"),
    here(37, "request or answer lost, doubled, late"),
    here(38, "cut at any byte"),
    here(39, "slow and lossy link"),
    here(40, "one way only"),
    here(41, "link up for seconds"),
    here(42, "link flaps in an upload"),
    here(43, "captive portal"),
    here(44, "a proxy that truncates or alters"),
    here(45, "DNS that hangs"),
    here(46, "an answer without end"),
    here(47, "a village behind one address"),
    here(48, "the platform dies between commit and answer"),
    not_here(49, "a replica that lags", "this platform has none"),
    here(50, "the platform is restored from yesterday"),
    here(51, "restored without attachments"),
    here(52, "numbers restored lower"),
    here(53, "two deliveries of one batch at once"),
    here(54, "the platform's disk is full"),
    here(55, "a record that cannot be read"),
    here(56, "a rolling upgrade"),
    not_here(57, "a deadlock of the database", "one writer by construction"),
    here(58, "all phones at once after a storm"),
    not_here(59, "the signing key is rotated", "not built yet"),
    here(60, "a row deleted by an operator"),
    here(61, "two supervisors decide at once"),
    here(62, "another body under a used key"),
    here(63, "a hole in the positions"),
    here(64, "a clone goes on beside its original"),
    here(65, "an unknown kind of record"),
    here(66, "a body over its limit"),
    here(67, "odd characters in a text"),
    here(68, "impossible coordinates"),
    here(69, "deep nesting, map bombs"),
    here(70, "a record for an unknown task"),
    here(71, "a task recalled while offline"),
    here(72, "two phones of one worker on one task"),
    here(73, "a row of a page that cannot be read"),
    not_here(
        74,
        "a row that is not this worker's",
        "a row does not say whose it is; the platform's own tests hold it to the scope",
    ),
    here(75, "a very long queue"),
    here(76, "one photo named twice"),
    not_here(
        77,
        "a template changed in the middle",
        "tasks have no templates yet",
    ),
    here(78, "a count corrected on another phone"),
];

/// Decides and counts.
#[derive(Debug)]
pub(crate) struct Faults {
    allowed: Option<BTreeSet<u8>>,
    calm: Mutex<bool>,
    hits: Mutex<BTreeMap<u8, u64>>,
}

impl Faults {
    /// All of them, or only these.
    pub(crate) fn new(allowed: Option<BTreeSet<u8>>) -> Self {
        Self {
            allowed,
            calm: Mutex::new(false),
            hits: Mutex::default(),
        }
    }

    /// From here on nothing goes wrong.
    pub(crate) fn heal(&self) {
        *self.calm.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Whether the fault strikes now. Always throws, so that leaving one out leaves the others where they were.
    pub(crate) fn strikes(&self, number: u8, dice: &mut Dice, per_mille: u64) -> bool {
        let thrown = dice.chance(per_mille);
        let calm = *self.calm.lock().unwrap_or_else(PoisonError::into_inner);
        let may = self
            .allowed
            .as_ref()
            .is_none_or(|allowed| allowed.contains(&number));
        thrown && may && !calm
    }

    /// It struck, and something came of it.
    pub(crate) fn hit(&self, number: u8) {
        let mut hits = self.hits.lock().unwrap_or_else(PoisonError::into_inner);
        *hits.entry(number).or_default() += 1;
    }

    pub(crate) fn hits(&self) -> BTreeMap<u8, u64> {
        self.hits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_in_order() {
        let numbers: Vec<u8> = FAULTS.iter().map(|listed| listed.number).collect();
        assert_eq!(numbers, (1..=78).collect::<Vec<u8>>());
    }

    #[test]
    fn what_is_not_allowed_throws_all_the_same() {
        let all = Faults::new(None);
        let few = Faults::new(Some([2].into()));
        let (mut a, mut b) = (Dice::seeded(1), Dice::seeded(1));
        for _ in 0..100 {
            all.strikes(1, &mut a, 500);
            few.strikes(1, &mut b, 500);
            assert_eq!(all.strikes(2, &mut a, 500), few.strikes(2, &mut b, 500));
        }
        all.heal();
        assert!((0..100).all(|_| !all.strikes(1, &mut a, 1000)));
    }
}
