//! Invariants 25 to 28: what the simulator measured itself, line by line: migrations, formats of tomorrow, rescue, damage.

use crate::facts::Facts;
use crate::history::Event;
use crate::report::Sheet;
use crate::{Place, Step};

/// **25. A migration changes no record**, cut or not, and never goes to an older schema. One check: a `migrated`.
pub(crate) fn a_migration_changes_no_record(_: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    let Step::Told(Event::Migrated {
        vault,
        from,
        to,
        same,
    }) = step
    else {
        return;
    };
    sheet.check(*same && to >= from, || {
        format!("{vault} went from schema {from} to {to}, same records: {same}")
    });
}

/// **26. What is not known survives.** A field or a number of tomorrow comes back byte for byte. One check: a `future`.
pub(crate) fn what_is_not_known_survives(_: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    let Step::Told(Event::Future {
        kind,
        survived,
        before,
        after,
    }) = step
    else {
        return;
    };
    sheet.check(*survived && before == after, || {
        format!("a {kind} of tomorrow did not come back as it was")
    });
}

/// **27. Salvage loses nothing unsent** while one of the two copies is whole; it leaves the damaged files as they are, and
/// again it gives the same. One check: a `salvage`.
pub(crate) fn salvage_loses_nothing_unsent(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    let Step::Told(Event::Salvage {
        vault: name,
        unsent,
        recovered,
        original_untouched,
        again_same,
    }) = step
    else {
        return;
    };
    let damage = facts.vaults.get(name).and_then(|vault| vault.damage.as_deref());
    sheet.check(damage == Some("both") || recovered >= unsent, || {
        format!("of {unsent} unsent records of {name} {recovered} came back, though one copy was whole")
    });
    sheet.must(*original_untouched, || {
        format!("the rescue of {name} changed the damaged files")
    });
    sheet.must(*again_same, || {
        format!("a second rescue of {name} gave something else")
    });
}

/// **28. Damage is noticed** before anything damaged is used or sent. One check: a `damage`.
pub(crate) fn damage_is_noticed(_: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    let Step::Told(Event::Damage {
        vault,
        copy,
        detected,
    }) = step
    else {
        return;
    };
    sheet.check(*detected, || {
        format!("damage to the {copy} of {vault} went unnoticed")
    });
}
