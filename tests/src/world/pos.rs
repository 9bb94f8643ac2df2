//! A business's own POS: takes what is sent to it, and answers as it is told to.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What came.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The message's key.
    pub id: String,
    /// When it was signed, in seconds.
    pub timestamp: String,
    /// Its signatures.
    pub signature: String,
    /// Its bytes.
    pub body: Vec<u8>,
    /// How it was answered.
    pub status: u16,
}

impl Sent {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// How many of its signatures are of `secret`.
    pub fn signatures_of(&self, secret: &str) -> usize {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.", self.id, self.timestamp).as_bytes());
        mac.update(&self.body);
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.signature.split(' ').filter(|signature| *signature == expected).count()
    }
}

#[derive(Debug, Default)]
struct Till {
    status: AtomicU16,
    sent: Mutex<Vec<Sent>>,
}

/// A POS on this machine.
#[derive(Debug)]
pub struct Pos {
    /// Where it takes orders.
    pub url: String,
    till: Arc<Till>,
    server: JoinHandle<()>,
}

impl Pos {
    /// Starts one that takes everything.
    pub async fn start() -> Self {
        let till = Arc::new(Till::default());
        till.status.store(200, Ordering::SeqCst);
        let router = Router::new().route("/orders", post(take)).with_state(Arc::clone(&till));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/orders", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, till, server }
    }

    /// Answers with that status from now on.
    pub fn answer(&self, status: u16) {
        self.till.status.store(status, Ordering::SeqCst);
    }

    /// What came so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.till.sent.lock().unwrap().clone()
    }

    /// What was taken so far.
    pub fn taken(&self) -> Vec<Sent> {
        self.sent().into_iter().filter(|sent| sent.status == 200).collect()
    }
}

impl Drop for Pos {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(State(till): State<Arc<Till>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let status = till.status.load(Ordering::SeqCst);
    till.sent.lock().unwrap().push(Sent {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: body.to_vec(),
        status,
    });
    let elsewhere = [("location", "/orders")];
    (StatusCode::from_u16(status).unwrap(), elsewhere).into_response()
}
