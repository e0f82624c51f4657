//! Enrolment: a single-use code and the vault's own key make a device.

use grid_model::Sha256;
use grid_vault::{Domain, VerifyKey, open_signed, sha256};
use grid_wire::enroll::{self, EnrollRequest, EnrollResponse};
use grid_wire::{Refusal, RefusalCode, WIRE_VERSION, WireError};

use crate::entropy::plain_code;
use crate::store::{HubTxn, StoredDevice, Tries, TryKind};
use crate::text::cut;
use crate::{Hub, HubError, HubStore};

/// How long a code lives unless said otherwise, ms.
pub(crate) const CODE_VALID_MS: i64 = 10 * 60 * 1000;
/// Wrong tries within the window before that name or that source has to wait.
pub(crate) const WRONG_TRIES_MAX: u64 = 10;
/// Wrong codes within the window, from wherever, before everybody has to wait. A code is one of 2^40, so with a hundred of
/// them out this many guesses hit one with a chance of one in ten million; a single source is stopped long before.
pub(crate) const WRONG_CODES_MAX: u64 = 1_000;
/// Length of that window, ms.
pub(crate) const TRIES_WINDOW_MS: i64 = 10 * 60 * 1000;
const LABEL_CHARS_MAX: usize = 40;

impl<S: HubStore> Hub<S> {
    /// Turns a single-use code into an enrolled vault (`POST /v1/enroll`). A repeated request of the same vault, whose
    /// answer was lost, is answered again.
    ///
    /// A code has no public part, so a wrong one is a guess at all of them and is counted for where it comes from:
    /// `source` is the caller's name for that, such as an address. It is kept as a hash, and only while it counts.
    pub fn enroll(
        &self,
        now_ms: i64,
        source: &str,
        bytes: &[u8],
    ) -> Result<Result<EnrollResponse, Refusal>, HubError> {
        let request = match proven(bytes) {
            Ok(request) => request,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let source = self.source_hash(source);
        self.store
            .write(|tx| self.enroll_in(tx, now_ms, &source, &request))
    }

    fn enroll_in<T: HubTxn>(
        &self,
        tx: &mut T,
        now_ms: i64,
        source: &str,
        request: &EnrollRequest,
    ) -> Result<Result<EnrollResponse, Refusal>, HubError> {
        let refused = |code, detail: &str| Ok(Err(Refusal::new(code, detail)));
        let since_ms = now_ms - TRIES_WINDOW_MS;
        let here = tx.tries_since(TryKind::Enroll, Some(source), since_ms)?;
        let everywhere = tx.tries_since(TryKind::Enroll, None, since_ms)?;
        let waits =
            too_many(here, WRONG_TRIES_MAX, now_ms).max(too_many(everywhere, WRONG_CODES_MAX, now_ms));
        if waits.is_some() {
            let refusal = Refusal::new(RefusalCode::TryLater, "too many wrong codes");
            return Ok(Err(Refusal {
                retry_after_s: waits,
                ..refusal
            }));
        }
        let Some(code) = tx.code(self.code_hash(&request.code))? else {
            tx.add_try(TryKind::Enroll, source, now_ms, since_ms)?;
            return refused(RefusalCode::CodeWrong, "no such code");
        };
        let known = tx.device(request.device)?;
        if known
            .as_ref()
            .is_some_and(|device| device.revoked_at_ms.is_some())
        {
            return refused(RefusalCode::Revoked, "this vault was revoked");
        }
        let enrolled_at_ms = known.as_ref().map_or(now_ms, |device| device.enrolled_at_ms);
        match &code.used_by {
            Some((device, key)) if *device == request.device && *key == request.device_key => {}
            Some(_) => return refused(RefusalCode::CodeUsed, "another vault used this code"),
            None if now_ms >= code.expires_at_ms => {
                return refused(RefusalCode::CodeExpired, "the code is over");
            }
            None => {
                let device = stored(request, code.worker, now_ms);
                match known {
                    Some(known) if known.key == device.key && known.worker == device.worker => {}
                    Some(_) => return refused(RefusalCode::Malformed, "this vault's id is taken"),
                    None => tx.add_device(&device)?,
                }
                tx.use_code(code.code_hash, request.device, &request.device_key, now_ms)?;
            }
        }
        let worker = tx
            .worker(code.worker)?
            .ok_or(HubError::Bug("a code without its worker"))?;
        let org = tx
            .org(worker.org)?
            .ok_or(HubError::Bug("a worker without an organisation"))?;
        let keys = self.keys();
        Ok(Ok(EnrollResponse {
            version: WIRE_VERSION,
            worker: worker.id,
            display_name: worker.display_name,
            job_no: worker.job_no,
            org_name: org.name,
            incarnation: self.incarnation,
            platform_key: keys.public_of_enrolment(now_ms, enrolled_at_ms),
            sealing_key: keys.sealing_public(),
            server_ms: now_ms,
            nonce: request.nonce,
        }))
    }

    /// How a code is kept: the hash of its plain form, bound to this store.
    pub(crate) fn code_hash(&self, code: &str) -> Sha256 {
        let store = self.incarnation.bytes();
        sha256(&[b"grid-code-v1\0", &store[..], plain_code(code).as_bytes()].concat())
    }

    /// How the source of a wrong code is kept: nobody has to read an address in the store.
    fn source_hash(&self, source: &str) -> String {
        let store = self.incarnation.bytes();
        sha256(&[b"grid-source-v1\0", &store[..], source.as_bytes()].concat()).to_string()
    }
}

/// The request in these bytes, once its signature by its own key holds.
fn proven(bytes: &[u8]) -> Result<EnrollRequest, Refusal> {
    let (signed, request) = enroll::request_from(bytes).map_err(|error| refusal_of(&error))?;
    if request.version > WIRE_VERSION {
        return Err(refusal_of(&WireError::Newer {
            found: request.version,
        }));
    }
    let forged = |_| {
        Refusal::new(
            RefusalCode::BadSignature,
            "the enrolment is not signed by the key it names",
        )
    };
    let key = VerifyKey::from_sec1(&request.device_key).map_err(forged)?;
    open_signed(&key, Domain::Enroll, &signed).map_err(forged)?;
    Ok(request)
}

fn stored(request: &EnrollRequest, worker: grid_model::WorkerId, now_ms: i64) -> StoredDevice {
    StoredDevice {
        id: request.device,
        worker,
        phone: request.phone,
        phone_label: cut(&request.phone_label, LABEL_CHARS_MAX),
        key: request.device_key.clone(),
        platform: cut(&request.platform, LABEL_CHARS_MAX),
        enrolled_at_ms: now_ms,
        revoked_at_ms: None,
        contact: None,
        app_version: cut(&request.app_version, LABEL_CHARS_MAX),
    }
}

/// After how many seconds to ask again, if there were `tries_max` wrong tries or more.
pub(crate) fn too_many(tries: Tries, tries_max: u64, now_ms: i64) -> Option<u32> {
    if tries.count < tries_max {
        return None;
    }
    let ends_ms = tries.first_at_ms.unwrap_or(now_ms) + TRIES_WINDOW_MS;
    let seconds = (ends_ms - now_ms).clamp(1_000, TRIES_WINDOW_MS) / 1000;
    u32::try_from(seconds).ok()
}

/// The refusal that bytes deserve which are no message of ours.
pub(crate) fn refusal_of(error: &WireError) -> Refusal {
    let code = match error {
        WireError::NotOurs | WireError::Malformed { .. } => RefusalCode::Malformed,
        WireError::TooLarge { .. } => RefusalCode::TooLarge,
        WireError::Newer { .. } => RefusalCode::NewerVersion,
    };
    let version_max = matches!(code, RefusalCode::NewerVersion).then_some(WIRE_VERSION);
    Refusal {
        version_max,
        ..Refusal::new(code, error.to_string())
    }
}
