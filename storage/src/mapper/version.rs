//! Mapper versions.

use domain::delivery::Failure;
use domain::id::BusinessId;
use domain::mapper::{Capabilities, Capability, MapperVersion, MapperVersionState};
use domain::page::{Cursor, Page, PageRequest};
use domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::component::{Packed, pack};
use super::{failure_of, room};
use crate::entity::{mapper_component, mapper_version};
use crate::page::{Sort, keyset, page_of};
use crate::row::{self, Of};
use crate::writer::Txn;
use crate::{StoreError, Tenant};

const VERSION: Of = Of("mapper_version");

/// A plugin to keep as a mapper version.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMapperVersion {
    /// SHA-256 of `component`.
    pub digest: [u8; 32],
    /// The bytes of the component.
    pub component: Vec<u8>,
    /// The contract that it was built for, for instance `1.0`; empty where that could not be told.
    pub contract: String,
    /// What it calls itself.
    pub name: String,
    /// The version that it gives itself.
    pub plugin_version: String,
    /// What it does, in its own words.
    pub summary: String,
    /// A JSON Schema of its settings.
    pub settings_schema: String,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Whether it can serve.
    pub state: MapperVersionState,
    /// Why it was rejected.
    pub failure: Option<Failure>,
    /// How many golden tests travel with it.
    pub golden_count: u32,
    /// Who uploaded it: the token's subject.
    pub uploaded_by: String,
}

impl std::fmt::Debug for NewMapperVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewMapperVersion")
            .field("name", &self.name)
            .field("plugin_version", &self.plugin_version)
            .field("state", &self.state)
            .field("component_bytes", &self.component.len())
            .finish_non_exhaustive()
    }
}

impl Tenant {
    /// Keeps a plugin as the business's next mapper version. Where the same bytes were uploaded before, their version is
    /// returned as it stands, unless its component has given way: then it is there again, in the state of this one.
    /// Components of versions that may not serve give way where there is no room ([`domain::mapper::make_room`]); where
    /// that makes none, it fails with [`StoreError::NoRoom`].
    pub async fn add_mapper_version(
        &self,
        new: NewMapperVersion,
        now: Timestamp,
    ) -> Result<MapperVersion, StoreError> {
        let business = self.business_id();
        let size_bytes = i64::try_from(new.component.len()).unwrap_or(i64::MAX);
        let mut new = new;
        let packed = pack(std::mem::take(&mut new.component)).await?;
        self.write(move |txn| {
            Box::pin(async move {
                let known = by_digest(txn.conn(), business, new.digest).await?;
                if let Some(known) = &known
                    && room::is_kept(txn.conn(), business, new.digest).await?
                {
                    return read_version(known.clone());
                }
                room::make(txn, business, packed.bytes.len()).await?;
                put_component(txn, business, new.digest, packed, now).await?;
                if let Some(known) = known {
                    return put_state(txn, known, new.state, new.failure).await;
                }
                let version = newest(txn.conn(), business).await? + 1;
                let row = row_of(business, version, size_bytes, new, now);
                let insert = mapper_version::Entity::insert(row.clone().into_active_model());
                insert.exec_without_returning(txn.conn()).await?;
                read_version(row)
            })
        })
        .await
    }

    /// Notes whether a version can serve, and why not; returns it as it stands now. It must still be in the state in which
    /// it was examined, or fails with [`StoreError::Conflict`]: what somebody decided of it meanwhile stands. One whose
    /// component has given way meanwhile cannot be said to serve.
    pub async fn set_mapper_version_state(
        &self,
        version: u32,
        examined: MapperVersionState,
        state: MapperVersionState,
        failure: Option<Failure>,
    ) -> Result<MapperVersion, StoreError> {
        let business = self.business_id();
        self.write(move |txn| {
            Box::pin(async move {
                let key = (business.uuid(), i64::from(version));
                let row = mapper_version::Entity::find_by_id(key).one(txn.conn()).await?;
                let row = row.ok_or(StoreError::NotFound("mapper version"))?;
                if row.state != examined.as_str() {
                    return Err(StoreError::Conflict("the version was changed meanwhile"));
                }
                let digest = VERSION.hash("digest", row.digest.clone())?;
                if state == MapperVersionState::Validated
                    && !room::is_kept(txn.conn(), business, digest).await?
                {
                    return Err(StoreError::NotFound("mapper component"));
                }
                put_state(txn, row, state, failure).await
            })
        })
        .await
    }

    /// A mapper version; none for the standard mapper, which has no row.
    pub async fn mapper_version(&self, version: u32) -> Result<Option<MapperVersion>, StoreError> {
        let key = (self.business_id().uuid(), i64::from(version));
        let row = mapper_version::Entity::find_by_id(key).one(self.reader()).await?;
        row.map(read_version).transpose()
    }

