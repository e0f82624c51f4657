//! `grid-platform admin …`: one operation, one result in a line or two.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grid_hub::{OrgDraft, WorkerDraft};

use super::args::{AdminArguments, AdminTask, CaTask, CodeTask, OrgTask, UserTask};
use super::{Failure, Says};
use crate::admin::{has_desk, made_password};
use crate::{Admin, AdminError, Language, ListFile, Platform, Settings, SystemClock, time};

/// Does one operation.
pub(super) fn run(arguments: AdminArguments, language: Language, out: &mut dyn Write) -> Result<(), Failure> {
    let folder = &arguments.folder.data;
    let says = &mut Says { language, out };
    if let AdminTask::Init = arguments.task {
        return init(folder, says);
    }
    let platform = Platform::open(folder, Arc::new(SystemClock), Settings::default())?;
    let admin = platform.admin();
    match arguments.task {
        AdminTask::Init => Ok(()),
        AdminTask::Org(task) => org(admin, task, says),
        AdminTask::User(task) => user(admin, task, says),
        AdminTask::Post { org, file } => {
            let count = admin.import_posts(admin.org(&org)?, &ListFile::read(&file)?)?;
            says.say(
                format!("已导入 {count} 个岗位。"),
                format!("{count} posts taken in."),
            )
        }
        AdminTask::Outline { org, file } => {
            admin.set_outline(admin.org(&org)?, &ListFile::read(&file)?)?;
            says.say("地图轮廓已更新。", "The outline is set.")
        }
        AdminTask::Divisions { file } => {
            let count = admin.import_divisions(&ListFile::read(&file)?)?;
            says.say(
                format!("已导入 {count} 个区划。"),
                format!("{count} divisions taken in."),
            )
        }
        AdminTask::Tasks { by, file } => {
            let tasks = admin.import_tasks(&by, &ListFile::read(&file)?)?;
            let created = tasks.iter().filter(|task| task.created).count();
            let before = tasks.len() - created;
            says.say(
                format!("新派遣 {created} 项任务，{before} 项此前已有、未作改动。"),
                format!("{created} tasks dispatched, {before} were here before and were left as they are."),
            )
        }
        AdminTask::Code(CodeTask::Issue { worker, url, minutes }) => {
            code(admin, &worker, &url, minutes, says)
        }
        AdminTask::Ca(task) => authority(admin, task, says),
        AdminTask::Keys(task) => super::keys::run(admin, &task, says),
        AdminTask::Revoke { device } => {
            admin.revoke(device)?;
            says.say(
                "设备已停用，已收到的记录全部保留。",
                "The device is revoked; everything received from it is kept.",
            )
        }
        AdminTask::Lifeboat { paths } => lifeboat(admin, &paths, says),
        AdminTask::Support { file } => match admin.open_support(&file)? {
            Some(text) => says.line(text.trim_end()),
            None => Err(AdminError::NoBundle { path: file }.into()),
        },
        AdminTask::Restored => {
            admin.begin_incarnation()?;
            says.say(
                "已开始新的存储周期；请重新启动服务，手机会在下次联网时补传缺失的记录。",
                "A new life of the store has begun; start the service again, phones offer what is missing at their next contact.",
            )
        }
    }
}

fn init(folder: &Path, says: &mut Says<'_>) -> Result<(), Failure> {
    Platform::make(folder, Arc::new(SystemClock), Settings::default())?;
    let shown = folder.display();
    says.say(
        format!("平台已建立在 {shown}；请把 {shown}/keys 与数据分开备份。"),
        format!("The platform is in {shown}; back up {shown}/keys apart from the rest."),
    )
}

fn org(admin: Admin<'_>, task: OrgTask, says: &mut Says<'_>) -> Result<(), Failure> {
    match task {
        OrgTask::Add { name, prefix, parent } => {
            let parent = parent.map(|prefix| admin.org(&prefix)).transpose()?;
            let id = admin.create_org(&OrgDraft { name, parent, prefix })?;
            says.line(&id.to_string())
        }
        OrgTask::List => admin
            .orgs()?
            .iter()
            .try_for_each(|org| says.line(&format!("{}\t{}\t{}", org.prefix, org.id, org.name))),
    }
}

