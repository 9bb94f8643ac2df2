//! Things to store.

use domain::activity::{ActivityKind, NewActivity, SyncKind, SyncLogEntry, SyncStatus};
use domain::connection::{Connection, ConnectionStatus};
use domain::delivery::{NewDelivery, Source};
use domain::flow::{Changes, LinkWrite, OrderWrite, PosOrderWrite, ProductWrite};
use domain::id::{ConnectionId, DeliveryId, ExternalId, MovementId, PosOrderId, RunId, SyncLogId};
use domain::link::LinkOrigin;
use domain::mapper::Bound;
use domain::money::MoneyBag;
use domain::pos::{PosOrder, PosProduct, PosState};
use domain::refined::{
    Authority, LineItem, Order, Product, ProductStatus, ProductVariant, Version,
};
use domain::secret::Secret;
use domain::stock::{EffectKey, Location, NewMovement};
use rust_decimal::Decimal;
use storage::{ConnectionSecrets, Relinked, Tenant};

use crate::world::{at, entropy};

pub(crate) fn connection(tenant: &Tenant, shop: &str, cutover: i64) -> Connection {
    Connection {
        id: ConnectionId::new(at(0), &entropy()),
        business_id: tenant.business_id(),
        provider: "shopify".into(),
        shop: shop.into(),
        status: ConnectionStatus::Active,
        granted_scopes: ["read_orders".to_owned(), "read_products".to_owned()].into(),
        connected_at: at(cutover),
        ended_at: None,
        cutover_at: at(cutover),
        last_synced_at: None,
        subscriptions: vec![],
    }
}

pub(crate) fn secrets(token: &str) -> ConnectionSecrets {
    ConnectionSecrets {
        access_token: Secret::new(token),
        access_token_expires_at: Some(at(3_600_000)),
        refresh_token: Some(Secret::new(format!("refresh-{token}"))),
        refresh_token_expires_at: None,
    }
}

/// Connects the shop and returns the connection's id.
pub(crate) async fn connected(tenant: &Tenant, shop: &str, cutover: i64) -> ConnectionId {
    let connection = connection(tenant, shop, cutover);
    let saved = tenant.save_connection(&connection, &secrets("t"), at(cutover)).await.unwrap();
    saved.connection.id
}

pub(crate) fn line(id: i64, variant: i64, quantity: i64) -> LineItem {
    LineItem {
        id: ExternalId(id),
        product_id: Some(ExternalId(variant * 10)),
        variant_id: Some(ExternalId(variant)),
        sku: Some(format!("sku-{variant}")),
        title: "Tea".into(),
        variant_title: None,
        vendor: None,
        quantity,
        current_quantity: quantity,
        unit_price: MoneyBag::same(Decimal::new(1_050, 2)),
        grams: 0,
        taxable: false,
        requires_shipping: true,
        gift_card: false,
        tip: false,
        discount_allocations: vec![],
        tax_lines: vec![],
        duties: vec![],
        properties: vec![],
    }
}

pub(crate) fn order(id: i64, created_at: i64, line_items: Vec<LineItem>) -> Order {
    let nothing = MoneyBag::default();
    let total = MoneyBag::same(Decimal::new(1_050, 2));
    Order {
        id: ExternalId(id),
        name: format!("#{id}"),
        number: id,
        confirmation_number: None,
        source_name: Some("web".into()),
        test: false,
        created_at: at(created_at),
        updated_at: at(created_at),
        processed_at: None,
        cancelled_at: None,
        cancel_reason: None,
        closed_at: None,
        currency: "CAD".parse().unwrap(),
        presentment_currency: "CAD".parse().unwrap(),
        taxes_included: false,
        subtotal: total,
        total_discounts: nothing,
        total_tax: nothing,
        total_shipping: nothing,
        total_duties: nothing,
        total_fees: nothing,
        total_tip: nothing,
        cash_rounding: nothing,
        total,
        current_total: total,
        total_outstanding: nothing,
        financial_status: "paid".into(),
        fulfillment_status: None,
        location_id: None,
        user_id: None,
        tags: vec![],
        note: None,
        note_attributes: vec![],
        customer_locale: None,
        po_number: None,
        customer: None,
        email: None,
        phone: None,
        billing_address: None,
        shipping_address: None,
        line_items,
        shipping_lines: vec![],
        tax_lines: vec![],
        discount_applications: vec![],
        discount_codes: vec![],
        payment_gateways: vec![],
        transactions: vec![],
        fulfillments: vec![],
        refunds: vec![],
    }
}

pub(crate) fn version(updated_at: i64, body: u8) -> Version {
    Version { updated_at: at(updated_at), authority: Authority::Delivery, body_hash: [body; 32] }
}

pub(crate) fn delivery(tenant: &Tenant, connection_id: ConnectionId, body: &str) -> NewDelivery {
    let mut body_hash = [0; 32];
    for (index, byte) in body.bytes().enumerate() {
        body_hash[index % 32] = u8::rotate_left(body_hash[index % 32], 3) ^ byte;
    }
    NewDelivery {
        id: DeliveryId::new(at(1), &entropy()),
        business_id: tenant.business_id(),
        connection_id,
        source: Source::Internal,
        topic: "tillgate/repost".into(),
        webhook_id: format!("test:{body}"),
        event_id: None,
        api_version: None,
        triggered_at: None,
        received_at: at(1),
        body_hash,
        body: body.into(),
    }
}

