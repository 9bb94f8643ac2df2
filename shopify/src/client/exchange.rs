//! Getting tokens from a shop.

use std::time::Duration;

use super::{Client, Doubt};
use crate::error::ClientError;
use crate::oauth::{Grant, TokenProblem, TokenRequest, read_answer};
use crate::secret::Secret;
use crate::shop::Shop;

/// How long to wait after a 429 that names no time.
const THROTTLED_SECONDS: u64 = 2;

impl Client {
    /// Exchanges a callback's code for a token that expires. A code is good once.
    pub async fn exchange_code(&self, shop: &Shop, code: &str) -> Result<Grant, TokenProblem> {
        let request = TokenRequest {
            code: Some(code),
            expiring: Some("1"),
            grant_type: None,
            refresh_token: None,
            ..self.token_request()
        };
        self.token(shop, &request, Doubt::MayHaveRun).await
    }

    /// Exchanges a refresh token for a new pair. The old one stays good until the new one is used, so a lost answer
    /// is asked for again.
    pub async fn refresh(
        &self,
        shop: &Shop,
        refresh_token: &Secret,
    ) -> Result<Grant, TokenProblem> {
        let request = TokenRequest {
            grant_type: Some("refresh_token"),
            refresh_token: Some(refresh_token.reveal()),
            ..self.token_request()
        };
        self.token(shop, &request, Doubt::DidNotRun).await
    }

    fn token_request(&self) -> TokenRequest<'_> {
        TokenRequest {
            client_id: &self.inner.settings.client_id,
            client_secret: self.inner.settings.client_secret.reveal(),
            code: None,
            expiring: None,
            grant_type: None,
            refresh_token: None,
        }
    }

    /// Asks, and repeats as long as it is sure (or of no harm) that nothing was granted.
    async fn token(
        &self,
        shop: &Shop,
        request: &TokenRequest<'_>,
        lost: Doubt,
    ) -> Result<Grant, TokenProblem> {
        let url = self.inner.settings.shop_url_template.of(shop, "/admin/oauth/access_token");
        let mut tries = 0;
        loop {
            let call = self.inner.http.post(&url).header(http::header::ACCEPT, "application/json");
            let (doubt, problem) = match self.reply(call.form(request)).await {
                Ok(reply) => {
                    let wait = reply.retry_after.unwrap_or(Duration::from_secs(THROTTLED_SECONDS));
                    match read_answer(reply.status.as_u16(), wait, &reply.body) {
                        Ok(grant) => return Ok(grant),
                        Err(problem @ TokenProblem::Throttled { .. }) => {
                            (Doubt::DidNotRun, problem)
                        }
                        Err(problem @ TokenProblem::Unavailable { .. }) => (lost, problem),
                        Err(problem) => return Err(problem),
                    }
                }
                Err((doubt, error)) => {
                    (if doubt == Doubt::DidNotRun { doubt } else { lost }, of_fault(error))
                }
            };
            let named = match &problem {
                TokenProblem::Throttled { wait } => Some(*wait),
                _ => None,
            };
            let wait = self.inner.retry.wait(tries, named);
            let (Some(wait), Doubt::DidNotRun) = (wait, doubt) else {
                return Err(problem);
            };
            tokio::time::sleep(wait).await;
            tries += 1;
        }
    }
}

fn of_fault(error: ClientError) -> TokenProblem {
    match error {
        ClientError::Unavailable { detail, .. } => TokenProblem::Unavailable { detail },
        other => TokenProblem::Broken { detail: other.to_string() },
    }
}
