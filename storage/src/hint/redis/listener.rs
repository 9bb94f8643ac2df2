//! Listening: hints of other processes become hints of this one.

use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::aio::PubSubSink;
use deadpool_redis::redis::{Client, Msg};
use futures_util::StreamExt;

use super::super::local::Local;
use super::{Shared, Unreachable, names};

/// How long connecting and each question may take.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(2);
/// A connection that is silent this long is asked whether it still lives: a cut cable says nothing.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// Waits before connecting again: the first, doubled each time up to the last.
const WAIT_FIRST: Duration = Duration::from_millis(50);
const WAIT_LAST: Duration = Duration::from_secs(2);

pub(super) async fn run(client: Client, shared: Arc<Shared>, local: Arc<Local>) {
    let mut wait = WAIT_FIRST;
    loop {
        let mut heard = false;
        if let Err(error) = listen(&client, &shared, &local, &mut heard).await {
            shared.failed(&error);
        }
        if heard {
            wait = WAIT_FIRST;
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(WAIT_LAST);
    }
}

/// Listens until the connection ends. `heard` tells whether it stood at all.
async fn listen(
    client: &Client,
    shared: &Shared,
    local: &Local,
    heard: &mut bool,
) -> Result<(), Unreachable> {
    let (mut sink, mut messages) = tokio::time::timeout(ANSWER_WAIT_MAX, async {
        let (mut sink, messages) = client.get_async_pubsub().await?.split();
        sink.subscribe(names::WORK).await?;
        sink.psubscribe(names::ALL_FEEDS).await?;
        Ok::<_, Unreachable>((sink, messages))
    })
    .await??;
    *heard = true;
    // Whatever was said before the connection stood is not repeated.
    local.wake_everybody();
    loop {
        match tokio::time::timeout(SILENCE_MAX, messages.next()).await {
            Ok(Some(message)) => pass_on(&message, shared.instance, local),
            Ok(None) => return Ok(()),
            Err(_silence) => ask(&mut sink).await?,
        }
    }
}

async fn ask(sink: &mut PubSubSink) -> Result<(), Unreachable> {
    tokio::time::timeout(ANSWER_WAIT_MAX, sink.ping::<()>()).await??;
    Ok(())
}

/// Messages of another form are another program's and are left alone.
fn pass_on(message: &Msg, instance: u64, local: &Local) {
    let Ok(payload) = std::str::from_utf8(message.get_payload_bytes()) else {
        return;
    };
    let Some((sender, sequence)) = payload.split_once(' ') else {
        return;
    };
    if u64::from_str_radix(sender, 16) == Ok(instance) {
        return;
    }
    let channel = message.get_channel_name();
    if channel == names::WORK {
        local.wake_workers();
    } else if let (Some(business), Ok(sequence)) =
        (names::business_of_feed(channel), sequence.parse())
    {
        local.activity(business, sequence);
    }
}
