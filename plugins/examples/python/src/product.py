"""From the store's product to the till's: one for each of its variants, with its price in every list."""

from decimal import Decimal

from wit_world.imports.product_types import PosProduct, ProductStatus
from wit_world.imports.types import Attribute

from money import cents, places, read, write
from order import named


def map_product(product, currency, settings):
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
            attributes=prices(variant, f"variants[{index}].price", settings),
        )
        for index, variant in enumerate(product.variants)
    ]


def prices(variant, path, settings):
    price, digits = read(variant.price, path), places(variant.price)
    return [
        Attribute(f"price.{name}", write(cents(price * (100 - percent) / Decimal(100), digits), digits))
        for name, percent in sorted(settings.lists.items())
    ]
