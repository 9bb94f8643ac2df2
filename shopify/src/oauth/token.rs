//! Tokens: what the store answers when it is asked for one.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::scope;
use crate::secret::Secret;

/// A token, and how to get the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What calls are made with.
    pub access_token: Secret,
    /// How long it lives; a token without this lives until the app is removed.
    pub expires_in: Option<Duration>,
    /// What the next token is got with.
    pub refresh_token: Option<Secret>,
    /// How long the refresh token lives.
    pub refresh_expires_in: Option<Duration>,
    /// What the merchant granted, which may differ from what was asked for.
    pub scopes: BTreeSet<String>,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// The code or refresh token is expired, revoked, used or replaced: the merchant must connect again.
    #[error("the store does not accept the code or refresh token")]
    InvalidGrant,
    /// The app's id or secret is wrong, or the app was removed from the shop.
    #[error("the store does not accept the app's credentials")]
    InvalidClient,
    /// Asked too often.
    #[error("the store asks to wait {} s", wait.as_secs())]
    Throttled {
        /// How long to wait.
        wait: Duration,
    },
    /// The shop is frozen or locked.
    #[error("the shop is frozen")]
    Frozen,
    /// The store did not answer, or not sensibly; trying again later may help.
    #[error("the store did not answer: {detail}")]
    Unavailable {
        /// What happened.
        detail: String,
    },
    /// The answer is not what it should be.
    #[error("the store's answer cannot be used: {detail}")]
    Broken {
        /// What is wrong.
        detail: String,
    },
}

/// What is asked. `Debug` is not derived: it holds secrets.
#[derive(Serialize)]
pub(crate) struct TokenRequest<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'a str>,
    /// `1` asks for a token that expires, which is the only kind that public apps may use from 2027 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expiring: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) grant_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<&'a str>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
    refresh_token_expires_in: Option<u64>,
    scope: Option<String>,
}

#[derive(Deserialize)]
struct TokenRefusal {
    error: Option<String>,
}

/// Judges an answer. The body of a refusal is not passed on beyond its error word: it may repeat what was sent.
pub(crate) fn read_answer(
    status: u16,
    retry_after: Duration,
    body: &[u8],
) -> Result<Grant, TokenProblem> {
    match status {
        200..=299 => read_grant(body),
        402 | 423 => Err(TokenProblem::Frozen),
        429 => Err(TokenProblem::Throttled { wait: retry_after }),
        500.. => Err(TokenProblem::Unavailable { detail: format!("status {status}") }),
        _ => {
            let refusal: Option<TokenRefusal> = serde_json::from_slice(body).ok();
            match refusal.and_then(|refusal| refusal.error).as_deref() {
                Some("invalid_client" | "application_cannot_be_found") => {
                    Err(TokenProblem::InvalidClient)
                }
                Some("invalid_grant" | "invalid_request" | "invalid_subject_token") => {
                    Err(TokenProblem::InvalidGrant)
                }
                // The documentation promises 401 for a refresh token that is no longer good.
                _ if matches!(status, 400 | 401) => Err(TokenProblem::InvalidGrant),
                _ => Err(TokenProblem::Broken { detail: format!("status {status}") }),
            }
        }
    }
}

fn read_grant(body: &[u8]) -> Result<Grant, TokenProblem> {
    // The parser's message could quote a token: only its kind is told.
    let answer: TokenAnswer = serde_json::from_slice(body).map_err(|error| {
        let kind = error.classify();
        if error.is_data() {
            TokenProblem::Broken { detail: "the fields of a token are missing".to_owned() }
        } else {
            TokenProblem::Unavailable { detail: format!("the answer is not JSON ({kind:?})") }
        }
    })?;
    if answer.access_token.is_empty() {
        return Err(TokenProblem::Broken { detail: "the token is empty".to_owned() });
    }
    Ok(Grant {
        access_token: Secret::new(answer.access_token),
        expires_in: answer.expires_in.map(Duration::from_secs),
        refresh_token: answer.refresh_token.map(Secret::new),
        refresh_expires_in: answer.refresh_token_expires_in.map(Duration::from_secs),
        scopes: scope::parse_list(answer.scope.as_deref().unwrap_or_default()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(2);

    #[test]
    fn both_kinds_of_token_are_read() {
        let expiring = br#"{"access_token":"shpat_1","expires_in":3600,"refresh_token":"shprt_1",
            "refresh_token_expires_in":7776000,"scope":"write_products,read_orders"}"#;
        let grant = read_answer(200, WAIT, expiring).unwrap();
        assert_eq!(grant.expires_in, Some(Duration::from_hours(1)));
        assert_eq!(grant.refresh_token, Some(Secret::new("shprt_1")));
        assert_eq!(grant.scopes.len(), 2);
        assert!(!format!("{grant:?}").contains("shp"));
        let lasting = read_answer(200, WAIT, br#"{"access_token":"shpat_1","scope":""}"#).unwrap();
        assert_eq!(
            (lasting.expires_in, lasting.refresh_token, lasting.scopes.len()),
            (None, None, 0)
        );
    }

    #[test]
    fn refusals_are_told_apart() {
        let unavailable = |detail: &str| TokenProblem::Unavailable { detail: detail.to_owned() };
        let cases: [(u16, &[u8], TokenProblem); 9] = [
            (400, br#"{"error":"invalid_grant"}"#, TokenProblem::InvalidGrant),
            (401, br#"{"error":"invalid_grant"}"#, TokenProblem::InvalidGrant),
            (400, br#"{"error":"invalid_client"}"#, TokenProblem::InvalidClient),
            (401, b"", TokenProblem::InvalidGrant),
            (402, b"", TokenProblem::Frozen),
            (429, b"", TokenProblem::Throttled { wait: WAIT }),
            (503, b"", unavailable("status 503")),
            (200, b"<html>", unavailable("the answer is not JSON (Syntax)")),
            (200, br#"{"access_token":"sh"#, unavailable("the answer is not JSON (Eof)")),
        ];
        for (status, body, problem) in cases {
            assert_eq!(read_answer(status, WAIT, body), Err(problem), "{status}");
        }
        let broken = read_answer(200, WAIT, br#"{"token":"shpat_secret"}"#).unwrap_err();
        assert!(
            matches!(&broken, TokenProblem::Broken { .. }) && !broken.to_string().contains("shpat")
        );
    }
}
