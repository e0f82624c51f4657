//! Self-check: does everything this vault says of itself hold?

use crate::{FieldBook, FieldError};

/// One thing checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked: `database`, `chain`, `attachments`, `enrolment`, `outbox`, `clock`.
    pub name: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// A technical detail without personal data.
    pub detail: String,
}

impl FieldBook {
    /// Checks database pages, chain, attachment files, enrolment, outbox and clock. Reads only.
    pub fn self_check(&self) -> Result<Vec<Check>, FieldError> {
        let check = |name, ok, detail: String| Check { name, ok, detail };
        let (intact, chain, count, unsent, enrolled, anchor) = self.store.read(|tx| {
            let epoch = tx.current_epoch()?;
            let chain = tx.chain_holds(self.device(), epoch)?;
            let photos = tx.attachments_unsent(u32::MAX)?;
            let outbox = tx.outbox_count()?;
            Ok::<_, FieldError>((
                tx.is_intact()?,
                chain,
                outbox,
                photos,
                tx.enrolment()?.is_some(),
                tx.anchor()?,
            ))
        })?;
        let unreadable = unsent
            .iter()
            .filter(|photo| self.store.read_attachment(photo, 0, 1).is_err())
            .count();
        let now = self.host.clock.now();
        // With an anchor of this boot the wall clock can be compared with the platform's time.
        let skew_ms = anchor.filter(|anchor| anchor.boot == now.boot).map(|anchor| {
            now.wall_ms.saturating_sub(
                anchor
                    .server_ms
                    .saturating_add(now.mono_ms.saturating_sub(anchor.mono_ms)),
            )
        });
        Ok(vec![
            check("database", intact, "pages and indexes".to_owned()),
            check(
                "chain",
                chain,
                format!("{} records", count.saved + count.received + count.parked),
            ),
            check(
                "attachments",
                unreadable == 0,
                format!("{unreadable} of {} unreadable", unsent.len()),
            ),
            check(
                "enrolment",
                enrolled,
                if enrolled { "enrolled" } else { "not enrolled" }.to_owned(),
            ),
            check(
                "outbox",
                count.parked == 0,
                format!("{} unsent, {} sent back", count.saved, count.parked),
            ),
            check(
                "clock",
                skew_ms.is_none_or(|skew| skew.unsigned_abs() < 5 * 60 * 1000),
                skew_ms.map_or("no platform time in this boot".to_owned(), |skew| {
                    format!("{skew} ms off")
                }),
            ),
        ])
    }
}
