//! Photos: which record names how many, and what each of them shows.

use crate::dice::Dice;
use crate::plan::{Action, Photo, Shot, What};
use crate::scenario::Fields;

/// Where photos belong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Album {
    Observations,
    TaskReports,
    CaseBirths,
    CaseReports,
    UrgentReports,
}

/// Hands the photos out to the records, in the order of time.
pub(super) fn hand_out(dice: &mut Dice, fields: &Fields, actions: &mut [Action]) -> Vec<Photo> {
    let mut wanted = vec![0_usize; actions.len()];
    let numbers = &fields.photos;
    for (album, many) in [
        (Album::Observations, numbers.in_observations),
        (Album::TaskReports, numbers.in_task_reports),
        (Album::CaseBirths, numbers.in_case_births),
        (Album::CaseReports, numbers.in_case_reports),
        (Album::UrgentReports, numbers.in_urgent_reports),
    ] {
        let mut records: Vec<usize> = (0..actions.len())
            .filter(|&at| album_of(&actions[at].what) == Some(album))
            .collect();
        dice.shuffle(&mut records);
        if album == Album::Observations {
            // Most observations need no photo: four in ten share them.
            records.truncate((records.len() * 4).div_ceil(10));
        }
        for at in dice.hand_out(many as usize, records.len()) {
            wanted[records[at]] += 1;
        }
    }
    let mut photos = Vec::new();
    for (action, many) in actions.iter_mut().zip(wanted) {
        take(action, many, &mut photos);
    }
    photos
}

fn album_of(what: &What) -> Option<Album> {
    match what {
        What::Observe { .. } => Some(Album::Observations),
        What::Submit { .. } => Some(Album::TaskReports),
        What::ReportCase { .. } => Some(Album::CaseBirths),
        What::SubmitCase { .. } => Some(Album::CaseReports),
        What::SubmitUrgent { .. } => Some(Album::UrgentReports),
        _ => None,
    }
}

fn take(action: &mut Action, many: usize, photos: &mut Vec<Photo>) {
    let point = action.what.point();
    let roles: Vec<&str> = (0..many).map(|index| role(&action.what, index, many)).collect();
    let (officer, taken_at_ms) = (action.officer, action.at_ms);
    let Some(shots) = action.what.photos_mut() else {
        return;
    };
    for role in roles {
        shots.push(Shot {
            photo: photos.len() as u32,
            role: role.to_owned(),
            point,
        });
        photos.push(Photo {
            officer,
            taken_at_ms,
            role: role.to_owned(),
        });
    }
}

/// What the n-th of so many photos of a record shows.
fn role(what: &What, index: usize, many: usize) -> &'static str {
    match what {
        What::SubmitCase { report, .. } if index == 0 && report.agreement.as_deref() == Some("written") => {
            "agreement"
        }
        What::Submit { .. } if index * 2 < many => "before",
        What::ReportCase { .. } => "before",
        What::Observe { .. } => "during",
        What::SubmitUrgent { .. } if index == 0 => "during",
        _ => "after",
    }
}
