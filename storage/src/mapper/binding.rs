//! The binding and its history.
//!
//! A change names the revision that it was decided against and writes the next one. Orders that are decided meanwhile
//! name the revision that they assumed ([`domain::flow::Changes::assumed_binding`]) and are decided anew where another
//! one stands. So a change holds for the very next order, on every instance.

use domain::id::{BusinessId, ShadowReportId};
use domain::mapper::{
    Binding, BindingChange, Bound, Canary, Grounds, Known, MapperChange, MapperChangeKind,
    MapperVersionState, STANDARD_VERSION,
};
use domain::page::{Cursor, Page, PageRequest};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::bound_of;
use crate::entity::{mapper_binding, mapper_change, mapper_version};
use crate::page::{Sort, keyset, page_of};
use crate::row::{self, Of};
use crate::writer::Txn;
use crate::{StoreError, Tenant};

const BINDING: Of = Of("mapper_binding");
const CHANGE: Of = Of("mapper_change");

impl Tenant {
    /// Which mapper serves the business now; [`Binding::default`] where nothing was ever changed.
    pub async fn binding(&self) -> Result<Binding, StoreError> {
        let key = self.business_id().uuid();
        let row = mapper_binding::Entity::find_by_id(key).one(self.reader()).await?;
        row.map_or_else(|| Ok(Binding::default()), |row| read_binding(&row))
    }

    /// What [`domain::mapper::decide`] must know of what is stored to judge `change`.
    pub async fn mapper_known(&self, change: &BindingChange) -> Result<Known, StoreError> {
        let (version, grounds) = match change {
            BindingChange::Activate { bound, grounds }
            | BindingChange::Canary { bound, grounds, .. } => (Some(bound.version), Some(grounds)),
            BindingChange::Configure { grounds, .. } => {
                (Some(self.binding().await?.active.version), Some(grounds))
            }
            BindingChange::Retire { version, .. } => (Some(*version), None),
            BindingChange::EndCanary { .. }
            | BindingChange::Rollback { .. }
            | BindingChange::Fallback { .. } => (None, None),
        };
        let mut known = Known::default();
        if let Some(version) = version.filter(|version| *version != STANDARD_VERSION) {
            let stored = self.mapper_version(version).await?;
            known.versions = stored.map(|stored| (version, stored.state)).into_iter().collect();
        }
        if let Some(grounds) = grounds {
            known.newest_config = self.newest_mapper_config().await?;
            if let Grounds::Report(id) = grounds {
                known.report = self.written_shadow_report(*id).await?;
            }
        }
        Ok(known)
    }

    /// Writes what [`domain::mapper::decide`] made of the binding of `expected_revision`: the binding, the entry of its
    /// history, its event in the feed, and, for a retired version, its state. Fails with [`StoreError::Conflict`] where
    /// another revision stands by now.
    pub async fn change_binding(
        &self,
        expected_revision: i64,
        binding: Binding,
        change: MapperChange,
    ) -> Result<(), StoreError> {
        if binding.revision != expected_revision + 1 || change.revision != binding.revision {
            return Err(StoreError::Conflict("a change leads to the next revision"));
        }
        let business = self.business_id();
        self.write(move |txn| {
            Box::pin(async move {
                if !put_binding(txn, business, expected_revision, binding).await? {
                    return Err(StoreError::Conflict("the binding was changed meanwhile"));
                }
                if change.kind == MapperChangeKind::Retired {
                    retire(txn, business, change.from.version).await?;
                }
                txn.publish(business, &[change.activity()]).await?;
                let entry = change_row(business, change).into_active_model();
                mapper_change::Entity::insert(entry).exec_without_returning(txn.conn()).await?;
                Ok(())
            })
        })
        .await
    }

    /// A page of the binding's history, the newest change first.
    pub async fn mapper_changes(
        &self,
        request: &PageRequest,
    ) -> Result<Page<MapperChange>, StoreError> {
        use mapper_change::{Column, Entity, Model};
        let place = request.cursor.as_ref().map(|cursor| [cursor.key.into()]);
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::Revision];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        let place_of = |model: &Model| Cursor { key: model.revision, id: String::new() };
        page_of(request, models, place_of, read_change)
    }
}

