// From the store's order to the till's. The store sells wrapping as goods, because it knows nothing else; at the till it is
// a fee, and somebody has to know what to wrap and what to write on the card.
//
// The gateway believes nothing blindly. It checks that each line is quantity x unit price - discount, that the parts add
// up to the total, and that the total is the store's own; otherwise the order is not booked and somebody is told why.

import { places, read, sum, write } from './money.js';

export function mapOrder(order, settings) {
  // Every amount comes in the shop's currency and in the buyer's. This mapper books in the shop's.
  const money = (amount) => write(amount, places(order.total.shop));
  const total = read(order.total.shop, 'total.shop');
  const totalTax = read(order.totalTax.shop, 'total-tax.shop');

  const lines = order.lineItems.map(priced);
  const isWrap = ({ item }) => settings.wrapSkus.includes(item.sku);
  const wraps = lines.filter(isWrap);
  const sold = lines.filter((line) => !line.item.tip && !isWrap(line));
  const shipping = order.shippingLines.map(pricedShipping).filter(({ item }) => !item.removed);
  const charges = [
    ...shipping.map(shippingCharge(money)),
    ...wraps.map(wrapCharge(settings.wrapTitle, money)),
    ...otherCharges(order, lines, money),
  ];

  const mapped =
    sum(sold.map(({ net }) => net)) +
    sum(charges.map(({ amount }) => read(amount, 'charges'))) +
    (order.taxesIncluded ? 0n : totalTax);
  if (mapped !== total) {
    const difference = money(mapped - total);
    throw {
      tag: 'total-mismatch',
      val: { store: money(total), mapped: money(mapped), difference },
    };
  }

  const discounts = [...lines, ...shipping].map(({ discount }) => discount);
  return {
    externalId: order.id,
    number: order.name,
    channel: order.sourceName ?? 'unknown',
    placedAt: order.processedAt ?? order.createdAt,
    state: state(order),
    currency: order.currency,
    taxesIncluded: order.taxesIncluded,
    customer: customer(order),
    shipTo: order.shippingAddress,
    lines: sold.map(posLine(money)),
    charges,
    tenders: tenders(order, total, money),
    refunds: order.refunds.map((refund, index) => posRefund(refund, index, order, money)),
    discountTotal: money(sum(discounts)),
    taxTotal: money(totalTax),
    total: money(total),
    rounding: order.cashRounding.shop,
    refundedTotal: money(sum(order.refunds.map((it) => read(it.refunded.shop, 'refunds')))),
    notes: notes(order, settings.messageProperty),
    attributes: [...order.noteAttributes, ...wrapped(wraps)],
  };
}

// A line with its amounts worked out.
function priced(item, index) {
  const unitPrice = read(item.unitPrice.shop, `line-items[${index}].unit-price.shop`);
  const discount = discountOf(item, `line-items[${index}].discount-allocations`);
  return { item, unitPrice, discount, net: unitPrice * BigInt(item.quantity) - discount };
}

function pricedShipping(item, index) {
  const discount = discountOf(item, `shipping-lines[${index}].discount-allocations`);
  const net = read(item.price.shop, `shipping-lines[${index}].price.shop`) - discount;
  return { item, discount, net };
}

function discountOf(item, path) {
  return sum(item.discountAllocations.map(({ amount }) => read(amount.shop, path)));
}

const posLine = (money) => ({ item, unitPrice, discount, net }) => ({
  externalId: item.id,
  kind: item.giftCard ? 'gift-card' : item.variantId ? 'product' : 'custom',
  variantId: item.variantId,
  sku: item.sku,
  title: named(item.title, item.variantTitle),
  quantity: item.quantity,
  unitPrice: money(unitPrice),
  discount: money(discount),
  net: money(net),
  taxes: taxes(item),
  locationId: undefined,
});

const shippingCharge = (money) => ({ item, net }) => ({
  kind: 'shipping',
  title: item.title,
  amount: money(net),
  taxes: taxes(item),
});

const wrapCharge = (title, money) => ({ item, net }) => ({
  kind: 'fee',
  title: item.quantity > 1 ? `${title} x ${item.quantity}` : title,
  amount: money(net),
  taxes: taxes(item),
});

