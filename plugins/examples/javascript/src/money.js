// Money, exactly. An amount is a BigInt of millionths, so that nothing is ever rounded.

const PLACES = 6;

// Reads a decimal of the order. `path` names the field where it is none.
export function read(text, path) {
  const parts = /^(-?)(\d+)(?:\.(\d{1,6})0*)?$/.exec(text);
  if (!parts) {
    throw { tag: 'invalid-input', val: [{ path, message: 'is no decimal of at most 6 places' }] };
  }
  const [, sign, whole, fraction = ''] = parts;
  const amount = BigInt(whole + fraction.padEnd(PLACES, '0'));
  return sign ? -amount : amount;
}

// Writes an amount with at least `places` digits after the point.
export function write(amount, places) {
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(PLACES + 1, '0');
  let fraction = digits.slice(-PLACES);
  while (fraction.length > places && fraction.endsWith('0')) {
    fraction = fraction.slice(0, -1);
  }
  return sign + digits.slice(0, -PLACES) + (fraction ? `.${fraction}` : '');
}

export function sum(amounts) {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

// The digits after the point that the store uses: 2 for most currencies, 0 for yen.
export function places(text) {
  return (text.split('.')[1] ?? '').length;
}
