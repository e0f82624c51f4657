//! The private certificate authority: one root for ten years, one leaf for thirteen months at a time. Keys are files of
//! mode 0600 under `ca/`; the root's key is needed only to renew the leaf and is best kept on paper or a stick elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike as _, Days, NaiveDate};
use grid_hub::sha256;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::CaPin;
use crate::StartError;
use crate::folder::{PlatformFolder, private_folder, write_private};

const ROOT_DAYS: u64 = 3_653;
const LEAF_DAYS: u64 = 397;
/// Certificates begin a little earlier, for phones whose clock is slow.
const EARLIER_DAYS: u64 = 2;
/// Names under which the machine itself reaches the platform.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Where the parts of the authority lie.
pub(super) struct Places {
    pub(super) root: PathBuf,
    root_key: PathBuf,
    pub(super) leaf: PathBuf,
    pub(super) leaf_key: PathBuf,
}

impl Places {
    pub(super) fn of(folder: &PlatformFolder) -> Self {
        let at = |name: &str| folder.authority().join(name);
        Self {
            root: at("root.pem"),
            root_key: at("root.key"),
            leaf: at("leaf.pem"),
            leaf_key: at("leaf.key"),
        }
    }
}

/// Makes the authority and a leaf for these host names and addresses. One that is there is never replaced: devices
/// have pinned it.
pub(crate) fn make(folder: &PlatformFolder, hosts: &[String], now_ms: i64) -> Result<CaPin, StartError> {
    let places = Places::of(folder);
    if places.root.exists() {
        return Err(StartError::Authority {
            detail: AuthorityFault::Exists,
        });
    }
    fs::create_dir_all(folder.authority())
        .map_err(|source| StartError::folder(&folder.authority(), source))?;
    private_folder(&folder.authority()).map_err(|source| StartError::folder(&folder.authority(), source))?;
    let key = KeyPair::generate().map_err(unusable)?;
    let root = root_params(now_ms)?.self_signed(&key).map_err(unusable)?;
    write(&places.root_key, key.serialize_pem().as_bytes())?;
    write(&places.root, root.pem().as_bytes())?;
    issue_leaf(&places, &key, hosts, now_ms)?;
    Ok(CaPin(sha256(root.der())))
}

/// Makes a new leaf under the authority that is there; devices notice nothing.
pub(crate) fn renew(folder: &PlatformFolder, hosts: &[String], now_ms: i64) -> Result<CaPin, StartError> {
    let places = Places::of(folder);
    let pin = pin(folder)?.ok_or(StartError::Authority {
        detail: AuthorityFault::Missing,
    })?;
    let key = fs::read_to_string(&places.root_key)
        .map_err(|source| StartError::folder(&places.root_key, source))?;
    let key = KeyPair::from_pem(&key).map_err(unusable)?;
    issue_leaf(&places, &key, hosts, now_ms)?;
    Ok(pin)
}

/// The pin of the authority that is there, if there is one.
pub(crate) fn pin(folder: &PlatformFolder) -> Result<Option<CaPin>, StartError> {
    let root = Places::of(folder).root;
    if !root.exists() {
        return Ok(None);
    }
    let der = CertificateDer::from_pem_file(&root).map_err(unusable)?;
    Ok(Some(CaPin(sha256(&der))))
}

/// Why a command about the authority cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorityFault {
    /// There is one already.
    Exists,
    /// There is none.
    Missing,
    /// A host name that no certificate can hold.
    Host(String),
}

fn issue_leaf(places: &Places, root_key: &KeyPair, hosts: &[String], now_ms: i64) -> Result<(), StartError> {
    let mut names: Vec<String> = OWN_NAMES.map(str::to_owned).to_vec();
    names.extend(
        hosts
            .iter()
            .filter(|host| !OWN_NAMES.contains(&host.as_str()))
            .cloned(),
    );
    let shown = hosts.first().map_or("grid-platform", String::as_str).to_owned();
    let mut params = CertificateParams::new(names).map_err(|_| StartError::Authority {
        detail: AuthorityFault::Host(hosts.join(", ")),
    })?;
    params.distinguished_name.push(DnType::CommonName, shown);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    lasting(&mut params, now_ms, LEAF_DAYS)?;
    let key = KeyPair::generate().map_err(unusable)?;
    let issuer = Issuer::new(root_params(now_ms)?, root_key);
    let leaf = params.signed_by(&key, &issuer).map_err(unusable)?;
    write(&places.leaf_key, key.serialize_pem().as_bytes())?;
    write(&places.leaf, leaf.pem().as_bytes())
}

/// The root's parameters. Its name is the same everywhere: what tells two platforms apart is the pin.
fn root_params(now_ms: i64) -> Result<CertificateParams, StartError> {
    let mut params = CertificateParams::new(Vec::new()).map_err(unusable)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Grid Fieldbook private CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    lasting(&mut params, now_ms, ROOT_DAYS)?;
    Ok(params)
}

fn lasting(params: &mut CertificateParams, now_ms: i64, days: u64) -> Result<(), StartError> {
    let off_calendar = || StartError::Certificate {
        detail: "the clock shows no date of the calendar".to_owned(),
    };
    let today = DateTime::from_timestamp_millis(now_ms)
        .ok_or_else(off_calendar)?
        .date_naive();
    let begin = today
        .checked_sub_days(Days::new(EARLIER_DAYS))
        .ok_or_else(off_calendar)?;
    let end = today.checked_add_days(Days::new(days)).ok_or_else(off_calendar)?;
    let date = |day: NaiveDate| -> Option<_> {
        Some(date_time_ymd(
            day.year(),
            u8::try_from(day.month()).ok()?,
            u8::try_from(day.day()).ok()?,
        ))
    };
    params.not_before = date(begin).ok_or_else(off_calendar)?;
    params.not_after = date(end).ok_or_else(off_calendar)?;
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), StartError> {
    write_private(path, bytes).map_err(|source| StartError::folder(path, source))
}

pub(super) fn unusable(error: impl std::fmt::Display) -> StartError {
    StartError::Certificate {
        detail: error.to_string(),
    }
}
