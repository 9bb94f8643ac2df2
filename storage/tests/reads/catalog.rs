//! The catalogue, links, and the orders that a new link concerns.

use domain::id::ExternalId;
use domain::link::LinkOrigin;
use storage::{StoreError, Tenant};

use crate::on_each_database;
use crate::sample::{
    changes, connected, line, link_write, order, order_write, pos_product, product_write, repost,
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

async fn put(tenant: &Tenant, id: &str, sku: Option<&str>) -> storage::Linked {
    let products = vec![pos_product(id, sku)];
    tenant.upsert_pos_products(products, at(9), repost(tenant, id)).await.unwrap()
}

on_each_database! {
    async fn a_link_has_the_orders_since_the_cutover_posted_again(world: World) {
        let tenant = &world.mine;
        sold(tenant).await;
        put(tenant, "tea", None).await;
        let link = async |product: &'static str, cause: &str| {
            tenant.link(ExternalId(71), product, at(9), repost(tenant, cause)).await
        };
        let linked = link("tea", "first").await.unwrap();
        assert_eq!((linked.variants, linked.reposted_orders), (vec![ExternalId(71)], 2));
        assert_eq!(tenant.totals().await.unwrap().ready, 2);
        // A link that stands changes nothing; another one does.
        assert_eq!(link("tea", "second").await.unwrap(), storage::Linked::default());
        put(tenant, "mug", None).await;
        assert_eq!(link("mug", "third").await.unwrap().reposted_orders, 2);
        assert!(matches!(link("none", "fourth").await, Err(StoreError::NotFound(_))));

        let links = tenant.stored_links(&[ExternalId(71), ExternalId(72)]).await.unwrap();
        assert_eq!(links.len(), 1);
        assert_eq!(links[&ExternalId(71)].origin, LinkOrigin::Manual);
        assert_eq!(links[&ExternalId(71)].pos_product_id, "mug");
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
        assert_eq!((linked.variants, linked.reposted_orders), (vec![ExternalId(71)], 2));
        // Variant 72 has a link, and variant 73 no SKU.
        assert_eq!(put(tenant, "mug", Some("sku-72")).await, storage::Linked::default());
        assert_eq!(put(tenant, "cup", None).await, storage::Linked::default());

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
        let linked = tenant.upsert_pos_products(both.into(), at(9), repost(tenant, "x")).await;
        assert_eq!(linked.unwrap(), storage::Linked::default());
        let asked = ["sku-71".to_owned(), "sku-71".to_owned(), "none".to_owned()];
        assert!(tenant.products_by_sku(&asked).await.unwrap().is_empty());

        let mut gone = pos_product("one", Some("sku-71"));
        gone.active = false;
        let linked = tenant.upsert_pos_products(vec![gone], at(9), repost(tenant, "y")).await;
        assert_eq!(linked.unwrap().variants, [ExternalId(71)]);
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
        tenant.upsert_pos_products(products, at(9), repost(tenant, "x")).await.unwrap();
        let stored = tenant.pos_products(&["a".into(), "b".into(), "c".into()]).await.unwrap();
        assert_eq!(stored.len(), 2);
        assert_eq!(stored["a"], second);
        assert_eq!(stored["b"], pos_product("b", None));
        world
    }
}
