"""What the gateway calls. Each class below is one of the interfaces in wit/mapper.wit.

A mapper is a pure function: it gets a whole order and the settings, and gives the order as the till shall have it. There
is no clock, no network and no file, and nothing survives from one order to the next.

Fields are named as in wit/types.wit, with underscores instead of dashes: `line-items` is `line_items`. Amounts and ids
are text. README.md tells how to get their types for an editor.
"""

import json
import traceback

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.describe import Description
from wit_world.imports import logging

from order import map_order
from product import map_product

# What can be configured, as a JSON Schema. The gateway refuses settings that do not fit.
SETTINGS_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "number_prefix": {
            "description": "Printed before the number of every receipt.",
            "type": "string",
            "maxLength": 8,
        },
        "skip_tag": {
            "description": "Orders with this tag are left out of the till.",
            "type": "string",
        },
    },
    "additionalProperties": False,
}


class Describe(exports.Describe):
    def describe(self):
        return Description(
            name="my-mapper",
            version="0.1.0",
            summary="Maps orders with a prefix on their numbers, and leaves out those with a tag.",
            settings_schema=json.dumps(SETTINGS_SCHEMA),
        )


class OrderMapper(exports.OrderMapper):
    def map_order(self, order, settings):
        return logged(map_order, order, as_dict(settings))


class ProductMapper(exports.ProductMapper):
    def map_product(self, product, currency, settings):
        return logged(map_product, product, currency, as_dict(settings))


def as_dict(settings):
    """Settings come as a list of key and value."""
    return {setting.key: setting.value for setting in settings}


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
