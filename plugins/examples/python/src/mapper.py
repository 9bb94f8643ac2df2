"""What the gateway calls: this mapper exports what the world `inbound-plugin` of wit/mapper.wit has."""

import json
import traceback

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.describe import Description
from wit_world.imports import logging

from order import map_order
from product import map_product
from settings import SCHEMA, Settings


class Describe(exports.Describe):
    def describe(self):
        return Description(
            name="trade-prices",
            version="0.1.0",
            summary="Books what business buyers were sold at their list's price, beside the price on the shelf.",
            settings_schema=json.dumps(SCHEMA),
        )


class OrderMapper(exports.OrderMapper):
    def map_order(self, order, settings):
        return logged(map_order, order, Settings(settings))


class ProductMapper(exports.ProductMapper):
    def map_product(self, product, currency, settings):
        return logged(map_product, product, currency, Settings(settings))


def logged(work, *arguments):
    """An order is refused by raising Err(...) of a `MapError`. Any other exception is a mistake in this program: the log
    then tells on which line."""
    try:
        return work(*arguments)
    except Err:
        raise
    except Exception:
        logging.log(logging.Level.ERROR, traceback.format_exc())
        raise
