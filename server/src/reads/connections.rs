//! Connections and what they may do.

use std::collections::BTreeSet;

use domain::access::{Caller, Role};
use domain::connection::{Connection, ScopeRequirement};
use domain::id::BusinessId;

use super::Reader;
use crate::app::App;
use crate::error::Problem;

/// Businesses whose connections one call reads.
const BUSINESSES_MAX: usize = 100;

/// What a connection's merchant granted, what the gateway uses, and what of it is missing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Scopes {
    pub(crate) granted: BTreeSet<String>,
    pub(crate) required: Vec<ScopeRequirement>,
    pub(crate) missing: Vec<ScopeRequirement>,
}

/// The business's live connection.
pub(crate) async fn live(reader: &Reader) -> Result<Option<Connection>, Problem> {
    let connections = reader.0.connections().await?;
    Ok(connections.into_iter().find(|connection| connection.status.is_live()))
}

/// The connections of one business, or of all that the caller belongs to, ended ones included.
pub(crate) async fn all(
    app: &App,
    caller: &Caller,
    business: Option<BusinessId>,
) -> Result<Vec<Connection>, Problem> {
    let businesses = match business {
        Some(business) => vec![business],
        None => businesses_of(app, caller).await?,
    };
    if businesses.len() > BUSINESSES_MAX {
        let text = format!("is needed by callers of more than {BUSINESSES_MAX} businesses");
        return Err(Problem::input("businessId", text));
    }
    let mut connections = Vec::new();
    for business in businesses {
        let reader = Reader::open(app, caller, business)?;
        connections.extend(reader.0.connections().await?);
    }
    Ok(connections)
}

/// What the live connection's merchant granted, compared with what the gateway uses.
pub(crate) async fn scopes(app: &App, reader: &Reader) -> Result<Option<Scopes>, Problem> {
    let Some(connection) = live(reader).await? else {
        return Ok(None);
    };
    let provider = app.providers.get(&connection.provider)?;
    Ok(Some(Scopes {
        required: provider.scope_requirements(),
        missing: provider.missing_scopes(&connection.granted_scopes),
        granted: connection.granted_scopes,
    }))
}

async fn businesses_of(app: &App, caller: &Caller) -> Result<Vec<BusinessId>, Problem> {
    if caller.role < Role::Platform {
        return Ok(caller.businesses.iter().copied().collect());
    }
    let businesses = app.storage.system().businesses().await?;
    Ok(businesses.into_iter().map(|business| business.id).collect())
}
