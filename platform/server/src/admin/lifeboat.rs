//! The lifeboats of phones that no longer work, from a folder copied off them. The keys of photos live as long as the call.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use grid_hub::{SegmentRefusal, SegmentTaken, UploadAsk, open_attachment};
use grid_model::limits::ATTACHMENT_BYTES_MAX;
use grid_model::{DeviceId, Sha256};
use grid_wire::WireError;
use grid_wire::lifeboat::FileKeyRow;

use super::AdminError;
use crate::upload::{Brought, bring};
use crate::{Platform, Sentence};

/// How deep a folder is searched: a vault's segments lie two folders below what is copied.
const DEPTH_MAX: usize = 8;
/// A sealed file is larger than its photo by 16 bytes for each 64 KiB.
const SEALED_FILE_BYTES_MAX: u64 = ATTACHMENT_BYTES_MAX + ATTACHMENT_BYTES_MAX / 1024;

/// What a folder came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifeboatReport {
    /// Devices whose segments were taken in.
    pub devices: Vec<BoatOfDevice>,
    /// Segments that were not.
    pub left: Vec<LeftSegment>,
    /// Sealed photos that no key opens.
    pub photos_left: usize,
}

/// What the segments of one device came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoatOfDevice {
    /// Which device.
    pub device: DeviceId,
    /// How its worker is called.
    pub display_name: String,
    /// The worker's job number.
    pub job_no: String,
    /// Segments taken in.
    pub segments: u64,
    /// Frames that opened.
    pub frames: u64,
    /// Changes that were not here before.
    pub new: u64,
    /// Changes that were here.
    pub duplicate: u64,
    /// Changes that wait for a person.
    pub parked: u64,
    /// Damaged places.
    pub damaged: u64,
    /// Track fixes that no change held; they stay in the segments.
    pub fixes: u64,
    /// Photos that were not here before.
    pub photos: u64,
    /// Photos that were here.
    pub photos_before: u64,
}

/// A segment that was not taken in; nothing of it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftSegment {
    /// Its file.
    pub path: PathBuf,
    /// Why.
    pub why: SegmentRefusal,
}

impl BoatOfDevice {
    fn of(taken: &SegmentTaken) -> Self {
        Self {
            device: taken.device,
            display_name: taken.display_name.clone(),
            job_no: taken.job_no.clone(),
            segments: 0,
            frames: 0,
            new: 0,
            duplicate: 0,
            parked: 0,
            damaged: 0,
            fixes: 0,
            photos: 0,
            photos_before: 0,
        }
    }

    fn add(&mut self, taken: &SegmentTaken) {
        self.segments += 1;
        self.frames += taken.answer.frames;
        self.new += taken.answer.new;
        self.duplicate += taken.answer.duplicate;
        self.parked += taken.answer.parked;
        self.damaged += taken.answer.damaged;
        self.fixes += taken.answer.fixes;
    }

    /// All of it in a line.
    pub fn sentence(&self) -> Sentence {
        let Self {
            device,
            display_name,
            job_no,
            segments,
            frames,
            new,
            duplicate,
            parked,
            damaged,
            fixes,
            photos,
            photos_before,
        } = self;
        Sentence::new(
            format!(
                "{display_name}（{job_no}），设备 {device}：{segments} 段，{frames} 帧；新收 {new} 条，此前已有 {duplicate} 条，待人工核对 {parked} 条，损坏 {damaged} 处；照片新收 {photos} 张，此前已有 {photos_before} 张；未入记录的轨迹点 {fixes} 个（留在文件里）。"
            ),
            format!(
                "{display_name} ({job_no}), device {device}: {segments} segments, {frames} frames; {new} new, {duplicate} here before, {parked} to be checked by a person, {damaged} damaged places; {photos} new photos, {photos_before} here before; {fixes} track fixes that no record holds (they stay in the files)."
            ),
        )
    }
}

impl LeftSegment {
    /// Which one and why, in a line.
    pub fn sentence(&self) -> Sentence {
        let (zh, en) = match &self.why {
            SegmentRefusal::Unreadable(WireError::Newer { .. }) => (
                "由更新的版本写成，请先更新平台",
                "written by a newer version; update the platform first",
            ),
            SegmentRefusal::UnknownDevice => ("不是在本平台登记的设备", "the device was never enrolled here"),
            SegmentRefusal::BadSignature => ("签名不是这台设备的", "not signed by the device that it names"),
            SegmentRefusal::NotSealed => (
                "写于登记之前，只有那台手机自己能打开",
                "written before the enrolment; only the phone itself can open it",
            ),
            SegmentRefusal::OtherKey => (
                "是给另一个平台的密钥封存的",
                "sealed to the key of another platform",
            ),
            SegmentRefusal::NotItsLog => (
                "锁定时的记录与这台设备自己签过的记录对不上",
                "captured for a log that the device signed itself, and not part of it",
            ),
            SegmentRefusal::Unreadable(_) => (
                "文件头已损坏或不是救生艇文件",
                "its headers are damaged, or it is no lifeboat segment",
            ),
        };
        let path = self.path.display();
        Sentence::new(
            format!("{path} 未导入：{zh}。"),
            format!("{path} was not taken in: {en}."),
        )
    }
}

