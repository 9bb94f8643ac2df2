//! One client's connection: the protocol's state and its loop.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Executor, Request, ServerError};
use axum::extract::ws::Message;
use domain::code::Code;
use futures_util::future::AbortHandle;
use futures_util::stream::{self, BoxStream, SelectAll, Stream, StreamExt as _};
use tokio::time::{Instant, Interval, MissedTickBehavior, Sleep, interval_at, sleep, timeout};

use super::Closing;
use super::message::{Incoming, Outgoing};
use super::outbox::Outbox;
use crate::http::graphql::{Endpoint, Event, Presented, Session, events};
use crate::telemetry::RequestId;

/// The spans of time that a connection goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How long a client may take to say who it is.
    pub(super) init_max: Duration,
    /// How often the client is asked whether it is there.
    pub(super) ping_every: Duration,
    /// How often it is looked whether the client reads.
    pub(super) stall_check_every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            init_max: Duration::from_secs(10),
            ping_every: Duration::from_secs(12),
            stall_check_every: Duration::from_secs(1),
        }
    }
}

/// Unanswered pings after which it is not.
const PINGS_MISSED_MAX: u32 = 2;

/// Operations that one socket may run at once.
const OPERATIONS_MAX: usize = 50;

/// Checks in a row with a full queue and nothing written, after which the client is too slow.
const STALLED_CHECKS_MAX: u32 = 5;

/// A timer that has not been set.
const NEVER: Duration = Duration::from_hours(365 * 24);

/// An event with the operation that it is of.
type Tagged = (Arc<str>, Event);

/// A connection that goes on, or the reason why it ends; none where the client left.
type Flow = ControlFlow<Option<Closing>>;

pub(super) struct Connection<E> {
    endpoint: Arc<Endpoint<E>>,
    /// The token of the upgrade request, for clients whose first message has none.
    token: Option<String>,
    outbox: Outbox,
    pace: Pace,
    /// Set by the first message.
    session: Option<Session>,
    /// The running operations by the client's id of them.
    live: HashMap<Arc<str>, AbortHandle>,
    /// Their events; each stream that is ready gets its turn.
    events: SelectAll<BoxStream<'static, Tagged>>,
    expiry: Pin<Box<Sleep>>,
    pings_missed: u32,
    stalled_checks: u32,
    written: u64,
}

impl<E: Executor> Connection<E> {
    pub(super) fn new(
        endpoint: Arc<Endpoint<E>>,
        token: Option<String>,
        outbox: Outbox,
        pace: Pace,
    ) -> Self {
        Self {
            endpoint,
            token,
            outbox,
            pace,
            session: None,
            live: HashMap::new(),
            events: SelectAll::new(),
            expiry: Box::pin(sleep(NEVER)),
            pings_missed: 0,
            stalled_checks: 0,
            written: 0,
        }
    }

