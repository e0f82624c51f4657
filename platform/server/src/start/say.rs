//! The sentences of [`super::StartError`]: what happened, then what to do.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use grid_hub::HubError;

use crate::Sentence;
use crate::tls::AuthorityFault;

pub(super) fn no_platform(folder: &Path) -> Sentence {
    let folder = folder.display();
    Sentence::new(
        format!(
            "{folder} 里没有平台数据；请先运行 grid-platform admin init --data {folder}，或检查 --data 是否写对。"
        ),
        format!(
            "{folder} holds no platform; run `grid-platform admin init --data {folder}` first, or check the path after --data."
        ),
    )
}

pub(super) fn unusable(path: &Path, source: &io::Error) -> Sentence {
    let path = path.display();
    Sentence::new(
        format!("{path} 无法读写（{source}）；请检查该路径和权限。"),
        format!("{path} cannot be read or written ({source}); check the path and its permissions."),
    )
}

pub(super) fn no_space(path: &Path) -> Sentence {
    let path = path.display();
    Sentence::new(
        format!("{path} 所在磁盘已满，没有写入任何内容；请腾出空间后再启动。"),
        format!("the disk of {path} is full, nothing was written; free some space and start again."),
    )
}

pub(super) fn newer_schema(found: u32, supported: u32) -> Sentence {
    Sentence::new(
        format!(
            "数据由更新版本的程序写入（格式 {found}，本程序最高支持 {supported}），未作任何改动；请换用新版 grid-platform。"
        ),
        format!(
            "the data was written by a newer program (schema {found}, this one knows up to {supported}) and was not touched; use the newer grid-platform."
        ),
    )
}

pub(super) fn keys_differ(folder: &Path) -> Sentence {
    let folder = folder.display();
    Sentence::new(
        format!("{folder} 里的密钥不属于这份数据，未作任何改动；请放回与数据一同备份的密钥。"),
        format!(
            "the keys in {folder} do not belong to this data, which was not touched; put back the keys that were backed up with it."
        ),
    )
}

pub(super) fn calendar(path: &Path, line: usize) -> Sentence {
    let path = path.display();
    Sentence::new(
        format!(
            "{path} 第 {line} 行不是 date,is_workday,holiday（例如 2027-01-01,0,元旦）；请改正该行，或移走此文件以使用内置日历。"
        ),
        format!(
            "{path} line {line} is not date,is_workday,holiday (such as 2027-01-01,0,New Year); correct it, or move the file away to use the shipped calendar."
        ),
    )
}

pub(super) fn store(source: &HubError) -> Sentence {
    Sentence::new(
        format!("平台数据库无法使用（{source}）；数据未被删除，请检查磁盘后再启动。"),
        format!(
            "the platform's store cannot be used ({source}); nothing was deleted, check the disk and start again."
        ),
    )
}

pub(super) fn served(folder: &Path) -> Sentence {
    let folder = folder.display();
    Sentence::new(
        format!("{folder} 已有一个 grid-platform 在使用；请先停掉它。"),
        format!("another grid-platform works on {folder}; stop that one first."),
    )
}

pub(super) fn port_taken(address: SocketAddr) -> Sentence {
    let (host, port) = (address.ip(), address.port());
    Sentence::new(
        format!("端口 {port} 已被另一个程序占用；请先停掉它，或用 --listen {host}:其他端口。"),
        format!(
            "port {port} is taken by another program; stop that program, or choose another port with --listen {host}:PORT."
        ),
    )
}

pub(super) fn no_listening(address: SocketAddr, source: &io::Error) -> Sentence {
    Sentence::new(
        format!("无法监听 {address}（{source}）；请用 --listen 换一个本机地址。"),
        format!("cannot listen on {address} ({source}); choose an address of this machine with --listen."),
    )
}

pub(super) fn plain_http(address: SocketAddr) -> Sentence {
    Sentence::new(
        format!(
            "{address} 其他机器也能访问，不能用明文 HTTP；请加 --tls（先运行 grid-platform admin ca init），或只监听 127.0.0.1。"
        ),
        format!(
            "{address} can be reached by other machines and plain HTTP is for loopback only; add --tls (after `grid-platform admin ca init`), or listen on 127.0.0.1."
        ),
    )
}

pub(super) fn certificate(detail: &str) -> Sentence {
    Sentence::new(
        format!("证书不可用（{detail}）；请从备份恢复 ca 目录，或运行 grid-platform admin ca renew。"),
        format!(
            "the certificates cannot be used ({detail}); restore the ca folder from the backup, or run `grid-platform admin ca renew`."
        ),
    )
}

pub(super) fn authority(fault: &AuthorityFault) -> Sentence {
    match fault {
        AuthorityFault::Exists => Sentence::new(
            "证书机构已经存在，设备已绑定它，未作改动；更换服务器证书请运行 grid-platform admin ca renew。",
            "the certificate authority is there already, devices have pinned it and it was not touched; for a new server certificate run `grid-platform admin ca renew`.",
        ),
        AuthorityFault::Missing => Sentence::new(
            "还没有证书机构；请先运行 grid-platform admin ca init --host 主机名或地址。",
            "there is no certificate authority yet; run `grid-platform admin ca init --host NAME` first.",
        ),
        AuthorityFault::Host(host) => Sentence::new(
            format!("{host} 不是主机名或 IP 地址；请改正 --host。"),
            format!("{host} is no host name or IP address; correct --host."),
        ),
    }
}
