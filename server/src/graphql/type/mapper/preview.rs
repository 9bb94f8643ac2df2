//! What a mapper made of a body that was tried.

use async_graphql::{ID, SimpleObject};
use domain::draft::PosProductDraft as Draft;
use domain::flow;

use super::{RunOutcome, RunUsage};
use crate::actions::mapper::preview::{Mapped, Preview};
use crate::graphql::r#type::document::Attribute;
use crate::graphql::r#type::{ErrorCode, Money, PosDocument, hex};

/// What a mapper made of a body that was tried. Nothing of it is stored.
#[derive(SimpleObject)]
pub(crate) struct MappingPreview {
    /// How the run ended.
    outcome: RunOutcome,
    /// The POS order, where the body was an order's and was mapped.
    pos_order: Option<PosDocument>,
    /// The POS products, where the body was a product's and was mapped.
    pos_products: Option<Vec<PosProductDraft>>,
    /// The answer as JSON, byte for byte what would be stored.
    document: Option<String>,
    /// Why nothing was mapped, for programs; null for `SKIPPED`.
    code: Option<ErrorCode>,
    /// Why nothing was mapped, for people.
    detail: Option<String>,
    /// What the run used, beside what it may use.
    usage: RunUsage,
    /// What the plugin logged, each line with its level before it.
    log: Vec<String>,
    /// SHA-256 of contract, body and settings, in hexadecimal digits.
    input_digest: String,
    /// SHA-256 of the document, in hexadecimal digits.
    output_digest: Option<String>,
    /// SHA-256 of the plugin, in hexadecimal digits.
    plugin_digest: String,
    /// SHA-256 of the settings as the plugin gets them, in hexadecimal digits.
    config_digest: String,
    /// What ran it: the gateway and its engine, with their versions.
    host: String,
}

impl From<Preview> for MappingPreview {
    fn from(preview: Preview) -> Self {
        let (mut pos_order, mut pos_products, mut code, mut detail) = (None, None, None, None);
        let outcome = match preview.mapped {
            Mapped::Order(order) => {
                pos_order = Some(PosDocument::from(&*order));
                flow::RunOutcome::Mapped
            }
            Mapped::Products(drafts) => {
                pos_products = Some(drafts.into_iter().map(Into::into).collect());
                flow::RunOutcome::Mapped
            }
            Mapped::Skipped(reason) => {
                detail = Some(reason);
                flow::RunOutcome::Skipped
            }
            Mapped::Refused(failure) => {
                (code, detail) = (Some(failure.code.into()), Some(failure.detail));
                flow::RunOutcome::Refused
            }
            Mapped::Faulted(failure) => {
                (code, detail) = (Some(failure.code.into()), Some(failure.detail));
                flow::RunOutcome::Faulted
            }
        };
        Self {
            outcome: outcome.into(),
            pos_order,
            pos_products,
            document: preview.document,
            code,
            detail,
            usage: preview.usage.into(),
            log: preview.log,
            input_digest: hex(&preview.input_digest),
            output_digest: preview.output_digest.as_ref().map(hex),
            plugin_digest: hex(&preview.plugin_digest),
            config_digest: hex(&preview.config_digest),
            host: preview.host.to_owned(),
        }
    }
}

/// A POS product as a plugin proposes it.
#[derive(SimpleObject)]
pub(crate) struct PosProductDraft {
    /// The POS's own id.
    id: ID,
    /// The store's variant that it is sold as, where known.
    variant_id: Option<ID>,
    /// The seller's own number.
    sku: Option<String>,
    /// The number on the barcode.
    barcode: Option<String>,
    /// The name to print.
    name: String,
    /// The group that it is reported under.
    department: Option<String>,
    /// Price of one piece.
    price: Money,
    /// Whether taxes apply.
    taxable: bool,
    /// Whether it is on sale.
    active: bool,
    /// Key and value pairs for the till.
    attributes: Vec<Attribute>,
}

impl From<Draft> for PosProductDraft {
    fn from(draft: Draft) -> Self {
        Self {
            id: draft.id.into(),
            variant_id: draft.variant_id.map(Into::into),
            sku: draft.sku,
            barcode: draft.barcode,
            name: draft.name,
            department: draft.department,
            price: Money::new(draft.price, draft.currency),
            taxable: draft.taxable,
            active: draft.active,
            attributes: draft.attributes.iter().map(Into::into).collect(),
        }
    }
}
