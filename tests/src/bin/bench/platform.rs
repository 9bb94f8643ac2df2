//! What mappers cost together: a shadow run and a replay of a business's many orders, and a start with many businesses
//! that have mappers of their own.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::mapper::Bound;
use mappers::{Compiler, Mappers};
use serde_json::{Value, json};
use server::demo::Caller;
use server::{App, Config, Gateway, OsRandom, SystemClock, build_with};
use sha2::{Digest as _, Sha256};
use tests::bench::{Plan, business_id, drive, resident_bytes, seed, seed_business};
use tests::print_line;
use tests::world::mapper::{activation, change_binding, keep_bytes, standard_component};

use crate::{Failure, load, settings, sqlite, token};

/// Any free port of this machine.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
/// How often something is asked whether it is done.
const ASK_EVERY: Duration = Duration::from_millis(20);
/// How long a gateway may hold its file after it was stopped.
const LET_GO_MAX: Duration = Duration::from_secs(30);
/// How long a shadow run may take.
const SHADOW_MAX: Duration = Duration::from_mins(5);

/// Takes orders of one business, compares another mapper with the one that served them, and has a second process, which
/// compiled the plugins itself, repeat every run.
pub(crate) async fn history(folder: &Path, orders: u64, connections: usize) -> Result<(), Failure> {
    let database = sqlite(folder);
    let app = application(&database, &folder.join("compiled")).await?;
    app.storage.migrate().await?;
    seed(&app).await?;
    let component = standard_component("candidate");
    let digest = Sha256::digest(&component).into();
    let candidate = keep_bytes(&app.storage.tenant(business_id(1)), digest, component).await;
    let token = token(&app)?;
    let gateway = Gateway::start(app).await?;
    send(&gateway, 1, orders, connections).await?;

    let base = format!("http://{}", gateway.address());
    let caller = Caller::new(&base, &token, &business_id(1).to_string())?;
    let input = json!({ "version": candidate, "last": orders });
    let (begun, _) = caller.mutate("shadowMapper", input, "shadowReport { id }").await?;
    let report = finished(&caller, begun["shadowReport"]["id"].clone()).await?;
    print_line(&format!(
        "shadow run: {} orders by either mapper, {} differ, {} ms",
        report["orders"]["compared"], report["orders"]["differing"], report["elapsedMillis"],
    ));
    gateway.stop().await;
    let_go(&database).await?;

    let begun = Instant::now();
    let environment = settings(LISTEN, &database).into_iter().collect::<HashMap<_, _>>();
    let replay = std::process::Command::new(tests::kill::binary()?)
        .args(["replay", "--business", &business_id(1).to_string()])
        .envs(environment)
        .env("MAPPER_CACHE", folder.join("compiled by another process"))
        .output()?;
    let took = begun.elapsed().as_secs_f64();
    let said = [replay.stdout, replay.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    print_line(&format!("replay by a second process, {took:.1} s: {}", said.trim_end()));
    Ok(())
}

/// The result of a shadow run, once there is one.
async fn finished(caller: &Caller, id: Value) -> Result<Value, Failure> {
    let query =
        "query($businessId: ID!, $id: ID!) { shadowReport(businessId: $businessId, id: $id) {
        state detail result { elapsedMillis cutShort orders { compared differing } } } }";
    let begun = Instant::now();
    while begun.elapsed() < SHADOW_MAX {
        let mut answer = caller.call(query, json!({ "id": id })).await?;
        let report = answer["shadowReport"].take();
        match report["state"].as_str() {
            Some("RUNNING") => tokio::time::sleep(ASK_EVERY).await,
            Some("DONE") => return Ok(report["result"].clone()),
            _ => return Err(report.to_string().into()),
        }
    }
    Err("the shadow run takes too long".into())
}

/// Starts a gateway whose businesses each have a mapper of their own, from a warm folder of compiled plugins, and has
/// every business sell once.
pub(crate) async fn many(
    folder: &Path,
    businesses: u64,
    plugins: u64,
    connections: usize,
) -> Result<(), Failure> {
    let database = format!("sqlite:{}", folder.join("many.db").display());
    let compiled = folder.join("compiled of many");
    let app = application(&database, &compiled).await?;
    app.storage.migrate().await?;
    for shop in 1..=businesses {
        seed_business(&app, shop).await?;
        let tenant = app.storage.tenant(business_id(shop));
        let component = standard_component(&format!("plugin {}", shop % plugins));
        let digest = Sha256::digest(&component).into();
        if shop <= plugins {
            let (mappers, component) = (Arc::clone(&app.mappers), component.clone());
            tokio::task::spawn_blocking(move || mappers.load(&component).map(drop)).await??;
        }
        let version = keep_bytes(&tenant, digest, component).await;
        let bound = Bound { version, ..Bound::STANDARD };
        change_binding(&tenant, activation(bound), app.now()).await;
    }
    drop(app);
    let_go(&database).await?;

    let begun = Instant::now();
    let gateway = Gateway::start(application(&database, &compiled).await?).await?;
    let ready = begun.elapsed();
    let idle = resident_bytes(std::process::id());
    send(&gateway, businesses, businesses, connections).await?;
    let served = begun.elapsed();
    let grown =
        resident_bytes(std::process::id()).zip(idle).map(|(now, then)| now.saturating_sub(then));
    print_line(&format!(
        "start with {businesses} businesses and {plugins} plugins: ready after {} ms, each business has sold once after {} ms; {} KiB more for each business that has",
        ready.as_millis(),
        served.as_millis(),
        grown.unwrap_or_default() / businesses / 1_024,
    ));
    gateway.stop().await;
    Ok(())
}

/// The gateway's parts. Plugins are compiled in this program, which is nobody's compiler.
async fn application(database: &str, compiled: &Path) -> Result<App, Failure> {
    let config = Config::read("", settings(LISTEN, database))?;
    let (clock, random, compiled) =
        (Arc::new(SystemClock), Arc::new(OsRandom), compiled.to_owned());
    let plugins = move |settings| {
        let here =
            mappers::Settings { compiler: Compiler::InProcess, cache: Some(compiled), ..settings };
        Mappers::new(here).map(Arc::new)
    };
    Ok(build_with(config, clock, random, plugins).await?)
}

/// Waits until nothing holds the file any more: the last commit of what was stopped ends by itself.
async fn let_go(database: &str) -> Result<(), Failure> {
    let file = database.strip_prefix("sqlite:").unwrap_or(database);
    let lock = std::fs::File::options().write(true).open(format!("{file}.lock"))?;
    let begun = Instant::now();
    while lock.try_lock().is_err() {
        if begun.elapsed() > LET_GO_MAX {
            return Err(format!("{file} is still in use").into());
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    Ok(())
}

/// Sells so many orders in so many shops, and waits until all are posted.
async fn send(
    gateway: &Gateway,
    shops: u64,
    orders: u64,
    connections: usize,
) -> Result<(), Failure> {
    let address = gateway.address();
    let (requests, _) = load::webhooks(address, shops, orders);
    let plan = Plan {
        address,
        requests: Arc::new(requests),
        connections,
        time_max: Duration::from_mins(1),
        cycle: false,
    };
    let sent = drive(&plan).await?;
    let (posted, _) = load::drained(gateway.app(), shops, orders).await?;
    if sent.refused > 0 || posted != orders {
        return Err(format!("{orders} orders: {} refused, {posted} posted", sent.refused).into());
    }
    Ok(())
}
