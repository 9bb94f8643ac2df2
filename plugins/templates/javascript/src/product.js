// From the store's product to the till's: one for each of its variants.

import { named } from './order.js';

export function mapProduct(product, currency, settings) {
  if (settings.skip_tag && product.tags.includes(settings.skip_tag)) {
    throw { tag: 'skip', val: `products tagged ${settings.skip_tag} are not for the till` };
  }
  const active = product.status === 'active' || product.status === 'unlisted';
  return product.variants.map((variant) => ({
    id: variant.id,
    variantId: variant.id,
    sku: variant.sku,
    barcode: variant.barcode,
    name: named(product.title, variant.title),
    department: product.productType,
    price: variant.price,
    currency,
    taxable: variant.taxable,
    active,
    attributes: [],
  }));
}
