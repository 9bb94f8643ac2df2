use async_graphql::{EmptyMutation, Object, Schema, Subscription};
use domain::access::{Caller, Role};
use domain::time::Timestamp;
use futures_util::future::FutureExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::super::outbox;
use super::*;
use crate::app::{Clock, OsRandom};
use crate::error::Problem;
use crate::http::graphql::{Authenticate, Rules};

struct Query;

fn fault() -> i32 {
    panic!("a resolver's own fault")
}

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "world"
    }

    async fn broken(&self) -> i32 {
        fault()
    }
}

struct Subscriptions;

#[Subscription]
impl Subscriptions {
    /// As fast as it is polled, without an end.
    async fn flood(&self) -> impl Stream<Item = i32> + use<> {
        stream::iter(0..)
    }

    async fn count(&self, n: i32) -> impl Stream<Item = i32> + use<> {
        stream::iter(0..n)
    }

    async fn silence(&self) -> impl Stream<Item = i32> + use<> {
        stream::pending()
    }
}

#[derive(Debug)]
struct Midnight;

impl Clock for Midnight {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH
    }
}

fn authenticate() -> Authenticate {
    Arc::new(|token| {
        let known = match token.as_deref() {
            Some("brief") => Ok(Duration::from_millis(50)),
            Some("long") => Ok(Duration::from_mins(10)),
            Some("down") => Err(Problem::new(Code::UpstreamUnavailable, "no keys")),
            _ => Err(Problem::new(Code::Unauthenticated, "unknown")),
        };
        let session = known.map(|life| Session {
            caller: Some(Caller { subject: "s".into(), role: Role::Viewer, businesses: [].into() }),
            expires_at: Some(Timestamp::EPOCH + life),
        });
        async move { session }.boxed()
    })
}

/// A pace at which nothing happens by itself within a test.
const SLOW: Pace = Pace {
    init_max: Duration::from_mins(1),
    ping_every: Duration::from_mins(1),
    stall_check_every: Duration::from_mins(1),
};

/// A connection without a network: what the client sends, what it gets, how it ended.
struct Client {
    to_server: mpsc::UnboundedSender<Message>,
    from_server: mpsc::Receiver<Message>,
    closing: tokio::task::JoinHandle<Option<Closing>>,
}

impl Client {
    /// `window`: how many messages fit between the server and a client that does not read.
    fn open(pace: Pace, upgrade_token: Option<&str>, window: usize) -> Self {
        let schema = Schema::build(Query, EmptyMutation, Subscriptions).finish();
        let endpoint = Endpoint::new(
            schema,
            authenticate(),
            Arc::new(Midnight),
            Arc::new(OsRandom),
            Rules::default(),
        );
        let (to_server, incoming) = mpsc::unbounded_channel();
        let (outgoing, from_server) = mpsc::channel(window);
        let token = upgrade_token.map(str::to_owned);
        let closing = tokio::spawn(async move {
            let (outbox, queue) = outbox::open();
            let mut incoming = Box::pin(stream::unfold(incoming, |mut incoming| async move {
                Some((Ok(incoming.recv().await?), incoming))
            }));
            let sink = futures_util::sink::unfold(outgoing, |outgoing, message| async move {
                outgoing.send(message).await.map(|()| outgoing)
            });
            let mut sink = Box::pin(sink);
            let run = Connection::new(Arc::new(endpoint), token, outbox, pace).run(&mut incoming);
            let write = queue.write(&mut sink);
            tokio::select! {
                closing = run => closing,
                () = write => None,
            }
        });
        Self { to_server, from_server, closing }
    }

    fn say(&self, message: &Value) {
        // A connection that has ended hears nothing, and the test sees that by its end.
        let _ = self.to_server.send(Message::text(message.to_string()));
    }

