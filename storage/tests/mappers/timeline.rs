//! What was told about an object is found by it; samples for a shadow run are the newest.

use domain::code::Code;
use domain::delivery::{DeliveryState, Failure, Fate, Outcome};
use domain::flow::Removal;
use domain::id::ExternalId;
use domain::refined::ObjectType;
use storage::Tenant;

use crate::mapping::run;
use crate::on_each_database;
use crate::order::{first_version, received};
use crate::sample::{changes, connected, delivery, order, order_write, product_write};
use crate::world::at;

const ORDER: ExternalId = ExternalId(1);

on_each_database! {
    async fn each_delivery_about_an_order_is_in_its_timeline(world: World) {
        let tenant = &world.mine;
        let applied = received(&world, "a").await;
        tenant.apply(first_version(tenant, &applied, 1)).await.unwrap();

        let failure = Failure::new(Code::PluginTrapped, "unreachable");
        let ends = [
            ("b", Fate::Done(Outcome::Stale), true),
            ("c", Fate::Dead(failure.clone()), true),
            ("d", Fate::Retry { at: at(90_000), failure: failure.clone() }, false),
        ];
        for (name, fate, has_raw) in ends {
            let claimed = received(&world, name).await;
            let mut changes = first_version(tenant, &claimed, 1);
            (changes.orders, changes.pos_orders, changes.movements) = (vec![], vec![], vec![]);
            changes.deliveries[0].2 = fate;
            if !has_raw {
                // What a worker writes of a run that is tried again.
                changes.raw.clear();
                let mut run = run(1, 1_000);
                run.delivery_id = claimed.delivery.id;
                changes.runs = vec![run];
            }
            tenant.apply(changes).await.unwrap();
        }
        let other = received(&world, "e").await;
        tenant.apply(first_version(tenant, &other, 2)).await.unwrap();

        let traces = tenant.deliveries_of_order(ORDER, None, 10).await.unwrap();
        let met: Vec<_> = traces.iter().map(|t| (t.webhook_id.as_str(), t.state, t.outcome)).collect();
        let expected = [
            ("webhook-a", DeliveryState::Done, Some(Outcome::Applied)),
            ("webhook-b", DeliveryState::Done, Some(Outcome::Stale)),
            ("webhook-c", DeliveryState::Dead, None),
            ("webhook-d", DeliveryState::Ready, None),
        ];
        assert_eq!(met, expected);
        assert_eq!((traces[2].failure.as_ref(), traces[2].attempts), (Some(&failure), 1));
        assert_eq!((traces[0].finished_at, traces[0].triggered_at), (Some(at(3_000)), Some(at(999))));
        assert_eq!(traces[0].body_hash, applied.delivery.body_hash);

        let rest = tenant.deliveries_of_order(ORDER, Some(traces[1].id), 1).await.unwrap();
        assert_eq!(rest, traces[2..3]);
        let products = tenant.deliveries_of(ObjectType::Product, ORDER, None, 10).await.unwrap();
        assert!(products.is_empty());
        assert!(world.other.deliveries_of_order(ORDER, None, 10).await.unwrap().is_empty());
        world
    }
}

/// Five orders, two of each minute, and five products, each with a body.
async fn fill(tenant: &Tenant) {
    let connection = connected(tenant, &format!("{}.myshopify.com", tenant.business_id()), 0).await;
    let mut changes = changes(tenant);
    for id in 1..=5 {
        let body = delivery(tenant, connection, &format!("order {id}"));
        let mut write = order_write(connection, order(id, id / 2 * 60_000, vec![]));
        (write.delivery_id, write.version.body_hash) = (body.id, body.body_hash);
        changes.orders.push(write);
        tenant.receive(body).await.unwrap();
        let body = delivery(tenant, connection, &format!("product {id}"));
        let mut write = product_write(connection, id, vec![]);
        (write.delivery_id, write.version.body_hash) = (body.id, body.body_hash);
        changes.products.push(write);
        tenant.receive(body).await.unwrap();
    }
    tenant.apply(changes).await.unwrap();
}

on_each_database! {
    async fn a_sample_is_the_newest_with_their_bodies(world: World) {
        let tenant = &world.mine;
        fill(tenant).await;
        fill(&world.other).await;
        let mut gone = changes(tenant);
        gone.removals = vec![
            Removal { kind: ObjectType::Order, id: ExternalId(4) },
            Removal { kind: ObjectType::Product, id: ExternalId(4) },
        ];
        tenant.apply(gone).await.unwrap();

        let all = tenant.recent_orders(9, None).await.unwrap();
        let expected = [(120_000, 5), (60_000, 3), (60_000, 2), (0, 1)];
        assert_eq!(all, expected.map(|(millis, id)| (at(millis), ExternalId(id))));
        let (mut met, mut after) = (Vec::new(), None);
        while let Some(next) = tenant.recent_orders(1, after).await.unwrap().pop() {
            met.push(next);
            after = Some(next);
        }
        assert_eq!(met, all);
        let products = tenant.recent_products(2, None).await.unwrap();
        assert_eq!(products, [5, 3].map(ExternalId));
        let products = tenant.recent_products(9, products.last().copied()).await.unwrap();
        assert_eq!(products, [2, 1].map(ExternalId));

        let ids = [1, 5, 77].map(ExternalId);
        let bodies = tenant.order_bodies(&ids).await.unwrap();
        assert_eq!(bodies.len(), 2);
        let (body, version) = &bodies[&ExternalId(5)];
        assert_eq!((body.body.as_slice(), body.business_id), (b"order 5".as_slice(), tenant.business_id()));
        assert_eq!(version.body_hash, body.body_hash);
        let bodies = tenant.product_bodies(&ids).await.unwrap();
        assert_eq!(bodies[&ExternalId(1)].0.body, b"product 1");
        assert_eq!(bodies.len(), 2);
        world
    }
}
