//! A JWKS address: asked at most once a minute, and needed at most once a day.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::time::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::redirect::Policy;
use tokio::sync::Mutex;

use super::{KeyError, KeySet, NotKeys};

/// The shortest time between two questions, however many unknown keys tokens name.
const ASK_EVERY_MIN: Duration = Duration::from_mins(1);

/// From this age on keys are read again when one is needed, so that a withdrawn key stops to work.
const REFRESH_AFTER: Duration = Duration::from_mins(10);

/// Up to this age keys are used while the address does not answer.
const AGE_MAX: Duration = Duration::from_hours(24);

/// How long the address may take to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);

/// The longest set, in bytes.
const SET_BYTES_MAX: usize = 256 << 10;

/// Why the address gave no keys.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error(transparent)]
    Request(#[from] reqwest::Error),
    #[error("the answer is longer than {SET_BYTES_MAX} bytes")]
    TooLong,
    #[error(transparent)]
    Content(#[from] NotKeys),
}

pub(in crate::auth) struct Remote {
    url: String,
    client: reqwest::Client,
    known: RwLock<Option<Known>>,
    /// When the address was asked last. Whoever holds it is asking.
    asked_at: Mutex<Option<Timestamp>>,
}

#[derive(Clone)]
struct Known {
    keys: Arc<KeySet>,
    read_at: Timestamp,
}

impl Remote {
    pub(super) fn new(url: String) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(ANSWER_TIME_MAX)
            // The address is the operator's word; it cannot send us elsewhere.
            .redirect(Policy::none())
            .build()?;
        Ok(Self { url, client, known: RwLock::new(None), asked_at: Mutex::new(None) })
    }

    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Arc<DecodingKey>, KeyError> {
        if let Some(known) = self.known()
            && let Some(key) = known.keys.find(id, algorithm)
        {
            let age = known.read_at.until(now);
            if age > AGE_MAX {
                self.refresh(now, true).await;
                return self.among_known(id, algorithm, now);
            }
            if age > REFRESH_AFTER {
                // Somebody else's question is enough; this caller has a key to go on with.
                self.refresh(now, false).await;
                return self.among_known(id, algorithm, now);
            }
            return Ok(key);
        }
        self.refresh(now, true).await;
        self.among_known(id, algorithm, now)
    }

    fn known(&self) -> Option<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn among_known(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<Arc<DecodingKey>, KeyError> {
        let known = self.known().filter(|known| known.read_at.until(now) <= AGE_MAX);
        known.ok_or(KeyError::Unavailable)?.keys.find(id, algorithm).ok_or(KeyError::Unknown)
    }

    /// Asks the address, unless it was asked just now.
    async fn refresh(&self, now: Timestamp, wait: bool) {
        let mut asked_at = match self.asked_at.try_lock() {
            Ok(asked_at) => asked_at,
            Err(_) if wait => self.asked_at.lock().await,
            Err(_) => return,
        };
        if asked_at.is_some_and(|asked_at| asked_at.until(now) < ASK_EVERY_MIN) {
            return;
        }
        *asked_at = Some(now);
        match self.fetch().await {
            Ok(keys) => {
                let known = Known { keys: Arc::new(keys), read_at: now };
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
            }
            Err(error) => tracing::warn!(%error, "the JSON Web Key Set could not be read"),
        }
    }

    async fn fetch(&self) -> Result<KeySet, FetchError> {
        let mut response = self.client.get(&self.url).send().await?.error_for_status()?;
        let mut text = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if text.len() + chunk.len() > SET_BYTES_MAX {
                return Err(FetchError::TooLong);
            }
            text.extend_from_slice(&chunk);
        }
        Ok(KeySet::parse(&text)?)
    }
}
