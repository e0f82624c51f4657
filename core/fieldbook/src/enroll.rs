//! Enrolment: a single-use code turns this vault into one the platform knows, and pins the platform's authority.

use std::sync::PoisonError;

use grid_model::id::PhoneId;
use grid_net::{HttpTransport, Line, Trust};
use grid_store::Enrolment;
use grid_sync::{CancelToken, LinkError, Method, Request, Transport};
use grid_vault::{Domain, VerifyKey, sha256, sign_message};
use grid_wire::enroll::{EnrollRequest, EnrollResponse, answer_from, request_bytes};
use grid_wire::{RefusalCode, WIRE_VERSION, WireError, encode};

use crate::drafts::{at_most, named};
use crate::{FieldBook, FieldError, Ticket};

/// The phone this vault lives on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneDraft {
    /// Joins the vaults of a shared phone.
    pub phone: PhoneId,
    /// What people call the phone.
    pub label: String,
    /// `android`, `ios`, `linux`.
    pub platform: String,
    /// Version of the application.
    pub app_version: String,
}

/// Why enrolling did not work. The vault stays as it was and can be enrolled later; work recorded meanwhile is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrollError {
    /// No usable link to the platform.
    Link(LinkError),
    /// Something else answered at this address: a captive portal, a proxy, another server.
    NotOurPlatform,
    /// The platform speaks a newer wire version than this build.
    NewerPlatform,
    /// The platform refused: wrong, used or expired code.
    Refused(RefusalCode),
    /// This vault is enrolled already, with another platform or worker.
    AlreadyEnrolled,
    /// The vault itself could not be read or written.
    Field(FieldError),
}

