//! What waits to be written to a socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::ws::Message;
use futures_util::future::AbortHandle;
use futures_util::sink::{Sink, SinkExt as _};
use tokio::sync::mpsc;

use super::Closing;

/// Events that may wait for a slow client; operations are not polled while there is no room.
const EVENTS_MAX: usize = 256;

/// Acknowledgements, pings and pongs that may wait.
const CONTROLS_MAX: usize = 64;

/// Messages written between two flushes.
const BURST_MAX: usize = 64;

/// An event, and the operation that it belongs to: what a client has completed is not written any more.
struct Queued {
    text: String,
    operation: AbortHandle,
}

/// The end that is filled.
pub(super) struct Outbox {
    events: mpsc::Sender<Queued>,
    controls: mpsc::Sender<String>,
    written: Arc<AtomicU64>,
}

/// The end that is written out.
pub(super) struct Queue {
    events: mpsc::Receiver<Queued>,
    controls: mpsc::Receiver<String>,
    written: Arc<AtomicU64>,
}

/// Room for one event.
pub(super) struct Room<'a>(mpsc::Permit<'a, Queued>);

/// A new pair.
pub(super) fn open() -> (Outbox, Queue) {
    let (events_in, events) = mpsc::channel(EVENTS_MAX);
    let (controls_in, controls) = mpsc::channel(CONTROLS_MAX);
    let written = Arc::new(AtomicU64::new(0));
    let outbox = Outbox { events: events_in, controls: controls_in, written: Arc::clone(&written) };
    (outbox, Queue { events, controls, written })
}

impl Outbox {
    /// Waits until there is room for an event. None once the other end is gone.
    pub(super) async fn room(&self) -> Option<Room<'_>> {
        self.events.reserve().await.ok().map(Room)
    }

    /// Queues an acknowledgement, a ping or a pong, ahead of the events.
    pub(super) fn control(&self, text: String) -> Result<(), Closing> {
        self.controls.try_send(text).map_err(|_| Closing::SLOW)
    }

    /// Whether there is no room for an event.
    pub(super) fn is_full(&self) -> bool {
        self.events.capacity() == 0
    }

    /// How many messages the client has been sent so far.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }
}

impl Room<'_> {
    /// Queues an event of `operation`.
    pub(super) fn fill(self, text: String, operation: AbortHandle) {
        self.0.send(Queued { text, operation });
    }
}

impl Queue {
    /// Writes until the client is gone.
    pub(super) async fn write(mut self, sink: &mut (impl Sink<Message> + Unpin)) {
        while let Some(text) = self.next().await {
            let mut burst = 1;
            let mut waiting = Some(text);
            while let Some(text) = waiting {
                if sink.feed(Message::text(text)).await.is_err() {
                    return;
                }
                self.written.fetch_add(1, Ordering::Relaxed);
                burst += 1;
                waiting = if burst <= BURST_MAX { self.ready() } else { None };
            }
            if sink.flush().await.is_err() {
                return;
            }
        }
    }

    /// The next message to write, once there is one.
    async fn next(&mut self) -> Option<String> {
        loop {
            tokio::select! {
                biased;
                Some(text) = self.controls.recv() => return Some(text),
                Some(queued) = self.events.recv() => {
                    if !queued.operation.is_aborted() {
                        return Some(queued.text);
                    }
                }
                else => return None,
            }
        }
    }

    /// The next message to write, if there is one already.
    fn ready(&mut self) -> Option<String> {
        if let Ok(text) = self.controls.try_recv() {
            return Some(text);
        }
        while let Ok(queued) = self.events.try_recv() {
            if !queued.operation.is_aborted() {
                return Some(queued.text);
            }
        }
        None
    }
}
