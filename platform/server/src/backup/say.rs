//! The sentences of [`super::BackupError`]: what happened, then what to do.

use std::path::Path;

use grid_hub::{CopyFlaw, HubError};
use grid_model::{DeviceId, Seq};

use super::error::{BackupFlaw, BlobFlaw};
use crate::Sentence;

/// The first thing in a backup that does not hold.
pub(super) fn flaw(name: &str, flaw: &BackupFlaw) -> Sentence {
    let (zh, en) = match flaw {
        BackupFlaw::NoManifest => (
            "没有 manifest.json，不是完整的备份；请选择其他备份，或重新运行 grid-platform backup".to_owned(),
            "it has no manifest.json and is no backup; choose another one, or run `grid-platform backup` again"
                .to_owned(),
        ),
        BackupFlaw::UnreadableManifest => (
            "manifest.json 无法读取；请选择其他备份".to_owned(),
            "its manifest.json cannot be read; choose another backup".to_owned(),
        ),
        BackupFlaw::NewerFormat { found, supported } => (
            format!("由更新版本的程序写成（备份格式 {found}，本程序最高支持 {supported}）；请换用新版"),
            format!(
                "it was written by a newer program (backup format {found}, this one knows up to {supported}); use the newer one"
            ),
        ),
        BackupFlaw::NewerSchema { found, supported } => (
            format!("由更新版本的程序写成（数据格式 {found}，本程序最高支持 {supported}）；请换用新版"),
            format!(
                "it was written by a newer program (schema {found}, this one knows up to {supported}); use the newer one"
            ),
        ),
        BackupFlaw::NoDatabase => (
            "缺少 hub.sqlite；请选择其他备份".to_owned(),
            "its hub.sqlite is missing; choose another backup".to_owned(),
        ),
        BackupFlaw::OtherFile { path } => (
            format!("{} 与备份时写下的不一致；请选择其他备份", path.display()),
            format!(
                "{} is not the file that was written; choose another backup",
                path.display()
            ),
        ),
        BackupFlaw::Damaged { detail } => (
            format!("数据库已损坏（{detail}）；请选择其他备份"),
            format!("its database is damaged ({detail}); choose another backup"),
        ),
        BackupFlaw::OtherManifest => (
            "数据库与 manifest.json 所述不符；请选择其他备份".to_owned(),
            "its database is not the one that manifest.json describes; choose another backup".to_owned(),
        ),
        BackupFlaw::Copy(flaw) => changes(flaw),
        BackupFlaw::Blob { path, what } => {
            let (zh, en) = blob(path, *what);
            (
                format!("{zh}；请移走该文件后重新运行 grid-platform backup，或选择其他备份"),
                format!("{en}; move that file away and run `grid-platform backup` again, or choose another backup"),
            )
        }
        BackupFlaw::OtherLife { copied, ours } => (
            format!("属于另一存储周期（{copied}，现为 {ours}），不能证明现有数据已备份；请重新运行 grid-platform backup"),
            format!(
                "it is of another life of the store ({copied}, which is now {ours}) and proves nothing for this one; run `grid-platform backup` again"
            ),
        ),
        BackupFlaw::Ahead { device, seq } => ahead(*device, *seq),
    };
    Sentence::new(
        format!("备份 {name} 未通过核验：{zh}。"),
        format!("backup {name} does not hold: {en}."),
    )
}

/// What is wrong with an attachment, without what to do.
fn blob(path: &Path, flaw: BlobFlaw) -> (String, String) {
    let path = path.display();
    let (zh, en) = match flaw {
        BlobFlaw::Missing => ("不存在", "is missing"),
        BlobFlaw::Size => ("大小不符", "has another size"),
        BlobFlaw::Damaged => ("内容已损坏", "is damaged"),
    };
    (format!("附件 {path} {zh}"), format!("the attachment {path} {en}"))
}

