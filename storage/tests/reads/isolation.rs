//! What a business stored is read whole by itself, and not at all by another.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use domain::activity::SyncStatus;
use domain::code::Code;
use domain::delivery::{Failure, Fate};
use domain::id::{ExternalId, PosOrderId};
use domain::page::{Direction, PageRequest};
use domain::refined::ObjectType;
use domain::stock::Location;
use storage::{MovementFilter, StoreError, Tenant, Totals};

use crate::on_each_database;
use crate::sample::{
    changes, connected, delivery, event, line, link_write, log_entry, movement, order, order_write,
    pos_order, pos_product, pos_write, product_write, relinked, variant, version,
};
use crate::world::{at, entropy};

const IDS: [ExternalId; 2] = [ExternalId(1), ExternalId(2)];

/// A row of every kind.
async fn fill(tenant: &Tenant) {
    let connection = connected(tenant, &format!("{}.myshopify.com", tenant.business_id()), 0).await;
    let body = delivery(tenant, connection, "the body of order 1");
    let mut write = order_write(connection, order(1, 10, vec![line(5, 71, 1), line(4, 72, 2)]));
    write.delivery_id = body.id;
    tenant.receive(body).await.unwrap();

    let pos_id = PosOrderId::new(at(1), &entropy());
    let mut new = changes(tenant);
    new.orders = vec![write];
    new.products =
        vec![product_write(connection, 1, vec![variant(72, Some("x")), variant(71, None)])];
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
    tenant.upsert_pos_products(products, at(9), relinked(tenant, "x")).await.unwrap();
    let mut entry = log_entry(3);
    tenant.put_sync_log(entry.clone()).await.unwrap();
    entry.status = SyncStatus::Partial;
    (entry.processed, entry.failed) = (3, 1);
    entry.error_detail = Some("one was refused".into());
    entry.finished_at = Some(at(4));
    tenant.put_sync_log(entry).await.unwrap();
    tenant.publish(event("hello")).await.unwrap();
}

/// What a read gave, as text; nothing where it gave nothing.
fn shown<T: Debug>(read: Result<T, StoreError>) -> String {
    let text = format!("{:?}", read.unwrap());
    let nothing = ["[]", "{}", "None"].contains(&text.as_str());
    if nothing { String::new() } else { text }
}

/// Everything that can be read.
async fn everything(tenant: &Tenant) -> Vec<String> {
    let request = PageRequest { limit: 50, direction: Direction::Forward, cursor: None };
    let tea = ["tea".to_owned()];
    let skus = ["x".to_owned()];
    let variants = [71, 72].map(ExternalId);
    let all = MovementFilter::default();
    let links = tenant.links(&variants).await;
    vec![
        shown(tenant.connections().await),
        shown(tenant.connection("shopify").await),
        shown(tenant.orders(&request).await.map(|page| page.rows)),
        shown(tenant.order(IDS[0]).await),
        shown(tenant.orders_by_id(&IDS).await),
        shown(tenant.order_lines(&IDS).await),
        shown(tenant.order_body(IDS[0]).await),
        shown(tenant.products(&request).await.map(|page| page.rows)),
        shown(tenant.product(IDS[0]).await),
        shown(tenant.products_by_id(&IDS).await),
        shown(tenant.variants(&IDS).await),
        shown(tenant.versions(ObjectType::Order, &IDS).await),
        shown(tenant.versions(ObjectType::Product, &IDS).await),
        shown(tenant.pos_orders(&request).await.map(|page| page.rows)),
        shown(tenant.pos_order(IDS[0]).await),
        shown(tenant.pos_orders_of(&IDS).await),
        shown(tenant.pos_orders_by_id(&IDS).await),
        shown(tenant.pos_documents(&IDS).await),
        shown(tenant.pos_order_versions(IDS[0]).await),
        shown(tenant.stock_movements(&request, &all).await.map(|page| page.rows)),
        shown(tenant.stock_levels(&tea).await),
        shown(tenant.recorded_effects(&IDS).await),
        shown(tenant.pos_product_page(&request).await.map(|page| page.rows)),
        shown(tenant.pos_products(&tea).await),
        shown(tenant.products_by_sku(&skus).await),
        shown(links.map(|links| links.into_iter().collect::<BTreeMap<_, _>>())),
        shown(tenant.orders_with_variants(&variants[1..], None).await.map(|page| page.orders)),
        shown(tenant.sync_log(&request).await.map(|page| page.rows)),
        shown(tenant.activity_page(&request).await.map(|page| page.rows)),
        shown(tenant.activity_after(0, 50).await),
    ]
}

on_each_database! {
    async fn another_business_sees_nothing(world: World) {
        fill(&world.mine).await;
        for text in everything(&world.mine).await {
            assert_ne!(text, "", "a business does not see its own rows");
        }
        for text in everything(&world.other).await {
            assert_eq!(text, "");
        }
        assert_eq!(world.other.totals().await.unwrap(), Totals::default());
        assert_eq!(world.other.last_activity().await.unwrap(), 0);
        let mine = world.mine.connection("shopify").await.unwrap().unwrap();
        assert_eq!(world.other.secrets(mine.id).await.unwrap(), None);
        assert_eq!(world.other.path_token(mine.id).await.unwrap(), None);
        assert!(!world.other.disconnect(mine.id, at(9), at(9)).await.unwrap());
        assert!(!world.other.update_connection(&mine).await.unwrap());
        world
    }
}

on_each_database! {
    async fn another_business_reaches_no_delivery(world: World) {
        fill(&world.mine).await;
        let lease = Duration::from_secs(30);
        let claimed = world.storage.system().claim(9, lease, at(9)).await.unwrap().remove(0);
        let (id, failure) = (claimed.delivery.id, Failure::new(Code::MalformedBody, "no JSON"));
        let mut dead = changes(&world.mine);
        dead.deliveries = vec![(id, claimed.lease, Fate::Dead(failure))];
        world.mine.apply(dead).await.unwrap();

        let request = PageRequest { limit: 5, direction: Direction::Forward, cursor: None };
        assert_eq!(world.mine.dead_letters(&request).await.unwrap().rows[0].1.id, id);
        assert!(world.other.dead_letters(&request).await.unwrap().rows.is_empty());
        assert_eq!(world.other.delivery(id).await.unwrap(), None);
        assert!(!world.other.replay(id, at(10)).await.unwrap());
        assert!(world.mine.replay(id, at(10)).await.unwrap());
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
