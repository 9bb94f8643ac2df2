//! Where something about goods is found.

use plugins::json::{Json, Wrong};
use plugins::product_types::{Product, ProductVariant};
use plugins::types::{Attribute, LineItem, Order};
use plugins::{is_metafield, metafield};

/// The namespace of a merchant's own metafields.
const NAMESPACE: &str = "custom";

/// Places, of which the first that says something counts.
pub(crate) struct Places(Vec<Place>);

enum Place {
    /// The line's vendor, or the product's.
    Vendor,
    /// What stands before this in the number of the line or variant.
    SkuBefore(String),
    /// The metafield of this name: the variant's, else the product's.
    Metafield(String),
    /// The line's property of this name.
    Property(String),
    /// The order's note attribute of this name.
    NoteAttribute(String),
}

impl Places {
    /// Where `field` is found unless the tenant says otherwise.
    pub(crate) fn usual(field: &str) -> Self {
        Self(vec![
            Place::Metafield([NAMESPACE, ".", field].concat()),
            Place::Property(["_", field].concat()),
            Place::Property(field.to_owned()),
            Place::NoteAttribute(field.to_owned()),
        ])
    }

    /// Reads a list of places by their names.
    pub(crate) fn read(json: Json<'_>) -> Result<Self, Wrong> {
        let places = json.each(|name| Place::named(&name.text()?))?;
        if places.is_empty() { Err(Wrong::new("is empty")) } else { Ok(Self(places)) }
    }

    /// What a line says.
    pub(crate) fn in_line<'l>(&self, line: &'l LineItem, order: &'l Order) -> Option<&'l str> {
        self.first(|place| match place {
            Place::Vendor => line.vendor.as_deref(),
            Place::SkuBefore(mark) => before(line.sku.as_deref(), mark),
            Place::Metafield(name) => metafield(&line.metafields, name),
            Place::Property(name) => value(&line.properties, name),
            Place::NoteAttribute(name) => value(&order.note_attributes, name),
        })
    }

    /// What a product says of one of its variants.
    pub(crate) fn in_variant<'p>(
        &self,
        variant: &'p ProductVariant,
        product: &'p Product,
    ) -> Option<&'p str> {
        self.first(|place| match place {
            Place::Vendor => product.vendor.as_deref(),
            Place::SkuBefore(mark) => before(variant.sku.as_deref(), mark),
            Place::Metafield(name) => metafield(&variant.metafields, name)
                .or_else(|| metafield(&product.metafields, name)),
            Place::Property(_) | Place::NoteAttribute(_) => None,
        })
    }

    fn first<'f>(&self, said: impl Fn(&Place) -> Option<&'f str>) -> Option<&'f str> {
        let said = self.0.iter().filter_map(said).map(str::trim);
        said.into_iter().find(|text| !text.is_empty())
    }
}

impl Place {
    fn named(name: &str) -> Result<Self, Wrong> {
        let of = str::to_owned;
        match name.split_once(':') {
            None if name == "vendor" => Ok(Self::Vendor),
            Some(("sku-before", mark)) if !mark.is_empty() => Ok(Self::SkuBefore(of(mark))),
            Some(("metafield", key)) if is_metafield(key) => Ok(Self::Metafield(of(key))),
            Some(("property", key)) if !key.is_empty() => Ok(Self::Property(of(key))),
            Some(("note-attribute", key)) if !key.is_empty() => Ok(Self::NoteAttribute(of(key))),
            _ => Err(Wrong::new(
                "is none of: vendor, sku-before:<text>, metafield:<namespace>.<key>, property:<name>, \
                 note-attribute:<name>",
            )),
        }
    }
}

fn value<'p>(pairs: &'p [Attribute], key: &str) -> Option<&'p str> {
    pairs.iter().find(|pair| pair.key == key).map(|pair| pair.value.as_str())
}

/// What stands before `mark`; nothing where it does not occur.
fn before<'t>(text: Option<&'t str>, mark: &str) -> Option<&'t str> {
    text?.split_once(mark).map(|(before, _)| before)
}