fn user(admin: Admin<'_>, task: UserTask, says: &mut Says<'_>) -> Result<(), Failure> {
    match task {
        UserTask::Add {
            org,
            name,
            display_name,
            job_no,
            role,
            post,
            password_file,
        } => {
            let org = admin.org(&org)?;
            let (password, made) = match (password_file, has_desk(role)) {
                (Some(file), _) => (Some(first_line(&file)?), false),
                (None, true) => (Some(made_password()?), true),
                (None, false) => (None, false),
            };
            let draft = WorkerDraft {
                org,
                name,
                display_name,
                job_no,
                role,
                post,
                password_hash: None,
            };
            let id = admin.create_worker(draft, password.as_deref())?;
            says.line(&id.to_string())?;
            shown_once(password.filter(|_| made), says)
        }
        UserTask::Leave { job_no, last_day } => {
            admin.end_posting(&job_no, &last_day)?;
            says.say(
                format!("{job_no} 的最后在岗日为 {last_day}；此前所做的照算，不再派新任务。"),
                format!("{job_no} is posted until {last_day}; what was done by then counts, and no new tasks go out."),
            )
        }
        UserTask::Password {
            job_no,
            password_file,
        } => {
            let made = password_file.is_none();
            let password = password_file.map_or_else(made_password, |file| first_line(&file))?;
            admin.set_password(&job_no, &password)?;
            says.say(
                "密码已更换，原有登录已失效。",
                "The password is changed; older sessions have ended.",
            )?;
            shown_once(Some(password).filter(|_| made), says)
        }
    }
}

fn shown_once(password: Option<String>, says: &mut Says<'_>) -> Result<(), Failure> {
    match password {
        Some(password) => says.say(
            format!("密码（只显示这一次）：{password}"),
            format!("Password (shown once): {password}"),
        ),
        None => Ok(()),
    }
}

fn code(admin: Admin<'_>, worker: &str, url: &str, minutes: i64, says: &mut Says<'_>) -> Result<(), Failure> {
    let issued = admin.issue_code(worker, url, Some(minutes * 60_000))?;
    says.line(&issued.code)?;
    says.line(&issued.ticket)?;
    let until = time::rfc3339(issued.expires_at_ms);
    says.say(
        format!("只能使用一次，{until} 前有效。"),
        format!("Good for one phone, until {until}."),
    )
}

fn authority(admin: Admin<'_>, task: CaTask, says: &mut Says<'_>) -> Result<(), Failure> {
    let pin = match task {
        CaTask::Init { hosts } => admin.make_authority(&hosts)?,
        CaTask::Renew { hosts } => admin.renew_certificate(&hosts)?,
        CaTask::Show => admin.tls_identity()?.pin(),
    };
    says.line(&pin.to_string())
}

fn lifeboat(admin: Admin<'_>, paths: &[PathBuf], says: &mut Says<'_>) -> Result<(), Failure> {
    let report = admin.take_lifeboat(paths)?;
    for device in &report.devices {
        let sentence = device.sentence();
        says.say(sentence.zh, sentence.en)?;
    }
    for left in &report.left {
        let sentence = left.sentence();
        says.say(sentence.zh, sentence.en)?;
    }
    if report.photos_left > 0 {
        let count = report.photos_left;
        says.say(
            format!("{count} 张封存的照片没有对应的钥匙或已损坏，未能打开。"),
            format!("{count} sealed photos have no key here or are damaged, and were not opened."),
        )?;
    }
    if report.devices.is_empty() {
        return Err(AdminError::NothingOpened {
            segments: report.left.len(),
        }
        .into());
    }
    Ok(())
}

fn first_line(file: &Path) -> Result<String, AdminError> {
    let text = fs::read_to_string(file).map_err(|source| AdminError::File {
        path: file.to_owned(),
        source,
    })?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