/// Writes the binding in the place of the one of revision `expected`; false where that one no longer stands.
async fn put_binding(
    txn: &Txn,
    business: BusinessId,
    expected: i64,
    binding: Binding,
) -> Result<bool, StoreError> {
    use mapper_binding::{Column, Entity};
    let row = binding_row(business, binding).into_active_model();
    let written = if expected == 0 {
        let known = OnConflict::column(Column::BusinessId).do_nothing().to_owned();
        Entity::insert(row).on_conflict(known).exec_without_returning(txn.conn()).await?
    } else {
        let update = Entity::update_many()
            .set(row.reset_all())
            .filter(Column::BusinessId.eq(business.uuid()))
            .filter(Column::Revision.eq(expected));
        update.exec(txn.conn()).await?.rows_affected
    };
    Ok(written == 1)
}

async fn retire(txn: &Txn, business: BusinessId, version: u32) -> Result<(), StoreError> {
    use mapper_version::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::State, Expr::value(MapperVersionState::Retired.as_str()))
        .filter(Column::BusinessId.eq(business.uuid()))
        .filter(Column::Version.eq(i64::from(version)))
        .exec(txn.conn())
        .await?;
    Ok(())
}

fn binding_row(business: BusinessId, binding: Binding) -> mapper_binding::Model {
    let Binding { revision, active, canary, previous } = binding;
    mapper_binding::Model {
        business_id: business.uuid(),
        revision,
        active_version: active.version.into(),
        active_config: active.config.into(),
        canary_version: canary.map(|canary| canary.bound.version.into()),
        canary_config: canary.map(|canary| canary.bound.config.into()),
        canary_percent: canary.map(|canary| canary.percent.into()),
        previous_version: previous.map(|bound| bound.version.into()),
        previous_config: previous.map(|bound| bound.config.into()),
    }
}

pub(super) fn read_binding(row: &mapper_binding::Model) -> Result<Binding, StoreError> {
    let bound = |version, config| bound_of(BINDING, version, config);
    let canary = match (row.canary_version, row.canary_config, row.canary_percent) {
        (Some(version), Some(config), Some(percent)) => {
            Some(Canary { bound: bound(version, config)?, percent: percent_of(BINDING, percent)? })
        }
        _ => None,
    };
    let previous: Option<Bound> = match (row.previous_version, row.previous_config) {
        (Some(version), Some(config)) => Some(bound(version, config)?),
        _ => None,
    };
    let active = bound(row.active_version, row.active_config)?;
    Ok(Binding { revision: row.revision, active, canary, previous })
}

fn percent_of(table: Of, percent: i64) -> Result<u8, StoreError> {
    u8::try_from(percent).map_err(|_| StoreError::corrupt(table.0, "percent is no share"))
}

fn change_row(business: BusinessId, change: MapperChange) -> mapper_change::Model {
    mapper_change::Model {
        business_id: business.uuid(),
        revision: change.revision,
        kind: change.kind.as_str().to_owned(),
        from_version: change.from.version.into(),
        from_config: change.from.config.into(),
        to_version: change.to.version.into(),
        to_config: change.to.config.into(),
        percent: change.percent.map(i64::from),
        report_id: change.report.map(ShadowReportId::uuid),
        reason: change.reason,
        actor: change.actor,
        at: change.at.millis(),
    }
}

fn read_change(row: mapper_change::Model) -> Result<MapperChange, StoreError> {
    Ok(MapperChange {
        revision: row.revision,
        kind: CHANGE.word("kind", &row.kind, MapperChangeKind::parse)?,
        from: bound_of(CHANGE, row.from_version, row.from_config)?,
        to: bound_of(CHANGE, row.to_version, row.to_config)?,
        percent: row.percent.map(|percent| percent_of(CHANGE, percent)).transpose()?,
        report: row.report_id.map(ShadowReportId::from_uuid),
        reason: row.reason,
        actor: row.actor,
        at: row::time(row.at),
    })
}
