//! The whole of a stored version, from the delivery that brought it.

use domain::delivery::NewDelivery;
use domain::id::{DeliveryId, ExternalId};
use domain::refined::Version;

use crate::{StoreError, Tenant};

impl Tenant {
    /// The delivery whose body is the stored version of an order, with that version; none where the order is not stored
    /// or its body is no longer kept.
    pub async fn order_body(
        &self,
        id: ExternalId,
    ) -> Result<Option<(NewDelivery, Version)>, StoreError> {
        let Some(order) = self.order(id).await? else {
            return Ok(None);
        };
        self.body_of(order.delivery_id, order.version).await
    }

    /// As [`Tenant::order_body`], of a product.
    pub async fn product_body(
        &self,
        id: ExternalId,
    ) -> Result<Option<(NewDelivery, Version)>, StoreError> {
        let Some(product) = self.product(id).await? else {
            return Ok(None);
        };
        self.body_of(product.delivery_id, product.version).await
    }

    async fn body_of(
        &self,
        id: DeliveryId,
        version: Version,
    ) -> Result<Option<(NewDelivery, Version)>, StoreError> {
        let stored = self.delivery(id).await?;
        Ok(stored.map(|stored| (stored.delivery, version)))
    }
}
