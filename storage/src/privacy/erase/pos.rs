//! The person's sales: every version without its buyer, and a next version that says so.

use std::collections::BTreeMap;

use domain::id::ExternalId;
use domain::pos::PosOrder;
use domain::privacy::{Counts, ERASED};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use sha2::{Digest as _, Sha256};

use super::Scope;
use crate::entity::{pos_order_version, shopify_line_item};
use crate::page::parts;
use crate::sql::{Column, Rows, bytes, int, text, uuid};
use crate::writer::Txn;
use crate::{StoreError, row};

const VERSION: row::Of = row::Of("pos_order_version");

const DOCUMENT: &[Column] =
    &[uuid("business_id").key(), int("external_id").key(), int("version").key(), text("document")];
const NEXT: &[Column] = &[
    uuid("business_id"),
    int("external_id"),
    int("version"),
    uuid("delivery_id"),
    uuid("run_id"),
    bytes("source_hash"),
    bytes("document_hash"),
    text("document"),
    int("created_at"),
];
const HEAD: &[Column] = &[
    uuid("business_id").key(),
    int("external_id").key(),
    int("version"),
    bytes("document_hash"),
    text("number"),
    int("updated_at"),
];

/// Each version keeps its place and its hash, and loses its buyer. Where the newest one had any, another one follows: it
/// is what the POS gets, and a worker that read the old one finds that it is not the newest any more.
pub(super) async fn erase(
    txn: &Txn,
    scope: &Scope<'_>,
    counts: &mut Counts,
) -> Result<(), StoreError> {
    lines(txn, scope, counts).await?;
    let (mut documents, mut heads) = (Rows::new(DOCUMENT), Rows::new(HEAD));
    let (mut next, mut told) = (Rows::new(NEXT), Vec::new());
    for (id, (changed, newest)) in versions(txn, scope).await? {
        let changes = changed.iter().any(|(version, _)| *version == newest.version);
        for (version, document) in changed {
            let key = [scope.business.uuid().into(), id.0.into(), version.into()];
            documents.push(key.into_iter().chain([document.into()]));
        }
        if !changes {
            continue;
        }
        let pos: PosOrder = VERSION.json("document", &newest.document)?;
        let pos = pos.without_person(scope.telltales);
        let document = written(&pos)?;
        let hash: [u8; 32] = Sha256::digest(&document).into();
        let (version, now) = (newest.version + 1, scope.now.millis());
        next.push([
            scope.business.uuid().into(),
            id.0.into(),
            version.into(),
            newest.delivery_id.into(),
            newest.run_id.into(),
            newest.source_hash.into(),
            hash.to_vec().into(),
            document.into(),
            now.into(),
        ]);
        heads.push([
            scope.business.uuid().into(),
            id.0.into(),
            version.into(),
            hash.to_vec().into(),
            pos.number.into(),
            now.into(),
        ]);
        told.push(id);
    }
    let (conn, dialect) = (txn.conn(), txn.dialect());
    let changed = documents.update(conn, dialect, "pos_order_version", "", "").await?;
    counts.insert("pos_order_version".to_owned(), changed);
    next.insert(conn, dialect, "pos_order_version", "").await?;
    let heads = heads.update(conn, dialect, "pos_order", "", "").await?;
    counts.insert("pos_order".to_owned(), heads);
    crate::outbox::enqueue(txn, scope.business, &told, scope.now).await?;
    Ok(())
}

/// Of an order: its versions' documents that change, by number, and its newest version.
type Versions = (Vec<(i64, String)>, pos_order_version::Model);

async fn versions(
    txn: &Txn,
    scope: &Scope<'_>,
) -> Result<BTreeMap<ExternalId, Versions>, StoreError> {
    use pos_order_version::{Column, Entity};
    let mut orders: BTreeMap<ExternalId, Versions> = BTreeMap::new();
    for part in parts(scope.orders) {
        let models = Entity::find()
            .filter(Column::BusinessId.eq(scope.business.uuid()))
            .filter(Column::ExternalId.is_in(part.into_iter().map(|id| id.0)))
            .order_by_asc(Column::ExternalId)
            .order_by_asc(Column::Version)
            .all(txn.conn())
            .await?;
        for model in models {
            let pos: PosOrder = VERSION.json("document", &model.document)?;
            let erased = written(&pos.without_person(scope.telltales))?;
            let changed = (erased != model.document).then_some((model.version, erased));
            let id = ExternalId(model.external_id);
            match orders.get_mut(&id) {
                Some((versions, newest)) => {
                    versions.extend(changed);
                    *newest = model;
                }
                None => {
                    orders.insert(id, (changed.into_iter().collect(), model));
                }
            }
        }
    }
    Ok(orders)
}

fn written(pos: &PosOrder) -> Result<String, StoreError> {
    serde_json::to_string(pos)
        .map_err(|_| StoreError::corrupt("pos_order_version", "document cannot be written"))
}

const LINE: &[Column] = &[
    uuid("business_id").key(),
    int("order_id").key(),
    int("line_item_id").key(),
    text("title"),
    text("variant_title").or_null(),
];

/// Lines that somebody made for the person by name.
async fn lines(txn: &Txn, scope: &Scope<'_>, counts: &mut Counts) -> Result<(), StoreError> {
    use shopify_line_item::{Column, Entity};
    let mut rows = Rows::new(LINE);
    for part in parts(scope.orders) {
        let models = Entity::find()
            .filter(Column::BusinessId.eq(scope.business.uuid()))
            .filter(Column::OrderId.is_in(part.into_iter().map(|id| id.0)))
            .all(txn.conn())
            .await?;
        for model in models {
            let tells = |text: &str| scope.telltales.tell(text);
            let variant_tells = model.variant_title.as_deref().is_some_and(tells);
            if !tells(&model.title) && !variant_tells {
                continue;
            }
            let title = if tells(&model.title) { ERASED.to_owned() } else { model.title };
            let variant = model.variant_title;
            let variant = if variant_tells { Some(ERASED.to_owned()) } else { variant };
            rows.push([
                scope.business.uuid().into(),
                model.order_id.into(),
                model.line_item_id.into(),
                title.into(),
                variant.into(),
            ]);
        }
    }
    let lines = rows.update(txn.conn(), txn.dialect(), "shopify_line_item", "", "").await?;
    counts.insert("shopify_line_item".to_owned(), lines);
    Ok(())
}
