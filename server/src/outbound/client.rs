//! One request to an address that somebody else chose.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use domain::outbox::Answer;
use domain::secret::Secret;
use domain::time::Timestamp;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use super::address::check_url;
use super::resolver::{Private, PublicOnly};
use super::signature::sign;

/// How long it may take to be reached, and to answer.
const CONNECT_MAX: Duration = Duration::from_secs(5);
const ANSWER_MAX: Duration = Duration::from_secs(15);
const USER_AGENT: &str = concat!("tillgate/", env!("CARGO_PKG_VERSION"));

/// What is sent.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    /// Its key, the same in every attempt.
    pub id: String,
    /// When this attempt is made.
    pub at: Timestamp,
    /// JSON.
    pub body: Vec<u8>,
    /// What signs it: the current secret, and the one before while it is good.
    pub secrets: Vec<&'a Secret>,
}

/// Sends messages.
#[derive(Clone, Debug)]
pub(crate) struct Outbound {
    client: Client,
    private: bool,
}

impl Outbound {
    /// `private` lets it reach private networks, and without encryption.
    pub(crate) fn new(private: bool) -> Result<Self, reqwest::Error> {
        // No proxy: it would resolve names for us. No redirect: it would lead past what was judged.
        let builder = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_MAX)
            .timeout(ANSWER_MAX);
        let builder = if private { builder } else { builder.dns_resolver(Arc::new(PublicOnly)) };
        Ok(Self { client: builder.build()?, private })
    }

    /// Whether private networks may be reached.
    pub(crate) fn is_private(&self) -> bool {
        self.private
    }

    /// Posts a message and tells how it was answered. The answer's body is not read.
    pub(crate) async fn post(&self, url: &str, message: Message<'_>) -> Answer {
        // Judged again: the settings may have changed since it was stored.
        let url = match check_url(url, self.private) {
            Ok(url) => url,
            Err(invalid) => return Answer::Forbidden(format!("the address {invalid}")),
        };
        let seconds = message.at.millis().div_euclid(1_000);
        let signature = sign(message.secrets, &message.id, seconds, &message.body);
        let sent = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signature)
            .body(message.body)
            .send()
            .await;
        match sent {
            Ok(response) => Answer::Status(response.status().as_u16(), asked_wait(&response)),
            Err(error) => unanswered(&error),
        }
    }
}

/// The wait that the answer asks for, where it says so in seconds.
fn asked_wait(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Why there is no answer, without the address: it may hold a key.
fn unanswered(error: &reqwest::Error) -> Answer {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<Private>() {
            return Answer::Forbidden(inner.to_string());
        }
        cause = inner.source();
    }
    let why = if error.is_timeout() {
        "the POS did not answer in time"
    } else if error.is_connect() {
        "the POS could not be reached"
    } else {
        "the POS broke off"
    };
    Answer::Silence(why.to_owned())
}
