//! A GraphQL endpoint with a schema of four fields, for the conformance probes in `tests/conformance`.
//!
//! Prints the address it listens on, then serves until its standard input ends.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use async_graphql::{EmptyMutation, Object, Schema, Subscription};
use axum::Router;
use domain::code::Code;
use futures_util::future::FutureExt as _;
use futures_util::stream::{self, Stream, StreamExt as _};
use tillgate::transport::{Authenticate, Endpoint, Rules, Session};
use tillgate::{OsRandom, Problem, SystemClock};

/// Between two ticks.
const TICK: Duration = Duration::from_millis(50);

/// Counts the streams that are held.
#[derive(Clone, Default)]
struct Live(Arc<AtomicI32>);

struct Held(Arc<AtomicI32>);

impl Live {
    fn hold(&self) -> Held {
        self.0.fetch_add(1, Ordering::Relaxed);
        Held(Arc::clone(&self.0))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Query(Live);

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "world"
    }

    /// Subscriptions that are running now.
    async fn live_subs(&self) -> i32 {
        self.0.0.load(Ordering::Relaxed)
    }
}

struct Subscriptions(Live);

#[Subscription]
impl Subscriptions {
    /// Counts without an end.
    async fn ticks(&self) -> impl Stream<Item = i32> + use<> {
        let held = self.0.hold();
        stream::unfold((0, held), |(count, held)| async move {
            tokio::time::sleep(TICK).await;
            Some((count, (count + 1, held)))
        })
    }

    /// Counts to `n`, as fast as it can.
    async fn count(&self, n: i32) -> impl Stream<Item = i32> + use<> {
        let held = self.0.hold();
        stream::iter(0..n).map(move |count| {
            let _ = &held;
            count
        })
    }
}

fn authenticate() -> Authenticate {
    Arc::new(|token| {
        let refused = token.as_deref() == Some("bad");
        async move {
            if refused {
                return Err(Problem::new(Code::Unauthenticated, "the token is not valid"));
            }
            Ok(Session::default())
        }
        .boxed()
    })
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let live = Live::default();
    let schema = Schema::build(Query(live.clone()), EmptyMutation, Subscriptions(live)).finish();
    let rules = Rules { anonymous: true, ..Rules::default() };
    let (clock, random) = (Arc::new(SystemClock), Arc::new(OsRandom));
    let endpoint = Endpoint::new(schema, authenticate(), clock, random, rules);
    let router: Router = endpoint.routes();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    writeln!(io::stdout(), "http://{}/graphql", listener.local_addr()?)?;
    // Whoever started this holds the other end of our input: the server must not outlive them.
    let (done, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || done.send(io::copy(&mut io::stdin(), &mut io::sink())));
    tokio::select! {
        served = axum::serve(listener, router).into_future() => served,
        _ = ended => Ok(()),
    }
}
