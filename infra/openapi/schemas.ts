import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';

export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * A route's schema as JSON Schema 2020-12, as the caller sees it.
 *
 * Not by `typeMode: 'input'`, which stops at the first transform: most of our checks come after one (trim, NFC), and
 * no transform of ours changes a body's type.
 */
export function jsonSchemaOf(schema: GenericSchema): JsonSchema {
  const { $schema: _dialect, ...converted } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    overrideAction: describeAction,
  });
  return converted;
}

/** What has no keyword of its own. Messages complete the sentence "<field> …". */
const describeAction: NonNullable<ConversionConfig['overrideAction']> = ({ valibotAction, jsonSchema }) => {
  const action: { type: string; message?: unknown; requirement?: unknown } = valibotAction;
  const { type, description, pattern: _digits, ...rest } = jsonSchema;
  if (action.type === 'transform') return jsonSchema;
  if (action.type === 'check') {
    if (typeof action.message !== 'string') return jsonSchema;
    const words = description === undefined ? action.message : `${description}; ${action.message}`;
    return { ...jsonSchema, description: words };
  }
  // In a path or query, digits that are read as a number: the bounds belong to that number.
  if (type === 'string' && typeof action.requirement === 'number') {
    if (action.type === 'min_value') return { ...rest, type: 'integer', minimum: action.requirement };
  }
  return undefined;
};
