//! Enrolment tickets: what a supervisor hands over, as a text or a QR code: `grid:<address>#code=XXXX-XXXX&ca=<sha256>`.

use std::fmt;

use grid_model::Sha256;
use grid_net::{Address, AddressError};

/// Where to enrol, with which code, and which authority to expect there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The platform.
    pub address: Address,
    /// The single-use code.
    pub code: String,
    /// SHA-256 of the platform's CA certificate; `None` on loopback without TLS.
    pub authority: Option<Sha256>,
}

/// Why a text is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketError {
    /// Not of the form `grid:<address>#code=…`.
    NotATicket,
    /// The address in it cannot be used.
    Address(AddressError),
    /// An encrypted address needs the authority's fingerprint.
    NoAuthority,
}

impl fmt::Display for TicketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotATicket => f.write_str("not an enrolment ticket"),
            Self::Address(error) => error.fmt(f),
            Self::NoAuthority => f.write_str("the ticket names no authority for an encrypted address"),
        }
    }
}

impl std::error::Error for TicketError {}

impl Ticket {
    /// A ticket of its parts.
    pub fn new(address: &str, code: &str, authority: Option<Sha256>) -> Result<Self, TicketError> {
        let address = Address::parse(address).map_err(TicketError::Address)?;
        if address.is_tls() && authority.is_none() {
            return Err(TicketError::NoAuthority);
        }
        let code = code.trim().to_owned();
        if code.is_empty() {
            Err(TicketError::NotATicket)
        } else {
            Ok(Self {
                address,
                code,
                authority,
            })
        }
    }

    /// The ticket in a text.
    pub fn parse(text: &str) -> Result<Self, TicketError> {
        let rest = text.trim().strip_prefix("grid:").ok_or(TicketError::NotATicket)?;
        let (address, fragment) = rest.split_once('#').ok_or(TicketError::NotATicket)?;
        let (mut code, mut authority) = (None, None);
        for part in fragment.split('&') {
            match part.split_once('=') {
                Some(("code", value)) => code = Some(value),
                Some(("ca", value)) => authority = Some(value.parse().map_err(|_| TicketError::NotATicket)?),
                _ => {}
            }
        }
        Self::new(address, code.ok_or(TicketError::NotATicket)?, authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_names_address_code_and_authority() {
        let hash = "ab".repeat(32);
        let ticket = Ticket::parse(&format!(
            "grid:https://grid.example:8443#code=ABCD-EFGH&ca={hash}"
        ))
        .expect("a ticket");
        assert_eq!(
            (ticket.code.as_str(), ticket.authority),
            ("ABCD-EFGH", hash.parse().ok())
        );
        assert!(Ticket::parse("grid:http://127.0.0.1:8787#code=ABCD-EFGH").is_ok());
        assert_eq!(
            Ticket::parse("grid:https://grid.example#code=A"),
            Err(TicketError::NoAuthority)
        );
        assert_eq!(Ticket::parse("ABCD-EFGH"), Err(TicketError::NotATicket));
        assert!(matches!(
            Ticket::parse("grid:http://10.0.0.1#code=A"),
            Err(TicketError::Address(_))
        ));
    }
}
