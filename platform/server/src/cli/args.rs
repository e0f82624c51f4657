//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use grid_model::DeviceId;
use grid_model::terms::Role;

use crate::LogFormat;

/// The platform of Grid Fieldbook: serves phones and the console, and sets itself up. 网格外勤簿平台服务。
#[derive(Debug, Parser)]
#[command(name = "grid-platform", version)]
pub struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve phones and the console. 启动服务。
    Serve(Serve),
    /// Set the platform up. 平台管理。
    Admin(AdminArguments),
    /// Make a backup while the platform serves, or not. 备份。
    Backup(Backup),
    /// Write the platform's keys to a file that is kept apart from backups. 导出密钥。
    BackupKeys(BackupKeys),
    /// Prove that a backup can be restored, and count what it holds as backed up. 核验备份。
    Verify(Verify),
    /// Put a backup back into a folder that holds no platform. 恢复备份。
    Restore(Restore),
}

#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    pub(super) folder: Folder,
    /// Backup store: a folder that may hold many backups. 备份目录。
    #[arg(long, value_name = "FOLDER")]
    pub(super) to: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct BackupKeys {
    #[command(flatten)]
    pub(super) folder: Folder,
    /// File to write; it must not exist. 密钥文件。
    #[arg(long, value_name = "FILE")]
    pub(super) to: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    pub(super) folder: Folder,
    /// The backup: a folder in a backup store. 备份。
    #[arg(long, value_name = "FOLDER/NAME")]
    pub(super) backup: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    pub(super) folder: Folder,
    /// The backup: a folder in a backup store. 备份。
    #[arg(long, value_name = "FOLDER/NAME")]
    pub(super) backup: PathBuf,
    /// File that `backup-keys` wrote, or a keys folder; without it the keys must be in the data folder. 密钥。
    #[arg(long, value_name = "FILE|FOLDER")]
    pub(super) keys: Option<PathBuf>,
}