    /// The mapper version of these bytes, by their SHA-256.
    pub async fn mapper_version_by_digest(
        &self,
        digest: [u8; 32],
    ) -> Result<Option<MapperVersion>, StoreError> {
        let row = by_digest(self.reader(), self.business_id(), digest).await?;
        row.map(read_version).transpose()
    }

    /// A page of mapper versions, the one uploaded last first.
    pub async fn mapper_versions(
        &self,
        request: &PageRequest,
    ) -> Result<Page<MapperVersion>, StoreError> {
        use mapper_version::{Column, Entity, Model};
        let place = request.cursor.as_ref().map(|cursor| [cursor.key.into()]);
        let select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        let columns = [Column::Version];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        let place_of = |model: &Model| Cursor { key: model.version, id: String::new() };
        page_of(request, models, place_of, read_version)
    }
}

async fn put_state(
    txn: &Txn,
    mut row: mapper_version::Model,
    state: MapperVersionState,
    failure: Option<Failure>,
) -> Result<MapperVersion, StoreError> {
    state.as_str().clone_into(&mut row.state);
    (row.failure_code, row.failure_detail) = failure_columns(failure);
    let mut changed = row.clone().into_active_model();
    changed.state = Set(row.state.clone());
    changed.failure_code = Set(row.failure_code.clone());
    changed.failure_detail = Set(row.failure_detail.clone());
    mapper_version::Entity::update(changed).exec(txn.conn()).await?;
    read_version(row)
}

async fn by_digest(
    conn: &impl ConnectionTrait,
    business: BusinessId,
    digest: [u8; 32],
) -> Result<Option<mapper_version::Model>, StoreError> {
    use mapper_version::{Column, Entity};
    let select = Entity::find()
        .filter(Column::BusinessId.eq(business.uuid()))
        .filter(Column::Digest.eq(digest.to_vec()));
    Ok(select.one(conn).await?)
}

async fn newest(conn: &impl ConnectionTrait, business: BusinessId) -> Result<i64, StoreError> {
    use mapper_version::{Column, Entity};
    let newest: Option<i64> = Entity::find()
        .select_only()
        .column(Column::Version)
        .filter(Column::BusinessId.eq(business.uuid()))
        .order_by_desc(Column::Version)
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(newest.unwrap_or(0))
}

async fn put_component(
    txn: &Txn,
    business: BusinessId,
    digest: [u8; 32],
    packed: Packed,
    now: Timestamp,
) -> Result<(), StoreError> {
    use mapper_component::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        business_id: Set(business.uuid()),
        digest: Set(digest.to_vec()),
        component: Set(packed.bytes),
        encoding: Set(packed.encoding.to_owned()),
        created_at: Set(now.millis()),
    };
    let known = OnConflict::columns([Column::BusinessId, Column::Digest]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(known).exec_without_returning(txn.conn()).await?;
    Ok(())
}

fn row_of(
    business: BusinessId,
    version: i64,
    size_bytes: i64,
    new: NewMapperVersion,
    now: Timestamp,
) -> mapper_version::Model {
    let capabilities: Vec<&str> = new.capabilities.each().map(Capability::as_str).collect();
    let (failure_code, failure_detail) = failure_columns(new.failure);
    mapper_version::Model {
        business_id: business.uuid(),
        version,
        digest: new.digest.to_vec(),
        size_bytes,
        contract: new.contract,
        name: new.name,
        plugin_version: new.plugin_version,
        summary: new.summary,
        settings_schema: new.settings_schema,
        capabilities: capabilities.join(" "),
        state: new.state.as_str().to_owned(),
        failure_code,
        failure_detail,
        golden_count: new.golden_count.into(),
        uploaded_by: new.uploaded_by,
        uploaded_at: now.millis(),
    }
}

fn failure_columns(failure: Option<Failure>) -> (Option<String>, Option<String>) {
    failure.map(|Failure { code, detail }| (code.as_str().to_owned(), detail)).unzip()
}

fn read_version(row: mapper_version::Model) -> Result<MapperVersion, StoreError> {
    let capabilities = row.capabilities.split_ascii_whitespace();
    let capabilities: Capabilities = capabilities
        .map(|word| VERSION.word("capabilities", word, Capability::parse))
        .collect::<Result<_, _>>()?;
    Ok(MapperVersion {
        number: VERSION.count("version", row.version)?,
        digest: VERSION.hash("digest", row.digest)?,
        size_bytes: row.size_bytes.unsigned_abs(),
        contract: row.contract,
        name: row.name,
        plugin_version: row.plugin_version,
        summary: row.summary,
        settings_schema: row.settings_schema,
        capabilities,
        state: VERSION.word("state", &row.state, MapperVersionState::parse)?,
        failure: failure_of(VERSION, row.failure_code.as_deref(), row.failure_detail)?,
        golden_count: VERSION.count("golden_count", row.golden_count)?,
        uploaded_by: row.uploaded_by,
        uploaded_at: row::time(row.uploaded_at),
    })
}
