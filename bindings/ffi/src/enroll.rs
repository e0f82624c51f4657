//! Enrolment: a ticket makes this vault one that the platform knows.

use std::sync::Arc;

use grid_fieldbook::{EnrollError, FieldBook as Core, Ticket};

use crate::terms::{id, name};
use crate::transport::HostTransport;
use crate::{CancelToken, FieldBook, FieldError, LinkProblem, Transport};

/// The phone this vault lives on.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PhoneDraft {
    /// UUID that joins the vaults of a shared phone; made by the app once.
    pub phone: String,
    /// What people call the phone, at most 40 characters.
    pub label: String,
    /// `android`, `ios`, `linux`.
    pub platform: String,
    /// Version of the application.
    pub app_version: String,
}

/// Where a platform is, and by what a carrier knows it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PlatformAddress {
    /// Base address, to which a request's path is joined.
    pub base: String,
    /// The certificate of its authority, DER: no other chain may be believed. None on loopback, where plain HTTP is spoken.
    pub authority: Option<Vec<u8>>,
}

/// What came of enrolling. Unless it is `Enrolled` the vault is as it was, and work recorded meanwhile is kept.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum EnrollOutcome {
    /// The platform knows this vault now.
    Enrolled,
    /// This vault was enrolled before.
    AlreadyEnrolled,
    /// No usable link. Sending the same ticket again is safe.
    NoLink {
        /// Why.
        problem: LinkProblem,
    },
    /// Something else answered at this address: a captive portal, a proxy, another server.
    NotOurPlatform,
    /// The platform is newer than this application.
    NewerPlatform,
    /// The platform refused.
    Refused {
        /// `code_wrong`, `code_used`, `code_expired`, …
        code: String,
    },
}

#[uniffi::export]
impl FieldBook {
    /// Enrols this vault with a ticket of the form `grid:<address>#code=XXXX-XXXX&ca=<sha256>`. Needs the network, waits for
    /// at most some minutes. A token ends the wait within 100 ms as `NoLink` `Cancelled`; the same ticket is good for another try.
    #[uniffi::method(default(cancel = None))]
    pub fn enroll(
        &self,
        ticket: String,
        phone: PhoneDraft,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<EnrollOutcome, FieldError> {
        self.introduced(&ticket, phone, cancel, Core::enroll)
    }

    /// Enrols this vault once more for its worker, with a new ticket: for when no receipt passes the check any more because the
    /// platform had to replace its keys at once. What was recorded stays and is sent.
    #[uniffi::method(default(cancel = None))]
    pub fn enroll_again(
        &self,
        ticket: String,
        phone: PhoneDraft,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<EnrollOutcome, FieldError> {
        self.introduced(&ticket, phone, cancel, Core::enroll_again)
    }
}

#[uniffi::export]
impl FieldBook {
    /// Enrols over the host's own carrier, which asks the address of the ticket.
    #[uniffi::method(default(cancel = None))]
    pub fn enroll_over(
        &self,
        transport: Arc<dyn Transport>,
        ticket: String,
        phone: PhoneDraft,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<EnrollOutcome, FieldError> {
        let carrier = HostTransport(transport);
        self.introduced(&ticket, phone, cancel, |book, ticket, phone, cancel| {
            book.enroll_over(ticket, phone, &carrier, cancel, || carrier.authority())
        })
    }

    /// The platform this vault is enrolled with, for a host's own carrier; none before enrolment.
    pub fn platform(&self) -> Result<Option<PlatformAddress>, FieldError> {
        self.look(|book| {
            let address = |found: grid_fieldbook::PlatformAddress| PlatformAddress {
                base: found.base,
                authority: found.authority,
            };
            Ok(book.platform()?.map(address))
        })
    }
}

impl FieldBook {
    /// One enrolment, whoever carries it. Without a token nobody cancels it.
    fn introduced(
        &self,
        ticket: &str,
        phone: PhoneDraft,
        cancel: Option<Arc<CancelToken>>,
        enroll: impl FnOnce(
            &Core,
            &Ticket,
            &grid_fieldbook::PhoneDraft,
            &grid_fieldbook::CancelToken,
        ) -> Result<(), EnrollError>,
    ) -> Result<EnrollOutcome, FieldError> {
        let (ticket, phone) = (Ticket::parse(ticket)?, draft(phone)?);
        let cancel = cancel.map(|token| token.core().clone()).unwrap_or_default();
        self.long_call(|book| outcome(enroll(book, &ticket, &phone, &cancel)))
    }
}

fn draft(phone: PhoneDraft) -> Result<grid_fieldbook::PhoneDraft, FieldError> {
    Ok(grid_fieldbook::PhoneDraft {
        phone: id("phone", &phone.phone)?,
        label: phone.label,
        platform: phone.platform,
        app_version: phone.app_version,
    })
}

fn outcome(enrolled: Result<(), EnrollError>) -> Result<EnrollOutcome, FieldError> {
    let Err(error) = enrolled else {
        return Ok(EnrollOutcome::Enrolled);
    };
    Ok(match error {
        EnrollError::Link(link) => EnrollOutcome::NoLink { problem: link.into() },
        EnrollError::NotOurPlatform => EnrollOutcome::NotOurPlatform,
        EnrollError::NewerPlatform => EnrollOutcome::NewerPlatform,
        EnrollError::Refused(code) => EnrollOutcome::Refused { code: name(code) },
        EnrollError::AlreadyEnrolled => EnrollOutcome::AlreadyEnrolled,
        EnrollError::Field(error) => return Err(error.into()),
    })
}
