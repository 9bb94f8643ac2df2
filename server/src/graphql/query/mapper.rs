//! What callers read of their mappers.

use async_graphql::{Context, ID, InputObject, Object};
use domain::mapper::Bound;

use crate::actions;
use crate::actions::mapper::preview::Trial;
use crate::error::Problem;
use crate::graphql::context::{app, caller, read_id};
use crate::graphql::error::Failed;
use crate::graphql::scalar::JsonObject;
use crate::graphql::r#type::MappingPreview;

/// What is read of mappers.
#[derive(Default)]
pub(crate) struct MapperQuery;

#[Object]
impl MapperQuery {
    /// Runs a mapper over one body of the store's, under the limits of any other run. Nothing is stored. Needs the role
    /// operator.
    #[graphql(complexity = "1_000 + child_complexity")]
    async fn preview_mapping(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which mapper, on what.")] input: PreviewMappingInput,
    ) -> Result<Option<MappingPreview>, Failed> {
        let business = read_id("input.businessId", &input.business_id)?;
        let trial = input.read()?;
        let preview = actions::mapper::preview::preview(app(ctx)?, caller(ctx)?, business, trial);
        Ok(Some(preview.await?.into()))
    }
}

/// Which mapper to try on what.
#[derive(InputObject, Debug)]
pub(crate) struct PreviewMappingInput {
    /// The business.
    business_id: ID,
    /// The mapper version, 0 for the built-in one; what serves now where it is missing.
    version: Option<u32>,
    /// The config, 0 for no settings; goes with `version`.
    config: Option<u32>,
    /// Settings to try in place of the config's.
    settings: Option<JsonObject>,
    /// The topic that the body would come by.
    #[graphql(default = "orders/create")]
    topic: String,
    /// The body as the store would send it, at most 512 KiB.
    body: String,
    /// The currency of a product's prices, by its ISO 4217 code.
    #[graphql(default = "USD")]
    currency: String,
}

impl PreviewMappingInput {
    fn read(self) -> Result<Trial, Problem> {
        let currency = self.currency.parse();
        let currency =
            currency.map_err(|error| Problem::input("input.currency", format!("is {error}")))?;
        let bound = match (self.version, self.config) {
            (None, Some(_)) => {
                return Err(Problem::input("input.config", "goes with version, which is missing"));
            }
            (version, config) => {
                version.map(|version| Bound { version, config: config.unwrap_or_default() })
            }
        };
        let settings = self.settings.map(|JsonObject(settings)| settings);
        Ok(Trial { bound, settings, topic: self.topic, body: self.body, currency })
    }
}
