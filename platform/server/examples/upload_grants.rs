//! Makes a platform in a folder and enrols two phones there: `upload_grants FOLDER`. Prints the upload grant of each, one a
//! line, as its first exchange brought it. For `tests/tus`, whose clients cannot sign an exchange.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use grid_hub::conformance::device::FakeDevice;
use grid_hub::{OrgDraft, WorkerDraft};
use grid_model::OrgId;
use grid_model::terms::Role;
use grid_server::{Platform, Settings, SystemClock};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder] = arguments.as_slice() else {
        eprintln!("upload_grants FOLDER");
        return ExitCode::from(2);
    };
    match grants(Path::new(folder)) {
        Ok(grants) => {
            grants.iter().for_each(|grant| println!("{grant}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn grants(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let platform = Platform::make(folder, Arc::new(SystemClock), Settings::default())?;
    let org = platform.admin().create_org(&OrgDraft {
        name: "大鹿岛边境派出所".to_owned(),
        parent: None,
        prefix: "DL".to_owned(),
    })?;
    [(1, "W01"), (2, "W02")]
        .into_iter()
        .map(|(seed, job_no)| grant(&platform, org, seed, job_no))
        .collect()
}

/// Enrols a phone for a worker of its own and lets it exchange once.
fn grant(platform: &Platform, org: OrgId, seed: u8, job_no: &str) -> Result<String, Box<dyn Error>> {
    let worker = WorkerDraft {
        org,
        name: job_no.to_lowercase(),
        display_name: job_no.to_owned(),
        job_no: job_no.to_owned(),
        role: Role::BorderOfficer,
        post: None,
        password_hash: None,
    };
    platform.admin().create_worker(worker, None)?;
    let ticket = platform.admin().issue_code(job_no, "http://127.0.0.1", None)?;
    let (hub, now_ms) = (platform.hub(), platform.now_ms());
    let mut device = FakeDevice::with_seed(seed);
    let enrolled = hub.enroll(now_ms, "here", &device.enrolment(&ticket.code))?;
    device.incarnation = Some(enrolled.map_err(|refusal| format!("{refusal:?}"))?.incarnation);
    let asked = device.request(&[], |_| {}).to_bytes();
    let answered = hub.exchange(now_ms, &asked)?;
    let answered = answered.map_err(|refusal| format!("{refusal:?}"))?;
    Ok(answered.response.upload_grant)
}
