//! What identifies a product.

use std::borrow::Cow;

use plugins::json::{Json, Wrong};
use plugins::product_types::ProductVariant;
use plugins::types::{LineItem, MapError, Metafield};
use plugins::{invalid, is_metafield, metafield};

/// Where the number of a product is looked for. The first place that has one counts.
#[derive(Default)]
pub(crate) struct Links<'a> {
    products: Vec<Place<'a>>,
    lines: Vec<Place<'a>>,
}

/// One of these places, as the settings name it.
struct Place<'a> {
    name: Cow<'a, str>,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Variant,
    Sku,
    Barcode,
    Metafield,
    Property,
}

impl<'a> Links<'a> {
    pub(crate) fn read(json: Json<'a>) -> Result<Self, Wrong> {
        let mut fields = json.object()?;
        let places =
            |list: Json<'a>, of_lines| list.each(move |place| Place::read(place, of_lines));
        let links = Self {
            products: fields.take("products", |list| places(list, false))?.unwrap_or_default(),
            lines: fields.take("lines", |list| places(list, true))?.unwrap_or_default(),
        };
        fields.end()?;
        Ok(links)
    }

    /// The POS's id of the product that variant number `index` is sold as: its own id, unless the settings say other
    /// places.
    pub(crate) fn product_id(
        &self,
        index: usize,
        variant: &ProductVariant,
        product: &[Metafield],
    ) -> Result<String, MapError> {
        if self.products.is_empty() {
            return Ok(variant.id.clone());
        }
        let found = self.products.iter().find_map(|place| match place.kind {
            Kind::Variant => Some(variant.id.as_str()),
            Kind::Sku => some(variant.sku.as_deref()),
            Kind::Barcode => some(variant.barcode.as_deref()),
            Kind::Metafield => some(
                metafield(&variant.metafields, place.key())
                    .or_else(|| metafield(product, place.key())),
            ),
            Kind::Property => None,
        });
        found.map(ToOwned::to_owned).ok_or_else(|| {
            let names: Vec<_> = self.products.iter().map(|place| place.name.as_ref()).collect();
            let message =
                format!("has none of settings.links.products, which are {}", names.join(", "));
            invalid(format!("variants[{index}]"), message)
        })
    }

    /// The number that the till finds the line's product by: its SKU, unless the settings say other places.
    pub(crate) fn line_number(&self, item: &mut LineItem) -> Option<String> {
        if self.lines.is_empty() { item.sku.take() } else { self.found_in(item) }
    }

    /// The number in the first place that has one. Apart, so that lines of a tenant without such settings are as cheap
    /// as they were.
    #[inline(never)]
    fn found_in(&self, item: &LineItem) -> Option<String> {
        let found = self.lines.iter().find_map(|place| match place.kind {
            Kind::Variant => item.variant_id.as_deref(),
            Kind::Sku => some(item.sku.as_deref()),
            Kind::Metafield => some(metafield(&item.metafields, place.key())),
            Kind::Property => {
                let chosen = item.properties.iter().find(|property| property.key == place.key());
                some(chosen.map(|property| property.value.as_str()))
            }
            Kind::Barcode => None,
        });
        found.map(ToOwned::to_owned)
    }
}

impl<'a> Place<'a> {
    fn read(json: Json<'a>, of_lines: bool) -> Result<Self, Wrong> {
        let name = json.text()?;
        let kind = match (name.as_ref(), name.split_once(':')) {
            ("variant", _) => Some(Kind::Variant),
            ("sku", _) => Some(Kind::Sku),
            ("barcode", _) if !of_lines => Some(Kind::Barcode),
            (_, Some(("metafield", key))) if is_metafield(key) => Some(Kind::Metafield),
            (_, Some(("property", key))) if of_lines && !key.is_empty() => Some(Kind::Property),
            _ => None,
        };
        match kind {
            Some(kind) => Ok(Self { name, kind }),
            None if of_lines => Err(Wrong::new(
                "is none of: variant, sku, metafield:<namespace>.<key>, property:<name>",
            )),
            None => {
                Err(Wrong::new("is none of: variant, sku, barcode, metafield:<namespace>.<key>"))
            }
        }
    }

    /// What stands after the colon.
    fn key(&self) -> &str {
        self.name.split_once(':').map_or("", |(_, key)| key)
    }
}

/// A text that says something.
fn some(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}
