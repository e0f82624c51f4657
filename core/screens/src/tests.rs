//! Every term of the domain has words in both languages.

use std::collections::BTreeSet;

use grid_model::lane::{ChangeKind, LaneKind};
use grid_model::terms::*;
use grid_model::time::ClockQuality;
use grid_model::{Coded, ExtensionState, TaskEvent, TaskStatus};

use crate::{Lang, Worded, unit};

pub(crate) fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && text.trim() == text
}

pub(crate) fn is_english(text: &str) -> bool {
    let cjk = |c: char| ('\u{3000}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c);
    !text.is_empty() && !text.chars().any(cjk) && text.trim() == text
}

fn has_words<T: Coded + Worded>(unseen: T) {
    assert!(!T::known().is_empty());
    let mut seen = BTreeSet::new();
    for term in T::known() {
        let (zh, en) = (term.words(Lang::Zh), term.words(Lang::En));
        assert!(is_chinese(&zh), "{}: {zh}", term.name());
        assert!(is_english(&en), "{}: {en}", term.name());
        // A worker who reads the words must know which term is meant, and may type them.
        assert!(seen.insert(zh.clone()), "{}: {zh} names two terms", term.name());
        assert!(T::from_name(&zh).is_none(), "{zh} is a code name, too");
    }
    for lang in [Lang::Zh, Lang::En] {
        assert!(
            unseen.words(lang).contains(&unseen.code().to_string()),
            "an unseen code shows its number"
        );
    }
}

#[test]
fn every_term_has_words_in_both_languages() {
    macro_rules! each { ($($Type:ty),* $(,)?) => { $( has_words(<$Type>::Unknown(60_001)); )* } }
    each!(
        CaseKind,
        Level,
        DisputeType,
        Scale,
        PartyRole,
        ReportResult,
        Measure,
        PartyTold,
        AgreementForm,
        PatrolType,
        Transport,
        Proof,
        UnlocatedReason,
        ObservationKind,
        CountKind,
        Milestone,
        AttachmentRole,
        ReviewFailReason,
        Role,
        ParkReason,
        RowKind,
        RefusalCode,
        TaskStatus,
        TaskEvent,
        ExtensionState,
        LaneKind,
        ChangeKind,
        ClockQuality,
    );
}

#[test]
fn every_count_has_its_unit() {
    for kind in CountKind::known() {
        assert!(is_chinese(unit(*kind, 2, Lang::Zh)), "{}", kind.name());
        assert!(is_english(unit(*kind, 2, Lang::En)), "{}", kind.name());
    }
    assert_eq!(unit(CountKind::Rescued, -1, Lang::En), "person-time");
    assert_eq!(unit(CountKind::Unknown(9), 1, Lang::En), "");
}

#[test]
fn the_labels_of_the_domain_stand_as_they_are_agreed() {
    let zh: Vec<String> = TaskStatus::known()
        .iter()
        .map(|status| status.words(Lang::Zh))
        .collect();
    assert_eq!(
        zh,
        [
            "待签收",
            "已签收",
            "处置中",
            "待复查",
            "退回重办",
            "挂账",
            "已上报",
            "已退单",
            "已收回",
            "已作废",
            "已办结"
        ]
    );
}
