//! Metrics: what whoever runs the gateway sees of it without asking for anybody's data.

use tests::world::{Place, SHOP, TestWorld, Webhook, Wish};

use crate::scenarios;

const APP_WIDE: &str = "/ecommerce/webhooks/shopify";

/// The text that is served.
async fn scraped(world: &TestWorld) -> String {
    let url = format!("http://{}/metrics", world.metrics.unwrap());
    let answer = world.admin.http().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

/// The value of one line; nothing where that was never counted.
fn value(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0, |value| value.trim_end_matches(".0").parse().unwrap())
}

scenarios! {
    async fn what_happens_is_counted(place: Place) {
        let settings = vec![("METRICS_LISTEN", "127.0.0.1:0".to_owned())];
        let world = TestWorld::connected_as(&place, Wish { settings, ..Wish::default() }).await;
        world.put_catalogue().await;
        let variant = world.variants()[0];
        let before = scraped(&world).await;
        world.sell(&[(variant, 1)]);
        world.sell(&[(variant, 2)]);
        world.settle().await;
        let webhook = Webhook::new("products/update", b"{\"id\":1}".to_vec());
        for _ in 0..2 {
            assert_eq!(world.send(APP_WIDE, &webhook).await.status, 200);
        }
        let headers = webhook.headers();
        assert_eq!(world.post(APP_WIDE, headers, b"{\"id\":2}".to_vec()).await.status, 401);
        world.settle().await;
        let after = scraped(&world).await;
        let more = |name: &str| value(&after, name) - value(&before, name);
        let runs = more("tillgate_mapper_runs_total{outcome=\"mapped\"}");
        assert!(runs >= 2, "{after}");
        assert_eq!(more("tillgate_mapper_run_seconds_count"), runs, "{after}");
        assert_eq!(more("tillgate_webhooks_total{answer=\"duplicate\"}"), 1, "{after}");
        assert_eq!(more("tillgate_webhooks_total{answer=\"unauthorized\"}"), 1, "{after}");
        let answered = more("tillgate_webhooks_total{answer=\"stored\"}") + 1;
        assert_eq!(more("tillgate_webhook_answer_seconds_count"), answered, "{after}");
        let fate = "tillgate_deliveries_total{source=\"webhook\",fate=\"applied\"}";
        assert!(more(fate) >= 2, "{after}");
        assert!(more("tillgate_delivery_seconds_count{source=\"webhook\"}") >= 2, "{after}");
        assert_eq!(value(&after, "tillgate_inbox_ready"), 0, "{after}");
        for private in [SHOP, &world.business.to_string()] {
            assert!(!after.contains(private), "{private}");
        }
        world.finish().await;
    }

    async fn metrics_are_not_for_everybody(place: Place) {
        let world = TestWorld::start(&place).await;
        assert_eq!(world.metrics, None);
        let answer = world.admin.http().get(format!("{}/metrics", world.base)).send().await.unwrap();
        assert_eq!(answer.status(), 404);
        world.finish().await;
    }
}
