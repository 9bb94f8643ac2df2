//! The long kill test.
//!
//! ```sh
//! cargo run --release -p tillgate-tests --bin kill -- --kills 60 --seed 1
//! ```

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tests::kill::{Failure, Place, Torment, run};

#[derive(Parser)]
struct Arguments {
    /// How often the gateway is killed.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// What chances are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// New orders a second.
    #[arg(long, default_value_t = 20)]
    rate: u32,
    /// A PostgreSQL server on which a database is made for it; a SQLite file where not given.
    #[arg(long)]
    postgres: Option<String>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let place = match &arguments.postgres {
        Some(url) => Place::Postgres(tests::fresh_postgres(url).await?),
        None => Place::Folder(folder.path().to_owned()),
    };
    let torment = Torment {
        kills: arguments.kills,
        seed: arguments.seed,
        orders: 100,
        between: Duration::from_secs(1) / arguments.rate.max(1),
    };
    let outcome = run(place, torment).await?;
    tests::print_line(&outcome.comparison.to_string());
    tests::print_line(&format!(
        "{} kills, {} deliveries acknowledged, {} movements doubled",
        outcome.kills, outcome.acknowledged, outcome.doubled
    ));
    Ok(if outcome.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