/// Every command works on one folder.
#[derive(Debug, Args)]
pub(super) struct Folder {
    /// Folder that holds everything the platform keeps. 数据目录。
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) folder: Folder,
    /// Address to listen on; without --tls only loopback. 监听地址。
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    pub(super) listen: SocketAddr,
    /// Serve TLS with the certificate that `admin ca init` made. 使用 TLS。
    #[arg(long)]
    pub(super) tls: bool,
    /// How log lines look. 日志格式。
    #[arg(long, value_enum, default_value_t = Lines::Text)]
    pub(super) log: Lines,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Lines {
    /// For a person at a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

impl From<Lines> for LogFormat {
    fn from(lines: Lines) -> Self {
        match lines {
            Lines::Text => Self::Text,
            Lines::Json => Self::Json,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct AdminArguments {
    #[command(flatten)]
    pub(super) folder: GlobalFolder,
    #[command(subcommand)]
    pub(super) task: AdminTask,
}

#[derive(Debug, Args)]
pub(super) struct GlobalFolder {
    /// Folder that holds everything the platform keeps. 数据目录。
    #[arg(long, value_name = "DIR", global = true, default_value = ".")]
    pub(super) data: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(super) enum AdminTask {
    /// Make a platform in the data folder. 初始化平台。
    Init,
    /// Organisations. 机构。
    #[command(subcommand)]
    Org(OrgTask),
    /// People. 人员。
    #[command(subcommand)]
    User(UserTask),
    /// Take in posts and checkpoints from a TOML file. 导入岗位与点位。
    Post {
        /// Prefix of the organisation, such as DL. 机构前缀。
        #[arg(long)]
        org: String,
        /// `[[post]]` with code, name, lat, lon; `[[post.checkpoint]]` with the same and radius_m.
        file: PathBuf,
    },
    /// Set the outline on an organisation's map from a GeoJSON file. 导入地图轮廓。
    Outline {
        /// Prefix of the organisation. 机构前缀。
        #[arg(long)]
        org: String,
        /// GeoJSON: a geometry, a feature or a collection; WGS-84.
        file: PathBuf,
    },
    /// Take in the division table from a CSV file: code,name,level,parent. 导入区划表。
    Divisions {
        /// Codes of 12 digits; levels 1 (province) to 5 (village).
        file: PathBuf,
    },
    /// Take in tasks from a file of JSON lines. 导入任务。
    Tasks {
        /// Job number of the person who dispatches them. 派遣人工号。
        #[arg(long, value_name = "JOB_NO")]
        by: String,
        /// One object a line: no?, title, description, case_kind, level, holder_job_no, grid_code?, place_text,
        /// dispatched_at?, due_at?.
        file: PathBuf,
    },
    /// Enrolment codes. 注册码。
    #[command(subcommand)]
    Code(CodeTask),
    /// The private certificate authority. 证书机构。
    #[command(subcommand)]
    Ca(CaTask),
    /// The keys that the platform signs with and that phones seal to. 平台密钥。
    #[command(subcommand)]
    Keys(KeysTask),
    /// Revoke a device: it exchanges and uploads nothing any more. 停用设备。
    Revoke {
        /// Id of the device, from the console's list. 设备编号。
        device: DeviceId,
    },
    /// Take in the lifeboat of a phone that no longer works, from a folder copied off it: segments (*.boat, *.locked) and
    /// the sealed photos beside them. 读取故障手机的救生艇文件。
    Lifeboat {
        /// Folders, which are searched, and segments.
        #[arg(required = true, value_name = "DIR|FILE")]
        paths: Vec<PathBuf>,
    },
    /// Show a phone's support bundle, which only this platform can open. 查看手机的支持包。
    Support {
        /// The file that the phone or `grid doctor --bundle` wrote. 支持包文件。
        file: PathBuf,
    },
    /// Say that the data folder was restored from a backup, so that phones offer again what was lost. 声明数据已从备份恢复。
    Restored,
}

#[derive(Debug, Subcommand)]
pub(super) enum OrgTask {
    /// Create an organisation. 新建机构。
    Add {
        /// Name a person reads. 名称。
        #[arg(long)]
        name: String,
        /// What its numbers begin with: 1 to 8 capital letters or digits. 编号前缀。
        #[arg(long)]
        prefix: String,
        /// Prefix of the organisation above it. 上级机构前缀。
        #[arg(long, value_name = "PREFIX")]
        parent: Option<String>,
    },
    /// List the organisations. 列出机构。
    List,
}

#[derive(Debug, Subcommand)]
pub(super) enum UserTask {
    /// Create a person. 新建人员。
    Add {
        /// Prefix of the organisation. 机构前缀。
        #[arg(long)]
        org: String,
        /// Name typed to sign in. 登录名。
        #[arg(long)]
        name: String,
        /// How the person is called. 姓名。
        #[arg(long)]
        display_name: String,
        /// Job number. 工号。
        #[arg(long)]
        job_no: String,
        /// Role: grid_worker, border_officer, station_leader, duty_officer, … 角色。
        #[arg(long, value_parser = role)]
        role: Role,
        /// Code of the post. 岗位编号。
        #[arg(long)]
        post: Option<String>,
        /// File with the password in its first line; without one a password is made and shown once. 密码文件。
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Set a person's password. 重设密码。
    Password {
        /// Job number. 工号。
        #[arg(long)]
        job_no: String,
        /// File with the password in its first line; without one a password is made and shown once. 密码文件。
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Note the last day of a posting: what was done by its end counts, whenever it arrives. 登记离岗日期。
    Leave {
        /// Job number. 工号。
        #[arg(long)]
        job_no: String,
        /// Last day, such as 2026-01-14, Asia/Shanghai. 最后在岗日。
        #[arg(long, value_name = "DATE")]
        last_day: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum CodeTask {
    /// Issue a single-use enrolment code and its ticket. 签发一次性注册码。
    Issue {
        /// Job number of the worker. 工号。
        #[arg(long, value_name = "JOB_NO")]
        worker: String,
        /// Where phones find the platform. 平台地址。
        #[arg(long, default_value = "http://127.0.0.1:8787")]
        url: String,
        /// For how many minutes the code is good. 有效分钟数。
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=10_080))]
        minutes: i64,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum CaTask {
    /// Make the authority and a server certificate. 建立证书机构并签发服务器证书。
    Init {
        /// Host name or address under which phones reach the platform; may be repeated. 主机名或地址。
        #[arg(long = "host", value_name = "NAME")]
        hosts: Vec<String>,
    },
    /// Make a new server certificate; devices notice nothing. 更换服务器证书。
    Renew {
        /// Host name or address under which phones reach the platform; may be repeated. 主机名或地址。
        #[arg(long = "host", value_name = "NAME")]
        hosts: Vec<String>,
    },
    /// Show what devices pin. 显示证书指纹。
    Show,
}

#[derive(Debug, Subcommand)]
pub(super) enum KeysTask {
    /// List the keys. 列出密钥。
    List,
    /// Make a new key while no server runs; the older ones stay. 更换密钥。
    Rotate {
        /// Which one. 用途。
        #[arg(value_enum)]
        purpose: Purpose,
    },
    /// End an older signing key before its time, while no server runs. 停用签名密钥。
    Retire {
        /// Its name, from `admin keys list`. 密钥编号。
        #[arg(value_name = "KEY")]
        key: String,
        /// Somebody else has it: it is over at once, and phones that know no other need a new ticket. 密钥已泄露。
        #[arg(long)]
        compromised: bool,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Purpose {
    /// Signs receipts and checkpoints.
    Signing,
    /// Phones seal their lifeboat to it.
    Sealing,
}

impl From<Purpose> for grid_model::terms::KeyPurpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Signing => Self::Signing,
            Purpose::Sealing => Self::Sealing,
        }
    }
}

fn role(name: &str) -> Result<Role, String> {
    use grid_model::Coded as _;
    Role::known()
        .iter()
        .copied()
        .find(|role| role.name() == name)
        .ok_or_else(|| {
            let names: Vec<_> = Role::known().iter().map(|role| role.name()).collect();
            format!("must be one of {}", names.join(", "))
        })
}