impl std::fmt::Display for EnrollError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Link(error) => error.fmt(f),
            Self::NotOurPlatform => f.write_str("the answer is not from this platform"),
            Self::NewerPlatform => f.write_str("the platform is newer than this application"),
            Self::Refused(code) => write!(f, "refused: {code:?}"),
            Self::AlreadyEnrolled => f.write_str("this vault is enrolled already"),
            Self::Field(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EnrollError {}

impl From<FieldError> for EnrollError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl From<LinkError> for EnrollError {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

impl FieldBook {
    /// Enrols this vault over HTTP. Sending the same ticket again after a lost answer is safe, and after a cancelled wait.
    pub fn enroll(
        &self,
        ticket: &Ticket,
        phone: &PhoneDraft,
        cancel: &CancelToken,
    ) -> Result<(), EnrollError> {
        let transport = first_contact(ticket)?;
        self.enroll_over(ticket, phone, &transport, cancel, || {
            transport.authority().unwrap_or_default()
        })
    }

    /// Enrols over any transport; `authority` gives the CA certificate that the transport met, in DER.
    pub fn enroll_over(
        &self,
        ticket: &Ticket,
        phone: &PhoneDraft,
        transport: &dyn Transport,
        cancel: &CancelToken,
        authority: impl FnOnce() -> Vec<u8>,
    ) -> Result<(), EnrollError> {
        if self.enrolment()?.is_some() {
            return Err(EnrollError::AlreadyEnrolled);
        }
        self.introduce(ticket, phone, transport, cancel, authority)
    }

    /// Enrols this vault once more for its worker, with a new ticket: the platform's keys are others now, and none that this
    /// vault trusts vouches for them. What was recorded stays and is sent. `AlreadyEnrolled` when the ticket is somebody else's.
    pub fn enroll_again(
        &self,
        ticket: &Ticket,
        phone: &PhoneDraft,
        cancel: &CancelToken,
    ) -> Result<(), EnrollError> {
        let transport = first_contact(ticket)?;
        self.enroll_again_over(ticket, phone, &transport, cancel, || {
            transport.authority().unwrap_or_default()
        })
    }

    /// The same over any transport; `authority` gives the CA certificate that the transport met, in DER.
    pub fn enroll_again_over(
        &self,
        ticket: &Ticket,
        phone: &PhoneDraft,
        transport: &dyn Transport,
        cancel: &CancelToken,
        authority: impl FnOnce() -> Vec<u8>,
    ) -> Result<(), EnrollError> {
        if self.enrolment()?.is_none() {
            return Err(FieldError::NotFound { what: "enrolment" }.into());
        }
        self.introduce(ticket, phone, transport, cancel, authority)
    }

    /// First contact: what the platform says of itself is believed, because the ticket named its authority.
    fn introduce(
        &self,
        ticket: &Ticket,
        phone: &PhoneDraft,
        transport: &dyn Transport,
        cancel: &CancelToken,
        authority: impl FnOnce() -> Vec<u8>,
    ) -> Result<(), EnrollError> {
        named("phone_label", &phone.label)?;
        at_most("phone_label", &phone.label, 40)?;
        let nonce = u64::from_be_bytes(self.host.random()?);
        let request = EnrollRequest {
            version: WIRE_VERSION,
            code: ticket.code.clone(),
            device: self.device(),
            phone: phone.phone,
            phone_label: phone.label.clone(),
            device_key: self.key.public(),
            platform: phone.platform.clone(),
            app_version: phone.app_version.clone(),
            nonce,
        };
        let signed = sign_message(&self.key, Domain::Enroll, encode(&request));
        let request = Request::new(Method::Post, "/v1/enroll", request_bytes(&signed))
            .with("content-type", "application/vnd.grid-fieldbook");
        let answer = transport.send(&request, cancel)?;
        if answer.is_cut {
            return Err(grid_sync::LinkError::Lost.into());
        }
        let response = match answer_from(&answer.body) {
            Ok(Ok(response)) if response.nonce == nonce => response,
            Ok(Err(refusal)) if refusal.code == RefusalCode::NewerVersion => {
                return Err(EnrollError::NewerPlatform);
            }
            Ok(Err(refusal)) => return Err(EnrollError::Refused(refusal.code)),
            Err(WireError::Newer { .. }) => return Err(EnrollError::NewerPlatform),
            Ok(Ok(_)) | Err(_) => return Err(EnrollError::NotOurPlatform),
        };
        VerifyKey::from_sec1(&response.platform_key).map_err(|_| EnrollError::NotOurPlatform)?;
        let authority = authority();
        if ticket.authority.is_some_and(|named| sha256(&authority) != named) {
            return Err(LinkError::WrongCertificate.into());
        }
        if self
            .enrolment()?
            .is_some_and(|known| known.worker != response.worker)
        {
            return Err(EnrollError::AlreadyEnrolled);
        }
        self.keep_enrolment(ticket, phone, authority, response)
    }

    fn keep_enrolment(
        &self,
        ticket: &Ticket,
        phone: &PhoneDraft,
        authority: Vec<u8>,
        response: EnrollResponse,
    ) -> Result<(), EnrollError> {
        let enrolment = Enrolment {
            server: ticket.address.to_string(),
            authority,
            phone: phone.phone,
            phone_label: phone.label.clone(),
            worker: response.worker,
            display_name: response.display_name,
            job_no: response.job_no,
            org_name: response.org_name,
            platform_key: response.platform_key,
            sealing_key: response.sealing_key,
        };
        self.store
            .write(|tx| tx.set_enrolment(&enrolment).map_err(FieldError::from))?;
        Ok(self.seal_to_platform()?)
    }

    /// From now on the platform can open what this phone may leave behind; what is here already is sealed for it, too.
    pub(crate) fn seal_to_platform(&self) -> Result<(), FieldError> {
        self.man_lifeboat()?;
        self.store.rebuild_lifeboat()?;
        self.write_capture_grant()
    }

    /// The platform this vault is enrolled with, for whoever carries requests otherwise; `None` before enrolment.
    pub fn platform(&self) -> Result<Option<PlatformAddress>, FieldError> {
        let address = |found: Enrolment| PlatformAddress {
            base: found.server,
            authority: Some(found.authority).filter(|cert| !cert.is_empty()),
        };
        Ok(self.enrolment()?.map(address))
    }

    /// A transport to the platform this vault is enrolled with, under its pinned authority. It may go on with the TLS session of
    /// the one before.
    pub fn connect(&self) -> Result<HttpTransport, EnrollError> {
        let enrolment = self
            .enrolment()?
            .ok_or(FieldError::NotFound { what: "enrolment" })?;
        let mut kept = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.as_ref().filter(|known| known.leads_to(&enrolment)) {
            return Ok(known.line.open()?);
        }
        let known = KnownLine::to(enrolment)?;
        let transport = known.line.open()?;
        *kept = Some(known);
        Ok(transport)
    }
}

/// Where a platform is, and by what a carrier knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformAddress {
    /// Base address, to which a request's path is joined.
    pub base: String,
    /// The certificate of its authority, DER; none on loopback, where plain HTTP is spoken.
    pub authority: Option<Vec<u8>>,
}

/// The way to the platform of an enrolment.
pub(crate) struct KnownLine {
    server: String,
    authority: Vec<u8>,
    line: Line,
}

impl KnownLine {
    fn to(enrolment: Enrolment) -> Result<Self, LinkError> {
        let address = grid_net::Address::parse(&enrolment.server).map_err(|_| LinkError::BadAddress)?;
        let trust = if enrolment.authority.is_empty() {
            Trust::Loopback
        } else {
            Trust::Pinned(enrolment.authority.clone())
        };
        Ok(Self {
            line: Line::new(address, trust)?,
            server: enrolment.server,
            authority: enrolment.authority,
        })
    }

    fn leads_to(&self, enrolment: &Enrolment) -> bool {
        self.server == enrolment.server && self.authority == enrolment.authority
    }
}

/// A transport to the platform that a ticket names, under the authority that it names.
fn first_contact(ticket: &Ticket) -> Result<HttpTransport, LinkError> {
    let trust = match ticket.authority {
        None => Trust::Loopback,
        Some(expected) => Trust::Introduced(Box::new(move |cert| sha256(cert) == expected)),
    };
    HttpTransport::new(ticket.address.clone(), trust)
}