/// What was found in the folders.
#[derive(Default)]
struct Haul {
    segments: Vec<PathBuf>,
    sealed: Vec<(Sha256, PathBuf)>,
}

/// The keys of photos, by name.
type Keys = BTreeMap<Sha256, Vec<(DeviceId, FileKeyRow)>>;

pub(super) fn take(platform: &Platform, paths: &[PathBuf]) -> Result<LifeboatReport, AdminError> {
    let mut haul = Haul::default();
    for path in paths {
        if path.is_dir() {
            search(path, DEPTH_MAX, &mut haul)?;
        } else {
            haul.segments.push(path.clone());
        }
    }
    // What the phone wrote itself goes before what was captured while it was locked.
    haul.segments
        .sort_by_key(|path| (path.extension() == Some(OsStr::new("locked")), path.clone()));
    haul.segments.dedup();
    let mut report = LifeboatReport::default();
    let mut keys = Keys::new();
    for path in haul.segments {
        let bytes = fs::read(&path).map_err(|source| unreadable(&path, source))?;
        // The power went before a single byte of it was flushed.
        if bytes.iter().all(|byte| *byte == 0) {
            continue;
        }
        match platform.hub().take_segment(platform.now_ms(), &bytes)? {
            Ok(taken) => {
                boat(&mut report.devices, &taken).add(&taken);
                for row in taken.files {
                    keys.entry(row.sha256).or_default().push((taken.device, row));
                }
            }
            Err(why) => report.left.push(LeftSegment { path, why }),
        }
    }
    for (sha256, path) in haul.sealed {
        photo(platform, keys.get(&sha256), &path, &mut report)?;
    }
    Ok(report)
}

fn boat<'d>(devices: &'d mut Vec<BoatOfDevice>, taken: &SegmentTaken) -> &'d mut BoatOfDevice {
    let at = devices.iter().position(|boat| boat.device == taken.device);
    let at = at.unwrap_or_else(|| {
        devices.push(BoatOfDevice::of(taken));
        devices.len() - 1
    });
    &mut devices[at]
}

/// Opens a sealed photo with the first key that fits, and keeps it as if its phone had uploaded it.
fn photo(
    platform: &Platform,
    keys: Option<&Vec<(DeviceId, FileKeyRow)>>,
    path: &Path,
    report: &mut LifeboatReport,
) -> Result<(), AdminError> {
    let length = fs::metadata(path)
        .map_err(|source| unreadable(path, source))?
        .len();
    let sealed = match keys {
        Some(_) if length <= SEALED_FILE_BYTES_MAX => {
            fs::read(path).map_err(|source| unreadable(path, source))?
        }
        _ => Vec::new(),
    };
    let opened = keys.into_iter().flatten().find_map(|(device, row)| {
        let plain = open_attachment(row, &sealed)?;
        Some((*device, row, plain))
    });
    let Some((device, row, plain)) = opened else {
        report.photos_left += 1;
        return Ok(());
    };
    let ask = UploadAsk {
        sha256: row.sha256,
        mime: row.mime.clone(),
        bytes: row.bytes,
    };
    let brought = bring(platform, device, &ask, &plain)?;
    if let Some(boat) = report.devices.iter_mut().find(|boat| boat.device == device) {
        match brought {
            Brought::Now => boat.photos += 1,
            Brought::Before => boat.photos_before += 1,
        }
    }
    Ok(())
}

/// Finds segments and sealed photos in a folder and below it. Links are not followed.
fn search(folder: &Path, depth: usize, haul: &mut Haul) -> Result<(), AdminError> {
    let failed = |source| unreadable(folder, source);
    let mut entries = fs::read_dir(folder)
        .map_err(failed)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        if kind.is_dir() && depth > 0 {
            search(&path, depth - 1, haul)?;
        }
        if !kind.is_file() {
            continue;
        }
        match path.extension().and_then(OsStr::to_str) {
            Some("boat" | "locked") => haul.segments.push(path),
            Some("sealed") => {
                let name = path
                    .file_stem()
                    .and_then(OsStr::to_str)
                    .and_then(|name| name.parse().ok());
                haul.sealed.extend(name.map(|sha256| (sha256, path)));
            }
            _ => {}
        }
    }
    Ok(())
}

fn unreadable(path: &Path, source: io::Error) -> AdminError {
    AdminError::File {
        path: path.to_owned(),
        source,
    }
}