/// Deliveries that have orders posted again because of `cause`.
pub(crate) fn relinked(tenant: &Tenant, cause: &str) -> Relinked {
    let (tenant, cause) = (tenant.clone(), cause.to_owned());
    Box::new(move |linked, connection| {
        delivery(&tenant, connection, &format!("{linked:?} {cause}"))
    })
}

pub(crate) fn changes(tenant: &Tenant) -> Changes {
    Changes::new(tenant.business_id(), at(5_000))
}

pub(crate) fn order_write(connection_id: ConnectionId, order: Order) -> OrderWrite {
    let version = version(order.updated_at.millis(), 1);
    let delivery_id = DeliveryId::new(order.created_at, &entropy());
    OrderWrite { connection_id, delivery_id, order, version, replaces: None }
}

pub(crate) fn variant(id: i64, sku: Option<&str>) -> ProductVariant {
    ProductVariant {
        id: ExternalId(id),
        title: "Large".into(),
        sku: sku.map(str::to_owned),
        barcode: None,
        price: Decimal::new(1_050, 2),
        compare_at_price: Some(Decimal::new(12, 0)),
        position: id % 10,
        inventory_item_id: None,
        inventory_quantity: Some(3),
        taxable: true,
        updated_at: None,
    }
}

pub(crate) fn product_write(
    connection_id: ConnectionId,
    id: i64,
    variants: Vec<ProductVariant>,
) -> ProductWrite {
    let product = Product {
        id: ExternalId(id),
        title: "Tea".into(),
        handle: Some("tea".into()),
        vendor: None,
        product_type: None,
        status: ProductStatus::Active,
        tags: vec!["green, loose".into(), "new".into()],
        created_at: Some(at(1)),
        updated_at: at(2),
        variants,
        variants_complete: true,
    };
    ProductWrite {
        connection_id,
        delivery_id: DeliveryId::new(at(2), &entropy()),
        product,
        version: version(2, 1),
        replaces: None,
    }
}

pub(crate) fn pos_order(external_id: i64, placed_at: i64) -> PosOrder {
    PosOrder {
        external_id: ExternalId(external_id),
        number: format!("#{external_id}"),
        channel: "web".into(),
        placed_at: at(placed_at),
        state: PosState::Paid,
        currency: "CAD".parse().unwrap(),
        taxes_included: false,
        customer: None,
        ship_to: None,
        lines: vec![],
        charges: vec![],
        tenders: vec![],
        refunds: vec![],
        discount_total: Decimal::ZERO,
        tax_total: Decimal::ZERO,
        total: Decimal::new(1_050, 2),
        rounding: Decimal::ZERO,
        refunded_total: Decimal::ZERO,
        notes: vec![],
        attributes: vec![],
    }
}

pub(crate) fn pos_write(id: PosOrderId, version: i64, order: &PosOrder) -> PosOrderWrite {
    let byte = u8::try_from(version).unwrap();
    PosOrderWrite {
        id,
        external_id: order.external_id,
        version,
        changed: true,
        delivery_id: DeliveryId::new(at(1), &entropy()),
        source_hash: [byte; 32],
        document: serde_json::to_string(order).unwrap(),
        document_hash: [byte + 100; 32],
        number: order.number.clone(),
        state: order.state,
        currency: order.currency,
        total: order.total,
        refunded_total: order.refunded_total,
        line_count: 2,
        unlinked_lines: 1,
        mapper: Bound { version: 1, config: 0 },
        placed_at: order.placed_at,
        run_id: RunId::new(at(1), &entropy()),
    }
}

pub(crate) fn movement(
    order: i64,
    line: i64,
    product: &str,
    number: i64,
    quantity: i64,
) -> (MovementId, DeliveryId, NewMovement) {
    let key = EffectKey {
        order_id: ExternalId(order),
        line_item_id: ExternalId(line),
        pos_product_id: product.into(),
        location: Location::of(None),
    };
    let id = MovementId::new(at(order), &entropy());
    let delivery = DeliveryId::new(at(order), &entropy());
    (id, delivery, NewMovement { key, number, quantity })
}

pub(crate) fn link_write(variant: i64, product: &str) -> LinkWrite {
    LinkWrite {
        variant_id: ExternalId(variant),
        pos_product_id: product.into(),
        origin: LinkOrigin::Sku,
    }
}

pub(crate) fn pos_product(id: &str, sku: Option<&str>) -> PosProduct {
    PosProduct {
        id: id.into(),
        sku: sku.map(str::to_owned),
        name: format!("product {id}"),
        price: Decimal::new(495, 2),
        currency: "CAD".parse().unwrap(),
        active: true,
    }
}

pub(crate) fn log_entry(started_at: i64) -> SyncLogEntry {
    SyncLogEntry {
        id: SyncLogId::new(at(started_at), &entropy()),
        connection_id: None,
        kind: SyncKind::OrderPoll,
        status: SyncStatus::Running,
        processed: 0,
        failed: 0,
        error_detail: None,
        delivery_id: None,
        started_at: at(started_at),
        finished_at: None,
    }
}

pub(crate) fn event(message: &str) -> NewActivity {
    NewActivity {
        kind: ActivityKind::SyncProgress,
        subject: Some(("order".into(), "1".into())),
        message: message.into(),
        percent: Some(40),
        at: at(7),
    }
}
