//! Watching: the activity feed over a WebSocket, which goes on where a watcher left off.

use domain::access::Role;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::world::{Place, TestWorld, WAIT_MAX};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::scenarios;

/// A socket that speaks `graphql-transport-ws`.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(world: &TestWorld, role: Role) -> Self {
        Self::open_at(&world.base, world, role).await
    }

    /// Opens one at that gateway.
    pub(crate) async fn open_at(base: &str, world: &TestWorld, role: Role) -> Self {
        let url = format!("{}/graphql", base.replace("http://", "ws://"));
        let mut request = url.into_client_request().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        let (stream, _) = connect_async(request).await.unwrap();
        let mut socket = Self(stream);
        let authorization = format!("Bearer {}", world.token(role));
        socket
            .send(
                json!({ "type": "connection_init", "payload": { "authorization": authorization } }),
            )
            .await;
        assert_eq!(socket.next().await["type"], "connection_ack");
        socket
    }

    async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message that is not a ping.
    async fn next(&mut self) -> Value {
        loop {
            let message =
                tokio::time::timeout(WAIT_MAX, self.0.next()).await.expect("a message in time");
            let Message::Text(text) = message.unwrap().unwrap() else { continue };
            let message: Value = serde_json::from_str(&text).unwrap();
            if message["type"] != "ping" {
                return message;
            }
        }
    }

    /// Watches the activity of the world's business.
    pub(crate) async fn watch(&mut self, world: &TestWorld, after: Option<i64>) {
        let query = "subscription($businessId: ID!, $after: Long) {
            activity(businessId: $businessId, after: $after) { sequence kind message } }";
        let variables = json!({ "businessId": world.business.to_string(), "after": after });
        self.send(json!({ "type": "subscribe", "id": "1", "payload": { "query": query, "variables": variables } })).await;
    }

    /// The next event: its number.
    pub(crate) async fn event(&mut self) -> i64 {
        let message = self.next().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("next"), &json!("1")), "{message}");
        let sequence = &message["payload"]["data"]["activity"]["sequence"];
        sequence.as_i64().unwrap_or_else(|| panic!("no sequence: {message}"))
    }
}

scenarios! {
    async fn a_watcher_who_comes_back_misses_nothing(place: Place) {
        let world = TestWorld::connected(&place).await;
        let mut socket = Socket::open(&world, Role::Viewer).await;
        socket.watch(&world, Some(0)).await;
        let mut seen = Vec::new();
        let variant = world.variants()[0];
        // Comes and goes while the store lives: eight looks of a few events each.
        for _ in 0..8 {
            for _ in 0..3 {
                world.sell(&[(variant, 1)]);
            }
            for _ in 0..3 {
                seen.push(socket.event().await);
            }
            drop(socket);
            world.sell(&[(variant, 1)]);
            socket = Socket::open(&world, Role::Viewer).await;
            socket.watch(&world, seen.last().copied()).await;
        }
        world.settle().await;
        let last = world.tenant().last_activity().await.unwrap();
        while seen.last().copied() < Some(last) {
            seen.push(socket.event().await);
        }
        assert_eq!(seen, (1..=last).collect::<Vec<_>>());
        assert!(last >= 32, "every order was told of: {last}");
        world.finish().await;
    }

    async fn a_watcher_from_now_on_sees_what_comes(place: Place) {
        let world = TestWorld::connected(&place).await;
        let before = world.tenant().last_activity().await.unwrap();
        assert!(before > 0);
        let mut socket = Socket::open(&world, Role::Viewer).await;
        socket.watch(&world, None).await;
        // A message that needs an answer: after it the subscription stands.
        socket.send(json!({ "type": "ping" })).await;
        assert_eq!(socket.next().await["type"], "pong");
        world.sell(&[(world.variants()[0], 1)]);
        assert_eq!(socket.event().await, before + 1);
        world.finish().await;
    }

    async fn strangers_watch_nothing(place: Place) {
        let world = TestWorld::connected(&place).await;
        let mut socket = Socket::open(&world, Role::Viewer).await;
        let (another, _) = world.other_business().await;
        let query = "subscription($id: ID!) { activity(businessId: $id) { sequence } }";
        let payload = json!({ "query": query, "variables": { "id": another.to_string() } });
        socket.send(json!({ "type": "subscribe", "id": "2", "payload": payload })).await;
        let message = socket.next().await;
        assert_eq!(message["payload"]["errors"][0]["extensions"]["code"], "NOT_FOUND", "{message}");
        assert_eq!(socket.next().await, json!({ "type": "complete", "id": "2" }));
        world.finish().await;
    }
}
