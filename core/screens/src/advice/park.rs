//! Advice on a record that the platform sent back.

use grid_model::Coded as _;
use grid_model::terms::ParkReason;

use super::Advice;
use crate::{Lang, Text, Worded};

const KEPT_TWICE: Text = Text::of(
    "这一条在本机和平台都有留底，别的记录不受影响",
    "The record is kept here and on the platform; no other record is held up",
);

/// Advice on a record that the platform sent back for this reason.
pub fn park_advice(reason: ParkReason, lang: Lang) -> Advice {
    let next = match reason {
        ParkReason::UnknownTask => Text::of(
            "和值班室核对任务，确认后再重试",
            "Check the task with the duty desk, then retry",
        ),
        ParkReason::NotHolder | ParkReason::PostingEnded => Text::of(
            "和值班室说明情况，由他们确认",
            "Tell the duty desk how it was; they can confirm it",
        ),
        ParkReason::TooLarge => Text::of("分成几条重新记", "Record it again in several parts"),
        ParkReason::NewerFormat => Text::of("等平台更新后再重试", "Retry once the platform has been updated"),
        ParkReason::LaneGap => Text::of("先同步一次，再重试这一条", "Sync once, then retry this record"),
        ParkReason::Unreadable => Text::of(
            "更新应用后重试；还是这样就告诉管理员",
            "Update the app and retry; if it stays so, tell the administrator",
        ),
        ParkReason::Conflict | ParkReason::Revoked | ParkReason::Unknown(_) => Text::of(
            "告诉管理员，由他核对两边的内容",
            "Tell the administrator, who can compare both sides",
        ),
    };
    let happened = match reason {
        ParkReason::Unknown(number) => Text::of(
            "平台退回了这一条（代码 {0}）",
            "the platform sent this record back (code {0})",
        )
        .fill(lang, &[&number.to_string()]),
        known => known.words(lang),
    };
    Advice::made(
        format!("parked_{}", reason.name()),
        &happened,
        KEPT_TWICE,
        next,
        lang,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::tests::is_whole;

    #[test]
    fn every_park_reason_is_three_parts() {
        for reason in ParkReason::known().iter().chain([&ParkReason::Unknown(99)]) {
            is_whole(|lang| park_advice(*reason, lang));
        }
    }
}
