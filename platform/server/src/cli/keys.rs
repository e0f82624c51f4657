//! `grid-platform admin keys …`.

use grid_hub::{KEY_OVERLAP_MS, KeyState, KeyView};
use grid_model::Coded as _;
use grid_model::terms::KeyPurpose;

use super::args::KeysTask;
use super::{Failure, Says};
use crate::{Admin, Sentence, time};

const DAY_MS: i64 = 24 * 3600 * 1000;

/// Does one operation on the keys.
pub(super) fn run(admin: Admin<'_>, task: &KeysTask, says: &mut Says<'_>) -> Result<(), Failure> {
    match task {
        KeysTask::List => admin.keys().iter().try_for_each(|key| line(key, says)),
        KeysTask::Rotate { purpose } => {
            let key = admin.rotate_key((*purpose).into())?;
            line(&key, says)?;
            let days = KEY_OVERLAP_MS / DAY_MS;
            match key.purpose {
                KeyPurpose::Signing => says.say(
                    format!("手机下次联网时得知新密钥；旧密钥再用 {days} 天，给还不知道新密钥的手机签回执。"),
                    format!("Phones are told of it at their next contact; for {days} days the older key still signs for those that do not know it."),
                )?,
                _ => says.say(
                    "手机下次联网后，新的救生艇文件用新密钥封存；旧密钥一直保留，以打开旧文件。",
                    "Phones seal to it after their next contact; older keys stay for ever, to open what was sealed to them.",
                )?,
            }
            back_up(says)
        }
        KeysTask::Retire { key, compromised } => {
            let keys = admin.retire_key(key, *compromised)?;
            keys.iter().try_for_each(|key| line(key, says))?;
            if *compromised {
                says.say(
                    "该密钥立即停用。只认得它的手机不再接受本平台的回执，请为每台这样的手机重新签发登记单，在手机上运行 grid enroll --again；手机上的记录不会丢失。",
                    "It is over at once. Phones that know no other key believe no receipt any more: issue a new ticket for each of them, and enrol it with `grid enroll --again`; no record is lost on them.",
                )?;
            } else {
                says.say(
                    "该密钥不再签发任何回执；只认得它的手机下次联网时会先核对新密钥。",
                    "Nothing is signed with it any more; phones that know no other are led to the newer ones at their next contact.",
                )?;
            }
            back_up(says)
        }
    }
}

fn back_up(says: &mut Says<'_>) -> Result<(), Failure> {
    says.say(
        "请用 grid-platform backup-keys 重新导出密钥，此前导出的密钥文件已不完整。",
        "Write the keys to a file again with `grid-platform backup-keys`: the former one lacks what was changed.",
    )
}

fn line(key: &KeyView, says: &mut Says<'_>) -> Result<(), Failure> {
    let state = state(key.state);
    let since = if key.from_ms == 0 {
        Sentence::new("初始", "first")
    } else {
        Sentence::new(time::rfc3339(key.from_ms), time::rfc3339(key.from_ms))
    };
    let purpose = key.purpose.name();
    says.say(
        format!("{purpose}\t{}\t{}\t{}", key.id, since.zh, state.zh),
        format!("{purpose}\t{}\t{}\t{}", key.id, since.en, state.en),
    )
}

fn state(state: KeyState) -> Sentence {
    let at = time::rfc3339;
    match state {
        KeyState::Newest => Sentence::new("最新", "newest"),
        KeyState::Overlap(until_ms) => Sentence::new(
            format!("仍用到 {}", at(until_ms)),
            format!("still signs until {}", at(until_ms)),
        ),
        KeyState::Opens => Sentence::new("只用于打开旧文件", "opens what was sealed to it"),
        KeyState::Over(at_ms) => {
            Sentence::new(format!("{} 停用", at(at_ms)), format!("over since {}", at(at_ms)))
        }
        KeyState::Compromised(at_ms) => Sentence::new(
            format!("{} 因泄露停用", at(at_ms)),
            format!("compromised, over since {}", at(at_ms)),
        ),
    }
}
