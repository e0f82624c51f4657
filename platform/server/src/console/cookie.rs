//! The session cookie. A page's script cannot read it, another site cannot make the browser send it.

use axum::http::{HeaderMap, header};

const NAME: &str = "grid_session";
/// A session token is far shorter; more is not ours.
const TOKEN_BYTES_MAX: usize = 256;

/// The token of the session cookie, if there is one.
pub(crate) fn token(headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, token) = pairs.find(|(name, _)| *name == NAME)?;
    (!token.is_empty() && token.len() <= TOKEN_BYTES_MAX).then(|| token.to_owned())
}

/// The header that gives the browser its session, until the session ends.
pub(crate) fn given(token: &str, tls: bool, lasts_s: i64) -> String {
    let secure = if tls { "; Secure" } else { "" };
    format!("{NAME}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={lasts_s}{secure}")
}

/// The header that takes it away.
pub(crate) fn taken_away(tls: bool) -> String {
    given("", tls, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        assert_eq!(token(&headers), None);
        headers.insert(header::COOKIE, "a=b; grid_session=abc; c=d".parse().unwrap());
        assert_eq!(token(&headers).as_deref(), Some("abc"));
        headers.insert(header::COOKIE, "grid_session=".parse().unwrap());
        assert_eq!(token(&headers), None);
    }

    #[test]
    fn the_cookie_is_closed_to_scripts_and_other_sites() {
        assert_eq!(
            given("t", true, 60),
            "grid_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure"
        );
        assert!(!given("t", false, 60).contains("Secure"));
    }
}
