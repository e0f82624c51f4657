//! What a sync changed, in words: one line for each thing that a worker should look at.

use grid_fieldbook::{Change, Changes, TaskNews};
use grid_model::TaskStatus;

use crate::times::due_moment;
use crate::{Lang, Phrase, Worded, record_card};

/// What changed, a line each; how many more there are comes last.
pub fn change_lines(changes: &Changes, now_ms: i64, lang: Lang) -> Vec<String> {
    let mut lines: Vec<String> = changes
        .items
        .iter()
        .flat_map(|change| change_in_words(change, now_ms, lang))
        .collect();
    if changes.more > 0 {
        lines.push(Phrase::MoreChanges.fill(lang, &[&changes.more.to_string()]));
    }
    lines
}

fn change_in_words(change: &Change, now_ms: i64, lang: Lang) -> Vec<String> {
    match change {
        Change::Task { no, title, news, .. } => {
            let which = format!("{no} {title}");
            let is_recalled =
                |news: &TaskNews| matches!(news, TaskNews::Status { to, .. } if *to == TaskStatus::Recalled);
            let recalled = news.iter().any(is_recalled);
            let line = |news: &TaskNews| {
                let said = match news {
                    TaskNews::ReportKeptBeside if recalled => Phrase::LateReportKept.get(lang).to_owned(),
                    news => news_in_words(news, now_ms, lang),
                };
                Phrase::TaskChanged.fill(lang, &[&which, &said])
            };
            news.iter().map(line).collect()
        }
        Change::SentBack { record, reason } => {
            let told = Phrase::RecordSentBack.fill(lang, &[&record.seq.to_string(), &reason.words(lang)]);
            let words = record_card(record, now_ms, lang).words;
            vec![match words.trim() {
                "" => told,
                words => format!("{told} · {words}"),
            }]
        }
    }
}

fn news_in_words(news: &TaskNews, now_ms: i64, lang: Lang) -> String {
    match news {
        TaskNews::New { due_at_ms } => Phrase::NewTask.fill(lang, &[&due_moment(*due_at_ms, now_ms, lang)]),
        TaskNews::Status { from, to, reason } => {
            let moved = Phrase::TaskMoved.fill(lang, &[&from.words(lang), &to.words(lang)]);
            match reason {
                Some(reason) => Phrase::WithReason.fill(lang, &[&moved, reason]),
                None => moved,
            }
        }
        TaskNews::Due { to_ms, .. } => Phrase::DueMoved.fill(lang, &[&due_moment(*to_ms, now_ms, lang)]),
        TaskNews::Text => Phrase::TaskReworded.get(lang).to_owned(),
        TaskNews::ReportKeptBeside => Phrase::ReportKeptBeside.get(lang).to_owned(),
        TaskNews::Extension { state, answer } => {
            let said = state.words(lang);
            match answer {
                Some(answer) => Phrase::WithReason.fill(lang, &[&said, answer]),
                None => said,
            }
        }
        TaskNews::Gone => Phrase::TaskGone.get(lang).to_owned(),
    }
}
