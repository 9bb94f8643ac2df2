// What can be configured.

// A JSON Schema. The gateway refuses settings that do not fit, so they need not be checked again here.
export const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Gift wrap',
  type: 'object',
  properties: {
    wrap_skus: {
      description: 'The numbers that wrapping is sold by. Unless set, nothing is taken for wrapping.',
      type: 'array',
      maxItems: 100,
      items: { type: 'string', minLength: 1, maxLength: 100 },
    },
    wrap_title: {
      description: 'What the till calls the fee.',
      type: 'string',
      minLength: 1,
      maxLength: 100,
      default: 'Gift wrap',
    },
    message_property: {
      description: "The line property that holds the buyer's words for the card.",
      type: 'string',
      minLength: 1,
      maxLength: 100,
      default: 'Gift message',
    },
  },
  additionalProperties: false,
};

// Settings come as a list of key and value. A value that is no text comes as JSON.
export function read(pairs) {
  const set = Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
  return {
    wrapSkus: JSON.parse(set.wrap_skus ?? '[]'),
    wrapTitle: set.wrap_title ?? SCHEMA.properties.wrap_title.default,
    messageProperty: set.message_property ?? SCHEMA.properties.message_property.default,
  };
}
