//! What the store shows of the products that are linked to POS products.

use std::collections::HashMap;

use domain::id::ExternalId;
use domain::product_push::{LinkedVariant, Shown};
use sea_orm::{ConnectionTrait, Value};

use crate::row::{Of, time};
use crate::{StoreError, Tenant};

const VARIANT: Of = Of("shopify_product_variant");

const LINKED: &str = "
    SELECT l.pos_product_id, l.variant_id, v.product_id, v.sku, v.price, v.updated_at
    FROM link AS l LEFT JOIN shopify_product_variant AS v
        ON v.business_id = l.business_id AND v.variant_id = l.variant_id
    WHERE l.business_id = ? AND l.pos_product_id {in_list}
    ORDER BY l.pos_product_id, l.variant_id";

impl Tenant {
    /// The variants that are linked to these POS products, with what the store shows of them; a POS product that is
    /// linked to none is absent.
    pub async fn linked_variants(
        &self,
        pos_products: &[String],
    ) -> Result<HashMap<String, Vec<LinkedVariant>>, StoreError> {
        let dialect = self.dialect();
        let business: Value = self.business_id().uuid().into();
        let values = [business, dialect.texts(pos_products.iter().cloned())];
        let sql = LINKED.replace("{in_list}", dialect.in_list());
        let rows = self.reader().query_all_raw(dialect.statement(&sql, values)).await?;
        let mut linked: HashMap<String, Vec<LinkedVariant>> = HashMap::new();
        for row in rows {
            let product: Option<i64> = row.try_get_by_index(2)?;
            let price: Option<String> = row.try_get_by_index(4)?;
            let shown = match product.zip(price) {
                None => None,
                Some((product, price)) => Some(Shown {
                    product_id: ExternalId(product),
                    sku: row.try_get_by_index(3)?,
                    price: VARIANT.word("price", &price, |text| text.parse().ok())?,
                    updated_at: row.try_get_by_index::<Option<i64>>(5)?.map(time),
                }),
            };
            let variant_id = ExternalId(row.try_get_by_index(1)?);
            let of: String = row.try_get_by_index(0)?;
            linked.entry(of).or_default().push(LinkedVariant { variant_id, shown });
        }
        Ok(linked)
    }
}
