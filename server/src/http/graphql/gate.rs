//! The endpoint as the gateway itself has it: bearer tokens by the verifier, rules by the settings.

use std::sync::Arc;

use futures_util::future::FutureExt as _;

use super::{Authenticate, Endpoint, Rules, Session};
use crate::app::{App, Clock};
use crate::auth::Verifier;
use crate::error::Problem;
use crate::graphql::{self, Schema};

/// The endpoint over the gateway's schema.
pub(crate) fn endpoint(app: &App) -> Endpoint<Schema> {
    let rules = Rules {
        origins: app.config.origins(),
        anonymous: app.config.http.dev_mode,
        graphiql: app.config.http.dev_mode,
    };
    let authenticate = authenticate(Arc::clone(&app.verifier), Arc::clone(&app.clock));
    let (clock, random) = (Arc::clone(&app.clock), Arc::clone(&app.random));
    Endpoint::new(graphql::schema(app.clone()), authenticate, clock, random, rules)
}

fn authenticate(verifier: Arc<Verifier>, clock: Arc<dyn Clock>) -> Authenticate {
    Arc::new(move |token| {
        let (verifier, clock) = (Arc::clone(&verifier), Arc::clone(&clock));
        async move { known(&verifier, &*clock, token).await }.boxed()
    })
}

/// Who asks, by the bearer token, for what is no GraphQL.
pub(crate) async fn session(app: &App, token: Option<String>) -> Result<Session, Problem> {
    known(&app.verifier, &*app.clock, token).await
}

/// A request without a token is anonymous; one with a token that does not hold is refused, whatever it asks for.
async fn known(
    verifier: &Verifier,
    clock: &dyn Clock,
    token: Option<String>,
) -> Result<Session, Problem> {
    let Some(token) = token else {
        return Ok(Session::default());
    };
    let known = verifier.verify(&token, clock.now()).await?;
    Ok(Session { caller: Some(known.caller), expires_at: Some(known.expires_at) })
}
