//! What the order's lines say about their goods, taken before the order is mapped.

use std::collections::BTreeMap;

use plugins::invalid;
use plugins::types::{LineItem, MapError, Order};

use crate::settings::{MARKDOWN, Settings};

/// Whose the goods of a line are.
pub(crate) struct Owner {
    pub(crate) consignor: String,
    pub(crate) event: Option<String>,
    /// Whether the consignor bears markdowns.
    pub(crate) markdown: bool,
}

/// The consigned goods of an order.
pub(crate) struct Goods {
    /// The owner of each line, by the line's id; the house's own are left out.
    owners: BTreeMap<String, Owner>,
}

impl Goods {
    pub(crate) fn of(order: &Order, settings: &Settings<'_>) -> Result<Self, MapError> {
        let mut owners = BTreeMap::new();
        for (index, line) in order.line_items.iter().enumerate() {
            // Nobody consigns a tip or a gift card: one is no goods, the other is a debt of the house.
            if line.tip || line.gift_card {
                continue;
            }
            if let Some(owner) = owner(index, line, order, settings)? {
                owners.insert(line.id.clone(), owner);
            }
        }
        Ok(Self { owners })
    }

    /// The owner of a line's goods, unless they are the house's own.
    pub(crate) fn owner(&self, line: &str) -> Option<&Owner> {
        self.owners.get(line)
    }
}

fn owner(
    index: usize,
    line: &LineItem,
    order: &Order,
    settings: &Settings<'_>,
) -> Result<Option<Owner>, MapError> {
    let Some(consignor) = settings.consignor.in_line(line, order) else {
        if settings.refuse_unknown {
            let message = "names no consignor in any place of settings.consignment.consignor";
            return Err(invalid(format!("line-items[{index}]"), message));
        }
        return Ok(None);
    };
    let event = settings.event.in_line(line, order);
    let markdown = match settings.markdown.in_line(line, order) {
        Some(text) => truth(text)
            .ok_or_else(|| invalid(format!("line-items[{index}].{MARKDOWN}"), NO_TRUTH))?,
        None => false,
    };
    Ok(Some(Owner {
        consignor: consignor.to_owned(),
        event: event.map(ToOwned::to_owned),
        markdown,
    }))
}

/// What is said of a text that is no truth.
pub(crate) const NO_TRUTH: &str = "is neither true nor false";

/// The truth in a metafield's text.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
