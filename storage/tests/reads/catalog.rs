//! The catalogue, links, and the orders that a new link concerns.

use domain::id::ExternalId;
use domain::link::LinkOrigin;
use storage::{HOLDING_ORDERS_MAX, StoreError, Tenant};

use crate::on_each_database;
use crate::sample::{
    changes, connected, line, link_write, order, order_write, pos_product, product_write, relinked,
    variant,
};
use crate::world::at;

/// Three orders with variant 71, one of them from before the cut-over, and one with variant 72.
async fn sold(tenant: &Tenant) {
    let connection = connected(tenant, "a.myshopify.com", 100).await;
    let orders = [(1, 50, 71), (2, 100, 71), (3, 150, 71), (4, 150, 72)];
    let mut changes = changes(tenant);
    changes.orders = orders
        .map(|(id, created_at, variant)| {
            let lines = vec![line(1, variant, 1), line(2, variant, 2)];
            order_write(connection, order(id, created_at, lines))
        })
        .into();
    let variants =
        vec![variant(71, Some("sku-71")), variant(72, Some("sku-72")), variant(73, None)];
    changes.products = vec![product_write(connection, 7, variants)];
    tenant.apply(changes).await.unwrap();
}

async fn put(tenant: &Tenant, id: &str, sku: Option<&str>) -> Vec<ExternalId> {
    let products = vec![pos_product(id, sku)];
    tenant.upsert_pos_products(products, at(9), relinked(tenant, id)).await.unwrap()
}

on_each_database! {
    async fn a_link_has_the_orders_since_the_cutover_posted_again(world: World) {
        let tenant = &world.mine;
        sold(tenant).await;
        put(tenant, "tea", None).await;
        let link = async |product: &'static str, cause: &str| {
            tenant.link(ExternalId(71), product, at(9), relinked(tenant, cause)).await
        };
        assert_eq!(link("tea", "first").await.unwrap(), [ExternalId(71)]);
        assert_eq!(tenant.totals().await.unwrap().ready, 1, "one delivery, however many orders");
        let holding = tenant.orders_with_variants(&[ExternalId(71)], None).await.unwrap();
        let orders: Vec<_> = holding.orders.iter().map(|(order, _)| order.0).collect();
        assert_eq!((orders, holding.next), (vec![2, 3], None));
        assert_eq!(tenant.count_orders_with_variants(&[ExternalId(71)]).await.unwrap(), 2);
        // A link that stands changes nothing; another one does.
        assert_eq!(link("tea", "second").await.unwrap(), []);
        put(tenant, "mug", None).await;
        assert_eq!(link("mug", "third").await.unwrap(), [ExternalId(71)]);
        assert_eq!(tenant.totals().await.unwrap().ready, 2);
        assert!(matches!(link("none", "fourth").await, Err(StoreError::NotFound(_))));

        let links = tenant.stored_links(&[ExternalId(71), ExternalId(72)]).await.unwrap();
        assert_eq!(links.len(), 1);
        assert_eq!(links[&ExternalId(71)].origin, LinkOrigin::Manual);
        assert_eq!(links[&ExternalId(71)].pos_product_id, "mug");
        world
    }
}