    fn init(&self, token: &str) {
        self.say(&json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {token}")}}));
    }

    fn subscribe(&self, id: &str, query: &str) {
        self.say(&json!({"id": id, "type": "subscribe", "payload": {"query": query}}));
    }

    async fn hear(&mut self) -> Value {
        let message = timeout(Duration::from_secs(10), self.from_server.recv()).await;
        let Some(Message::Text(text)) = message.unwrap() else { panic!("no message") };
        serde_json::from_str(text.as_str()).unwrap()
    }

    async fn end(self) -> Option<Closing> {
        timeout(Duration::from_secs(10), self.closing).await.unwrap().unwrap()
    }
}

async fn ready() -> Client {
    let mut client = Client::open(SLOW, None, 16);
    client.init("long");
    assert_eq!(client.hear().await["type"], "connection_ack");
    client
}

#[tokio::test]
async fn a_token_that_ends_ends_the_socket() {
    let mut client = Client::open(SLOW, None, 16);
    client.init("brief");
    assert_eq!(client.hear().await["type"], "connection_ack");
    assert_eq!(client.end().await, Some(Closing::EXPIRED));
}

#[tokio::test]
async fn the_upgrades_token_counts_where_the_first_message_has_none() {
    let mut client = Client::open(SLOW, Some("long"), 16);
    client.say(&json!({"type": "connection_init"}));
    assert_eq!(client.hear().await["type"], "connection_ack");
    for (token, expected) in [("bad", Closing::FORBIDDEN), ("down", Closing::TRY_LATER)] {
        let client = Client::open(SLOW, Some("long"), 16);
        client.init(token);
        assert_eq!(client.end().await, Some(expected), "{token}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_answer_pings_is_let_go() {
    let pace = Pace { ping_every: Duration::from_millis(20), ..SLOW };
    let mut client = Client::open(pace, None, 16);
    client.init("long");
    assert_eq!(client.hear().await["type"], "connection_ack");
    for _ in 0..5 {
        assert_eq!(client.hear().await["type"], "ping");
        client.say(&json!({"type": "pong"}));
    }
    assert_eq!(client.end().await, Some(Closing::NO_PONG));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_let_go_and_others_are_not() {
    let pace = Pace { stall_check_every: Duration::from_millis(10), ..SLOW };
    let client = Client::open(pace, None, 16);
    client.init("long");
    client.subscribe("1", "subscription { flood }");
    assert_eq!(client.end().await, Some(Closing::SLOW));

    let pace = Pace { stall_check_every: Duration::from_millis(100), ..SLOW };
    let mut client = Client::open(pace, None, 16);
    client.init("long");
    client.subscribe("1", "subscription { count(n: 5000) }");
    let mut heard = 0;
    while client.hear().await["type"] != "complete" {
        heard += 1;
    }
    assert_eq!(heard, 5_001, "the acknowledgement, then every event");
}

#[tokio::test]
async fn a_flood_leaves_the_other_operations_their_turn() {
    let mut client = ready().await;
    client.subscribe("flood", "subscription { flood }");
    client.subscribe("count", "subscription { count(n: 20) }");
    for _ in 0..2_000 {
        let message = client.hear().await;
        if message["type"] == "complete" {
            assert_eq!(message["id"], "count");
            return;
        }
    }
    panic!("starved");
}

#[tokio::test]
async fn a_completed_id_can_be_used_again_and_the_old_events_are_gone() {
    let mut client = ready().await;
    client.subscribe("1", "subscription { flood }");
    for _ in 0..3 {
        assert_eq!(client.hear().await["type"], "next");
    }
    client.say(&json!({"id": "1", "type": "complete"}));
    client.subscribe("1", "{ hello }");
    // At most what was on its way already is of the flood.
    for _ in 0..300 {
        let message = client.hear().await;
        if message["payload"]["data"]["hello"] == "world" {
            let end = client.hear().await;
            assert_eq!(end, json!({"type": "complete", "id": "1"}));
            return;
        }
    }
    panic!("the new operation was not heard");
}

#[tokio::test]
async fn what_breaks_ends_one_operation_and_not_the_socket() {
    let mut client = ready().await;
    let doubling = (0..40).map(|level| {
        let next = level + 1;
        format!("fragment F{level} on Query {{ ...F{next} ...F{next} }}")
    });
    let doubled = doubling.collect::<Vec<_>>().concat();
    let fan_out = format!("{{ ...F0 }} {doubled} fragment F40 on Query {{ hello }}");
    for (query, code) in [
        ("{ broken }", "INTERNAL_SERVER_ERROR"),
        ("subscription { nope }", "VALIDATION_FAILED"),
        (fan_out.as_str(), "QUERY_TOO_COMPLEX"),
    ] {
        client.subscribe("1", query);
        let message = client.hear().await;
        assert_eq!(message["type"], "error", "{message}");
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{message}");
    }
    client.subscribe("1", "subscription { silence }");
    client.subscribe("2", "{ hello }");
    assert_eq!(client.hear().await["payload"]["data"]["hello"], "world");
}
