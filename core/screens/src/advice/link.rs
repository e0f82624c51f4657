//! Advice on a link that gave no answer and on a request that was refused; what it means depends on what was asked.

use grid_fieldbook::LinkError;
use grid_model::Coded as _;
use grid_model::terms::RefusalCode;

use super::Advice;
use crate::{Lang, Text, Worded};

const ASK_ADMIN: Text = Text::of(
    "告诉管理员，请他核对",
    "Tell the administrator and ask him to check",
);
const AGAIN_OR_ADMIN: Text = Text::of(
    "再试一次；还是这样就告诉管理员",
    "Try again; if it stays so, tell the administrator",
);
const ANOTHER_TICKET: Text = Text::of(
    "向管理员要一张新的登记单",
    "Ask the administrator for a new ticket",
);
const UPDATE: Text = Text::of("更新应用后再试", "Update the app, then try again");

/// Advice on a link that gave no answer.
pub fn link_advice(error: &LinkError, meaning: Text, lang: Lang) -> Advice {
    let (code, next) = match error {
        LinkError::Unreachable => (
            "link_unreachable",
            Text::of(
                "到有网络的地方再试；一直连不上就核对地址",
                "Try again where there is a network; if it stays so, check the address",
            ),
        ),
        LinkError::NameUnknown => (
            "link_name_unknown",
            Text::of(
                "换个网络再试；还是这样就核对平台地址",
                "Try another network; if it stays so, check the platform's address",
            ),
        ),
        LinkError::NameSilent => (
            "link_name_silent",
            Text::of(
                "换个网络，或关掉再打开网络后再试",
                "Try another network, or turn the network off and on again",
            ),
        ),
        LinkError::NothingListens => (
            "link_nothing_listens",
            Text::of(
                "过一会儿再试；还是这样就告诉管理员",
                "Try again a little later; if it stays so, tell the administrator",
            ),
        ),
        LinkError::CertificateTime => (
            "link_certificate_time",
            Text::of(
                "核对本机的日期和时间；如果没错就告诉管理员",
                "Check this phone's date and time; if they are right, tell the administrator",
            ),
        ),
        LinkError::Lost => (
            "link_lost",
            Text::of(
                "信号好一点再试，会从断的地方接着传",
                "Try again with a better signal; it goes on where it broke",
            ),
        ),
        LinkError::WrongCertificate => (
            "link_wrong_certificate",
            Text::of(
                "换一个网络再试；还是这样就告诉管理员",
                "Try another network; if it stays so, tell the administrator",
            ),
        ),
        LinkError::BadAddress => ("link_bad_address", ASK_ADMIN),
        LinkError::TooLarge => ("link_too_large", ASK_ADMIN),
        LinkError::Cancelled => (
            "link_cancelled",
            Text::of("想传的时候再试", "Try again when you like"),
        ),
    };
    Advice::made(code, &error.words(lang), meaning, next, lang)
}

/// Advice on a request that the platform refused as a whole.
pub fn refusal_advice(code: RefusalCode, meaning: Text, lang: Lang) -> Advice {
    let next = match code {
        RefusalCode::NewerVersion => UPDATE,
        RefusalCode::CodeWrong => Text::of(
            "核对登记码；还是不行就要一张新的登记单",
            "Check the code; if it stays so, ask for a new ticket",
        ),
        RefusalCode::CodeUsed | RefusalCode::CodeExpired => ANOTHER_TICKET,
        RefusalCode::TryLater => Text::of("过一会儿再试", "Try again a little later"),
        RefusalCode::UnknownDevice | RefusalCode::BadSignature => ASK_ADMIN,
        RefusalCode::Revoked => Text::of(
            "联系管理员；本机没有传的都保留着",
            "Ask the administrator; what has no receipt is kept here",
        ),
        RefusalCode::Fork => Text::of(
            "不要删除或还原外勤簿的文件，告诉管理员",
            "Do not delete or restore the field book's files; tell the administrator",
        ),
        RefusalCode::Malformed
        | RefusalCode::TooLarge
        | RefusalCode::NotFound
        | RefusalCode::HashMismatch
        | RefusalCode::WrongOffset
        | RefusalCode::NotGranted
        | RefusalCode::NoKey
        | RefusalCode::Unknown(_) => AGAIN_OR_ADMIN,
    };
    let name = format!("refused_{}", code.name());
    let happened = match code {
        RefusalCode::Unknown(number) => Text::of(
            "平台没有接受（代码 {0}）",
            "the platform did not take it (code {0})",
        )
        .fill(lang, &[&number.to_string()]),
        known => known.words(lang),
    };
    Advice::made(name, &happened, meaning, next, lang)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::keys::{KEPT_HERE, NOT_ENROLLED};
    use crate::advice::tests::is_whole;

    #[test]
    fn every_link_error_and_every_refusal_is_three_parts() {
        for meaning in [KEPT_HERE, NOT_ENROLLED] {
            for error in [
                LinkError::Unreachable,
                LinkError::NameUnknown,
                LinkError::NameSilent,
                LinkError::NothingListens,
                LinkError::CertificateTime,
                LinkError::Lost,
                LinkError::WrongCertificate,
                LinkError::BadAddress,
                LinkError::TooLarge,
                LinkError::Cancelled,
            ] {
                is_whole(|lang| link_advice(&error, meaning, lang));
            }
            for code in RefusalCode::known().iter().chain([&RefusalCode::Unknown(99)]) {
                is_whole(|lang| refusal_advice(*code, meaning, lang));
            }
        }
    }
}
