import * as v from 'valibot';

/** Something that others wrote, the table, Cognito, SES, has a shape that the code does not know. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/**
 * @throws ShapeError which names what is wrong by the outermost field alone. Valibot's own error carries all that was
 * read, and Lambda writes each field of what a function throws into its log (S13).
 */
export function parseShape<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const fields = new Set(parsed.issues.map(({ path }) => String(path?.[0]?.key ?? 'the whole')));
  throw new ShapeError(`Not as expected: ${[...fields].join(', ')}`);
}
