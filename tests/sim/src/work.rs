//! What a worker does in the field: about twenty records a day, each named by its act, some of them odd.

use grid_fieldbook::{
    AttachmentDraft, AttachmentRef, CaseDraft, CountDraft, FieldError, FixDraft, ObservationDraft,
    PatrolDraft, ReportDraft, Saved, UrgentDraft, VisitDraft,
};
use grid_model::Point;
use grid_model::TaskStatus;
use grid_model::terms::{
    AttachmentRole, CaseKind, CountKind, Milestone, ObservationKind, PatrolType, Proof, ReportResult,
    Transport,
};

use crate::Trouble;
use crate::vault::Vault;

const POST: &str = "DL-01";
/// Texts that something mangled once: a BOM, a rare character, marks, right to left, an empty-looking one.
const ODD_TEXTS: [&str; 5] = [
    "\u{feff}",
    "𠮷野家",
    "e\u{301}\u{301}\u{301}",
    "\u{202e}abc",
    "\u{200b}",
];

fn point() -> Option<Point> {
    Point::checked(397_512_345, 1_237_312_345, Some(50))
}

impl Vault {
    pub(crate) fn next_act(&mut self) -> String {
        self.acts += 1;
        format!("{}-act{}", self.name, self.acts)
    }

    /// Records one thing. Answers whether it was saved.
    pub(crate) fn work(&mut self) -> Result<bool, Trouble> {
        match self.dice.below(20) {
            0..=6 => self.count(),
            7..=10 => self.observe(),
            11 | 12 => self.walk(),
            13 => self.found(),
            14 => self.rescue(),
            15 | 16 => self.further_on_a_case(),
            _ => self.on_a_task(),
        }
    }

    fn count(&mut self) -> Result<bool, Trouble> {
        let act = self.next_act();
        let kinds = [
            CountKind::IslandEntryCheck,
            CountKind::Publicity,
            CountKind::Rescued,
        ];
        let kind = kinds[self.dice.below(3) as usize];
        let correction = self.dice.chance(120);
        let value = if correction {
            -1
        } else {
            1 + self.dice.below(5) as i64
        };
        let draft = CountDraft {
            kind,
            value,
            post: act.clone(),
            patrol: self.patrol,
            reason: correction.then(|| format!("多点了一次 {act}")),
        };
        if correction {
            self.shared.faults.hit(78);
        }
        let answer = self.book()?.count(draft);
        self.kept((act, "count"), Some((kind, value)), Vec::new(), answer)
    }

    fn observe(&mut self) -> Result<bool, Trouble> {
        let Some(patrol) = self.patrol else {
            return self.walk();
        };
        let act = self.next_act();
        let photos = self.photos(&act, 150)?;
        let mut note = format!("看到异常 {act}");
        if self.dice.chance(100) {
            self.shared.faults.hit(67);
            note.push_str(ODD_TEXTS[self.dice.below(5) as usize]);
        }
        if self.dice.chance(20) {
            // Refused by its field, and nothing is there.
            self.shared.faults.hit(66);
            let long = "长".repeat(70_000);
            let draft = observation(long, Vec::new());
            let answer = self.book()?.observe(patrol, draft);
            if !matches!(answer, Err(FieldError::InvalidInput { .. })) {
                return Err(Trouble::Broken(format!(
                    "a text over its limit was not refused: {answer:?}"
                )));
            }
        }
        let answer = self.book()?.observe(patrol, observation(note, photos.clone()));
        let named = photos.iter().map(AttachmentRef::sha256).collect();
        let saved = self.kept((act, "observe"), None, named, answer)?;
        if saved && photos.len() > 1 {
            self.shared.faults.hit(76);
        }
        Ok(saved)
    }

