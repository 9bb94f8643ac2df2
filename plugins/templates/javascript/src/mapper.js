// What the gateway calls. Each export below is one of the interfaces in wit/mapper.wit.
//
// A mapper is a pure function: it gets a whole order and the settings, and gives the order as the till shall have it.
// There is no clock, no network and no file, and nothing survives from one order to the next.
//
// Fields are named as in wit/types.wit, with capitals instead of dashes: `line-items` is `lineItems`. Amounts and ids
// are text; whole numbers such as `quantity` are numbers.

import { log } from 'tillgate:mapper/logging@1.0.0';
import { mapOrder } from './order.js';
import { mapProduct } from './product.js';

// What can be configured, as a JSON Schema. The gateway refuses settings that do not fit.
const SETTINGS_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    number_prefix: {
      description: 'Printed before the number of every receipt.',
      type: 'string',
      maxLength: 8,
    },
    skip_tag: {
      description: 'Orders with this tag are left out of the till.',
      type: 'string',
    },
  },
  additionalProperties: false,
};

export const describe = {
  describe: () => ({
    name: 'my-mapper',
    version: '0.1.0',
    summary: 'Maps orders with a prefix on their numbers, and leaves out those with a tag.',
    settingsSchema: JSON.stringify(SETTINGS_SCHEMA),
  }),
};

export const orderMapper = {
  mapOrder: (order, settings) => logged(() => mapOrder(order, asObject(settings))),
};

export const productMapper = {
  mapProduct: (product, currency, settings) =>
    logged(() => mapProduct(product, currency, asObject(settings))),
};

// Settings come as a list of key and value.
function asObject(settings) {
  return Object.fromEntries(settings.map(({ key, value }) => [key, value]));
}

// An order is refused by throwing { tag, val }, a `map-error` of wit/types.wit. Anything else that is thrown is a
// mistake in this program: the log then tells on which line.
function logged(work) {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Error) {
      log('error', `${thrown.name}: ${thrown.message}\n${thrown.stack}`);
    }
    throw thrown;
  }
}
