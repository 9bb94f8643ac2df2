//! Databases of their own for tests and benchmarks.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database, DbErr};

/// Makes an empty database on the server at `url`, and returns its address. Names are made of the process's number, so
/// that programs that run beside each other do not meet.
pub async fn fresh_postgres(url: &str) -> Result<String, DbErr> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("tillgate_{}_{number}", std::process::id());
    let server = Database::connect(url).await?;
    server.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}")).await?;
    server.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    server.close().await?;
    let base = url.rsplit_once('/').map_or(url, |(base, _)| base);
    Ok(format!("{base}/{name}"))
}
