//! What befalls the process and the disk of a vault beside damage: a disk that cannot be written, a key that cannot
//! be had, callbacks that throw.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use grid_fieldbook::{
    Budget, CountDraft, DataKey, FieldBook, FieldError, KeyVault, KeyVaultError, LockedBook, Saved,
    UrgentDraft,
};
use grid_model::terms::CountKind;
use serde_json::json;

use crate::Trouble;
use crate::clock::START_MS;
use crate::link::Weather;
use crate::salvage::Standing;
use crate::vault::Vault;

/// A key store that does not give the key, and why.
pub(crate) struct NoKey(pub(crate) KeyVaultError);

/// What befalls a vault.
type Hardship = fn(&mut Vault) -> Result<(), Trouble>;

impl KeyVault for NoKey {
    fn wrap(&self, _: &DataKey) -> Result<Vec<u8>, KeyVaultError> {
        Err(self.0.clone())
    }

    fn unwrap(&self, _: &[u8]) -> Result<DataKey, KeyVaultError> {
        Err(self.0.clone())
    }
}

impl Vault {
    /// Whether the hour of a record was taken by one of these.
    pub(crate) fn work_in_hardship(&mut self) -> Result<bool, Trouble> {
        let hardships: [(u8, u64, Hardship); 3] = [
            (13, 3, Self::read_only),
            (19, 3, Self::captured_while_locked),
            (28, 5, Self::panic_at_work),
        ];
        let mut chosen = None;
        for (number, per_mille, happens) in hardships {
            if self
                .shared
                .faults
                .clone()
                .strikes(number, &mut self.dice, per_mille)
            {
                chosen = Some(happens);
            }
        }
        chosen.map_or(Ok(false), |happens| happens(self).map(|()| true))
    }

    /// For a while nothing can be written: nothing is answered `Saved`, and afterwards it goes on.
    fn read_only(&mut self) -> Result<(), Trouble> {
        self.book()?;
        self.disk.set_read_only(true);
        let mut saved = false;
        for _ in 0..2 {
            saved |= matches!(self.work(), Ok(true));
        }
        let _ = self.sync(Weather::Fair, Budget::default());
        self.disk.set_read_only(false);
        self.shared.faults.hit(13);
        if saved {
            return Err(Trouble::Broken(format!(
                "{}: a record was saved on a disk that cannot be written",
                self.name
            )));
        }
        Ok(())
    }

    /// Before the first unlock the key cannot be had: what matters most is recorded all the same, and taken in later.
    fn captured_while_locked(&mut self) -> Result<(), Trouble> {
        let known: BTreeSet<u64> = self
            .records_by_place()?
            .iter()
            .map(|record| record.key.0.0)
            .collect();
        self.close()?;
        let folder = self.disk.root().join("vault");
        let opened = FieldBook::open(&folder, self.host(), &NoKey(KeyVaultError::Locked));
        if !matches!(opened, Err(FieldError::Locked)) {
            return Err(Trouble::Broken(format!(
                "{}: a locked vault was not called so: {:?}",
                self.name,
                opened.map(|_| ())
            )));
        }
        let book = match LockedBook::open(&folder, self.host()) {
            Ok(book) => book,
            // A rescue from the lifeboat leaves no kit until the vault was opened once more.
            Err(FieldError::NotFound { .. }) => return Ok(()),
            Err(error) => return Err(Trouble::Broken(format!("{}: capturing: {error}", self.name))),
        };
        let (first, second) = (self.next_act(), self.next_act());
        let value = 1 + self.dice.below(5) as i64;
        let count = CountDraft {
            kind: CountKind::Rescued,
            value,
            post: first.clone(),
            patrol: None,
            reason: None,
        };
        let urgent = UrgentDraft {
            title: format!("落水 {second}"),
            place_text: "前滩".to_owned(),
            point: None,
        };
        let counted = book.count(count).map_err(Trouble::of)?;
        let (_, started) = book.start_urgent(urgent).map_err(Trouble::of)?;
        book.close().map_err(Trouble::of)?;
        self.shared.faults.hit(19);
        let taken_in = self.records_by_place()?;
        let count = Some((CountKind::Rescued, value));
        for (act, kind, count, saved) in [
            (first, "count", count, counted),
            (second, "start_urgent", None, started),
        ] {
            let is_it = |record: &&Standing| record.key.1 == saved.seq && !known.contains(&record.key.0.0);
            let found = taken_in.iter().find(is_it);
            let found = found.ok_or_else(|| {
                Trouble::Broken(format!("{}: what was captured was not taken in", self.name))
            })?;
            let saved = Saved {
                seq: found.place,
                ..saved
            };
            self.kept((act, kind), count, Vec::new(), Ok(saved))?;
        }
        // The worker goes on in the log that was there before.
        self.work().map(|_| ())
    }

    /// Something of the host throws in the middle of a record. The book is whole afterwards and goes on in the same process.
    fn panic_at_work(&mut self) -> Result<(), Trouble> {
        self.book()?;
        self.clock.throw_in(self.dice.below(3) as i64);
        let done = catch_unwind(AssertUnwindSafe(|| self.work()));
        self.clock.throw_in(-1);
        let Err(_) = done else {
            return done.map_or(Ok(()), |done| done.map(|_| ()));
        };
        self.shared.faults.hit(28);
        // Whether that act is there is open; nobody was told that it is.
        let act = format!("{}-act{}", self.name, self.acts);
        self.note("refused", json!({"op": act, "error": "a panic"}));
        self.unsure.push(act);
        self.goes_on("a panic")
    }

    /// After something threw: the same book answers.
    pub(crate) fn goes_on(&mut self, after: &str) -> Result<(), Trouble> {
        let name = self.name.clone();
        match self.book()?.status() {
            Ok(_) => Ok(()),
            Err(error) => Err(Trouble::Broken(format!(
                "{name}: after {after} the book does not answer: {error}"
            ))),
        }
    }

    /// A sync while the phone's clock stands before the certificate's start.
    pub(crate) fn sync_before_certificate(&mut self) -> Result<(), Trouble> {
        self.set_clock(-START_MS);
        let synced = self.sync(Weather::Untrusted, Budget::default());
        self.set_clock(0);
        synced.map(|_| ()).map_err(Trouble::of)
    }
}
