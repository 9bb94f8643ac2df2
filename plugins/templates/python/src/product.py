"""From the store's product to the till's: one for each of its variants."""

from componentize_py_types import Err
from wit_world.imports.product_types import PosProduct, ProductStatus
from wit_world.imports.types import MapError_Skip

from order import named


def map_product(product, currency, settings):
    skip_tag = settings.get("skip_tag")
    if skip_tag and skip_tag in product.tags:
        raise Err(MapError_Skip(f"products tagged {skip_tag} are not for the till"))
    active = product.status in (ProductStatus.ACTIVE, ProductStatus.UNLISTED)
    return [
        PosProduct(
            id=variant.id,
            variant_id=variant.id,
            sku=variant.sku,
            barcode=variant.barcode,
            name=named(product.title, variant.title),
            department=product.product_type,
            price=variant.price,
            currency=currency,
            taxable=variant.taxable,
            active=active,
            attributes=[],
        )
        for variant in product.variants
    ]