/// What is wrong with the change log.
fn changes(flaw: &CopyFlaw) -> (String, String) {
    match flaw {
        CopyFlaw::Body { device, seq } => (
            format!("设备 {device} 的第 {seq} 条记录内容已改变；请选择其他备份"),
            format!("change {seq} of device {device} is not what was stored; choose another backup"),
        ),
        CopyFlaw::Conflict { place } => (
            format!("第 {place} 条冲突记录内容已改变；请选择其他备份"),
            format!("conflict {place} is not what was stored; choose another backup"),
        ),
        CopyFlaw::Chain { device, seq } => (
            format!("设备 {device} 的记录链在第 {seq} 条断开；请选择其他备份"),
            format!("the chain of device {device} breaks at change {seq}; choose another backup"),
        ),
        CopyFlaw::Unsigned { device, seq } => (
            format!("设备 {device} 的第 {seq} 条处没有与之相符的签名；请选择其他备份"),
            format!(
                "no signed head of device {device} equals its chain at change {seq}; choose another backup"
            ),
        ),
    }
}

/// What the living store lacks.
fn ahead(device: DeviceId, seq: Seq) -> (String, String) {
    let seq = seq.0;
    (
        format!(
            "其中有现有数据缺少的记录（设备 {device}，第 {seq} 条）；现有数据若由旧副本恢复，请先运行 grid-platform admin restored"
        ),
        format!(
            "it holds what the data folder lacks (device {device}, change {seq}); if the data was put back from an older copy, run `grid-platform admin restored` first"
        ),
    )
}

pub(super) fn own_blob(path: &Path, flaw: BlobFlaw) -> Sentence {
    let (zh, en) = blob(path, flaw);
    Sentence::new(
        format!("{zh}，无法完成备份；请从以前的备份中取回该文件。"),
        format!("{en} and no whole backup can be made; put the file back from an earlier backup."),
    )
}

pub(super) fn occupied(folder: &Path) -> Sentence {
    let folder = folder.display();
    Sentence::new(
        format!("{folder} 里已有平台数据，未作改动；请换一个空目录恢复。"),
        format!("{folder} holds a platform already and was not touched; restore into an empty folder."),
    )
}

pub(super) fn exists(path: &Path) -> Sentence {
    let path = path.display();
    Sentence::new(
        format!("{path} 已存在，未作改动；请换一个位置，或先移走它。"),
        format!("{path} is there already and was not touched; choose another place, or move it away first."),
    )
}

pub(super) fn no_key_file(path: &Path) -> Sentence {
    let path = path.display();
    Sentence::new(
        format!("{path} 里没有平台密钥；请指定 grid-platform backup-keys 写出的文件或 keys 目录。"),
        format!(
            "{path} holds no platform keys; name the file that `grid-platform backup-keys` wrote, or a keys folder."
        ),
    )
}

pub(super) fn no_keys() -> Sentence {
    Sentence::new(
        "备份里没有密钥；请用 --keys 指定 grid-platform backup-keys 写出的文件或 keys 目录。",
        "a backup holds no keys; name with --keys the file that `grid-platform backup-keys` wrote, or a keys folder.",
    )
}

pub(super) fn other_keys(folder: &Path) -> Sentence {
    let folder = folder.display();
    Sentence::new(
        format!(
            "这些密钥不属于这份备份，{folder} 未写入任何数据；请指定同一平台在最近一次更换密钥之后导出的密钥。"
        ),
        format!(
            "the keys do not belong to this backup and nothing was put into {folder}; name the keys of the same platform, written after its last rotation of keys."
        ),
    )
}

pub(super) fn store(error: &HubError) -> Sentence {
    match error {
        HubError::Full(_) => Sentence::new(
            "磁盘已满，操作未完成，现有数据未作改动；请腾出空间后重试。",
            "the disk is full, it was not done and the data is as it was; free some space and try again.",
        ),
        other => Sentence::new(
            format!("数据库无法完成此操作（{other}），现有数据未作改动；请检查磁盘后重试。"),
            format!(
                "the store could not do this ({other}) and the data is as it was; check the disk and try again."
            ),
        ),
    }
}
