//! From a plugin's contract to the types that its functions are found and called with.
//!
//! The newest contract's records are made by the conversions and go in as they are; an older contract's module makes
//! its own of them, where they differ.

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use crate::contract::{Capabilities, ContractVersion};
use crate::export::Export;
use crate::plugin::Description;
use crate::since_1_1::{DescribeParams, DescribeResults, ProductParams, ProductResults};
use crate::state::State;
use crate::{since_1_0, since_1_1};

/// What the newest contract's `map-order` answers.
pub(crate) type OrderAnswer = Result<since_1_1::types::PosOrder, since_1_1::types::MapError>;
/// What the newest contract's `map-product` answers.
pub(crate) type ProductAnswer =
    Result<Vec<since_1_1::product_types::PosProductResult>, since_1_1::types::MapError>;

/// The functions of a plugin.
pub(crate) struct Functions {
    contract: ContractVersion,
    describe: Export,
    map_order: Option<Export>,
    map_product: Option<Export>,
}

impl Functions {
    /// Finds the functions that a plugin of this contract with these capabilities has, and checks their types.
    pub(crate) fn find(
        pre: &InstancePre<State>,
        contract: ContractVersion,
        can: Capabilities,
    ) -> wasmtime::Result<Self> {
        let interface = |name: &str| format!("tillgate:mapper/{name}@{contract}.0");
        let describe = interface("describe");
        let (orders, products) = (interface("order-mapper"), interface("product-mapper"));
        let find_map_order = match contract {
            ContractVersion::V1_0 => {
                Export::find::<since_1_0::OrderParams<'_>, since_1_0::OrderResults>
            }
            ContractVersion::V1_1 => {
                Export::find::<since_1_1::OrderParams<'_>, since_1_1::OrderResults>
            }
        };
        let find_map_product = Export::find::<ProductParams<'_>, ProductResults>;
        Ok(Self {
            contract,
            describe: Export::find::<DescribeParams, DescribeResults>(pre, &describe, "describe")?,
            map_order: can
                .map_order
                .then(|| find_map_order(pre, &orders, "map-order"))
                .transpose()?,
            map_product: can
                .map_product
                .then(|| find_map_product(pre, &products, "map-product"))
                .transpose()?,
        })
    }

    pub(crate) fn describe(
        &self,
        store: &mut Store<State>,
        instance: &Instance,
    ) -> wasmtime::Result<Description> {
        let (said,): DescribeResults = self.describe.call(store, instance, ())?;
        Ok(Description {
            name: said.name,
            version: said.version,
            summary: said.summary,
            settings_schema: said.settings_schema,
        })
    }

    pub(crate) fn map_order(
        &self,
        store: &mut Store<State>,
        instance: &Instance,
        (order, settings): since_1_1::OrderParams<'_>,
    ) -> wasmtime::Result<OrderAnswer> {
        let export = self.map_order.as_ref().ok_or_else(lacking)?;
        match self.contract {
            ContractVersion::V1_0 => {
                let params = (since_1_0::Order::from(order), settings);
                let (answer,): since_1_0::OrderResults = export.call(store, instance, params)?;
                Ok(answer)
            }
            ContractVersion::V1_1 => {
                let (answer,): since_1_1::OrderResults =
                    export.call(store, instance, (order, settings))?;
                Ok(answer)
            }
        }
    }

    pub(crate) fn map_product(
        &self,
        store: &mut Store<State>,
        instance: &Instance,
        params: ProductParams<'_>,
    ) -> wasmtime::Result<ProductAnswer> {
        let export = self.map_product.as_ref().ok_or_else(lacking)?;
        let (answer,): ProductResults = export.call(store, instance, params)?;
        Ok(answer)
    }
}

/// Callers ask for a capability before they use it.
fn lacking() -> wasmtime::Error {
    wasmtime::Error::msg("the plugin has no such function")
}
