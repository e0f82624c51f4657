//! What stands before every handler: lets in whom the route's declaration lets in, and notes one line about the answer.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Instant;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use grid_hub::Session;
use grid_model::DeviceId;
use grid_model::terms::Role;
use grid_wire::{Refusal, RefusalCode};

use super::Access;
use crate::console::{CONSOLE_HEADER, Problem, cookie};
use crate::device::Refused;
use crate::upload::Queued;
use crate::{Platform, logging};

/// A route's declaration, as the guard needs it.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) body_bytes_max: usize,
}

/// Most bytes the body of this request may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyMax(pub(crate) usize);

/// How the caller reached us; absent when a test calls the router directly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    /// The bytes travel under TLS.
    pub(crate) tls: bool,
    /// Where they come from.
    pub(crate) from: IpAddr,
}

impl Connection {
    /// Who tries something, as far as an address tells: an IPv4 address, or the IPv6 network of 64 bits that one customer
    /// has at the least. Whoever comes through a proxy or a shared address is one with all others that do.
    pub(crate) fn source(self) -> String {
        match self.from.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                format!("{}/64", Ipv6Addr::from(network))
            }
        }
    }
}

/// The supervisor that the guard let in.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn(pub(crate) Session);

/// The device that the guard let upload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uploader(pub(crate) DeviceId);

/// Lets a request in or answers it with a refusal.
pub(crate) async fn admit(
    State((platform, rule)): State<(Platform, Rule)>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    request.extensions_mut().insert(BodyMax(rule.body_bytes_max));
    let response = match judge(&platform, &rule, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => *refusal,
    };
    logging::answered(rule.method.as_str(), rule.path, &response, started.elapsed());
    response
}

async fn judge(platform: &Platform, rule: &Rule, request: &mut Request) -> Result<(), Box<Response>> {
    let from_console = request.headers().contains_key(CONSOLE_HEADER);
    if rule.method == Method::POST && rule.path.starts_with("/api/") && !from_console {
        return Err(Box::new(Problem::not_from_console().into_response()));
    }
    match rule.access {
        // A device's signature and an enrolment code lie in the body, and the hub checks them before anything else.
        Access::Open(_) | Access::Device | Access::Enrolling => Ok(()),
        Access::UploadGrant => {
            let grant = grant(request.headers());
            // Who has no grant makes nobody give way.
            let is_grant = |grant: &String| platform.hub().is_grant(platform.now_ms(), grant);
            if grant.as_ref().is_some_and(is_grant)
                && let Some(queued) = Queued::at(platform.writers(), request.uri().path()).await
            {
                request.extensions_mut().insert(queued);
            }
            let device = uploader(platform, grant)
                .await
                .map_err(|refused| Box::new(refused.into_response()))?;
            request.extensions_mut().insert(Uploader(device));
            Ok(())
        }
        Access::Console { roles, .. } => {
            let token = cookie::token(request.headers());
            let session = supervisor(platform, token, roles).await;
            let session = session.map_err(|problem| Box::new(problem.into_response()))?;
            request.extensions_mut().insert(SignedIn(session));
            Ok(())
        }
    }
}

fn grant(headers: &HeaderMap) -> Option<String> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Grid ")
        .map(str::to_owned)
}

fn no_grant() -> Refused {
    Refusal::new(RefusalCode::NotGranted, "no upload grant in the request").into()
}

async fn uploader(platform: &Platform, grant: Option<String>) -> Result<DeviceId, Refused> {
    let grant = grant.ok_or_else(no_grant)?;
    platform
        .ask_device(move |hub, now_ms| hub.granted(now_ms, &grant))
        .await
}

async fn supervisor(platform: &Platform, token: Option<String>, roles: &[Role]) -> Result<Session, Problem> {
    let token = token.ok_or_else(Problem::signed_out)?;
    let session = platform
        .ask(move |hub, now_ms| hub.session(now_ms, &token))
        .await?;
    let session = session.ok_or_else(Problem::signed_out)?;
    if roles.contains(&session.role) {
        Ok(session)
    } else {
        Err(Problem::not_allowed())
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(Problem::signed_out)
    }
}

impl<S: Sync> FromRequestParts<S> for Uploader {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        parts.extensions.get().copied().ok_or_else(no_grant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_an_address_or_a_network_of_64_bits() {
        let source = |from: &str| {
            let from = from.parse().expect("an address");
            Connection { tls: true, from }.source()
        };
        assert_eq!(source("203.0.113.7"), "203.0.113.7");
        assert_eq!(source("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(source("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(source("2001:db8:1:2::9"), source("2001:db8:1:2:3:4:5:6"));
        assert_ne!(source("2001:db8:1:3::9"), source("2001:db8:1:2::9"));
    }
}