on_each_database! {
    async fn the_orders_that_hold_a_variant_come_page_by_page(world: World) {
        let tenant = &world.mine;
        let connection = connected(tenant, "a.myshopify.com", 100).await;
        let mut changes = changes(tenant);
        // Numbers far apart, so that the pages go through many blocks of the index: variant 71 in each order, two of its
        // lines in some, variant 72 in few.
        for id in 1..=2 * i64::try_from(HOLDING_ORDERS_MAX).unwrap() {
            let mut lines = vec![line(1, 71, 1), line(2, if id % 50 == 0 { 72 } else { 73 }, 1)];
            if id % 3 == 0 {
                lines.push(line(3, 71, 1));
            }
            let mut order = order(id, 150, lines);
            order.number = id * 1_000;
            changes.orders.push(order_write(connection, order));
        }
        tenant.apply(changes).await.unwrap();
        let pages = async |variants: &[i64]| {
            let variants: Vec<_> = variants.iter().copied().map(ExternalId).collect();
            let (mut orders, mut pages, mut after) = (Vec::new(), 0, None::<String>);
            loop {
                let page = tenant.orders_with_variants(&variants, after.as_deref()).await.unwrap();
                assert!(page.orders.len() <= HOLDING_ORDERS_MAX);
                orders.extend(page.orders.into_iter().map(|(order, _)| order.0));
                pages += 1;
                after = page.next;
                if after.is_none() {
                    let count = tenant.count_orders_with_variants(&variants).await.unwrap();
                    assert_eq!(count, orders.len() as u64);
                    return (orders, pages);
                }
            }
        };
        let (orders, several) = pages(&[71]).await;
        assert_eq!(orders, (1..=200).collect::<Vec<_>>());
        assert!(several > 2, "{several}");
        assert_eq!(pages(&[72, 74]).await.0, [50, 100, 150, 200]);
        assert_eq!(pages(&[74]).await.0, Vec::<i64>::new());
        assert_eq!(pages(&[]).await, (Vec::new(), 1));
        let nowhere = tenant.orders_with_variants(&[ExternalId(71)], Some("x")).await;
        assert!(matches!(nowhere, Err(StoreError::InvalidCursor)));
        world
    }
}

on_each_database! {
    async fn a_product_is_linked_to_variants_of_its_sku(world: World) {
        let tenant = &world.mine;
        sold(tenant).await;
        let mut linked = changes(tenant);
        linked.links = vec![link_write(72, "elsewhere")];
        tenant.apply(linked).await.unwrap();

        let linked = put(tenant, "tea", Some("sku-71")).await;
        assert_eq!(linked, [ExternalId(71)]);
        // Variant 72 has a link, and variant 73 no SKU.
        assert_eq!(put(tenant, "mug", Some("sku-72")).await, []);
        assert_eq!(put(tenant, "cup", None).await, []);

        let links = tenant.links(&[71, 72, 73].map(ExternalId)).await.unwrap();
        let expected = [(71, "tea"), (72, "elsewhere")];
        assert_eq!(links, expected.map(|(id, product)| (ExternalId(id), product.into())).into());
        world
    }
}

on_each_database! {
    async fn a_sku_that_two_products_carry_links_nothing(world: World) {
        let tenant = &world.mine;
        sold(tenant).await;
        let both = ["one", "two"].map(|id| pos_product(id, Some("sku-71")));
        let linked = tenant.upsert_pos_products(both.into(), at(9), relinked(tenant, "x")).await;
        assert_eq!(linked.unwrap(), []);
        let asked = ["sku-71".to_owned(), "sku-71".to_owned(), "none".to_owned()];
        assert!(tenant.products_by_sku(&asked).await.unwrap().is_empty());

        let mut gone = pos_product("one", Some("sku-71"));
        gone.active = false;
        let linked = tenant.upsert_pos_products(vec![gone], at(9), relinked(tenant, "y")).await;
        assert_eq!(linked.unwrap(), [ExternalId(71)]);
        let found = tenant.products_by_sku(&asked).await.unwrap();
        assert_eq!(found, [("sku-71".to_owned(), "two".to_owned())].into());
        world
    }
}

on_each_database! {
    async fn products_are_replaced_whole(world: World) {
        let tenant = &world.mine;
        let (first, mut second) = (pos_product("a", Some("s")), pos_product("a", None));
        second.name = "other".into();
        second.active = false;
        let products = vec![first, pos_product("b", None), second.clone()];
        tenant.upsert_pos_products(products, at(9), relinked(tenant, "x")).await.unwrap();
        let stored = tenant.pos_products(&["a".into(), "b".into(), "c".into()]).await.unwrap();
        assert_eq!(stored.len(), 2);
        assert_eq!(stored["a"], second);
        assert_eq!(stored["b"], pos_product("b", None));
        world
    }
}
