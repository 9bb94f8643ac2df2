//! Runs an admitted operation within its bounds, for every transport.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Response};
use domain::code::Code;
use futures_util::future::FutureExt as _;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::time::timeout;

use super::present::Presented;
use crate::error::Problem;
use crate::graphql::guard::{Admitted, Guarded};
use crate::telemetry::RequestId;

/// The longest that a query or a mutation may take.
pub(crate) const OPERATION_TIME_MAX: Duration = Duration::from_secs(10);

/// What an operation tells its caller.
#[derive(Debug)]
pub(crate) enum Event {
    /// A result; there may be more.
    Next(Presented),
    /// Nothing ran, or it broke; the end.
    Refused(Presented),
    /// The end.
    Complete,
}

/// Runs a query or a mutation within `bound`; the problem is a timeout or a panic.
pub(crate) async fn once<E: Executor>(
    schema: &Guarded<E>,
    admitted: Admitted,
    id: &RequestId,
    bound: Duration,
) -> Result<Presented, Problem> {
    let work = AssertUnwindSafe(schema.execute(admitted)).catch_unwind();
    match timeout(bound, work).await {
        Ok(Ok(response)) => Ok(Presented::new(response, id)),
        Ok(Err(_)) => Err(panicked(id)),
        Err(_) => Err(timed_out(bound)),
    }
}

/// Runs any operation as events. Subscriptions may take as long as they like, queries and mutations not.
pub(crate) fn events<E: Executor>(
    schema: &Guarded<E>,
    admitted: Admitted,
    id: RequestId,
) -> BoxStream<'static, Event> {
    let bound = match admitted.kind() {
        OperationType::Subscription => None,
        OperationType::Query | OperationType::Mutation => Some(OPERATION_TIME_MAX),
    };
    let session = std::sync::Arc::default();
    let responses = AssertUnwindSafe(schema.stream(admitted, session)).catch_unwind().boxed();
    stream::unfold(Some(responses), move |running| {
        let id = id.clone();
        async move {
            let mut responses = running?;
            let next = responses.next();
            let response = match bound {
                None => Ok(next.await),
                Some(bound) => timeout(bound, next).await,
            };
            let event = event(response.map(Option::transpose), &id);
            let running = matches!(event, Event::Next(_)).then_some(responses);
            Some((event, running))
        }
    })
    .boxed()
}

type Panic = Box<dyn std::any::Any + Send>;

fn event<T>(response: Result<Result<Option<Response>, Panic>, T>, id: &RequestId) -> Event {
    match response {
        Ok(Ok(None)) => Event::Complete,
        Ok(Ok(Some(response))) => {
            let presented = Presented::new(response, id);
            if presented.is_refused() { Event::Refused(presented) } else { Event::Next(presented) }
        }
        Ok(Err(_)) => Event::Refused(Presented::problem(&panicked(id), id)),
        Err(_) => Event::Refused(Presented::problem(&timed_out(OPERATION_TIME_MAX), id)),
    }
}

/// The panic's own text went to the log by the panic hook; this line ties it to the request.
fn panicked(id: &RequestId) -> Problem {
    tracing::error!(%id, "a resolver panicked");
    Problem::new(Code::Internal, "Internal server error")
}

fn timed_out(bound: Duration) -> Problem {
    let seconds = bound.as_secs();
    Problem::new(Code::Timeout, format!("the operation took longer than {seconds} s"))
}
