//! Mapper configs.

use domain::id::BusinessId;
use domain::mapper::{MapperConfig, room_for_config};
use domain::page::{Cursor, Page, PageRequest};
use domain::time::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::entity::mapper_config::{Column, Entity, Model};
use crate::page::{Sort, keyset, page_of};
use crate::row::{self, Of};
use crate::{StoreError, Tenant};

const CONFIG: Of = Of("mapper_config");

impl Tenant {
    /// Keeps settings as the business's next mapper config. Where there is a config of that digest, which gives a plugin
    /// the same, that one is returned. Fails with [`StoreError::NoRoom`] where there are as many as are kept.
    pub async fn add_mapper_config(
        &self,
        settings: String,
        digest: [u8; 32],
        by: String,
        now: Timestamp,
    ) -> Result<MapperConfig, StoreError> {
        let business = self.business_id();
        self.write(move |txn| {
            Box::pin(async move {
                if let Some(known) = by_digest(txn.conn(), business, digest).await? {
                    return read_config(known);
                }
                let newest = newest(txn.conn(), business).await?;
                room_for_config(CONFIG.count("config", newest)?)?;
                let row = Model {
                    business_id: business.uuid(),
                    config: newest + 1,
                    settings,
                    digest: digest.to_vec(),
                    created_by: by,
                    created_at: now.millis(),
                };
                let insert = Entity::insert(row.clone().into_active_model());
                insert.exec_without_returning(txn.conn()).await?;
                read_config(row)
            })
        })
        .await
    }

    /// A mapper config; none for [`domain::mapper::NO_CONFIG`], which has no row.
    pub async fn mapper_config(&self, config: u32) -> Result<Option<MapperConfig>, StoreError> {
        let key = (self.business_id().uuid(), i64::from(config));
        let row = Entity::find_by_id(key).one(self.reader()).await?;
        row.map(read_config).transpose()
    }

    /// The mapper config of that digest.
    pub async fn mapper_config_by_digest(
        &self,
        digest: [u8; 32],
    ) -> Result<Option<MapperConfig>, StoreError> {
        let row = by_digest(self.reader(), self.business_id(), digest).await?;
        row.map(read_config).transpose()
    }

    /// The number of the newest mapper config; [`domain::mapper::NO_CONFIG`] where there is none.
    pub async fn newest_mapper_config(&self) -> Result<u32, StoreError> {
        CONFIG.count("config", newest(self.reader(), self.business_id()).await?)
    }

    /// A page of mapper configs, the one made last first.
    pub async fn mapper_configs(
        &self,
        request: &PageRequest,
    ) -> Result<Page<MapperConfig>, StoreError> {
        let place = request.cursor.as_ref().map(|cursor| [cursor.key.into()]);
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::Config];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        let place_of = |model: &Model| Cursor { key: model.config, id: String::new() };
        page_of(request, models, place_of, read_config)
    }
}

async fn by_digest(
    conn: &impl ConnectionTrait,
    business: BusinessId,
    digest: [u8; 32],
) -> Result<Option<Model>, StoreError> {
    let select = Entity::find()
        .filter(Column::BusinessId.eq(business.uuid()))
        .filter(Column::Digest.eq(digest.to_vec()));
    Ok(select.one(conn).await?)
}

async fn newest(conn: &impl ConnectionTrait, business: BusinessId) -> Result<i64, StoreError> {
    let newest: Option<i64> = Entity::find()
        .select_only()
        .column(Column::Config)
        .filter(Column::BusinessId.eq(business.uuid()))
        .order_by_desc(Column::Config)
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(newest.unwrap_or(0))
}

fn read_config(row: Model) -> Result<MapperConfig, StoreError> {
    Ok(MapperConfig {
        number: CONFIG.count("config", row.config)?,
        settings: row.settings,
        digest: CONFIG.hash("digest", row.digest)?,
        created_by: row.created_by,
        created_at: row::time(row.created_at),
    })
}
