//! The activity feed as it goes on.
//!
//! A follower keeps its place, the number of the last event that it passed on, and reads what stands after it, page by
//! page. A signal says no more than "read now"; where it is lost, a timer says the same a moment later. So nothing can
//! fall between the past and the present, and however far behind a follower is, it holds one page.

use std::collections::VecDeque;
use std::time::Duration;

use domain::access::Caller;
use domain::activity::Activity;
use domain::code::Code;
use domain::id::BusinessId;
use futures_util::Stream;
use futures_util::stream;
use storage::ActivitySignal;
use tokio::time::{sleep, timeout};

use super::Reader;
use crate::app::App;
use crate::error::Problem;

/// Events read at a time.
const PAGE_SIZE: u32 = 100;
/// How long to wait for a signal before looking without one.
const LOOK_EVERY: Duration = Duration::from_millis(1_500);
/// How long to wait before asking a database again that did not answer.
const UNAVAILABLE_WAIT: Duration = Duration::from_secs(2);

/// The business's events after the number `after`, or from now on; it does not end by itself. The caller's right is
/// looked at again with each page. A database that does not answer is waited for.
pub(crate) async fn follow(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    after: Option<i64>,
) -> Result<impl Stream<Item = Result<Activity, Problem>> + use<>, Problem> {
    let reader = Reader::open(app, caller, business)?;
    // First the signal, then the place: an event in between is signalled and not yet passed.
    let signal = app.storage.hints().subscribe_activity(business);
    let newest = reader.0.last_activity().await?;
    let last = after.unwrap_or(newest);
    if !(0..=newest).contains(&last) {
        return Err(Problem::input(
            "after",
            format!("must be from 0 to {newest}, the newest event"),
        ));
    }
    let (app, caller) = (app.clone(), caller.clone());
    let follower = Follower { app, caller, business, signal, last, page: VecDeque::new() };
    Ok(stream::try_unfold(follower, |mut follower| async {
        let event = follower.next().await?;
        Ok(Some((event, follower)))
    }))
}

struct Follower {
    app: App,
    caller: Caller,
    business: BusinessId,
    signal: ActivitySignal,
    /// The number of the last event that was passed on.
    last: i64,
    page: VecDeque<Activity>,
}

impl Follower {
    async fn next(&mut self) -> Result<Activity, Problem> {
        loop {
            if let Some(event) = self.page.pop_front() {
                self.last = event.sequence;
                return Ok(event);
            }
            match self.read().await {
                Ok(page) if page.is_empty() => {
                    // Out of time or not: look again.
                    let _ = timeout(LOOK_EVERY, self.signal.next()).await;
                }
                Ok(page) => self.page = page.into(),
                Err(problem) if problem.code == Code::UpstreamUnavailable => {
                    sleep(UNAVAILABLE_WAIT).await;
                }
                Err(problem) => return Err(problem),
            }
        }
    }

    async fn read(&self) -> Result<Vec<Activity>, Problem> {
        let reader = Reader::open(&self.app, &self.caller, self.business)?;
        Ok(reader.0.activity_after(self.last, PAGE_SIZE).await?)
    }
}

#[cfg(test)]
mod tests {
    use domain::access::Role;
    use domain::activity::ActivityKind;
    use storage::Hints;

    use super::*;
    use crate::graphql::tests::world::World;

    /// Redis may be away, and the event may have been written by another instance.
    #[tokio::test]
    async fn a_follower_whom_no_signal_reaches_still_sees_what_happens() {
        let world = World::open().await;
        let mut follower = Follower {
            app: world.app.clone(),
            caller: world.caller(Role::Viewer),
            business: world.ours,
            signal: Hints::local().subscribe_activity(world.ours),
            last: 0,
            page: VecDeque::new(),
        };
        let next = tokio::spawn(async move { follower.next().await });
        tokio::task::yield_now().await;
        world.publish(world.ours, ActivityKind::Connected, "unheard").await;
        let event = timeout(LOOK_EVERY * 4, next).await.unwrap().unwrap().unwrap();
        assert_eq!((event.sequence, event.event.message.as_str()), (1, "unheard"));
    }
}
