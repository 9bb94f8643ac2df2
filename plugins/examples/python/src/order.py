"""From the store's order to the till's.

Business buyers see their own prices in the store: a piece of 100.00 is sold to them at 80.00, and the order says nothing of
the 100.00. Here a line has the price on the shelf, and what the buyer paid less as a discount, so that the till's reports
compare what is comparable.

The gateway believes nothing blindly. It checks that each line is quantity x unit price - discount, that the parts add up
to the total, and that the total is the store's own; otherwise the order is not booked and somebody is told why.
"""

from decimal import Decimal

from componentize_py_types import Err
from wit_world.imports import types
from wit_world.imports.types import (
    PosChargeKind,
    PosLineKind,
    PosState,
    PosTenderKind,
    RestockType,
)

from money import cents, places, read, write


def map_order(order, settings):
    price_list = settings.list_of(order.customer)
    if price_list and settings.needs_po_number and not order.po_number:
        problem = types.FieldError("po-number", "is missing, and business buyers need one")
        raise Err(types.MapError_InvalidInput([problem]))

    # Every amount comes in the shop's currency and in the buyer's. This mapper books in the shop's.
    def money(amount):
        return write(amount, places(order.total.shop))

    total = read(order.total.shop, "total.shop")
    total_tax = read(order.total_tax.shop, "total-tax.shop")

    lines = [Priced(item, item.unit_price, item.quantity, f"line-items[{i}]")
             for i, item in enumerate(order.line_items)]
    sold = [line for line in lines if not line.item.tip]
    if price_list:
        for line in sold:
            line.show_shelf_price(settings.lists[price_list], places(order.total.shop))
    shipping = [Priced(item, item.price, 1, f"shipping-lines[{i}]")
                for i, item in enumerate(order.shipping_lines) if not item.removed]
    charges = [(PosChargeKind.SHIPPING, it.item.title, it.net, taxes(it.item)) for it in shipping]
    charges += other_charges(order, lines)

    mapped = sum((line.net for line in sold), Decimal(0))
    mapped += sum((amount for _, _, amount, _ in charges), Decimal(0))
    if not order.taxes_included:
        mapped += total_tax
    if mapped != total:
        raise Err(types.MapError_TotalMismatch(types.Mismatch(
            store=money(total), mapped=money(mapped), difference=money(mapped - total))))

    return types.PosOrder(
        external_id=order.id,
        number=order.name,
        channel=order.source_name or "unknown",
        placed_at=order.processed_at or order.created_at,
        state=state(order),
        currency=order.currency,
        taxes_included=order.taxes_included,
        customer=customer(order),
        ship_to=order.shipping_address,
        lines=[pos_line(line, money) for line in sold],
        charges=[types.PosCharge(kind, title, money(amount), its_taxes)
                 for kind, title, amount, its_taxes in charges],
        tenders=tenders(order, total, money),
        refunds=[pos_refund(refund, i, order, money) for i, refund in enumerate(order.refunds)],
        discount_total=money(sum((it.discount for it in lines + shipping), Decimal(0))),
        tax_total=money(total_tax),
        total=money(total),
        rounding=order.cash_rounding.shop,
        refunded_total=money(
            sum((read(it.refunded.shop, "refunds") for it in order.refunds), Decimal(0))),
        notes=notes(order),
        attributes=order.note_attributes + trade(order, price_list),
    )


class Priced:
    """A line or a way of shipping with its amounts worked out."""

    def __init__(self, item, price, quantity, path):
        self.item = item
        self.unit_price = read(price.shop, f"{path}.price.shop")
        self.discount = sum(
            (read(part.amount.shop, f"{path}.discount-allocations")
             for part in item.discount_allocations), Decimal(0))
        self.quantity = quantity
        self.net = self.unit_price * quantity - self.discount

    def show_shelf_price(self, percent, digits):
        """Puts the price on the shelf in place of the one that it was sold at. The net stays what was paid."""
        self.unit_price = cents(self.unit_price * 100 / (100 - percent), digits)
        self.discount = self.unit_price * self.quantity - self.net


def trade(order, price_list):
    """What the till shall know of a business buyer's order."""
    told = {"price_list": price_list, "po_number": order.po_number}
    return [types.Attribute(key, value) for key, value in told.items() if value]


