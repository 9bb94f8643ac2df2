//! What a business stored is read whole by itself, and not at all by another.

use std::collections::BTreeMap;

use domain::activity::SyncStatus;
use domain::id::{ExternalId, PosOrderId};
use domain::page::{Direction, PageRequest};
use domain::refined::ObjectType;
use domain::stock::Location;
use storage::{MovementFilter, Tenant, Totals};

use crate::on_each_database;
use crate::sample::{
    changes, connected, delivery, event, line, link_write, log_entry, movement, order, order_write,
    pos_order, pos_product, pos_write, product_write, repost, variant, version,
};
use crate::world::{at, entropy};

const IDS: [ExternalId; 2] = [ExternalId(1), ExternalId(2)];

/// A row of every kind.
async fn fill(tenant: &Tenant) {
    let connection = connected(
        tenant,
        &format!("{}.myshopify.com", tenant.business_id()),
        0,
    )
    .await;
    let body = delivery(tenant, connection, "the body of order 1");
    let mut write = order_write(
        connection,
        order(1, 10, vec![line(5, 71, 1), line(4, 72, 2)]),
    );
    write.delivery_id = body.id;
    tenant.receive(body).await.unwrap();

    let pos_id = PosOrderId::new(at(1), &entropy());
    let mut new = changes(tenant);
    new.orders = vec![write];
    new.products = vec![product_write(
        connection,
        1,
        vec![variant(72, Some("x")), variant(71, None)],
    )];
    new.pos_orders = vec![pos_write(pos_id, 1, &pos_order(1, 10))];
    new.movements = vec![movement(1, 5, "tea", 0, -1)];
    new.links = vec![link_write(71, "tea")];
    tenant.apply(new).await.unwrap();
    let mut next = changes(tenant);
    let mut later = pos_order(1, 10);
    later.number = "#1-2".into();
    next.pos_orders = vec![pos_write(pos_id, 2, &later)];
    tenant.apply(next).await.unwrap();

    let products = vec![pos_product("tea", Some("x"))];
    tenant
        .upsert_pos_products(products, at(9), repost(tenant, "x"))
        .await
        .unwrap();
    let mut entry = log_entry(3);
    tenant.put_sync_log(entry.clone()).await.unwrap();
    entry.status = SyncStatus::Partial;
    (entry.processed, entry.failed) = (3, 1);
    entry.error_detail = Some("one was refused".into());
    entry.finished_at = Some(at(4));
    tenant.put_sync_log(entry).await.unwrap();
    tenant.publish(event("hello")).await.unwrap();
}

/// Everything that can be read, as text.
async fn everything(tenant: &Tenant) -> Vec<String> {
    let request = PageRequest {
        limit: 50,
        direction: Direction::Forward,
        cursor: None,
    };
    let tea = ["tea".to_owned()];
    let skus = ["x".to_owned()];
    let movements = tenant
        .stock_movements(&request, &MovementFilter::default())
        .await
        .unwrap();
    let links = tenant.links(&[71, 72].map(ExternalId)).await.unwrap();
    let links: BTreeMap<_, _> = links.into_iter().collect();
    let mut texts = vec![
        format!("{:?}", tenant.connections().await.unwrap()),
        format!("{:?}", tenant.orders(&request).await.unwrap().rows),
        format!("{:?}", tenant.orders_by_id(&IDS).await.unwrap()),
        format!("{:?}", tenant.order_lines(&IDS).await.unwrap()),
        format!("{:?}", tenant.products(&request).await.unwrap().rows),
        format!("{:?}", tenant.products_by_id(&IDS).await.unwrap()),
        format!("{:?}", tenant.variants(&IDS).await.unwrap()),
        format!(
            "{:?}",
            tenant.versions(ObjectType::Order, &IDS).await.unwrap()
        ),
        format!(
            "{:?}",
            tenant.versions(ObjectType::Product, &IDS).await.unwrap()
        ),
        format!("{:?}", tenant.pos_orders(&request).await.unwrap().rows),
        format!("{:?}", tenant.pos_orders_of(&IDS).await.unwrap()),
        format!("{:?}", tenant.pos_orders_by_id(&IDS).await.unwrap()),
        format!("{:?}", tenant.pos_documents(&IDS).await.unwrap()),
        format!("{:?}", tenant.pos_order_versions(IDS[0]).await.unwrap()),
        format!("{:?}", movements.rows),
        format!("{:?}", tenant.stock_levels(&tea).await.unwrap()),
        format!("{:?}", tenant.recorded_effects(&IDS).await.unwrap()),
        format!(
            "{:?}",
            tenant.pos_product_page(&request).await.unwrap().rows
        ),
        format!("{:?}", tenant.pos_products(&tea).await.unwrap()),
        format!("{:?}", tenant.products_by_sku(&skus).await.unwrap()),
        format!("{links:?}"),
        format!(
            "{:?}",
            tenant
                .orders_with_variants(&[ExternalId(72)])
                .await
                .unwrap()
        ),
        format!("{:?}", tenant.sync_log(&request).await.unwrap().rows),
        format!("{:?}", tenant.activity_page(&request).await.unwrap().rows),
        format!("{:?}", tenant.activity_after(0, 50).await.unwrap()),
    ];
    let single = [
        format!("{:?}", tenant.connection("shopify").await.unwrap()),
        format!("{:?}", tenant.order(IDS[0]).await.unwrap()),
        format!("{:?}", tenant.order_body(IDS[0]).await.unwrap()),
        format!("{:?}", tenant.product(IDS[0]).await.unwrap()),
        format!("{:?}", tenant.pos_order(IDS[0]).await.unwrap()),
    ];
    texts.extend(single.map(|text| {
        if text == "None" {
            "[]".to_owned()
        } else {
            text
        }
    }));
    texts
}

