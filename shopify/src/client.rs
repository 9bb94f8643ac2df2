//! The client: sends operations to a shop, waits where the store asks to, and says in types why there is no answer.

mod answer;
mod exchange;
mod retry;

pub use answer::{Answer, GraphqlError};
pub use retry::{Jitter, Retry};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use serde::Serialize;

use crate::cost::Budgets;
use crate::error::ClientError;
use crate::operation::Operation;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::shop::Shop;

use answer::{Verdict, judge};
use retry::{Doubt, retry_after};

/// How long a call may take, from connecting to the last byte.
const TOTAL_SECONDS_MAX: u64 = 30;
/// How long connecting may take.
const CONNECT_SECONDS_MAX: u64 = 10;
/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;
/// The header that says which version answered.
const VERSION_HEADER: &str = "x-shopify-api-version";

/// Who calls: a shop and the token for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The shop.
    pub shop: Shop,
    /// The token.
    pub token: Secret,
}

/// A client for all shops. Cheap to clone; clones share connections and budgets.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    settings: Settings,
    retry: Retry,
    budgets: Budgets,
    drift_told: AtomicBool,
}

/// The client cannot be built: the machine has no usable certificates or the like.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the HTTPS client")]
pub struct BuildError(#[source] reqwest::Error);

/// What came back, before it is judged.
struct Reply {
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl Client {
    /// A client of the app that `settings` describe.
    pub fn new(settings: Settings, retry: Retry) -> Result<Self, BuildError> {
        let encrypted_only = settings.shop_url_template.is_encrypted();
        let http = reqwest::Client::builder()
            .user_agent(concat!("tillgate/", env!("CARGO_PKG_VERSION")))
            // A redirect would carry the token to wherever it points.
            .redirect(reqwest::redirect::Policy::none())
            .https_only(encrypted_only)
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX))
            .timeout(Duration::from_secs(TOTAL_SECONDS_MAX))
            .build()
            .map_err(BuildError)?;
        let drift_told = AtomicBool::new(false);
        let inner = Inner { http, settings, retry, budgets: Budgets::default(), drift_told };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The app's registration.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Sends an operation and gives what it answers. Throttling and passing faults are waited out and repeated within
    /// the bounds of [`Retry`]; an operation that must not run twice is repeated only where it surely did not run.
    pub async fn execute<O: Operation>(
        &self,
        access: &Access,
        variables: &O::Variables,
    ) -> Result<Answer<O::Data>, ClientError> {
        let body = request_body::<O>(variables)?;
        let retry = &self.inner.retry;
        let mut tries = 0;
        loop {
            self.inner.budgets.reserve(&access.shop, O::NAME, retry.wait_max).await?;
            let (doubt, problem) = match self.send(access, &body).await {
                Ok(reply) => match self.judge::<O>(access, &reply) {
                    Verdict::Answer(answer) => return Ok(answer),
                    Verdict::Final(error) => return Err(error),
                    Verdict::Again(doubt, error) => (doubt, error),
                },
                Err((doubt, error)) => (doubt, error),
            };
            if doubt == Doubt::MayHaveRun && !O::REPEATABLE {
                return Err(problem);
            }
            let Some(wait) = retry.wait(tries, problem.wait()) else {
                return Err(problem.after(tries));
            };
            tracing::debug!(shop = %access.shop, operation = O::NAME, ?wait, error = %problem, "will call again");
            tokio::time::sleep(wait).await;
            tries += 1;
        }
    }

    fn judge<O: Operation>(&self, access: &Access, reply: &Reply) -> Verdict<O::Data> {
        let (verdict, cost) = judge::<O::Data>(reply.status, reply.retry_after, &reply.body);
        if let Some(cost) = &cost {
            self.inner.budgets.learn(&access.shop, O::NAME, cost);
        }
        verdict
    }

    async fn send(&self, access: &Access, body: &[u8]) -> Result<Reply, (Doubt, ClientError)> {
        let settings = &self.inner.settings;
        let path = format!("/admin/api/{}/graphql.json", settings.api_version);
        let request = self
            .inner
            .http
            .post(settings.shop_url_template.of(&access.shop, &path))
            .header("X-Shopify-Access-Token", access.token.reveal())
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(http::header::ACCEPT, "application/json")
            .body(body.to_vec());
        self.reply(request).await
    }

    /// Sends a request and reads the answer's body up to the limit.
    async fn reply(&self, request: reqwest::RequestBuilder) -> Result<Reply, (Doubt, ClientError)> {
        let mut response = request.send().await.map_err(|error| fault(&error))?;
        self.watch_version(&response);
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(retry_after);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| fault(&error))? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                let detail = format!("the answer is longer than {ANSWER_BYTES_MAX} bytes");
                return Err((Doubt::MayHaveRun, ClientError::Broken { detail }));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, retry_after, body })
    }

    /// The store silently answers in its oldest version where ours is no longer supported. Told once.
    fn watch_version(&self, response: &reqwest::Response) {
        let Some(answered) = response.headers().get(VERSION_HEADER) else {
            return;
        };
        let wanted = &self.inner.settings.api_version;
        if answered.as_bytes() != wanted.as_bytes()
            && !self.inner.drift_told.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(%wanted, ?answered, "the store answers in another API version than the one asked for");
        }
    }

    /// Whether the store has answered in another version than the one that was asked for.
    pub fn has_drifted(&self) -> bool {
        self.inner.drift_told.load(Ordering::Relaxed)
    }
}

#[derive(Serialize)]
struct RequestBody<'a, V> {
    query: &'static str,
    #[serde(rename = "operationName")]
    operation_name: &'static str,
    variables: &'a V,
}

fn request_body<O: Operation>(variables: &O::Variables) -> Result<Vec<u8>, ClientError> {
    let body = RequestBody { query: O::DOCUMENT, operation_name: O::NAME, variables };
    serde_json::to_vec(&body).map_err(|error| ClientError::Broken { detail: error.to_string() })
}

/// A fault of the transport. The address is left out of the text: the detail is shown to operators.
fn fault(error: &reqwest::Error) -> (Doubt, ClientError) {
    let (doubt, detail) = if error.is_connect() {
        (Doubt::DidNotRun, "cannot connect")
    } else if error.is_timeout() {
        (Doubt::MayHaveRun, "no answer in time")
    } else if error.is_builder() {
        (Doubt::DidNotRun, "the request cannot be made")
    } else {
        (Doubt::MayHaveRun, "the connection broke")
    };
    (doubt, ClientError::Unavailable { detail: detail.to_owned(), tries: 0 })
}