def pos_line(line, money):
    item = line.item
    if item.gift_card:
        kind = PosLineKind.GIFT_CARD
    else:
        kind = PosLineKind.PRODUCT if item.variant_id else PosLineKind.CUSTOM
    return types.PosLine(
        external_id=item.id,
        kind=kind,
        variant_id=item.variant_id,
        sku=item.sku,
        title=named(item.title, item.variant_title),
        quantity=item.quantity,
        unit_price=money(line.unit_price),
        discount=money(line.discount),
        net=money(line.net),
        taxes=taxes(item),
        location_id=None,
    )


def other_charges(order, lines):
    """Duties, fees and tips. A tip stands among the lines, or in the order's total of tips, or in both."""
    tips = [line for line in lines if line.item.tip]
    untold = read(order.total_tip.shop, "total-tip.shop") - sum((tip.net for tip in tips), Decimal(0))
    charges = [
        (PosChargeKind.DUTY, "Duties", read(order.total_duties.shop, "total-duties.shop"), []),
        (PosChargeKind.FEE, "Fees", read(order.total_fees.shop, "total-fees.shop"), []),
        *((PosChargeKind.TIP, tip.item.title, tip.net, []) for tip in tips),
        (PosChargeKind.TIP, "Tip", untold, []),
    ]
    return [charge for charge in charges if charge[2] > 0]


def taxes(item):
    return [types.PosTax(tax.title, tax.rate, tax.price.shop) for tax in item.tax_lines]


def named(title, variant_title):
    return f"{title} - {variant_title}" if variant_title not in (None, "", "Default Title") else title


STATES = {
    "paid": PosState.PAID,
    "partially_refunded": PosState.PARTIALLY_REFUNDED,
    "refunded": PosState.REFUNDED,
    "voided": PosState.VOIDED,
}


def state(order):
    if order.cancelled_at:
        return PosState.VOIDED
    return STATES.get(order.financial_status, PosState.OPEN)


def customer(order):
    known, person = order.customer, order.customer or order.billing_address
    names = [person.first_name, person.last_name] if person else []
    name = " ".join(filter(None, names)) or None
    email = (known and known.email) or order.email
    phone = (known and known.phone) or order.phone
    if not (known or name or email or phone):
        return None
    return types.PosCustomer(known.id if known else None, name, email, phone)


TENDERS = {
    "cash": PosTenderKind.CASH,
    "gift_card": PosTenderKind.GIFT_CARD,
    "shopify_payments": PosTenderKind.CARD,
    "stripe": PosTenderKind.CARD,
}
SETTLED = ("paid", "partially_paid", "partially_refunded", "refunded")
SIGNS = {"sale": 1, "capture": 1, "change": -1}


def tenders(order, total, money):
    """How it was paid: from the transactions where the store tells them, else from the names of the gateways."""
    paid = {}
    for it in order.transactions:
        if it.status == "success" and it.kind in SIGNS:
            amount = SIGNS[it.kind] * read(it.amount.shop, "transactions")
            paid[it.gateway] = paid.get(it.gateway, Decimal(0)) + amount
    if not order.transactions and order.financial_status in SETTLED:
        outstanding = read(order.total_outstanding.shop, "total-outstanding.shop")
        rounding = read(order.cash_rounding.shop, "cash-rounding.shop")
        paid[" + ".join(order.payment_gateways) or "unknown"] = total + rounding - outstanding
    return [types.PosTender(TENDERS.get(name, PosTenderKind.OTHER), name, money(amount))
            for name, amount in paid.items() if amount > 0]


def pos_refund(refund, index, order, money):
    lines = []
    for at, line in enumerate(refund.lines):
        path = f"refunds[{index}].lines[{at}]"
        amount = read(line.subtotal.shop, f"{path}.subtotal.shop")
        if not order.taxes_included:
            amount += read(line.total_tax.shop, f"{path}.total-tax.shop")
        restocked = line.restock != RestockType.NO_RESTOCK
        lines.append(types.PosRefundLine(line.line_item_id, line.quantity, restocked, money(amount)))
    return types.PosRefund(refund.id, refund.created_at, lines, refund.refunded.shop)


def notes(order):
    """What the till shall read out: the note, and what the buyer chose for single lines. Keys that begin with an
    underscore are apps' own."""
    chosen = [f"{item.title}: {it.key}: {it.value}"
              for item in order.line_items
              for it in item.properties
              if it.value and not it.key.startswith("_")]
    return [order.note, *chosen] if order.note else chosen
