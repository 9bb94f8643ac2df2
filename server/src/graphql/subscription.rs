//! What callers watch.

use async_graphql::{Context, ID, Subscription as GraphqlSubscription};
use domain::activity::{Activity, ActivityKind};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, future};

use super::context::{app, caller, read_id};
use super::error::Failed;
use super::scalar::Long;
use super::r#type::ActivityEvent;
use crate::reads::feed;

/// The root of subscriptions.
pub(crate) struct Subscription;

/// Watching what happens in a business.
#[GraphqlSubscription]
impl Subscription {
    /// The business's activity feed. Whoever comes back with the number of the last event that they have seen misses
    /// nothing: first comes what happened meanwhile, then what happens.
    async fn activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
        #[graphql(desc = "The sequence of the last event that was seen, 0 for the whole feed; \
                          from now on where it is missing.")]
        after: Option<Long>,
    ) -> Result<impl Stream<Item = Result<ActivityEvent, Failed>> + use<>, Failed> {
        let business = read_id("businessId", &business_id)?;
        let after = after.map(|Long(sequence)| sequence);
        let events = feed::follow(app(ctx)?, caller(ctx)?, business, after).await?;
        Ok(events.map_ok(ActivityEvent::from).map_err(Failed::from).boxed())
    }

    /// How imports and polls of the business go on, from now on.
    async fn sync_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
    ) -> Result<impl Stream<Item = Result<ActivityEvent, Failed>> + use<>, Failed> {
        let business = read_id("businessId", &business_id)?;
        let events = feed::follow(app(ctx)?, caller(ctx)?, business, None).await?;
        let progress = events.try_filter(|event| future::ready(is_of_sync(event)));
        Ok(progress.map_ok(ActivityEvent::from).map_err(Failed::from).boxed())
    }

    /// How shadow runs and repairs of the business's mappers go on, from now on. The event's subject is the shadow
    /// report or the repair.
    async fn mapper_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] business_id: ID,
    ) -> Result<impl Stream<Item = Result<ActivityEvent, Failed>> + use<>, Failed> {
        let business = read_id("businessId", &business_id)?;
        let events = feed::follow(app(ctx)?, caller(ctx)?, business, None).await?;
        let progress = events.try_filter(|event| future::ready(is_of_mappers(event)));
        Ok(progress.map_ok(ActivityEvent::from).map_err(Failed::from).boxed())
    }
}

fn is_of_sync(activity: &Activity) -> bool {
    matches!(activity.event.kind, ActivityKind::SyncProgress | ActivityKind::SyncFinished)
}

fn is_of_mappers(activity: &Activity) -> bool {
    matches!(activity.event.kind, ActivityKind::MapperProgress | ActivityKind::MapperFinished)
}
