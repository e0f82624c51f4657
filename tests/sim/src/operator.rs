//! The people at the platform: supervisors who dispatch, recall and review, an operator who makes backups and puts one back,
//! a stranger who sends what no phone sends.

use grid_fieldbook::{EnrollError, Method, Request};
use grid_model::terms::RefusalCode;
use grid_wire::{ExchangeRequest, Signed};
use rusqlite::Connection;
use serde_json::json;

use crate::Trouble;
use crate::link::{Weather, bombs};
use crate::site::Carried;
use crate::vault::Vault;
use crate::verdict::has_holes;
use crate::world::World;

/// More wrong codes than one address may try in a while.
const GUESSES: usize = 12;

impl World {
    pub(crate) fn dispatch(&mut self) -> Result<(), Trouble> {
        let mut site = self.shared.site();
        let holder = site.workers[self.dice.below(site.workers.len() as u64) as usize].1;
        let told = json!({
            "title": "清理礁石渔网", "description": "东侧礁石挂网", "case_kind": "hazard", "level": "simple",
            "holder_id": holder.to_string(), "place_text": "一号码头",
        });
        let (status, task) = site.desk(0, "/api/tasks", &told)?;
        match (status, task["id"].as_str()) {
            (200, Some(id)) => self.tasks.push(id.to_owned()),
            _ => {
                return Err(Trouble::Broken(format!(
                    "a dispatch was refused: {status} {task}"
                )));
            }
        }
        Ok(())
    }

    fn some_task(&mut self) -> Option<String> {
        let at = self.dice.below(self.tasks.len().max(1) as u64) as usize;
        self.tasks.get(at).cloned()
    }

    pub(crate) fn recall(&mut self) -> Result<(), Trouble> {
        let Some(task) = self.some_task() else {
            return Ok(());
        };
        let mut site = self.shared.site();
        let Some(revision) = site.seen(&format!("/api/tasks/{task}"))?["revision"].as_u64() else {
            return Ok(());
        };
        let told = json!({"revision": revision, "reason_text": "不用去了"});
        let (status, _) = site.desk(0, &format!("/api/tasks/{task}/recall"), &told)?;
        drop(site);
        if status == 200 {
            self.shared.faults.hit(71);
        }
        self.tell_command(&task, revision, status == 200)
    }

    /// Both decide on what they see; one of them may.
    pub(crate) fn review(&mut self) -> Result<(), Trouble> {
        let Some(task) = self.some_task() else {
            return Ok(());
        };
        let path = format!("/api/tasks/{task}");
        let mut site = self.shared.site();
        let seen = site.seen(&path)?;
        let (Some(revision), Some("submitted")) = (seen["revision"].as_u64(), seen["status"].as_str()) else {
            return Ok(());
        };
        let pass = self.dice.chance(700);
        let first = if pass {
            json!({"revision": revision, "result": "pass"})
        } else {
            json!({"revision": revision, "result": "fail", "reason_code": "unclear_photo"})
        };
        let second = json!({"revision": revision, "result": "pass"});
        drop(site);
        let mut stands = [false; 2];
        for (desk, told) in [first, second].iter().enumerate() {
            let (status, _) = self.shared.site().desk(desk, &format!("{path}/review"), told)?;
            stands[desk] = status == 200;
            self.tell_command(&task, revision, stands[desk])?;
        }
        if stands == [true; 2] {
            return Err(Trouble::Broken(format!(
                "two decisions stand on revision {revision} of task {task}"
            )));
        }
        self.shared.faults.hit(61);
        Ok(())
    }

    /// Makes a backup and proves it. A row that an operator deleted shows here: then the backup before is put back, and the
    /// phones bring the rest again.
    pub(crate) fn back_up(&mut self) -> Result<(), Trouble> {
        let mut site = self.shared.site();
        if has_holes(&site.store())? {
            self.shared.faults.hit(63);
        }
        let made = site.back_up();
        drop(site);
        match (made, self.row_is_gone) {
            (Ok(()), false) => Ok(()),
            (Ok(()), true) => Err(Trouble::Broken("a backup without a row was proved".to_owned())),
            (Err(_), true) => {
                self.shared.faults.hit(60);
                self.lose_the_platform()
            }
            (Err(trouble), false) => Err(trouble),
        }
    }

