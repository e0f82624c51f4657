//! What did not go as asked: three parts for a person, a code for a script, an exit code for the shell.

use grid_fieldbook::{EnrollError, FieldError, TicketError};
use grid_screens::{Advice, Lang, Text, enroll_advice, field_advice, ticket_advice};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::say::Say;
use crate::table::{Paint, Tint, clean};

/// What did not go as asked.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) advice: Box<Advice>,
    pub(crate) exit: Exit,
    /// A command or a file that helps.
    pub(crate) hint: Option<String>,
}

/// What only a terminal can come upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Snag {
    /// Nothing says where the user's data lies.
    NoHome,
    /// There is no vault in this folder.
    NoVault,
    /// The folder for the vault cannot be made.
    NoFolder,
    /// A file to attach cannot be read.
    FileUnreadable,
    /// A file to attach is no photo, voice note or paper.
    FileKind,
    /// A text is no position.
    NotAPosition,
    /// A text is no day, and no day with a time.
    NotATime,
    /// A text is no party.
    NotAParty,
    /// More than one thing begins with this.
    Ambiguous,
    /// A fingerprint is not 64 hexadecimal digits.
    NotAFingerprint,
    /// A photo's number is not 64 hexadecimal digits.
    NotAPhoto,
    /// No patrol is open.
    NoOpenPatrol,
    /// No rescue was started here.
    NoUrgent,
    /// A file cannot be written.
    FileUnwritable,
}

impl Snag {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 14] = [
        Self::NoHome,
        Self::NoVault,
        Self::NoFolder,
        Self::FileUnreadable,
        Self::FileKind,
        Self::NotAPosition,
        Self::NotATime,
        Self::NotAParty,
        Self::Ambiguous,
        Self::NotAFingerprint,
        Self::NotAPhoto,
        Self::NoOpenPatrol,
        Self::NoUrgent,
        Self::FileUnwritable,
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::NoHome => "no_home",
            Self::NoVault => "no_vault",
            Self::NoFolder => "no_folder",
            Self::FileUnreadable => "file_unreadable",
            Self::FileKind => "file_kind",
            Self::NotAPosition => "not_a_position",
            Self::NotATime => "not_a_time",
            Self::NotAParty => "not_a_party",
            Self::Ambiguous => "ambiguous",
            Self::NotAFingerprint => "not_a_fingerprint",
            Self::NotAPhoto => "not_a_photo",
            Self::NoOpenPatrol => "no_open_patrol",
            Self::NoUrgent => "no_urgent",
            Self::FileUnwritable => "file_unwritable",
        }
    }

    /// What happened and what to do; `{0}` is what was given.
    #[rustfmt::skip]
    const fn texts(self) -> [Text; 2] {
        match self {
            Self::NoHome => [
                Text::of("不知道外勤簿该放在哪里", "There is no telling where the field book should be"),
                Text::of("用 --vault 指定一个文件夹", "Name a folder with --vault"),
            ],
            Self::NoVault => [
                Text::of("这里还没有外勤簿：{0}", "There is no field book here yet: {0}"),
                Text::of("核对 --vault；新的外勤簿在登记或记第一条时建立", "Check --vault; a new one is made at enrolment or with the first record"),
            ],
            Self::NoFolder => [
                Text::of("建不了文件夹：{0}", "The folder cannot be made: {0}"),
                Text::of("换一个能写的地方，用 --vault 指定", "Choose a place you may write to, with --vault"),
            ],
            Self::FileUnreadable => [
                Text::of("读不到文件：{0}", "The file cannot be read: {0}"),
                Text::of("核对文件名，再存一次", "Check its name and save again"),
            ],
            Self::FileUnwritable => [
                Text::of("写不了文件：{0}", "The file cannot be written: {0}"),
                Text::of("换一个能写的地方", "Choose a place you may write to"),
            ],
            Self::FileKind => [
                Text::of("不是照片、录音或 PDF：{0}", "Neither a photo nor a recording nor a PDF: {0}"),
                Text::of("换成 JPEG、PNG、HEIC、WebP、M4A、AMR、MP3、WAV 或 PDF", "Use JPEG, PNG, HEIC, WebP, M4A, AMR, MP3, WAV or PDF"),
            ],
            Self::NotAPosition => [
                Text::of("位置没有看懂：{0}", "The position does not read: {0}"),
                Text::of("写成“纬度,经度”，可再加精度米数，如 39.7512,123.7301,8", "Write LAT,LON and, if known, metres of accuracy: 39.7512,123.7301,8"),
            ],
            Self::NotATime => [
                Text::of("时间没有看懂：{0}", "The time does not read: {0}"),
                Text::of("写成 2026-01-20（当天 24:00）或 2026-01-20T15:30", "Write 2026-01-20 (its end, 24:00) or 2026-01-20T15:30"),
            ],
            Self::NotAParty => [
                Text::of("当事方没有看懂：{0}", "The party does not read: {0}"),
                Text::of("写成 A=称呼、B=称呼 或 other=称呼", "Write A=LABEL, B=LABEL or other=LABEL"),
            ],
            Self::Ambiguous => [
                Text::of("不止一项以此开头：{0}", "More than one begins with this: {0}"),
                Text::of("多写几位，直到只剩一项", "Write a few characters more"),
            ],
            Self::NotAFingerprint => [
                Text::of("平台指纹没有看懂：{0}", "The fingerprint does not read: {0}"),
                Text::of("它是 64 位十六进制字符，请整段复制", "It is 64 hexadecimal digits; copy all of it"),
            ],
            Self::NotAPhoto => [
                Text::of("照片编号没有看懂：{0}", "The photo's number does not read: {0}"),
                Text::of("它是 64 位十六进制字符，请整段复制", "It is 64 hexadecimal digits; copy all of it"),
            ],
            Self::NoOpenPatrol => [
                Text::of("现在没有巡逻", "No patrol is under way"),
                Text::of("先开始巡逻，或用 --patrol 指定一次", "Start a patrol, or name one with --patrol"),
            ],
            Self::NoUrgent => [
                Text::of("本机没有紧急求助", "There is no urgent call on this phone"),
                Text::of("先发起紧急求助", "Start one first"),
            ],
        }
    }

    /// This snag as a failure; `given` is what it is about.
    pub(crate) fn with(self, given: &str, lang: Lang) -> Failure {
        const NOTHING: Text = Text::of(
            "没有新增记录；之前存的都在",
            "Nothing was recorded; everything saved before is still here",
        );
        const NO_FILE: Text = Text::of("没有动任何文件", "No file was touched");
        let meaning = match self {
            Self::NoHome | Self::NoVault | Self::NoFolder => NO_FILE,
            _ => NOTHING,
        };
        let [happened, next] = self.texts().map(|text| text.fill(lang, &[given]));
        let exit = match self {
            Self::NoFolder => Exit::Storage,
            _ => Exit::Refused,
        };
        let hint = match self {
            Self::NoOpenPatrol => Some(Say::HintPatrol),
            Self::NoUrgent => Some(Say::HintUrgent),
            Self::NoVault => Some(Say::HintEnroll),
            _ => None,
        };
        Failure {
            advice: Box::new(Advice {
                code: self.code().to_owned(),
                happened,
                meaning: meaning.get(lang).to_owned(),
                next,
            }),
            exit,
            hint: hint.map(|say| say.get(lang).to_owned()),
        }
    }
}

