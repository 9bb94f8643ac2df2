// What the gateway calls: this mapper exports what the world `order-plugin` of wit/mapper.wit has.

import { log } from 'tillgate:mapper/logging@1.0.0';
import { mapOrder } from './order.js';
import { SCHEMA, read } from './settings.js';

export const describe = {
  describe: () => ({
    name: 'gift-wrap',
    version: '0.1.0',
    summary: 'Books gift wrapping as a fee and tells the till what to wrap, with which words.',
    settingsSchema: JSON.stringify(SCHEMA),
  }),
};

export const orderMapper = {
  mapOrder: (order, settings) => logged(() => mapOrder(order, read(settings))),
};

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
