//! How the vault stands: the one line a worker reads, and why something waits.

use grid_fieldbook::{RecordState, RecordView, Status, SyncPlan, SyncReport};

use crate::advice::capital;
use crate::times::ago;
use crate::{Lang, Phrase, Worded, park_advice, size};

/// The one line: `全部已存本机 · 待传 12 · 最早 2 天前`. It names only what is there.
pub fn status_line(status: &Status, now_ms: i64, lang: Lang) -> String {
    let number = |phrase: Phrase, n: u64| (n > 0).then(|| phrase.fill(lang, &[&n.to_string()]));
    let total = status.saved + status.received + status.parked;
    let first = match (total, status.saved + status.parked) {
        (0, _) => Phrase::NothingYet.get(lang).to_owned(),
        (_, 0) => Phrase::AllReceived.fill(lang, &[&total.to_string()]),
        _ => Phrase::AllSaved.get(lang).to_owned(),
    };
    let oldest = status
        .oldest_at_ms
        .map(|at_ms| Phrase::Oldest.fill(lang, &[&ago(at_ms, now_ms, lang)]));
    let parts = [
        Some(first),
        number(Phrase::ToSend, status.saved),
        oldest,
        number(Phrase::SentBackCount, status.parked),
        number(Phrase::PhotosToSend, status.photos_waiting),
        number(Phrase::PhotosNotTaken, status.photos_failed),
        status
            .worker
            .is_none()
            .then(|| Phrase::NotEnrolledYet.get(lang).to_owned()),
    ];
    capital(&parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// Why something still waits on this phone, one sentence a cause; `parked` are the records sent back.
pub fn why(status: &Status, parked: &[RecordView], now_ms: i64, lang: Lang) -> Vec<String> {
    let mut causes = Vec::new();
    let waiting = status.saved.to_string();
    match (status.worker.is_some(), status.last_contact_ms) {
        (false, _) => causes.push(Phrase::WhyNotEnrolled.get(lang).to_owned()),
        (true, _) if status.saved == 0 => {}
        (true, None) => causes.push(Phrase::WhyNeverMet.fill(lang, &[&waiting])),
        (true, Some(at_ms)) => {
            causes.push(Phrase::WhyWaiting.fill(lang, &[&ago(at_ms, now_ms, lang), &waiting]))
        }
    }
    for record in parked {
        if let RecordState::Parked(reason) = record.state {
            let (seq, kind) = (record.seq.to_string(), record.kind.words(lang));
            let next = park_advice(reason, lang).next;
            causes.push(Phrase::WhySentBack.fill(lang, &[&seq, &kind, &reason.words(lang), &next]));
        }
    }
    for (phrase, photos) in [
        (Phrase::WhyPhotos, status.photos_waiting),
        (Phrase::WhyPhotosFailed, status.photos_failed),
    ] {
        if photos > 0 {
            causes.push(phrase.fill(lang, &[&photos.to_string()]));
        }
    }
    if status.open_patrol.is_some() {
        causes.push(Phrase::WhyOpenPatrol.get(lang).to_owned());
    }
    if causes.is_empty() {
        causes.push(Phrase::WhyNothing.get(lang).to_owned());
    }
    causes
}

/// What a sync did, in one line: `平台已收 12 条 · 照片 3 张 · 上行 14 KB，下行 2 KB`.
pub fn sync_line(report: &SyncReport, lang: Lang) -> String {
    let counts = [
        (Phrase::SyncReceived, report.received),
        (Phrase::SyncSentBack, report.parked),
        (Phrase::SyncPhotos, report.photos_done),
        (Phrase::SyncPulled, report.pulled),
        (Phrase::SyncOfferedAgain, report.offered_again),
    ];
    let mut parts: Vec<String> = counts
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(phrase, number)| phrase.fill(lang, &[&number.to_string()]))
        .collect();
    if report.branched {
        parts.push(Phrase::SyncBranched.get(lang).to_owned());
    }
    if report.repaired {
        parts.push(Phrase::SyncRepaired.get(lang).to_owned());
    }
    if parts.is_empty() {
        parts.push(Phrase::SyncNothing.get(lang).to_owned());
    }
    let traffic = [size(report.summary.bytes_up), size(report.summary.bytes_down)];
    parts.push(Phrase::SyncTraffic.fill(lang, &[&traffic[0], &traffic[1]]));
    capital(&parts.join(" · "))
}

/// What a sync within a budget would send, said before it starts.
pub fn plan_line(plan: &SyncPlan, lang: Lang) -> String {
    let numbers = |a: u64, b: u64| [a.to_string(), b.to_string()];
    let goes = numbers(plan.records_go, plan.photos_go);
    let mut parts = vec![Phrase::PlanGoes.fill(lang, &[&size(plan.bytes), &goes[0], &goes[1]])];
    if plan.records_stay + plan.photos_stay > 0 {
        let stays = numbers(plan.records_stay, plan.photos_stay);
        parts.push(Phrase::PlanStays.fill(lang, &[&stays[0], &stays[1]]));
    }
    capital(&parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use grid_model::id::{DeviceId, PatrolId, Seq};
    use grid_model::lane::{ChangeKind, Lane};
    use grid_model::terms::ParkReason;

    use super::*;

    const NOW: i64 = 1_767_571_200_000;
    const DAY: i64 = 24 * 3_600_000;

    fn empty() -> Status {
        Status {
            device: DeviceId([1; 16]),
            worker: Some((
                "民警 P01".into(),
                "P01".into(),
                "大鹿岛边境派出所".into(),
                "一号机".into(),
            )),
            server: Some("https://grid.example:8443".into()),
            saved: 0,
            received: 0,
            parked: 0,
            oldest_at_ms: None,
            photos_waiting: 0,
            photos_stored: 0,
            photos_failed: 0,
            last_contact_ms: None,
            open_patrol: None,
        }
    }

    #[test]
    fn the_line_is_calm_and_names_only_what_is_there() {
        let line = |status: &Status, lang| status_line(status, NOW, lang);
        let waiting = Status {
            saved: 12,
            received: 30,
            oldest_at_ms: Some(NOW - 2 * DAY),
            ..empty()
        };
        assert_eq!(line(&waiting, Lang::Zh), "全部已存本机 · 待传 12 · 最早 2 天前");
        assert_eq!(
            line(&waiting, Lang::En),
            "All saved on this phone · 12 to send · oldest 2 days ago"
        );
        let settled = Status {
            received: 42,
            ..empty()
        };
        assert_eq!(line(&settled, Lang::Zh), "全部平台已收 · 共 42 条");
        let mixed = Status {
            received: 9,
            parked: 1,
            photos_waiting: 3,
            photos_failed: 1,
            ..empty()
        };
        assert_eq!(
            line(&mixed, Lang::Zh),
            "全部已存本机 · 被退回 1 · 照片待传 3 · 照片未收 1"
        );
        assert_eq!(
            line(
                &Status {
                    worker: None,
                    ..empty()
                },
                Lang::Zh
            ),
            "还没有记录 · 尚未登记"
        );
    }

    #[test]
    fn every_cause_of_waiting_has_its_sentence() {
        let parked = RecordView {
            seq: Seq(7),
            lane: Lane::patrol(PatrolId([2; 16])),
            kind: ChangeKind::Counted,
            words: String::new(),
            recorded_at_ms: NOW,
            state: RecordState::Parked(ParkReason::NotHolder),
            photos: 0,
        };
        let status = Status {
            saved: 2,
            parked: 1,
            photos_waiting: 3,
            photos_failed: 1,
            last_contact_ms: Some(NOW - DAY),
            open_patrol: Some(PatrolId([2; 16])),
            ..empty()
        };
        let causes = why(&status, &[parked], NOW, Lang::Zh);
        assert_eq!(causes.len(), 5);
        assert_eq!(causes[0], "上次联系是 1 天前，有 2 条记录等下一次同步。");
        assert!(
            causes[1].starts_with("第 7 条（计数）：这项任务当时不在你名下。"),
            "{}",
            causes[1]
        );
        assert_eq!(why(&empty(), &[], NOW, Lang::En), ["Nothing is waiting."]);
        assert_eq!(
            why(
                &Status {
                    worker: None,
                    ..empty()
                },
                &[],
                NOW,
                Lang::Zh
            )
            .len(),
            1
        );
    }
}