    /// The disk is lost, or its store cannot be believed: the last proved backup is put back.
    pub(crate) fn lose_the_platform(&mut self) -> Result<(), Trouble> {
        let faults = self.shared.faults.clone();
        let without_photos = faults.strikes(51, &mut self.dice, 600);
        let mut site = self.shared.site();
        let Some(backup) = site.proved.last().cloned() else {
            return Ok(());
        };
        if site.restore(&backup.folder, without_photos)? {
            faults.hit(51);
        }
        drop(site);
        self.row_is_gone = false;
        self.tell_platform("restored")?;
        for number in [50, 52] {
            faults.hit(number);
        }
        Ok(())
    }

    /// An operator deletes a row that was receipted, past the platform.
    pub(crate) fn delete_row(&mut self) -> Result<(), Trouble> {
        let site = self.shared.site();
        if site.proved.is_empty() {
            return Ok(());
        }
        let store = Connection::open(site.store()).map_err(Trouble::of)?;
        store
            .pragma_update(None, "foreign_keys", false)
            .map_err(Trouble::of)?;
        let sql =
            "SELECT c.position FROM change c JOIN chain h ON h.device_id = c.device_id AND h.epoch = c.epoch
            WHERE c.seq <= h.contiguous_to ORDER BY c.position";
        let mut statement = store.prepare(sql).map_err(Trouble::of)?;
        let rows: Vec<i64> = statement
            .query_map([], |row| row.get(0))
            .and_then(Iterator::collect)
            .map_err(Trouble::of)?;
        let Some(row) = rows.get(self.dice.below(rows.len().max(1) as u64) as usize) else {
            return Ok(());
        };
        let sql = "DELETE FROM change WHERE position = ?1";
        self.row_is_gone = store.execute(sql, [row]).map_err(Trouble::of)? == 1;
        Ok(())
    }

    /// Somebody sends the platform what is built to break a reader: each is refused, and nobody else notices.
    pub(crate) fn send_junk(&mut self) -> Result<(), Trouble> {
        let site = self.shared.site();
        for junk in junk() {
            for path in ["/v1/sync", "/v1/enroll", "/v1/lifeboat"] {
                let request = Request::new(Method::Post, path, junk.clone())
                    .with("content-type", "application/vnd.grid-fieldbook");
                let answer = site.answer(&request, Carried::Whole);
                let status = answer.map_or(0, |answer| answer.status);
                if !(400..500).contains(&status) {
                    return Err(Trouble::Broken(format!("junk at {path} was answered {status}")));
                }
            }
        }
        self.shared.faults.hit(69);
        Ok(())
    }

    /// Behind the address that all phones share somebody guesses codes until no more are taken. Phones that are enrolled sync
    /// as before.
    pub(crate) fn guess_codes(&mut self) -> Result<(), Trouble> {
        let seed = self.dice.below(u64::MAX);
        let mut guesser = Vault::named(self.shared.clone(), "guesser".to_owned(), (90, 0), seed);
        let mut refused = false;
        for guess in 0..GUESSES {
            let ticket = format!("grid:http://127.0.0.1:8787#code=WRNG-{guess:04}");
            let answer = guesser.enroll_with(90, &ticket)?;
            refused |= matches!(answer, Err(EnrollError::Refused(RefusalCode::TryLater)));
        }
        if !refused {
            return Err(Trouble::Broken("codes can be guessed without end".to_owned()));
        }
        let neighbour = self.dice.below(self.vaults.len() as u64) as usize;
        let neighbour = &mut self.vaults[neighbour];
        let synced = neighbour.sync(Weather::Fair, grid_fieldbook::Budget::default());
        let outcome = synced.map(|report| report.summary.outcome);
        if outcome == Ok(grid_fieldbook::Outcome::TryLater) {
            return Err(Trouble::Broken(format!(
                "{} was kept off for what its neighbour did",
                neighbour.name
            )));
        }
        self.shared.faults.hit(47);
        Ok(())
    }
}

/// Bodies that no phone sends: bare, after each mark, and in the frames of a request.
fn junk() -> Vec<Vec<u8>> {
    let mut made = Vec::new();
    for bomb in bombs() {
        made.push(bomb.clone());
        for mark in [b"GFB1", b"GFE1", b"GFL1"] {
            made.push([mark.as_slice(), &bomb].concat());
        }
        let header = Signed {
            bytes: bomb.clone(),
            signature: vec![0; 64],
        };
        made.push(ExchangeRequest { header, body: bomb }.to_bytes());
    }
    made
}
