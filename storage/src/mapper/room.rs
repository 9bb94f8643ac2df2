//! Room for components: those that nobody needs give way to new ones.

use domain::id::BusinessId;
use domain::mapper::{KeptComponent, MapperVersionState, make_room};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
};

use super::binding::read_binding;
use crate::StoreError;
use crate::entity::{mapper_binding, mapper_component, mapper_version};
use crate::row::Of;
use crate::writer::Txn;

const VERSION: Of = Of("mapper_version");
/// The stored length, which neither database reads the component for.
const LENGTH: &str = "CAST(length(component) AS BIGINT)";

/// Makes room for another component of the business, `bytes` long as it is stored. The business's commands take turns,
/// so nobody else takes the room before it is used.
pub(super) async fn make(txn: &Txn, business: BusinessId, bytes: usize) -> Result<(), StoreError> {
    let binding = mapper_binding::Entity::find_by_id(business.uuid()).one(txn.conn()).await?;
    let binding = binding.as_ref().map(read_binding).transpose()?.unwrap_or_default();
    let kept = kept(txn, business).await?;
    let components: Vec<KeptComponent> = kept.iter().map(|(component, _)| *component).collect();
    let gone = make_room(&binding, &components, bytes as u64)?;
    if gone.is_empty() {
        return Ok(());
    }
    let gone = kept.into_iter().filter(|(component, _)| gone.contains(&component.version));
    mapper_component::Entity::delete_many()
        .filter(mapper_component::Column::BusinessId.eq(business.uuid()))
        .filter(mapper_component::Column::Digest.is_in(gone.map(|(_, digest)| digest)))
        .exec(txn.conn())
        .await?;
    Ok(())
}

/// Whether the component is kept; it may have given way.
pub(super) async fn is_kept(
    conn: &impl ConnectionTrait,
    business: BusinessId,
    digest: [u8; 32],
) -> Result<bool, StoreError> {
    use mapper_component::{Column, Entity};
    let found: Option<Vec<u8>> = Entity::find_by_id((business.uuid(), digest.to_vec()))
        .select_only()
        .column(Column::Digest)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(found.is_some())
}

/// The components of the business with their digests, in the order of their versions.
async fn kept(
    txn: &Txn,
    business: BusinessId,
) -> Result<Vec<(KeptComponent, Vec<u8>)>, StoreError> {
    use mapper_version::{Column, Entity};
    let component = Entity::belongs_to(mapper_component::Entity)
        .from((Column::BusinessId, Column::Digest))
        .to((mapper_component::Column::BusinessId, mapper_component::Column::Digest));
    let rows: Vec<(i64, String, Vec<u8>, i64)> = Entity::find()
        .select_only()
        .columns([Column::Version, Column::State, Column::Digest])
        .column_as(Expr::cust(LENGTH), "bytes")
        .join(JoinType::InnerJoin, component.into())
        .filter(Column::BusinessId.eq(business.uuid()))
        .order_by_asc(Column::Version)
        .into_tuple()
        .all(txn.conn())
        .await?;
    let read = |(version, state, digest, bytes): (i64, String, Vec<u8>, i64)| {
        let version = VERSION.count("version", version)?;
        let state = VERSION.word("state", &state, MapperVersionState::parse)?;
        Ok((KeptComponent { version, bytes: bytes.unsigned_abs(), state }, digest))
    };
    rows.into_iter().map(read).collect()
}
