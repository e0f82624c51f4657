//! `grid-platform backup`, `backup-keys`, `verify` and `restore`.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::args::{Backup, BackupKeys, Restore, Verify};
use super::{Failure, Says};
use crate::{Language, Platform, Settings, SystemClock, restore};

fn opened(folder: &Path) -> Result<Platform, Failure> {
    Ok(Platform::open(
        folder,
        Arc::new(SystemClock),
        Settings::default(),
    )?)
}

pub(super) fn make(backup: &Backup, language: Language, out: &mut dyn Write) -> Result<(), Failure> {
    let says = &mut Says { language, out };
    let made = opened(&backup.folder.data)?.admin().backup(&backup.to)?;
    let data = backup.folder.data.display();
    says.say(
        format!("备份中不含平台密钥；请运行 grid-platform backup-keys --data {data} --to 文件，并与备份分开保管。"),
        format!(
            "the keys are not in it; write them to a file with `grid-platform backup-keys --data {data} --to FILE` and keep that apart."
        ),
    )?;
    let place = backup.to.join(&made.name);
    let place = place.display();
    says.say(
        format!("在通过核验之前它不算备份：grid-platform verify --data {data} --backup {place}"),
        format!("it counts once it is proved: grid-platform verify --data {data} --backup {place}"),
    )?;
    let (name, changes, files, bytes) = (&made.name, made.changes, made.files, made.bytes);
    says.say(
        format!("备份 {name}：{changes} 条记录，{files} 个文件，{bytes} 字节"),
        format!("backup {name}: {changes} changes, {files} files, {bytes} bytes"),
    )
}

pub(super) fn keys(keys: &BackupKeys, language: Language, out: &mut dyn Write) -> Result<(), Failure> {
    let says = &mut Says { language, out };
    opened(&keys.folder.data)?.admin().backup_keys(&keys.to)?;
    let to = keys.to.display();
    says.say(
        format!("密钥已写入 {to}；得到它的人可以冒充本平台，请与备份分开、离线保管。"),
        format!("the keys are in {to}; whoever has it can speak for this platform: keep it offline, apart from the backups."),
    )
}

pub(super) fn verify(verify: &Verify, language: Language, out: &mut dyn Write) -> Result<(), Failure> {
    let says = &mut Says { language, out };
    let proved = opened(&verify.folder.data)?
        .admin()
        .verify_backup(&verify.backup)?;
    let (name, logs) = (&proved.backup.name, proved.logs);
    let (changes, files) = (proved.backup.changes, proved.backup.files);
    says.say(
        format!("已核验 {name}：{changes} 条记录，{files} 个文件；{logs} 份设备日志已入账"),
        format!("verified {name}: {changes} changes, {files} files; backed up to now holds {logs} logs"),
    )
}

pub(super) fn put_back(asked: &Restore, language: Language, out: &mut dyn Write) -> Result<(), Failure> {
    let says = &mut Says { language, out };
    let restored = restore(
        &asked.backup,
        &asked.folder.data,
        asked.keys.as_deref(),
        &SystemClock,
        &Settings::default(),
    )?;
    says.say(
        "已开始新的存储周期，编号已跳过 1000；请启动服务，手机会在下次联网时补传缺失的记录。",
        "A new life of the store has begun and numbers skip ahead by 1,000; start the service, phones offer what is missing at their next contact.",
    )?;
    let (name, life) = (&restored.backup.name, restored.incarnation);
    let data = asked.folder.data.display();
    says.say(
        format!("已将 {name} 恢复到 {data}：存储周期 {life}"),
        format!("restored {name} into {data}: incarnation {life}"),
    )
}
