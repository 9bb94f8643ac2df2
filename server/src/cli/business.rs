//! `business create` and `business list`.

use std::path::Path;

use domain::connection::Business;
use domain::id::BusinessId;

use crate::boot::{self, BootError};
use crate::config::Config;

use super::output;

/// What to do with businesses.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Makes a business and prints its id.
    Create {
        /// Its name.
        #[arg(long)]
        name: String,
    },
    /// Prints every business: id and name.
    List,
}

pub(super) async fn run(config: Option<&Path>, command: Command) -> Result<(), BootError> {
    let app = boot::build(Config::load(config)?).await?;
    app.storage.migrate().await?;
    let system = app.storage.system();
    match command {
        Command::Create { name } => {
            let now = app.now();
            let id = BusinessId::new(now, &app.entropy());
            system.create_business(Business { id, name, created_at: now }).await?;
            output::line(&id.to_string());
        }
        Command::List => {
            for business in system.businesses().await? {
                output::line(&format!("{}  {}", business.id, business.name));
            }
        }
    }
    Ok(())
}
