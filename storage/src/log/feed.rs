//! The activity feed.

use domain::activity::{Activity, ActivityKind, NewActivity};
use domain::page::{Cursor, Page, PageRequest};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::activity::{Column, Entity, Model};
use crate::page::{Sort, keyset, page_of};
use crate::{StoreError, Tenant, row};

const EVENT: row::Of = row::Of("activity");

/// Events that one call of [`Tenant::activity_after`] gives at most.
const EVENTS_MAX: u32 = 1_000;

impl Tenant {
    /// The events after `sequence` in the order of their numbers, at most `limit` and a thousand. Whoever goes on after
    /// the last one misses nothing.
    pub async fn activity_after(
        &self,
        sequence: i64,
        limit: u32,
    ) -> Result<Vec<Activity>, StoreError> {
        let models = Entity::find()
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .filter(Column::Sequence.gt(sequence))
            .order_by_asc(Column::Sequence)
            .limit(u64::from(limit.min(EVENTS_MAX)))
            .all(self.reader())
            .await?;
        models.into_iter().map(read_event).collect()
    }

    /// The number of the newest event; zero where there is none.
    pub async fn last_activity(&self) -> Result<i64, StoreError> {
        let newest: Option<i64> = Entity::find()
            .select_only()
            .column(Column::Sequence)
            .filter(Column::BusinessId.eq(self.business_id().uuid()))
            .order_by_desc(Column::Sequence)
            .limit(1)
            .into_tuple()
            .one(self.reader())
            .await?;
        Ok(newest.unwrap_or(0))
    }

    /// A page of events, the newest first.
    pub async fn activity_page(&self, request: &PageRequest) -> Result<Page<Activity>, StoreError> {
        let place = request.cursor.as_ref().map(|cursor| [cursor.key.into()]);
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::Sequence];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        let place_of = |model: &Model| Cursor { key: model.sequence, id: String::new() };
        page_of(request, models, place_of, read_event)
    }

    /// Adds an event to the feed and returns its number. Subscribers are told once it is committed.
    pub async fn publish(&self, event: NewActivity) -> Result<i64, StoreError> {
        let business = self.business_id();
        self.write(move |txn| {
            Box::pin(async move {
                let sequence = txn.publish(business, &[event]).await?;
                sequence.ok_or_else(|| StoreError::corrupt("activity", "an event got no number"))
            })
        })
        .await
    }
}

fn read_event(model: Model) -> Result<Activity, StoreError> {
    let percent = model.percent.map(|percent| EVENT.count("percent", percent)).transpose()?;
    Ok(Activity {
        sequence: model.sequence,
        event: NewActivity {
            kind: EVENT.word("kind", &model.kind, ActivityKind::parse)?,
            subject: model.subject_kind.zip(model.subject_id),
            message: model.message,
            percent: percent.and_then(|percent| u8::try_from(percent).ok()),
            at: row::time(model.at),
        },
    })
}
