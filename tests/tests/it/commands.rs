//! The command line, as operators use it: the binary itself, on SQLite.

use std::path::Path;
use std::process::Output;

use serde_json::json;
use simulator::{OrderSpec, Simulator, StoreSettings};
use tempfile::TempDir;
use tests::kill::{GatewayProcess, Place, becomes_true};
use tests::world::mapper::standard_component;
use tests::world::{SHOP, WAIT_MAX};

/// A prepared gateway beside a simulator with a shop.
struct Bench {
    simulator: Simulator,
    process: GatewayProcess,
    folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let settings = simulator::Settings::default();
        let simulator = Simulator::start(settings.clone()).await.unwrap();
        simulator.add_shop(&StoreSettings {
            domain: SHOP.to_owned(),
            currency: "CAD".to_owned(),
            seed: 3,
            products: 3,
            orders: 4,
            big_ids: true,
        });
        let folder = TempDir::new().unwrap();
        let place = Place::Folder(folder.path().to_owned());
        let url = simulator.shop_url_template();
        let process =
            tokio::task::spawn_blocking(move || GatewayProcess::prepare(place, &settings, &url));
        Self { simulator, process: process.await.unwrap().unwrap(), folder }
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        self.process.run(arguments, variables).unwrap()
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

fn lines(output: &Output) -> Vec<String> {
    said(output).lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_says_a_line_for_each_thing() {
    let bench = Bench::new().await;
    let good = bench.run(&["check"], &[]);
    assert!(good.status.success(), "{}", said(&good));
    for (line, what) in lines(&good).iter().zip(["configuration", "database", "schema", "keys"]) {
        assert!(line.starts_with(&format!("ok    {what}: ")), "{line}");
    }
    assert_eq!(lines(&good).len(), 4);

    let wrong = [("DATABASE_URL", "postgres://someone:hunter2@127.0.0.1:9/nothing")];
    let bad = bench.run(&["check"], &wrong);
    assert_eq!(bad.status.code(), Some(1));
    let line = lines(&bad).into_iter().find(|line| line.starts_with("FAIL  database: ")).unwrap();
    assert!(line.contains("127.0.0.1:9") && !line.contains("hunter2"), "{line}");

    let empty = format!("sqlite:{}", bench.folder.path().join("empty.db").display());
    let unmigrated = bench.run(&["check"], &[("DATABASE_URL", &empty)]);
    assert_eq!(unmigrated.status.code(), Some(1));
    assert!(said(&unmigrated).contains("FAIL  schema: "), "{}", said(&unmigrated));
    assert!(said(&unmigrated).contains("tillgate migrate"), "{}", said(&unmigrated));
    let migrated = bench.run(&["migrate"], &[("DATABASE_URL", &empty)]);
    assert!(migrated.status.success(), "{}", said(&migrated));
    assert!(bench.run(&["check"], &[("DATABASE_URL", &empty)]).status.success());

    let token = bench.simulator.permanent_token(SHOP, &["read_orders", "read_products"]).unwrap();
    let connect = [
        "connect",
        "--business",
        bench.process.business(),
        "--shop",
        SHOP,
        "--access-token",
        &token,
    ];
    bench.process.command(&connect).unwrap();
    let keys = [("SHOPIFY_ENCRYPTION_KEY", "33".repeat(32))];
    let keys = keys.each_ref().map(|(name, value)| (*name, value.as_str()));
    let unreadable = bench.run(&["check"], &keys);
    assert_eq!(unreadable.status.code(), Some(1));
    assert!(said(&unreadable).contains("DECRYPT_FAILED"), "{}", said(&unreadable));
    let readable = said(&bench.run(&["check"], &[]));
    assert!(readable.contains(&format!("ok    store {SHOP}: ")), "{readable}");

    let narrow = bench.simulator.permanent_token(SHOP, &["read_products"]).unwrap();
    let narrower = connect.map(|word| if word == token { narrow.as_str() } else { word });
    bench.process.command(&narrower).unwrap();
    let lacking = bench.run(&["check"], &[]);
    assert_eq!(lacking.status.code(), Some(1));
    let missing = format!("FAIL  store {SHOP}: MISSING_SCOPE: the scope read_orders is missing");
    assert!(said(&lacking).contains(&missing), "{}", said(&lacking));
    bench.simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_settings_are_named() {
    let bench = Bench::new().await;
    let unknown =
        bench.file("unknown.toml", "[http]\nlisten_on = \"127.0.0.1:1\"\n[workres]\ncount = 2\n");
    for command in ["check", "serve", "migrate"] {
        let refused = bench.run(&["--config", &unknown, command], &[]);
        assert_eq!(refused.status.code(), Some(1), "{command}");
        let said = said(&refused);
        assert!(said.contains("listen_on") && said.contains("workres"), "{command}: {said}");
    }
    let wrong = [("LISTEN", "nowhere"), ("SHOPIFY_ENCRYPTION_KEY", "hunter2")];
    let refused = said(&bench.run(&["serve"], &wrong));
    assert!(refused.contains("LISTEN") && refused.contains("SHOPIFY_ENCRYPTION_KEY"), "{refused}");
    assert!(!refused.contains("hunter2"), "{refused}");
    let database = said(&bench.run(&["serve"], &[("DATABASE_URL", "mysql://x:hunter2@y/z")]));
    assert!(database.contains("mysql") && !database.contains("hunter2"), "{database}");
    bench.simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_gateway_on_the_same_file_is_refused() {
    let mut bench = Bench::new().await;
    bench.process.start().await.unwrap();
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["business", "list"], &["migrate"]]
    {
        let second = bench.run(command, &[]);
        assert_eq!(second.status.code(), Some(1), "{command:?}");
        let lines = lines(&second);
        assert_eq!(lines.len(), 1, "one clear line: {lines:?}");
        assert!(lines[0].contains("kill.db") && lines[0].contains("process"), "{lines:?}");
    }
    bench.process.kill().await.unwrap();
    let after = bench.run(&["business", "list"], &[]);
    assert!(after.status.success(), "{}", said(&after));
    assert!(said(&after).contains(bench.process.business()));
    bench.simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_is_connected_polled_and_tried_by_command() {
    let mut bench = Bench::new().await;
    let business = bench.process.business().to_owned();
    assert_eq!(business.len(), 36, "{business}");
    let scopes: Vec<&str> = shopify::scope::SCOPES.iter().map(|used| used.scope).collect();
    let token = bench.simulator.permanent_token(SHOP, &scopes).unwrap();
    let wrong =
        ["connect", "--business", &business, "--shop", SHOP, "--access-token", "shpat_wrong"];
    let refused = bench.run(&wrong, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("REAUTH_REQUIRED"), "{}", said(&refused));
    let connect = ["connect", "--business", &business, "--shop", SHOP, "--access-token", &token];
    let connected = bench.process.command(&connect).unwrap();
    assert!(connected.starts_with(&format!("{SHOP} is active")), "{connected}");
    assert!(
        connected.contains("orders/create: subscribed") && !connected.contains(&token),
        "{connected}"
    );

    let variant = bench
        .simulator
        .read(SHOP, |store| store.products.values().next().unwrap().variants[0].id)
        .unwrap();
    let spec = OrderSpec { lines: vec![(variant, 1)], location_id: None, paid: true };
    let mut told = None;
    bench.simulator.change(SHOP, |store, _, now| {
        told = Some(store.create_order_with(spec, now));
        None
    });
    let polled = bench.process.command(&["poll", "--business", &business]).unwrap();
    assert!(polled.contains("orders: 1 listed, 1 new to us"), "{polled}");

    bench.process.start().await.unwrap();
    let caller = bench.process.caller().unwrap();
    let arrived = becomes_true(WAIT_MAX, async || {
        caller.all("posOrders", "id").await.is_ok_and(|rows| rows.len() == 5)
    });
    assert!(arrived.await, "four imported orders and one polled");

    let url = format!("{}/ecommerce/webhooks/shopify", bench.process.base());
    let file =
        bench.file("customer.json", &json!({ "id": 77, "email": "a@example.com" }).to_string());
    let send = [
        "webhook",
        "send",
        "--topic",
        "customers/update",
        "--file",
        &file,
        "--url",
        &url,
        "--shop",
        SHOP,
    ];
    let sent = bench.process.command(&send).unwrap();
    assert_eq!(sent, r#"200 {"ok":true}"#);
    let forged = bench.run(&send, &[("SHOPIFY_CLIENT_SECRET", "guessed")]);
    assert_eq!(forged.status.code(), Some(1));
    assert!(said(&forged).contains("401"), "{}", said(&forged));
    let logged = becomes_true(WAIT_MAX, async || {
        let log = caller.all("syncLog", "kind status").await.unwrap_or_default();
        log.iter().any(|entry| entry["kind"] == "OTHER_WEBHOOK" && entry["status"] == "SUCCESS")
    });
    assert!(logged.await);

    let viewer = bench.process.command(&["token", "--business", &business]).unwrap();
    let viewer = server::demo::Caller::new(bench.process.base(), &viewer, &business).unwrap();
    assert_eq!(viewer.all("posOrders", "id").await.unwrap().len(), 5);
    assert!(
        viewer.mutate("disconnect", json!({}), "disconnected").await.is_err(),
        "a viewer only looks"
    );
    bench.process.kill().await.unwrap();
    bench.simulator.shutdown().await;
}

/// A project whose component is built already.
fn project(bench: &Bench) -> String {
    bench.file("mapper.toml", "name = \"pushed\"\nlanguage = \"rust\"\n");
    bench.file("settings.json", "{\"location\": \"7\"}");
    let component = standard_component("pushed");
    std::fs::write(bench.folder.path().join("mapper.wasm"), component).unwrap();
    bench.folder.path().to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mapper_is_pushed_and_what_it_did_is_repeated_by_command() {
    let mut bench = Bench::new().await;
    let business = bench.process.business().to_owned();
    let token = bench.simulator.permanent_token(SHOP, &["read_orders", "read_products"]).unwrap();
    let connect = ["connect", "--business", &business, "--shop", SHOP, "--access-token", &token];
    bench.process.command(&connect).unwrap();
    let [admin, viewer] = ["admin", "viewer"].map(|role| {
        bench.process.command(&["token", "--business", &business, "--role", role]).unwrap()
    });
    bench.process.start().await.unwrap();
    let caller = bench.process.caller().unwrap();
    let imported = becomes_true(WAIT_MAX, async || {
        caller.all("posOrders", "id").await.is_ok_and(|rows| rows.len() == 4)
    });
    assert!(imported.await);

    let folder = project(&bench);
    let push = |token: &str, more: &[&str]| {
        let words = ["mapper", "push", "--dir", &folder, "--business", &business];
        let words: Vec<&str> = words.iter().chain(more).copied().collect();
        let place = [("TILLGATE_URL", bench.process.base()), ("TILLGATE_TOKEN", token.trim())];
        bench.run(&words, &place)
    };
    for (token, code) in [("nonsense", "UNAUTHENTICATED"), (viewer.as_str(), "admin")] {
        let refused = push(token, &["--yes"]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(said(&refused).contains(code), "{}", said(&refused));
    }
    // Nobody answers the question, so nothing is activated.
    let unanswered = push(&admin, &[]);
    assert!(unanswered.status.success(), "{}", said(&unanswered));
    assert!(said(&unanswered).contains("of 4 orders would differ"), "{}", said(&unanswered));
    assert!(said(&unanswered).contains("not activated"), "{}", said(&unanswered));
    let pushed = push(&admin, &["--yes"]);
    assert!(said(&pushed).contains("active: version 1 with config 1"), "{}", said(&pushed));
    let again = push(&admin, &["--yes"]);
    assert!(said(&again).contains("version 1 with config 1 serves already"), "{}", said(&again));
    bench.process.kill().await.unwrap();

    let replay = ["replay", "--business", &business];
    let same = bench.process.command(&replay).unwrap();
    assert!(same.contains("4 runs repeated, 0 gave other bytes"), "{same}");
    let file = format!("sqlite:{}", bench.folder.path().join("kill.db").display());
    let database = sea_orm::Database::connect(file).await.unwrap();
    let sql = "UPDATE mapper_run SET output_digest = zeroblob(32)
        WHERE run_id = (SELECT run_id FROM mapper_run LIMIT 1)";
    sea_orm::ConnectionTrait::execute_unprepared(&database, sql).await.unwrap();
    database.close().await.unwrap();
    let different = bench.run(&replay, &[]);
    assert_eq!(different.status.code(), Some(1), "{}", said(&different));
    assert!(said(&different).contains("DIFFERS  run "), "{}", said(&different));
    assert!(said(&different).contains("1 gave other bytes"), "{}", said(&different));
    bench.simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schema_is_the_one_that_is_kept() {
    let bench = Bench::new().await;
    let printed = bench.process.command(&["schema"]).unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql");
    assert_eq!(printed.trim(), std::fs::read_to_string(kept).unwrap().trim());
    bench.simulator.shutdown().await;
}