// How many pieces are to be wrapped, for the till's queue.
function wrapped(wraps) {
  const pieces = wraps.reduce((total, { item }) => total + item.quantity, 0);
  return pieces > 0 ? [{ key: 'gift_wrap_pieces', value: String(pieces) }] : [];
}

// Duties, fees and tips. A tip stands among the lines, or in the order's total of tips, or in both.
function otherCharges(order, lines, money) {
  const tips = lines.filter(({ item }) => item.tip);
  const charges = [
    ['duty', 'Duties', read(order.totalDuties.shop, 'total-duties.shop')],
    ['fee', 'Fees', read(order.totalFees.shop, 'total-fees.shop')],
    ...tips.map(({ item, net }) => ['tip', item.title, net]),
    ['tip', 'Tip', read(order.totalTip.shop, 'total-tip.shop') - sum(tips.map(({ net }) => net))],
  ];
  return charges
    .filter(([, , amount]) => amount > 0n)
    .map(([kind, title, amount]) => ({ kind, title, amount: money(amount), taxes: [] }));
}

function taxes(item) {
  return item.taxLines.map(({ title, rate, price }) => ({ title, rate, amount: price.shop }));
}

function named(title, variantTitle) {
  return variantTitle && variantTitle !== 'Default Title' ? `${title} - ${variantTitle}` : title;
}

function state(order) {
  if (order.cancelledAt) return 'voided';
  switch (order.financialStatus) {
    case 'paid': return 'paid';
    case 'partially_refunded': return 'partially-refunded';
    case 'refunded': return 'refunded';
    case 'voided': return 'voided';
    default: return 'open';
  }
}

function customer(order) {
  const person = order.customer ?? order.billingAddress ?? {};
  const name = [person.firstName, person.lastName].filter(Boolean).join(' ') || undefined;
  const email = order.customer?.email ?? order.email;
  const phone = order.customer?.phone ?? order.phone;
  if (!order.customer && !name && !email && !phone) return undefined;
  return { externalId: order.customer?.id, name, email, phone };
}

const SETTLED = ['paid', 'partially_paid', 'partially_refunded', 'refunded'];
const TENDERS = { cash: 'cash', gift_card: 'gift-card', shopify_payments: 'card', stripe: 'card' };

// How it was paid: from the transactions where the store tells them, else from the names of the gateways.
function tenders(order, total, money) {
  const paid = new Map();
  for (const { status, kind, gateway, amount } of order.transactions) {
    const sign = { sale: 1n, capture: 1n, change: -1n }[kind];
    if (status === 'success' && sign) {
      paid.set(gateway, (paid.get(gateway) ?? 0n) + sign * read(amount.shop, 'transactions'));
    }
  }
  if (order.transactions.length === 0 && SETTLED.includes(order.financialStatus)) {
    const outstanding = read(order.totalOutstanding.shop, 'total-outstanding.shop');
    const rounding = read(order.cashRounding.shop, 'cash-rounding.shop');
    paid.set(order.paymentGateways.join(' + ') || 'unknown', total + rounding - outstanding);
  }
  return [...paid]
    .filter(([, amount]) => amount > 0n)
    .map(([name, amount]) => ({ kind: TENDERS[name] ?? 'other', name, amount: money(amount) }));
}

function posRefund(refund, index, order, money) {
  const lines = refund.lines.map((line, at) => {
    const path = `refunds[${index}].lines[${at}]`;
    const tax = order.taxesIncluded ? 0n : read(line.totalTax.shop, `${path}.total-tax.shop`);
    return {
      externalId: line.lineItemId,
      quantity: line.quantity,
      restocked: line.restock !== 'no-restock',
      amount: money(read(line.subtotal.shop, `${path}.subtotal.shop`) + tax),
    };
  });
  const amount = refund.refunded.shop;
  return { externalId: refund.id, refundedAt: refund.createdAt, lines, amount };
}

// What the till shall read out: the note, and the words for the card of each line that has some.
function notes(order, messageProperty) {
  const cards = order.lineItems.flatMap(({ title, variantTitle, properties }) =>
    properties
      .filter(({ key, value }) => key === messageProperty && value)
      .map(({ value }) => `Wrap ${named(title, variantTitle)}: ${value}`),
  );
  return order.note ? [order.note, ...cards] : cards;
}
