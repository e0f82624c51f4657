//! Why an operator's command was not carried out, in one sentence that names the file, line and field.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use grid_hub::{AdminRefusal, HubError};

use crate::{Sentence, StartError, words};

/// A command that was not carried out. Nothing was changed, or the part that was is named.
#[derive(Debug)]
#[non_exhaustive]
pub enum AdminError {
    /// The hub refused it.
    Refused(AdminRefusal),
    /// A line of a file cannot be taken; nothing of the file was.
    Line {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: usize,
        /// Which field; empty when the line as a whole cannot be read.
        field: String,
        /// What is wrong with it.
        detail: Sentence,
    },
    /// A file cannot be read.
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No organisation has this prefix.
    NoOrg {
        /// The prefix given.
        prefix: String,
    },
    /// No lifeboat segment could be opened; nothing was taken in.
    NothingOpened {
        /// How many were found.
        segments: usize,
    },
    /// A file is no support bundle, or was sealed to another platform.
    NoBundle {
        /// Which file.
        path: PathBuf,
    },
    /// No signing key has this name.
    NoKey,
    /// The newest signing key, which nobody else has, cannot be ended.
    NewestKey,
    /// The password is too short, or longer than any.
    WeakPassword,
    /// The address in a ticket cannot be one of a platform.
    Address {
        /// The address given.
        url: String,
        /// What is wrong with it.
        detail: Sentence,
    },
    /// The folder or the certificates are not usable.
    Start(StartError),
    /// The store failed.
    Store(HubError),
}

impl AdminError {
    /// Keys that are not there, and a phone's files that none of them opens.
    fn about_keys(&self) -> Sentence {
        match self {
            Self::NoBundle { path } => {
                let path = path.display();
                Sentence::new(
                    format!("{path} 不是支持包，或者是给另一个平台的；请核对文件和平台。"),
                    format!(
                        "{path} is no support bundle, or was sealed to another platform; check the file and the platform."
                    ),
                )
            }
            Self::NothingOpened { segments: 0 } => Sentence::new(
                "没有找到救生艇文件（*.boat、*.locked）；请指定从手机拷出的文件夹。",
                "no lifeboat segment (*.boat, *.locked) was found; name the folder that was copied off the phone.",
            ),
            Self::NothingOpened { segments } => Sentence::new(
                format!(
                    "{segments} 个救生艇文件都无法打开，没有导入任何内容；请保留原文件，并核对手机是否在本平台登记。"
                ),
                format!(
                    "none of {segments} lifeboat segments could be opened and nothing was taken in; keep the files, and check that the phone was enrolled here."
                ),
            ),
            Self::NewestKey => Sentence::new(
                "这是最新的签名密钥，不能停用；请先运行 grid-platform admin keys rotate signing，密钥已泄露时加上 --compromised。",
                "this is the newest signing key; run `grid-platform admin keys rotate signing` first, or say --compromised if somebody else has it.",
            ),
            _ => Sentence::new(
                "没有这个签名密钥；请用 grid-platform admin keys list 查看。",
                "there is no such signing key; see `grid-platform admin keys list`.",
            ),
        }
    }

    /// What happened and what to do, for the person at the terminal.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Refused(refusal) => refused(refusal),
            Self::Line {
                file,
                line,
                field,
                detail,
            } => {
                let (zh, en) = if field.is_empty() {
                    (String::new(), String::new())
                } else {
                    (format!("，字段 {field}"), format!(", field {field}"))
                };
                Sentence::new(
                    format!(
                        "{file} 第 {line} 行{zh}：{}；请改正后重新导入，本文件尚未导入任何内容。",
                        detail.zh
                    ),
                    format!(
                        "{file} line {line}{en}: {}; correct it and import again, nothing of this file was taken.",
                        detail.en
                    ),
                )
            }
            Self::File { path, source } => Sentence::new(
                format!("{} 无法读取（{source}）；请检查路径和权限。", path.display()),
                format!(
                    "{} cannot be read ({source}); check the path and its permissions.",
                    path.display()
                ),
            ),
            Self::NoOrg { prefix } => Sentence::new(
                format!(
                    "没有前缀为 {prefix} 的机构；请用 grid-platform admin org list 查看，或用 admin org add 建立。"
                ),
                format!(
                    "no organisation has the prefix {prefix}; see `grid-platform admin org list`, or make it with `admin org add`."
                ),
            ),
            Self::NoBundle { .. } | Self::NothingOpened { .. } | Self::NoKey | Self::NewestKey => {
                self.about_keys()
            }
            Self::WeakPassword => Sentence::new(
                "密码至少 8 个字符、最多 256 字节；请换一个密码。",
                "a password has at least 8 characters and at most 256 bytes; choose another one.",
            ),
            Self::Address { url, detail } => Sentence::new(
                format!("{url} 不能写进注册凭证：{}。", detail.zh),
                format!("{url} cannot stand in an enrolment ticket: {}.", detail.en),
            ),
            Self::Start(error) => error.sentence(),
            Self::Store(error) => Sentence::new(
                format!("平台数据库无法完成此操作（{error}），没有更改任何内容；请检查磁盘后重试。"),
                format!(
                    "the store could not do this ({error}) and nothing was changed; check the disk and try again."
                ),
            ),
        }
    }
}

fn refused(refusal: &AdminRefusal) -> Sentence {
    match refusal {
        AdminRefusal::NotFound { what } => Sentence::new(
            format!("没有找到 {what}；请核对编号。"),
            format!("there is no such {what}; check the number."),
        ),
        AdminRefusal::Taken { field } => Sentence::new(
            format!("{field} 已被使用；请换一个。"),
            format!("the {field} is taken already; choose another one."),
        ),
        AdminRefusal::Invalid { field, detail } => Sentence::new(
            format!("{field} {}；请改正后重试。", words::fault_zh(detail)),
            format!("the {field} {detail}; correct it and try again."),
        ),
        AdminRefusal::BadRow { row, field, detail } => Sentence::new(
            format!(
                "第 {row} 条的 {field} {}；请改正后重试。",
                words::fault_zh(detail)
            ),
            format!("the {field} of row {row} {detail}; correct it and try again."),
        ),
    }
}

impl fmt::Display for AdminError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}

impl Error for AdminError {}

impl From<HubError> for AdminError {
    fn from(error: HubError) -> Self {
        Self::Store(error)
    }
}

impl From<StartError> for AdminError {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}