    /// Serves the client until one side ends it. None where there is no one to tell why.
    pub(super) async fn run(
        mut self,
        incoming: &mut (impl Stream<Item = Result<Message, axum::Error>> + Unpin),
    ) -> Option<Closing> {
        let Pace { init_max, ping_every, stall_check_every } = self.pace;
        let mut pings = every(ping_every);
        let mut checks = every(stall_check_every);
        let init = sleep(init_max);
        tokio::pin!(init);
        loop {
            let flow = tokio::select! {
                message = incoming.next() => self.hear(message).await,
                Some(()) = forward(&self.outbox, &mut self.events, &mut self.live),
                    if !self.events.is_empty() => Flow::Continue(()),
                _ = pings.tick() => self.ping(),
                _ = checks.tick() => self.check_pace(),
                () = &mut init, if self.session.is_none() => close(Closing::NO_INIT),
                () = &mut self.expiry, if self.session.is_some() => close(Closing::EXPIRED),
            };
            if let ControlFlow::Break(closing) = flow {
                return closing;
            }
        }
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Flow {
        self.pings_missed = 0;
        match message {
            Some(Ok(Message::Text(text))) => match Incoming::parse(text.as_str()) {
                Ok(message) => self.obey(message).await,
                Err(closing) => close(closing),
            },
            Some(Ok(Message::Binary(_))) => close(Closing::MALFORMED),
            // The library answers frames of these kinds itself.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Flow::Continue(()),
            Some(Err(error)) if is_too_big(&error) => close(Closing::TOO_BIG),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Flow::Break(None),
        }
    }

    async fn obey(&mut self, message: Incoming) -> Flow {
        match message {
            Incoming::Init { token } => self.initialise(token).await,
            Incoming::Ping => self.say(&Outgoing::Pong),
            Incoming::Pong => Flow::Continue(()),
            Incoming::Subscribe { id, operation } => self.start(id.into(), *operation),
            Incoming::Complete { id } => {
                if let Some(operation) = self.live.remove(id.as_str()) {
                    operation.abort();
                }
                Flow::Continue(())
            }
        }
    }

    async fn initialise(&mut self, token: Option<String>) -> Flow {
        if self.session.is_some() {
            return close(Closing::TOO_MANY_INITS);
        }
        let token = token.or_else(|| self.token.take());
        let session = match timeout(self.pace.init_max, (self.endpoint.authenticate)(token)).await {
            Ok(Ok(session)) => session,
            Ok(Err(problem)) if problem.code == Code::Unauthenticated => {
                return close(Closing::FORBIDDEN);
            }
            Ok(Err(_)) | Err(_) => return close(Closing::TRY_LATER),
        };
        if session.caller.is_none() && !self.endpoint.rules.anonymous {
            return close(Closing::FORBIDDEN);
        }
        if let Some(end) = session.expires_at {
            let left = self.endpoint.clock.now().until(end).min(NEVER);
            self.expiry.as_mut().reset(Instant::now() + left);
        }
        self.session = Some(session);
        self.say(&Outgoing::ConnectionAck)
    }

    fn start(&mut self, id: Arc<str>, operation: Request) -> Flow {
        let Some(session) = &self.session else {
            return close(Closing::UNAUTHORIZED);
        };
        if self.live.contains_key(&id) {
            return close(Closing::DUPLICATE);
        }
        if self.live.len() >= OPERATIONS_MAX {
            return close(Closing::TOO_MANY);
        }
        let request_id = RequestId::draw(self.endpoint.random.as_ref());
        let events = match self.endpoint.admit(operation, session, &request_id) {
            Ok(admitted) => events(&self.endpoint.schema, admitted, request_id),
            Err(error) => refused(error, &request_id),
        };
        let tag = Arc::clone(&id);
        let (events, handle) = stream::abortable(events);
        self.events.push(events.map(move |event| (Arc::clone(&tag), event)).boxed());
        self.live.insert(id, handle);
        Flow::Continue(())
    }

    fn ping(&mut self) -> Flow {
        if self.pings_missed >= PINGS_MISSED_MAX {
            return close(Closing::NO_PONG);
        }
        self.pings_missed += 1;
        self.say(&Outgoing::Ping)
    }

    /// A queue may be full for a moment; it is the client's fault where nothing leaves it.
    fn check_pace(&mut self) -> Flow {
        let written = self.outbox.written();
        let stalls = self.outbox.is_full() && written == self.written;
        self.stalled_checks = if stalls { self.stalled_checks + 1 } else { 0 };
        self.written = written;
        if self.stalled_checks >= STALLED_CHECKS_MAX {
            return close(Closing::SLOW);
        }
        Flow::Continue(())
    }

    fn say(&self, message: &Outgoing<'_, ()>) -> Flow {
        match self.outbox.control(message.text()) {
            Ok(()) => Flow::Continue(()),
            Err(closing) => close(closing),
        }
    }
}

/// Moves one event to the outbox, once there is one and room for it. None where neither will be.
async fn forward(
    outbox: &Outbox,
    events: &mut SelectAll<BoxStream<'static, Tagged>>,
    live: &mut HashMap<Arc<str>, AbortHandle>,
) -> Option<()> {
    let room = outbox.room().await?;
    let (id, event) = events.next().await?;
    let (text, ends) = match &event {
        Event::Next(presented) => (Outgoing::Next { id: &id, payload: presented }.text(), false),
        Event::Refused(presented) => {
            (Outgoing::Error { id: &id, payload: &presented.errors() }.text(), true)
        }
        Event::Complete => (Outgoing::Complete::<()> { id: &id }.text(), true),
    };
    let operation = if ends { live.remove(&id)? } else { live.get(&id)?.clone() };
    room.fill(text, operation);
    Some(())
}

fn refused(error: ServerError, id: &RequestId) -> BoxStream<'static, Event> {
    let presented = Presented::refusal(error, id);
    stream::iter([Event::Refused(presented)]).boxed()
}

/// Ticks of at least `period`: where this process was held up, clients are not counted out for ticks in a row.
fn every(period: Duration) -> Interval {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn close(closing: Closing) -> Flow {
    Flow::Break(Some(closing))
}

/// Whether a message or a frame exceeded its bound.
fn is_too_big(error: &axum::Error) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if error.to_string().contains("too long") {
            return true;
        }
        source = error.source();
    }
    false
}

#[cfg(test)]
mod tests;
