"""What can be configured."""

import json
from decimal import Decimal

# A JSON Schema. The gateway refuses settings that do not fit, so they need not be checked again here.
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Trade prices",
    "type": "object",
    "properties": {
        "lists": {
            "description": "Percent below the price on the shelf, by the tag of the customers who buy at it.",
            "type": "object",
            "maxProperties": 20,
            "additionalProperties": {"type": "string", "pattern": "^[0-9]{1,2}(\\.[0-9]{1,2})?$"},
        },
        "po_number": {
            "description": "Whether a business buyer's order is refused that names no purchase order.",
            "enum": ["optional", "required"],
            "default": "optional",
        },
    },
    "additionalProperties": False,
}


class Settings:
    """The settings, which come as a list of key and value. A value that is no text comes as JSON."""

    def __init__(self, pairs):
        values = {pair.key: pair.value for pair in pairs}
        lists = json.loads(values.get("lists", "{}"))
        self.lists = {name: Decimal(percent) for name, percent in lists.items()}
        self.needs_po_number = values.get("po_number") == "required"

    def list_of(self, customer):
        """The list that a customer buys at: of several, the one that is best for them."""
        tags = customer.tags if customer else []
        theirs = [name for name in self.lists if name in tags]
        return max(theirs, key=lambda name: (self.lists[name], name), default=None)