impl Failure {
    pub(crate) fn field(error: &FieldError, lang: Lang) -> Self {
        let hint = match error {
            FieldError::NotFound { what } => match *what {
                "task" => Some(Say::HintTasks),
                "patrol" => Some(Say::HintPatrols),
                "case" => Some(Say::HintCases),
                "parked record" => Some(Say::HintParked),
                "enrolment" => Some(Say::HintEnroll),
                _ => None,
            },
            _ => None,
        };
        Self {
            advice: Box::new(field_advice(error, lang)),
            exit: Exit::of_field(error),
            hint: hint.map(|say| say.get(lang).to_owned()),
        }
    }

    pub(crate) fn enroll(error: &EnrollError, lang: Lang) -> Self {
        match error {
            EnrollError::Field(error) => Self::field(error, lang),
            other => Self {
                advice: Box::new(enroll_advice(other, lang)),
                exit: Exit::of_enroll(other),
                hint: None,
            },
        }
    }

    pub(crate) fn ticket(error: TicketError, lang: Lang) -> Self {
        Self {
            advice: Box::new(ticket_advice(error, lang)),
            exit: Exit::Refused,
            hint: None,
        }
    }

    /// The three parts in lines for standard error.
    pub(crate) fn text(&self, paint: Paint, lang: Lang) -> String {
        let Advice {
            happened,
            meaning,
            next,
            ..
        } = &*self.advice;
        let mut lines = vec![paint.tint(&clean(happened), Tint::Strong)];
        for (say, part) in [(Say::Record, meaning), (Say::Next, next)] {
            lines.push(format!("{}{part}", paint.tint(say.get(lang), Tint::Faint)));
        }
        if let Some(hint) = &self.hint {
            lines.push(format!(
                "{}{}",
                paint.tint(Say::Try.get(lang), Tint::Faint),
                clean(hint)
            ));
        }
        lines.join("\n") + "\n"
    }

    /// The same for scripts.
    pub(crate) fn json(&self) -> Value {
        let mut error = json!({
            "code": self.advice.code,
            "happened": self.advice.happened,
            "meaning": self.advice.meaning,
            "next": self.advice.next,
            "exit_code": self.exit as u8,
        });
        if let Some(hint) = &self.hint {
            error["hint"] = json!(hint);
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_snag_is_told_in_both_languages() {
        let mut codes = std::collections::BTreeSet::new();
        for snag in Snag::ALL {
            assert!(codes.insert(snag.code()));
            let (zh, en) = (snag.with("x", Lang::Zh), snag.with("x", Lang::En));
            for part in [&zh.advice.happened, &zh.advice.meaning, &zh.advice.next] {
                assert!(
                    part.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
                    "{snag:?}: {part}"
                );
            }
            for part in [&en.advice.happened, &en.advice.meaning, &en.advice.next] {
                assert!(part.is_ascii() && !part.is_empty(), "{snag:?}: {part}");
            }
            assert_eq!(zh.exit, en.exit);
        }
    }
}
