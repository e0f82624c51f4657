//! One officer's vault on one phone, fed with the plan's actions.

use std::collections::BTreeMap;

use grid_fieldbook::{
    AttachmentDraft, AttachmentRef, CaseDraft, CountDraft, DisputeDraft, FieldBook, FieldError, FixDraft,
    ObservationDraft, PatrolDraft, ReportDraft, UrgentDraft, VisitDraft,
};
use grid_model::id::{CaseId, PatrolId, TaskId};
use grid_model::terms::AttachmentRole;
use grid_model::{Coded, Point};
use grid_scenario::Plan;
use grid_scenario::plan::{Birth, Report, Shot, What};

use crate::PlayError;

/// An officer with his field book.
pub(crate) struct Vault {
    /// Job number, which the tally knows him by.
    pub(crate) job_no: String,
    /// Index in the plan.
    pub(crate) officer: usize,
    /// His durable record.
    pub(crate) book: FieldBook,
    patrols: BTreeMap<u32, PatrolId>,
    cases: BTreeMap<u32, CaseId>,
    /// Task ids by the plan's index, as far as this phone knows them.
    tasks: BTreeMap<u32, TaskId>,
}

impl Vault {
    /// A vault that has done nothing yet.
    pub(crate) fn new(job_no: String, officer: usize, book: FieldBook) -> Self {
        let (patrols, cases, tasks) = Default::default();
        Self {
            job_no,
            officer,
            book,
            patrols,
            cases,
            tasks,
        }
    }

    /// Tells the vault which of its tasks is which of the plan's.
    pub(crate) fn knows(&mut self, task: u32, id: TaskId) {
        self.tasks.insert(task, id);
    }

    /// Does what the plan says. The phone's clock stands at the action's time.
    pub(crate) fn act(&mut self, plan: &Plan, what: &What) -> Result<(), PlayError> {
        match what {
            What::StartPatrol {
                patrol,
                patrol_type,
                transport,
                post,
                point,
            } => {
                let draft = PatrolDraft {
                    patrol_type: term(patrol_type)?,
                    transport: term(transport)?,
                    post: post.clone(),
                    point: place(*point),
                };
                let (id, _) = self.book.start_patrol(draft)?;
                self.patrols.insert(*patrol, id);
            }
            What::Fix {
                patrol,
                lat_e7,
                lon_e7,
                accuracy_dm,
                speed_cms,
            } => {
                let (lat_e7, lon_e7, accuracy_dm, speed_cms) = (*lat_e7, *lon_e7, *accuracy_dm, *speed_cms);
                self.book.record_fix(
                    self.patrol(*patrol)?,
                    FixDraft {
                        lat_e7,
                        lon_e7,
                        accuracy_dm,
                        speed_cms,
                    },
                )?;
            }
            What::Visit {
                patrol,
                checkpoint,
                proof,
                point,
                unlocated_reason,
            } => {
                let draft = VisitDraft {
                    checkpoint: checkpoint.clone(),
                    proof: term(proof)?,
                    point: place(*point),
                    unlocated_reason: unlocated_reason.as_deref().map(term).transpose()?,
                };
                self.book.visit(self.patrol(*patrol)?, draft)?;
            }
            What::Observe {
                patrol,
                kind,
                note,
                point,
                photos,
            } => {
                let attachments = self.shoot(plan, photos)?;
                let draft = ObservationDraft {
                    kind: term(kind)?,
                    note: note.clone(),
                    point: place(*point),
                    attachments,
                };
                self.book.observe(self.patrol(*patrol)?, draft)?;
            }
            What::Count {
                kind,
                value,
                post,
                patrol,
                reason,
            } => {
                let patrol = patrol.map(|patrol| self.patrol(patrol)).transpose()?;
                let (kind, value) = (term(kind)?, *value);
                self.book.count(CountDraft {
                    kind,
                    value,
                    post: post.clone(),
                    patrol,
                    reason: reason.clone(),
                })?;
            }
            What::Pause { patrol } => drop(self.book.pause_patrol(self.patrol(*patrol)?)?),
            What::Resume { patrol } => drop(self.book.resume_patrol(self.patrol(*patrol)?)?),
            What::End { patrol } => drop(self.book.end_patrol(self.patrol(*patrol)?)?),
            What::Accept { .. } | What::Arrive { .. } | What::Submit { .. } => {
                self.work_on_task(plan, what)?
            }
            What::ReportCase { .. }
            | What::SubmitCase { .. }
            | What::StartUrgent { .. }
            | What::Milestone { .. }
            | What::SubmitUrgent { .. } => self.work_on_case(plan, what)?,
        }
        Ok(())
    }

