"""Money, exactly: decimals, never floats."""

import re
from decimal import ROUND_HALF_UP, Decimal

from componentize_py_types import Err
from wit_world.imports.types import FieldError, MapError_InvalidInput

DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def read(text, path):
    """Reads a decimal of the order. `path` names the field where it is none."""
    if not DECIMAL.fullmatch(text):
        raise Err(MapError_InvalidInput([FieldError(path, "is no decimal")]))
    return Decimal(text)


def write(amount, places):
    """Writes an amount with at least `places` digits after the point."""
    whole, _, fraction = f"{amount:f}".partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    return f"{whole}.{fraction}" if fraction else whole


def places(text):
    """The digits after the point that the store uses: 2 for most currencies, 0 for yen."""
    return len(text.partition(".")[2])


def cents(amount, places):
    """The nearest amount that the currency has; of two that are as near, the larger one."""
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