on_each_database! {
    async fn another_business_sees_nothing(world: World) {
        fill(&world.mine).await;
        for text in everything(&world.mine).await {
            assert!(!["[]", "{}"].contains(&text.as_str()), "a read of its own rows is empty");
        }
        for text in everything(&world.other).await {
            assert!(["[]", "{}"].contains(&text.as_str()), "{text}");
        }
        assert_eq!(world.other.totals().await.unwrap(), Totals::default());
        assert_eq!(world.other.last_activity().await.unwrap(), 0);
        let mine = world.mine.connection("shopify").await.unwrap().unwrap();
        assert_eq!(world.other.secrets(mine.id).await.unwrap(), None);
        assert_eq!(world.other.path_token(mine.id).await.unwrap(), None);
        assert!(!world.other.disconnect(mine.id, at(9)).await.unwrap());
        assert!(!world.other.update_connection(&mine).await.unwrap());
        world
    }
}

on_each_database! {
    async fn the_same_ids_in_two_businesses_are_two_things(world: World) {
        fill(&world.mine).await;
        let before = everything(&world.mine).await;
        fill(&world.other).await;
        let other = &world.other;
        let id = domain::id::MovementId::new(at(9), &entropy());
        other.set_stock("tea", Location::of(None), 99, at(9), id).await.unwrap();
        assert_eq!(everything(&world.mine).await, before);
        world
    }
}

on_each_database! {
    async fn what_was_written_is_read_back(world: World) {
        let tenant = &world.mine;
        fill(tenant).await;
        let order = tenant.order(IDS[0]).await.unwrap().unwrap();
        assert_eq!((order.name.as_str(), order.line_count), ("#1", 2));
        assert_eq!(order.total.to_string(), "10.50");
        assert_eq!(order.version, version(10, 1));
        let lines = &tenant.order_lines(&IDS).await.unwrap()[&IDS[0]];
        let ids: Vec<_> = lines.iter().map(|line| line.id.0).collect();
        assert_eq!(ids, [5, 4]);
        let (body, version_of_body) = tenant.order_body(IDS[0]).await.unwrap().unwrap();
        assert_eq!(body.body, b"the body of order 1");
        assert_eq!(version_of_body, order.version);

        let product = tenant.product(IDS[0]).await.unwrap().unwrap();
        assert_eq!(product.tags, ["green, loose", "new"]);
        let variants = &tenant.variants(&IDS).await.unwrap()[&IDS[0]];
        let places: Vec<_> = variants.iter().map(|variant| (variant.id.0, variant.position)).collect();
        assert_eq!(places, [(71, 1), (72, 2)]);
        assert_eq!(variants[0].compare_at_price.unwrap().to_string(), "12");

        let head = tenant.pos_order(IDS[0]).await.unwrap().unwrap();
        assert_eq!((head.version, head.number.as_str(), head.unlinked_lines), (2, "#1-2", 1));
        let newest = &tenant.pos_documents(&IDS).await.unwrap()[&IDS[0]];
        assert_eq!((newest.version, newest.document.number.as_str()), (2, "#1-2"));
        let versions = tenant.pos_order_versions(IDS[0]).await.unwrap();
        let numbers: Vec<_> = versions.iter().map(|version| version.version).collect();
        assert_eq!(numbers, [2, 1]);
        assert_eq!(versions[1].document, pos_order(1, 10));

        let request = PageRequest { limit: 5, direction: Direction::Forward, cursor: None };
        let (_, entry) = tenant.sync_log(&request).await.unwrap().rows.remove(0);
        assert_eq!((entry.status, entry.processed, entry.failed), (SyncStatus::Partial, 3, 1));
        assert_eq!(tenant.sync_log_entry(entry.id).await.unwrap(), Some(entry));
        let totals = tenant.totals().await.unwrap();
        assert_eq!((totals.orders, totals.pos_orders, totals.order_lines), (1, 1, 2));
        assert_eq!((totals.movement_sum, totals.stock_sum), (-1, -1));
        world
    }
}
