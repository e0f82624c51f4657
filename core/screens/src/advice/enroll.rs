//! Advice on an enrolment that did not come about.

use grid_fieldbook::{AddressError, EnrollError, TicketError};

use super::keys::NOT_ENROLLED;
use super::{Advice, AdviceKey, field_advice, link_advice, refusal_advice};
use crate::Lang;

/// Advice on an enrolment that did not come about.
pub fn enroll_advice(error: &EnrollError, lang: Lang) -> Advice {
    let not_enrolled = |key| Advice {
        meaning: NOT_ENROLLED.get(lang).to_owned(),
        ..Advice::of(key, &[], lang)
    };
    match error {
        EnrollError::Link(error) => link_advice(error, NOT_ENROLLED, lang),
        EnrollError::NotOurPlatform => not_enrolled(AdviceKey::NotOurPlatform),
        EnrollError::NewerPlatform => not_enrolled(AdviceKey::NewerPlatform),
        EnrollError::Refused(code) => refusal_advice(*code, NOT_ENROLLED, lang),
        EnrollError::AlreadyEnrolled => Advice::of(AdviceKey::AlreadyEnrolled, &[], lang),
        EnrollError::Field(error) => field_advice(error, lang),
    }
}

/// Advice on a text that is no ticket.
pub fn ticket_advice(error: TicketError, lang: Lang) -> Advice {
    let key = match error {
        TicketError::NotATicket => AdviceKey::NotATicket,
        TicketError::Address(AddressError::NotAnAddress) => AdviceKey::NotAnAddress,
        TicketError::Address(AddressError::PlainOffLoopback) => AdviceKey::PlainOffLoopback,
        TicketError::NoAuthority => AdviceKey::NoAuthority,
    };
    Advice::of(key, &[], lang)
}

#[cfg(test)]
mod tests {
    use grid_fieldbook::{FieldError, LinkError};
    use grid_model::terms::RefusalCode;

    use super::*;
    use crate::advice::tests::is_whole;

    #[test]
    fn every_enrolment_and_ticket_error_is_three_parts() {
        for error in [
            EnrollError::Link(LinkError::Unreachable),
            EnrollError::NotOurPlatform,
            EnrollError::NewerPlatform,
            EnrollError::Refused(RefusalCode::CodeUsed),
            EnrollError::AlreadyEnrolled,
            EnrollError::Field(FieldError::Locked),
        ] {
            is_whole(|lang| enroll_advice(&error, lang));
        }
        for error in [
            TicketError::NotATicket,
            TicketError::Address(AddressError::NotAnAddress),
            TicketError::Address(AddressError::PlainOffLoopback),
            TicketError::NoAuthority,
        ] {
            is_whole(|lang| ticket_advice(error, lang));
        }
    }
}
