//! Why the platform does not start, or a command does not run: one sentence each, with what to do.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use grid_hub::HubError;

use crate::Sentence;
use crate::guard::Undeclared;
use crate::tls::AuthorityFault;

/// A start that cannot go on. Nothing was changed in the data folder.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The folder holds no platform.
    NoPlatform {
        /// The folder given.
        folder: PathBuf,
    },
    /// A file or folder cannot be made, read or written.
    Folder {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The disk is full.
    NoSpace {
        /// Where it was noticed.
        path: PathBuf,
    },
    /// The data folder was written by a newer program.
    NewerSchema {
        /// Schema found.
        found: u32,
        /// Newest schema this program knows.
        supported: u32,
    },
    /// The keys beside the store are not its own.
    KeysDiffer {
        /// Where the keys lie.
        folder: PathBuf,
    },
    /// The calendar file cannot be read.
    Calendar {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// The store failed otherwise.
    Store(HubError),
    /// Another server works on the folder.
    Served {
        /// The folder given.
        folder: PathBuf,
    },
    /// The port belongs to another program.
    PortTaken {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on for another reason.
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Plain HTTP was asked for on an address that others can reach.
    PlainHttp {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The certificates are missing or unusable.
    Certificate {
        /// What is wrong, technically.
        detail: String,
    },
    /// The certificate authority is not in the state that the command needs.
    Authority {
        /// In which it is.
        detail: AuthorityFault,
    },
    /// A route does not say who may call it: a fault of this program.
    Undeclared(Undeclared),
}

impl StartError {
    pub(crate) fn folder(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace {
                path: path.to_owned(),
            },
            _ => Self::Folder {
                path: path.to_owned(),
                source,
            },
        }
    }

    pub(crate) fn listen(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::PortTaken { address },
            _ => Self::Listen { address, source },
        }
    }

    /// What happened and what to do, for the person at the terminal.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::NoPlatform { folder } => {
                let folder = folder.display();
                Sentence::new(
                    format!(
                        "{folder} 里没有平台数据;请先运行 grid-platform admin init --data {folder},或检查 --data 是否写对。"
                    ),
                    format!(
                        "{folder} holds no platform; run `grid-platform admin init --data {folder}` first, or check the path after --data."
                    ),
                )
            }
            Self::Folder { path, source } => Sentence::new(
                format!("{} 无法读写({source});请检查该路径和权限。", path.display()),
                format!(
                    "{} cannot be read or written ({source}); check the path and its permissions.",
                    path.display()
                ),
            ),
            Self::NoSpace { path } => Sentence::new(
                format!(
                    "{} 所在磁盘已满,没有写入任何内容;请腾出空间后再启动。",
                    path.display()
                ),
                format!(
                    "the disk of {} is full, nothing was written; free some space and start again.",
                    path.display()
                ),
            ),
            Self::NewerSchema { found, supported } => Sentence::new(
                format!(
                    "数据由更新版本的程序写入(格式 {found},本程序最高支持 {supported}),未作任何改动;请换用新版 grid-platform。"
                ),
                format!(
                    "the data was written by a newer program (schema {found}, this one knows up to {supported}) and was not touched; use the newer grid-platform."
                ),
            ),
            Self::KeysDiffer { folder } => Sentence::new(
                format!(
                    "{} 里的密钥不属于这份数据,未作任何改动;请放回与数据一同备份的密钥。",
                    folder.display()
                ),
                format!(
                    "the keys in {} do not belong to this data, which was not touched; put back the keys that were backed up with it.",
                    folder.display()
                ),
            ),
            Self::Calendar { path, line } => Sentence::new(
                format!(
                    "{} 第 {line} 行不是 date,is_workday,holiday(例如 2027-01-01,0,元旦);请改正该行,或移走此文件以使用内置日历。",
                    path.display()
                ),
                format!(
                    "{} line {line} is not date,is_workday,holiday (such as 2027-01-01,0,New Year); correct it, or move the file away to use the shipped calendar.",
                    path.display()
                ),
            ),
            Self::Store(source) => Sentence::new(
                format!("平台数据库无法使用({source});数据未被删除,请检查磁盘后再启动。"),
                format!(
                    "the platform's store cannot be used ({source}); nothing was deleted, check the disk and start again."
                ),
            ),
            Self::Served { folder } => Sentence::new(
                format!("{} 已有一个 grid-platform 在使用;请先停掉它。", folder.display()),
                format!(
                    "another grid-platform works on {}; stop that one first.",
                    folder.display()
                ),
            ),
            Self::PortTaken { address } => Sentence::new(
                format!(
                    "端口 {} 已被另一个程序占用;请先停掉它,或用 --listen {}:其他端口。",
                    address.port(),
                    address.ip()
                ),
                format!(
                    "port {} is taken by another program; stop that program, or choose another port with --listen {}:PORT.",
                    address.port(),
                    address.ip()
                ),
            ),
            Self::Listen { address, source } => Sentence::new(
                format!("无法监听 {address}({source});请用 --listen 换一个本机地址。"),
                format!(
                    "cannot listen on {address} ({source}); choose an address of this machine with --listen."
                ),
            ),
            Self::PlainHttp { address } => Sentence::new(
                format!(
                    "{address} 其他机器也能访问,不能用明文 HTTP;请加 --tls(先运行 grid-platform admin ca init),或只监听 127.0.0.1。"
                ),
                format!(
                    "{address} can be reached by other machines and plain HTTP is for loopback only; add --tls (after `grid-platform admin ca init`), or listen on 127.0.0.1."
                ),
            ),
            Self::Certificate { detail } => Sentence::new(
                format!("证书不可用({detail});请从备份恢复 ca 目录,或运行 grid-platform admin ca renew。"),
                format!(
                    "the certificates cannot be used ({detail}); restore the ca folder from the backup, or run `grid-platform admin ca renew`."
                ),
            ),
            Self::Authority { detail } => match detail {
                AuthorityFault::Exists => Sentence::new(
                    "证书机构已经存在,设备已绑定它,未作改动;更换服务器证书请运行 grid-platform admin ca renew。",
                    "the certificate authority is there already, devices have pinned it and it was not touched; for a new server certificate run `grid-platform admin ca renew`.",
                ),
                AuthorityFault::Missing => Sentence::new(
                    "还没有证书机构;请先运行 grid-platform admin ca init --host 主机名或地址。",
                    "there is no certificate authority yet; run `grid-platform admin ca init --host NAME` first.",
                ),
                AuthorityFault::Host(host) => Sentence::new(
                    format!("{host} 不是主机名或 IP 地址;请改正 --host。"),
                    format!("{host} is no host name or IP address; correct --host."),
                ),
            },
            Self::Undeclared(undeclared) => undeclared.sentence(),
        }
    }
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sentence().fmt(f)
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Folder { source, .. } | Self::Listen { source, .. } => Some(source),
            Self::Store(source) => Some(source),
            _ => None,
        }
    }
}

impl From<Undeclared> for StartError {
    fn from(undeclared: Undeclared) -> Self {
        Self::Undeclared(undeclared)
    }
}