    /// Photos kept before the record that names them; sometimes one of them twice.
    fn photos(&mut self, act: &str, per_mille: u64) -> Result<Vec<AttachmentRef>, Trouble> {
        if !self.dice.chance(per_mille) {
            return Ok(Vec::new());
        }
        let mut content = vec![0; 300 + self.dice.below(6_000) as usize];
        self.dice.fill(&mut content);
        content.extend(act.as_bytes());
        let twice = self.dice.chance(200);
        let draft = AttachmentDraft {
            role: AttachmentRole::After,
            mime: "image/jpeg".to_owned(),
            point: point(),
            content,
        };
        match self.book()?.attach(draft) {
            Ok(photo) if twice => Ok(vec![photo.clone(), photo]),
            Ok(photo) => Ok(vec![photo]),
            // The worker goes on without it.
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Begins a patrol, goes on with it, or ends it.
    fn walk(&mut self) -> Result<bool, Trouble> {
        let act = self.next_act();
        let Some(patrol) = self.patrol else {
            let draft = PatrolDraft {
                patrol_type: PatrolType::Coastline,
                transport: Transport::Foot,
                post: POST.to_owned(),
                point: point(),
            };
            let answer = self
                .book()?
                .start_patrol(draft)
                .map(|(patrol, saved)| (Some(patrol), saved));
            let (patrol, answer) = parted(answer);
            let saved = self.kept((act, "start_patrol"), None, Vec::new(), answer)?;
            self.patrol = patrol;
            return Ok(saved);
        };
        for step in 0..self.dice.below(20) as i32 {
            let fix = FixDraft {
                lat_e7: 397_512_345 + step * 90,
                lon_e7: 1_237_312_345,
                accuracy_dm: 50,
                speed_cms: 120,
            };
            let _ = self.book()?.record_fix(patrol, fix);
            self.shared.now.pass(5_000);
        }
        if self.dice.chance(50) {
            // No place on earth: refused by its field.
            self.shared.faults.hit(68);
            let nowhere = FixDraft {
                lat_e7: 910_000_000,
                lon_e7: i32::MAX,
                accuracy_dm: 0,
                speed_cms: 0,
            };
            if self.book()?.record_fix(patrol, nowhere).is_ok() {
                return Err(Trouble::Broken("a latitude of 91 degrees was kept".to_owned()));
            }
        }
        if self.dice.chance(300) {
            let answer = self.book()?.end_patrol(patrol);
            let gone = answer.is_ok();
            let saved = self.kept((act, "end_patrol"), None, Vec::new(), answer)?;
            if gone {
                self.patrol = None;
            }
            return Ok(saved);
        }
        let draft = VisitDraft {
            checkpoint: act.clone(),
            proof: Proof::Gps,
            point: point(),
            unlocated_reason: None,
        };
        let answer = self.book()?.visit(patrol, draft);
        self.kept((act, "visit"), None, Vec::new(), answer)
    }

    fn found(&mut self) -> Result<bool, Trouble> {
        let act = self.next_act();
        let photos = self.photos(&act, 300)?;
        let named = photos.iter().map(AttachmentRef::sha256).collect();
        let draft = CaseDraft {
            case_kind: CaseKind::Hazard,
            title: "护栏松动".to_owned(),
            description: format!("护栏松动 {act}"),
            place_text: "一号码头".to_owned(),
            point: point(),
            dispute: None,
            attachments: photos,
        };
        let (case, answer) = parted(
            self.book()?
                .report_case(draft)
                .map(|(case, saved)| (Some(case), saved)),
        );
        self.cases.extend(case);
        self.kept((act, "report_case"), None, named, answer)
    }

    fn rescue(&mut self) -> Result<bool, Trouble> {
        let act = self.next_act();
        let draft = UrgentDraft {
            title: format!("落水 {act}"),
            place_text: "前滩".to_owned(),
            point: point(),
        };
        let (case, answer) = parted(
            self.book()?
                .start_urgent(draft)
                .map(|(case, saved)| (Some(case), saved)),
        );
        let saved = self.kept((act, "start_urgent"), None, Vec::new(), answer)?;
        if let (true, Some(case)) = (saved, case) {
            self.shared.now.pass(60_000);
            let act = self.next_act();
            let answer = self.book()?.urgent_milestone(case, Milestone::OnScene);
            return self.kept((act, "milestone"), None, Vec::new(), answer);
        }
        Ok(saved)
    }

    fn further_on_a_case(&mut self) -> Result<bool, Trouble> {
        if self.cases.is_empty() {
            return self.found();
        }
        let case = self.cases[self.dice.below(self.cases.len() as u64) as usize];
        let act = self.next_act();
        let draft = ReportDraft::new(ReportResult::Solved, format!("已处理完毕，现场已恢复 {act}"));
        let answer = self.book()?.submit_case(case, draft);
        self.kept((act, "submit_case"), None, Vec::new(), answer)
    }

    /// The next step of the oldest open task.
    fn on_a_task(&mut self) -> Result<bool, Trouble> {
        let tasks = self.book()?.tasks(true, 10).map_err(Trouble::of)?;
        let Some(task) = tasks.get(self.dice.below(tasks.len().max(1) as u64) as usize) else {
            return self.count();
        };
        let (id, status) = (task.id, task.status);
        if !self.tasks_seen.contains(&id) {
            self.tasks_seen.push(id);
        }
        let act = self.next_act();
        let (kind, answer) = match status {
            TaskStatus::Assigned => ("accept", self.book()?.accept(id)),
            TaskStatus::Accepted => ("arrive", self.book()?.arrive(id, point())),
            _ => {
                let photos = self.photos(&act, 300)?;
                let mut draft =
                    ReportDraft::new(ReportResult::Solved, format!("已处理，现场已清理干净 {act}"));
                let named = photos.iter().map(AttachmentRef::sha256).collect();
                draft.attachments = photos;
                let answer = self.book()?.submit(id, draft);
                return self.kept((act, "submit"), None, named, answer);
            }
        };
        self.kept((act, kind), None, Vec::new(), answer)
    }
}

fn observation(note: String, attachments: Vec<AttachmentRef>) -> ObservationDraft {
    ObservationDraft {
        kind: ObservationKind::Hazard,
        note,
        point: point(),
        attachments,
    }
}

/// What was made, and the answer without it.
fn parted<T>(answer: Result<(Option<T>, Saved), FieldError>) -> (Option<T>, Result<Saved, FieldError>) {
    match answer {
        Ok((made, saved)) => (made, Ok(saved)),
        Err(error) => (None, Err(error)),
    }
}
