//! The messages of the protocol.

use async_graphql::Request;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Closing;
use crate::http::graphql::{from_object, token_of};

/// What a client says.
#[derive(Debug)]
pub(super) enum Incoming {
    /// The first message, with the token where the payload has one.
    Init { token: Option<String> },
    /// Asks for a pong.
    Ping,
    /// Answers our ping.
    Pong,
    /// Starts an operation.
    Subscribe { id: String, operation: Box<Request> },
    /// Stops an operation.
    Complete { id: String },
}

impl Incoming {
    /// Reads one message.
    pub(super) fn parse(text: &str) -> Result<Self, Closing> {
        Self::read(text).ok_or(Closing::MALFORMED)
    }

    fn read(text: &str) -> Option<Self> {
        let mut object: Map<String, Value> = serde_json::from_str(text).ok()?;
        let payload = match object.remove("payload") {
            None | Some(Value::Null) => None,
            Some(Value::Object(payload)) => Some(payload),
            Some(_) => return None,
        };
        match object.get("type")?.as_str()? {
            "connection_init" => Some(Self::Init { token: payload.as_ref().and_then(token) }),
            "ping" => Some(Self::Ping),
            "pong" => Some(Self::Pong),
            "subscribe" => {
                let operation = Box::new(from_object(payload?).ok()?);
                Some(Self::Subscribe { id: id(&mut object)?, operation })
            }
            "complete" => Some(Self::Complete { id: id(&mut object)? }),
            _ => None,
        }
    }
}

fn id(object: &mut Map<String, Value>) -> Option<String> {
    match object.remove("id")? {
        Value::String(id) if !id.is_empty() => Some(id),
        _ => None,
    }
}

/// The token of `{"Authorization": "Bearer …"}` or `{"token": "…"}`, as clients send it. One that is there and is not
/// text is kept as an empty token, which is refused, rather than taken for none.
fn token(payload: &Map<String, Value>) -> Option<String> {
    let given = ["Authorization", "authorization", "token"]
        .into_iter()
        .find_map(|name| payload.get(name))?;
    let text = given.as_str().unwrap_or_default();
    Some(token_of(text).unwrap_or_else(|| text.to_owned()))
}

/// What we say.
#[derive(Serialize, Debug)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Outgoing<'a, T> {
    ConnectionAck,
    Ping,
    Pong,
    Next { id: &'a str, payload: &'a T },
    Error { id: &'a str, payload: &'a T },
    Complete { id: &'a str },
}

impl<T: Serialize> Outgoing<'_, T> {
    /// The message's text.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| {
            tracing::error!(%error, "a message could not be written");
            r#"{"type":"ping"}"#.to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_where_clients_put_them() {
        let token = |payload: &str| {
            let text = format!(r#"{{"type":"connection_init","payload":{payload}}}"#);
            match Incoming::parse(&text).unwrap() {
                Incoming::Init { token } => token,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(token(r#"{"Authorization":"Bearer a.b"}"#).as_deref(), Some("a.b"));
        assert_eq!(token(r#"{"authorization":"bearer a.b"}"#).as_deref(), Some("a.b"));
        assert_eq!(token(r#"{"token":"a.b"}"#).as_deref(), Some("a.b"));
        assert_eq!(token(r#"{"token":7}"#).as_deref(), Some(""));
        assert_eq!(token("{}"), None);
        assert_eq!(token("null"), None);
    }

    #[test]
    fn what_is_not_a_message_is_malformed() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"type":7}"#,
            r#"{"type":"start"}"#,
            r#"{"type":"ping","payload":1}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"complete"}"#,
        ] {
            assert_eq!(Incoming::parse(text).unwrap_err(), Closing::MALFORMED, "{text}");
        }
    }
}