    fn work_on_task(&mut self, plan: &Plan, what: &What) -> Result<(), PlayError> {
        match what {
            What::Accept { task } => drop(self.book.accept(self.task(*task)?)?),
            What::Arrive { task, point } => drop(self.book.arrive(self.task(*task)?, place(*point))?),
            What::Submit { task, report } => {
                let draft = self.report(plan, report)?;
                self.book.submit(self.task(*task)?, draft)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn work_on_case(&mut self, plan: &Plan, what: &What) -> Result<(), PlayError> {
        match what {
            What::ReportCase { case, birth } => {
                let draft = self.birth(plan, birth)?;
                let (id, _) = self.book.report_case(draft)?;
                self.cases.insert(*case, id);
            }
            What::StartUrgent {
                case,
                title,
                place_text,
                point,
            } => {
                let draft = UrgentDraft {
                    title: title.clone(),
                    place_text: place_text.clone(),
                    point: place(*point),
                };
                let (id, _) = self.book.start_urgent(draft)?;
                self.cases.insert(*case, id);
            }
            What::Milestone { case, milestone } => {
                self.book.urgent_milestone(self.case(*case)?, term(milestone)?)?;
            }
            What::SubmitCase { case, report } | What::SubmitUrgent { case, report } => {
                let draft = self.report(plan, report)?;
                self.book.submit_case(self.case(*case)?, draft)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn birth(&self, plan: &Plan, birth: &Birth) -> Result<CaseDraft, PlayError> {
        let dispute = birth.dispute.as_ref().map(|dispute| {
            let parties = dispute
                .parties
                .iter()
                .map(|party| Ok((term(&party.role)?, party.label.clone())));
            Ok::<_, PlayError>(DisputeDraft {
                dispute_type: term(&dispute.dispute_type)?,
                scale: term(&dispute.scale)?,
                involved_count: dispute.involved_count,
                parties: parties.collect::<Result<_, PlayError>>()?,
            })
        });
        Ok(CaseDraft {
            case_kind: term(&birth.case_kind)?,
            title: birth.title.clone(),
            description: birth.description.clone(),
            place_text: birth.place_text.clone(),
            point: place(birth.point),
            dispute: dispute.transpose()?,
            attachments: self.shoot(plan, &birth.photos)?,
        })
    }

    fn report(&self, plan: &Plan, report: &Report) -> Result<ReportDraft, PlayError> {
        Ok(ReportDraft {
            result: term(&report.result)?,
            measures: report
                .measures
                .iter()
                .map(|measure| term(measure))
                .collect::<Result<_, _>>()?,
            narrative: report.narrative.clone(),
            party_told: report.party_told.as_deref().map(term).transpose()?,
            agreement: report.agreement.as_deref().map(term).transpose()?,
            self_handled: report.self_handled,
            point: place(report.point),
            attachments: self.shoot(plan, &report.photos)?,
        })
    }

    /// Takes the photos: real JPEGs, kept before the record that names them.
    fn shoot(&self, plan: &Plan, shots: &[Shot]) -> Result<Vec<AttachmentRef>, PlayError> {
        let shoot = |shot: &Shot| {
            let content = plan.photo_jpeg(shot.photo as usize);
            let role: AttachmentRole = term(&shot.role)?;
            let draft = AttachmentDraft {
                role,
                mime: "image/jpeg".to_owned(),
                point: place(shot.point),
                content,
            };
            Ok(self.book.attach(draft)?)
        };
        shots.iter().map(shoot).collect()
    }

    fn patrol(&self, patrol: u32) -> Result<PatrolId, PlayError> {
        self.patrols.get(&patrol).copied().ok_or(PlayError::Plan(
            "一次没有开始的巡逻 / a patrol that was not started",
        ))
    }

    fn case(&self, case: u32) -> Result<CaseId, PlayError> {
        self.cases
            .get(&case)
            .copied()
            .ok_or(PlayError::Plan("一件没有立起的事项 / a case that was not born"))
    }

    fn task(&self, task: u32) -> Result<TaskId, PlayError> {
        self.tasks.get(&task).copied().ok_or(PlayError::Plan(
            "一项没有到手机的任务 / a task that did not reach the phone",
        ))
    }
}

/// A term by its name; the plan uses the domain's names.
pub(crate) fn term<T: Coded>(name: &str) -> Result<T, PlayError> {
    let known = T::from_name(name).filter(|term| T::known().contains(term));
    known.ok_or_else(|| PlayError::Term(name.to_owned()))
}

fn place(point: Option<grid_scenario::plan::Point>) -> Option<Point> {
    point.and_then(|p| Point::checked(p.lat_e7, p.lon_e7, p.accuracy_dm))
}

impl From<FieldError> for PlayError {
    fn from(error: FieldError) -> Self {
        Self::Phone(error.to_string())
    }
}
